"""In which order the containers of a pod are stopped when it has sidecars.

Source: `pkg/kubelet/kuberuntime/kuberuntime_termination_order.go` of Kubernetes v1.36 (KEP-753).
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ObjectError


@dataclass(frozen=True, slots=True)
class TerminationOrder:
    """Who waits for whom, from the moment the pod begins to stop."""

    names: tuple[str, ...]
    """All containers, those that initialize first."""
    running: frozenset[str]
    """Those that run as the pod begins to stop; nobody waits for another."""
    prerequisites: Mapping[str, tuple[str, ...]]
    """What each sidecar waits for: the regular containers, then the next sidecar after it."""

    def list_awaited(self, name: str, terminated: Set[str] = frozenset()) -> list[str]:
        """Whose end a container still waits for when those have terminated."""
        left = self.running - terminated
        return [each for each in self.prerequisites.get(name, ()) if each in left]

    def may_stop(self, name: str, grace_seconds: int, terminated: Set[str] = frozenset()) -> bool:
        """Say whether a container is told to stop now; `grace_seconds` are what is left.

        Where no grace is left nobody waits.
        """
        return grace_seconds <= 0 or not self.list_awaited(name, terminated)

    def list_waves(self) -> list[list[str]]:
        """The running containers in the steps in which they may stop, each in their order."""
        terminated: set[str] = set()
        waves = []
        while left := [each for each in self.names if each in self.running - terminated]:
            wave = [each for each in left if not self.list_awaited(each, terminated)]
            waves.append(wave)
            terminated.update(wave)
        return waves


def order_termination(pod: Pod, running: Sequence[str]) -> TerminationOrder:
    """Order how the containers of a pod stop, of which those of the given names run.

    A sidecar waits for the next one only: where that does not run, it does not wait for those
    after it either. Init containers that are no sidecars wait for nobody. Raises ObjectError for
    a name that two containers have, by which a sidecar would wait for itself.
    """
    regular = tuple(each.name for each in pod.containers)
    prerequisites = {}
    after: tuple[str, ...] = ()
    for container in reversed(pod.init_containers):
        if container.restarts_always:
            prerequisites[container.name] = regular + after
            after = (container.name,)
    names = tuple(each.name for each in pod.init_containers) + regular
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ObjectError("containers", f"two of them are called {twice[0]!r}")
    return TerminationOrder(names, frozenset(running), prerequisites)

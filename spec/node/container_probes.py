"""The probes of one container together, and what its status says of them: started and ready.

Source: Kubernetes v1.36, `pkg/kubelet/prober/prober_manager.go` (`AddPod`,
`StopLivenessAndStartup`, `RemovePod`, `UpdatePodStatus`), gates as they are unless configured.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from planespec.spec.node.probe_worker import (
    Attempt,
    ProbeResults,
    ProbeType,
    ProbeWorker,
    Result,
    SeenContainer,
    SeenPod,
    State,
    Tick,
    is_older_than_kubelet,
)
from planespec.spec.objects.core_views import Container


class Role(StrEnum):
    """What a container is in its pod; a sidecar is an init container that restarts always."""

    REGULAR = "regular"
    SIDECAR = "sidecar"
    INIT = "init"


def _make_results() -> dict[ProbeType, ProbeResults]:
    return {probe: ProbeResults() for probe in ProbeType}


@dataclass(slots=True)
class ContainerProbes:
    """The workers of one container and what they have published."""

    container: Container
    role: Role = Role.REGULAR
    workers: dict[ProbeType, ProbeWorker] = field(default_factory=dict)
    """Those that have not ended."""
    results: dict[ProbeType, ProbeResults] = field(default_factory=_make_results)

    def __post_init__(self) -> None:
        """Start a worker for each probe that the container has (`AddPod`)."""
        if self.role is Role.INIT:
            return
        for probe in ProbeType:
            if self.container.has(f"{probe.lower()}Probe"):
                results, is_sidecar = self.results[probe], self.role is Role.SIDECAR
                self.workers[probe] = ProbeWorker(probe, self.container, results, is_sidecar)

    def tick(
        self,
        probe: ProbeType,
        pod: SeenPod,
        seen: SeenContainer | None,
        kubelet_age: int,
        attempt: Callable[[], Attempt],
    ) -> Tick:
        """Let one worker probe; it ends when it does not keep going, or has ended before."""
        if probe not in self.workers:
            return Tick(keeps_going=False)
        done = self.workers[probe].tick(pod, seen, kubelet_age, attempt)
        if not done.keeps_going:
            self.stop(probe)
        return done

    def stop(self, *probes: ProbeType) -> None:
        """End workers and take away what they published.

        When a pod terminates liveness and startup are stopped first, and readiness once no
        container runs.
        """
        for probe in probes:
            if probe in self.workers:
                self.workers.pop(probe).end()

    def update_status(
        self, pod: SeenPod, seen: SeenContainer, kubelet_age: int
    ) -> tuple[SeenContainer, bool]:
        """Return the status with `started` and `ready` as probes have them (`UpdatePodStatus`).

        The second part says whether readiness is to be probed at once. `ready` stays as it was
        where the container has not started.
        """
        seen = replace(seen, started=self._has_started(seen))
        if self.role is Role.INIT:
            is_done = seen.state is State.TERMINATED and seen.exit_code == 0
            return replace(seen, ready=seen.ready or is_done), False
        if not seen.started:
            return seen, False
        if self._get_result(ProbeType.READINESS, seen) is Result.SUCCESS:
            return replace(seen, ready=True), False
        is_probed = ProbeType.READINESS in self.workers
        ready = self._keep_ready(pod, seen, kubelet_age, ready=not is_probed)
        return replace(seen, ready=ready), is_probed

    def _has_started(self, seen: SeenContainer) -> bool:
        """Whether a container runs and has passed its startup probe (`isContainerStarted`)."""
        if seen.state is not State.RUNNING:
            return False
        result = self._get_result(ProbeType.STARTUP, seen)
        if result is not None:
            return result is Result.SUCCESS
        return seen.started or ProbeType.STARTUP not in self.workers

    def _keep_ready(
        self, pod: SeenPod, seen: SeenContainer, kubelet_age: int, *, ready: bool
    ) -> bool:
        """What a kubelet that was restarted leaves ready (`setReadyStateOnKubeletRestart`)."""
        if not is_older_than_kubelet(seen, kubelet_age):
            return ready
        if self.container.has("readinessProbe") and not pod.is_ready:
            return False
        return ready or self._get_result(ProbeType.READINESS, seen) is None

    def _get_result(self, probe: ProbeType, seen: SeenContainer) -> Result | None:
        return self.results[probe].by_container.get(seen.container_id)

"""Garbage collection of dead containers and sandboxes by a kubelet.

Source: pkg/kubelet/kuberuntime/kuberuntime_gc.go of v1.36. Left out: failures of the runtime, and
directories and links of logs. Of equally old ones upstream removes any (a Go map is walked, then
sorted unstably); here `older` decides.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

RUNNING = "CONTAINER_RUNNING"
"""The state of containers that are never collected; all others are, CREATED and UNKNOWN too."""

READY = "SANDBOX_READY"
"""The state of sandboxes that are never collected."""


@dataclass(frozen=True, slots=True)
class DeadContainer:
    """A container as the runtime lists it; `created` is a time in seconds of any clock."""

    id: str
    pod: str
    name: str
    sandbox: str
    state: str
    created: int


@dataclass(frozen=True, slots=True)
class DeadSandbox:
    """A sandbox as the runtime lists it; `created` as that of a container."""

    id: str
    pod: str
    state: str
    created: int


@dataclass(frozen=True, slots=True)
class GcPolicy:
    """How many dead containers may stay; below 0 is any number. The age is in seconds."""

    most: int = -1
    """Of all pods together."""
    most_per_container: int = 1
    """Of each container of each pod."""
    least_age: int = 0
    """Younger ones are left alone, and not counted."""


@dataclass(frozen=True, slots=True)
class PodStates:
    """What the pod workers say of pods, which are named by their UID."""

    content_gone: Callable[[str], bool]
    """Nothing of the pod is needed (ShouldPodContentBeRemoved)."""
    runtime_gone: Callable[[str], bool]
    """Its containers and sandboxes are not needed (ShouldPodRuntimeBeRemoved)."""
    everything_ended: bool = False
    """Whether the second is enough (evictNonDeletedPods, under disk pressure)."""

    def is_over(self, pod: str) -> bool:
        """Say whether nothing of a pod has to be kept in the runtime."""
        ended = self.everything_ended and self.runtime_gone(pod)
        return self.content_gone(pod) or ended


Order = Callable[[str], int]
"""Of equally old ones, those of the greater number by id are taken for the newer."""

_Unit = list[DeadContainer]


def _equal(_: str) -> int:
    return 0


def collect_containers(
    containers: Iterable[DeadContainer],
    now: int,
    policy: GcPolicy,
    pods: PodStates,
    *,
    sources_ready: bool,
    order: Order = _equal,
) -> set[str]:
    """Return the ids of the containers that are removed.

    Until all sources of pods have been heard (`sources_ready`), a pod not known may yet come, so
    nothing is removed for its sake.
    """
    units: dict[tuple[str, str], _Unit] = defaultdict(list)
    for each in containers:
        if each.state != RUNNING and now - each.created >= policy.least_age:
            units[each.pod, each.name].append(each)
    everything = {each.id for unit in units.values() for each in unit}
    living = {
        key: unit for key, unit in units.items() if not (sources_ready and pods.is_over(key[0]))
    }
    if policy.most_per_container >= 0:
        living = _limit(living, policy.most_per_container, order)
    return everything - {each.id for each in _limit_all(living, policy.most, order)}


def _limit(
    units: Mapping[tuple[str, str], _Unit], most: int, order: Order
) -> dict[tuple[str, str], _Unit]:
    return {key: _newest(unit, most, order) for key, unit in units.items()}


def _newest(unit: Iterable[DeadContainer], most: int, order: Order) -> _Unit:
    ranked = sorted(unit, key=lambda each: (each.created, order(each.id)), reverse=True)
    return ranked[:most]


def _limit_all(units: Mapping[tuple[str, str], _Unit], most: int, order: Order) -> _Unit:
    """Keep the newest of all, after giving each container the same share, one at least."""
    kept = [each for unit in units.values() for each in unit]
    if most < 0 or len(kept) <= most:
        return kept
    shared = _limit(units, max(most // len(units), 1), order)
    return _newest((each for unit in shared.values() for each in unit), most, order)


def collect_sandboxes(
    sandboxes: Iterable[DeadSandbox],
    used: Iterable[str],
    pods: PodStates,
    order: Order = _equal,
) -> set[str]:
    """Return the ids of the sandboxes that are removed, after the containers were.

    One that is ready, or `used` by a container that is left, stays; so does the newest of a pod
    that is not over. Whether all sources have been heard does not matter here.
    """
    in_use = set(used)
    by_pod: dict[str, list[DeadSandbox]] = defaultdict(list)
    for each in sandboxes:
        by_pod[each.pod].append(each)
    return {
        each.id
        for pod, found in by_pod.items()
        for each in _older(found, 0 if pods.is_over(pod) else 1, order)
        if each.state != READY and each.id not in in_use
    }


def _older(found: Sequence[DeadSandbox], kept: int, order: Order) -> list[DeadSandbox]:
    ranked = sorted(found, key=lambda each: (each.created, order(each.id)), reverse=True)
    return ranked[kept:]

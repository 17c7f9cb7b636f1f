"""Graceful node shutdown: which pods a kubelet ends together, and how long each may take.

Source: pkg/kubelet/nodeshutdown/nodeshutdown_manager.go of v1.36. Left out: the inhibitor lock of
logind, and more than 12 periods of which some have the same priority, for which Go promises no
order.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DEFAULT_PRIORITY = 0
"""The priority of a pod without one, and of the lower group of the older configuration."""

SYSTEM_CRITICAL = 2_000_000_000
"""The priority of the upper group of the older configuration."""

MESSAGE = "Pod was terminated in response to imminent node shutdown."
"""What the status of an ended pod says, and its condition DisruptionTarget."""

NANOSECONDS = 10**9
"""In a second: durations of the older configuration are given in these."""


@dataclass(frozen=True, slots=True)
class Period:
    """Pods of at least this priority have this many whole seconds."""

    priority: int
    seconds: int


@dataclass(frozen=True, slots=True)
class RunningPod:
    """What of a pod counts: absent priority is 0, absent grace leaves that of its group."""

    name: str
    priority: int | None = None
    grace_seconds: int | None = None
    phase: str = "Running"


@dataclass(frozen=True, slots=True)
class ShutdownGroup:
    """Pods that are ended at once, in the order in which they were given."""

    period: Period
    pods: tuple[RunningPod, ...]


def get_periods(
    by_priority: Iterable[Period], requested: int = 0, critical: int = 0
) -> list[Period]:
    """The periods that are in force, the lowest priority first; none: no graceful shutdown.

    Without any by priority, the older two durations (in nanoseconds) make two of them, unless
    the critical pods would have more than the whole.
    """
    chosen = list(by_priority) or _migrate(requested, critical)
    return sorted(chosen, key=lambda period: period.priority)


def _migrate(requested: int, critical: int) -> list[Period]:
    if requested == 0 or critical > requested or critical < 0:
        return []
    return [
        Period(DEFAULT_PRIORITY, (requested - critical) // NANOSECONDS),
        Period(SYSTEM_CRITICAL, critical // NANOSECONDS),
    ]


def sum_seconds(periods: Iterable[Period]) -> int:
    """How long the whole shutdown is held up at most, in seconds."""
    return sum(period.seconds for period in periods)


def group_pods(periods: Sequence[Period], pods: Iterable[RunningPod]) -> list[ShutdownGroup]:
    """Give each pod to the highest period that is not above it, or else to the lowest.

    `periods` are those of `get_periods`; there must be one. Groups without pods are kept, and
    are not waited for. Each group is waited for until its pods have ended and their volumes are
    unmounted, at most for its seconds; then the next begins, whatever failed.
    """
    if not periods:
        raise ValueError("without a period there is no graceful shutdown")
    priorities = [period.priority for period in periods]
    members: list[list[RunningPod]] = [[] for _ in periods]
    for pod in pods:
        members[_find(priorities, pod.priority or DEFAULT_PRIORITY)].append(pod)
    return [
        ShutdownGroup(period, tuple(chosen))
        for period, chosen in zip(periods, members, strict=True)
    ]


def _find(priorities: Sequence[int], priority: int) -> int:
    index = bisect_left(priorities, priority)
    if index == len(priorities):
        return index - 1
    return index - 1 if index > 0 and priorities[index] > priority else index


def get_grace(group: ShutdownGroup, pod: RunningPod) -> int:
    """The seconds that a pod has from SIGTERM to SIGKILL: its own or its group's, the smaller."""
    own = pod.grace_seconds
    return group.period.seconds if own is None else min(own, group.period.seconds)


def get_last_phase(pod: RunningPod) -> str:
    """The phase that an ended pod is left in."""
    return "Succeeded" if pod.phase == "Succeeded" else "Failed"

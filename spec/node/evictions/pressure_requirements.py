"""What holds of a node under pressure and of the pods that it evicts: KUB-30 to KUB-37.

Source: `pkg/kubelet/eviction` of Kubernetes v1.36 and
https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/ (called
"node-pressure eviction"). Amounts are of memory, or of a disk.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Fate(Enum):
    """Where a pod is that was bound to the node."""

    AWAY = "not bound to it yet, or replaced"
    BOUND = "bound to it"
    RUNS = "admitted, and runs"
    EVICTED = "evicted, and still has what it used"
    FAILED = "gone from the node, phase Failed"


class Pressed(Protocol):
    """A node, its pods, and what its eviction manager knows."""

    @property
    def pods(self) -> Iterable[Any]:
        """Pods that may be bound to the node."""

    @property
    def fate(self) -> Mapping[Any, Fate]:
        """Where a pod is."""

    @property
    def used(self) -> Mapping[Any, int]:
        """What a pod uses."""

    @property
    def request(self) -> Mapping[Any, int]:
        """What it asked for; 0 where it asks for nothing (BestEffort)."""

    @property
    def rank(self) -> Mapping[Any, int]:
        """Its priority."""

    @property
    def is_critical(self) -> Mapping[Any, bool]:
        """Whether it is static, or of a system-critical priority."""

    @property
    def is_short(self) -> bool:
        """Whether less is available than the threshold says."""

    @property
    def short_for(self) -> int:
        """Passes of the manager in a row that found it so, up to the grace."""

    @property
    def grace(self) -> int:
        """Passes for which a threshold has to be met before a pod is evicted."""

    @property
    def is_pressed(self) -> bool:
        """Whether the condition of the node says that it is under pressure."""

    @property
    def calm_for(self) -> int:
        """Ticks since the threshold was last found met, up to the transition period."""

    @property
    def transition(self) -> int:
        """Ticks for which the condition stays after that."""


def is_ranked_before(s: Pressed, one: Any, other: Any) -> bool:
    """Whether one pod goes before another: beyond its request, lower priority, by how much."""
    excess, others = s.used[one] - s.request[one], s.used[other] - s.request[other]
    if (excess > 0) != (others > 0):
        return excess > 0
    if s.rank[one] != s.rank[other]:
        return s.rank[one] < s.rank[other]
    return excess > others


@requirement("KUB-30", source="eviction_manager.go evictPod: critical pods; #40573")
def critical_pods_stay(before: Pressed, after: Pressed) -> bool:
    """A critical pod is never evicted for pressure."""
    return all(
        before.fate[p] != Fate.RUNS or after.fate[p] != Fate.EVICTED or not before.is_critical[p]
        for p in after.pods
    )


@requirement("KUB-31", source="node-pressure eviction, Pod selection for kubelet eviction")
def evictions_keep_the_order(before: Pressed, after: Pressed) -> bool:
    """Pods beyond their requests go before those within, then lower priorities, then by usage."""
    return all(
        before.fate[p] != Fate.RUNS
        or after.fate[p] != Fate.EVICTED
        or not any(
            q != p
            and before.fate[q] == Fate.RUNS
            and not before.is_critical[q]
            and is_ranked_before(before, q, p)
            for q in after.pods
        )
        for p in after.pods
    )


@requirement("KUB-32", source="eviction_manager.go synchronize: one pod, waitForPodsCleanup")
def one_eviction_at_a_time(s: Pressed) -> bool:
    """The next pod is evicted only after the last one is gone from the node."""
    return sum(s.fate[p] == Fate.EVICTED for p in s.pods) <= 1


@requirement("KUB-33", source="node-pressure eviction, Eviction thresholds")
def evictions_have_a_cause(before: Pressed, after: Pressed) -> bool:
    """A pod is evicted only while its threshold is met, and has been for the grace period."""
    return all(
        before.fate[p] != Fate.RUNS
        or after.fate[p] != Fate.EVICTED
        or (before.is_short and before.short_for >= before.grace)
        for p in after.pods
    )


@requirement("KUB-34", source="eviction_manager.go Admit; #40573")
def pressure_admits_few(before: Pressed, after: Pressed) -> bool:
    """Under memory pressure no pod is admitted that asks for nothing, unless it is critical."""
    return not before.is_pressed or all(
        before.fate[p] != Fate.BOUND
        or after.fate[p] != Fate.RUNS
        or before.is_critical[p]
        or before.request[p] > 0
        for p in after.pods
    )


@requirement("KUB-35", source="eviction_manager.go Admit: critical pods; #40573")
def critical_pods_are_admitted(before: Pressed, after: Pressed) -> bool:
    """Pressure refuses no critical pod, nor one that asks for memory."""
    return all(
        before.fate[p] != Fate.BOUND
        or after.fate[p] != Fate.FAILED
        or not (before.is_critical[p] or before.request[p] > 0)
        for p in after.pods
    )


@requirement("KUB-36", source="node-pressure eviction, Node condition oscillation")
def conditions_do_not_flap(before: Pressed, after: Pressed) -> bool:
    """The condition of pressure ends only after its transition period without a met threshold."""
    return not before.is_pressed or after.is_pressed or after.calm_for >= after.transition


@requirement(
    "KUB-37", source="node-pressure eviction, Node conditions", promise="always eventually"
)
def conditions_end(s: Pressed) -> bool:
    """After pressure ends the condition ends."""
    return not s.is_pressed or s.is_short

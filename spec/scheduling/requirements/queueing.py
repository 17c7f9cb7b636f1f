"""The queue and preemption: who may wait, who may make room, at whose cost, and who keeps it."""

from collections.abc import Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement
from planespec.spec.scheduling.requirements.bindings import is_placed_on
from planespec.spec.scheduling.requirements.observations import (
    Place,
    Preemptions,
    Stage,
    compute_request,
    is_clash,
)


class Waiting(Preemptions, Protocol):
    """Pods that wait, and nodes that come and go."""

    @property
    def node_exists(self) -> Mapping[Any, bool]:
        """Whether the API has a node."""


def compute_kept_room(s: Preemptions, p: Any, n: Any) -> int:
    """Return what is kept on a node for nominated pods that p must not get in the way of."""
    return sum(
        compute_request(s, q)
        for q in s.pods
        if q != p
        and s.owner[q] == s.owner[p]
        and s.nominated[q] == n
        and s.priority[q] >= s.priority[p]
    )


def compute_taken_room(s: Preemptions, p: Any, n: Any) -> int:
    """Return what the pods of a node take in the cache of p's scheduler."""
    return sum(compute_request(s, q) for q in s.pods if s.cached[s.owner[p]][q] == n)


def is_feasible(s: Preemptions, p: Any, n: Any) -> bool:
    """Tell whether a node passes the filters, as far as the scheduler of the pod knows.

    Source: `pkg/scheduler/framework/runtime/framework.go`, RunFilterPluginsWithNominatedPods.
    """
    room = s.allocatable - compute_taken_room(s, p, n) - compute_kept_room(s, p, n)
    return (
        s.seen_node[s.owner[p]][n]
        and compute_request(s, p) <= room
        and not any(
            q != p
            and is_clash(s, p, q)
            and (
                s.cached[s.owner[p]][q] == n
                or (
                    s.owner[q] == s.owner[p]
                    and s.nominated[q] == n
                    and s.priority[q] >= s.priority[p]
                )
            )
            for q in s.pods
        )
    )


@requirement(
    "SCHED-8",
    source="pkg/scheduler/backend/queue/scheduling_queue.go, moveAllToActiveOrBackoffQueue; "
    "#72122",
)
def wake_up(s: Preemptions) -> bool:
    """No wake-up is lost: no node of its scheduler's cache has room for an unschedulable pod.

    Pods whose victims are not deleted yet are excepted: they wait for that.
    """
    return not any(
        s.place[p] == Place.UNSCHEDULABLE and len(s.preempting[p]) == 0 and is_feasible(s, p, n)
        for p in s.pods
        for n in s.nodes
    )


def has_room(s: Waiting, p: Any, n: Any) -> bool:
    """Tell whether a node of the API has room for a pod."""
    used = sum(compute_request(s, q) for q in s.pods if is_placed_on(s, q, n))
    return s.node_exists[n] and used + compute_request(s, p) <= s.allocatable


@requirement(
    "SCHED-9",
    source="pkg/scheduler/backend/queue/scheduling_queue.go; #72122",
    promise="always eventually",
)
def schedulable_is_scheduled(s: Waiting) -> bool:
    """No pod waits for ever while a node has room for it."""
    return not any(
        s.stage[p] == Stage.PRESENT and s.bound[p] is None and has_room(s, p, n)
        for p in s.pods
        for n in s.nodes
    )


@requirement(
    "SCHED-6",
    source="pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go",
)
def victims_matter_less(s: Preemptions) -> bool:
    """A victim of preemption has a lower priority than the pod it makes room for."""
    return all(s.priority[v] < s.priority[p] for p in s.pods for v in s.preempting[p])


@requirement("SCHED-15", source="preemption.go, PodEligibleToPreemptOthers; #106780, #85677")
def nomination_waits(s: Preemptions) -> bool:
    """Room is kept for an unschedulable pod only while a victim is still there."""
    return all(
        len(s.preempting[p]) > 0
        or any(
            s.cached[s.owner[p]][q] == s.nominated[p]
            and s.seen_stage[s.owner[p]][q] in (Stage.PRESENT, Stage.TERMINATING)
            and s.priority[q] < s.priority[p]
            for q in s.pods
        )
        for p in s.pods
        if s.place[p] == Place.UNSCHEDULABLE and s.nominated[p] is not None
    )


@requirement("SCHED-18", source="nominator.go; #72124, #93505")
def kept_room_is_kept(before: Preemptions, after: Preemptions) -> bool:
    """No pod is given room that is kept for a pod of its priority or a higher one."""
    return all(
        after.chosen[p] == before.chosen[p]
        or after.chosen[p] is None
        or compute_kept_room(before, p, after.chosen[p]) == 0
        or compute_taken_room(before, p, after.chosen[p])
        + compute_kept_room(before, p, after.chosen[p])
        + compute_request(before, p)
        <= before.allocatable
        for p in after.pods
    )


@requirement("SCHED-19", source="nominator.go, addNominatedPodUnlocked; #102339")
def nominated_exists(s: Preemptions) -> bool:
    """A scheduler keeps room only for pods that, as far as it knows, exist and are not bound."""
    return all(
        s.seen_stage[s.owner[p]][p] == Stage.PRESENT and s.seen_bound[s.owner[p]][p] is None
        for p in s.pods
        if s.nominated[p] is not None
    )


@requirement("SCHED-20", source="default_preemption.go, filterPodsWithPDBViolation")
def budgets_count(s: Preemptions) -> bool:
    """A pod that a budget guards is no victim where an unguarded one as large would do."""
    return not any(
        v != w
        and s.guarded[v]
        and not s.guarded[w]
        and w not in s.preempting[p]
        and s.priority[w] < s.priority[p]
        and s.cached[s.owner[p]][w] == s.nominated[p]
        and s.stage[w] == Stage.PRESENT
        and compute_request(s, w) >= compute_request(s, v)
        for p in s.pods
        for v in s.preempting[p]
        for w in s.pods
    )

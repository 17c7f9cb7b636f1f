"""The queue: who may wait, and for how long."""

from collections.abc import Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement
from planespec.spec.scheduling.requirements.observations import (
    Place,
    Preemptions,
    Stage,
    compute_request,
    is_clash,
)
from planespec.spec.scheduling.requirements.room import is_placed_on


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

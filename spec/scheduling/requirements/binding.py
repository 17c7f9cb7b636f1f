"""Binding: once, and known to the scheduler that did it."""

from planespec.spec.requirement import requirement
from planespec.spec.scheduling.requirements.observations import Fate, Memory, Place, Pods, Stage


@requirement(
    "SCHED-1",
    source="pkg/registry/core/pod/storage/storage.go, BindingREST.setPodNodeAndMetadata",
)
def bound_once(before: Pods, after: Pods) -> bool:
    """A pod is bound to at most one node, once, and never moved."""
    return all(
        after.bound[p] == before.bound[p]
        or (before.bound[p] is None and before.stage[p] == Stage.PRESENT)
        for p in after.pods
    )


@requirement("SCHED-2", source="pkg/scheduler/backend/cache/cache.go, AddPod; #50916, #46347")
def assumed_is_bound(s: Memory) -> bool:
    """A pod that its scheduler has bound or seen bound takes room on that node in its cache."""
    return all(
        s.cached[s.owner[p]][p] == s.bound[p]
        for p in s.pods
        if s.place[p] == Place.DONE
        or (
            s.seen_bound[s.owner[p]][p] is not None
            and s.seen_stage[s.owner[p]][p] in (Stage.PRESENT, Stage.TERMINATING)
            and s.seen_fate[s.owner[p]][p] != Fate.REJECTED
        )
    )


@requirement("SCHED-16", source="pkg/scheduler/eventhandlers.go, deletePodFromCache; #51313")
def released_when_gone(s: Memory) -> bool:
    """A pod known to be gone takes no room in a cache, unless its binding is still under way."""
    return all(
        s.cached[k][p] is None
        for k in s.schedulers
        for p in s.pods
        if s.seen_stage[k][p] == Stage.GONE
        and (s.owner[p] != k or s.place[p] not in (Place.CYCLE, Place.PERMIT, Place.BINDING))
    )


@requirement("SCHED-17", source="pkg/scheduler/schedule_one.go, ForgetPod; #26043, #28883")
def waiting_takes_no_room(s: Memory) -> bool:
    """A pod that waits in the queue of its scheduler takes no room in its cache."""
    return all(
        s.cached[s.owner[p]][p] is None
        for p in s.pods
        if s.place[p] in (Place.ACTIVE, Place.BACKOFF, Place.UNSCHEDULABLE)
    )

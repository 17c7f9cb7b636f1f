"""Bindings: what must hold when a pod is bound, what the pods of a node take, the snapshot."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement
from planespec.spec.scheduling.requirements.observations import (
    Fate,
    Machines,
    Memory,
    Place,
    Pods,
    Stage,
    compute_request,
    is_clash,
)


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


def is_running_on(s: Machines, p: Any, n: Any) -> bool:
    """Tell whether the kubelet of a node runs a pod, or still does while it is terminating."""
    return (
        s.bound[p] == n
        and s.fate[p] == Fate.RUNNING
        and s.stage[p] in (Stage.PRESENT, Stage.TERMINATING)
    )


def is_placed_on(s: Machines, p: Any, n: Any) -> bool:
    """Tell whether a pod is bound to a node and has neither failed nor gone."""
    return s.bound[p] == n and s.fate[p] != Fate.REJECTED and s.stage[p] != Stage.GONE


@requirement(
    "SCHED-3",
    source="pkg/kubelet/lifecycle/predicate.go; "
    "pkg/scheduler/framework/plugins/noderesources/fit.go",
)
def resource_fit(s: Machines) -> bool:
    """The requests of a node's pods do not exceed its allocatable, as the kubelet counts them."""
    return all(
        sum(compute_request(s, p) for p in s.pods if is_running_on(s, p, n)) <= s.allocatable
        for n in s.nodes
    )


@requirement("SCHED-4", source="pkg/scheduler/framework/plugins/nodeports/node_ports.go")
def host_ports(s: Machines) -> bool:
    """No two pods of a node take the same host address, protocol and port."""
    return not any(
        p != q and is_running_on(s, p, n) and is_running_on(s, q, n) and is_clash(s, p, q)
        for n in s.nodes
        for p in s.pods
        for q in s.pods
    )


@requirement("SCHED-14", source="pkg/kubelet/lifecycle/predicate.go; #106884, #106361")
def admissible(s: Memory) -> bool:
    """A kubelet has room and ports for all that is bound to its node by a scheduler on its own.

    Several schedulers do not know of each other in time, nor does one know of a request of its
    own that takes effect late: then kubelets refuse, and SCHED-3 and SCHED-4 hold all the same.
    """
    return (
        len(s.schedulers) > 1
        or s.late_binds
        or all(
            sum(compute_request(s, p) for p in s.pods if is_placed_on(s, p, n)) <= s.allocatable
            and not any(
                p != q and is_placed_on(s, p, n) and is_placed_on(s, q, n) and is_clash(s, p, q)
                for p in s.pods
                for q in s.pods
            )
            for n in s.nodes
        )
    )


class Snapshots(Protocol):
    """The cache, and the snapshot that is brought up to date from it."""

    @property
    def nodes(self) -> Iterable[Any]:
        """All node names."""

    @property
    def updated(self) -> bool:
        """Whether the snapshot was brought up to date after the last change."""

    @property
    def cache(self) -> Mapping[Any, Any]:
        """What the cache has under a name, or None."""

    @property
    def snapshot(self) -> Mapping[Any, Any]:
        """What the snapshot has under a name, or None."""


@requirement("SCHED-22", source="pkg/scheduler/backend/cache/cache.go, UpdateSnapshot; #63262")
def snapshot_is_cache(s: Snapshots) -> bool:
    """A snapshot that was brought up to date is the cache."""
    return not s.updated or all(s.snapshot[n] == s.cache[n] for n in s.nodes)

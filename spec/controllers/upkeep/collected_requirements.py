"""What holds when pods are collected that nobody else removes: CTRL-58 to CTRL-65.

Source: `pkg/controller/podgc/gc_controller.go`, v1.36 (called "podgc").
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class CollectedCluster(Protocol):
    """Pods under names, nodes that come and go, and controllers that collect pods."""

    @property
    def names(self) -> Iterable[Any]:
        """Names of pods."""

    @property
    def processes(self) -> Iterable[Any]:
        """Controllers that collect."""

    @property
    def hosts(self) -> Iterable[Any]:
        """Names of nodes."""

    @property
    def uid(self) -> Mapping[Any, int]:
        """The uid of the pod of a name; 0 for none."""

    @property
    def exists(self) -> Mapping[Any, bool]:
        """Whether there is a node of a name."""

    @property
    def is_out(self) -> Mapping[Any, bool]:
        """Whether a node is not ready, and has the taint out-of-service."""

    @property
    def was_orphan(self) -> Mapping[Any, bool]:
        """Whether there was a time without the node that the pod of a name is bound to."""

    @property
    def waited(self) -> Mapping[Any, Mapping[Any, int | None]]:
        """For how long a controller has had a node in quarantine; None where it has not."""

    @property
    def quarantine(self) -> int:
        """For how long a node is waited for before the API server is asked."""

    @property
    def threshold(self) -> int:
        """How many pods that have ended may stay; all may where it is 0."""

    def meant(self, p: Any, n: Any, /) -> int:
        """The uid of the pod that a controller is about to remove; 0 for none."""

    def is_next(self, p: Any, n: Any, /) -> bool:
        """Whether the next write of a controller for a name is a deletion."""

    def takes_excess(self, p: Any, n: Any, /) -> bool:
        """Whether a controller removes the pod since too many have ended."""

    def takes_orphan(self, p: Any, n: Any, /) -> bool:
        """Whether a controller removes the pod since its node is gone."""

    def takes_stuck(self, p: Any, n: Any, /) -> bool:
        """Whether a controller has made sure that it removes the pod of a node that is out."""

    def sees(self, p: Any, n: Any, /) -> int:
        """The uid of the pod that a controller knows; uids grow with time."""

    def sees_ended(self, p: Any, n: Any, /) -> bool:
        """Whether a controller knows a pod that has ended."""

    def sees_evicted(self, p: Any, n: Any, /) -> bool:
        """Whether a controller knows a pod that was evicted by its node."""

    def sees_on(self, p: Any, n: Any, h: Any, /) -> bool:
        """Whether a controller knows a pod that is bound to a node."""

    def is_on(self, n: Any, h: Any, /) -> bool:
        """Whether the pod of a name is bound to a node."""

    def is_bound(self, n: Any, /) -> bool:
        """Whether the pod of a name is bound to any node."""

    def is_marked(self, n: Any, /) -> bool:
        """Whether there is a pod that is marked for deletion."""

    def has_ended(self, n: Any, /) -> bool:
        """Whether there is a pod that has ended: Succeeded, or Failed."""


def takes(before: CollectedCluster, after: CollectedCluster, p: Any, n: Any) -> bool:
    """Whether a controller has deleted a pod in this step."""
    is_gone = before.uid[n] != 0 and after.uid[n] == 0
    return is_gone and before.is_next(p, n) and not after.is_next(p, n)


@requirement("CTRL-58", source="podgc markFailedAndDeletePodWithCondition")
def pods_are_collected_themselves(before: CollectedCluster, after: CollectedCluster) -> bool:
    """Pod garbage collection deletes the pod that it judged, not another of that name."""
    return all(
        not takes(before, after, p, n) or before.uid[n] == before.meant(p, n)
        for p in after.processes
        for n in after.names
    )


@requirement("CTRL-59", source="podgc checkIfNodeExists; pull 82365")
def orphans_had_no_node(before: CollectedCluster, after: CollectedCluster) -> bool:
    """A pod is taken for an orphan only if its node was gone while it was bound to it."""
    return all(
        before.takes_orphan(p, n)
        or not after.takes_orphan(p, n)
        or after.uid[n] != after.meant(p, n)
        or after.was_orphan[n]
        for p in after.processes
        for n in after.names
    )


@requirement("CTRL-60", source="podgc quarantineTime")
def orphans_wait_for_their_node(before: CollectedCluster, after: CollectedCluster) -> bool:
    """A pod is taken for an orphan only after its node was in quarantine."""
    return all(
        before.takes_orphan(p, n)
        or not after.takes_orphan(p, n)
        or any(
            before.sees_on(p, n, h) and before.waited[p][h] == before.quarantine
            for h in after.hosts
        )
        for p in after.processes
        for n in after.names
    )


@requirement("CTRL-61", source="podgc gcTerminated, byEvictionAndCreationTimestamp; #116167")
def the_last_that_ended_stay(before: CollectedCluster, after: CollectedCluster) -> bool:
    """Of the pods that have ended as many as may stay do: evicted ones go first, then older."""
    return all(
        before.takes_excess(p, n)
        or not after.takes_excess(p, n)
        or 0 < before.threshold <= sum(1 for m in after.names if stays_before(before, p, m, n))
        for p in after.processes
        for n in after.names
    )


def stays_before(s: CollectedCluster, p: Any, m: Any, n: Any) -> bool:
    """Whether one pod that has ended, m, is kept rather than another."""
    is_younger = s.sees(p, m) > s.sees(p, n)
    if s.sees_evicted(p, m) != s.sees_evicted(p, n):
        is_younger = s.sees_evicted(p, n)
    return s.sees_ended(p, m) and is_younger


@requirement("CTRL-62", source="podgc; #7660, #118261", promise="always eventually")
def what_nobody_has_goes(s: CollectedCluster) -> bool:
    """Pods whose node is gone, and those above the threshold, are removed at last."""
    ended = sum(1 for n in s.names if s.has_ended(n))
    has_orphans = any(s.is_on(n, h) and not s.exists[h] for n in s.names for h in s.hosts)
    return not has_orphans and (s.threshold == 0 or ended <= s.threshold)


@requirement("CTRL-63", source="podgc; #72226, KEP-2268", promise="always eventually")
def marked_pods_go(s: CollectedCluster) -> bool:
    """A pod that is being deleted without a node, or on one out of service, goes at last."""
    return not any(
        s.is_marked(n)
        and (not s.is_bound(n) or any(s.is_on(n, h) and s.is_out[h] for h in s.hosts))
        for n in s.names
    )


@requirement("CTRL-64", source="KEP-2268; pull 141887")
def nodes_in_service_keep_pods(before: CollectedCluster, after: CollectedCluster) -> bool:
    """That a pod is forced off a node is decided only while the node is out of service."""
    return all(
        before.takes_stuck(p, n)
        or not after.takes_stuck(p, n)
        or before.uid[n] != after.meant(p, n)
        or any(before.is_on(n, h) and before.is_out[h] for h in after.hosts)
        for p in after.processes
        for n in after.names
    )


@requirement("CTRL-65", source="podgc markFailedAndDeletePodWithCondition; KEP-3329")
def collected_pods_have_ended(before: CollectedCluster, after: CollectedCluster) -> bool:
    """A pod has ended, or was marked as failed, before pod garbage collection deletes it."""
    return all(
        not takes(before, after, p, n) or before.has_ended(n)
        for p in after.processes
        for n in after.names
    )

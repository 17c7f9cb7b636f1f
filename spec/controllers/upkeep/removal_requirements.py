"""What holds when controllers take pods away: CTRL-45 to CTRL-49.

Source: `pkg/controller/tainteviction`, v1.36;
https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ (called "taints").
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class TaintedCluster(Protocol):
    """Pods under names, the nodes they are bound to, and controllers that evict."""

    @property
    def names(self) -> Iterable[Any]:
        """Names of pods."""

    @property
    def processes(self) -> Iterable[Any]:
        """Controllers that evict."""

    @property
    def hosts(self) -> Iterable[Any]:
        """The nodes."""

    @property
    def uid(self) -> Mapping[Any, int]:
        """The uid of the pod of a name; 0 for none."""

    @property
    def place(self) -> Mapping[Any, Any]:
        """The node of a pod, None where there is no pod."""

    @property
    def tainted(self) -> Mapping[Any, bool]:
        """Whether a node has a NoExecute taint that pods tolerate for a while only."""

    @property
    def taken_tainted(self) -> Mapping[Any, Mapping[Any, bool]]:
        """Whether a controller takes a node to have that taint."""

    @property
    def has_met(self) -> Mapping[Any, bool]:
        """Whether the pod has been on a node with that taint, or still taken to have it."""

    @property
    def since(self) -> Mapping[Any, int]:
        """Ticks since it first was, up to `patience`."""

    @property
    def patience(self) -> int:
        """For how many ticks pods tolerate the taint."""

    @property
    def evicted(self) -> Mapping[Any, bool]:
        """Whether a controller has marked the pod for deletion."""

    def is_active(self, n: Any, /) -> bool:
        """Whether the pod is there, has not ended, and is not marked for deletion."""


@requirement("CTRL-45", source="taints; #29522, pull 141568")
def only_exposed_pods_are_evicted(before: TaintedCluster, after: TaintedCluster) -> bool:
    """A pod is evicted only if it was itself on a node that was tainted, or still taken to be."""
    return all(before.has_met[n] or not after.evicted[n] or before.evicted[n] for n in after.names)


@requirement("CTRL-46", source="taints, tolerationSeconds")
def tolerations_last_as_long_as_they_say(before: TaintedCluster, after: TaintedCluster) -> bool:
    """A pod is evicted no sooner than it tolerates, counted from when its node was tainted."""
    return all(
        before.since[n] >= before.patience
        or not before.has_met[n]
        or not after.evicted[n]
        or before.evicted[n]
        for n in after.names
    )


@requirement("CTRL-47", source="taint_eviction.go processPodOnNode; #90794")
def taints_that_are_gone_evict_nobody(before: TaintedCluster, after: TaintedCluster) -> bool:
    """No pod is evicted from a node of which the controller knows that its taint is gone."""
    return all(
        not after.evicted[n]
        or before.evicted[n]
        or any(
            before.place[n] == h and before.taken_tainted[p][h]
            for p in after.processes
            for h in after.hosts
        )
        for n in after.names
    )


@requirement("CTRL-48", source="taints; #107543, #140639", promise="always eventually")
def tainted_nodes_lose_their_pods(s: TaintedCluster) -> bool:
    """A pod whose node stays tainted for longer than it tolerates is evicted at last."""
    return not any(
        s.is_active(n) and any(s.place[n] == h and s.tainted[h] for h in s.hosts) for n in s.names
    )


@requirement("CTRL-49", source="#112930, #117520")
def pods_are_not_made_to_be_evicted(before: TaintedCluster, after: TaintedCluster) -> bool:
    """A pod is made only on a node from which it would not be evicted at once or later."""
    return all(
        after.uid[n] in (0, before.uid[n])
        or not any(after.place[n] == h and before.tainted[h] for h in after.hosts)
        for n in after.names
    )

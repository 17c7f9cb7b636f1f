"""What holds of nodes that fall silent, and of the pods on them: NODE-1 to NODE-7.

Source: `pkg/controller/nodelifecycle`, `pkg/controller/tainteviction`, `pkg/controller/podgc` of
Kubernetes v1.36, https://kubernetes.io/docs/concepts/architecture/nodes/ (called "nodes") and
KEP-2268. One workload whose pods follow one another is looked at.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from planespec.spec.node.pod_states import Stage
from planespec.spec.requirement import requirement


class Link(Enum):
    """How a node is in truth."""

    UP = "runs, and reaches the API server"
    CUT = "runs, and does not reach it"
    DEAD = "does not run"


class Fleet(Protocol):
    """Nodes, what controllers know of them, and the pods of one workload."""

    @property
    def hosts(self) -> Iterable[Any]:
        """The nodes."""

    @property
    def pods(self) -> Iterable[Any]:
        """The pods of the workload, each by its uid."""

    @property
    def link(self) -> Mapping[Any, Link]:
        """How a node is in truth."""

    @property
    def quiet(self) -> Mapping[Any, int]:
        """Ticks since a node was last heard of, up to the grace period."""

    @property
    def silence(self) -> int:
        """The grace period (node-monitor-grace-period) in ticks."""

    @property
    def patience(self) -> int:
        """tolerationSeconds of the pods in ticks."""

    @property
    def is_ready(self) -> Mapping[Any, bool]:
        """Whether the condition Ready is True; else Unknown."""

    @property
    def is_tainted(self) -> Mapping[Any, bool]:
        """Whether a node has the taint unreachable with NoExecute."""

    @property
    def stored(self) -> Mapping[Any, Stage]:
        """Where the object of a pod is."""

    @property
    def place(self) -> Mapping[Any, Any]:
        """The node that a pod is bound to, or None."""

    @property
    def runs(self) -> Mapping[Any, bool]:
        """Whether a pod runs in truth."""

    @property
    def exposed(self) -> Mapping[Any, int]:
        """Ticks that a pod has been on a tainted node, up to its toleration."""

    @property
    def was_misjudged(self) -> bool:
        """Whether somebody declared a node out of service that still ran."""


@requirement("NODE-1", source="StatefulSet, at most one; KEP-2268; #61832")
def one_of_an_identity_runs(s: Fleet) -> bool:
    """Of an identity at most one pod runs, unless a node was called out of service that ran."""
    return s.was_misjudged or sum(s.runs[p] for p in s.pods) <= 1


@requirement("NODE-2", source="nodes, Node controller: node-monitor-grace-period")
def nodes_are_given_time(before: Fleet, after: Fleet) -> bool:
    """The condition of a node becomes Unknown only after its whole grace period of silence."""
    return all(
        not before.is_ready[h] or after.is_ready[h] or before.quiet[h] >= before.silence
        for h in after.hosts
    )


@requirement("NODE-3", source="tainteviction; #90794, #29522, pull 141568")
def evictions_follow_taints(before: Fleet, after: Fleet) -> bool:
    """A pod is evicted only from a tainted node, after as long as it tolerates that."""
    return all(
        before.stored[p] != Stage.PRESENT
        or after.stored[p] != Stage.MARKED
        or any(
            before.place[p] == h and before.is_tainted[h] and before.exposed[p] >= before.patience
            for h in after.hosts
        )
        for p in after.pods
    )


@requirement("NODE-4", source="node_lifecycle_controller.go handleDisruption")
def lost_masters_evict_nothing(before: Fleet, after: Fleet) -> bool:
    """While no node at all is heard of, none is tainted for that."""
    return any(before.is_ready[h] for h in after.hosts) or all(
        before.is_tainted[h] or not after.is_tainted[h] for h in after.hosts
    )


@requirement("NODE-5", source="tainteviction; #107543, #140639", promise="always eventually")
def exposed_pods_are_evicted(s: Fleet) -> bool:
    """A pod on a node that stays tainted is evicted at last."""
    return not any(
        s.stored[p] == Stage.PRESENT and any(s.place[p] == h and s.is_tainted[h] for h in s.hosts)
        for p in s.pods
    )


@requirement("NODE-6", source="nodes; kubelet HandlePodCleanups", promise="always eventually")
def returned_nodes_stop_what_is_deleted(s: Fleet) -> bool:
    """A node that is back stops the pods that were deleted meanwhile."""
    return not any(
        s.runs[p]
        and s.stored[p] != Stage.PRESENT
        and any(s.place[p] == h and s.link[h] == Link.UP for h in s.hosts)
        for p in s.pods
    )


@requirement("NODE-7", source="nodes, Node controller", promise="always eventually")
def returned_nodes_are_untainted(s: Fleet) -> bool:
    """A node that is back is ready and without its taint at last."""
    return not any(
        s.link[h] == Link.UP and (s.is_tainted[h] or not s.is_ready[h]) for h in s.hosts
    )

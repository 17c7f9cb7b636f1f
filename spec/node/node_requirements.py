"""What holds of nodes that fall silent or shut down, and of their pods: NODE-1 to NODE-12.

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


class Step(Enum):
    """How far a pod has come in the shutdown of its node."""

    AWAY = "not admitted"
    RUNS = "runs"
    TOLD = "told to stop"
    OVER = "stopped"


class Closing(Protocol):
    """A node that shuts down, bracket after bracket."""

    @property
    def pods(self) -> Iterable[Any]:
        """The pods of the node."""

    @property
    def bracket(self) -> Mapping[Any, int]:
        """The bracket of priorities that a pod belongs to; the lowest is 0."""

    @property
    def own_grace(self) -> Mapping[Any, int]:
        """What a pod asks for, in ticks."""

    @property
    def periods(self) -> Mapping[Any, int]:
        """What each bracket has, in ticks."""

    @property
    def step(self) -> Mapping[Any, Step]:
        """How far a pod has come."""

    @property
    def left(self) -> Mapping[Any, int]:
        """Ticks that a pod has that was told to stop."""

    @property
    def is_closing(self) -> bool:
        """Whether the node shuts down."""

    @property
    def says_ready(self) -> bool:
        """Whether its condition Ready is True."""

    @property
    def took(self) -> int:
        """Ticks since the shutdown began."""


@requirement("NODE-8", source="nodes, Graceful node shutdown; nodeshutdown_manager.go")
def brackets_end_in_order(before: Closing, after: Closing) -> bool:
    """A node that shuts down ends its pods by priority, the lowest first."""
    return all(
        before.step[p] != Step.RUNS
        or after.step[p] != Step.TOLD
        or not any(
            before.step[q] == Step.RUNS and before.bracket[q] < before.bracket[p]
            for q in after.pods
        )
        for p in after.pods
    )


@requirement("NODE-9", source="nodeshutdown_manager.go: the lesser of grace and period")
def pods_have_the_lesser_grace(before: Closing, after: Closing) -> bool:
    """A pod has as long for ending as it asks for, and no longer than its bracket has."""
    return all(
        before.step[p] != Step.RUNS
        or after.step[p] != Step.TOLD
        or after.left[p] == min(after.own_grace[p], after.periods[after.bracket[p]])
        for p in after.pods
    )


@requirement("NODE-10", source="nodeshutdown_manager.go Admit")
def closing_nodes_admit_nothing(before: Closing, after: Closing) -> bool:
    """A node that shuts down admits no pod."""
    return not before.is_closing or all(
        before.step[p] != Step.AWAY or after.step[p] != Step.RUNS for p in after.pods
    )


@requirement("NODE-11", source="nodes, Graceful node shutdown: the node is NotReady")
def closing_nodes_are_not_ready(s: Closing) -> bool:
    """A node that shuts down is not Ready."""
    return not (s.is_closing and s.says_ready)


@requirement("NODE-12", source="nodeshutdown_manager.go: each bracket is waited for its period")
def shutdowns_end_in_time(s: Closing) -> bool:
    """A shutdown takes no longer than its brackets have together."""
    return s.took <= sum(s.periods.values())

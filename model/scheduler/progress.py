"""Progress: a pod that fits is scheduled, given that everybody does their part.

Fairness, for every pod by itself: the informers deliver, the scheduler goes on with what it has
begun, backoff ends, kubelets end terminating pods. Binding is fair in the strong sense where the
API may have errors: they do not go on for ever. Nobody need create or delete anything. Without
`flush` a lost wake-up is lost for ever, so this is where `wake_up` gets its meaning from.
"""

from planespec.checker.lang import Fairness, always_eventually, instance
from planespec.model.scheduler.cluster import Cluster
from planespec.model.scheduler.scheduler_types import Node, Pod
from planespec.spec.scheduling.requirements.bindings import is_placed_on
from planespec.spec.scheduling.requirements.observations import Stage, compute_request


class Progress(Cluster):
    """The cluster with fairness and what it promises then."""

    instances = [
        instance("two-pods", pods=2),
        instance("permit", pods=2, permit=True, api_errors=True),
        instance("late-binds", pods=2, late_binds=True),
        instance("priorities", pods=3, priorities=2),
        instance("three-pods", pods=3),
    ]

    fairness = {
        "deliver_pod": Fairness.WEAK,
        "deliver_node": Fairness.WEAK,
        "end_backoff": Fairness.WEAK,
        "start_cycle": Fairness.STRONG,
        "assume": Fairness.WEAK,
        "give_up": Fairness.WEAK,
        "preempt": Fairness.WEAK,
        "evict": Fairness.WEAK,
        "allow": Fairness.STRONG,
        "bind": Fairness.STRONG,
        "fail_to_bind": Fairness.WEAK,
        "bind_late": Fairness.WEAK,
        "admit": Fairness.WEAK,
        "finish": Fairness.WEAK,
    }

    @always_eventually
    def schedulable_is_scheduled(self) -> bool:
        """SCHED-9: no pod waits for ever while a node has room for it."""
        return not any(
            self.is_unbound(p) and self.has_room(p, n) for p in self.pods for n in self.nodes
        )

    def is_unbound(self, p: Pod) -> bool:
        """Whether the API has a pod without a node."""
        return self.stage[p] == Stage.PRESENT and self.bound[p] is None

    def has_room(self, p: Pod, n: Node) -> bool:
        """Whether a node of the API has room for a pod."""
        used = sum(compute_request(self, q) for q in self.pods if is_placed_on(self, q, n))
        return self.node_exists[n] and used + compute_request(self, p) <= self.allocatable

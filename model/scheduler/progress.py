"""Progress: a pod that fits is scheduled, given that everybody does their part.

Fairness, for every pod by itself: the informers deliver, the scheduler goes on with what it has
begun, backoff ends, kubelets end terminating pods. Binding is fair in the strong sense where the
API may have errors: they do not go on for ever. Nobody need create or delete anything. Without
`flush` a lost wake-up is lost for ever, so this is where `wake_up` gets its meaning from.
"""

from planespec.checker.lang import Fairness, instance
from planespec.model.scheduler.cluster import Cluster
from planespec.spec.scheduling.requirements.queueing import schedulable_is_scheduled


class Progress(Cluster):
    """The cluster with fairness and what it promises then."""

    requires = [schedulable_is_scheduled]
    held_to = Cluster.held_to

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

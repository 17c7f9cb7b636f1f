"""The scheduler in its cluster: all parts, what they promise, and what can be reached."""

from planespec.checker.lang import (
    reachable,
    recording,
)
from planespec.model.scheduler.preemption import Preemption
from planespec.spec.scheduling.requirements.bindings import (
    admissible,
    assumed_is_bound,
    bound_once,
    host_ports,
    released_when_gone,
    resource_fit,
    waiting_takes_no_room,
)
from planespec.spec.scheduling.requirements.observations import Fate, Place, Stage
from planespec.spec.scheduling.requirements.queueing import (
    budgets_count,
    kept_room_is_kept,
    nominated_exists,
    nomination_waits,
    victims_matter_less,
    wake_up,
)


class Cluster(Preemption):
    """Schedulers, API server, kubelets; constants switch their features."""

    held_to = [
        recording(
            "tests/recorded/scheduler.jsonl.gz",
            cases=3_162,
            of="kube-scheduler 1.36.2",
            part="which nodes pass the filters, who may preempt, on which nodes that helps",
            test="tests/spec/scheduling/test_cluster_model_beside_the_filters.py"
            "::test_a_node_is_feasible_in_the_model_exactly_where_the_framework_finds_it_so",
            through="planespec.spec.scheduling.framework",
            conform="scheduling",
            kinds=("framework", "preemption"),
        )
    ]

    requires = [
        bound_once,
        assumed_is_bound,
        resource_fit,
        host_ports,
        victims_matter_less,
        wake_up,
        admissible,
        nomination_waits,
        released_when_gone,
        waiting_takes_no_room,
        kept_room_is_kept,
        nominated_exists,
        budgets_count,
    ]

    @reachable
    def every_pod_bound_once(self) -> bool:
        """Every pod has been bound at some time, if only after another was gone."""
        return not (self.deletes or self.is_roomy()) or all(
            self.bound[p] is not None for p in self.pods
        )

    @reachable
    def cache_behind(self) -> bool:
        """A scheduler counts a pod that is gone, unless informers are never behind."""
        return not (self.lag and self.deletes) or any(
            self.cached[s][p] is not None and self.stage[p] == Stage.GONE
            for s in self.schedulers
            for p in self.pods
        )

    @reachable
    def woken_in_flight(self) -> bool:
        """An event arrives in a cycle that has found no node, if pods can be that many."""
        return (
            not self.deletes
            or self.is_roomy()
            or any(
                self.place[p] == Place.CYCLE and self.chosen[p] is None and self.moved[p]
                for p in self.pods
            )
        )

    @reachable
    def preempted(self) -> bool:
        """A nominated pod is bound after its victims are gone, where pods preempt."""
        return (
            self.priorities == 1
            or self.is_roomy()
            or any(
                self.nominated[p] is not None and self.chosen[p] == self.nominated[p]
                for p in self.pods
            )
        )

    @reachable
    def late_bind_lands(self) -> bool:
        """A pod is assumed on one node when a request that was given up binds it."""
        return not self.late_binds or any(
            self.place[p] == Place.BINDING and self.bound[p] is not None for p in self.pods
        )

    @reachable
    def refused_by_kubelet(self) -> bool:
        """Several schedulers fill one node twice, and its kubelet refuses the second pod."""
        return (
            not self.kubelets
            or len(self.schedulers) == 1
            or len(self.nodes) > 1
            or self.is_roomy()
            or any(self.fate[p] == Fate.REJECTED for p in self.pods)
        )

    def is_roomy(self) -> bool:
        """Whether there is room for all pods together, whatever they ask for."""
        return self.max_request * len(self.pods) <= self.allocatable * len(self.nodes)

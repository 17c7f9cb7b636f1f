"""The scheduler in its cluster: all parts, what they promise, and what can be reached."""

from planespec.checker.lang import instance, reachable, recording
from planespec.model.scheduler.apiserver import ApiServer
from planespec.model.scheduler.binding import Binding
from planespec.model.scheduler.cycle import Cycle
from planespec.model.scheduler.kubelet import Kubelet
from planespec.model.scheduler.memory import Informer, Memory
from planespec.model.scheduler.preemption import Preemption
from planespec.model.scheduler.victims import Victims
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

ROOMY = "(max_request * pods <= allocatable * nodes)"
"""There is room for all pods together, whatever they ask for."""


class Cluster(ApiServer, Kubelet, Memory, Informer, Victims, Cycle, Binding, Preemption):
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
            conform="scheduler",
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

    @reachable(when=f"deletes or {ROOMY}")
    def every_pod_bound_once(self) -> bool:
        """Every pod has been bound at some time, if only after another was gone."""
        return all(self.bound[p] is not None for p in self.pods)

    @reachable(when="lag and deletes")
    def cache_behind(self) -> bool:
        """A scheduler counts a pod that is gone."""
        return any(
            self.cached[s][p] is not None and self.stage[p] == Stage.GONE
            for s in self.schedulers
            for p in self.pods
        )

    @reachable(when=f"deletes and not {ROOMY}")
    def woken_in_flight(self) -> bool:
        """An event arrives in a cycle that has found no node."""
        return any(
            self.place[p] == Place.CYCLE and self.chosen[p] is None and self.moved[p]
            for p in self.pods
        )

    @reachable(when=f"priorities > 1 and not {ROOMY}")
    def preempted(self) -> bool:
        """A nominated pod is bound after its victims are gone."""
        return any(
            self.nominated[p] is not None and self.chosen[p] == self.nominated[p]
            for p in self.pods
        )

    @reachable(when="late_binds")
    def late_bind_lands(self) -> bool:
        """A pod is assumed on one node when a request that was given up binds it."""
        return any(self.place[p] == Place.BINDING and self.bound[p] is not None for p in self.pods)

    @reachable(when=f"kubelets and schedulers > 1 and nodes == 1 and not {ROOMY}")
    def refused_by_kubelet(self) -> bool:
        """Several schedulers fill one node twice, and its kubelet refuses the second pod."""
        return any(self.fate[p] == Fate.REJECTED for p in self.pods)

    instances = [
        instance("defaults"),
        instance("four-pods", pods=4),
        instance("two-nodes", pods=3, nodes=2, allocatable=2, max_request=2),
        instance(
            "changing-nodes", pods=2, nodes=2, node_changes=True, api_errors=True, permit=True
        ),
        instance("late-binds", pods=2, nodes=2, late_binds=True, crashes=True),
        instance(
            "late-binds-three-pods",
            slow=True,
            pods=3,
            nodes=2,
            late_binds=True,
            deletes=False,
            crashes=True,
        ),
        instance("late-binds-with-deletes", slow=True, pods=3, nodes=2, late_binds=True),
        instance("two-schedulers", pods=2, schedulers=2, kubelets=True),
        instance(
            "two-schedulers-three-pods",
            slow=True,
            pods=3,
            schedulers=2,
            nodes=2,
            kubelets=True,
            lag=False,
        ),
        instance(
            "init-containers",
            pods=2,
            kubelets=True,
            init_containers=True,
            allocatable=2,
            max_request=2,
        ),
        instance("ports", pods=2, kubelets=True, ports=True, allocatable=2),
        instance(
            "ports-and-init-containers",
            slow=True,
            pods=2,
            schedulers=2,
            kubelets=True,
            ports=True,
            init_containers=True,
            allocatable=2,
            max_request=2,
            lag=False,
        ),
        instance("priorities-and-permit", pods=3, priorities=2, permit=True, api_errors=True),
        instance(
            "priorities-and-kubelets", slow=True, pods=3, priorities=2, nodes=2, kubelets=True
        ),
        instance("budgets", slow=True, pods=3, priorities=2, budgets=True, allocatable=2),
        instance(
            "three-priorities", slow=True, pods=3, priorities=3, allocatable=3, max_request=3
        ),
        instance(
            "priorities-and-changing-nodes",
            slow=True,
            pods=3,
            priorities=2,
            nodes=2,
            node_changes=True,
        ),
        instance(
            "priorities-and-late-binds",
            slow=True,
            pods=3,
            priorities=2,
            late_binds=True,
            crashes=True,
        ),
        instance("four-pods-with-priorities", slow=True, pods=4, priorities=2),
    ]

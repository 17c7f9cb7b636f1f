"""Each part of the scheduler model runs without the others: something is reached, something holds.

What a part calls of others is here as little as it needs: a stub that does nothing or anything.
"""

import pytest

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.lang import (
    LanguageError,
    Model,
    action,
    choose,
    invariant,
    reachable,
    require,
)
from planespec.checker.outcome import Verdict
from planespec.checker.run import check
from planespec.model.scheduler.apiserver import ApiServer
from planespec.model.scheduler.binding import Binding
from planespec.model.scheduler.cluster import Cluster
from planespec.model.scheduler.cluster_state import Plans
from planespec.model.scheduler.cycle import Cycle
from planespec.model.scheduler.kubelet import Kubelet, Nodes
from planespec.model.scheduler.memory import Informer, Memory
from planespec.model.scheduler.preemption import Preemption
from planespec.model.scheduler.scheduler_types import Node, Pod, Scheduler
from planespec.model.scheduler.victims import Victims
from planespec.spec.scheduling.requirements.observations import Place, Stage


class Users(ApiServer):
    """The API server with nobody who has to hear of anything."""

    def settle(self) -> None:
        """Nothing to wait for."""

    @reachable
    def all_gone(self) -> bool:
        return all(self.stage[p] == Stage.GONE for p in self.pods)

    @invariant
    def what_is_not_bound_ends_at_once(self) -> bool:
        return all(self.stage[p] != Stage.TERMINATING for p in self.pods)


class Queue(Memory):
    """Pods that are there from the beginning, taken and parked by anybody."""

    @action
    def enter(self, p: Pod) -> None:
        require(self.place[p] == Place.NOWHERE)
        self.seen_stage[self.owner_of(p)][p] = Stage.PRESENT
        self.place[p] = Place.ACTIVE

    @action
    def take(self, p: Pod) -> None:
        require(self.place[p] == Place.ACTIVE)
        self.place[p] = Place.CYCLE

    @action
    def miss(self, p: Pod) -> None:
        require(self.place[p] == Place.CYCLE)
        self.park(p)

    @action
    def hear(self, s: Scheduler) -> None:
        self.wake_all(s)

    def settle(self) -> None:
        """Nothing to wait for."""

    @reachable
    def parked(self) -> bool:
        return any(self.place[p] == Place.UNSCHEDULABLE for p in self.pods)

    @invariant
    def what_moved_is_in_a_cycle(self) -> bool:
        return all(not self.moved[p] or self.place[p] == Place.CYCLE for p in self.pods)


class Told(Informer):
    """An API in which pods appear and are bound by anybody."""

    @action
    def appear(self, p: Pod, n: Node) -> None:
        require(self.stage[p] == Stage.ABSENT)
        self.stage[p] = Stage.PRESENT
        self.bound[p] = choose({n, None})

    def wake_all(self, s: Scheduler) -> None:
        """Nobody waits."""

    @reachable
    def known(self) -> bool:
        return all(self.cached[s][p] is not None for s in self.schedulers for p in self.pods)

    @invariant
    def what_is_cached_is_bound(self) -> bool:
        return all(
            self.cached[s][p] is None or self.cached[s][p] == self.bound[p]
            for s in self.schedulers
            for p in self.pods
        )


class Chosen(Victims):
    """Victims of pods that run on one node, in a cache without anything else."""

    @action
    def put(self, p: Pod, n: Node) -> None:
        self.seen_node[self.owner_of(p)][n] = True
        self.cached[self.owner_of(p)][p] = n

    @action
    def look(self, p: Pod, n: Node) -> None:
        require(self.cached[self.owner_of(p)][p] is None and self.is_candidate(p, n))
        self.preempting[p] = self.select_victims(p, n)

    def count(self, p: Pod) -> int:
        return self.request[p]

    def takes_room(self, s: Scheduler, p: Pod, n: Node) -> bool:
        return self.cached[s][p] == n

    def kept(self, p: Pod, n: Node) -> int:
        return 0

    def keeps_room(self, q: Pod, p: Pod, n: Node) -> bool:
        return False

    def clashes(self, p: Pod, q: Pod) -> bool:
        return False

    @reachable
    def found(self) -> bool:
        return any(len(self.preempting[p]) > 0 for p in self.pods)

    @invariant
    def victims_matter_less(self) -> bool:
        return all(
            self.priority[v] < self.priority[p] for p in self.pods for v in self.preempting[p]
        )


class Attempts(Plans):
    """What becomes of an attempt, as cycle, binding and preemption see it."""

    @action
    def queue(self, p: Pod) -> None:
        require(self.place[p] == Place.NOWHERE)
        self.stage[p] = Stage.PRESENT
        self.seen_stage[self.owner_of(p)][p] = Stage.PRESENT
        self.place[p] = Place.ACTIVE

    def retry(self, p: Pod) -> None:
        self.chosen[p] = None
        self.place[p] = Place.ACTIVE

    def lose_nomination(self, p: Pod) -> None:
        self.nominated[p] = None


class Cycles(Attempts, Cycle):
    """Cycles in which every node fits, without preemption."""

    def park(self, p: Pod) -> None:
        self.place[p] = Place.UNSCHEDULABLE

    def is_feasible(self, p: Pod, n: Node) -> bool:
        return True

    def used(self, s: Scheduler, n: Node) -> int:
        return 0

    def may_preempt(self, p: Pod) -> bool:
        return False

    def is_eligible(self, p: Pod) -> bool:
        return False

    def is_known_to_run(self, s: Scheduler, p: Pod) -> bool:
        return False

    def wake_all(self, s: Scheduler) -> None:
        """Nobody waits."""

    @reachable
    def assumed(self) -> bool:
        return all(self.place[p] == Place.BINDING for p in self.pods)

    @invariant
    def one_cycle_at_a_time(self) -> bool:
        return sum(self.place[p] == Place.CYCLE for p in self.pods) <= len(self.schedulers)


class Bindings(Attempts, Binding):
    """Bindings to nodes that anybody chose."""

    @action
    def decide(self, p: Pod, n: Node) -> None:
        require(self.place[p] == Place.ACTIVE)
        self.chosen[p] = n
        self.place[p] = Place.BINDING

    def forget(self, p: Pod) -> None:
        self.cached[self.owner_of(p)][p] = None

    def settle(self) -> None:
        """Nothing to wait for."""

    @reachable
    def bound_all(self) -> bool:
        return all(self.bound[p] is not None for p in self.pods)

    @invariant
    def what_is_bound_is_done(self) -> bool:
        return all(self.place[p] != Place.DONE or self.bound[p] is not None for p in self.pods)


class Evictions(Attempts, Preemption):
    """Preemption where every other pod that matters less is a victim."""

    @action
    def miss(self, p: Pod) -> None:
        require(self.place[p] == Place.ACTIVE)
        self.place[p] = Place.CYCLE

    def may_preempt(self, p: Pod) -> bool:
        return any(self.is_candidate(p, n) for n in self.nodes)

    def get_weaker(self, p: Pod, n: Node) -> set[Pod]:
        return {q for q in self.pods if self.priority[q] < self.priority[p]}

    def is_candidate(self, p: Pod, n: Node) -> bool:
        return len(self.get_weaker(p, n)) > 0

    def select_victims(self, p: Pod, n: Node) -> set[Pod]:
        return self.get_weaker(p, n)

    def cost(self, victims: set[Pod]) -> int:
        return len(victims)

    def forget(self, p: Pod) -> None:
        self.cached[self.owner_of(p)][p] = None

    def park(self, p: Pod) -> None:
        self.place[p] = Place.UNSCHEDULABLE

    def wake(self, p: Pod) -> None:
        self.place[p] = Place.ACTIVE

    def delete(self, p: Pod) -> None:
        self.stage[p] = Stage.GONE

    @reachable
    def evicted(self) -> bool:
        return any(
            self.nominated[p] is not None and len(self.preempting[p]) == 0 for p in self.pods
        )

    @invariant
    def victims_matter_less(self) -> bool:
        return all(
            self.priority[v] < self.priority[p] for p in self.pods for v in self.preempting[p]
        )


ALONE: list[tuple[type[Model], dict[str, int | bool]]] = [
    (Users, {}),
    (Nodes, {"kubelets": True}),
    (Queue, {}),
    (Told, {"nodes": 1}),
    (Chosen, {"priorities": 2}),
    (Cycles, {"permit": True}),
    (Bindings, {"api_errors": True}),
    (Evictions, {"priorities": 2}),
]


@pytest.mark.parametrize(("model", "constants"), ALONE)
def test_a_part_runs_without_the_others(
    model: type[Model], constants: dict[str, int | bool]
) -> None:
    outcome = check(Instance(model, constants), "python", Options())
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.reached
    assert None not in outcome.reached.values()
    assert outcome.held


def test_a_fault_of_the_kubelet_dies_without_a_scheduler() -> None:
    instance = Instance(Nodes, {"kubelets": True}, "kubelet_admits_all")
    outcome = check(instance, "python", Options())
    assert outcome.violation is not None
    assert outcome.violation.property == "SCHED-3"


def test_a_part_that_is_left_out_is_named_by_what_needs_it() -> None:
    class Headless(ApiServer, Kubelet, Memory, Informer, Cycle, Binding, Preemption):
        """A cluster without those who find victims."""

    with pytest.raises(LanguageError, match="Headless has no part that defines may_preempt"):
        Instance(Headless)


def test_the_cluster_lists_its_parts_and_no_part_extends_another() -> None:
    parts = Cluster.__bases__
    assert len(parts) == 8
    assert not any(a is not b and issubclass(a, b) for a in parts for b in parts)

"""ReplicaSets whose pods are counted: a coarse part beside the Deployment controller.

The ReplicaSet controller makes and deletes pods one at a time, those that are not ready first, and
reports how many are there and ready; pods have no names, and nothing of them is heard late but how
many there are, and statuses (`heard_statuses`). `set_statuses` is the same with the ReplicaSet
controller in full.
Source: `pkg/controller/replicaset/replica_set.go`, v1.36. Left out: what `replica_sets` has, and
that there is a controller at all: it sees what is stored, and does one thing in a step.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Fairness,
    Range,
    action,
    constant,
    each,
    joint,
    require,
    table,
)
from planespec.model.controllers.replicas.heard_statuses import HeardStatuses
from planespec.model.controllers.replicas.rollouts import Size, Strategy
from planespec.model.parts.expectations import Owner
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process


class CountedSets(HeardStatuses):
    """The ReplicaSet controller, nodes, and what processes have heard of both."""

    replicas: int = constant(2, at_least=1, at_most=4)
    surge: int = constant(1, at_least=0, at_most=2)
    unavailable: int = constant(0, at_least=0, check="unavailable <= replicas")
    strategy: Strategy = constant(Strategy.ROLLING, check="surge + unavailable > 0")
    losses: int = constant(0, at_least=0, at_most=2)
    """How often a pod that was ready is not."""
    never_ready: Array[Owner, bool] = table(each(False))
    """ReplicaSets whose pods are never ready."""

    size: Array[Owner, Size] = each(0)
    pending: Array[Owner, Size] = each(0)
    ready: Array[Owner, Size] = each(0)
    ending: Array[Owner, Size] = each(0)

    seen_size: Array[Process, Array[Owner, Size]] = each(each(0))
    seen_pods: Array[Process, Array[Owner, Size]] = each(each(0))
    """The pods that a process sees, also those that end."""

    lost: Annotated[int, Range(0, "losses")] = 0

    def begin_with_pods(self, o: Owner) -> None:
        """One ReplicaSet has all pods, which are ready, and everybody knows."""
        self.size[o] = self.replicas
        self.reported[o] = self.size[o]
        self.available[o] = self.size[o]
        self.ready[o] = self.size[o]
        for p in self.processes:
            self.read_set(p, o)
            self.seen_pods[p][o] = self.size[o]

    # The ReplicaSet controller, and nodes.

    @action(fair=Fairness.WEAK, per_instance=True)
    def make_pod(self, o: Owner) -> None:
        """A pod is made where there are fewer than wanted."""
        require(self.pending[o] + self.ready[o] < self.size[o])
        self.pending[o] += 1

    @action(fair=Fairness.WEAK, per_instance=True)
    def delete_pod(self, o: Owner) -> None:
        """A pod is marked where there are more than wanted, first one that is not ready."""
        require(self.pending[o] + self.ready[o] > self.size[o])
        if self.pending[o] > 0:
            self.pending[o] -= 1
        else:
            self.ready[o] -= 1
        self.ending[o] += 1

    @action(fair=Fairness.WEAK, per_instance=True)
    def report(self, o: Owner) -> None:
        """The status of a ReplicaSet is written."""
        there = self.pending[o] + self.ready[o]
        require(self.reported[o] != there or self.available[o] != self.ready[o])
        self.reported[o] = there
        self.available[o] = self.ready[o]
        self.note_set_written(o)

    @action(fair=Fairness.WEAK, per_instance=True)
    def become_ready(self, o: Owner) -> None:
        """A pod is ready."""
        require(self.pending[o] > 0 and not self.never_ready[o])
        self.pending[o] -= 1
        self.ready[o] += 1

    @action(when="losses > 0")
    def become_unready(self, o: Owner) -> None:
        """A pod is no longer ready."""
        require(self.lost < self.losses and self.ready[o] > 0)
        self.lost += 1
        self.ready[o] -= 1
        self.pending[o] += 1

    @action(fair=Fairness.WEAK, per_instance=True)
    def end_pod(self, o: Owner) -> None:
        """A pod that is marked has stopped."""
        require(self.ending[o] > 0)
        self.ending[o] -= 1

    # What processes hear.

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_set(self, p: Process, o: Owner) -> None:
        """A process hears of a ReplicaSet."""
        require(not self.knows_set(p, o))
        self.read_set(p, o)

    @action(when="strategy.name == 'RECREATE'", fair=Fairness.WEAK, per_instance=True)
    def hear_pods(self, p: Process, o: Owner) -> None:
        """A process hears of pods."""
        require(self.seen_pods[p][o] != self.count_pods(o))
        self.seen_pods[p][o] = self.count_pods(o)

    def resize(self, o: Owner, size: int) -> None:
        """The size of a ReplicaSet is written."""
        self.size[o] = size

    def count_pods(self, o: Owner) -> int:
        """How many pods are there, also those that end."""
        return self.pending[o] + self.ready[o] + self.ending[o]

    @joint
    def read_set(self, p: Process, o: Owner) -> None:
        """The size is read with the status."""
        self.seen_size[p][o] = self.size[o]

    @joint
    def lose_memory(self, p: Process) -> None:
        """A process that begins anew lists pods, too, where it looks at them."""
        if self.strategy == Strategy.RECREATE:
            for o in self.owners:
                self.seen_pods[p][o] = self.count_pods(o)

    def sees_size(self, p: Process, o: Owner) -> int:
        """The size that a process takes a ReplicaSet to have."""
        return self.size[o] if self.consistency == Consistency.LIVE else self.seen_size[p][o]

    def has_only_ready(self, o: Owner, count: int) -> bool:
        """Whether a ReplicaSet has so many pods, all of them ready."""
        return self.ready[o] == count and self.pending[o] == 0 and self.ending[o] == 0

    def sees_pod_of(self, p: Process, o: Owner) -> bool:
        """Whether a process sees a pod of a ReplicaSet, also one that ends."""
        is_live = self.consistency == Consistency.LIVE
        return (self.count_pods(o) if is_live else self.seen_pods[p][o]) > 0

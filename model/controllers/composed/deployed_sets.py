"""A Deployment over the ReplicaSet controller in full: sizes go one way, statuses the other.

The Deployment controller writes the sizes of the ReplicaSets, where `controllers.replica_set` has
users; the ReplicaSet controller makes and deletes pods by what it sees, and writes statuses, by
which the Deployment controller goes. Both run in one process, kube-controller-manager, and read
through shared informers: there is one cache of ReplicaSets, in which both see a size and a status
at once, and one of pods.
Source: those of the parts. Left out: what the parts leave out, and that workers of one controller
sync several ReplicaSets at a time; here one sync of each controller is under way. Under OWN_WRITES
the ReplicaSet controller waits for the pods that it wrote, the Deployment controller for sizes.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    action,
    constant,
    each,
    initial,
    instance,
    joint,
    no_recording,
    only,
    reachable,
    require,
    sort,
    table,
)
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.replicas.deployment_control import DeploymentControl
from planespec.model.controllers.replicas.rollouts import Strategy
from planespec.model.controllers.replicas.set_statuses import SetStatuses
from planespec.model.parts.api_store import Name
from planespec.model.parts.expectations import Owner
from planespec.model.parts.informers import Consistency
from planespec.spec.controllers.rollout_requirements import (
    enough_are_available,
    recreated_apart,
    surge_is_kept,
)


class DeployedSets(DeploymentControl, SetStatuses):
    """One Deployment, its ReplicaSets, their pods, and both controllers."""

    held_to = no_recording("the parts are held; what they do together was not recorded")

    owners: Domain[Owner] = sort(2, at_least=1, at_most=3)
    """The ReplicaSets, in the order in which they were made."""
    names: Domain[Name] = sort(2, at_least=1, at_most=4, symmetric=True)
    writes: int = constant(9, at_least=1, at_most=20)
    replicas: int = constant(1, at_least=1, at_most=4, check="replicas + surge <= names")
    crashes: int = constant(0, at_least=0, at_most=9)
    scalings: int = constant(0, at_least=0, at_most=0)
    remakes: int = constant(0, at_least=0, at_most=0)
    starts: bool = constant(default=True)
    never_ready: Array[Owner, bool] = table(each(False))
    """ReplicaSets whose pods are never ready."""

    requires = [
        only(
            surge_is_kept,
            when="strategy.name == 'ROLLING' "
            "and (edits < 2 or owners < 3 or consistency.name != 'MONOTONIC')",
        ),
        only(
            enough_are_available,
            when="strategy.name == 'ROLLING' and edits < 2 and strays == 0 "
            "and not (readiness_lost or pods_fail)",
        ),
        only(recreated_apart, when="strategy.name == 'RECREATE' and edits < 2"),
    ]

    @initial
    def begin(self, o: Owner | None, pods: frozenset[Name]) -> None:
        """The first template is rolled out, and everybody knows."""
        first = min(self.owners)
        require(o == first and len(pods) == self.replicas)
        self.begin_wanting(first)
        self.begin_reported(first, self.replicas)
        self.revision = 1
        self.served = 1
        for p in self.processes:
            self.known[p] = 1
        for n in pods:
            self.begin_with(n, o)

    @action(when="strays > 0")
    def delete_one(self, n: Name) -> None:
        """Somebody else deletes a pod that controllers have heard of."""
        require(self.strayed < self.strays and self.is_active(n))
        require(all(self.sees(p, n) == self.uid[n] for p in self.processes))
        self.strayed += 1
        self.write_life(n, PodLife.DELETING)

    @joint
    def may_start(self, n: Name) -> bool:
        """A pod can be ready whose template works."""
        o = self.owner[n]
        return o is None or not self.never_ready[o]

    # What is looked at.

    @property
    def pending(self) -> dict[Owner, int]:
        """How many pods of a set are there and not ready."""
        return {o: self.count_in(o, PodLife.PENDING) for o in self.owners}

    @property
    def ready(self) -> dict[Owner, int]:
        """How many are ready."""
        return {o: self.count_in(o, PodLife.READY) for o in self.owners}

    @property
    def ending(self) -> dict[Owner, int]:
        """How many are marked for deletion, and still run."""
        return {o: self.count_in(o, PodLife.DELETING) for o in self.owners}

    def count_in(self, o: Owner, life: PodLife) -> int:
        """How many pods of a set are there in this part of their lives."""
        return sum(
            self.uid[n] != 0 and self.owner[n] == o and self.life[n] == life for n in self.names
        )

    def has_only_ready(self, o: Owner, count: int) -> bool:
        """Whether a ReplicaSet has so many pods that have not failed, all of them ready."""
        return self.ready[o] == count and self.pending[o] == 0 and self.ending[o] == 0

    @reachable(when="edits > 0 and sum(never_ready) == 0")
    def rolled_out(self) -> bool:
        """Another template is rolled out, and no other pod is there."""
        is_ready = self.ready[max(self.owners)] == self.replicas
        return is_ready and sum(self.uid[n] != 0 for n in self.names) == self.replicas

    @reachable(when="names > replicas + surge and strategy.name == 'ROLLING'")
    def is_crowded(self) -> bool:
        """More pods are there, and not ending, than allowed: an old set has yet to delete one."""
        there = sum(self.is_active(n) for n in self.names)
        return there > self.replicas + self.surge

    @reachable(when="edits > 0 and sum(never_ready) == 0")
    def tells_of_the_lost(self) -> bool:
        """A status tells of more pods that are ready than there are."""
        return any(self.available[o] > self.ready[o] for o in self.owners)

    @reachable(when="strays > 0")
    def takes_the_last(self) -> bool:
        """An old set is about to lose the last pod that is ready: that of the new one is gone."""
        new = self.template
        return (
            new is not None
            and self.ready[new] == 0
            and any(
                self.plan[p][o] == 0 and self.ready[o] > 0
                for p in self.processes
                for o in self.owners
            )
        )

    @reachable(when="edits > 1 and strategy.name == 'RECREATE'")
    def together_after_a_rollback(self) -> bool:
        """Pods of two templates are there: those of one were not made when it was looked at."""
        return sum(self.pending[o] + self.ready[o] > 0 for o in self.owners) > 1

    @reachable(when="edits > 1 and sum(never_ready) == 0 and strategy.name == 'ROLLING'")
    def too_few_after_a_rollback(self) -> bool:
        """Too few are ready: a status was of the size before the last."""
        return sum(self.ready[o] for o in self.owners) < self.replicas - self.unavailable

    instances = [
        instance("small"),
        instance("unavailable", surge=0, unavailable=1),
        instance("recreate", strategy=Strategy.RECREATE, replicas=2, surge=0, unavailable=1),
        instance("back", strategy=Strategy.RECREATE, edits=2, consistency=Consistency.OWN_WRITES),
        instance("rollback", edits=2, consistency=Consistency.OWN_WRITES),
        instance("bad", edits=2, never_ready=[False, True]),
        instance("pause", pauses=1),
        instance("refused", refusals=1),
        instance("crash", surge=0, unavailable=1, crashes=1),
        instance("two", replicas=2, names=4, consistency=Consistency.OWN_WRITES),
        instance("stray", slow=True, strays=1, consistency=Consistency.OWN_WRITES),
        instance("rollback-stale", slow=True, edits=2),
        instance("two-stale", slow=True, replicas=2, names=4),
    ]

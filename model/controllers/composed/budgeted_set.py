"""A StatefulSet under a disruption budget: its controller makes again what is evicted.

API servers evict in parallel, the disruption controller counts, and the StatefulSet controller
brings the set back to the pods that it wants; both controllers run in one process,
kube-controller-manager, over one cache of pods. A rollout, and the end of pods that are too many,
ask no budget.
Source: those of the parts. Left out: what the parts leave out; requests are bounded, those that
evict pods that are not ready too, since else a set may be kept from its pods for ever.
"""

from planespec.checker.lang import (
    Domain,
    Fairness,
    action,
    constant,
    initial,
    instance,
    joint,
    no_recording,
    only,
    reachable,
    require,
    sort,
)
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.removal.budget_evictions import Evictions
from planespec.model.controllers.removal.removal_types import Evictor, Step
from planespec.model.controllers.workloads.stateful_set import SetControl
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process
from planespec.spec.controllers.upkeep.budget_requirements import budgets_are_not_overdrawn


class BudgetedSet(SetControl, Evictions):
    """One StatefulSet, requests to evict its pods, and who counts them."""

    held_to = no_recording("the parts are held; what they do together was not recorded")

    names: Domain[Name] = sort(2, at_least=1, at_most=3)
    writes: int = constant(9, at_least=1, at_most=20)
    consistency: Consistency = constant(Consistency.OWN_WRITES)
    crashes: int = constant(0, at_least=0, at_most=9)
    requests: int = constant(2, at_least=1, at_most=9)
    disturbances: int = constant(0, at_least=0, at_most=4)
    stuck: bool = constant(default=False, check="not stuck")

    fairness = {
        "serve": Fairness.WEAK,
        "hear[p]": Fairness.WEAK,
        "hear_set[p]": Fairness.WEAK,
        "list_again[p]": Fairness.WEAK,
    }

    requires = [only(budgets_are_not_overdrawn, when="not removal and disturbances == 0")]

    @property
    def is_calm(self) -> bool:
        """Whether, since all pods were well, only the template has changed: no eviction."""
        return self.is_formed and not self.was_rough and self.asked == 0

    @initial
    def begin(self) -> None:
        """All pods of the set are there, ready, and known."""
        self.have_pods()
        for n in self.names:
            self.has_been_well[n] = True
        self.is_formed = True

    @action
    def ask_for_unready(self, e: Evictor, n: Name) -> None:
        """A request reads a pod that is not ready, and needs no grant where enough others are."""
        require(self.step[e] == Step.IDLE and self.uid[n] != 0)
        require(self.life[n] == PodLife.PENDING and self.told_healthy >= self.needed > 0)
        require(self.asked < self.requests)
        self.asked += 1
        self.step[e] = Step.UNREADY
        self.aim[e] = n
        self.meant[e] = self.version[n]

    @joint
    def may_count(self, p: Process) -> bool:
        """A process begins with one list for both controllers, which is new."""
        return self.may_sync(p)

    def evict(self, p: Process, n: Name, uid: Revision) -> None:
        """An API server deletes a pod if it is the one that is meant; controllers hear later."""
        is_there = uid != 0 and self.uid[n] == uid
        if is_there and self.life[n] != PodLife.DELETING:
            self.write_life(n, PodLife.DELETING)
            self.evicted[n] = True

    @reachable
    def comes_back(self) -> bool:
        """A pod that was evicted has a successor, which is ready."""
        return any(self.uid[n] > 1 and self.is_well[n] for n in self.names)

    @reachable(when="disturbances > 0 and size > 1")
    def rollout_asks_nobody(self) -> bool:
        """A rollout has taken one pod and an eviction another: fewer are ready than should be."""
        is_short = sum(self.is_well[n] for n in self.names) < self.needed
        is_evicting = any(self.evicted[n] for n in self.names)
        return is_short and is_evicting and not self.was_rough

    instances = [
        instance("small"),
        instance("monotonic", consistency=Consistency.MONOTONIC),
        instance("removed", names=1, size=1, minimum=0, requests=1, removal=True),
        instance("restart", crashes=1),
        instance("rollout", disturbances=1, requests=1, writes=16),
        instance("three", slow=True, names=3, size=3),
    ]

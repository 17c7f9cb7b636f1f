"""A PodDisruptionBudget: API servers that evict in parallel, and the controller that counts.

An eviction reads the budget, takes one from `status.disruptionsAllowed` and notes the pod in
`status.disruptedPods` in one write, which is refused where somebody wrote the status since; then
it deletes the pod. The controller counts healthy pods in its cache, but those that are noted, and
writes the status, or begins anew where that is refused. Pods that are not ready need no grant:
their deletion says which version was read.
Source: `pkg/controller/disruption/disruption.go`, `pkg/registry/core/pod/storage/eviction.go`,
v1.36; the rule of one sync is `spec/controllers/disruption_budget`. Who makes pods is for another
part.
Left out: percentages and the scale of controllers (the budget says how many), retries of a
client, and that a pod may become unready: the status says that late, whatever anybody does.
"""

from typing import Annotated, cast

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Range,
    action,
    choose,
    constant,
    each,
    given,
    initial,
    joint,
    mutant,
    only,
    reachable,
    require,
    sort,
)
from planespec.model.controllers.owned_pods import OwnedPods, PodLife
from planespec.model.controllers.removal.removal_types import Amount, Evictor, Status, Step
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process
from planespec.spec.controllers.upkeep.budget_requirements import (
    budgets_tell_what_is_left,
    pods_that_never_get_ready_go,
    ready_pods_go_with_a_grant,
)


class Evictions(OwnedPods):
    """Pods that a budget selects, and requests to evict them."""

    evictors: Domain[Evictor] = sort(2, at_least=1, at_most=3, symmetric=True)
    requests: int = constant(3, at_least=1, at_most=9)
    """How many requests to evict a pod that is ready there are: a bound."""
    minimum: int = constant(1, at_least=0, at_most=4, check="minimum <= names")
    """`minAvailable`."""
    raised: bool = constant(default=False)
    """Whether somebody asks for one more in `minAvailable`."""
    second: int = constant(0, at_least=0, at_most=4)
    """`minAvailable` of a second budget that selects the same pods; 0 where there is none."""
    removal: bool = constant(default=False)
    """Whether people delete a pod once, without asking the budget."""
    stuck: bool = constant(default=False)
    """Whether one pod never becomes ready, and pods like that may always be evicted."""

    write_again: bool = mutant(
        "The controller writes what it has counted again over what was written meanwhile.",
        issue="#82149",
    )
    blind_grant: bool = mutant("Two evictions may take the same disruption from a budget.")
    forget_granted: bool = mutant(
        "An eviction is not noted in the status of its budget.", issue="#34546"
    )
    ignore_generation: bool = mutant(
        "A status counts though it is of another specification.", when="raised"
    )
    first_budget_alone: bool = mutant(
        "Of two budgets that select a pod one alone is asked.", when="second > 0"
    )
    count_marked: bool = mutant("Pods that are marked for deletion count as healthy.")
    keep_entry: bool = mutant("A pod that was to be deleted, and was not, stays noted for ever.")
    short_timeout: bool = mutant(
        "A pod is no longer noted before the controller has heard of its deletion."
    )
    by_name: bool = mutant(
        "An eviction deletes whichever pod has the name by then.",
        issue="#64923, #142201",
        when="removal",
    )
    block_unready: bool = mutant(
        "A pod that is not ready is evicted only where enough others are.",
        issue="#72320",
        when="stuck",
    )
    delete_any_version: bool = mutant(
        "A pod that was not ready is deleted, whatever it is by then."
    )

    fairness = {
        "serve": Fairness.WEAK,
        "hear": Fairness.WEAK,
        "list_again": Fairness.WEAK,
    }

    requires = [
        budgets_tell_what_is_left,
        only(pods_that_never_get_ready_go, when="stuck"),
        ready_pods_go_with_a_grant,
    ]

    needed: Amount = minimum
    observed: bool = True
    """Whether the status is of the latest specification: `observedGeneration`."""
    allowed: Amount = 0
    told_healthy: Amount = 0
    """`status.currentHealthy`."""
    disrupted: Array[Name, bool] = each(False)
    """`status.disruptedPods`."""
    is_late: Array[Name, bool] = each(False)
    """Whether two minutes are over since a pod was noted."""
    broken: Array[Name, bool] = only(each(False), when="stuck")

    evicted: Array[Name, bool] = each(False)
    """History: whether a pod was deleted by an eviction."""
    is_removed: bool = only(False, when="removal")
    asked: Annotated[int, Range(0, "requests")] = 0
    step: Array[Evictor, Step] = each(Step.IDLE)
    aim: Array[Evictor, Name | None] = each(None)
    meant: Array[Evictor, Revision] = each(0)
    """The uid of the pod that was read; its version where it was not ready."""
    read_allowed: Array[Evictor, Amount] = each(0)
    is_latest: Array[Evictor, bool] = each(False)
    """Whether the budget was not written since a request has read it."""
    plan: Array[Process, Status | None] = each(None)
    """What the controller has counted, and is about to write."""
    counts_latest: Array[Process, bool] = each(False)

    @initial
    def begin(self) -> None:
        """All pods are ready, and known; one of them is not where `stuck`."""
        self.have_pods()

    def have_pods(self) -> None:
        """Pods were made before, and heard of."""
        self.revision = 1
        self.served = 1
        sick: Name | None = None
        if self.stuck:
            sick = choose(self.names)
            self.broken[sick] = True
        for n in self.names:
            life = PodLife.PENDING if n == sick else PodLife.READY
            self.uid[n] = 1
            self.version[n] = 1
            self.life[n] = life
            self.served_uid[n] = 1
            self.served_version[n] = 1
            self.served_life[n] = life
        for p in self.processes:
            if self.consistency != Consistency.LIVE:
                self.take_served(p)

    @action(when="removal")
    def remove(self, n: Name) -> None:
        """Somebody deletes a pod."""
        require(not self.is_removed and self.is_healthy(n))
        self.is_removed = True
        self.write_life(n, PodLife.DELETING)

    @action(when="raised")
    def ask_for_more(self) -> None:
        """Somebody writes into the budget that one more pod has to be healthy."""
        require(self.needed == self.minimum and self.minimum < len(self.names))
        self.needed += 1
        self.observed = False
        self.note_budget()

    @joint
    def may_start(self, n: Name) -> bool:
        """A pod that is broken never becomes ready."""
        return not self.stuck or not self.broken[n]

    @joint
    def clear_pod(self, n: Name) -> None:
        """A pod is gone."""
        self.evicted[n] = False
        if self.stuck:
            self.broken[n] = False

    @action
    def ask(self, e: Evictor, n: Name) -> None:
        """A request to evict a pod that is ready reads its budget; two budgets are an error."""
        require(self.step[e] == Step.IDLE and self.is_healthy(n))
        require(self.second == 0 or self.first_budget_alone)
        require(self.asked < self.requests)
        self.asked += 1
        self.step[e] = Step.READ
        self.aim[e] = n
        self.meant[e] = self.uid[n]
        self.read_budget(e)

    def read_budget(self, e: Evictor) -> None:
        """A request has the latest version of a budget."""
        self.read_allowed[e] = self.allowed
        self.is_latest[e] = True

    @action(fair=Fairness.WEAK, per_instance=True)
    def grant(self, e: Evictor) -> None:
        """A request takes a disruption from the budget, or reads it again (409), or ends (429)."""
        require(self.step[e] == Step.READ)
        n = given(self.aim[e])
        if not self.is_latest[e] and not self.blind_grant:
            self.read_budget(e)
        elif self.read_allowed[e] == 0 or not (self.observed or self.ignore_generation):
            self.end_request(e)
        else:
            self.allowed = self.read_allowed[e] - 1
            if not self.forget_granted:
                self.disrupted[n] = True
                self.is_late[n] = False
            self.note_budget()
            self.step[e] = Step.GRANTED

    @action(fair=Fairness.WEAK, per_instance=True)
    def delete_granted(self, p: Process, e: Evictor) -> None:
        """A request that was granted deletes the pod."""
        require(self.step[e] == Step.GRANTED)
        n = given(self.aim[e])
        self.evict(p, n, self.uid[n] if self.by_name else self.meant[e])
        self.end_request(e)

    @action
    def fail(self, e: Evictor) -> None:
        """A request ends before the pod is deleted; that stays noted for a while."""
        require(self.step[e] == Step.GRANTED)
        self.end_request(e)

    @action(fair=Fairness.WEAK, per_instance=True)
    def ask_for_unready(self, e: Evictor, n: Name) -> None:
        """A request reads a pod that is not ready, and needs no grant where enough others are."""
        require(self.step[e] == Step.IDLE and self.uid[n] != 0)
        require(self.life[n] == PodLife.PENDING and self.second == 0)
        is_free = self.stuck and not self.block_unready
        require(is_free or self.told_healthy >= self.needed > 0)
        self.step[e] = Step.UNREADY
        self.aim[e] = n
        self.meant[e] = self.version[n]

    @action(fair=Fairness.WEAK, per_instance=True)
    def delete_unready(self, p: Process, e: Evictor) -> None:
        """A request deletes a pod that is as it was read; else it ends (429)."""
        require(self.step[e] == Step.UNREADY)
        n = given(self.aim[e])
        if self.version[n] == self.meant[e] or self.delete_any_version:
            self.evict(p, n, self.uid[n])
        self.end_request(e)

    def evict(self, p: Process, n: Name, uid: Revision) -> None:
        """A pod is deleted, if it is the one that is meant."""
        was_marked = self.life[n] == PodLife.DELETING
        is_there = self.delete_pod(p, n, uid)
        if is_there and not was_marked:
            self.evicted[n] = True

    def end_request(self, e: Evictor) -> None:
        """The client has its answer."""
        self.step[e] = Step.IDLE
        self.aim[e] = None
        self.meant[e] = 0
        self.read_allowed[e] = 0
        self.is_latest[e] = False

    def note_budget(self) -> None:
        """The budget was written: nobody has its latest version."""
        for e in self.evictors:
            self.is_latest[e] = False
        for p in self.processes:
            self.counts_latest[p] = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def count(self, p: Process) -> None:
        """The controller counts the healthy pods that it sees, but those that are noted."""
        require(self.plan[p] is None and self.may_act(p) and self.may_count(p))
        noted = cast(Array[Name, bool], {n: self.stays_noted(p, n) for n in self.names})
        healthy = sum(self.counts(p, n) and not noted[n] for n in self.names)
        status = Status(max(healthy - self.needed, 0), healthy, noted)
        require(not self.is_written(status))
        self.plan[p] = status
        self.counts_latest[p] = True

    @joint
    def may_count(self, p: Process) -> bool:
        """Whether a process has listed."""
        return self.consistency == Consistency.LIVE or self.known[p] > 0

    def stays_noted(self, p: Process, n: Name) -> bool:
        """Whether a pod is about to be deleted as far as is known, and is not yet."""
        is_there = self.sees(p, n) != 0 and self.sees_life(p, n) != PodLife.DELETING
        is_over = self.is_late[n] and not self.keep_entry
        return self.disrupted[n] and is_there and not is_over

    def counts(self, p: Process, n: Name) -> bool:
        """Whether the controller sees a pod that is ready."""
        life = self.sees_life(p, n)
        is_ready = life == PodLife.READY or (self.count_marked and life == PodLife.DELETING)
        return self.sees(p, n) != 0 and is_ready

    def is_written(self, status: Status) -> bool:
        """Whether the status of the budget says all of this."""
        is_same = self.allowed == status.allowed and self.told_healthy == status.healthy
        return is_same and self.observed and self.disrupted == status.disrupted

    @action(fair=Fairness.WEAK, per_instance=True)
    def write_status(self, p: Process) -> None:
        """The controller writes what it has counted, or counts anew (409)."""
        status = given(self.plan[p])
        if self.counts_latest[p] or self.write_again:
            self.allowed = status.allowed
            self.told_healthy = status.healthy
            for n in self.names:
                self.disrupted[n] = status.disrupted[n]
                self.is_late[n] = self.is_late[n] and status.disrupted[n]
            self.observed = True
            self.note_budget()
        self.plan[p] = None
        self.counts_latest[p] = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def wait_two_minutes(self, n: Name) -> None:
        """No request is about to delete a noted pod, and all have heard what became of it."""
        require(self.disrupted[n] and not self.is_late[n] and not self.is_granted(n))
        has_heard = all(self.sees_life(p, n) == self.life[n] for p in self.processes)
        is_same = all(self.sees(p, n) == self.uid[n] for p in self.processes)
        are_begun = all(self.may_count(p) for p in self.processes)
        require(self.short_timeout or (has_heard and is_same and are_begun))
        self.is_late[n] = True

    @joint
    def lose_memory(self, p: Process) -> None:
        """What was counted is forgotten."""
        self.plan[p] = None
        self.counts_latest[p] = False

    @property
    def least(self) -> int:
        """How many pods have to be healthy, by any budget."""
        return max(self.needed, self.second)

    def is_granted(self, n: Name) -> bool:
        """Whether a request is about to delete a pod."""
        return any(
            self.step[e] == Step.GRANTED and self.aim[e] == n and self.meant[e] == self.uid[n]
            for e in self.evictors
        )

    def is_healthy(self, n: Name) -> bool:
        """Whether a pod is ready and not marked for deletion."""
        return self.uid[n] != 0 and self.life[n] == PodLife.READY

    @reachable(when="second == 0 and not stuck and names > minimum + 1")
    def two_are_granted(self) -> bool:
        """Two evictions are on their way at once."""
        return sum(self.is_granted(n) for n in self.names) > 1

    @reachable(when="second == 0 and not stuck")
    def is_used_up(self) -> bool:
        """As few pods are healthy as may be."""
        return sum(self.is_healthy(n) for n in self.names) == self.needed

    @reachable(when="second == 0 and not stuck and names > minimum + 1")
    def counted_in_vain(self) -> bool:
        """The controller has counted, and the budget was written since."""
        return any(self.plan[p] is not None and not self.counts_latest[p] for p in self.processes)

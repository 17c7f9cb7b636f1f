"""`kubelet.eviction`: memory of a node runs short; pods are evicted, refused, and replaced.

Every tick the eviction manager looks at what is available; between two looks pods use more or
less, begin and end. Where the threshold has a grace (a soft one), it has to be met for so many
looks in a row. Whoever made a pod makes another in its place, which may be bound to the node again
once its condition is over: the loop of eviction and replacement.
Source: `pkg/kubelet/eviction/eviction_manager.go` (synchronize, Admit) of Kubernetes v1.36; how
pods are ranked is the rule of `spec/node/evictions/eviction_ranking.py`, which a test compares.
Left out: several signals at once, minimum reclaim, what is reclaimed on the node before pods are
evicted, local storage limits, and pods without statistics.
"""

from typing import Annotated, Any

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Range,
    Sort,
    action,
    choose,
    constant,
    each,
    instance,
    mutant,
    reachable,
    recording,
    require,
    sort,
    table,
)
from planespec.spec.node.evictions.pressure_requirements import (
    Fate,
    conditions_do_not_flap,
    conditions_end,
    critical_pods_are_admitted,
    critical_pods_stay,
    evictions_have_a_cause,
    evictions_keep_the_order,
    is_ranked_before,
    one_eviction_at_a_time,
    pressure_admits_few,
)

Used = Annotated[int, Range(0, "most_used")]

PAIR: dict[str, Any] = {"pods": 2, "request": [0, 1], "rank": [1, 0], "room": 3}
"""A pod that asks for nothing, and one that does."""


class Tenant(Sort):
    """A pod of the node, and those that come in its place."""


class NodePressure(Model):
    """One node with `room` for its pods, of which `threshold` is to stay free."""

    held_to = [
        recording(
            "tests/recorded/eviction.jsonl.gz",
            cases=4_200,
            of="kubelet 1.36.2",
            part="which pod is evicted first",
            test="tests/spec/node/test_pressure_model_beside_the_ranking.py"
            "::test_the_model_ranks_pods_as_the_rule_does",
            through="planespec.spec.node.evictions.eviction_ranking",
            conform="eviction",
            kinds=("pass",),
        )
    ]

    pods: Domain[Tenant] = sort(3, at_least=1, at_most=4)
    request: Array[Tenant, int] = table([0, 1, 2])
    rank: Array[Tenant, int] = table([0, 0, 1])
    is_critical: Array[Tenant, bool] = table([False, False, True])
    room: int = constant(4, at_least=1, at_most=9)
    threshold: int = constant(1, at_least=1, at_most=4)
    most_used: int = constant(2, at_least=1, at_most=4)
    grace: int = constant(0, at_least=0, at_most=3)
    """Looks for which the threshold has to be met; 0 is a hard one."""
    transition: int = constant(2, at_least=1, at_most=5)
    replacements: int = constant(1, at_least=0, at_most=4)
    """How often a pod that was evicted or refused is replaced: a bound."""

    refuse_critical: bool = mutant("Under pressure critical pods are refused.", issue="#40573")
    evict_critical: bool = mutant("Critical pods are evicted as others are.", issue="#40573")
    rank_by_priority: bool = mutant("Pods are ranked by priority alone.")
    rank_by_usage: bool = mutant("Pods are ranked by what they use alone.")
    evict_all: bool = mutant("Pods are evicted until the next look at what is available.")
    ignore_grace: bool = mutant("A soft threshold evicts at once.", when="grace > 0")
    evict_when_pressed: bool = mutant("Pods are evicted as long as the condition lasts.")
    admit_all: bool = mutant("Under pressure every pod is admitted.")
    end_at_once: bool = mutant("The condition ends as soon as the threshold is not met.")
    never_calm: bool = mutant("The condition that once held is kept for good.")

    deadlock = False

    fate: Array[Tenant, Fate] = each(Fate.AWAY)
    used: Array[Tenant, Used] = each(0)
    is_pressed: bool = False
    short_for: Annotated[int, Range(0, "grace")] = 0
    calm_for: Annotated[int, Range(0, "transition")] = transition
    is_short: bool = False
    """Whether less is available than is to stay free, as statistics show it now."""
    has_looked: bool = False
    """Whether the manager is between finding out and acting, in one pass."""
    replaced: Annotated[int, Range(0, "replacements")] = 0

    requires = [
        critical_pods_stay,
        evictions_keep_the_order,
        one_eviction_at_a_time,
        evictions_have_a_cause,
        pressure_admits_few,
        critical_pods_are_admitted,
        conditions_do_not_flap,
        conditions_end,
    ]

    def count_free(self) -> int:
        """What is available on the node."""
        return self.room - sum(self.used[p] for p in self.pods)

    def measure(self) -> None:
        """What the statistics say follows what is used."""
        self.is_short = self.count_free() < self.threshold

    @action
    def bind(self, p: Tenant) -> None:
        """A pod is bound to the node; the scheduler heeds the taint of the condition, mostly."""
        require(self.fate[p] == Fate.AWAY)
        self.fate[p] = Fate.BOUND

    @action
    def admit(self, p: Tenant) -> None:
        """The kubelet admits a pod, or refuses it."""
        require(self.fate[p] == Fate.BOUND)
        asks = self.request[p] > 0 or (self.is_critical[p] and not self.refuse_critical)
        is_let_in = not self.is_pressed or asks or self.admit_all
        if self.refuse_critical and self.is_critical[p] and self.is_pressed:
            is_let_in = False
        self.fate[p] = Fate.RUNS if is_let_in else Fate.FAILED

    @action
    def use(self, p: Tenant) -> None:
        """A pod uses more or less, as far as the node has it."""
        require(self.fate[p] == Fate.RUNS)
        amount = choose(range(0, self.most_used + 1))
        require(amount != self.used[p] and amount - self.used[p] <= self.count_free())
        self.used[p] = amount
        self.measure()

    @action(fair=Fairness.STRONG)
    def look(self) -> None:
        """The manager looks at what is available, and sets the condition."""
        require(not self.has_looked)
        self.has_looked = True
        if self.is_short:
            self.short_for = min(self.short_for + 1, self.grace)
            self.calm_for = 0
            self.is_pressed = True
        else:
            self.short_for = 0
            self.calm_for = min(self.calm_for + 1, self.transition)
            is_over = self.calm_for == self.transition or self.end_at_once
            if is_over and not self.never_calm:
                self.is_pressed = False

    @action
    def evict(self, p: Tenant) -> None:
        """It evicts the pod that is ranked first, after it has found a threshold met."""
        require(self.has_looked and self.fate[p] == Fate.RUNS)
        require(self.is_short or (self.evict_when_pressed and self.is_pressed))
        require(self.short_for >= self.grace or self.ignore_grace)
        require(self.evict_all or not any(self.fate[q] == Fate.EVICTED for q in self.pods))
        require(not self.is_critical[p] or self.evict_critical)
        require(not any(self.is_before(q, p) for q in self.pods if q != p))
        self.fate[p] = Fate.EVICTED
        if not self.evict_all:
            self.has_looked = False

    def is_before(self, one: Tenant, other: Tenant) -> bool:
        """Whether a pod that runs and may be evicted is to go before another."""
        if self.fate[one] != Fate.RUNS or (self.is_critical[one] and not self.evict_critical):
            return False
        if self.rank_by_priority:
            return self.rank[one] < self.rank[other]
        if self.rank_by_usage:
            return self.used[one] > self.used[other]
        return is_ranked_before(self, one, other)

    @action(fair=Fairness.WEAK)
    def rest(self) -> None:
        """A pass ends without an eviction: nothing is to be done, or all are critical."""
        require(self.has_looked)
        self.has_looked = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def release(self, p: Tenant) -> None:
        """What an evicted pod used is free again."""
        require(self.fate[p] == Fate.EVICTED)
        self.fate[p] = Fate.FAILED
        self.used[p] = 0
        self.measure()

    @action
    def replace(self, p: Tenant) -> None:
        """Whoever made a pod that failed makes another one in its place."""
        require(self.fate[p] == Fate.FAILED and self.replaced < self.replacements)
        self.replaced += 1
        self.fate[p] = Fate.AWAY

    @reachable
    def is_refused(self) -> bool:
        """A pod is refused because of pressure that another one makes."""
        return self.is_pressed and any(
            self.fate[p] == Fate.FAILED and self.request[p] == 0 for p in self.pods
        )

    @reachable(when="replacements > 0")
    def comes_round(self) -> bool:
        """A pod that replaces an evicted one is evicted, too."""
        return self.replaced == self.replacements and any(
            self.fate[p] == Fate.EVICTED for p in self.pods
        )

    @reachable
    def is_calm_again(self) -> bool:
        """The condition is over after an eviction."""
        return not self.is_pressed and any(self.fate[p] == Fate.FAILED for p in self.pods)

    instances = [
        instance("hard", **PAIR, is_critical=[False, True]),
        instance("soft", **PAIR, is_critical=[False, False], grace=2),
        instance("three-pods", replacements=0),
        instance(
            "guaranteed",
            rank=[1, 0, 2],
            is_critical=[False, False, False],
            replacements=0,
        ),
        instance("replaced", slow=True, grace=1, replacements=2),
    ]

"""`kubelet.shutdown`: a node shuts down, and ends its pods by priority, each bracket in its time.

The kubelet is told before the machine stops: it admits no more pods, calls the node not ready, and
ends one bracket of priorities after the other. A pod has the lesser of its own grace and what its
bracket has; a bracket is left behind when all its pods are over, or its time is.
Source: `pkg/kubelet/nodeshutdown/nodeshutdown_manager.go` of Kubernetes v1.36; which pod belongs
to which bracket is the rule of `spec/node/shutdown.py`, which recordings judge. Left out: volumes,
a shutdown that is called off, and the writes of what became of the pods.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Range,
    Sort,
    action,
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
from planespec.spec.node.node_requirements import (
    Step,
    brackets_end_in_order,
    closing_nodes_admit_nothing,
    closing_nodes_are_not_ready,
    pods_have_the_lesser_grace,
    shutdowns_end_in_time,
)

Bracket = Annotated[int, Range(0, "brackets - 1")]


class Guest(Sort):
    """A pod of the node."""


class GracefulShutdown(Model):
    """One node with pods of several brackets."""

    held_to = [
        recording(
            "tests/recorded/kubelet_shutdown.jsonl.gz",
            cases=2_000,
            of="kubelet 1.36.2",
            part="which pods are told to stop together, and how long each has",
            test="tests/spec/node/test_shutdown_model_beside_the_rule.py"
            "::test_the_model_tells_pods_to_stop_as_the_rule_groups_them",
            through="planespec.spec.node.shutdown",
            conform="kubelet_shutdown",
        )
    ]

    pods: Domain[Guest] = sort(3, at_least=1, at_most=4)
    brackets: int = constant(2, at_least=1, at_most=3)
    bracket: Array[Guest, Bracket] = table([0, 0, 1])
    own_grace: Array[Guest, int] = table([1, 3, 1])
    periods: Array[Bracket, int] = table([2, 1])

    all_together: bool = mutant("Pods of all brackets are told to stop at once.")
    upside_down: bool = mutant("The highest priority ends first.")
    own_grace_counts: bool = mutant("A pod has its own grace, however little its bracket has.")
    admit_late: bool = mutant("Pods are admitted while the node shuts down.")
    stay_ready: bool = mutant("The node stays Ready while it shuts down.")
    wait_for_all: bool = mutant("A bracket is waited for until its last pod is over.")

    deadlock = False

    step: Array[Guest, Step] = each(Step.AWAY)
    left: Array[Guest, Annotated[int, Range(0, "max(own_grace)")]] = each(0)
    is_closing: bool = False
    says_ready: bool = True
    turn: Annotated[int, Range(0, "brackets")] = 0
    """The bracket that is ended now; one more when all are."""
    spent: Annotated[int, Range(0, 9)] = 0
    """Ticks that this bracket has had."""
    took: Annotated[int, Range(0, 9)] = 0

    requires = [
        brackets_end_in_order,
        pods_have_the_lesser_grace,
        closing_nodes_admit_nothing,
        closing_nodes_are_not_ready,
        shutdowns_end_in_time,
    ]

    @action
    def admit(self, p: Guest) -> None:
        """A pod is admitted."""
        require(self.step[p] == Step.AWAY and (not self.is_closing or self.admit_late))
        self.step[p] = Step.RUNS

    @action
    def begin(self) -> None:
        """The machine is to stop."""
        require(not self.is_closing)
        self.is_closing = True
        self.says_ready = self.stay_ready

    @action(fair=Fairness.WEAK, per_instance=True)
    def tell(self, p: Guest) -> None:
        """A pod of the bracket whose turn it is is told to stop."""
        require(self.is_closing and self.step[p] == Step.RUNS and self.is_its_turn(p))
        limit = self.periods[self.bracket[p]]
        self.step[p] = Step.TOLD
        self.left[p] = (
            self.own_grace[p] if self.own_grace_counts else min(self.own_grace[p], limit)
        )

    def is_its_turn(self, p: Guest) -> bool:
        """Whether a pod is ended now."""
        if self.all_together:
            return self.turn < self.brackets
        last = self.brackets - 1
        place = last - self.bracket[p] if self.upside_down else self.bracket[p]
        return place == self.turn

    @action
    def exit(self, p: Guest) -> None:
        """A pod that was told to stop is over, in time or killed."""
        require(self.step[p] == Step.TOLD)
        self.step[p] = Step.OVER

    @action(fair=Fairness.WEAK, per_instance=True)
    def kill(self, p: Guest) -> None:
        """A pod without time left is killed."""
        require(self.step[p] == Step.TOLD and self.left[p] == 0)
        self.step[p] = Step.OVER

    @action(fair=Fairness.WEAK)
    def go_on(self) -> None:
        """The next bracket: this one is over, or has had its time."""
        require(self.is_closing and self.turn < self.brackets)
        is_over = all(
            self.step[p] in (Step.AWAY, Step.OVER) or not self.is_its_turn(p) for p in self.pods
        )
        require(is_over or (self.is_late() and not self.wait_for_all))
        self.turn += 1
        self.spent = 0

    def is_late(self) -> bool:
        """Whether the bracket whose turn it is has had its time."""
        return self.turn < self.brackets and any(
            self.turn == k and self.spent >= self.periods[k] for k in range(0, self.brackets)
        )

    @action(fair=Fairness.WEAK)
    def tick(self) -> None:
        """Time passes, once everybody whose turn it is was told and what is due is done."""
        require(self.is_closing and self.turn < self.brackets and self.took < 9)
        require(not self.is_late() or self.wait_for_all)
        require(
            not any(self.step[p] == Step.RUNS and self.is_its_turn(p) for p in self.pods)
            and not any(self.step[p] == Step.TOLD and self.left[p] == 0 for p in self.pods)
        )
        self.took += 1
        self.spent = min(self.spent + 1, 9)
        for p in self.pods:
            self.left[p] = max(self.left[p] - 1, 0)

    @reachable
    def all_is_over(self) -> bool:
        """Every pod ran and is over, and the last bracket is behind."""
        return self.turn == self.brackets and all(self.step[p] == Step.OVER for p in self.pods)

    @reachable
    def takes_all_its_time(self) -> bool:
        """The shutdown takes as long as the brackets have together."""
        return self.took == sum(self.periods.values())

    instances = [
        instance("two-brackets"),
        instance(
            "three-brackets",
            brackets=3,
            bracket=[0, 1, 2],
            own_grace=[3, 2, 1],
            periods=[2, 1, 1],
        ),
    ]

"""Whom a pod may preempt, on which node, and in which order.

Victims are the pods of lower priority that cannot be spared: all of them are taken away, then
they are put back one by one, those that a budget guards first, then by priority, as long as the
pod still fits. Source: `plugins/defaultpreemption/default_preemption.go`, SelectVictimsOnNode;
`framework/preemption/preemption.go`, pickOneNodeForPreemption. Left out: start times (ties are
tried in every order) and the sampling of candidates; a guarded pod is one whose budget is used up.
"""

from planespec.checker.lang import abstract, choose, mutant
from planespec.model.scheduler.cluster_state import Plans
from planespec.model.scheduler.scheduler_types import Node, Pod, Scheduler
from planespec.spec.scheduling.requirements.observations import Stage


class Victims(Plans):
    """Candidates, victims and their cost."""

    equals_are_victims: bool = mutant("A pod preempts others of its own priority.")
    budgets_ignored: bool = mutant(
        "Victims are spared by priority alone, guarded by a budget or not.", issue="#129136"
    )

    def may_preempt(self, p: Pod) -> bool:
        """Whether preemption has something to do for a pod."""
        return (
            self.priorities > 1
            and self.is_eligible(p)
            and any(self.is_candidate(p, n) for n in self.nodes)
        )

    def is_eligible(self, p: Pod) -> bool:
        """Whether no victim is still ending on the nominated node (PodEligibleToPreemptOthers).

        Every pod that is ending there counts; upstream tells those that preemption has ended.
        """
        s = self.owner_of(p)
        n = self.nominated[p]
        return (n is None or not self.seen_node[s][n]) or not any(
            self.cached[s][q] == n
            and self.seen_stage[s][q] == Stage.TERMINATING
            and self.priority[q] < self.priority[p]
            for q in self.pods
        )

    def is_candidate(self, p: Pod, n: Node) -> bool:
        """Whether a pod would fit on a node without all the pods that it may preempt there."""
        victims = self.get_weaker(p, n)
        return len(victims) > 0 and self.fits_without(p, n, victims)

    def get_weaker(self, p: Pod, n: Node) -> set[Pod]:
        """The pods of a node that a pod may preempt."""
        return {q for q in self.pods if self.cached[self.owner_of(p)][q] == n and self.beats(p, q)}

    def beats(self, p: Pod, q: Pod) -> bool:
        """Whether a pod may preempt another."""
        return self.priority[p] > self.priority[q] or (
            self.equals_are_victims and p != q and self.priority[p] == self.priority[q]
        )

    def fits_without(self, p: Pod, n: Node, gone: set[Pod]) -> bool:
        """Whether a node would have room and ports for a pod if some others were gone."""
        s = self.owner_of(p)
        used = sum(self.count(q) for q in self.pods if self.takes_room(s, q, n) and q not in gone)
        return (
            self.seen_node[s][n]
            and used + self.kept(p, n) + self.count(p) <= self.allocatable
            and not any(
                q != p
                and ((self.takes_room(s, q, n) and q not in gone) or self.keeps_room(q, p, n))
                and self.clashes(p, q)
                for q in self.pods
            )
        )

    def select_victims(self, p: Pod, n: Node) -> set[Pod]:
        """The pods of a node that have to go for a pod."""
        victims = self.get_weaker(p, n)
        left = self.get_weaker(p, n)
        for _ in self.pods:
            if len(left) > 0:
                q = choose({x for x in left if not any(self.goes_before(y, x) for y in left)})
                left.remove(q)
                if self.fits_without(p, n, victims - {q}):
                    victims.remove(q)
        return victims

    def goes_before(self, q: Pod, r: Pod) -> bool:
        """Whether one victim is put back before another."""
        if self.guarded[q] != self.guarded[r] and not self.budgets_ignored:
            return self.guarded[q]
        return self.priority[q] > self.priority[r]

    def cost(self, victims: set[Pod]) -> int:
        """What victims cost: budgets broken, highest priority, sum of priorities, their number.

        The criteria are the digits of one number, the first of them the most significant.
        """
        broken = sum(1 for q in victims if self.guarded[q])
        highest = max((self.priority[q] for q in victims), default=0)
        total = sum(self.priority[q] for q in victims)
        pods = len(self.pods) + 1
        first = broken * (self.priorities + 1) + highest
        return (first * pods * self.priorities + total) * pods + len(victims)

    @abstract
    def count(self, p: Pod) -> int:
        """What a pod takes."""
        raise NotImplementedError

    @abstract
    def takes_room(self, s: Scheduler, p: Pod, n: Node) -> bool:
        """Whether a pod takes room on a node in a cache."""
        raise NotImplementedError

    @abstract
    def kept(self, p: Pod, n: Node) -> int:
        """What is kept on a node for others."""
        raise NotImplementedError

    @abstract
    def keeps_room(self, q: Pod, p: Pod, n: Node) -> bool:
        """Whether room is kept for pod q that pod p must not take."""
        raise NotImplementedError

    @abstract
    def clashes(self, p: Pod, q: Pod) -> bool:
        """Whether two pods want the same port."""
        raise NotImplementedError

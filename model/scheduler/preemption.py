"""Preemption: a pod without a node has others deleted and is nominated to theirs.

The API calls run beside the scheduling cycles (KEP-4832); the pod stays out of the queue until
they are made. Source: `pkg/scheduler/framework/preemption/preemption.go`, prepareCandidateAsync.
"""

from planespec.checker.lang import Array, abstract, action, choose, mutant, require
from planespec.model.scheduler.cluster_state import Plans
from planespec.model.scheduler.scheduler_types import Node, Pod
from planespec.spec.scheduling.requirements.observations import Place, Stage


class Preemption(Plans):
    """Nominate, evict, and go on."""

    nomination_counts_late: bool = mutant(
        "A nomination counts once the informer has told of it.", issue="#72124"
    )
    gone_is_nominated: bool = mutant(
        "Room is kept for a pod that was deleted during its cycle.", issue="#102339"
    )
    preemptor_not_woken: bool = mutant(
        "A pod is not tried again when its victims are evicted, only by what wakes any pod.",
        issue="#140082",
    )

    @action
    def preempt(self, p: Pod) -> None:
        """No node fits: pick the node whose victims cost least, and keep its room."""
        self.settle()
        require(self.place[p] == Place.CYCLE and self.chosen[p] is None and self.may_preempt(p))
        if self.is_wanted(p) or self.gone_is_nominated:
            victims: Array[Node, set[Pod]] = {  # type: ignore[assignment]
                n: self.get_weaker(p, n) for n in self.nodes
            }
            for n in self.nodes:
                if self.is_candidate(p, n):
                    found = self.select_victims(p, n)
                    victims[n] = found
            best = choose({n for n in self.nodes if self.is_cheapest(p, n, victims)})
            self.nominate(p, best)
            self.preempting[p] = victims[best]
        self.park(p)

    def is_wanted(self, p: Pod) -> bool:
        """Whether a pod still is to be scheduled, as far as its scheduler knows."""
        s = self.owner_of(p)
        return self.seen_stage[s][p] == Stage.PRESENT and self.seen_bound[s][p] is None

    def is_cheapest(self, p: Pod, n: Node, victims: Array[Node, set[Pod]]) -> bool:
        """Whether a node is a candidate, and no other has cheaper victims."""
        return self.is_candidate(p, n) and not any(
            self.is_candidate(p, m) and self.cost(victims[m]) < self.cost(victims[n])
            for m in self.nodes
        )

    def nominate(self, p: Pod, n: Node) -> None:
        """Keep the room of a node for a pod, and no longer for others that matter less."""
        self.lose_nomination(p)
        for q in self.pods:
            is_same = self.nominated[q] == n and self.owner[q] == self.owner[p]
            if is_same and self.priority[q] < self.priority[p]:
                self.lose_nomination(q)
        self.nominated[p] = n
        self.unheard[p] = self.nomination_counts_late

    @action
    def evict(self, p: Pod, v: Pod) -> None:
        """A victim is deleted; one that waits for permission is refused instead."""
        self.settle()
        require(v in self.preempting[p])
        if self.place[v] == Place.PERMIT:
            self.forget(v)
            self.retry(v)
        elif self.stage[v] == Stage.PRESENT:
            self.delete(v)
        self.preempting[p].remove(v)
        if len(self.preempting[p]) == 0 and not self.preemptor_not_woken:
            self.wake(p)

    @action
    def fail_to_evict(self, p: Pod) -> None:
        """The API has an error: no room is kept, and the pod is tried again."""
        self.settle()
        require(self.api_errors and len(self.preempting[p]) > 0)
        self.preempting[p] = set()
        self.lose_nomination(p)
        self.wake(p)

    @action
    def hear_nomination(self, p: Pod) -> None:
        """The informer tells of a nomination."""
        require(self.unheard[p])
        self.unheard[p] = False

    @abstract
    def may_preempt(self, p: Pod) -> bool:
        """Whether preemption has something to do for a pod."""
        raise NotImplementedError

    @abstract
    def get_weaker(self, p: Pod, n: Node) -> set[Pod]:
        """The pods of a node that a pod may preempt."""
        raise NotImplementedError

    @abstract
    def is_candidate(self, p: Pod, n: Node) -> bool:
        """Whether a pod would fit on a node without those it may preempt."""
        raise NotImplementedError

    @abstract
    def select_victims(self, p: Pod, n: Node) -> set[Pod]:
        """The pods of a node that have to go for a pod."""
        raise NotImplementedError

    @abstract
    def cost(self, victims: set[Pod]) -> int:
        """What victims cost."""
        raise NotImplementedError

    @abstract
    def forget(self, p: Pod) -> None:
        """Give back the room of an assumed pod."""

    @abstract
    def retry(self, p: Pod) -> None:
        """Back to the queue."""

    @abstract
    def park(self, p: Pod) -> None:
        """Wait for an event."""

    @abstract
    def wake(self, p: Pod) -> None:
        """Move one pod."""

    @abstract
    def delete(self, p: Pod) -> None:
        """The API deletes a pod."""

    @abstract
    def lose_nomination(self, p: Pod) -> None:
        """Keep no room for a pod any more."""

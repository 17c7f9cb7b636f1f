"""Informers: the API as a scheduler gets to know it.

An event tells the state of an object at the time it is delivered. So events that were missed, or
merged by a new list, come as one; those of different objects come in any order; and any of them
comes late. Source: `pkg/scheduler/eventhandlers.go`; `client-go/tools/cache`, DeltaFIFO.
"""

from planespec.checker.lang import action, mutant, require
from planespec.model.scheduler.memory import Memory
from planespec.model.scheduler.types import Node, Pod, Scheduler
from planespec.spec.scheduling.requirements.observations import Fate, Place, Stage


class Informer(Memory):
    """Events and what a scheduler does on them."""

    assumed_node_kept: bool = mutant(
        "The cache keeps the node it assumed when the API says another.", issue="#50916"
    )
    moved_wakes_nobody: bool = mutant(
        "Room that frees because a pod is bound elsewhere than assumed wakes no other."
    )
    missed_delete_lost: bool = mutant(
        "A deletion that a new list reveals is not told to the cache.", issue="#51313"
    )
    delete_wakes_nobody: bool = mutant("The deletion of a pod wakes no other.", issue="#72122")
    node_wakes_nobody: bool = mutant("A new node wakes no pod.")
    nomination_outlives_pod: bool = mutant(
        "The room kept for a pod stays kept when the pod is deleted.", issue="#102339"
    )
    clearing_wakes_nobody: bool = mutant(
        "Room that is no longer kept for a nominated pod wakes no other.", issue="#126700"
    )
    assumed_expire: bool = mutant(
        "An assumed pod leaves the cache when its event is late.", issue="#106361"
    )

    @action
    def deliver_pod(self, s: Scheduler, p: Pod) -> None:
        """A scheduler hears how a pod is now."""
        require(self.is_pod_news(s, p))
        was_unassigned = self.seen_bound[s][p] is None
        self.seen_stage[s][p] = self.stage[p]
        self.seen_bound[s][p] = self.bound[p]
        self.seen_fate[s][p] = self.fate[p]
        if self.stage[p] == Stage.GONE or self.fate[p] == Fate.REJECTED:
            self.drop(s, p, was_unassigned)
        elif self.bound[p] is not None:
            self.learn_binding(s, p)
        elif self.owner[p] == s:
            self.place[p] = Place.ACTIVE

    @action
    def deliver_node(self, s: Scheduler, n: Node) -> None:
        """A scheduler hears that a node is there, or is not."""
        require(self.seen_node[s][n] != self.node_exists[n])
        self.seen_node[s][n] = self.node_exists[n]
        if self.node_exists[n] and not self.node_wakes_nobody:
            self.wake_all(s)

    @action
    def expire_assumed(self, p: Pod) -> None:
        """The time to live of an assumed pod ends; it has none since Kubernetes 1.25."""
        require(self.assumed_expire and self.place[p] == Place.DONE)
        self.cached[self.owner_of(p)][p] = None
        self.place[p] = Place.NOWHERE
        self.wake_all(self.owner_of(p))

    def is_pod_news(self, s: Scheduler, p: Pod) -> bool:
        """Whether a scheduler does not know how a pod is."""
        return (
            self.seen_stage[s][p] != self.stage[p]
            or self.seen_bound[s][p] != self.bound[p]
            or self.seen_fate[s][p] != self.fate[p]
        )

    def learn_binding(self, s: Scheduler, p: Pod) -> None:
        """A bound pod takes its room, and is done with the queue.

        Where it was assumed on another node it frees the room there. Upstream wakes only pods
        with affinity then; the others sleep until the next flush.
        """
        was_elsewhere = self.cached[s][p] is not None and self.cached[s][p] != self.bound[p]
        if not (self.assumed_node_kept and self.cached[s][p] is not None):
            self.cached[s][p] = self.bound[p]
        if was_elsewhere and not self.moved_wakes_nobody:
            self.wake_all(s)
        if self.owner[p] == s:
            self.lose_nomination(p)
            if self.is_waiting(p) or self.place[p] == Place.DONE:
                self.place[p] = Place.NOWHERE

    def drop(self, s: Scheduler, p: Pod, was_unassigned: bool) -> None:
        """A pod that has ended leaves cache and queue; a binding under way is left to fail."""
        if self.owner[p] == s:
            self.preempting[p] = set()
            if not self.nomination_outlives_pod:
                self.lose_nomination(p)
            if self.is_waiting(p) or self.place[p] == Place.DONE:
                self.place[p] = Place.NOWHERE
        is_lost = self.missed_delete_lost and was_unassigned
        if self.bound[p] is not None and not is_lost:
            self.cached[s][p] = None
            if not self.delete_wakes_nobody:
                self.wake_all(s)

    def lose_nomination(self, p: Pod) -> None:
        """Keep no room for a pod any more; whoever it was kept from may try again."""
        if self.nominated[p] is not None:
            self.nominated[p] = None
            self.unheard[p] = False
            if not self.clearing_wakes_nobody:
                self.wake_all(self.owner_of(p))

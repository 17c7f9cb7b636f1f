"""The scheduling cycle: one pod at a time for each scheduler.

A cycle begins with a snapshot of the cache, and what it finds is found then; events change cache
and queue meanwhile. Source: `pkg/scheduler/schedule_one.go`, schedulingCycle.
"""

from planespec.checker.lang import abstract, action, choose, mutant, require
from planespec.model.scheduler.cluster_state import Plans
from planespec.model.scheduler.scheduler_types import Node, Pod, Scheduler
from planespec.spec.scheduling.requirements.observations import Place


class Cycle(Plans):
    """Pop, snapshot, filter, score, assume, permit."""

    forget_wakes_nobody: bool = mutant("Room that an assumed pod gives back wakes no other.")
    nomination_kept: bool = mutant(
        "Room stays kept for a pod that cannot use it and has no victims.", issue="#106780"
    )
    assumed_twice: bool = mutant(
        "A scheduler assumes a pod that its cache already has on a node.", issue="#101877"
    )

    @action
    def start_cycle(self, p: Pod) -> None:
        """Take the next pod, look at a snapshot, and pick one of the best nodes, if any fits."""
        self.settle()
        s = self.owner_of(p)
        require(self.place[p] == Place.ACTIVE)
        require(all(self.owner[q] != s or self.place[q] != Place.CYCLE for q in self.pods))
        self.place[p] = Place.CYCLE
        self.choose_node(p)

    def choose_node(self, p: Pod) -> None:
        """The nominated node if it fits, else one of those with the most room left."""
        n = self.nominated[p]
        if n is not None and self.is_feasible(p, n):
            self.chosen[p] = n
        elif any(self.is_feasible(p, m) for m in self.nodes):
            self.chosen[p] = choose({m for m in self.nodes if self.is_best(p, m)})

    def is_best(self, p: Pod, n: Node) -> bool:
        """Whether no feasible node has more room (NodeResourcesFit, LeastAllocated)."""
        s = self.owner_of(p)
        return self.is_feasible(p, n) and all(
            self.used(s, n) <= self.used(s, m) for m in self.nodes if self.is_feasible(p, m)
        )

    @action
    def assume(self, p: Pod) -> None:
        """The pod takes its room in the cache before it is bound; one that has room already
        cannot be assumed again (AssumePod)."""
        self.settle()
        require(self.place[p] == Place.CYCLE and self.chosen[p] is not None)
        s = self.owner_of(p)
        if self.cached[s][p] is not None and not self.assumed_twice:
            self.retry(p)
        else:
            self.cached[s][p] = self.chosen[p]
            self.moved[p] = False
            self.place[p] = Place.PERMIT if self.permit else Place.BINDING
            self.lose_nomination(p)

    @action
    def give_up(self, p: Pod) -> None:
        """No node fits, and no victims help: park the pod, unless an event came meanwhile."""
        self.settle()
        require(self.place[p] == Place.CYCLE and self.chosen[p] is None)
        require(not self.may_preempt(p))
        if self.is_eligible(p) and not self.nomination_kept:
            self.lose_nomination(p)
        self.park(p)

    @action
    def allow(self, p: Pod) -> None:
        """A permit plugin lets the pod go on."""
        self.settle()
        require(self.place[p] == Place.PERMIT)
        self.place[p] = Place.BINDING

    @action
    def deny(self, p: Pod) -> None:
        """A permit plugin refuses, or is too slow; it asks for the pod to be tried again."""
        self.settle()
        require(self.place[p] == Place.PERMIT)
        self.forget(p)
        self.retry(p)

    def forget(self, p: Pod) -> None:
        """Give back the room of an assumed pod; what the informer told stays (ForgetPod)."""
        s = self.owner_of(p)
        if not self.is_known_to_run(s, p):
            self.cached[s][p] = None
            if not self.forget_wakes_nobody:
                self.wake_all(s)

    @abstract
    def is_feasible(self, p: Pod, n: Node) -> bool:
        """Whether a node passes all filters."""
        raise NotImplementedError

    @abstract
    def used(self, s: Scheduler, n: Node) -> int:
        """What the pods of a node take in a cache."""
        raise NotImplementedError

    @abstract
    def may_preempt(self, p: Pod) -> bool:
        """Whether preemption has something to do for a pod."""
        raise NotImplementedError

    @abstract
    def is_eligible(self, p: Pod) -> bool:
        """Whether no victim is still ending on the nominated node."""
        raise NotImplementedError

    @abstract
    def is_known_to_run(self, s: Scheduler, p: Pod) -> bool:
        """Whether a scheduler was told that a pod is bound and has not ended."""
        raise NotImplementedError

    @abstract
    def retry(self, p: Pod) -> None:
        """Back to the queue."""

    @abstract
    def park(self, p: Pod) -> None:
        """Wait for an event."""

    @abstract
    def wake_all(self, s: Scheduler) -> None:
        """Something may have made room: move what is parked."""

    @abstract
    def lose_nomination(self, p: Pod) -> None:
        """Keep no room for a pod any more."""

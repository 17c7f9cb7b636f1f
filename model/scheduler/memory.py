"""What a scheduler remembers: cache, queue, filters; informers, by which it knows the API."""

from planespec.checker.lang import abstract, action, mutant, require
from planespec.model.scheduler.cluster_state import Plans
from planespec.model.scheduler.scheduler_types import Node, Pod, Scheduler
from planespec.spec.scheduling.requirements.observations import Fate, Place, Stage


class Memory(Plans):
    """Cache, queue and filters of every scheduler."""

    events_in_flight_lost: bool = mutant(
        "An event during a pod's cycle does not keep it from being parked.", issue="#72122"
    )
    terminating_is_free: bool = mutant(
        "The scheduler gives away the room of pods that are still terminating.", issue="#106884"
    )
    init_ignored: bool = mutant(
        "The scheduler counts containers that run together and no init container.",
        issue="#124282",
    )
    ports_ignored: bool = mutant("The scheduler does not look at host ports.", issue="#5874")
    any_address_is_an_address: bool = mutant(
        "A port on all addresses clashes only with another on all addresses.", issue="#39228"
    )
    protocols_ignored: bool = mutant(
        "Ports of one number clash whatever their protocols.", issue="#4623"
    )
    nominations_ignored: bool = mutant(
        "Room kept for a nominated pod counts as free.", issue="#93505"
    )

    @action
    def end_backoff(self, p: Pod) -> None:
        """A pod has waited long enough since its last attempt."""
        self.settle()
        require(self.place[p] == Place.BACKOFF)
        self.place[p] = Place.ACTIVE

    @action
    def flush_unschedulable(self, p: Pod) -> None:
        """A pod that nothing woke for five minutes is tried again."""
        self.settle()
        require(self.flush and self.place[p] == Place.UNSCHEDULABLE)
        require(len(self.preempting[p]) == 0)
        self.place[p] = Place.BACKOFF

    def wake_all(self, s: Scheduler) -> None:
        """Something may have made room: move what is parked, remember it for what is in flight."""
        for p in self.pods:
            if self.owner[p] == s:
                self.wake(p)

    def wake(self, p: Pod) -> None:
        """Move one pod, unless it waits for its victims to be deleted (PreEnqueue)."""
        if self.place[p] == Place.UNSCHEDULABLE and len(self.preempting[p]) == 0:
            self.place[p] = Place.BACKOFF
        elif self.place[p] == Place.CYCLE and not self.events_in_flight_lost:
            self.moved[p] = True

    def retry(self, p: Pod) -> None:
        """Back to the queue, unless the pod is known to be bound or gone."""
        s = self.owner_of(p)
        self.chosen[p] = None
        self.moved[p] = False
        if self.seen_stage[s][p] == Stage.PRESENT and self.seen_bound[s][p] is None:
            self.place[p] = Place.BACKOFF
        else:
            self.place[p] = Place.NOWHERE

    def is_known_to_run(self, s: Scheduler, p: Pod) -> bool:
        """Whether the informer of a scheduler has told that a pod is bound and has not ended."""
        return (
            self.seen_bound[s][p] is not None
            and self.seen_stage[s][p] != Stage.GONE
            and self.seen_fate[s][p] != Fate.REJECTED
        )

    def park(self, p: Pod) -> None:
        """Wait for an event; one that came during the cycle counts."""
        was_moved = self.moved[p]
        self.retry(p)
        if self.place[p] == Place.BACKOFF and (not was_moved or len(self.preempting[p]) > 0):
            self.place[p] = Place.UNSCHEDULABLE

    def count(self, p: Pod) -> int:
        """What a pod takes, as the scheduler counts."""
        if self.init_ignored:
            return self.request[p]
        return max(self.request[p], self.init_request[p])

    def used(self, s: Scheduler, n: Node) -> int:
        """What the pods of a node take in a cache."""
        return sum(self.count(q) for q in self.pods if self.takes_room(s, q, n))

    def takes_room(self, s: Scheduler, p: Pod, n: Node) -> bool:
        """Whether a pod takes room on a node in a cache."""
        return self.cached[s][p] == n and not (
            self.terminating_is_free and self.seen_stage[s][p] == Stage.TERMINATING
        )

    def keeps_room(self, q: Pod, p: Pod, n: Node) -> bool:
        """Whether room is kept on a node for pod q that pod p must not take."""
        return (
            q != p
            and self.nominated[q] == n
            and not self.unheard[q]
            and self.owner[q] == self.owner[p]
            and self.priority[q] >= self.priority[p]
            and not self.nominations_ignored
        )

    def kept(self, p: Pod, n: Node) -> int:
        """What is kept on a node for others that matter as much as a pod or more."""
        return sum(self.count(q) for q in self.pods if self.keeps_room(q, p, n))

    def is_feasible(self, p: Pod, n: Node) -> bool:
        """Whether a node passes all filters: it exists, has room, and its ports are free."""
        s = self.owner_of(p)
        return (
            self.seen_node[s][n]
            and self.used(s, n) + self.kept(p, n) + self.count(p) <= self.allocatable
            and not any(
                q != p
                and (self.takes_room(s, q, n) or self.keeps_room(q, p, n))
                and self.clashes(p, q)
                for q in self.pods
            )
        )

    def clashes(self, p: Pod, q: Pod) -> bool:
        """Whether two pods want the same port, as the scheduler sees it."""
        wanted = self.port[p]
        taken = self.port[q]
        if self.ports_ignored or wanted is None or taken is None:
            return False
        one_is_any = wanted.address is None or taken.address is None
        return (wanted.protocol == taken.protocol or self.protocols_ignored) and (
            wanted.address == taken.address or (one_is_any and not self.any_address_is_an_address)
        )


class Informer(Plans):
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
        self.seen_stage[s][p] = self.told_stage(s, p)
        self.seen_bound[s][p] = self.told_bound(s, p)
        self.seen_fate[s][p] = self.told_fate(s, p)
        self.note_news(s, p)
        if self.told_stage(s, p) == Stage.GONE or self.told_fate(s, p) == Fate.REJECTED:
            self.drop(s, p, was_unassigned)
        elif self.told_bound(s, p) is not None:
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

    def told_stage(self, s: Scheduler, p: Pod) -> Stage:
        """Where a pod is, as a scheduler is told when it hears of it."""
        return self.stage[p]

    def told_bound(self, s: Scheduler, p: Pod) -> Node | None:
        """To which node it is bound, as it is told."""
        return self.bound[p]

    def told_fate(self, s: Scheduler, p: Pod) -> Fate:
        """What its kubelet did with it, as it is told."""
        return self.fate[p]

    def is_pod_news(self, s: Scheduler, p: Pod) -> bool:
        """Whether a scheduler does not know how a pod is."""
        return (
            self.seen_stage[s][p] != self.told_stage(s, p)
            or self.seen_bound[s][p] != self.told_bound(s, p)
            or self.seen_fate[s][p] != self.told_fate(s, p)
        )

    def learn_binding(self, s: Scheduler, p: Pod) -> None:
        """A bound pod takes its room, and is done with the queue.

        Where it was assumed on another node it frees the room there. Upstream wakes only pods
        with affinity then; the others sleep until the next flush.
        """
        was_elsewhere = self.cached[s][p] not in (None, self.told_bound(s, p))
        if not (self.assumed_node_kept and self.cached[s][p] is not None):
            self.cached[s][p] = self.told_bound(s, p)
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
        if self.told_bound(s, p) is not None and not is_lost:
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

    @abstract
    def wake_all(self, s: Scheduler) -> None:
        """Something may have made room: move what is parked."""

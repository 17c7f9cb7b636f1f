"""The EndpointSlices of a service: who is listed follows which pods are ready.

A sync reads pods and slices from caches, decides on one write, and sends it; when that is
answered, a tracker notes that the cache of slices has to show it before the next sync. What the
controller hears of pods, of the service and of slices that others wrote brings it to sync again;
nothing else does. A slice belongs to the service by uid: those of one that is gone are collected.
In v1.36 the tracker goes by the name of the service (mutant `tracker_by_name`; mended since).
Source: `pkg/controller/endpointslice/endpointslice_controller.go`,
`staging/src/k8s.io/endpointslice/util/endpointslice_tracker.go`, v1.36; the rule of one sync is
`spec/controllers/endpoint_slices`.
Left out: addresses, ports, hints, slices that are full, and the batch period (changes that come
while one sync waits are one, as here).
"""

from enum import Enum
from typing import Annotated, cast

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Range,
    Sort,
    action,
    choose,
    constant,
    each,
    given,
    instance,
    joint,
    mutant,
    no_recording,
    reachable,
    record,
    require,
    sort,
)
from planespec.model.controllers.owned_pods import OwnedPods, PodLife
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process
from planespec.spec.controllers.upkeep.serving_requirements import (
    addresses_stand_once,
    endpoints_follow_pods,
    nothing_is_written_in_vain,
    pods_that_go_receive_nothing,
)

Uid = Annotated[int, Range(0, "services")]


class Slice(Sort):
    """An EndpointSlice, under a name that the API server generates."""


class Verb(Enum):
    """What is written."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@record
class Write:
    """A write that a sync has decided on, for the service of this uid."""

    verb: Verb
    service: Uid
    target: Slice | None
    wanted: Array[Name, bool]


class ServiceSlices(OwnedPods):
    """A service, the pods that it selects, and the controller of its slices."""

    held_to = no_recording(
        "what one sync makes of slices is recorded, and spec/controllers/endpoint_slices held to "
        "it; what its tracker and a cache that lags do to several is not"
    )

    processes: Domain[Process] = sort(1, at_least=1, at_most=1)
    slices: Domain[Slice] = sort(2, at_least=2, at_most=3, symmetric=True)
    writes: int = constant(5, at_least=1, at_most=20)
    crashes: int = constant(0, at_least=0, at_most=9)
    readiness_lost: bool = constant(default=True)
    services: int = constant(1, at_least=1, at_most=3)
    """How often the service is made: a bound."""
    publishes: bool = constant(default=False)
    """`publishNotReadyAddresses`."""

    compare_stale: bool = mutant(
        "A sync compares with a cached slice that does not show the last update yet.",
        issue="#127429",
    )
    create_again: bool = mutant(
        "A sync does not wait until the cache shows the slice that was made.", issue="#100033"
    )
    tracker_by_name: bool = mutant(
        "What is tracked for a service counts for the next one of its name.",
        issue="#141592",
        when="services > 1",
    )
    any_owner: bool = mutant(
        "Slices of the service before count as those of this one.",
        issue="#94720",
        when="services > 1",
    )
    list_deleting: bool = mutant(
        "A pod that is marked for deletion is listed as ready.", issue="#54723"
    )
    write_always: bool = mutant("Every sync writes its slice.", issue="#129652")

    fairness = {
        "serve": Fairness.WEAK,
        "hear": Fairness.WEAK,
        "list_again": Fairness.WEAK,
    }

    requires = [
        endpoints_follow_pods,
        addresses_stand_once,
        pods_that_go_receive_nothing,
        nothing_is_written_in_vain,
    ]

    service: Uid = 0
    made: Uid = 0
    owner: Array[Slice, Uid] = each(0)
    lists: Array[Slice, Array[Name, bool]] = each(each(False))
    wrote_same: bool = False

    seen_owner: Array[Slice, Uid] = each(0)
    seen_lists: Array[Slice, Array[Name, bool]] = each(each(False))
    is_latest: Array[Slice, bool] = each(True)
    """Whether the cache shows a slice as it is."""
    expected: Array[Slice, Uid] = each(0)
    """The service for which a write of a slice is to show in the cache yet: the tracker."""
    queued: bool = False
    plan: Write | None = None
    sent: Slice | None = None
    """The slice that was written, until that is answered."""
    tracked: Uid = 0
    """The service for which that slice was written."""
    is_new: bool = False
    """Whether it was made by that."""
    was_ready: Array[Name, bool] = each(False)
    """History: whether a pod was seen wanted, and not about to go, by the last sync."""
    told_uid: Array[Name, Revision] = each(0)
    told_life: Array[Name, PodLife] = each(PodLife.PENDING)

    # People, and who makes pods.

    @action
    def make_service(self) -> None:
        """Somebody makes the service."""
        require(self.service == 0 and self.made < self.services)
        self.made += 1
        self.service = self.made
        self.queued = True

    @action
    def delete_service(self) -> None:
        """Somebody deletes it; the tracker forgets it."""
        require(self.service != 0)
        self.service = 0
        self.queued = True
        for k in self.slices:
            self.expected[k] = 0

    @action
    def make(self, p: Process, n: Name) -> None:
        """Somebody makes a pod that the service selects."""
        self.make_pod(p, n)

    @action
    def remove(self, n: Name) -> None:
        """Somebody deletes it."""
        require(self.is_active(n))
        self.write_life(n, PodLife.DELETING)

    @action(fair=Fairness.WEAK, per_instance=True)
    def collect(self, k: Slice) -> None:
        """The garbage collector deletes a slice of a service that is gone."""
        require(self.owner[k] not in (0, self.service))
        self.store(k, 0)

    def store(self, k: Slice, uid: Uid) -> None:
        """A slice is made for a service, or is gone."""
        self.owner[k] = uid
        self.is_latest[k] = False
        for n in self.names:
            self.lists[k][n] = False

    # What the controller hears.

    @joint
    def note_version(self, n: Name) -> None:
        """With live reads it hears of every write of a pod."""
        if self.consistency == Consistency.LIVE:
            self.queued = True

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """A change of a pod brings a sync."""
        self.tell(n, self.seen_uid[p][n], self.seen_life[p][n])

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A change of a pod brings a sync."""
        self.tell(n, self.seen_uid[p][n], self.seen_life[p][n])

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """So does its end."""
        self.tell(n, 0, PodLife.PENDING)

    def tell(self, n: Name, uid: Revision, life: PodLife) -> None:
        """Compare with what was told before."""
        if self.told_uid[n] != uid or self.told_life[n] != life:
            self.queued = True
        self.told_uid[n] = uid
        self.told_life[n] = life

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_slice(self, k: Slice) -> None:
        """The cache shows a slice as it is; the end of one that is wanted brings a sync."""
        require(not self.is_latest[k])
        was_tracked = self.seen_owner[k] == self.service != 0
        if self.owner[k] == 0 and was_tracked:
            self.queued = True
        self.is_latest[k] = True
        self.seen_owner[k] = self.owner[k]
        for n in self.names:
            self.seen_lists[k][n] = self.lists[k][n]
        self.expected[k] = 0

    # What it does.

    @action(fair=Fairness.WEAK)
    def sync(self, p: Process) -> None:
        """It compares the slices that it sees with the pods that it sees, and decides."""
        require(self.queued and self.plan is None and self.sent is None)
        require(self.may_act(p) and not self.is_stale())
        self.queued = False
        if self.service != 0:
            wanted = cast(Array[Name, bool], {n: self.sees_wanted(p, n) for n in self.names})
            for n in self.names:
                is_going = self.sees_life(p, n) == PodLife.DELETING and not self.publishes
                self.was_ready[n] = wanted[n] and not is_going
            self.decide(wanted)

    def is_stale(self) -> bool:
        """Whether the cache does not show yet what was written (`StaleSlices`)."""
        return any(
            self.expected[k] != 0 and (self.expected[k] == self.service or self.tracker_by_name)
            for k in self.slices
        )

    def decide(self, wanted: Array[Name, bool]) -> None:
        """One slice lists what is wanted; a second one goes (`reconcile`)."""
        own = sum(self.is_own(k) for k in self.slices)
        if own == 0:
            self.plan = Write(Verb.CREATE, self.service, None, wanted)
        else:
            k = choose({k for k in self.slices if self.is_own(k)})
            if own > 1:
                self.plan = Write(Verb.DELETE, self.service, k, wanted)
                self.queued = True
            elif self.seen_lists[k] != wanted or self.write_always:
                self.plan = Write(Verb.UPDATE, self.service, k, wanted)

    def is_own(self, k: Slice) -> bool:
        """Whether the controller sees a slice of the service."""
        is_there = self.seen_owner[k] != 0
        return is_there and (self.seen_owner[k] == self.service or self.any_owner)

    def sees_wanted(self, p: Process, n: Name) -> bool:
        """Whether the controller sees a pod that should receive traffic."""
        return self.is_for_traffic(self.sees(p, n), self.sees_life(p, n))

    def is_for_traffic(self, uid: Revision, life: PodLife) -> bool:
        """Whether a pod is ready and not about to go, or is published all the same."""
        is_deleting = life == PodLife.DELETING and self.list_deleting
        return uid != 0 and (self.publishes or life == PodLife.READY or is_deleting)

    @action(fair=Fairness.WEAK)
    def send(self, k: Slice) -> None:
        """The write is made; one of a slice that is another by now is refused (409, 404)."""
        write = given(self.plan)
        require(write.target == k or (write.verb == Verb.CREATE and self.owner[k] == 0))
        self.plan = None
        if write.verb == Verb.CREATE:
            self.store(k, write.service)
            self.fill_slice(k, write.wanted)
        elif not self.is_latest[k] or self.owner[k] != write.service:
            self.queued = True
        elif write.verb == Verb.DELETE:
            self.store(k, 0)
        else:
            self.wrote_same = self.wrote_same or self.lists[k] == write.wanted
            self.is_latest[k] = False
            self.fill_slice(k, write.wanted)
        if self.sent == k:
            self.tracked = write.service
            self.is_new = write.verb == Verb.CREATE

    def fill_slice(self, k: Slice, wanted: Array[Name, bool]) -> None:
        """A slice lists these pods, and the controller waits for its answer."""
        for n in self.names:
            self.lists[k][n] = wanted[n]
        self.sent = k

    @action(fair=Fairness.WEAK)
    def hear_answer(self) -> None:
        """The write is answered: the tracker notes what the cache has to show."""
        k = given(self.sent)
        is_left_out = self.create_again if self.is_new else self.compare_stale
        if not is_left_out and (not self.is_latest[k] or self.owner[k] == 0):
            self.expected[k] = self.tracked
        self.sent = None
        self.tracked = 0
        self.is_new = False

    @joint
    def lose_memory(self, p: Process) -> None:
        """Caches, tracker and queue are filled anew."""
        self.plan = None
        self.sent = None
        self.tracked = 0
        self.is_new = False
        self.queued = True
        for k in self.slices:
            self.expected[k] = 0
            self.is_latest[k] = True
            self.seen_owner[k] = self.owner[k]
            for n in self.names:
                self.seen_lists[k][n] = self.lists[k][n]

    # What is required.

    def is_wanted(self, n: Name) -> bool:
        """Whether a pod should receive traffic."""
        is_ready = self.life[n] == PodLife.READY
        return self.uid[n] != 0 and (self.publishes or is_ready)

    def is_seen_wanted(self, n: Name) -> bool:
        """Whether the write that was decided on lists a pod that was not about to go."""
        write = self.plan
        return write is not None and write.wanted[n] and self.was_ready[n]

    @reachable(when="writes > 3")
    def lists_what_is_gone(self) -> bool:
        """A pod is listed that is gone by now."""
        return any(self.lists[k][n] and self.uid[n] == 0 for k in self.slices for n in self.names)

    @reachable(when="services > 1")
    def slice_outlives_its_service(self) -> bool:
        """A slice is there of a service whose name another one has."""
        return any(0 < self.owner[k] < self.service for k in self.slices)

    @reachable
    def waits_for_its_cache(self) -> bool:
        """A sync has to wait until the cache shows what was written."""
        return self.queued and self.plan is None and self.sent is None and self.is_stale()

    instances = [
        instance("small"),
        instance("publishes", publishes=True),
        instance("made-again", services=2, writes=2),
        instance("live", consistency=Consistency.LIVE),
        instance("crash", crashes=1, writes=4),
    ]

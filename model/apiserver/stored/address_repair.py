"""The repair loops of addresses: what Services have is marked, what nobody has becomes free.

The loop of the bitmap gets it, lists the Services, and writes it anew unless somebody wrote it in
between; an address without a Service is freed when it was seen so for the third time. That no
request has it any more is left to time upstream (a request ends within 60 seconds, the loop looks
every three minutes); here it is written down. The loop of IPAddress objects makes those that are
missing, and deletes those without a Service that are older than a request lives.
Source: `pkg/registry/core/service/ipallocator/controller` (`repair.go`, `repairip.go`),
`portallocator/controller/repair.go`, v1.36. Left out: informers that lag.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Fairness,
    Range,
    action,
    constant,
    each,
    given,
    instance,
    mutant,
    no_recording,
    only,
    reachable,
    require,
)
from planespec.model.apiserver.stored.service_addresses import (
    Address,
    AddressRequests,
    Design,
    Repair,
    Service,
)
from planespec.spec.api.address_requirements import (
    Step,
    addresses_of_nobody_become_free,
    addresses_of_services_are_taken,
    free_addresses_are_not_refused,
    no_two_services_share_an_address,
)

Looks = Annotated[int, Range(0, "looks")]


class ServiceAddresses(AddressRequests):
    """Requests for addresses, and the loops that repair what they leave behind."""

    held_to = no_recording("allocations of several servers were not recorded")

    looks: int = constant(3, at_least=1, at_most=4)
    """How often the loop sees an address without a Service before it frees it."""

    free_at_once: bool = mutant(
        "The repair loop frees what has no Service when it looks.",
        issue="#37488, #43233, pull 39206",
        when="design.name == 'BITMAP'",
    )
    count_alone: bool = mutant(
        "Only the count of looks guards a request, and a look that was in vain counts: v1.36.",
        when="design.name == 'BITMAP'",
    )
    repair_blindly: bool = mutant(
        "The repair loop writes the bitmap whatever was marked meanwhile.",
        when="design.name == 'BITMAP'",
    )
    never_free: bool = mutant(
        "Nobody repairs the bitmap while new servers write to it.",
        issue="#136475, pull 138943",
        when="design.name == 'BOTH'",
    )
    delete_young: bool = mutant(
        "The repair loop deletes an IPAddress without a Service at once.",
        when="design.name == 'OBJECTS'",
    )

    seen: set[Address] = only(set(), when="design.name != 'OBJECTS'")
    """The bitmap as the repair loop got it."""
    used: set[Address] = only(set(), when="design.name != 'OBJECTS'")
    """The addresses of the Services that it listed."""
    asked_for: set[Address] = only(set(), when="design.name != 'OBJECTS'")
    """Addresses that requests had when it listed the Services."""
    looked: Array[Address, Looks] = only(each(0), when="design.name != 'OBJECTS'")
    """How often it saw the address marked and without a Service."""
    open_then: set[Service] = only(set(), when="count_alone")
    """Services that were asked for when it wrote the last time: they have ended by the next."""

    requires = [
        only(no_two_services_share_an_address, when="not collision"),
        addresses_of_services_are_taken,
        addresses_of_nobody_become_free,
        free_addresses_are_not_refused,
    ]

    @action(when="design.name != 'OBJECTS'", fair=Fairness.WEAK)
    def get_bitmap(self) -> None:
        """The repair loop gets the bitmap."""
        require(self.repair == Repair.WAITING and not self.never_free)
        if self.count_alone:
            require(not any(self.is_open(v) for v in self.open_then))
        self.repair = Repair.GOT
        self.seen = {a for a in self.addresses if a in self.taken}
        self.is_fresh = True

    @action(when="design.name != 'OBJECTS'", fair=Fairness.WEAK)
    def list_services(self) -> None:
        """It lists the Services."""
        require(self.repair == Repair.GOT)
        self.repair = Repair.LISTED
        self.used = {a for a in self.addresses if self.is_used(a)}
        self.asked_for = {a for a in self.addresses if self.is_asked_for(a)}

    @action(when="design.name != 'OBJECTS'", fair=Fairness.WEAK)
    def rebuild(self) -> None:
        """It writes what is used, and what it has not yet seen unused often enough."""
        require(self.repair == Repair.LISTED)
        is_written = self.is_fresh or self.repair_blindly
        for a in self.addresses:
            if a in self.used:
                self.looked[a] = 0
                if is_written:
                    self.taken.add(a)
            elif a in self.seen and not self.is_leaked(a):
                self.count_look(a, is_written)
            elif is_written:
                self.free(a)
        if is_written:
            self.note_write()
            if self.count_alone:
                self.open_then = {v for v in self.services if self.is_open(v)}
        self.repair = Repair.WAITING
        self.seen = set()
        self.used = set()
        self.asked_for = set()
        self.is_fresh = True

    def count_look(self, a: Address, is_written: bool) -> None:
        """An address stays marked, and was seen once more."""
        if (is_written or self.count_alone) and self.looked[a] < self.looks - 1:
            self.looked[a] += 1
        if is_written:
            self.taken.add(a)

    def is_leaked(self, a: Address) -> bool:
        """Whether an address was seen without a Service often enough, and no request has it."""
        was_seen = self.looked[a] == self.looks - 1
        if self.count_alone:
            return was_seen
        return self.free_at_once or (was_seen and a not in self.asked_for)

    def free(self, a: Address) -> None:
        """An address is marked no more."""
        self.taken.discard(a)
        if not self.count_alone:
            self.looked[a] = 0

    @action(when="design.name != 'BITMAP'", fair=Fairness.WEAK, per_instance=True)
    def repair_service(self, v: Service, a: Address) -> None:
        """A Service whose IPAddress is missing, or names one that is not there, gets its own."""
        require(self.step[v] == Step.STORED and self.address[v] == a)
        holder = self.parent[a]
        require(holder is None or (holder != v and self.step[holder] != Step.STORED))
        self.parent[a] = v
        if self.design == Design.OBJECTS:
            self.taken.add(a)

    @action(when="design.name != 'BITMAP'", fair=Fairness.WEAK, per_instance=True)
    def repair_object(self, a: Address) -> None:
        """An IPAddress that names no Service is deleted, once it is old."""
        holder = given(self.parent[a])
        require(self.step[holder] != Step.STORED)
        require(self.delete_young or not self.is_open(holder))
        self.parent[a] = None
        if self.design == Design.OBJECTS:
            self.taken.discard(a)

    @reachable
    def is_leaked_now(self) -> bool:
        """An address is taken, and no Service or request has it."""
        return any(
            a in self.taken and not self.is_used(a) and not self.is_asked_for(a)
            for a in self.addresses
        )

    @reachable(when="design.name == 'BITMAP'")
    def looked_in_between(self) -> bool:
        """The repair loop has listed Services, and an address is marked that it has not seen."""
        return self.repair == Repair.LISTED and any(a not in self.seen for a in self.taken)

    instances = [
        instance("bitmap"),
        instance("both", design=Design.BOTH),
        instance("objects", design=Design.OBJECTS, addresses=2, services=3),
        instance("collision", collision=True),
        instance("two-addresses", slow=True, addresses=2, services=3),
        instance("both-of-three", slow=True, design=Design.BOTH, services=3),
    ]

"""Addresses of Services: given by several API servers, and taken back.

With the bitmap, a server marks an address by compare-and-swap in one object, beginning from its
copy; with IPAddress objects (KEP-1880) it makes one, which fails where there is one. While servers
of both kinds run, new ones do both. Then the Service is stored, which may fail, or get no answer.
Who deletes a Service releases the address. What is left behind is for `address_repair`.
Source: `pkg/registry/core/service/{allocator,ipallocator}`,
`pkg/registry/core/service/storage/alloc.go`, v1.36. The same code gives node ports.
Left out: ranges that change, two families, a Service made again under its name.
"""

from enum import Enum

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Sort,
    action,
    constant,
    each,
    given,
    mutant,
    only,
    require,
    sort,
)
from planespec.model.apiserver.stored.watch_caches import Server
from planespec.spec.api.address_requirements import Step


class Service(Sort):
    """A Service, which is made once."""


class Address(Sort):
    """An address of the range."""


class Design(Enum):
    """Where it is kept which addresses are taken."""

    BITMAP = "in one object"
    BOTH = "in one object, and in IPAddress objects by servers that know them"
    OBJECTS = "in IPAddress objects"


class Repair(Enum):
    """How far the repair loop of the bitmap is."""

    WAITING = "waiting"
    GOT = "has the bitmap"
    LISTED = "has the bitmap and the Services"


class AddressRequests(Model):
    """Services that ask for addresses, and give them back."""

    servers: Domain[Server] = sort(2, at_least=1, at_most=3, symmetric=True)
    services: Domain[Service] = sort(2, at_least=1, at_most=4, symmetric=True)
    addresses: Domain[Address] = sort(1, at_least=1, at_most=3, symmetric=True)
    design: Design = constant(Design.BITMAP)
    collision: bool = constant(default=False)
    """Whether two Services share an address from before."""

    allocate_blindly: bool = mutant(
        "A server writes the bitmap from its copy, however old that is.",
        when="design.name != 'OBJECTS'",
    )
    refuse_by_copy: bool = mutant(
        "An address that is taken in a server's copy is refused.",
        issue="#85894, pull 89937",
        when="design.name == 'BITMAP'",
    )
    objects_alone: bool = mutant(
        "New servers do not mark the bitmap while old ones run.",
        issue="KEP-1880, enhancements pull 4645",
        when="design.name == 'BOTH'",
    )
    release_unsure: bool = mutant(
        "A server that got no answer when it stored a Service releases its address: v1.36."
    )
    release_blindly: bool = mutant(
        "The address of a deleted Service is released though another has it: v1.36.",
        issue="#64466",
        when="collision",
    )

    deadlock = False

    step: Array[Service, Step] = each(Step.NEW)
    address: Array[Service, Address | None] = each(None)
    taken: set[Address] = set()
    """Addresses that are marked in the bitmap, or have an IPAddress where there is no bitmap."""
    parent: Array[Address, Service | None] = only(each(None), when="design.name != 'BITMAP'")
    """The Service that the IPAddress of an address names."""
    was_refused_a_free_one: bool = False
    """History."""
    has_collided: bool = only(False, when="collision")

    copy: Array[Server, set[Address]] = only(each(set()), when="design.name != 'OBJECTS'")
    """What is marked as far as a server knows."""
    current: set[Server] = only(set(), when="design.name != 'OBJECTS'")
    """Servers since whose last write nobody has written the bitmap."""

    repair: Repair = only(Repair.WAITING, when="design.name != 'OBJECTS'")
    is_fresh: bool = only(True, when="design.name != 'OBJECTS'")
    """Whether nobody has written the bitmap since the repair loop got it."""

    @action(when="design.name != 'OBJECTS'")
    def allocate(self, v: Service, a: Address, s: Server) -> None:
        """A server marks an address in the bitmap, or refuses it."""
        require(self.step[v] == Step.NEW)
        if not self.allocate_blindly and not (self.refuse_by_copy and a in self.copy[s]):
            self.refresh(s)
        if a in self.copy[s]:
            self.refuse(v, a)
        else:
            self.copy[s].add(a)
            self.taken = {b for b in self.addresses if b in self.copy[s]}
            self.note_write()
            self.current = {s}
            self.step[v] = Step.MARKED
            self.address[v] = a

    def refresh(self, s: Server) -> None:
        """A server whose copy is old takes the bitmap as it is."""
        if s not in self.current:
            self.copy[s] = {a for a in self.addresses if a in self.taken}

    def refuse(self, v: Service, a: Address) -> None:
        """A Service is refused for its address."""
        if a not in self.taken:
            self.was_refused_a_free_one = True
        self.end(v)

    def end(self, v: Service) -> None:
        """A Service, or the request for it, is no more."""
        self.step[v] = Step.ENDED
        self.address[v] = None

    def note_write(self) -> None:
        """The bitmap was written: what servers and the repair loop know of it is old."""
        self.current = set()
        if self.repair != Repair.WAITING:
            self.is_fresh = False

    @action(when="design.name != 'BITMAP'")
    def reserve(self, v: Service, a: Address) -> None:
        """A server makes an IPAddress, or is refused since there is one."""
        require(self.step[v] == Step.NEW)
        if self.parent[a] is not None:
            self.end(v)
        else:
            self.parent[a] = v
            self.address[v] = a
            self.step[v] = Step.MARKED
            if self.design == Design.OBJECTS:
                self.taken.add(a)
            elif not self.objects_alone:
                self.step[v] = Step.RESERVED

    @action(when="design.name == 'BOTH'", fair=Fairness.WEAK, per_instance=True)
    def mark(self, v: Service) -> None:
        """It marks the address in the bitmap, too; where that is done already it gives it up."""
        require(self.step[v] == Step.RESERVED)
        a = given(self.address[v])
        if a in self.taken:
            self.parent[a] = None
            self.end(v)
        else:
            self.taken.add(a)
            self.note_write()
            self.step[v] = Step.MARKED

    @action(fair=Fairness.WEAK, per_instance=True)
    def store(self, v: Service) -> None:
        """The Service is stored."""
        require(self.step[v] == Step.MARKED)
        self.step[v] = Step.STORED

    @action
    def fail(self, v: Service) -> None:
        """The Service is refused after it had its address, which is released."""
        require(self.step[v] == Step.MARKED)
        self.release(v)
        self.end(v)

    @action
    def get_no_answer(self, v: Service) -> None:
        """A server is not told whether the Service was stored; its address stays taken."""
        require(self.step[v] == Step.MARKED)
        self.step[v] = Step.UNSURE
        if self.release_unsure:
            self.release(v)

    @action(fair=Fairness.WEAK, per_instance=True)
    def settle(self, v: Service, lands: bool) -> None:
        """The write lands, or it is lost."""
        require(self.step[v] == Step.UNSURE)
        if lands:
            self.step[v] = Step.STORED
        else:
            self.end(v)

    @action
    def crash(self, v: Service) -> None:
        """A server dies in the middle, and releases nothing."""
        require(self.step[v] in (Step.RESERVED, Step.MARKED, Step.DELETED))
        self.end(v)

    @action
    def delete(self, v: Service) -> None:
        """A Service is deleted."""
        require(self.step[v] == Step.STORED)
        self.step[v] = Step.DELETED

    @action(fair=Fairness.WEAK, per_instance=True)
    def finish(self, v: Service) -> None:
        """The server that deleted it releases its address."""
        require(self.step[v] == Step.DELETED)
        self.release(v)
        self.end(v)

    def release(self, v: Service) -> None:
        """An address is free again, unless another Service has it."""
        a = given(self.address[v])
        if self.release_blindly or not self.is_of_another(v, a):
            self.taken.discard(a)
            if self.design != Design.BITMAP:
                self.parent[a] = None
            if self.design != Design.OBJECTS:
                self.note_write()

    def is_of_another(self, v: Service, a: Address) -> bool:
        """Whether another Service that is stored has an address."""
        return self.collision and any(
            w != v and self.step[w] == Step.STORED and self.address[w] == a for w in self.services
        )

    @action(when="collision")
    def collide(self, v: Service, w: Service) -> None:
        """Another Service has had the same address before."""
        require(self.step[v] == Step.STORED and self.step[w] == Step.NEW)
        require(not self.has_collided)
        self.has_collided = True
        self.step[w] = Step.STORED
        self.address[w] = self.address[v]

    def is_used(self, a: Address) -> bool:
        """Whether a Service has an address."""
        return any(self.step[v] == Step.STORED and self.address[v] == a for v in self.services)

    def is_asked_for(self, a: Address) -> bool:
        """Whether a request that is open has an address."""
        return any(self.is_open(v) and self.address[v] == a for v in self.services)

    def is_open(self, v: Service) -> bool:
        """Whether a request that made or deleted a Service is not over."""
        return self.step[v] in (Step.RESERVED, Step.MARKED, Step.UNSURE, Step.DELETED)

"""Objects in the API server: names, uids, resourceVersions, writes that compare and set.

One counter, the revision of the store, gives every write its number; the uid of an object is the
revision of its creation, so that an object made again under a name is another one. `Clients` is
this part alone: clients read an object, count in it, and write it back.
Source: `staging/src/k8s.io/apiserver/pkg/storage/etcd3/store.go`, GuaranteedUpdate and Delete with
preconditions. Left out: what an object holds, finalizers, and watch events (see `informers`).
"""

from typing import Annotated, Self

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    choose,
    constant,
    each,
    instance,
    invariant,
    joint,
    mutant,
    no_recording,
    reachable,
    require,
    sort,
    step_invariant,
    stored,
)

Revision = Annotated[int, Range(0, "writes")]


class Name(Sort):
    """A name; objects come and go under it."""


class ObjectStore(Model):
    """What is stored, and the writes that an API server accepts."""

    names: Domain[Name] = sort(1, at_least=1, at_most=4, symmetric=True)
    writes: int = constant(4, at_least=1, at_most=20)
    """How many writes take effect: a bound."""
    lost_answers: bool = constant(False)
    """Whether the answer to a write that took effect may be lost on the way."""

    blind_writes: bool = mutant("A write takes effect though its resourceVersion is old.")
    versions_count_alone: bool = mutant("Every object counts its own versions.")
    uids_return: bool = mutant("What is created again under a name has the uid it had before.")

    deadlock = False
    trace = [
        stored(
            uid="uid[n]",
            version="version[n]",
            revision="revision",
            names="names",
            writes="writes",
        )
    ]

    revision: Revision = 0
    uid: Array[Name, Revision] = each(0)
    """Which object is under a name: the revision of its creation, 0 for none."""
    version: Array[Name, Revision] = each(0)
    """The resourceVersion of the object under a name: the revision of its last write."""

    def create(self, n: Name) -> None:
        """An object is made under a free name."""
        require(self.uid[n] == 0)
        self.stamp()
        self.uid[n] = 1 if self.uids_return else self.revision
        self.version[n] = self.revision
        self.note_version(n)

    def update(self, n: Name, seen: Revision) -> bool:
        """Whether a write is accepted that was made from an object of this version (else 409)."""
        if self.uid[n] == 0 or (self.version[n] != seen and not self.blind_writes):
            return False
        self.stamp()
        self.version[n] = self.version[n] + 1 if self.versions_count_alone else self.revision
        self.note_version(n)
        return True

    def delete(self, n: Name, uid: Revision) -> bool:
        """Whether the object of this uid is deleted (else 409, or 404)."""
        if uid == 0 or self.uid[n] != uid:
            return False
        self.stamp()
        self.uid[n] = 0
        self.version[n] = 0
        self.note_version(n)
        return True

    def stamp(self) -> None:
        """A write takes effect and gets the next revision."""
        require(self.revision < self.writes)
        self.revision += 1
        self.note_revision()

    @joint
    def note_revision(self) -> None:
        """There is a new revision, in which all is as it was so far."""

    @joint
    def note_version(self, n: Name) -> None:
        """An object was written, or is no more, in the latest revision."""

    def is_answered(self) -> bool:
        """Whether the answer to a write arrives."""
        arrives = True
        if self.lost_answers:
            arrives = choose({False, True})
        return arrives

    @step_invariant
    def a_name_is_used_again_by_another(self, before: Self) -> bool:
        """An object that is made has a uid that none had before."""
        return all(
            self.uid[n] in (0, before.uid[n]) or self.uid[n] > before.revision for n in self.names
        )

    @step_invariant
    def versions_grow(self, before: Self) -> bool:
        """A write of an object gives it a resourceVersion above all before."""
        return all(
            self.version[n] in (0, before.version[n]) or self.version[n] > before.revision
            for n in self.names
        )


class Anybody(ObjectStore):
    """Objects that somebody makes and deletes, whoever it is."""

    @action
    def make(self, n: Name) -> None:
        """Somebody makes an object."""
        self.create(n)
        self.fill(n)

    @action
    def remove(self, n: Name) -> None:
        """Somebody deletes it."""
        gone = self.delete(n, self.uid[n])
        require(gone)

    @joint
    def fill(self, n: Name) -> None:
        """What a new object holds."""


class Client(Sort):
    """Somebody who reads and writes."""


class Clients(Anybody):
    """Clients count in an object: read, add one, write back."""

    held_to = no_recording(
        "it is a part; what an API server answers to conflicting writes was not recorded"
    )

    clients: Domain[Client] = sort(2, at_least=1, at_most=4, symmetric=True)

    count: Array[Name, Revision] = each(0)
    """What stands in the object."""
    added: Array[Name, Revision] = each(0)
    """History: how many writes to this object were accepted."""
    read: Array[Client, Array[Name, Revision]] = each(each(0))
    """The version of the object as a client has read it; 0 where it has none."""
    held: Array[Client, Array[Name, Revision]] = each(each(0))
    """The count in the object as a client has read it."""

    @joint
    def fill(self, n: Name) -> None:
        """It counts from nothing."""
        self.count[n] = 0
        self.added[n] = 0

    @action
    def look(self, c: Client, n: Name) -> None:
        """A client reads an object."""
        require(self.uid[n] != 0)
        self.read[c][n] = self.version[n]
        self.held[c][n] = self.count[n]

    @action
    def write(self, c: Client, n: Name) -> None:
        """It writes back one more; without an answer it tries the same write again."""
        require(self.read[c][n] != 0)
        accepted = self.update(n, self.read[c][n])
        if accepted:
            self.count[n] = self.held[c][n] + 1
            self.added[n] += 1
        heard = self.is_answered()
        if heard:
            self.read[c][n] = 0
            self.held[c][n] = 0

    @invariant
    def no_update_is_lost(self) -> bool:
        """Every write that was accepted counts, also where its answer was lost."""
        return all(self.uid[n] == 0 or self.count[n] == self.added[n] for n in self.names)

    @reachable
    def outdated(self) -> bool:
        """A client holds a version of an object that has been replaced by another of its name."""
        return any(
            self.uid[n] != 0 and 0 < self.read[c][n] < self.uid[n]
            for c in self.clients
            for n in self.names
        )

    instances = [
        instance("small"),
        instance("lost-answers", lost_answers=True),
        instance("two-names", names=2, clients=1),
    ]

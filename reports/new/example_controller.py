"""A controller that writes what it has found of an object, and deletes the object in the end.

Replace its decisions by those of yours. It looks in one step and writes in another, so that
everything may happen in between: other writers, changes that it has not heard of, a crash, another
replica. `planespec check example.py --view all` says how consistent its cache must be.
"""

from planespec.checker.lang import (
    Array,
    action,
    each,
    instance,
    invariant,
    joint,
    mutant,
    reachable,
    require,
)
from planespec.model.parts.api_store import Anybody, Name, Revision
from planespec.model.parts.informers import Consistency, Informers
from planespec.model.parts.processes import Crash, Process


class Example(Anybody, Informers, Crash):
    """Anybody makes and deletes objects; processes of the controller look after them."""

    instances = [
        instance("one"),
        instance("lost-answers", lost_answers=True, writes=3),
        instance("own-writes", consistency=Consistency.OWN_WRITES, writes=3),
        instance("replicas", processes=2, writes=3),
        instance("two-names", names=2, writes=3),
    ]

    by_name: bool = mutant("It deletes by name, whichever object that is by now.")

    found_uid: Array[Process, Array[Name, Revision]] = each(each(0))
    """The object that a process has looked at and is about to write; 0 for none."""
    found_version: Array[Process, Array[Name, Revision]] = each(each(0))
    """Its resourceVersion then."""
    wrong: bool = False
    """Whether an object was deleted in place of another."""
    overwritten: bool = False
    """Whether a status was written over a newer one."""

    @action
    def reconcile(self, p: Process, n: Name) -> None:
        """A process looks at an object."""
        require(self.may_act(p) and self.sees(p, n) != 0)
        self.found_uid[p][n] = self.sees(p, n)
        self.found_version[p][n] = self.sees_version(p, n)

    @action
    def write_status(self, p: Process, n: Name) -> None:
        """It writes a status, made from what it has found."""
        require(self.found_uid[p][n] != 0)
        found, stored = self.found_version[p][n], self.version[n]
        is_accepted = self.update(n, found)
        self.overwritten = self.overwritten or (is_accepted and found != stored)
        self.end(p, n, is_accepted)

    @action
    def delete_object(self, p: Process, n: Name) -> None:
        """It deletes the object, because of what it has found."""
        require(self.found_uid[p][n] != 0)
        found, stored = self.found_uid[p][n], self.uid[n]
        is_accepted = self.delete(n, stored if self.by_name else found)
        self.wrong = self.wrong or (is_accepted and found != stored)
        self.end(p, n, is_accepted)

    def end(self, p: Process, n: Name, is_accepted: bool) -> None:
        """The answer to a write; while there is none, a process may write again."""
        is_heard = self.is_answered()
        if is_heard:
            self.found_uid[p][n] = 0
            self.found_version[p][n] = 0
            if is_accepted:
                self.note_write(p)

    @joint
    def lose_memory(self, p: Process) -> None:
        """What it was about to write is forgotten."""
        for n in self.names:
            self.found_uid[p][n] = 0
            self.found_version[p][n] = 0

    @invariant
    def only_what_was_found_is_deleted(self) -> bool:
        """No object is deleted in place of another."""
        return not self.wrong

    @invariant
    def no_status_is_lost(self) -> bool:
        """A status is written only over the one that it was made from."""
        return not self.overwritten

    @invariant(when="consistency.name == 'OWN_WRITES' and not lost_answers")
    def acts_on_its_own_writes(self) -> bool:
        """What a process has found is not older than its own last write."""
        return all(
            self.found_version[p][n] == 0 or self.known[p] >= self.wrote[p]
            for p in self.processes
            for n in self.names
        )

    @reachable
    def is_outdated(self) -> bool:
        """A process is about to write an object that another has replaced."""
        return any(
            self.found_uid[p][n] != 0 and self.uid[n] > self.found_uid[p][n]
            for p in self.processes
            for n in self.names
        )

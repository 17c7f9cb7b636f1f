"""What processes have heard of the objects in an API server, by list and watch.

There are two API servers: one that has everything, and one whose watch cache lags. A process hears
changes from the second, and lists from either when its connection breaks. How consistent its view
is, is a constant, from reading every object anew to a view that may go back in time. What an
object holds beside its versions, and who sees it, is another part's: it copies in the joint
methods that end in `_fields`. `Watchers` is this part alone, over an object store that anybody
writes to.
Source: `client-go/tools/cache/reflector.go`, relistResourceVersion; KEP-2340, KEP-365;
`docs/reference/using-api/api-concepts`, semantics for get, list and watch.
Left out: lists in pages, bookmarks, and views of one name that are newer than those of another.
"""

from enum import Enum
from typing import Self

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    action,
    choose,
    constant,
    each,
    heard,
    instance,
    invariant,
    joint,
    mutant,
    no_recording,
    reachable,
    require,
    sort,
    step_invariant,
)
from planespec.model.parts.api_store import Anybody, Name, Revision
from planespec.model.parts.processes import Crash, Process


class Consistency(Enum):
    """How old a view may be."""

    LIVE = "live"
    """Every look asks the API server that has everything."""
    OWN_WRITES = "own writes"
    """Views grow only, and `may_act` waits until a process has heard of its own writes."""
    MONOTONIC = "monotonic"
    """Views grow only: what client-go does, until a process begins anew."""
    LOSSY = "lossy"
    """A change may be lost on its way, and is not known until the next list."""
    BACKWARDS = "backwards"
    """A new list may be older than what was known."""


class Informers(Model):
    """Views, the cache that feeds them, and what breaks the connection."""

    names: Domain[Name] = sort(1, at_least=1, at_most=4, symmetric=True)
    processes: Domain[Process] = sort(1, at_least=1, at_most=4, symmetric=True)
    writes: int = constant(4, at_least=1, at_most=20)
    consistency: Consistency = constant(Consistency.MONOTONIC)
    merges: bool = constant(True)
    """Whether the end of an object and the beginning of the next of its name may be one change.

    A new list, after a broken connection, tells them as one in any case.
    """

    lists_stale: bool = mutant(
        "A process whose connection broke lists from any API server, however old.",
        issue="#59848",
    )
    view_survives: bool = mutant(
        "A process begins anew with the view of the one that died, and without its revision."
    )
    acts_early: bool = mutant("A process acts before it has heard of its own writes.")

    deadlock = False

    views = [
        instance("live", consistency=Consistency.LIVE),
        instance("own-writes", consistency=Consistency.OWN_WRITES),
        instance("told-apart", consistency=Consistency.MONOTONIC, merges=False),
        instance("monotonic", consistency=Consistency.MONOTONIC, merges=True),
        instance("lossy", consistency=Consistency.LOSSY),
        instance("backwards", consistency=Consistency.BACKWARDS),
    ]
    trace = [
        heard(
            uid="seen_uid[p][n]",
            version="seen_version[p][n]",
            processes="processes",
            when="consistency.name != 'LIVE'",
        )
    ]

    revision: Revision = 0
    uid: Array[Name, Revision] = each(0)
    version: Array[Name, Revision] = each(0)

    served: Revision = 0
    """Up to which revision the cache of the second API server has followed."""
    served_uid: Array[Name, Revision] = each(0)
    served_version: Array[Name, Revision] = each(0)
    known: Array[Process, Revision] = each(0)
    """Up to which revision a process has heard."""
    seen_uid: Array[Process, Array[Name, Revision]] = each(each(0))
    seen_version: Array[Process, Array[Name, Revision]] = each(each(0))
    wrote: Array[Process, Revision] = each(0)
    """The revision of the last write of a process that it knows took effect."""

    @action
    def serve(self) -> None:
        """The second API server catches up."""
        require(self.served < self.revision)
        self.served = self.revision
        for n in self.names:
            self.served_uid[n] = self.uid[n]
            self.served_version[n] = self.version[n]
            self.serve_fields(n)

    @action
    def hear(self, p: Process) -> None:
        """A process hears what the second API server knows; ends come first if told apart."""
        require(self.consistency != Consistency.LIVE and self.known[p] < self.served)
        if self.hides_an_end(p) and not self.merges:
            self.hear_ends(p)
        else:
            self.take_served(p)

    @action
    def list_again(self, p: Process) -> None:
        """The connection broke: a process lists from either API server, and watches from there."""
        require(self.consistency != Consistency.LIVE)
        is_newest = choose({False, True})
        if is_newest:
            self.known[p] = self.revision
            for n in self.names:
                self.note_other(p, n, self.uid[n], is_newest)
                self.seen_uid[p][n] = self.uid[n]
                self.seen_version[p][n] = self.version[n]
                self.list_fields(p, n)
        else:
            is_old = self.served < self.known[p]
            goes_back = self.consistency == Consistency.BACKWARDS or self.lists_stale
            require(goes_back or not is_old)
            self.take_served(p)

    @action(when="consistency.name == 'LOSSY'")
    def miss(self, p: Process, n: Name) -> None:
        """A process hears what the second API server knows, but for one object."""
        require(self.known[p] < self.served)
        self.known[p] = self.served
        for other in self.names:
            if other != n:
                self.note_other(p, other, self.served_uid[other], False)
                self.seen_uid[p][other] = self.served_uid[other]
                self.seen_version[p][other] = self.served_version[other]
                self.hear_fields(p, other)

    def take_served(self, p: Process) -> None:
        """The view becomes what the second API server serves."""
        self.known[p] = self.served
        for n in self.names:
            self.note_other(p, n, self.served_uid[n], False)
            self.seen_uid[p][n] = self.served_uid[n]
            self.seen_version[p][n] = self.served_version[n]
            self.hear_fields(p, n)

    @joint
    def note_other(self, p: Process, n: Name, uid: Revision, is_newest: bool) -> None:
        """A process is about to see what is served, or the newest, of a name; of uid 0 nothing.

        What it has seen so far is in its view still; it may be the same.
        """

    @joint
    def serve_fields(self, n: Name) -> None:
        """The second API server follows to what an object holds."""

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """A process hears what the second API server knows an object to hold."""

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A process reads what an object holds."""

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """A process knows of no object under a name."""

    def hides_an_end(self, p: Process) -> bool:
        """Whether an object that a process knows was followed by another of its name."""
        return any(self.seen_uid[p][n] not in (0, self.served_uid[n]) for n in self.names)

    def hear_ends(self, p: Process) -> None:
        """Objects that a process knows, and that are no more, leave its view."""
        for n in self.names:
            if self.seen_uid[p][n] != self.served_uid[n]:
                self.note_other(p, n, 0, False)
                self.seen_uid[p][n] = 0
                self.seen_version[p][n] = 0
                self.forget_fields(p, n)

    def sees(self, p: Process, n: Name) -> Revision:
        """The uid of the object that a process takes to be under a name; 0 for none."""
        return self.uid[n] if self.consistency == Consistency.LIVE else self.seen_uid[p][n]

    def sees_version(self, p: Process, n: Name) -> Revision:
        """The resourceVersion that a process takes an object to have."""
        is_live = self.consistency == Consistency.LIVE
        return self.version[n] if is_live else self.seen_version[p][n]

    def note_write(self, p: Process) -> None:
        """A process was told that its write took effect."""
        self.wrote[p] = self.revision

    def may_act(self, p: Process) -> bool:
        """Whether a view is as new as is asked for before a process acts on it."""
        waits = self.consistency == Consistency.OWN_WRITES
        return not waits or self.known[p] >= self.wrote[p] or self.acts_early

    @joint
    def lose_memory(self, p: Process) -> None:
        """A process that begins anew knows nothing, not even how much the last one knew."""
        self.known[p] = 0
        self.wrote[p] = 0
        if not self.view_survives:
            for n in self.names:
                self.seen_uid[p][n] = 0
                self.seen_version[p][n] = 0
                self.forget_fields(p, n)

    @step_invariant(when="consistency.name != 'BACKWARDS'")
    def time_goes_forward(self, before: Self) -> bool:
        """What a process knows grows older only when it begins anew."""
        return all(self.known[p] >= before.known[p] or self.known[p] == 0 for p in self.processes)

    @invariant
    def what_is_seen_was_there(self) -> bool:
        """A process sees no object that is newer than what it knows of."""
        return all(
            self.seen_version[p][n] <= self.known[p] for p in self.processes for n in self.names
        )

    @invariant(when="consistency.name != 'LOSSY'")
    def what_was_heard_is_seen(self) -> bool:
        """A process that has heard of the latest revision sees every object as it is."""
        return all(
            self.known[p] != self.revision or self.seen_version[p][n] == self.version[n]
            for p in self.processes
            for n in self.names
        )


class Watchers(Anybody, Informers, Crash):
    """Anybody makes objects and deletes them; processes listen, write what they saw, and crash."""

    held_to = no_recording("it is a part; informers of client-go were not recorded")

    writes: int = constant(3, at_least=1, at_most=20)

    @action
    def change(self, p: Process, n: Name) -> None:
        """A process writes an object as it sees it, or is refused."""
        require(self.may_act(p) and self.sees(p, n) != 0)
        accepted = self.update(n, self.sees_version(p, n))
        if accepted:
            self.note_write(p)

    @step_invariant
    def writes_are_made_from_what_is_stored(self, before: Self) -> bool:
        """An object is written only by a process that has seen it as it was."""
        return all(
            self.version[n] == before.version[n]
            or self.uid[n] != before.uid[n]
            or any(before.sees_version(p, n) == before.version[n] for p in self.processes)
            for n in self.names
        )

    @step_invariant(when="consistency.name == 'OWN_WRITES'")
    def nobody_writes_before_hearing(self, before: Self) -> bool:
        """A process writes only when it has heard of its last write, where that is asked for."""
        return all(
            self.wrote[p] <= before.wrote[p] or before.known[p] >= before.wrote[p]
            for p in self.processes
        )

    @reachable(when="consistency.name == 'LOSSY'")
    def missed_a_change(self) -> bool:
        """A process has heard of the latest revision, and does not see an object as it is."""
        return any(
            self.known[p] == self.revision and self.seen_version[p][n] != self.version[n]
            for p in self.processes
            for n in self.names
        )

    @reachable(when="consistency.name != 'LIVE' and merges")
    def missed_an_end(self) -> bool:
        """A process takes an object for the one that it knew, which is another by now."""
        return any(
            self.seen_uid[p][n] != 0 and self.uid[n] > self.seen_uid[p][n]
            for p in self.processes
            for n in self.names
        )

    @reachable(when="consistency.name != 'LIVE'")
    def has_not_heard_its_write(self) -> bool:
        """A process does not see what it wrote."""
        return any(self.known[p] < self.wrote[p] for p in self.processes)

    instances = [
        instance("small"),
        instance("own-writes", consistency=Consistency.OWN_WRITES, names=2, writes=4),
        instance("told-apart", merges=False),
        instance("backwards", consistency=Consistency.BACKWARDS),
        instance("lossy", consistency=Consistency.LOSSY),
        instance("live", consistency=Consistency.LIVE),
    ]

"""What a controller waits to hear of its own creations and deletions before it counts again.

A controller that looks into a cache does not see at once what it made. So it remembers, per key of
its work queue, how many creations and deletions it has not heard of, and leaves the number of
objects alone until it has heard of all, or a time is over. Deletions are remembered by uid, since
each is heard of twice: the object is marked, and it is gone. `Expecters` is this part alone, with
processes that keep a number of objects and hear of each object on its own.
Source: `pkg/controller/controller_utils.go`, ControllerExpectations and
UIDTrackingControllerExpectations, v1.36; the rule that recordings judge is
`spec/controllers/machinery/creation_expectations.py`. Left out: counts below zero, which make a
difference to `RaiseExpectations` alone.
"""

from enum import Enum
from typing import Annotated, Self

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Range,
    Sort,
    action,
    constant,
    each,
    eventually_always,
    instance,
    joint,
    mutant,
    no_recording,
    only,
    reachable,
    require,
    sort,
    step_invariant,
)
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Clock, Crash, Process


class Owner(Sort):
    """The object of a controller under its name: a key of the work queue."""


Count = Annotated[int, Range(0, "names")]
"""A number of objects."""


class Expectations(Model):
    """Expected creations and deletions, by process and key."""

    names: Domain[Name] = sort(1, at_least=1, at_most=4, symmetric=True)
    processes: Domain[Process] = sort(1, at_least=1, at_most=4, symmetric=True)
    owners: Domain[Owner] = sort(1, at_least=1, at_most=3, symmetric=True)
    writes: int = constant(4, at_least=1, at_most=20)
    consistency: Consistency = constant(Consistency.MONOTONIC)
    timeout: int = constant(0, at_least=0, at_most=9)
    """Ticks after which nothing is waited for any more (300 s upstream); 0 for never."""

    deletions_counted: bool = mutant(
        "Deletions are counted, whichever object they are of.", issue="kubernetes#22143"
    )
    expires_never: bool = mutant("What is expected is waited for for ever.", when="timeout > 0")
    expires_young: bool = mutant(
        "An expectation is as old as the one whose place it takes.", when="timeout > 0"
    )

    deadlock = False

    creations: Array[Process, Array[Owner, Count]] = each(each(0))
    """How many creations a process has not heard of."""
    deletions: Array[Process, Array[Owner, Count]] = each(each(0))
    awaited: Array[Process, Array[Name, Revision]] = each(each(0))
    """The uid of the object under a name whose deletion a process waits to hear of; 0 for none."""
    waited: Array[Process, Array[Owner, Annotated[int, Range(0, "timeout + 1")]]] = only(
        each(each(0)), when="timeout > 0"
    )
    """Ticks since a process began to wait."""

    def is_fulfilled(self, p: Process, o: Owner) -> bool:
        """Whether a process has heard of all that it expected."""
        return self.creations[p][o] == 0 and self.deletions[p][o] == 0

    def is_satisfied(self, p: Process, o: Owner) -> bool:
        """Whether a process may count: it has heard of all, or waited for too long.

        One that looks at what is stored waits for nothing.
        """
        if self.timeout > 0 and self.waited[p][o] > self.timeout and not self.expires_never:
            return True
        return self.consistency == Consistency.LIVE or self.is_fulfilled(p, o)

    def expect_creations(self, p: Process, o: Owner, count: Count) -> None:
        """A process expects these creations, and nothing that it expected before."""
        self.begin_waiting(p, o)
        self.creations[p][o] = count

    def expect_deletions(self, p: Process, o: Owner, count: Count) -> None:
        """A process expects these deletions; `await_end` says of which objects."""
        self.begin_waiting(p, o)
        self.deletions[p][o] = count

    def begin_waiting(self, p: Process, o: Owner) -> None:
        """Nothing is expected so far."""
        self.creations[p][o] = 0
        self.deletions[p][o] = 0
        if self.timeout > 0 and not self.expires_young:
            self.waited[p][o] = 0

    def await_end(self, p: Process, n: Name, uid: Revision) -> None:
        """One of the deletions that are expected is that of this object."""
        self.awaited[p][n] = uid

    def see_creation(self, p: Process, o: Owner) -> None:
        """A process hears of a creation, or that one failed."""
        self.creations[p][o] = max(0, self.creations[p][o] - 1)

    def see_deletion(self, p: Process, o: Owner, n: Name, uid: Revision) -> None:
        """A process hears that an object was marked, or is gone, or that its deletion failed."""
        if self.awaited[p][n] == uid or self.deletions_counted:
            self.deletions[p][o] = max(0, self.deletions[p][o] - 1)
        if self.awaited[p][n] == uid:
            self.awaited[p][n] = 0

    def forget_expectations(self, p: Process, o: Owner) -> None:
        """The object of a key is gone; the next one of its name begins anew."""
        self.begin_waiting(p, o)

    @joint
    def pass_time(self) -> None:
        """Who waits waits longer."""
        if self.timeout > 0:
            for p in self.processes:
                for o in self.owners:
                    if not self.is_fulfilled(p, o):
                        self.waited[p][o] = min(self.waited[p][o] + 1, self.timeout + 1)

    @joint
    def lose_memory(self, p: Process) -> None:
        """A process that begins anew expects nothing."""
        for o in self.owners:
            self.begin_waiting(p, o)
            if self.timeout > 0:
                self.waited[p][o] = 0
        for n in self.names:
            self.awaited[p][n] = 0


class Stage(Enum):
    """Where an object is; each name is used once."""

    UNUSED = "not made"
    LIVE = "there"
    MARKED = "marked for deletion"
    GONE = "gone"


class Expecters(Expectations, Clock, Crash):
    """Processes that want some objects of one key, and hear of each object by itself."""

    held_to = no_recording(
        "the rule of expectations is held to recordings, and a test compares this part with it"
    )

    names: Domain[Name] = sort(3, at_least=1, at_most=4, symmetric=True)
    wishes: int = constant(2, at_least=1, at_most=4)
    """How often the number that is wanted changes."""
    misses: bool = constant(default=False)
    """Whether what is heard of an object may be laid to no key."""
    crashes: int = constant(0, at_least=0, at_most=9)

    fairness = {"tick": Fairness.WEAK}

    expected_late: bool = mutant("Creations are expected only once all are made.")

    truth: Array[Name, Stage] = each(Stage.UNUSED)
    view: Array[Process, Array[Name, Stage]] = each(each(Stage.UNUSED))
    wanted: Count = 0
    wished: Annotated[int, Range(0, "wishes")] = 0
    goal: Array[Process, Count] = each(0)
    """What a process has read to be wanted when it counted."""
    to_make: Array[Process, Array[Owner, Count]] = each(each(0))
    made: Array[Process, Array[Owner, Count]] = each(each(0))
    to_drop: Array[Process, Array[Name, bool]] = each(each(False))

    @action
    def wish(self, count: Count) -> None:
        """Somebody wants another number."""
        require(self.wished < self.wishes and count != self.wanted)
        self.wished += 1
        self.wanted = count

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear(self, p: Process, n: Name) -> None:
        """A process hears what became of an object."""
        old, new = self.view[p][n], self.truth[n]
        require(old != new)
        self.view[p][n] = new
        for o in self.owners:
            if new == Stage.LIVE:
                self.see_creation(p, o)
            else:
                self.see_deletion(p, o, n, 1)

    @action(when="misses")
    def hear_for_nobody(self, p: Process, n: Name) -> None:
        """A process hears of an object, and does not know whose it is."""
        require(self.view[p][n] != self.truth[n])
        self.view[p][n] = self.truth[n]

    @action(fair=Fairness.WEAK, per_instance=("p", "o"))
    def sync(self, p: Process, o: Owner, victims: frozenset[Name]) -> None:
        """A process counts what it sees, and plans to make or to drop the difference."""
        require(self.is_idle(p) and self.is_satisfied(p, o))
        require(all(self.view[p][n] == Stage.LIVE for n in victims))
        there = sum(self.view[p][n] == Stage.LIVE for n in self.names)
        require(there != self.wanted and len(victims) == max(0, there - self.wanted))
        self.goal[p] = self.wanted
        if there < self.wanted:
            unused = sum(self.truth[n] == Stage.UNUSED for n in self.names)
            count = min(self.wanted - there, unused)
            require(count > 0)
            self.to_make[p][o] = count
            if not self.expected_late:
                self.expect_creations(p, o, count)
        else:
            self.expect_deletions(p, o, len(victims))
            for n in victims:
                self.to_drop[p][n] = True
                self.await_end(p, n, 1)

    @action(fair=Fairness.WEAK)
    def make(self, p: Process, o: Owner, n: Name) -> None:
        """It makes one."""
        require(self.to_make[p][o] > 0 and self.truth[n] == Stage.UNUSED)
        self.truth[n] = Stage.LIVE
        self.to_make[p][o] -= 1
        self.made[p][o] += 1
        if self.to_make[p][o] == 0:
            if self.expected_late:
                self.expect_creations(p, o, self.made[p][o])
            self.made[p][o] = 0

    @action(fair=Fairness.WEAK)
    def drop(self, p: Process, n: Name) -> None:
        """It marks one for deletion."""
        require(self.to_drop[p][n])
        self.to_drop[p][n] = False
        self.truth[n] = Stage.MARKED

    @action(fair=Fairness.WEAK)
    def end(self, n: Name) -> None:
        """An object that is marked is gone."""
        require(self.truth[n] == Stage.MARKED)
        self.truth[n] = Stage.GONE

    @joint
    def lose_memory(self, p: Process) -> None:
        """What a process was about to do is forgotten; it lists before it goes on."""
        for o in self.owners:
            self.to_make[p][o] = 0
            self.made[p][o] = 0
        for n in self.names:
            self.to_drop[p][n] = False
            self.view[p][n] = self.truth[n]

    def is_idle(self, p: Process) -> bool:
        """Whether a process has done all that it planned."""
        return all(self.to_make[p][o] == 0 for o in self.owners) and not any(
            self.to_drop[p][n] for n in self.names
        )

    def count(self) -> int:
        """How many objects are there and not marked."""
        return sum(self.truth[n] == Stage.LIVE for n in self.names)

    @step_invariant(when="timeout == 0 and processes == 1")
    def none_is_made_beyond(self, before: Self) -> bool:
        """An object is made only where there are fewer than its maker wants."""
        is_made = self.count() > before.count()
        return not is_made or any(before.count() < before.goal[p] for p in self.processes)

    @step_invariant(when="timeout == 0 and processes == 1")
    def none_is_dropped_beyond(self, before: Self) -> bool:
        """An object is deleted only where there are more than whoever deletes it wants."""
        is_gone = self.count() < before.count()
        return not is_gone or any(before.count() > before.goal[p] for p in self.processes)

    @eventually_always(when="not misses or timeout > 0")
    def as_many_as_wanted(self) -> bool:
        """In the end there are as many objects as are wanted, or all names are used."""
        unused = sum(self.truth[n] == Stage.UNUSED for n in self.names)
        return self.count() == self.wanted or (self.count() < self.wanted and unused == 0)

    @step_invariant(when="timeout > 0")
    def a_wait_begins_anew(self, before: Self) -> bool:
        """Who begins to expect something waits for it from then on."""
        return all(
            self.is_fulfilled(p, o) or not before.is_satisfied(p, o) or self.waited[p][o] <= 1
            for p in self.processes
            for o in self.owners
            if before.goal[p] != self.goal[p]
        )

    @reachable
    def waits(self) -> bool:
        """A process does not count though it sees another number than is wanted."""
        return any(
            self.is_idle(p)
            and not self.is_satisfied(p, o)
            and sum(self.view[p][n] == Stage.LIVE for n in self.names) != self.wanted
            for p in self.processes
            for o in self.owners
        )

    @reachable(when="timeout > 0")
    def too_many_after_a_timeout(self) -> bool:
        """An expectation that is over lets a process make more than is wanted (issue 129795)."""
        return any(self.count() > self.goal[p] for p in self.processes)

    instances = [
        instance("small"),
        instance("shrink", slow=True, wishes=3),
        instance("crash", crashes=1),
        instance("unheard", slow=True, names=2, misses=True, timeout=1),
    ]

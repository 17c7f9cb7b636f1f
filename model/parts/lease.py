"""Replicas of a scheduler, or of another controller, under a Lease, with time and pauses.

Time goes in ticks. A replica that runs does what is due before the next tick; one that is paused
does nothing, not even stop, and goes on where it was. A candidate counts the time since it saw
the record change, by its own clock, and trusts no time in the record. Left out: clocks of
different speed, which `lease_duration` above `renew_deadline` leaves room for. A crash, where a
model has `Crash`, is the end of a process and the beginning of another. `Replicas` is this part
alone. Source: `client-go/tools/leaderelection/leaderelection.go`.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Range,
    action,
    constant,
    each,
    instance,
    joint,
    mutant,
    no_recording,
    reachable,
    require,
    sort,
)
from planespec.model.parts.processes import Clock, Process
from planespec.spec.scheduling.requirements.leadership import fenced, one_acting_leader

Age = Annotated[int, Range(0, "lease_duration")]
"""Ticks, counted up to the duration of the lease."""
Term = Annotated[int, Range(0, "terms")]


class Lease(Clock):
    """Acquire, renew, stop; pause and go on. What a leader writes is another part's (`leads`)."""

    processes: Domain[Process] = sort(1, at_least=1, at_most=4, symmetric=True)
    lease_duration: int = constant(3, at_least=2, at_most=9)
    """Ticks after which a record that did not change may be taken over (15 s by default)."""
    renew_deadline: int = constant(2, at_least=1, check="renew_deadline < lease_duration")
    """Ticks without a renewal after which a leader stops (10 s by default)."""
    terms: int = constant(2, at_least=1, at_most=9)
    """How often the lease changes hands."""
    pauses: bool = constant(False)

    never_stops: bool = mutant(
        "A leader that cannot renew goes on trying, and leading.", issue="#23731"
    )
    deadline_is_duration: bool = mutant("A leader stops when its lease is over, not before.")
    release_before_stop: bool = mutant("A leader gives the lease back before it stops.")
    taken_blindly: bool = mutant(
        "A candidate writes the record without asking whether it changed since it was read."
    )
    changes_unseen: bool = mutant("A candidate does not start anew when the record changes.")

    holder: Process | None = None
    term: Term = 0
    """Counts how often the lease was taken (leaseTransitions)."""
    leading: Array[Process, bool] = each(False)
    own_term: Array[Process, Term] = each(0)
    since_renewal: Array[Process, Age] = each(0)
    """Ticks since a leader began its last successful renewal."""
    changed: Array[Process, bool] = each(False)
    """Whether the record changed since a candidate read it."""
    since_change: Array[Process, Age] = each(0)
    """Ticks since a candidate saw the record change."""
    ready: Array[Process, bool] = each(False)
    """Whether a candidate has read a record that is over, and is about to write its own."""
    paused: Array[Process, bool] = each(False)

    @joint
    def may_pass(self) -> bool:
        """Every leader that runs and is out of time has stopped."""
        return not any(self.must_stop(r) and not self.paused[r] for r in self.processes)

    @joint
    def pass_time(self) -> None:
        """Leaders count since they renewed, candidates since they saw the record change."""
        for r in self.processes:
            if self.leading[r] and self.since_renewal[r] < self.lease_duration:
                self.since_renewal[r] += 1
            if not self.leading[r] and self.since_change[r] < self.lease_duration:
                self.since_change[r] += 1

    @action
    def look(self, p: Process) -> None:
        """A candidate reads a record that changed, and counts from now."""
        require(self.runs(p) and not self.leading[p] and self.changed[p] and not self.ready[p])
        self.changed[p] = False
        if not self.changes_unseen:
            self.since_change[p] = 0

    @action
    def find_lease_over(self, p: Process) -> None:
        """A candidate reads a record that nobody holds, or that did not change for long."""
        require(self.runs(p) and not self.leading[p] and not self.changed[p])
        require(self.holder is None or self.since_change[p] == self.lease_duration)
        require(not self.ready[p])
        self.ready[p] = True

    @action
    def acquire(self, p: Process) -> None:
        """A candidate writes its name; the API refuses where the record changed meanwhile."""
        require(self.runs(p) and self.ready[p] and self.term < self.terms)
        self.ready[p] = False
        if not self.changed[p] or self.taken_blindly:
            self.term += 1
            self.holder = p
            self.leading[p] = True
            self.own_term[p] = self.term
            self.since_renewal[p] = 0
            self.touch(p)

    @action
    def renew(self, p: Process) -> None:
        """A leader writes the time of renewal into a record that is its own still."""
        require(self.leads(p) and self.holder == p)
        require(not self.must_stop(p) and self.since_renewal[p] > 0)
        self.since_renewal[p] = 0
        self.touch(p)

    @action
    def stop(self, p: Process) -> None:
        """A leader that could not renew in time stops leading."""
        require(self.runs(p) and self.must_stop(p))
        self.resign(p)

    @action
    def release(self, p: Process) -> None:
        """A leader that ends in order stops leading and gives the lease back."""
        require(self.leads(p) and self.holder == p)
        self.holder = None
        self.touch(p)
        if not self.release_before_stop:
            self.resign(p)

    @action
    def pause(self, p: Process) -> None:
        """A process stands still: a long collection of garbage, a frozen machine."""
        require(self.pauses and not self.paused[p])
        self.paused[p] = True

    @action
    def go_on(self, p: Process) -> None:
        """A process goes on where it stood."""
        require(self.paused[p])
        self.paused[p] = False

    def runs(self, p: Process) -> bool:
        """Whether a process does not stand still."""
        return not self.paused[p]

    def leads(self, p: Process) -> bool:
        """Whether a process runs and takes itself for the leader: what it writes then, it writes.

        One that stood still may be wrong about it, until it has looked at its time.
        """
        return self.runs(p) and self.leading[p]

    @joint
    def lose_memory(self, p: Process) -> None:
        """A process that begins anew is a candidate that has read nothing, and runs."""
        self.ready[p] = False
        self.changed[p] = True
        self.paused[p] = False
        self.leave(p)

    @joint
    def stop_leading(self, p: Process) -> None:
        """What a leader does when it leads no longer: most end (OnStoppedLeading)."""

    def must_stop(self, p: Process) -> bool:
        """Whether a leader is out of time."""
        limit = self.lease_duration if self.deadline_is_duration else self.renew_deadline
        return self.leading[p] and self.since_renewal[p] >= limit and not self.never_stops

    def touch(self, p: Process) -> None:
        """The record changed; its writer knows."""
        for q in self.processes:
            self.changed[q] = q != p

    def resign(self, p: Process) -> None:
        """Become a candidate again, that has seen the record as it is now."""
        self.leave(p)
        self.stop_leading(p)

    def leave(self, p: Process) -> None:
        """Lead no longer, and count from now."""
        self.leading[p] = False
        self.own_term[p] = 0
        self.since_renewal[p] = 0
        self.since_change[p] = 0


class Replicas(Lease):
    """Replicas alone; what they write may be fenced by the term of the lease."""

    held_to = no_recording("no test compares it with recorded elections of client-go")

    processes: Domain[Process] = sort(2, at_least=1, at_most=4, symmetric=True)
    fencing: bool = constant(False)
    """Whether writes carry the term and the API refuses old ones; Kubernetes does not do so."""

    fence_open: bool = mutant("The API takes writes of an old term.", issue="#125761")

    written: Term = 0
    """History: the term of the last write that took effect."""

    requires = [one_acting_leader, fenced]

    @action
    def act(self, p: Process) -> None:
        """A leader writes something; it looked at its time before, and may be out of it now."""
        require(self.leads(p))
        if self.own_term[p] >= self.written or not self.fencing or self.fence_open:
            self.written = self.own_term[p]

    @reachable
    def lease_changes_hands(self) -> bool:
        """Every term has had a leader."""
        return self.term == self.terms

    @reachable(when="pauses")
    def two_leaders_after_a_pause(self) -> bool:
        """A process stood still: an old leader goes on beside the new one."""
        return any(
            r != q and self.leading[r] and self.leading[q] and self.runs(r) and self.runs(q)
            for r in self.processes
            for q in self.processes
        )

    instances = [
        instance("defaults"),
        instance("three-terms", terms=3),
        instance("three-replicas", processes=3),
        instance("fencing", pauses=True, fencing=True),
        instance("pauses", pauses=True),
        instance("long-lease", lease_duration=4, renew_deadline=3, terms=3),
    ]

"""Replicas of a scheduler, or of another controller, under a Lease, with time and pauses.

Time goes in ticks. A replica that runs does what is due before the next tick; one that is paused
does nothing, not even stop, and goes on where it was. A candidate counts the time since it saw
the record change, by its own clock, and trusts no time in the record. Left out: clocks of
different speed, which `lease_duration` above `renew_deadline` leaves room for, and crashes, which
are pauses without an end. Source: `client-go/tools/leaderelection/leaderelection.go`.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Range,
    Sort,
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
from planespec.model.parts.processes import Clock
from planespec.spec.scheduling.requirements.leadership import fenced, one_acting_leader


class Replica(Sort):
    """A process that wants to lead."""


Age = Annotated[int, Range(0, "lease_duration")]
"""Ticks, counted up to the duration of the lease."""
Term = Annotated[int, Range(0, "terms")]


class Lease(Clock):
    """Acquire, renew, stop, act; pause and go on."""

    held_to = no_recording("no test compares it with recorded elections of client-go")

    replicas: Domain[Replica] = sort(2, at_least=1, at_most=4, symmetric=True)
    lease_duration: int = constant(3, at_least=2, at_most=9)
    """Ticks after which a record that did not change may be taken over (15 s by default)."""
    renew_deadline: int = constant(2, at_least=1, check="renew_deadline < lease_duration")
    """Ticks without a renewal after which a leader stops (10 s by default)."""
    terms: int = constant(2, at_least=1, at_most=9)
    """How often the lease changes hands."""
    pauses: bool = constant(False)
    fencing: bool = constant(False)
    """Whether writes carry the term and the API refuses old ones; Kubernetes does not do so."""

    never_stops: bool = mutant(
        "A leader that cannot renew goes on trying, and leading.", issue="#23731"
    )
    deadline_is_duration: bool = mutant("A leader stops when its lease is over, not before.")
    release_before_stop: bool = mutant("A leader gives the lease back before it stops.")
    taken_blindly: bool = mutant(
        "A candidate writes the record without asking whether it changed since it was read."
    )
    changes_unseen: bool = mutant("A candidate does not start anew when the record changes.")
    fence_open: bool = mutant("The API takes writes of an old term.", issue="#125761")

    holder: Replica | None = None
    term: Term = 0
    """Counts how often the lease was taken (leaseTransitions)."""
    leading: Array[Replica, bool] = each(False)
    own_term: Array[Replica, Term] = each(0)
    since_renewal: Array[Replica, Age] = each(0)
    """Ticks since a leader began its last successful renewal."""
    changed: Array[Replica, bool] = each(False)
    """Whether the record changed since a candidate read it."""
    since_change: Array[Replica, Age] = each(0)
    """Ticks since a candidate saw the record change."""
    ready: Array[Replica, bool] = each(False)
    """Whether a candidate has read a record that is over, and is about to write its own."""
    paused: Array[Replica, bool] = each(False)
    written: Term = 0
    """History: the term of the last write that took effect."""

    requires = [one_acting_leader, fenced]

    @joint
    def may_pass(self) -> bool:
        """Every leader that runs and is out of time has stopped."""
        return not any(self.must_stop(r) and not self.paused[r] for r in self.replicas)

    @joint
    def pass_time(self) -> None:
        """Leaders count since they renewed, candidates since they saw the record change."""
        for r in self.replicas:
            if self.leading[r] and self.since_renewal[r] < self.lease_duration:
                self.since_renewal[r] += 1
            if not self.leading[r] and self.since_change[r] < self.lease_duration:
                self.since_change[r] += 1

    @action
    def look(self, r: Replica) -> None:
        """A candidate reads a record that changed, and counts from now."""
        require(self.runs(r) and not self.leading[r] and self.changed[r] and not self.ready[r])
        self.changed[r] = False
        if not self.changes_unseen:
            self.since_change[r] = 0

    @action
    def find_lease_over(self, r: Replica) -> None:
        """A candidate reads a record that nobody holds, or that did not change for long."""
        require(self.runs(r) and not self.leading[r] and not self.changed[r])
        require(self.holder is None or self.since_change[r] == self.lease_duration)
        require(not self.ready[r])
        self.ready[r] = True

    @action
    def acquire(self, r: Replica) -> None:
        """A candidate writes its name; the API refuses where the record changed meanwhile."""
        require(self.runs(r) and self.ready[r] and self.term < self.terms)
        self.ready[r] = False
        if not self.changed[r] or self.taken_blindly:
            self.term += 1
            self.holder = r
            self.leading[r] = True
            self.own_term[r] = self.term
            self.since_renewal[r] = 0
            self.touch(r)

    @action
    def renew(self, r: Replica) -> None:
        """A leader writes the time of renewal into a record that is its own still."""
        require(self.runs(r) and self.leading[r] and self.holder == r)
        require(not self.must_stop(r) and self.since_renewal[r] > 0)
        self.since_renewal[r] = 0
        self.touch(r)

    @action
    def stop(self, r: Replica) -> None:
        """A leader that could not renew in time stops leading."""
        require(self.runs(r) and self.must_stop(r))
        self.resign(r)

    @action
    def release(self, r: Replica) -> None:
        """A leader that ends in order stops leading and gives the lease back."""
        require(self.runs(r) and self.leading[r] and self.holder == r)
        self.holder = None
        self.touch(r)
        if not self.release_before_stop:
            self.resign(r)

    @action
    def act(self, r: Replica) -> None:
        """A leader writes something; it looked at its time before, and may be out of it now."""
        require(self.runs(r) and self.leading[r])
        if self.own_term[r] >= self.written or not self.fencing or self.fence_open:
            self.written = self.own_term[r]

    @action
    def pause(self, r: Replica) -> None:
        """A process stands still: a long collection of garbage, a frozen machine."""
        require(self.pauses and not self.paused[r])
        self.paused[r] = True

    @action
    def go_on(self, r: Replica) -> None:
        """A process goes on where it stood."""
        require(self.paused[r])
        self.paused[r] = False

    def runs(self, r: Replica) -> bool:
        """Whether a process does not stand still."""
        return not self.paused[r]

    def must_stop(self, r: Replica) -> bool:
        """Whether a leader is out of time."""
        limit = self.lease_duration if self.deadline_is_duration else self.renew_deadline
        return self.leading[r] and self.since_renewal[r] >= limit and not self.never_stops

    def touch(self, r: Replica) -> None:
        """The record changed; its writer knows."""
        for q in self.replicas:
            self.changed[q] = q != r

    def resign(self, r: Replica) -> None:
        """Become a candidate again, that has seen the record as it is now."""
        self.leading[r] = False
        self.own_term[r] = 0
        self.since_renewal[r] = 0
        self.since_change[r] = 0

    @reachable
    def lease_changes_hands(self) -> bool:
        """Every term has had a leader."""
        return self.term == self.terms

    @reachable(when="pauses")
    def two_leaders_after_a_pause(self) -> bool:
        """A process stood still: an old leader goes on beside the new one."""
        return any(
            r != q and self.leading[r] and self.leading[q] and self.runs(r) and self.runs(q)
            for r in self.replicas
            for q in self.replicas
        )

    instances = [
        instance("defaults"),
        instance("three-terms", terms=3),
        instance("three-replicas", replicas=3),
        instance("fencing", pauses=True, fencing=True),
        instance("pauses", pauses=True),
        instance("long-lease", lease_duration=4, renew_deadline=3, terms=3),
    ]

"""TTL after finished: a Job that is over is deleted once its TTL has passed.

The controller hears of a Job and queues its name. A worker looks at the Job in its cache: one that
does not expire yet comes again when it does; of one that has expired the newest version is read,
and judged again, since its TTL may have been changed; then it is deleted by uid. That the TTL is
changed between this read and the deletion is not noticed, as in v1.36, and not promised either.
Times are those that stand in the status: with a clock that is `ahead` of the one that wrote them
the controller deletes too early (`goes_early` is reached).
Source: `pkg/controller/ttlafterfinished/ttlafterfinished_controller.go`, v1.36; when a Job expires
is the rule `spec/controllers/batch/job_expiry`.
Left out: what foreground deletion waits for, and Jobs that others are deleting.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Fairness,
    Range,
    action,
    constant,
    each,
    instance,
    joint,
    mutant,
    no_recording,
    reachable,
    record,
    replace,
    require,
)
from planespec.model.parts.api_store import Name, ObjectStore, Revision
from planespec.model.parts.informers import Consistency, Informers
from planespec.model.parts.processes import Clock, Crash, Process
from planespec.spec.controllers.upkeep.expiry_requirements import (
    expired_jobs_go,
    jobs_expire_themselves,
    jobs_that_go_had_expired,
)

Time = Annotated[int, Range(0, "time")]
Ttl = Annotated[int, Range(0, "most")]
Later = Annotated[int, Range(0, "time + most")]


@record
class JobState:
    """What is stored of a Job."""

    over: bool = False
    at: Time = 0
    """When it was over, by the clock that wrote its status."""
    ttl: Ttl | None = None
    """`ttlSecondsAfterFinished`, in ticks."""


class ExpiringJobs(ObjectStore, Informers, Crash, Clock):
    """Jobs that are over and expire, and a controller that deletes them."""

    held_to = no_recording(
        "deletions are judged in recordings of whole clusters, and spec/controllers/batch/"
        "job_expiry held to them; a test compares when a Job expires with that rule"
    )

    time: int = constant(2, at_least=1, at_most=6)
    """How many ticks there are: a bound."""
    most: int = constant(1, at_least=0, at_most=4)
    """The largest TTL."""
    ahead: int = constant(0, at_least=0, at_most=2)
    """By how much the clock of the controller is ahead of the one that writes the status."""
    makes: int = constant(2, at_least=1, at_most=4)
    """How many Jobs are made: a bound."""
    edits: int = constant(1, at_least=0, at_most=4)
    """How often a TTL is changed or removed: a bound."""
    writes: int = constant(7, at_least=1, at_most=20, check="writes >= 3 * makes + edits")
    failures: int = constant(0, at_least=0, at_most=3)
    """How often a deletion fails: a bound."""

    trust_cache: bool = mutant("A Job is deleted without being read anew.", issue="pull 66840")
    by_name: bool = mutant("A Job is deleted by name, whichever that is by now.")
    skip_requeue: bool = mutant("A Job that has not expired yet does not come again.")
    give_up: bool = mutant("A Job whose deletion fails is forgotten.", when="failures > 0")

    fairness = {"serve": Fairness.WEAK, "hear": Fairness.WEAK, "tick": Fairness.WEAK}

    requires = [jobs_expire_themselves, jobs_that_go_had_expired, expired_jobs_go]

    now: Time = 0
    job: Array[Name, JobState] = each(JobState())
    served_job: Array[Name, JobState] = each(JobState())
    seen_job: Array[Process, Array[Name, JobState]] = each(each(JobState()))
    made: Annotated[int, Range(0, "makes")] = 0
    edited: Annotated[int, Range(0, "edits")] = 0
    has_expired: Array[Name, bool] = each(False)
    """History: whether the Job has ever been over for as long as the TTL that it had."""
    early: bool = False
    """History: whether a Job was deleted before its TTL, by the clock that wrote its status."""
    overtaken: bool = False
    """History: whether a Job was deleted whose TTL had been extended or removed."""

    due: Array[Process, Array[Name, Later | None]] = each(each(None))
    """When a name that is queued comes, by the clock of the controller; None where it is not."""
    asks: Array[Process, Array[Name, bool]] = each(each(False))
    """Whether a worker is about to read a Job."""
    meant: Array[Process, Array[Name, Revision]] = each(each(0))
    """The uid of the Job that a worker is about to delete."""
    failed: Annotated[int, Range(0, "failures")] = 0

    # Jobs.

    @action
    def make(self, n: Name, ttl: Ttl) -> None:
        """Somebody makes a Job with a TTL."""
        require(self.made < self.makes)
        self.made += 1
        self.create(n)
        self.job[n] = JobState(ttl=ttl)

    def write_job(self, n: Name, state: JobState) -> None:
        """Something is written into a Job that is there."""
        is_there = self.update(n, self.version[n])
        require(is_there)
        self.job[n] = state
        self.note_expiry(n)
        if self.consistency == Consistency.LIVE:
            for p in self.processes:
                self.queue_job(p, n, state)

    @action
    def finish(self, n: Name) -> None:
        """A Job is complete, or has failed."""
        require(not self.job[n].over)
        self.write_job(n, replace(self.job[n], over=True, at=self.now))

    @action
    def set_ttl(self, n: Name, ttl: Ttl) -> None:
        """Somebody changes the TTL of a Job, or gives it one."""
        require(self.edited < self.edits and self.job[n].ttl != ttl)
        self.edited += 1
        self.write_job(n, replace(self.job[n], ttl=ttl))

    @action
    def drop_ttl(self, n: Name) -> None:
        """Somebody removes the TTL of a Job."""
        require(self.edited < self.edits and self.job[n].ttl is not None)
        self.edited += 1
        self.write_job(n, replace(self.job[n], ttl=None))

    @action
    def remove(self, n: Name) -> None:
        """Somebody deletes a Job."""
        self.take_away(n, self.uid[n])

    def take_away(self, n: Name, uid: Revision) -> None:
        """The Job of a uid is deleted, if it is there."""
        is_gone = self.delete(n, uid)
        require(is_gone)
        self.job[n] = JobState()
        self.has_expired[n] = False

    # Time.

    @joint
    def may_pass(self) -> bool:
        """Time ends at its bound."""
        return self.now < self.time

    @joint
    def pass_time(self) -> None:
        """It is a tick later."""
        self.now += 1
        for n in self.names:
            self.note_expiry(n)

    def clock(self) -> int:
        """The time of the controller."""
        return self.now + self.ahead

    def note_expiry(self, n: Name) -> None:
        """Remember that a TTL has passed."""
        self.has_expired[n] = self.has_expired[n] or self.is_expired(n)

    def is_expired(self, n: Name) -> bool:
        """Whether the TTL of a Job has passed, by the clock of the controller."""
        expiry = self.find_expiry(self.job[n])
        return expiry is not None and expiry <= self.clock()

    def find_expiry(self, state: JobState) -> Later | None:
        """When a Job expires; None where it is not over, or has no TTL."""
        ttl = state.ttl
        return None if ttl is None or not state.over else state.at + ttl

    # What the controller hears.

    @joint
    def serve_fields(self, n: Name) -> None:
        """The second API server follows."""
        self.served_job[n] = self.job[n]

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """The controller hears of a Job."""
        self.seen_job[p][n] = self.served_job[n]
        self.queue_job(p, n, self.served_job[n])

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """The controller lists it."""
        self.seen_job[p][n] = self.job[n]
        self.queue_job(p, n, self.job[n])

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """The controller knows of no Job."""
        self.seen_job[p][n] = JobState()

    def queue_job(self, p: Process, n: Name, state: JobState) -> None:
        """A Job that is over and has a TTL is looked at (`addJob`, `updateJob`)."""
        if self.find_expiry(state) is not None:
            self.due[p][n] = 0

    def sees_job(self, p: Process, n: Name) -> JobState:
        """What the controller takes a Job to be."""
        return self.job[n] if self.consistency == Consistency.LIVE else self.seen_job[p][n]

    # What it does.

    @action(fair=Fairness.WEAK, per_instance=True)
    def look(self, p: Process, n: Name) -> None:
        """A worker looks at the Job of a name in its cache (`processJob`)."""
        due = self.due[p][n]
        require(due is not None and due <= self.clock() and self.may_act(p))
        require(not self.asks[p][n] and self.meant[p][n] == 0)
        self.due[p][n] = None
        expiry = self.find_expiry(self.sees_job(p, n))
        if expiry is not None and expiry <= self.clock():
            if self.trust_cache:
                self.meant[p][n] = self.sees(p, n)
            else:
                self.asks[p][n] = True
        elif not self.skip_requeue:
            self.due[p][n] = expiry

    @action(fair=Fairness.WEAK, per_instance=True)
    def ask(self, p: Process, n: Name) -> None:
        """It reads the newest version, and judges again."""
        require(self.asks[p][n])
        self.asks[p][n] = False
        if self.is_expired(n):
            self.meant[p][n] = self.uid[n]
        else:
            self.come_again(p, n)

    def come_again(self, p: Process, n: Name) -> None:
        """A name comes again when its Job expires, unless it comes before (`AddAfter`)."""
        expiry = self.find_expiry(self.job[n])
        if expiry is not None and self.due[p][n] is None:
            self.due[p][n] = expiry

    @action(fair=Fairness.WEAK, per_instance=True)
    def expel(self, p: Process, n: Name) -> None:
        """It deletes the Job that it has read, if that is there still; else it comes again."""
        meant = self.meant[p][n]
        require(meant != 0)
        self.meant[p][n] = 0
        found = self.uid[n]
        if found != 0 and (found == meant or self.by_name):
            self.note_deletion(n)
            self.take_away(n, found)
            self.note_write(p)
        else:
            self.due[p][n] = 0

    def note_deletion(self, n: Name) -> None:
        """Remember what is deleted too early."""
        expiry = self.find_expiry(self.job[n])
        self.early = self.early or (expiry is not None and expiry > self.now)
        self.overtaken = self.overtaken or not self.is_expired(n)

    @action(when="failures > 0")
    def fail_to_expel(self, p: Process, n: Name) -> None:
        """A deletion fails; the name comes again."""
        require(self.meant[p][n] != 0 and self.failed < self.failures)
        self.failed += 1
        self.meant[p][n] = 0
        if not self.give_up:
            self.due[p][n] = 0

    @joint
    def lose_memory(self, p: Process) -> None:
        """The queue, and what workers were about to do, are forgotten; all is told anew."""
        for n in self.names:
            self.due[p][n] = None
            self.asks[p][n] = False
            self.meant[p][n] = 0
            if self.consistency == Consistency.LIVE:
                self.queue_job(p, n, self.job[n])

    @reachable
    def expels_one(self) -> bool:
        """A Job is about to be deleted that has expired."""
        return any(0 < self.meant[p][n] == self.uid[n] for p in self.processes for n in self.names)

    @reachable(when="makes > 1")
    def means_another(self) -> bool:
        """A Job is about to be deleted whose name another one has by now."""
        return any(0 < self.meant[p][n] < self.uid[n] for p in self.processes for n in self.names)

    @reachable(when="edits > 0")
    def is_overtaken(self) -> bool:
        """A Job was deleted whose TTL was extended or removed after it had been read."""
        return self.overtaken

    @reachable(when="ahead > 0")
    def goes_early(self) -> bool:
        """A Job was deleted before its TTL, since clocks differ."""
        return self.early

    instances = [
        instance("small", crashes=0),
        instance("told-apart", crashes=0, merges=False),
        instance("live", consistency=Consistency.LIVE),
        instance("skewed", crashes=0, ahead=1, makes=1),
        instance("failing", crashes=0, failures=1, makes=1),
        instance("crash"),
        instance("edited", crashes=0, makes=1, edits=2, most=2, time=3),
    ]

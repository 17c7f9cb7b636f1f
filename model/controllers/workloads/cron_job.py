"""A CronJob, and the Jobs that it makes, one for each time of its schedule.

A name stands for a time, since the name of a Job follows from its time. A sync follows its Jobs,
deletes those that are replaced, makes one for the last time that came, and then writes the status
(`active`, `lastScheduleTime`). Time goes on only once everybody has heard of all that happened,
and a Job that was made is known to the status: a minute is longer than that takes. Between times
the controller may be away, so that times are missed; the clock may be set back.
Source: `pkg/controller/cronjob/cronjob_controllerv2.go` (syncCronJob), v1.36. The rule of one sync
is `spec/controllers/batch/cron_jobs`.
Left out: what is in a schedule, time zones, suspension, limits of the history, and pods.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Range,
    action,
    constant,
    each,
    given,
    instance,
    joint,
    mutant,
    no_recording,
    reachable,
    record,
    replace,
    require,
    sort,
)
from planespec.model.controllers.workloads.fresh_starts import FreshStarts
from planespec.model.parts.api_store import Name, ObjectStore, Revision
from planespec.model.parts.informers import Consistency, Informers
from planespec.model.parts.processes import Clock, Crash, Process
from planespec.spec.controllers.batch.batch_requirements import (
    Policy,
    Run,
    due_times_run,
    last_time_goes_forward,
    runs_do_not_overlap,
    runs_start_in_time,
    times_run_once,
)

Version = Annotated[int, Range(0, "cron_writes")]
Times = Annotated[int, Range(0, "names")]


class Step(Enum):
    """What a sync does next."""

    IDLE = "no sync"
    REPLACE = "delete Jobs that are replaced"
    START = "make a Job"
    WRITE = "write the status"


@record
class CronStatus:
    """A CronJob as it is stored."""

    active: Array[Name, Revision]
    """The uids of Jobs that are said to run; 0 for none."""
    version: Version = 0
    last: Times = 0
    """How many times had come at `lastScheduleTime`."""


class CronJobs(ObjectStore, Informers, Crash, Clock, FreshStarts):
    """One CronJob; the names are the times of its schedule."""

    held_to = no_recording(
        "syncs of one controller are recorded, and spec/controllers/batch/cron_jobs held to them; "
        "what is heard late and what a crash leaves is not"
    )

    names: Domain[Name] = sort(2, at_least=1, at_most=4)
    writes: int = constant(8, at_least=1, at_most=20)
    crashes: int = constant(0, at_least=0, at_most=9)
    cron_writes: int = constant(8, at_least=1, at_most=20)
    """How many writes of the CronJob take effect: a bound."""
    policy: Policy = constant(Policy.FORBID)
    has_deadline: bool = constant(default=False)
    """Whether `startingDeadlineSeconds` may pass before the next time."""
    cleans: bool = constant(default=False)
    """Whether Jobs that are over are removed, once the controller knows them by the status."""
    disturbances: int = constant(1, at_least=0, at_most=4)
    """How often users write into the CronJob, or the clock is set back: a bound."""

    slow_cache: bool = mutant(
        "Time goes on though the controller has not heard of all that happened."
    )
    slow_restart: bool = mutant(
        "Time goes on before a Job that was made is known to the status.", issue="#120649"
    )
    exists_is_error: bool = mutant(
        "A Job that is there already is an error, and never becomes known to the status.",
        issue="#120649",
    )
    random_names: bool = mutant("The name of a Job does not follow from its time.")
    done_stay_active: bool = mutant(
        "A Job whose labels were changed is not looked at, and stays active.", issue="#108023"
    )
    early_removal: bool = mutant(
        "A Job is removed as soon as it is over (`ttlSecondsAfterFinished: 0`).", when="cleans"
    )
    last_unheeded: bool = mutant("A time is looked for from the clock alone.")
    deadline_unheeded: bool = mutant(
        "A Job is made though its deadline has passed.", when="has_deadline"
    )
    replaces_late: bool = mutant(
        "With Replace, Jobs that run are deleted after the new one began."
    )

    fairness = {
        "serve": Fairness.WEAK,
        "hear[p]": Fairness.WEAK,
        "hear_cron[p]": Fairness.WEAK,
    }

    now: Times = 0
    """How many times of the schedule have come."""
    is_late: bool = False
    """Whether the deadline of the last time has passed."""
    disturbed: Annotated[int, Range(0, "disturbances")] = 0

    run: Array[Name, Run] = each(Run.NONE)
    served_run: Array[Name, Run] = each(Run.NONE)
    seen_run: Array[Process, Array[Name, Run]] = each(each(Run.NONE))
    cron: CronStatus = CronStatus(each(0))
    seen_cron: Array[Process, CronStatus] = each(CronStatus(each(0)))

    # Memory of a process.

    step: Array[Process, Step] = each(Step.IDLE)
    held: Array[Process, CronStatus] = each(CronStatus(each(0)))
    due: Array[Process, Name | None] = each(None)
    """The time for which the sync makes a Job."""

    times_run: Array[Name, Annotated[int, Range(0, 2)]] = each(0)
    """History: how often a Job was made for a time, up to twice."""

    requires = [
        times_run_once,
        runs_do_not_overlap,
        runs_start_in_time,
        last_time_goes_forward,
        due_times_run,
    ]

    @property
    def last(self) -> Times:
        """How many times had come at `lastScheduleTime`."""
        return self.cron.last

    @property
    def is_due(self) -> dict[Name, bool]:
        """Whether the deadline of a time has not passed."""
        return {
            t: not self.has_deadline or (t == self.now - 1 and not self.is_late)
            for t in self.names
        }

    @property
    def is_settled(self) -> bool:
        """Whether the last time has had its Job, or is too late."""
        return self.cron.last >= self.now or (self.has_deadline and self.is_late)

    # Time, Jobs and users.

    @joint
    def may_pass(self) -> bool:
        """There is another time, and all is done and heard of that happened before."""
        return self.now < len(self.names) and self.is_quiet()

    def is_quiet(self) -> bool:
        """Whether nobody is in the midst of something, and all is heard of."""
        idle = all(self.step[p] == Step.IDLE for p in self.processes)
        live = self.consistency == Consistency.LIVE or self.slow_cache
        heard = live or all(
            self.known[p] == self.revision and self.seen_cron[p] == self.cron
            for p in self.processes
        )
        known = all(self.uid[t] == 0 or t < self.cron.last for t in self.names)
        return idle and heard and (known or self.slow_restart)

    @joint
    def pass_time(self) -> None:
        """The next time of the schedule comes."""
        self.now += 1
        self.is_late = False

    @action(when="has_deadline")
    def pass_deadline(self) -> None:
        """It is too late for the last time."""
        require(self.now > 0 and not self.is_late and self.is_quiet())
        self.is_late = True

    @action
    def set_back(self) -> None:
        """The clock is set back by one time."""
        require(self.now > 0 and self.is_quiet())
        self.disturb()
        self.now -= 1
        self.is_late = self.has_deadline and self.now > 0

    def disturb(self) -> None:
        """Somebody does something, once more."""
        require(self.disturbed < self.disturbances)
        self.disturbed += 1

    @action
    def annotate(self) -> None:
        """A user writes something into the CronJob that means nothing."""
        self.disturb()
        require(self.cron.version < self.cron_writes)
        self.cron = replace(self.cron, version=self.cron.version + 1)

    @action(fair=Fairness.WEAK, per_instance=True)
    def finish(self, t: Name) -> None:
        """A Job is over."""
        require(self.run[t] == Run.RUNNING)
        is_there = self.update(t, self.version[t])
        require(is_there)
        self.run[t] = Run.DONE

    @action(when="cleans")
    def clean(self, t: Name) -> None:
        """A Job that is over is removed, which takes longer than to hear of it."""
        is_known = all(
            t < self.sees_cron(p).last and (self.step[p] == Step.IDLE or t < self.held[p].last)
            for p in self.processes
        )
        require(self.run[t] == Run.DONE and (self.early_removal or is_known))
        self.remove(t)

    def remove(self, t: Name) -> None:
        """A Job is gone."""
        is_gone = self.delete(t, self.uid[t])
        require(is_gone)
        self.run[t] = Run.NONE

    # One sync.

    def sees_cron(self, p: Process) -> CronStatus:
        """The CronJob as a process takes it to be."""
        return self.cron if self.consistency == Consistency.LIVE else self.seen_cron[p]

    def sees_run(self, p: Process, t: Name) -> Run:
        """Where a process takes the Job of a time to be."""
        return self.run[t] if self.consistency == Consistency.LIVE else self.seen_run[p][t]

    def still_active(self, p: Process, t: Name) -> Revision:
        """The Job of a time that stays in `active`; one that is not seen is asked for."""
        uid = self.sees_cron(p).active[t]
        is_over = self.sees(p, t) == uid and self.sees_run(p, t) == Run.DONE
        is_missing = self.sees(p, t) != uid and self.uid[t] == 0
        return 0 if (is_over and not self.done_stay_active) or is_missing else uid

    def is_wanted(self, p: Process, t: Name) -> bool:
        """Whether a Job is to be made for a time."""
        cron = self.sees_cron(p)
        is_last = t == self.now - 1
        is_new = (cron.last <= t or self.last_unheeded) and cron.last != t + 1
        is_in_time = self.deadline_unheeded or not self.is_late
        is_free = self.policy != Policy.FORBID or all(
            self.still_active(p, other) == 0 for other in self.names
        )
        return is_last and is_new and is_in_time and is_free and self.still_active(p, t) == 0

    @action(fair=Fairness.WEAK, per_instance=True)
    def begin(self, p: Process) -> None:
        """A sync begins: Jobs that are over leave `active`, and a time may be due."""
        require(self.step[p] == Step.IDLE and self.may_sync(p))
        cron = self.sees_cron(p)
        self.held[p] = replace(cron, active={t: self.still_active(p, t) for t in self.names})
        for t in self.names:
            if self.is_wanted(p, t):
                self.due[p] = t
        self.go_on(p)
        if self.step[p] == Step.IDLE:
            require(self.held[p] != cron)
            self.step[p] = Step.WRITE

    def go_on(self, p: Process) -> None:
        """Find what comes before the status is written."""
        replaces = self.policy == Policy.REPLACE and any(uid != 0 for uid in self.held[p].active)
        if self.due[p] is not None:
            late = self.replaces_late
            self.step[p] = Step.REPLACE if replaces and not late else Step.START

    @action(when="policy.name == 'REPLACE'", fair=Fairness.WEAK, per_instance=("p",))
    def replace_one(self, p: Process, t: Name) -> None:
        """A Job that runs is deleted, for another one to begin; if it is gone, the sync fails."""
        require(self.step[p] == Step.REPLACE and self.held[p].active[t] != 0)
        if self.uid[t] == 0:
            self.step[p] = Step.WRITE
        else:
            self.remove(t)
            self.held[p] = replace(self.held[p], active=self.held[p].active | {t: 0})
            self.go_on(p)

    @action(fair=Fairness.WEAK, per_instance=True)
    def start(self, p: Process) -> None:
        """A Job is made for a time; one that is there already is taken for its own."""
        require(self.step[p] == Step.START)
        t = given(self.due[p])
        is_there = self.uid[t] != 0
        if not is_there:
            self.create(t)
            self.run[t] = Run.RUNNING
        if not is_there or self.random_names:
            self.times_run[t] = min(2, self.times_run[t] + 1)
        if is_there and self.exists_is_error:
            self.step[p] = Step.WRITE
        else:
            active = self.held[p].active | {t: self.uid[t]}
            self.held[p] = replace(self.held[p], active=active, last=t + 1)
            self.step[p] = Step.WRITE

    @action(fair=Fairness.WEAK, per_instance=True)
    def write_status(self, p: Process) -> None:
        """The status is written, unless the CronJob was written since it was read."""
        require(self.step[p] == Step.WRITE)
        if self.held[p].version == self.cron.version and self.held[p] != self.cron:
            require(self.cron.version < self.cron_writes)
            self.cron = replace(self.held[p], version=self.cron.version + 1)
        self.stop(p)

    def stop(self, p: Process) -> None:
        """A sync is over."""
        self.step[p] = Step.IDLE
        self.held[p] = CronStatus(each(0))
        self.due[p] = None

    # What a process hears and forgets.

    @action
    def hear_cron(self, p: Process) -> None:
        """A process hears of the CronJob as it is."""
        require(self.consistency != Consistency.LIVE)
        self.seen_cron[p] = self.cron

    @joint
    def lose_memory(self, p: Process) -> None:
        """The rest of a sync is forgotten; the next process reads the CronJob as it is."""
        self.stop(p)
        self.seen_cron[p] = CronStatus(each(0)) if self.stale_start else self.cron

    @joint
    def serve_fields(self, n: Name) -> None:
        """The second API server follows."""
        self.served_run[n] = self.run[n]

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """A process hears what is served."""
        self.seen_run[p][n] = self.served_run[n]

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A process reads what is stored."""
        self.seen_run[p][n] = self.run[n]

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """A process knows of no Job."""
        self.seen_run[p][n] = Run.NONE

    @reachable(when="names > 1")
    def misses_a_time(self) -> bool:
        """A time passes without its Job, and the next one has its."""
        return any(
            self.times_run[t] == 0 and t < u and self.times_run[u] == 1
            for t in self.names
            for u in self.names
        )

    @reachable(when="names > 1")
    def runs_twice(self) -> bool:
        """Two times have had their Jobs."""
        return sum(1 for t in self.names if self.times_run[t] > 0) > 1

    instances = [
        instance("forbid"),
        instance("allow", policy=Policy.ALLOW, cleans=True),
        instance("replace", policy=Policy.REPLACE),
        instance("deadline", has_deadline=True),
        instance("restart", crashes=1, cleans=True),
    ]

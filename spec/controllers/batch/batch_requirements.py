"""What Jobs and CronJobs promise: CTRL-32 to CTRL-44.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/ (called "Jobs"),
https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ (called "CronJobs"), KEP-2307,
and the issues of kubernetes/kubernetes that are named.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Ending(Enum):
    """The condition of a Job that says how far its end has come."""

    NONE = "none"
    CRITERIA_MET = "SuccessCriteriaMet"
    FAILURE_TARGET = "FailureTarget"
    COMPLETE = "Complete"
    FAILED = "Failed"


OVER = (Ending.COMPLETE, Ending.FAILED)


class JobStatus(Protocol):
    """The status of a Job."""

    @property
    def succeeded(self) -> int:
        """Pods that have been counted as succeeded."""

    @property
    def failed(self) -> int:
        """Pods that have been counted as failed."""

    @property
    def ok(self) -> Collection[int]:
        """Uids in `uncountedTerminatedPods.succeeded`."""

    @property
    def bad(self) -> Collection[int]:
        """Uids in `uncountedTerminatedPods.failed`."""

    @property
    def ending(self) -> Ending:
        """How far its end has come."""


class Tracked(Protocol):
    """A Job and its pods."""

    @property
    def names(self) -> Iterable[Any]:
        """Names of pods."""

    @property
    def completions(self) -> int:
        """How many pods have to succeed."""

    @property
    def parallelism(self) -> int:
        """How many may run at once."""

    @property
    def waits_for_ends(self) -> bool:
        """Whether a pod is replaced only when it has ended (`podReplacementPolicy`)."""

    @property
    def job(self) -> JobStatus:
        """The status as it is stored."""

    @property
    def is_gone(self) -> bool:
        """Whether the Job was deleted."""

    @property
    def active(self) -> Collection[Any]:
        """Pods that have neither ended nor are marked for deletion."""

    @property
    def terminating(self) -> Collection[Any]:
        """Pods that are marked and still run."""

    @property
    def held_back(self) -> Collection[Any]:
        """Pods that have the finalizer of the Job controller."""

    @property
    def ended_ok(self) -> int:
        """History: how many pods have succeeded."""

    @property
    def ended_bad(self) -> int:
        """History: how many pods have failed, or were marked for deletion."""

    @property
    def was_lost(self) -> bool:
        """Whether a pod that ended could go before the status knew of it."""


@requirement("CTRL-32", source="KEP-2307; #105200")
def pods_are_counted_once(s: Tracked) -> bool:
    """A Job counts each of its pods at most once."""
    job = s.job
    return job.succeeded + len(job.ok) <= s.ended_ok and job.failed + len(job.bad) <= s.ended_bad


@requirement("CTRL-33", source="Jobs, Parallel execution for Jobs")
def complete_jobs_have_succeeded(s: Tracked) -> bool:
    """A Job is complete only once as many pods have succeeded as it asks for."""
    return s.job.ending != Ending.COMPLETE or s.completions <= min(s.job.succeeded, s.ended_ok)


@requirement("CTRL-34", source="Jobs, Termination of Job Pods; #130103")
def nothing_runs_after_the_end(s: Tracked) -> bool:
    """Once a Job is complete or has failed none of its pods runs, and none is made."""
    runs = len(s.active) > 0 or len(s.terminating) > 0
    return s.is_gone or s.job.ending not in OVER or not runs


@requirement("CTRL-35", source="Jobs, Controlling parallelism; #28486, #115844")
def few_pods_run_at_once(s: Tracked) -> bool:
    """No more pods of a Job are active at once than it allows; marked ones count if it waits."""
    marked = len(s.terminating) if s.waits_for_ends else 0
    return len(s.active) + marked <= s.parallelism


@requirement("CTRL-36", source="KEP-2307; #28486")
def no_end_is_missed(s: Tracked) -> bool:
    """A pod that has ended is not let go before the status of its Job knows of it."""
    return not s.was_lost


@requirement("CTRL-37", source="Jobs", promise="always eventually")
def jobs_end(s: Tracked) -> bool:
    """A Job is complete or has failed at last, unless it is deleted."""
    return s.is_gone or s.job.ending in OVER


@requirement("CTRL-38", source="KEP-2307; #108645, #109429", promise="always eventually")
def pods_can_go_at_last(s: Tracked) -> bool:
    """When a Job is over or gone, no pod keeps its finalizer for ever."""
    return len(s.held_back) == 0 or not (s.is_gone or s.job.ending in OVER)


@requirement("CTRL-39", source="#125410")
def pods_end_one_way(s: Tracked) -> bool:
    """No pod is noted both as succeeded and as failed."""
    return not any(uid in s.job.bad for uid in s.job.ok)


class Policy(Enum):
    """`concurrencyPolicy`."""

    ALLOW = "Allow"
    FORBID = "Forbid"
    REPLACE = "Replace"


class Run(Enum):
    """Where the Job of a scheduled time is."""

    NONE = "not there"
    RUNNING = "running"
    DONE = "over"


class Scheduled(Protocol):
    """A CronJob, and a Job for each time of its schedule."""

    @property
    def names(self) -> Iterable[Any]:
        """Times of the schedule, from 0 on."""

    @property
    def policy(self) -> Policy:
        """Whether runs may overlap."""

    @property
    def run(self) -> Mapping[Any, Run]:
        """Where the Job of a time is."""

    @property
    def now(self) -> int:
        """How many times of the schedule have come."""

    @property
    def is_due(self) -> Mapping[Any, bool]:
        """Whether it is not too late for a time that has come."""

    @property
    def last(self) -> int:
        """How many times have come by `status.lastScheduleTime`."""

    @property
    def times_run(self) -> Mapping[Any, int]:
        """History: how often a Job was made for a time."""

    @property
    def is_settled(self) -> bool:
        """Whether the last time has had its Job, or must not have one."""


@requirement("CTRL-40", source="pkg/controller/cronjob, getJobName; #34447")
def times_run_once(s: Scheduled) -> bool:
    """For each time of a schedule at most one Job is made."""
    return all(s.times_run[t] <= 1 for t in s.names)


@requirement("CTRL-41", source="CronJobs, Concurrency policy; #107827")
def runs_do_not_overlap(s: Scheduled) -> bool:
    """With Forbid or Replace, no two Jobs of a CronJob run at once."""
    running = sum(1 for t in s.names if s.run[t] == Run.RUNNING)
    return s.policy == Policy.ALLOW or running <= 1


@requirement("CTRL-42", source="CronJobs, Deadline for delayed Job start")
def runs_start_in_time(before: Scheduled, after: Scheduled) -> bool:
    """A Job is made for a time that has come, and not after its deadline."""
    return all(
        before.times_run[t] == after.times_run[t] or (t < before.now and before.is_due[t])
        for t in after.names
    )


@requirement("CTRL-43", source="pkg/controller/cronjob, UpdateStatus")
def last_time_goes_forward(before: Scheduled, after: Scheduled) -> bool:
    """`lastScheduleTime` never goes back."""
    return before.last <= after.last


@requirement("CTRL-44", source="CronJobs; PR #120649", promise="always eventually")
def due_times_run(s: Scheduled) -> bool:
    """When time stands still, the last time of the schedule has its Job, or is skipped."""
    return s.is_settled

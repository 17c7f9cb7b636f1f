"""One sync of a Job: what is decided from caches, and the writes that follow one by one.

Pods are made or deleted first; then the status notes which pods have ended
(`uncountedTerminatedPods`); then their finalizers are taken off; then the status counts them, and
says that the Job is over. A write of the status that is refused ends the sync; a crash forgets the
rest of it.
Source: `pkg/controller/job/job_controller.go` (syncJob, manageJob, deleteActivePods,
trackJobStatusAndRemoveFinalizers, flushUncountedAndRemoveFinalizers, enactJobFinished), v1.36.
The rule of one sync is `spec/controllers/batch/job_sync`.
Left out: what `job_views` leaves out, back-off, patches that fail, and more than one pod that is
too many deleted in one sync.
"""

from planespec.checker.lang import Fairness, action, choose, joint, replace, require
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.workloads.job_views import JobViews, Status, Step
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.processes import Process
from planespec.spec.controllers.batch.batch_requirements import OVER, Ending


class JobSyncs(JobViews):
    """Syncs of a Job."""

    # Deciding.

    @action(fair=Fairness.WEAK, per_instance=True)
    def begin(self, p: Process) -> None:
        """A sync begins: all is decided from what is seen now."""
        require(self.step[p] == Step.IDLE and self.hears_itself(p))
        require(self.may_sync(p) or self.ends_unheard)
        if self.gives_up:
            require(not self.has_given_up[p])
        job = self.sees_job(p)
        require(not self.sees_gone(p) and job.ending not in OVER)
        old = {self.sees(p, n) for n in self.names if self.sees_tracked(p, n)}
        new_ok = {
            self.sees(p, n)
            for n in self.names
            if self.sees_tracked(p, n) and self.sees_success(p, n)
        } - (job.ok | job.bad)
        new_bad = {
            self.sees(p, n)
            for n in self.names
            if self.sees_tracked(p, n) and self.sees_failure(p, n)
        } - job.bad
        succeeded = job.succeeded + len(job.ok) + len(new_ok)
        failed = job.failed + len(job.bad) + len(new_bad)
        self.find_aim(p, job, failed)
        self.act(p, job.is_suspended, succeeded)
        if self.aim[p] == Ending.FAILED:
            new_bad = {n for n in old if n not in new_ok and n not in job.bad}
        self.note(p, job, old, new_ok, new_bad)
        self.go_on(p)
        require(self.step[p] != Step.IDLE)

    def find_aim(self, p: Process, job: Status, failed: int) -> None:
        """See whether the Job is about to be over, or fails now."""
        if job.ending == Ending.CRITERIA_MET:
            self.aim[p] = Ending.COMPLETE
        elif job.ending == Ending.FAILURE_TARGET or failed > self.backoff_limit:
            self.aim[p] = Ending.FAILED

    def act(self, p: Process, is_suspended: bool, succeeded: int) -> None:
        """Decide which pods are made and which deleted, and whether that is the end."""
        active = sum(1 for n in self.names if self.sees_active(p, n))
        self.is_still[p] = not any(self.sees_ending(p, n) for n in self.names)
        if self.aim[p] != Ending.NONE:
            self.remove_all(p)
            if not (self.expects_nothing(p) or self.ends_unheard):
                self.aim[p] = Ending.NONE
            return
        wanted = 0 if is_suspended else self.find_wanted(succeeded)
        if self.expects_nothing(p):
            self.manage(p, active, wanted)
        is_enough = succeeded >= self.completions
        rest = sum(1 for n in self.names if self.sees_active(p, n) and self.to_delete[p][n] == 0)
        if is_enough and rest == 0 and self.to_make[p] == 0:
            self.aim[p] = Ending.COMPLETE

    def find_wanted(self, succeeded: int) -> int:
        """How many pods are to be active."""
        return max(min(self.completions - succeeded, self.parallelism), 0)

    def manage(self, p: Process, active: int, wanted: int) -> None:
        """Bring the number of active pods to what it should be; of several one goes at a time."""
        if active > wanted:
            self.strips[p] = True
            if wanted == 0:
                self.remove_all(p)
            else:
                n = choose(self.names)
                require(self.sees_active(p, n))
                self.to_delete[p][n] = self.sees(p, n)
        else:
            marked = sum(1 for n in self.names if self.sees_ending(p, n))
            waits = self.waits_for_ends and not self.replaces_early
            self.to_make[p] = max(wanted - active - (marked if waits else 0), 0)

    def remove_all(self, p: Process) -> None:
        """Every active pod is to be deleted."""
        for n in self.names:
            if self.sees_active(p, n):
                self.to_delete[p][n] = self.sees(p, n)

    def note(
        self,
        p: Process,
        job: Status,
        old: set[Revision],
        new_ok: set[Revision],
        new_bad: set[Revision],
    ) -> None:
        """Prepare the status: pods that are free are counted, those that have ended are noted."""
        ending = job.ending
        if self.aim[p] == Ending.COMPLETE and ending == Ending.NONE:
            ending = Ending.CRITERIA_MET
        if self.aim[p] == Ending.FAILED:
            ending = Ending.FAILURE_TARGET
        self.held[p] = replace(
            job,
            succeeded=job.succeeded + len(job.ok - old),
            failed=job.failed + len(job.bad - old),
            ok=(job.ok & old) | new_ok,
            bad=(job.bad & old) | new_bad,
            ending=ending,
        )
        if self.counts_at_once:
            self.held[p] = self.counted(self.held[p])
        self.has_news[p] = self.held[p] != job
        for n in self.names:
            ends = self.sees_success(p, n) or self.sees_failure(p, n)
            if self.sees_tracked(p, n) and (ends or self.aim[p] != Ending.NONE):
                self.to_free[p][n] = self.sees(p, n)
        if any(uid != 0 for uid in self.to_delete[p]):
            self.is_still[p] = False

    def counted(self, job: Status) -> Status:
        """The status once all that was noted is counted."""
        return replace(
            job,
            succeeded=job.succeeded + len(job.ok),
            failed=job.failed + len(job.bad),
            ok=frozenset(),
            bad=frozenset(),
        )

    def last_status(self, p: Process) -> Status:
        """The status with which a sync ends."""
        ending = self.held[p].ending
        if self.aim[p] != Ending.NONE and self.is_still[p]:
            ending = self.aim[p]
        return replace(self.counted(self.held[p]), ending=ending)

    # Writing.

    def go_on(self, p: Process) -> None:
        """Find what a sync does next."""
        frees = any(uid != 0 for uid in self.to_free[p])
        if self.to_make[p] > 0 or any(uid != 0 for uid in self.to_delete[p]):
            self.step[p] = Step.PODS
        elif frees and self.frees_first:
            self.step[p] = Step.FREE
        elif self.has_news[p]:
            self.step[p] = Step.NOTE
        elif frees:
            self.step[p] = Step.FREE
        elif self.last_status(p) != self.held[p]:
            self.step[p] = Step.COUNT
        else:
            self.stop(p)

    def stop(self, p: Process) -> None:
        """A sync is over."""
        self.step[p] = Step.IDLE
        self.held[p] = Status()
        self.aim[p] = Ending.NONE
        self.is_still[p] = False
        self.to_make[p] = 0
        self.strips[p] = False
        self.has_news[p] = False
        for n in self.names:
            self.to_delete[p][n] = 0
            self.to_free[p][n] = 0

    @action(fair=Fairness.WEAK, per_instance=("p",))
    def make(self, p: Process, n: Name) -> None:
        """A pod is made, with the finalizer."""
        require(self.step[p] == Step.PODS and self.to_make[p] > 0)
        self.make_pod(p, n)
        self.is_tracked[n] = True
        self.to_make[p] -= 1
        self.go_on(p)

    @action(fair=Fairness.WEAK, per_instance=("p",))
    def delete_one(self, p: Process, n: Name) -> None:
        """A pod is deleted; one that is too many loses its finalizer in a write before."""
        uid = self.to_delete[p][n]
        require(self.step[p] == Step.PODS and uid != 0)
        if self.strips[p] and self.uid[n] == uid and self.is_tracked[n]:
            self.untrack(n)
        else:
            self.delete_pod(p, n, uid)
            self.to_delete[p][n] = 0
            self.go_on(p)

    def write_job(self, p: Process, status: Status) -> bool:
        """Whether a status is stored (else 409, or 404)."""
        is_old = self.held[p].version != self.job.version
        if self.is_gone or is_old:
            if self.gives_up:
                self.has_given_up[p] = True
            return False
        require(self.job.version < self.job_writes)
        version = self.job.version + 1
        self.job = replace(status, version=version, is_suspended=self.job.is_suspended)
        self.held[p] = self.job
        self.wrote_job[p] = version
        return True

    @action(fair=Fairness.WEAK, per_instance=True)
    def write_news(self, p: Process) -> None:
        """The status notes pods that have ended, before their finalizers go."""
        require(self.step[p] == Step.NOTE)
        is_written = self.write_job(p, self.held[p])
        self.has_news[p] = False
        if is_written:
            self.go_on(p)
        else:
            self.stop(p)

    @action(fair=Fairness.WEAK, per_instance=("p",))
    def free(self, p: Process, n: Name) -> None:
        """A finalizer is taken off."""
        uid = self.to_free[p][n]
        require(self.step[p] == Step.FREE and uid != 0)
        if self.uid[n] == uid and self.is_tracked[n]:
            is_ended = self.life[n] == PodLife.SUCCEEDED or self.life[n] == PodLife.FAILED
            is_noted = uid in self.job.ok or uid in self.job.bad or self.counts_at_once
            is_open = self.job.ending == Ending.NONE and not self.is_gone
            self.was_lost = self.was_lost or (is_ended and is_open and not is_noted)
            self.untrack(n)
        self.freed[p][n] = uid
        self.to_free[p][n] = 0
        self.go_on(p)

    def untrack(self, n: Name) -> None:
        """A pod has no finalizer any longer."""
        is_there = self.update(n, self.version[n])
        require(is_there)
        self.is_tracked[n] = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def write_counts(self, p: Process) -> None:
        """The status counts what is free, and says that the Job is over when it is."""
        require(self.step[p] == Step.COUNT)
        self.write_job(p, self.last_status(p))
        self.stop(p)

    @joint
    def lose_memory(self, p: Process) -> None:
        """The rest of a sync is forgotten; the next process reads the Job as it is."""
        self.stop(p)
        self.wrote_job[p] = 0
        for n in self.names:
            self.freed[p][n] = 0
        if not self.stale_start:
            self.seen_job[p] = self.job
            self.seen_gone[p] = self.is_gone

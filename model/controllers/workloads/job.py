"""A Job, its pods, and whoever else writes: users, the garbage collector, nodes.

Pods end well or not; users delete pods, write something into the Job, suspend it for a while, or
delete it. Pods that have ended are removed once they have no finalizer.
Source: `pkg/controller/job/job_controller.go` (syncOrphanPod), KEP-2307. How a sync goes is
`job_steps`.
Left out: that pods fail for ever, which `backoff_limit` ends.
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
    replace,
    require,
)
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.workloads.job_steps import JobSyncs
from planespec.model.controllers.workloads.job_views import Count
from planespec.model.parts.api_store import Name
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process
from planespec.spec.controllers.batch.batch_requirements import (
    OVER,
    Ending,
    complete_jobs_have_succeeded,
    few_pods_run_at_once,
    jobs_end,
    no_end_is_missed,
    nothing_runs_after_the_end,
    pods_are_counted_once,
    pods_can_go_at_last,
    pods_end_one_way,
)


class Jobs(JobSyncs):
    """One Job in its surroundings."""

    held_to = no_recording(
        "syncs of one controller are recorded, and spec/controllers/batch/job_sync held to them; "
        "what is heard late and what a crash leaves is not"
    )

    writes: int = constant(12, at_least=1, at_most=20)
    pods_succeed: bool = constant(default=True)
    disturbances: int = constant(1, at_least=0, at_most=4)
    """How often users delete a pod, write into the Job, suspend or delete it: a bound."""
    suspends: bool = constant(default=False)
    """Whether users suspend the Job for a while."""
    is_deleted: bool = constant(default=False)
    """Whether users delete the Job."""

    orphans_kept: bool = mutant(
        "Pods of a Job that is gone keep their finalizers.", issue="#108645", when="is_deleted"
    )
    finalizers_ignored: bool = mutant(
        "A pod that has ended is removed though it has the finalizer.", issue="#28486"
    )
    phase_flips: bool = mutant(
        "A kubelet says of a pod that has succeeded that it has failed.", issue="#125410"
    )

    fairness = {
        "serve": Fairness.WEAK,
        "hear[p]": Fairness.WEAK,
        "hear_job[p]": Fairness.WEAK,
        "succeed_pod[n]": Fairness.WEAK,
    }

    disturbed: Annotated[int, Range(0, "disturbances")] = 0
    ended_ok: Count = 0
    ended_bad: Count = 0
    is_bad: Array[Name, bool] = each(False)
    """Whether the end of a pod was counted as bad in `ended_bad`."""

    requires = [
        pods_are_counted_once,
        complete_jobs_have_succeeded,
        nothing_runs_after_the_end,
        few_pods_run_at_once,
        no_end_is_missed,
        jobs_end,
        pods_can_go_at_last,
        pods_end_one_way,
    ]

    @property
    def active(self) -> set[Name]:
        """Pods that have neither ended nor are marked."""
        return {n for n in self.names if self.is_active(n)}

    @property
    def terminating(self) -> set[Name]:
        """Pods that are marked."""
        return {n for n in self.names if self.life[n] == PodLife.DELETING}

    @property
    def held_back(self) -> set[Name]:
        """Pods that have the finalizer."""
        return {n for n in self.names if self.is_tracked[n]}

    # Users.

    def disturb(self) -> None:
        """Somebody does something, once more."""
        require(self.disturbed < self.disturbances)
        self.disturbed += 1

    def write_by_hand(self, is_suspended: bool) -> None:
        """Somebody writes into the Job."""
        require(not self.is_gone and self.job.version < self.job_writes)
        self.job = replace(self.job, version=self.job.version + 1, is_suspended=is_suspended)

    @action
    def annotate(self) -> None:
        """A user writes something into the Job that means nothing."""
        self.disturb()
        self.write_by_hand(self.job.is_suspended)

    @action(when="suspends")
    def suspend(self) -> None:
        """A user suspends the Job."""
        require(not self.job.is_suspended and self.job.ending not in OVER)
        self.disturb()
        self.write_by_hand(True)

    @action(when="suspends", fair=Fairness.WEAK)
    def resume(self) -> None:
        """A user lets it go on."""
        require(self.job.is_suspended)
        self.write_by_hand(False)

    @action(when="is_deleted")
    def delete_job(self) -> None:
        """A user deletes the Job; what it made will be collected."""
        require(not self.is_gone)
        self.disturb()
        self.is_gone = True

    @action
    def delete_by_hand(self, n: Name) -> None:
        """A user, or whoever evicts, deletes a pod."""
        require(self.is_active(n))
        self.disturb()
        self.write_life(n, PodLife.DELETING)

    # Others.

    @action(when="is_deleted", fair=Fairness.WEAK, per_instance=True)
    def collect(self, n: Name) -> None:
        """The garbage collector deletes a pod of a Job that is gone."""
        require(self.is_gone and self.uid[n] != 0 and self.life[n] != PodLife.DELETING)
        self.write_life(n, PodLife.DELETING)

    @action(fair=Fairness.WEAK, per_instance=True)
    def clean(self, n: Name) -> None:
        """A pod that has ended, and that no finalizer holds, is removed."""
        has_ended = self.life[n] == PodLife.SUCCEEDED or self.life[n] == PodLife.FAILED
        require(has_ended and (not self.is_tracked[n] or self.finalizers_ignored))
        is_noted = self.uid[n] in self.job.ok or self.uid[n] in self.job.bad
        if self.is_tracked[n] and not is_noted:
            self.was_lost = True
        is_gone = self.delete(n, self.uid[n])
        require(is_gone)
        self.life[n] = PodLife.PENDING
        self.clear_pod(n)

    @action(when="waits_for_ends", fair=Fairness.WEAK, per_instance=True)
    def fail_marked(self, n: Name) -> None:
        """A node has stopped a pod that is marked; its finalizer keeps it, as Failed."""
        require(self.life[n] == PodLife.DELETING and self.is_tracked[n])
        self.write_life(n, PodLife.FAILED)

    @action(when="phase_flips")
    def flip(self, n: Name) -> None:
        """A node that begins anew reports another end."""
        require(self.life[n] == PodLife.SUCCEEDED and self.is_tracked[n])
        self.write_life(n, PodLife.FAILED)

    @joint
    def may_end(self, n: Name) -> bool:
        """The finalizer holds a pod."""
        return not self.is_tracked[n]

    @joint
    def note_life(self, n: Name) -> None:
        """History."""
        if self.life[n] == PodLife.SUCCEEDED:
            self.ended_ok += 1
        elif self.life[n] == PodLife.FAILED or self.life[n] == PodLife.DELETING:
            if not self.is_bad[n]:
                self.ended_bad += 1
            self.is_bad[n] = True

    @joint
    def clear_pod(self, n: Name) -> None:
        """What was said of a pod is forgotten."""
        self.is_tracked[n] = False
        self.is_bad[n] = False

    # The second queue of the controller.

    @action(when="is_deleted", fair=Fairness.WEAK, per_instance=True)
    def free_orphan(self, p: Process, n: Name) -> None:
        """A pod whose Job is gone loses its finalizer."""
        require(self.sees_tracked(p, n) and self.sees_gone(p) and not self.orphans_kept)
        require(self.uid[n] == self.sees(p, n) and self.is_tracked[n])
        self.untrack(n)

    # What a process hears.

    @action
    def hear_job(self, p: Process) -> None:
        """A process hears of the Job as it is."""
        require(self.consistency != Consistency.LIVE)
        self.seen_job[p] = self.job
        self.seen_gone[p] = self.is_gone

    @joint
    def serve_fields(self, n: Name) -> None:
        """The second API server follows."""
        self.served_tracked[n] = self.is_tracked[n]

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """A process hears what is served."""
        self.seen_tracked[p][n] = self.served_tracked[n]
        self.lower_expectation(p, n)

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A process reads what is stored."""
        self.seen_tracked[p][n] = self.is_tracked[n]
        self.lower_expectation(p, n)

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """A process knows of no pod."""
        self.seen_tracked[p][n] = False
        self.freed[p][n] = 0

    def lower_expectation(self, p: Process, n: Name) -> None:
        """A finalizer that was taken off is seen to be off."""
        if not self.seen_tracked[p][n] or self.seen_uid[p][n] != self.freed[p][n]:
            self.freed[p][n] = 0

    @reachable
    def has_noted(self) -> bool:
        """Finalizers are off, and the status has not counted yet."""
        return len(self.job.ok) > 0 and not any(self.is_tracked[n] for n in self.names)

    @reachable(when="pods_fail or (disturbances > 0 and backoff_limit == 0)")
    def has_failed(self) -> bool:
        """The Job has failed."""
        return self.job.ending == Ending.FAILED

    @reachable
    def is_complete(self) -> bool:
        """The Job is complete."""
        return self.job.ending == Ending.COMPLETE

    instances = [
        instance("small", names=1),
        instance("restart", names=1, crashes=1),
        instance("suspended", names=1, suspends=True),
        instance("deleted", names=2, is_deleted=True),
        instance("waiting", names=2, waits_for_ends=True, backoff_limit=1),
        instance("failing", names=2, pods_fail=True, backoff_limit=1, disturbances=0),
        instance("two", names=2, completions=2, parallelism=2, disturbances=0),
        instance(
            "two-restart",
            slow=True,
            names=2,
            completions=2,
            parallelism=2,
            disturbances=0,
            crashes=1,
        ),
        instance("failing-by-hand", slow=True, names=2, pods_fail=True, backoff_limit=1),
        instance("two-by-hand", slow=True, names=2, completions=2, parallelism=2),
    ]

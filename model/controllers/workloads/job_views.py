"""What is stored of a Job, and what a process knows of it and holds in memory.

Source: `pkg/controller/job/job_controller.go`, `tracking_utils.go`, v1.36.
Left out: indexes and policies (`spec/controllers/batch` has them), deadlines, and the counters
`active`, `ready` and `terminating` of the status.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import Array, Range, constant, each, mutant, only, record
from planespec.model.controllers.owned_pods import OwnedPods, PodLife
from planespec.model.controllers.workloads.fresh_starts import FreshStarts
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process
from planespec.spec.controllers.batch.batch_requirements import Ending

Version = Annotated[int, Range(0, "job_writes")]
Count = Annotated[int, Range(0, "writes")]


class Step(Enum):
    """What a sync does next."""

    IDLE = "no sync"
    PODS = "make or delete pods"
    NOTE = "write which pods have ended"
    FREE = "take finalizers off"
    COUNT = "write how many there are"


@record
class Status:
    """A Job as it is stored."""

    version: Version = 0
    is_suspended: bool = False
    succeeded: Count = 0
    failed: Count = 0
    ok: frozenset[Revision] = frozenset()
    """Pods that have succeeded and are not counted yet."""
    bad: frozenset[Revision] = frozenset()
    """Pods that have failed and are not counted yet."""
    ending: Ending = Ending.NONE


class JobViews(OwnedPods, FreshStarts):
    """A Job, and the memory of those that bring it on."""

    consistency: Consistency = constant(Consistency.OWN_WRITES)
    crashes: int = constant(0, at_least=0, at_most=9)
    job_writes: int = constant(8, at_least=1, at_most=20)
    """How many writes of the Job take effect: a bound."""
    completions: int = constant(1, at_least=1, at_most=3)
    parallelism: int = constant(1, at_least=1, at_most=3)
    backoff_limit: int = constant(0, at_least=0, at_most=3)
    waits_for_ends: bool = constant(default=False)
    """`podReplacementPolicy` is Failed: a pod that is marked is replaced when it is gone."""

    freed_forgotten: bool = mutant(
        "A pod whose finalizer was taken off counts again while its change is not seen.",
        issue="#105200",
    )
    status_unheard: bool = mutant(
        "A sync begins though the status that the last one wrote was not seen.", issue="#130103"
    )
    ends_unheard: bool = mutant(
        "A Job is over though pods that were made for it were not seen.", issue="#109485"
    )
    frees_first: bool = mutant("Finalizers are taken off before the status knows of the pods.")
    counts_at_once: bool = mutant(
        "Pods are counted before their finalizers are taken off.",
        issue="kubernetes/enhancements#2307",
    )
    gives_up: bool = mutant("A sync whose status was refused is not tried again.")
    replaces_early: bool = mutant(
        "A pod that is marked is replaced at once, whatever the policy.",
        issue="#115844",
        when="waits_for_ends",
    )

    job: Status = Status()
    is_gone: bool = False
    seen_job: Array[Process, Status] = each(Status())
    seen_gone: Array[Process, bool] = each(False)
    wrote_job: Array[Process, Version] = each(0)

    is_tracked: Array[Name, bool] = each(False)
    """Whether a pod has the finalizer; false where there is none."""
    served_tracked: Array[Name, bool] = each(False)
    seen_tracked: Array[Process, Array[Name, bool]] = each(each(False))

    # Memory of a process.

    step: Array[Process, Step] = each(Step.IDLE)
    has_given_up: Array[Process, bool] = only(each(False), when="gives_up")
    held: Array[Process, Status] = each(Status())
    """The Job as the sync has changed it."""
    aim: Array[Process, Ending] = each(Ending.NONE)
    """The condition with which the Job is to end."""
    is_still: Array[Process, bool] = each(False)
    """Whether no pod was seen terminating, and none was deleted."""
    to_make: Array[Process, Count] = each(0)
    to_delete: Array[Process, Array[Name, Revision]] = each(each(0))
    to_free: Array[Process, Array[Name, Revision]] = each(each(0))
    freed: Array[Process, Array[Name, Revision]] = each(each(0))
    """Pods whose finalizers were taken off, which may not be seen yet."""
    strips: Array[Process, bool] = each(False)
    """Whether pods that are deleted lose their finalizers before."""
    has_news: Array[Process, bool] = each(False)
    """Whether the status has to be written before finalizers are taken off."""

    was_lost: bool = False
    """History: whether a pod that had ended was let go before the status knew of it."""

    # What a process knows.

    def sees_job(self, p: Process) -> Status:
        """The Job as a process takes it to be."""
        return self.job if self.consistency == Consistency.LIVE else self.seen_job[p]

    def sees_gone(self, p: Process) -> bool:
        """Whether a process takes the Job to be deleted."""
        return self.is_gone if self.consistency == Consistency.LIVE else self.seen_gone[p]

    def hears_itself(self, p: Process) -> bool:
        """Whether a process has heard of the status that it wrote, where it waits for that."""
        waits = self.consistency == Consistency.OWN_WRITES and not self.status_unheard
        return not waits or self.acts_early or self.seen_job[p].version >= self.wrote_job[p]

    def expects_nothing(self, p: Process) -> bool:
        """Whether a process has heard of the pods that it made and deleted."""
        is_live = self.consistency == Consistency.LIVE
        return is_live or self.known[p] >= self.wrote[p]

    def sees_tracked(self, p: Process, n: Name) -> bool:
        """Whether a process takes a pod to have the finalizer, and has not taken it off."""
        is_live = self.consistency == Consistency.LIVE
        has_it = self.is_tracked[n] if is_live else self.seen_tracked[p][n]
        is_freed = self.freed[p][n] == self.sees(p, n) and not self.freed_forgotten
        return self.sees(p, n) != 0 and has_it and not is_freed

    def sees_success(self, p: Process, n: Name) -> bool:
        """Whether a process sees a pod that has succeeded."""
        return self.sees(p, n) != 0 and self.sees_life(p, n) == PodLife.SUCCEEDED

    def sees_failure(self, p: Process, n: Name) -> bool:
        """Whether a process sees a pod that has failed, or counts as failed (`isPodFailed`)."""
        life = self.sees_life(p, n)
        is_marked = life == PodLife.DELETING and not self.waits_for_ends
        return self.sees(p, n) != 0 and (life == PodLife.FAILED or is_marked)

    def sees_ending(self, p: Process, n: Name) -> bool:
        """Whether a process sees a pod that is marked for deletion."""
        return self.sees(p, n) != 0 and self.sees_life(p, n) == PodLife.DELETING

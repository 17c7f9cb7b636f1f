"""One sync of a Job: which pods are made and deleted, what is counted, and when it is over.

Pods are counted in three steps, so that none is lost or counted twice: their uids are written into
the status, the finalizer is taken off, and then the counters go up.

Source: Kubernetes v1.36, `pkg/controller/job/job_controller.go`. Left out: failing requests,
pods to adopt, the batches in which pods are made, and the limits of 500 pods in one sync.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from planespec.spec.controllers.batch.cron_jobs import read_time, write_time
from planespec.spec.controllers.batch.job_backoff import BackoffRecord, find_end, get_wait
from planespec.spec.controllers.batch.job_indexes import (
    INDEX,
    IndexSet,
    get_index,
    make_set,
    read_indexes,
)
from planespec.spec.controllers.batch.job_policies import find_success, judge_failure
from planespec.spec.controllers.batch.job_state import (
    FAILURES,
    IGNORED_FAILURES,
    Job,
    JobSync,
    NewPod,
    count_all_failures,
    count_failures,
    is_active,
    is_terminating,
    is_tracked,
    rank_for_removal,
)
from planespec.spec.controllers.batch.job_tracking import track
from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.controllers.pod_making import name_pods_of_index
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.status_copy import copy_status

_UNKNOWN_MODE = "Skipped Job sync because completion mode is unknown"


def sync_job(
    job: Job,
    pods: Sequence[Pod],
    now: datetime,
    *,
    expectations_are_met: bool = True,
    backoff: BackoffRecord | None = None,
) -> JobSync:
    """Bring a Job on; `backoff` is what is remembered of its failures."""
    status: dict[str, Any] = copy_status(job.status)
    uncounted = job.status.view("uncountedTerminatedPods")
    both = {name: uncounted.texts(name) for name in ("succeeded", "failed")}
    status["uncountedTerminatedPods"] = both
    sync = JobSync(job, list(pods), now, status, backoff or BackoffRecord(), recorded=backoff)
    if job.is_managed_elsewhere:
        return sync
    if job.is_finished():
        sync.recorded = None
        return sync
    if job.spec.text("completionMode") not in ("", "NonIndexed", "Indexed"):
        sync.events.append(f"Warning UnknownCompletionMode {_UNKNOWN_MODE}")
        return sync
    _count(sync)
    _find_end(sync)
    if job.is_indexed:
        _look_at_indexes(sync)
    is_changed = _act(sync, expectations_are_met)
    counts = {"active": sync.active, "ready": sync.ready, "terminating": sync.terminating}
    old = job.status
    is_changed |= sync.active != (old.integer("active") or 0)
    is_changed |= sync.ready != old.integer("ready")
    is_changed |= sync.terminating != old.integer("terminating")
    sync.status |= counts
    track(sync, is_changed)
    return sync


def _count(sync: JobSync) -> None:
    """Count pods by how they are, with those whose end this sync has seen."""
    job, active = sync.job, sync.list_active()
    sync.active, sync.ready = len(active), sum(map(is_ready, active))
    sync.terminating = sum(map(is_terminating, sync.pods))
    uncounted = sync.uncounted
    succeeded = sync.find_new(uncounted["succeeded"], lambda pod: pod.phase == "Succeeded")
    failed = sync.find_new(uncounted["failed"], job.has_failed)
    counted = [pod for pod in failed if sync.counts_failure(pod)]
    before = job.status
    sync.succeeded = (before.integer("succeeded") or 0) + len(succeeded)
    sync.succeeded += len(uncounted["succeeded"])
    sync.failed = (before.integer("failed") or 0) + len(counted) + len(uncounted["failed"])
    if not before.has("startTime") and not job.is_suspended:
        sync.status["startTime"] = write_time(sync.now)
    sync.backoff = sync.backoff.follow(succeeded, failed)


def _find_end(sync: JobSync) -> None:
    """See whether the Job is about to be over, or fails now."""
    job = sync.job
    met, target = sync.find_condition("SuccessCriteriaMet"), sync.find_condition("FailureTarget")
    if met is not None and met["status"] == "True":
        sync.finished = met
        return
    if target is not None and target["status"] == "True":
        reason, message = target.get("reason", ""), target.get("message", "")
        sync.finished = sync.make_condition("Failed", "True", reason, message)
        return
    message = _find_fatal_pod(sync)
    limit = job.spec.integer("backoffLimit")
    if message is not None:
        _fail(sync, "PodFailurePolicy", message)
    elif limit is not None and (sync.failed > limit or _has_restarted_too_often(sync, limit)):
        _fail(sync, "BackoffLimitExceeded", "Job has reached the specified backoff limit")
    elif _is_past_deadline(sync):
        _fail(sync, "DeadlineExceeded", "Job was active longer than specified deadline")


def _fail(sync: JobSync, reason: str, message: str) -> None:
    sync.finished = sync.make_condition("FailureTarget", "True", reason, message)


def _find_fatal_pod(sync: JobSync) -> str | None:
    """Why a failed pod ends the whole Job, if one does."""
    for pod in sync.pods if sync.job.failure_policy else ():
        if sync.job.has_failed(pod):
            message = judge_failure(sync.job.failure_policy, pod).message
            if message is not None:
                return message
    return None


def _has_restarted_too_often(sync: JobSync, limit: int) -> bool:
    """Whether containers that are started again in place have failed too often."""
    if sync.job.spec.view("template").view("spec").text("restartPolicy") != "OnFailure":
        return False
    statuses = [
        status
        for pod in sync.pods
        if pod.phase in ("Running", "Pending")
        for name in ("initContainerStatuses", "containerStatuses")
        for status in pod.status.views(name)
    ]
    restarts = sum(status.integer("restartCount") or 0 for status in statuses)
    return restarts > 0 if limit == 0 else restarts >= limit


def _is_past_deadline(sync: JobSync) -> bool:
    limit, started = sync.job.spec.integer("activeDeadlineSeconds"), sync.status.get("startTime")
    if limit is None or started is None or sync.job.is_suspended:
        return False
    return sync.now - read_time(str(started)) >= timedelta(seconds=limit)


def _look_at_indexes(sync: JobSync) -> None:
    """See which indexes have succeeded and failed, and whether that is the end."""
    job = sync.job
    completions = job.completions or 0
    sync.before = read_indexes(job.status.text("completedIndexes"), completions)
    new = sorted({get_index(pod) for pod in sync.pods if _has_completed(sync, pod)})
    sync.succeeded_indexes = sync.before | make_set(new)
    sync.succeeded = sync.succeeded_indexes.total
    if job.limit_per_index is not None:
        known = read_indexes(job.status.text("failedIndexes"), completions)
        failed = sorted({get_index(pod) for pod in sync.pods if _has_failed_for_good(sync, pod)})
        sync.failed_indexes = known | make_set(failed)
        if sync.finished is None:
            _find_failed_indexes(sync, sync.failed_indexes)
        sync.delayed = _find_delayed(sync)
    if sync.finished is None:
        has_policy = job.spec.has("successPolicy")
        policy = job.spec.view("successPolicy") if has_policy else None
        message = find_success(policy, completions, sync.succeeded_indexes)
        if message is not None:
            sync.finished = sync.make_condition(
                "SuccessCriteriaMet", "True", "SuccessPolicy", message
            )


def _has_completed(sync: JobSync, pod: Pod) -> bool:
    is_valid = sync.job.is_valid_index(get_index(pod))
    return pod.phase == "Succeeded" and is_valid and is_tracked(pod)


def _has_failed_for_good(sync: JobSync, pod: Pod) -> bool:
    """Whether the index of a pod has failed, and not only the pod (`isIndexFailed`)."""
    job = sync.job
    if not (job.is_valid_index(get_index(pod)) and is_tracked(pod) and job.has_failed(pod)):
        return False
    verdict = judge_failure(job.failure_policy, pod)
    if verdict.action == "FailIndex":
        return True
    return verdict.counts and count_failures(pod) >= (job.limit_per_index or 0)


def _find_failed_indexes(sync: JobSync, failed: IndexSet) -> None:
    most, done = sync.job.spec.integer("maxFailedIndexes"), sync.succeeded_indexes.total
    if most is not None and failed.total > most:
        said = "Job has exceeded the specified maximal number of failed indexes"
        _fail(sync, "MaxFailedIndexesExceeded", said)
    elif failed.total > 0 and failed.total + done >= (sync.job.completions or 0):
        _fail(sync, "FailedIndexes", "Job has failed indexes")


def _find_delayed(sync: JobSync) -> dict[int, Pod]:
    """Failed pods that stay until there is another of their index, by index."""
    running = {get_index(pod) for pod in sync.list_active()}
    delayed: dict[int, Pod] = {}
    for pod in sync.find_new((), sync.job.has_failed):
        index = get_index(pod)
        if index in sync.succeeded_indexes or index in (sync.failed_indexes or IndexSet()):
            continue
        known = delayed.get(index)
        if index not in running and (known is None or _comes_after(pod, known)):
            delayed[index] = pod
    return delayed


def _comes_after(pod: Pod, known: Pod) -> bool:
    """Whether a pod has as many failures behind it, and has not ended sooner."""
    has_as_many = count_all_failures(known) <= count_all_failures(pod)
    return has_as_many and find_end(known) <= find_end(pod)


def _act(sync: JobSync, expectations_are_met: bool) -> bool:
    """Delete or make pods; whether the condition Suspended changed."""
    if sync.finished is not None:
        _delete_active(sync, expectations_are_met)
        return False
    is_managed = expectations_are_met and not sync.job.meta.is_deleting
    if is_managed:
        _manage(sync)
    completions = sync.job.completions
    is_enough = sync.succeeded > 0 if completions is None else sync.succeeded >= completions
    if is_enough and sync.active == 0:
        said = "Reached expected number of succeeded pods"
        sync.finished = sync.make_condition(
            "SuccessCriteriaMet", "True", "CompletionsReached", said
        )
        return False
    return is_managed and _follow_suspension(sync)


def _delete_active(sync: JobSync, expectations_are_met: bool) -> None:
    """Delete what still runs; pods that are not seen yet delay the end."""
    active = sync.list_active()
    sync.deleted += [pod.name for pod in active]
    sync.active -= len(active)
    sync.terminating += len(active)
    sync.ready -= sum(map(is_ready, active))
    if not expectations_are_met:
        sync.finished = None


def _follow_suspension(sync: JobSync) -> bool:
    if sync.job.is_suspended:
        is_changed = sync.ensure_condition("Suspended", "True", "JobSuspended", "Job suspended")
        if is_changed:
            sync.status.pop("startTime", None)
            sync.events.append("Normal Suspended Job suspended")
        return is_changed
    is_changed = sync.ensure_condition("Suspended", "False", "JobResumed", "Job resumed")
    if is_changed:
        sync.status["startTime"] = write_time(sync.now)
        sync.events.append("Normal Resumed Job resumed")
    return is_changed


def _manage(sync: JobSync) -> None:
    """Bring the number of active pods to what it should be (`manageJob`)."""
    active = sync.list_active()
    if sync.job.is_suspended:
        _remove(sync, _choose_for_removal(sync, active, len(active)))
        return
    wanted = _find_wanted(sync)
    surplus = _choose_for_removal(sync, active, max(sync.active - wanted, 0))
    if surplus:
        _remove(sync, surplus)
        return
    waiting = sync.terminating if sync.job.replaces_only_failed else 0
    missing = wanted - waiting - sync.active
    if missing > 0:
        _make(sync, missing)


def _find_wanted(sync: JobSync) -> int:
    parallelism = sync.job.spec.integer("parallelism") or 0
    if sync.job.completions is None:
        return sync.active if sync.succeeded > 0 else parallelism
    return max(min(sync.job.completions - sync.succeeded, parallelism), 0)


def _choose_for_removal(sync: JobSync, active: Sequence[Pod], at_least: int) -> list[Pod]:
    """Pods to remove: those whose index is taken or none, then the least advanced."""
    removed, left = list[Pod](), list(active)
    if sync.job.is_indexed:
        removed, left = _part_by_index(sync, active)
    if len(removed) < at_least:
        left.sort(key=rank_for_removal)
        removed += left[: at_least - len(removed)]
    return removed


def _part_by_index(sync: JobSync, active: Sequence[Pod]) -> tuple[list[Pod], list[Pod]]:
    """Pods of which another has the index, or that have none, and the others."""
    removed: list[Pod] = []
    left: list[Pod] = []
    by_index: dict[int, list[Pod]] = {}
    for pod in sorted(active, key=get_index):
        by_index.setdefault(get_index(pod), []).append(pod)
    for index, pods in by_index.items():
        if not sync.job.is_valid_index(index):
            removed += pods
            continue
        pods.sort(key=rank_for_removal)
        removed += pods[:-1]
        left.append(pods[-1])
    return removed, left


def _remove(sync: JobSync, pods: Sequence[Pod]) -> None:
    """Delete pods, their finalizers first."""
    sync.patches += sum(map(is_tracked, pods))
    sync.freed += [pod.meta.uid for pod in pods if is_tracked(pod)]
    sync.deleted += [pod.name for pod in pods]
    sync.active -= len(pods)
    sync.terminating += len(pods)
    sync.ready -= sum(map(is_ready, pods))


def _make(sync: JobSync, missing: int) -> None:
    """Make pods, unless it is too early; then none counts as active, which upstream says too."""
    job = sync.job
    if job.limit_per_index is None and sync.backoff.get_wait(sync.now):
        sync.active = 0
        return
    if not job.is_indexed:
        sync.created += [NewPod()] * missing
        sync.active += missing
        return
    indexes = _list_pending(sync, missing)
    if job.limit_per_index is not None:
        ripe = [index for index in indexes if _is_ripe(sync, index)]
        if not ripe and indexes and any(index in sync.delayed for index in indexes):
            sync.active = 0
            return
        indexes = ripe
    sync.created += [_make_indexed(sync, index) for index in indexes]
    sync.active += len(indexes)


def _list_pending(sync: JobSync, count: int) -> list[int]:
    """The first indexes that have neither ended nor a pod (`firstPendingIndexes`)."""
    taken = set(map(get_index, filter(is_active, sync.pods)))
    if sync.job.replaces_only_failed:
        taken |= set(map(get_index, filter(is_terminating, sync.pods)))
    ended = sync.succeeded_indexes | (sync.failed_indexes or IndexSet())
    pending = (
        index
        for index in range(sync.job.completions or 0)
        if index not in taken and index not in ended
    )
    return [index for index, _ in zip(pending, range(count), strict=False)]


def _is_ripe(sync: JobSync, index: int) -> bool:
    """Whether an index has waited for long enough after its last failure."""
    pod = sync.delayed.get(index)
    if pod is None:
        return True
    return not get_wait(count_all_failures(pod) + 1, find_end(pod), sync.now)


def _make_indexed(sync: JobSync, index: int) -> NewPod:
    annotations = {INDEX: str(index)}
    if sync.job.limit_per_index is not None:
        failures, ignored = _count_next_failures(sync, sync.delayed.get(index))
        annotations[FAILURES] = str(failures)
        if ignored:
            annotations[IGNORED_FAILURES] = str(ignored)
    return NewPod(name_pods_of_index(sync.job.name, index), annotations)


def _count_next_failures(sync: JobSync, replaced: Pod | None) -> tuple[int, int]:
    """Failures of an index that count, and that do not, with that of the pod before."""
    if replaced is None:
        return 0, 0
    failures, ignored = count_failures(replaced), count_failures(replaced, IGNORED_FAILURES)
    if sync.counts_failure(replaced):
        return failures + 1, ignored
    return failures, ignored + 1

"""Pods that have ended are counted once, and the Job is over only when all are.

Source: Kubernetes v1.36, `pkg/controller/job/job_controller.go`
(trackJobStatusAndRemoveFinalizers, flushUncountedAndRemoveFinalizers, enactJobFinished).
"""

from planespec.spec.controllers.batch.cron_jobs import write_time
from planespec.spec.controllers.batch.job_indexes import get_index, make_set
from planespec.spec.controllers.batch.job_state import JobSync, is_tracked
from planespec.spec.objects.core_views import Pod


def track(sync: JobSync, is_changed: bool) -> None:
    """Count what has ended, and write the status before and after finalizers are taken off."""
    if sync.job.is_indexed:
        sync.pods.sort(key=get_index)
    tracked = {pod.meta.uid for pod in sync.pods if is_tracked(pod)}
    is_changed |= _count_freed(sync, tracked)
    freed, new = list[Pod](), list[int]()
    for pod in sync.pods:
        if is_tracked(pod) and _may_free(sync, pod):
            freed.append(pod)
            is_changed |= _note(sync, pod, new)
    if sync.job.is_indexed:
        is_changed |= _write_indexes(sync, new)
    is_changed |= _announce(sync)
    if is_changed:
        sync.write_status()
        sync.recorded = sync.backoff
    sync.patches += len(freed)
    sync.freed += [pod.meta.uid for pod in freed]
    is_pending = _count_freed(sync, tracked - {pod.meta.uid for pod in freed})
    is_over = _finish(sync)
    if is_pending or is_over:
        sync.write_status()
    if is_over:
        _tell_end(sync)


def _count_freed(sync: JobSync, tracked: set[str]) -> bool:
    """Count pods whose finalizer is gone, and forget their uids; whether there were any."""
    is_changed = False
    for name, uids in sync.uncounted.items():
        left = [uid for uid in uids if uid in tracked]
        if len(left) != len(uids):
            count = (sync.status.get(name) or 0) + len(uids) - len(left)
            sync.status[name] = count
            sync.uncounted[name] = left
            is_changed = True
    return is_changed


def _may_free(sync: JobSync, pod: Pod) -> bool:
    """Whether the finalizer may be taken off (`canRemoveFinalizer`)."""
    if sync.job.meta.is_deleting or sync.finished is not None or pod.phase == "Succeeded":
        return True
    if not sync.job.has_failed(pod):
        return False
    if sync.job.limit_per_index is None:
        return True
    delayed = sync.delayed.get(get_index(pod))
    return delayed is None or delayed.meta.uid != pod.meta.uid


def _note(sync: JobSync, pod: Pod, new: list[int]) -> bool:
    """Note the end of a pod in the status; whether that changes it.

    Once the Job has failed, every pod that has not succeeded has failed with it.
    """
    uncounted, uid = sync.uncounted, pod.meta.uid
    index, is_indexed = get_index(pod), sync.job.is_indexed
    is_valid = not is_indexed or sync.job.is_valid_index(index)
    if pod.phase == "Succeeded" and uid not in uncounted["failed"]:
        if is_indexed:
            if is_valid and index not in sync.before:
                new.append(index)
                return True
        elif uid not in uncounted["succeeded"]:
            uncounted["succeeded"].append(uid)
            return True
        return False
    fails = sync.finished is not None and sync.finished["type"] != "SuccessCriteriaMet"
    is_new = uid not in uncounted["failed"] and is_valid
    if (sync.job.has_failed(pod) or fails) and is_new and sync.counts_failure(pod):
        uncounted["failed"].append(uid)
        return True
    return False


def _write_indexes(sync: JobSync, new: list[int]) -> bool:
    sync.succeeded_indexes |= make_set(new)
    text = str(sync.succeeded_indexes)
    is_changed = text != sync.job.status.text("completedIndexes")
    sync.status["succeeded"] = sync.succeeded_indexes.total
    sync.status["completedIndexes"] = text
    failed = None if sync.failed_indexes is None else str(sync.failed_indexes)
    old = sync.job.status.text("failedIndexes") if sync.job.status.has("failedIndexes") else None
    if failed != old:
        sync.status["failedIndexes"] = failed
        is_changed = True
    return is_changed


def _announce(sync: JobSync) -> bool:
    """Add the condition that is there before finalizers go, and prepare the last one."""
    finished = sync.finished
    if finished is None or finished["type"] not in ("FailureTarget", "SuccessCriteriaMet"):
        return False
    kind, last = str(finished["type"]), "Failed"
    is_new = kind == "FailureTarget"
    if kind == "SuccessCriteriaMet":
        old = sync.find_condition(kind)
        last, is_new = "Complete", old is None or old["status"] != "True"
    if is_new:
        sync.append_condition(finished)
    reason, message = finished.get("reason", ""), finished.get("message", "")
    sync.finished = sync.make_condition(last, "True", reason, message)
    return is_new


def _finish(sync: JobSync) -> bool:
    """End the Job once every pod is counted and none is terminating (`enactJobFinished`)."""
    finished = sync.finished
    if finished is None or any(sync.uncounted.values()) or sync.terminating > 0:
        return False
    told = (finished.get("reason", ""), finished.get("message", ""))
    sync.ensure_condition(finished["type"], finished["status"], *told)
    if finished["type"] == "Complete":
        sync.status["completionTime"] = write_time(sync.now)
    return True


def _tell_end(sync: JobSync) -> None:
    finished, completions = sync.finished or {}, sync.job.completions
    if finished["type"] != "Complete":
        sync.events.append(f"Warning {finished['reason']} {finished['message']}")
        return
    if completions is not None and (sync.status.get("succeeded") or 0) > completions:
        said = "Too many succeeded pods running after completion count reached"
        sync.events.append(f"Warning TooManySucceededPods {said}")
    sync.events.append("Normal Completed Job completed")

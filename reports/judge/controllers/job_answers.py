"""What our rules answer about Jobs: one sync, the policy of failures, sets of indexes.

The order in which the controller finds pods is that of a map: which of two equal pods is deleted,
which of several fatal ones is named, and which failed pod of an index stays, follows from it. The
orders are tried that bring up what was recorded.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import permutations
from typing import Any

from planespec.reports.judge.controllers.queue_answers import shorten
from planespec.reports.judge.runner import are_alike
from planespec.spec.controllers.batch.cron_jobs import read_time, write_time
from planespec.spec.controllers.batch.job_backoff import BackoffRecord
from planespec.spec.controllers.batch.job_indexes import (
    INDEX,
    UNKNOWN,
    get_index,
    make_set,
    read_indexes,
)
from planespec.spec.controllers.batch.job_policies import judge_failure
from planespec.spec.controllers.batch.job_state import Job, JobSync, NewPod, StatusWrite
from planespec.spec.controllers.batch.job_sync import sync_job
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, View

Answers = dict[str, Any]
_COUNTERS = ("active", "succeeded", "failed")
"""Counters that are not written where they are 0."""


def answer_indexes(given: View, _out: View) -> Answers:
    """Answer which indexes have succeeded, before and after these pods."""
    completions = given.integer("completions") or 0
    before = read_indexes(given.text("completedIndexes"), completions)
    pods = [
        ApiObject({"metadata": {"annotations": {INDEX: text}}})
        for text in given.texts("newlySucceeded")
    ]
    new = sorted({index for index in map(get_index, pods) if UNKNOWN < index < completions})
    after = before | make_set(new)
    return {
        "previous": str(before),
        "previousTotal": before.total,
        "after": str(after),
        "afterTotal": after.total,
    }


def answer_failure_policy(given: View, _out: View) -> Answers:
    """Answer what the policy of a Job makes of a failed pod."""
    pod = given.needing("pod").view("pod")
    verdict = judge_failure(given.view("podFailurePolicy"), ApiObject(pod.data, pod.field))
    told: Answers = {"countFailed": verdict.counts}
    if verdict.action:
        told["action"] = verdict.action
    return told | ({"message": verdict.message} if verdict.message else {})


def answer_job(given: View, out: View) -> Answers:
    """Answer what one sync of a Job does."""
    view = given.needing("job", "now").view("job")
    job, now = Job(view.data, view.field), read_time(given.text("now"))
    pods = [Pod(each.data, each.field) for each in given.views("pods")]
    met = not given.flag("unmetExpectations")
    first: Answers | None = None
    for order in _list_orders(pods, out):
        told = _tell(sync_job(job, order, now, expectations_are_met=met), now)
        first = told if first is None else first
        if are_alike(arrange_job(out), told):
            return told
    return first or {}


def _list_orders(pods: Sequence[Pod], out: View) -> Iterator[list[Pod]]:
    """Orders of pods: as given, the deleted ones first, and each one or two before these."""
    yield list(pods)
    deleted = set(out.texts("deleted"))
    ordered = sorted(pods, key=lambda pod: pod.name not in deleted)
    for count in (1, 2):
        for foremost in permutations(pods, count):
            names = {pod.name for pod in foremost}
            yield [*foremost, *(pod for pod in ordered if pod.name not in names)]


def arrange_job(answers: View) -> Answers:
    """An answer about a Job with the lists sorted that have no order; zero counters left out.

    Raises ObjectError where it is of another shape.
    """
    told = dict(answers.data)
    told["deleted"] = sorted(answers.texts("deleted"))
    created = [_drop_empty(dict(pod.data)) for pod in answers.views("created")]
    told["created"] = sorted(created, key=str)
    told["statusWrites"] = [
        {**write.data, "status": _arrange_status(write.view("status"))}
        for write in answers.views("statusWrites")
    ]
    return told


def _arrange_status(status: View) -> Answers:
    told: Answers = _drop_empty(dict(status.data))
    for name in _COUNTERS:
        if told.get(name) == 0:
            del told[name]
    if told.get("completedIndexes") == "":
        del told["completedIndexes"]
    uncounted = status.view("uncountedTerminatedPods")
    uids = {name: sorted(uncounted.texts(name)) for name in uncounted.data}
    if left := _drop_empty(uids):
        told["uncountedTerminatedPods"] = left
    return told


def _drop_empty(value: Any) -> Any:
    """Without nulls, empty objects and lists, as the recording has been made."""
    if isinstance(value, dict):
        kept = {name: _drop_empty(each) for name, each in value.items()}
        return {name: each for name, each in kept.items() if each not in (None, {}, [])}
    return [_drop_empty(each) for each in value] if isinstance(value, list) else value


def _tell(sync: JobSync, now: datetime) -> Answers:
    told: Answers = {
        "created": [_tell_pod(pod) for pod in sync.created],
        "deleted": sync.deleted,
        "finalizersRemoved": sync.patches,
        "statusWrites": [_tell_status(write) for write in sync.writes],
    }
    if sync.events:
        told["events"] = sync.events
    if sync.recorded is not None:
        told["backoffRecord"] = _tell_backoff(sync.recorded, now)
    return arrange_job(View(told))


def _tell_pod(pod: NewPod) -> Answers:
    told: Answers = {"annotations": pod.annotations}
    return told | ({"generateName": pod.generate_name} if pod.generate_name else {})


def _tell_status(write: StatusWrite) -> Answers:
    return {"patchesBefore": write.patches_before, "status": write.status}


def _tell_backoff(record: BackoffRecord, now: datetime) -> Answers:
    told: Answers = {"failuresAfterLastSuccess": record.failures}
    if record.last_failure is not None:
        told["lastFailureTime"] = write_time(record.last_failure)
        told["remainingSeconds"] = shorten(record.get_wait(now).total_seconds())
    return told

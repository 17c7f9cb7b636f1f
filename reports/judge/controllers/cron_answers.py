"""What our rule answers about one sync of a CronJob, and the times of its schedule."""

from datetime import datetime
from typing import Any

from planespec.reports.judge.controllers.queue_answers import shorten
from planespec.spec.controllers.batch.cron_jobs import (
    CronSync,
    format_schedule,
    read_time,
    sync_cron_job,
    write_time,
)
from planespec.spec.controllers.batch.cron_schedule import read_schedule
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.validation.kinds.cron_lines import CronError

Answers = dict[str, Any]
TIMES = 4
"""How many times after now a line tells."""
_MADE = {"apiVersion": "batch/v1", "kind": "Job", "uid": "test-uid"}
"""What the recorder's client says of a Job that it has made."""


def answer_cron_job(given: View, _out: View) -> Answers:
    """Answer what is started and deleted, the status after, and when the next sync comes."""
    view = given.needing("cronJob", "now").view("cronJob")
    cron_job, now = ApiObject(view.data, view.field), read_time(given.text("now"))
    jobs = [ApiObject(each.data, each.field) for each in given.views("jobs")]
    sync = sync_cron_job(cron_job, jobs, now)
    answers: Answers = {"created": [], "updateStatus": sync.is_status_changed}
    if sync.created is not None:
        made = {"name": sync.created.name, "annotations": dict(sync.created.annotations)}
        answers["created"] = [made]
    answers |= {"events": sync.events} if sync.events else {}
    answers |= {"deleted": sync.deleted} if sync.deleted else {}
    if status := _tell_status(sync):
        answers["status"] = status
    if sync.requeue_after is not None:
        answers["requeueAfterSeconds"] = shorten(sync.requeue_after.total_seconds())
    return answers | _tell_times(cron_job, now)


def _tell_status(sync: CronSync) -> Answers:
    active = list(sync.active)
    if sync.created is not None:
        active.append(_MADE | {"name": sync.created.name})
    status = sync.status | {"active": active}
    return {name: value for name, value in status.items() if value}


def _tell_times(cron_job: ApiObject, now: datetime) -> Answers:
    try:
        schedule = read_schedule(format_schedule(cron_job))
    except CronError as error:
        return {"parseError": str(error)}
    times: list[str] = []
    time: datetime | None = now
    while time is not None and len(times) < TIMES:
        time = schedule.find_next(time)
        times.append("never" if time is None else write_time(time))
    return {"nextTimes": times}

"""One sync of a CronJob: which Job it starts or deletes, and what its status says then.

Source: Kubernetes v1.36, `pkg/controller/cronjob/cronjob_controllerv2.go` (syncCronJob) and
`utils.go`. Left out: old Jobs cleaned up, requests that fail, and a Job that is there already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from planespec.spec.controllers.batch.cron_schedule import CronSchedule, find_zone, read_schedule
from planespec.spec.objects.view import ApiObject
from planespec.spec.quantity.amount import quote
from planespec.spec.validation.kinds.cron_lines import CronError, is_zone

MANY = 100
"""Missed times from which on they are said to be too many."""
DELTA = timedelta(milliseconds=100)
"""How long after a time of the schedule the next sync comes."""
SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
_TOO_MANY = (
    "too many missed start times. Set or decrease .spec.startingDeadlineSeconds"
    " or check clock skew"
)
_SEE = "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewJob:
    """A Job to be made."""

    name: str
    annotations: Mapping[str, str]


@dataclass(slots=True)
class CronSync:
    """What one sync does, and the status after it."""

    status: Json
    created: NewJob | None = None
    deleted: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    is_status_changed: bool = False
    requeue_after: timedelta | None = None

    def warn(self, reason: str, message: str) -> None:
        """Note an event that is a warning."""
        self.events.append(f"Warning {reason} {message}")

    def tell(self, reason: str, message: str) -> None:
        """Note any other event."""
        self.events.append(f"Normal {reason} {message}")

    @property
    def active(self) -> list[Json]:
        """References to Jobs that run."""
        found: list[Json] = self.status.setdefault("active", [])
        return found

    def drop(self, uid: str) -> None:
        """Take a Job out of those that run."""
        self.status["active"] = [each for each in self.active if each.get("uid") != uid]


@dataclass(frozen=True, slots=True)
class _Missed:
    """The last time that came, and how many did since the earliest that counts."""

    earliest: datetime
    latest: datetime | None = None
    count: int = 0


class InvalidScheduleError(Exception):
    """A schedule whose times do not go on."""


def sync_cron_job(cron_job: ApiObject, jobs: Sequence[ApiObject], now: datetime) -> CronSync:
    """Bring a CronJob on; `jobs` are those that it controls."""
    sync = CronSync(_copy_status(cron_job))
    _follow_jobs(sync, jobs)
    spec = cron_job.spec
    if cron_job.meta.is_deleting:
        return sync
    zone = spec.text("timeZone")
    if spec.has("timeZone") and not is_zone(zone):
        sync.warn("UnknownTimeZone", f"invalid timeZone: {quote(zone)}: {_explain_zone(zone)}")
        return sync
    if spec.flag("suspend"):
        return sync
    text = spec.text("schedule")
    if "TZ" in text:
        said = f"CRON_TZ or TZ used in schedule {quote(text)} is not officially supported"
        sync.warn("UnsupportedSchedule", f"{said}, see {_SEE} for more details")
    try:
        schedule = read_schedule(format_schedule(cron_job))
        due = _find_due(sync, cron_job, schedule, now)
    except CronError as error:
        sync.warn("UnparseableSchedule", f"unparseable schedule: {quote(text)} : {error}")
        return sync
    except InvalidScheduleError as error:
        sync.warn("InvalidSchedule", f"invalid schedule: {text} : {error}")
        return sync
    if due is not None and _may_start(sync, cron_job, due, now):
        _start(sync, cron_job, due)
    sync.requeue_after = _find_wait(cron_job, sync.status, schedule, now)
    return sync


def _copy_status(cron_job: ApiObject) -> Json:
    status = cron_job.status
    for each in status.views("active"):
        each.needing("name", "uid")
        for name in ("name", "namespace", "uid"):
            each.text(name)
    for name in ("lastScheduleTime", "lastSuccessfulTime"):
        status.text(name)
    return {name: value for name, value in status.data.items() if value is not None}


def _explain_zone(zone: str) -> str:
    """Why a zone is none (`LoadLocation`)."""
    if zone[:1] in ("/", "\\") or ".." in zone:
        return "time: invalid location name"
    return f"unknown time zone {zone}"


def format_schedule(cron_job: ApiObject) -> str:
    """The schedule with its time zone; one that is not known is left out."""
    schedule, zone = cron_job.spec.text("schedule"), cron_job.spec.text("timeZone")
    if "TZ" in schedule or not cron_job.spec.has("timeZone") or not is_zone(zone):
        return schedule
    return f"TZ={zone} {schedule}"


def _follow_jobs(sync: CronSync, jobs: Sequence[ApiObject]) -> None:
    """Take in what became of the Jobs, and of those that are said to run."""
    for job in jobs:
        is_known = any(each.get("uid") == job.meta.uid for each in sync.active)
        condition = find_finished(job)
        if not condition and not is_known:
            said = "Saw a job that the controller did not create or forgot"
            sync.warn("UnexpectedJob", f"{said}: {job.name}")
        elif condition:
            if is_known:
                sync.drop(job.meta.uid)
                said = f"Saw completed job: {job.name}, condition: {condition}"
                sync.tell("SawCompletedJob", said)
                sync.is_status_changed = True
            if condition == "Complete":
                _note_success(sync, job)
    present = {job.meta.uid for job in jobs}
    for each in list(sync.active):
        if each.get("uid") not in present:
            sync.tell("MissingJob", f"Active job went missing: {each.get('name')}")
            sync.drop(str(each.get("uid")))
            sync.is_status_changed = True


def find_finished(job: ApiObject) -> str:
    """The type of the condition by which a Job is over; empty while it is not."""
    for condition in job.status.views("conditions"):
        if condition.text("type") in ("Complete", "Failed") and condition.text("status") == "True":
            return condition.text("type")
    return ""


def _note_success(sync: CronSync, job: ApiObject) -> None:
    ended, known = job.status.text("completionTime"), sync.status.get("lastSuccessfulTime")
    if known is None:
        sync.is_status_changed = True
        if ended:
            sync.status["lastSuccessfulTime"] = ended
    elif ended and read_time(ended) > read_time(known):
        sync.status["lastSuccessfulTime"] = ended
        sync.is_status_changed = True


def read_time(text: str) -> datetime:
    """A time of an object."""
    return datetime.fromisoformat(text).astimezone(UTC)


def write_time(time: datetime) -> str:
    """A time as objects have it, in whole seconds."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _find_due(
    sync: CronSync, cron_job: ApiObject, schedule: CronSchedule, now: datetime
) -> datetime | None:
    missed = find_missed(cron_job, sync.status, schedule, now, heeds_deadline=True)
    if missed.latest is None or missed.latest > now:
        return None
    if missed.count > MANY:
        sync.warn("TooManyMissedTimes", _TOO_MANY)
    return missed.latest


def find_missed(
    cron_job: ApiObject,
    status: Mapping[str, Any],
    schedule: CronSchedule,
    now: datetime,
    *,
    heeds_deadline: bool,
) -> _Missed:
    """The last time of the schedule that came (`mostRecentScheduleTime`).

    How many came is a guess from the first two. Raises InvalidScheduleError.
    """
    earliest = read_time(
        str(status.get("lastScheduleTime") or cron_job.meta.text("creationTimestamp"))
    )
    deadline = cron_job.spec.integer("startingDeadlineSeconds")
    if heeds_deadline and deadline is not None:
        earliest = max(earliest, now - timedelta(seconds=deadline))
    first = schedule.find_next(earliest)
    if first is not None and now < first:
        return _Missed(earliest)
    second = None if first is None else schedule.find_next(first)
    if first is not None and second is not None and now < second:
        return _Missed(earliest, first)
    between = 0 if first is None or second is None else round((second - first).total_seconds())
    if first is None or between < 1:
        said = "time difference between two schedules is less than 1 second"
        raise InvalidScheduleError(said)
    count = int((now - first).total_seconds()) // between + 1
    start = first + timedelta(seconds=(count - 2) * between)
    latest, time = None, schedule.find_next(start)
    while time is not None and time <= now:
        latest, time = time, schedule.find_next(time)
    return _Missed(earliest, latest, count)


def _may_start(sync: CronSync, cron_job: ApiObject, due: datetime, now: datetime) -> bool:
    """Whether a Job is made for a time, with the events if not."""
    deadline = cron_job.spec.integer("startingDeadlineSeconds")
    if deadline is not None and due + timedelta(seconds=deadline) < now:
        when = format_datetime(due).replace("-0000", "+0000")
        sync.warn("MissSchedule", f"Missed scheduled time to start a job: {when}")
        return False
    name = name_job(cron_job, due)
    place = {"name": name, "namespace": cron_job.meta.namespace}
    is_done = any(place.items() <= each.items() for each in sync.active)
    last = sync.status.get("lastScheduleTime")
    if is_done or (last and read_time(str(last)) == due):
        return False
    if cron_job.spec.text("concurrencyPolicy") == "Forbid" and sync.active:
        said = "Not starting job because prior execution is running and concurrency policy is"
        sync.tell("JobAlreadyActive", f"{said} Forbid")
        return False
    return True


def _start(sync: CronSync, cron_job: ApiObject, due: datetime) -> None:
    """Make the Job for a time; with Replace, those that run go first."""
    if cron_job.spec.text("concurrencyPolicy") == "Replace":
        for each in list(sync.active):
            sync.deleted.append(str(each["name"]))
            sync.drop(str(each["uid"]))
            sync.tell("SuccessfulDelete", f"Deleted job {each['name']}")
    name = name_job(cron_job, due)
    annotations = dict(cron_job.spec.view("jobTemplate").view("metadata").text_map("annotations"))
    zone = ZoneText(cron_job).write(due)
    sync.created = NewJob(name, annotations | {SCHEDULED: zone})
    sync.tell("SuccessfulCreate", f"Created job {name}")
    sync.status["lastScheduleTime"] = write_time(due)
    sync.is_status_changed = True


def name_job(cron_job: ApiObject, due: datetime) -> str:
    """The name of the Job for a time, which is the lock against a second one."""
    return f"{cron_job.name}-{int(due.timestamp()) // 60}"


@dataclass(frozen=True, slots=True)
class ZoneText:
    """Times as a CronJob writes them into annotations: in its `timeZone`, not its schedule's."""

    cron_job: ApiObject

    def write(self, time: datetime) -> str:
        """RFC 3339, with the offset of the zone, Z for none."""
        zone = find_zone(self.cron_job.spec.text("timeZone"))
        text = time.astimezone(zone).isoformat(timespec="seconds")
        return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _find_wait(
    cron_job: ApiObject, status: Mapping[str, Any], schedule: CronSchedule, now: datetime
) -> timedelta:
    """How long until the next sync (`nextScheduleTimeDuration`)."""
    try:
        missed = find_missed(cron_job, status, schedule, now, heeds_deadline=False)
    except InvalidScheduleError:
        start = now
    else:
        start = missed.latest or (now if missed.count else missed.earliest)
    following = schedule.find_next(start)
    if following is None:
        following = datetime.min.replace(tzinfo=UTC)
    return following + DELTA - now

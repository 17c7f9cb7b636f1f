"""How long a Job waits before it makes another pod after failures.

Source: Kubernetes v1.36, `pkg/controller/job/backoff_utils.go`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from planespec.spec.controllers.batch.cron_jobs import read_time
from planespec.spec.objects.view import ApiObject

FIRST, LONGEST = timedelta(seconds=10), timedelta(minutes=10)
"""The wait after one failure (`DefaultJobPodFailureBackOff`), and the longest."""
NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class BackoffRecord:
    """Failures since the last success, and when the last one was."""

    failures: int = 0
    last_failure: datetime | None = None

    def follow(
        self, succeeded: Iterable[ApiObject], failed: Iterable[ApiObject]
    ) -> "BackoffRecord":
        """Take in pods that have ended (`newBackoffRecord`)."""
        successes = sorted(map(find_end, succeeded))
        failures = sorted(map(find_end, failed))
        if not successes:
            if not failures:
                return self
            return BackoffRecord(self.failures + len(failures), failures[-1])
        later = [time for time in failures if time > successes[-1]]
        return BackoffRecord(len(later), later[-1] if later else None)

    def get_wait(self, now: datetime) -> timedelta:
        """How long no pod is made yet (`getRemainingTime`)."""
        return get_wait(self.failures, self.last_failure, now)


def get_wait(failures: int, last: datetime | None, now: datetime) -> timedelta:
    """How long to wait after so many failures, the last of them at that time."""
    if failures == 0 or last is None:
        return NO_TIME
    wait = FIRST
    for _ in range(failures - 1):
        wait = min(2 * wait, LONGEST)
        if wait == LONGEST:
            break
    return max(wait - (now - last), NO_TIME)


def find_end(pod: ApiObject) -> datetime:
    """When a pod has ended, as far as is known (`getFinishedTime`)."""
    ended = _find_container_end(pod)
    if ended is not None:
        return ended
    for condition in pod.status.views("conditions"):
        is_unready = (condition.text("type"), condition.text("status")) == ("Ready", "False")
        if is_unready and condition.text("lastTransitionTime"):
            return read_time(condition.text("lastTransitionTime"))
    if pod.meta.is_deleting:
        grace = pod.meta.integer("deletionGracePeriodSeconds") or 0
        return read_time(pod.meta.text("deletionTimestamp")) - timedelta(seconds=grace)
    return read_time(pod.meta.text("creationTimestamp"))


def _find_container_end(pod: ApiObject) -> datetime | None:
    times = []
    for status in pod.status.views("containerStatuses"):
        text = status.view("state").view("terminated").text("finishedAt")
        if not text:
            return None
        times.append(read_time(text))
    return max(times, default=None)

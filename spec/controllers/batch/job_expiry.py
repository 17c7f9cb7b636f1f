"""When a Job that is over may be deleted.

Source: Kubernetes v1.36, `pkg/controller/ttlafterfinished/ttlafterfinished_controller.go`.
"""

from datetime import datetime, timedelta

from planespec.spec.controllers.batch.cron_jobs import read_time
from planespec.spec.controllers.batch.job_state import Job


def find_expiry(job: Job) -> datetime | None:
    """When a Job expires (`getFinishAndExpireTime`); None where it does not, or is not over."""
    seconds = job.spec.integer("ttlSecondsAfterFinished")
    if seconds is None or job.meta.is_deleting:
        return None
    for each in job.status.views("conditions"):
        is_over = each.text("type") in ("Complete", "Failed") and each.text("status") == "True"
        if is_over and each.text("lastTransitionTime"):
            return read_time(each.text("lastTransitionTime")) + timedelta(seconds=seconds)
    return None

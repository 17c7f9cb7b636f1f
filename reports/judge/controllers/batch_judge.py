"""Judge of `controllers_batch_scaling`: Jobs, CronJobs, autoscaling, budgets of disruption.

A line is `{"kind", "in", "out"}` and one comparison; the modules beside this one say what is
answered to each kind.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.judge.controllers.cron_answers import answer_cron_job
from planespec.reports.judge.controllers.job_answers import (
    answer_failure_policy,
    answer_indexes,
    answer_job,
    arrange_job,
)
from planespec.reports.judge.controllers.kind_answers import Answer, Reading, judge_kinds
from planespec.reports.judge.controllers.scaling_answers import (
    answer_budget,
    answer_normalized,
    answer_replicas,
)
from planespec.reports.judge.runner import Comparison

_ANSWERS: dict[str, Answer] = {
    "cronjob_sync": answer_cron_job,
    "hpa_normalize": answer_normalized,
    "hpa_replicas": answer_replicas,
    "job_indexes": answer_indexes,
    "job_pod_failure_policy": answer_failure_policy,
    "job_sync": answer_job,
    "pdb_sync": answer_budget,
}
_READINGS: dict[str, Reading] = {"job_sync": lambda _, out: arrange_job(out)}


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_kinds(path, _ANSWERS, _READINGS)

"""Judge of `controllers_batch_scaling`: Jobs, CronJobs, autoscaling, budgets of disruption.

A line is `{"kind", "in", "out"}` and one comparison; the modules beside this one say what is
answered to each kind.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from planespec.reports.judge.controllers.cron_answers import answer_cron_job
from planespec.reports.judge.controllers.job_answers import (
    answer_failure_policy,
    answer_indexes,
    answer_job,
    arrange_job,
)
from planespec.reports.judge.controllers.scaling_answers import (
    answer_budget,
    answer_normalized,
    answer_replicas,
)
from planespec.reports.judge.runner import Comparison, compare, judge_lines
from planespec.spec.objects.view import ObjectError, View

_ANSWERS: dict[str, Callable[[View, View], dict[str, Any]]] = {
    "cronjob_sync": answer_cron_job,
    "hpa_normalize": answer_normalized,
    "hpa_replicas": answer_replicas,
    "job_indexes": answer_indexes,
    "job_pod_failure_policy": answer_failure_policy,
    "job_sync": answer_job,
    "pdb_sync": answer_budget,
}


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    kind = line.needing("kind", "in", "out").text("kind")
    if kind not in _ANSWERS:
        raise ObjectError("kind", f"{kind!r} is none of {', '.join(sorted(_ANSWERS))}")
    given, out = line.view("in"), line.view("out")
    expected = arrange_job(out.data) if kind == "job_sync" else dict(out.data)
    yield compare(kind, where, given.data, expected, _ANSWERS[kind](given, out))

"""Judge of `controllers_apps`: ReplicaSets, Deployments, StatefulSets, DaemonSets.

A line is `{"kind", "in", "out"}` and one comparison; the modules beside this one say what is
answered to each kind, and what a line leaves open.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.judge.controllers.apps_answers.daemon_set_answers import answer_daemon_set
from planespec.reports.judge.controllers.apps_answers.deployment_answers import (
    answer_deployment,
    arrange_deployment,
)
from planespec.reports.judge.controllers.apps_answers.replica_set_answers import (
    answer_deletion_order,
    answer_replica_set,
    arrange_replica_set,
    read_now,
)
from planespec.reports.judge.controllers.apps_answers.stateful_set_answers import (
    answer_stateful_set,
)
from planespec.reports.judge.controllers.kind_answers import Answer, Reading, judge_kinds
from planespec.reports.judge.runner import Comparison

_ANSWERS: dict[str, Answer] = {
    "daemonset_sync": answer_daemon_set,
    "deployment_sync": answer_deployment,
    "replicaset_deletion_order": answer_deletion_order,
    "replicaset_sync": answer_replica_set,
    "statefulset_sync": answer_stateful_set,
}
_READINGS: dict[str, Reading] = {
    "deployment_sync": arrange_deployment,
    "replicaset_sync": lambda given, out: arrange_replica_set(out, read_now(given)),
}
"""How recorded answers are read whose lists have no order."""


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_kinds(path, _ANSWERS, _READINGS)

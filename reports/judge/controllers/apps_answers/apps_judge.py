"""Judge of `controllers_apps`: ReplicaSets, Deployments, StatefulSets, DaemonSets.

A line is `{"kind", "in", "out"}` and one comparison; the modules beside this one say what is
answered to each kind, and what a line leaves open.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
from planespec.reports.judge.runner import Comparison, compare, judge_lines
from planespec.spec.objects.view import ObjectError, View

_ANSWERS: dict[str, Callable[[View, View], dict[str, Any]]] = {
    "daemonset_sync": answer_daemon_set,
    "deployment_sync": answer_deployment,
    "replicaset_deletion_order": answer_deletion_order,
    "replicaset_sync": answer_replica_set,
    "statefulset_sync": answer_stateful_set,
}
_ARRANGED: dict[str, Callable[[View, View], dict[str, Any]]] = {
    "deployment_sync": arrange_deployment,
    "replicaset_sync": lambda out, given: arrange_replica_set(out.data, read_now(given)),
}
"""How recorded answers are read whose lists have no order."""


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    kind = line.needing("kind", "in", "out").text("kind")
    given, out = line.view("in"), line.view("out")
    if kind not in _ANSWERS:
        raise ObjectError("kind", f"{kind!r} is none of {', '.join(sorted(_ANSWERS))}")
    answers = _ANSWERS[kind](given, out)
    expected = _ARRANGED[kind](out, given) if kind in _ARRANGED else dict(out.data)
    yield compare(kind, where, given.data, expected, answers)

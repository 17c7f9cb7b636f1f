"""Judge of `controllers_machinery`: queues, expectations, a lease, and the collector of pods.

A line is `{"kind", "in", "out"}` and one comparison. Of `leader_election`, `workqueue`,
`rate_limiter`, `delta_fifo` and `expectations`, `in` has `ops` and `out` the state `after` each.
Of `podgc`, `in` has the nodes and pods, and `out` the writes of the `first` round and of one 41
seconds later; whether the node of the name `gone` is then back at the API server, and not yet in
the cache (`nodeGoneReturned`), is taken from `out`. Not compared: when a condition was set, which
is the clock of the machine. Writes for the pods of one group have no order among each other.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from planespec.reports.judge.controllers.election_answers import answer_election
from planespec.reports.judge.controllers.kind_answers import Answer, Reading, judge_kinds
from planespec.reports.judge.controllers.queue_answers import (
    answer_delta_fifo,
    answer_expectations,
    answer_rate_limiter,
    answer_work_queue,
)
from planespec.reports.judge.runner import Comparison
from planespec.spec.controllers.pod_gc import PodGc, Removal
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import View

RETURNING_NODE = "gone"
"""The node of `podgc` that may come back."""
LATER = 41
"""Seconds between the two rounds of `podgc`."""

Write = dict[str, Any]


def answer_pod_gc(given: View, out: View) -> dict[str, Any]:
    """Answer the writes of the first round and of the one 41 seconds later."""
    given.needing("terminatedPodThreshold", "quarantineSeconds")
    pods = [Pod(each.data, each.field) for each in given.views("pods")]
    nodes = [Node(each.data, each.field) for each in given.views("nodes")]
    returned = out.flag("nodeGoneReturned")
    controller = PodGc(
        given.integer("terminatedPodThreshold") or 0, given.integer("quarantineSeconds") or 0
    )

    def exists(name: str) -> bool:
        return returned and name == RETURNING_NODE

    first = controller.collect(pods, nodes, 0, exists)
    removed = {removal.pod.name for group in first for removal in group}
    left = [pod for pod in pods if pod.name not in removed]
    later = controller.collect(left, nodes, LATER, exists)
    expected = read_rounds(given, out)
    rounds = zip(expected, (first, later), strict=True)
    return {name: _arrange(groups, expected[name]) for name, groups in rounds}


def read_rounds(_given: View, out: View) -> dict[str, list[Write]]:
    """Read the writes of both rounds."""
    return {name: _read_writes(out, name) for name in ("first", "after41Seconds")}


def _read_writes(out: View, name: str) -> list[Write]:
    """The recorded writes, without the time at which a condition was set."""
    return [_leave_out_times(dict(each.data)) for each in out.views(name)]


def _leave_out_times(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if name != "lastTransitionTime"}
        return {name: _leave_out_times(each) for name, each in kept.items()}
    return [_leave_out_times(each) for each in value] if isinstance(value, list) else value


def _arrange(groups: Iterable[Iterable[Removal]], expected: list[Write]) -> list[Write]:
    """Our writes, those for the pods of one group in the order in which they were recorded."""
    arranged: list[Write] = []
    for group in groups:
        waiting = [list(_tell_writes(removal)) for removal in group]
        for _ in range(sum(map(len, waiting))):
            place = len(arranged)
            name = expected[place].get("name") if place < len(expected) else None
            writes = min((each for each in waiting if each), key=lambda w: w[0]["name"] != name)
            arranged.append(writes.pop(0))
    return arranged


def _tell_writes(removal: Removal) -> Iterator[Write]:
    name, patch = removal.pod.name, removal.status_patch
    if patch is not None:
        told = {"verb": "patch", "resource": "pods", "subresource": "status", "name": name}
        yield told | {"patchType": "application/strategic-merge-patch+json", "patch": patch}
    options = {"gracePeriodSeconds": 0}
    yield {"verb": "delete", "resource": "pods", "name": name, "options": options}


# The kinds.


def _step_by_step(answer: Callable[[View, list[View]], Iterator[dict[str, Any]]]) -> Answer:
    return lambda given, out: {"after": list(answer(given, out.views("after")))}


def _read_steps(_given: View, out: View) -> dict[str, Any]:
    return {"after": [dict(each.data) for each in out.views("after")]}


_STEPWISE = {
    "delta_fifo": answer_delta_fifo,
    "expectations": answer_expectations,
    "leader_election": answer_election,
    "rate_limiter": answer_rate_limiter,
    "workqueue": answer_work_queue,
}
_ANSWERS = {kind: _step_by_step(each) for kind, each in _STEPWISE.items()} | {
    "podgc": answer_pod_gc
}
_READINGS: dict[str, Reading] = {**dict.fromkeys(_STEPWISE, _read_steps), "podgc": read_rounds}


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_kinds(path, _ANSWERS, _READINGS)

"""Judge of `kubelet_terminationorder` recordings: in which order a pod with sidecars stops.

A line has the containers of a pod, which of them run, whom each sidecar waits for, and the waves
in which those that run may stop.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.lifecycle.termination_order import order_termination
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import View


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("containers", "waitsFor", "waves")
    containers = [each.needing("name") for each in line.views("containers")]
    running = [each.text("name") for each in containers if each.flag("running")]
    order = order_termination(_make_pod(containers), running)
    awaited = {name: order.list_awaited(name) for name in order.prerequisites}
    _, expected = part_answers(line.data, ("waitsFor", "waves"))
    actual = {"waitsFor": awaited, "waves": order.list_waves()}
    yield compare("termination", where, line.items("containers"), expected, actual)


def _make_pod(containers: list[View]) -> Pod:
    spec: dict[str, list[dict[str, str]]] = {"initContainers": [], "containers": []}
    for each in containers:
        made = {"name": each.text("name")}
        if each.flag("sidecar"):
            made["restartPolicy"] = "Always"
        spec["initContainers" if each.flag("init") else "containers"].append(made)
    return Pod({"spec": spec})

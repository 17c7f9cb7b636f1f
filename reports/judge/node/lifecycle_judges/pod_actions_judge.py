"""Judge of `podactions` recordings: what a kubelet does next for a pod.

A line has the pod, the state of its sandbox and containers, the results of probes by name of the
container, and the actions of computePodActions. The network namespace of a sandbox is not
recorded: it is the pod's. Ephemeral containers to start are not recorded, nor judged.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.judge.recorded_fields import read_member
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.lifecycle.pod_actions import PodActions, compute_pod_actions
from planespec.spec.node.lifecycle.runtime_status import (
    ContainerState,
    ContainerStatus,
    ProbeResult,
    RuntimeStatus,
    SandboxStatus,
)
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ObjectError, View

_SANDBOX_ID = "sb"
_ABSENT, _READY, _NOT_READY = "none", "ready", "notready"
_LISTS = ("containersToStart", "initContainersToStart")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("actions", "containers", "pod", "sandbox")
    expected = _read_actions(line.view("actions"))
    pod = Pod(line.view("pod").needing("spec").data, "pod")
    actual = _show(compute_pod_actions(pod, _read_status(line, pod)))
    given, _ = part_answers(line.data, ("actions",))
    yield compare("actions", where, given, expected, actual)


def _read_actions(actions: View) -> dict[str, object]:
    """The recorded actions; a list that is null is empty, as in Go."""
    actions.needing("createSandbox", "killPod", "containersToKill")
    return {**actions.data, **{name: actions.items(name) for name in _LISTS}}


def _show(actions: PodActions) -> dict[str, object]:
    return {
        "attempt": actions.attempt,
        "containersToKill": {
            key: {"message": kill.message, "name": kill.name, "reason": kill.reason}
            for key, kill in actions.kills.items()
        },
        "containersToStart": actions.containers_to_start,
        "createSandbox": actions.create_sandbox,
        "initContainersToStart": actions.init_containers_to_start,
        "killPod": actions.kill_pod,
        "sandboxID": actions.sandbox_id,
    }


def _read_status(line: View, pod: Pod) -> RuntimeStatus:
    containers = tuple(_read_container(each) for each in line.views("containers"))
    ids = {each.name: each.container_id for each in containers}
    return RuntimeStatus(
        _read_sandboxes(line.view("sandbox").needing("state"), pod),
        containers,
        _read_results(line.view("liveness"), ids),
        _read_results(line.view("startup"), ids),
    )


def _read_container(container: View) -> ContainerStatus:
    container.needing("name", "id", "state")
    return ContainerStatus(
        container.text("name"),
        container.text("id"),
        read_member(container, "state", ContainerState),
        container.integer("exitCode") or 0,
        is_changed=container.flag("specChanged"),
    )


def _read_sandboxes(sandbox: View, pod: Pod) -> tuple[SandboxStatus, ...]:
    state = sandbox.text("state")
    if state == _ABSENT:
        return ()
    if state not in (_READY, _NOT_READY):
        known = f"{_ABSENT}, {_READY} or {_NOT_READY}"
        raise ObjectError(sandbox.path("state"), f"must be {known}, not {state!r}")
    ip = sandbox.text("ip") if sandbox.has("ip") else None
    host = pod.spec.flag("hostNetwork")
    attempt = sandbox.integer("attempt") or 0
    return (SandboxStatus(_SANDBOX_ID, state == _READY, attempt, ip, host),)


def _read_results(results: View, ids: dict[str, str]) -> dict[str, ProbeResult]:
    for name in results.data:
        if name not in ids:
            raise ObjectError(results.path(name), "no container has that name")
    return {ids[name]: read_member(results, name, ProbeResult) for name in results.data}

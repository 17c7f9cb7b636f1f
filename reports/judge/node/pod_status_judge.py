"""Judge of `kubelet_podstatus`: the status that a kubelet makes of a pod, step by step.

A line is `{"case", "pod", "steps": [{"in", "status", ...}]}`. What a step gives (`in`) is what the
kubelet knows: the containers of the runtime, oldest first, the sandbox, the phase and conditions
that the API server has, whether the pod is deleted, is over or has to fail, why containers could
not be started. `oldFrom` says whether the status of the step before is held (`previous`); if not,
the API server has its init and regular containers. `probes` are [ready, started] as the probes of
a container would have it while it runs; init containers that end are never said to have started.

Each step is one case: the whole status, which containers are to be started (again), and whether a
regular container was started or all are to start again.
"""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from planespec.reports.judge.recorded_fields import read_choice, read_member
from planespec.reports.judge.recorded_pods import check_pod, check_pod_status
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.lifecycle.restart_policy import should_be_started
from planespec.spec.node.lifecycle.runtime_status import (
    ContainerState,
    ContainerStatus,
    RuntimeStatus,
    SandboxStatus,
)
from planespec.spec.node.pod_status.container_statuses import StartFailure
from planespec.spec.node.pod_status.pod_conditions import should_all_restart
from planespec.spec.node.pod_status.status_generation import KubeletView, generate_pod_status
from planespec.spec.node.status_parts import Json, is_sidecar
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ObjectError, View

ANSWERS = (
    *("status", "shouldBeRestarted", "shouldAllContainersRestart"),
    "anyRegularContainerStarted",
)
KEPT = ("initContainerStatuses", "containerStatuses")
"""What of the status before is left at the API server where the kubelet holds none."""
LAST_SECOND = 253_402_300_799
"""Of the year 9999."""
ADDRESS = "10.0.0.5"
SANDBOXES = {
    "none": (),
    "notready": (SandboxStatus("s0", False, 0),),
    "ready": (SandboxStatus("s0", True, 0, ADDRESS),),
    "ready-noip": (SandboxStatus("s0", True, 0, ""),),
}
EVICTIONS = {
    "DeadlineExceeded": StartFailure(
        "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"
    )
}


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    pod = _read_pod(line.needing("pod", "steps"))
    held: Json | None = None
    for step in line.views("steps"):
        given, expected = part_answers(step.needing("in", "status").data, ANSWERS)
        view = _read_view(pod, step.view("in"), held)
        actual = _answer(view)
        held = actual["status"]
        yield compare("status", where, given, expected, actual)


def _read_pod(line: View) -> Json:
    return dict(check_pod(line.view("pod").needing("metadata", "spec")).data)


def _read_view(pod: Json, given: View, previous: Json | None) -> KubeletView:
    given.needing("runtime", "sandbox", "oldFrom")
    pod = deepcopy(pod)
    is_held = given.text("oldFrom") == "previous"
    told = {} if is_held or previous is None else previous
    conditions = given.items("apiConditions")
    check_pod_status(View({"conditions": conditions}, given.field))
    pod["status"] = {name: deepcopy(told.get(name) or []) for name in KEPT} | {
        "phase": given.text("apiPhase"),
        "conditions": conditions,
    }
    if given.flag("deleted"):
        pod["metadata"]["deletionTimestamp"] = "1970-01-01T00:00:00Z"
    sandboxes = read_choice(given, "sandbox", SANDBOXES)
    evict = read_choice(given, "evict", EVICTIONS) if given.has("evict") else None
    containers = [_read_container(each) for each in given.views("runtime")]
    probes = given.view("probes")
    return KubeletView(
        pod,
        RuntimeStatus(sandboxes, tuple(containers)),
        previous if is_held else None,
        [each.ip for each in sandboxes if each.ip],
        is_over=given.flag("podIsTerminal"),
        failures={name: _read_failure(given, name) for name in given.view("reasonCache").data},
        eviction=evict,
        report_probes=lambda pod, status: _report(probes, pod, status),
    )


def _read_container(container: View) -> ContainerStatus:
    container.needing("name", "id", "state")
    return ContainerStatus(
        container.text("name"),
        f"containerd://{container.text('id')}",
        read_member(container, "state", ContainerState),
        container.integer("exitCode") or 0,
        container.text("reason"),
        restart_count=container.integer("restartCount") or 0,
        created_at=container.integer("createdAt") or 0,
        started_at=_read_time(container, "startedAt"),
        finished_at=_read_time(container, "finishedAt"),
        image="img",
        image_id="img@sha256:1",
    )


def _read_time(container: View, name: str) -> int | None:
    seconds = container.integer(name)
    if seconds is not None and not 0 <= seconds <= LAST_SECOND:
        raise ObjectError(container.path(name), "must be of the years 1970 to 9999")
    return seconds


def _read_failure(given: View, name: str) -> StartFailure:
    texts = given.view("reasonCache").texts(name)
    if len(texts) != 2:
        raise ObjectError(given.path(f"reasonCache.{name}"), "must be reason and message")
    return StartFailure(*texts)


def _report(probes: View, pod: Json, status: Json) -> None:
    """What the recorder's prober says: as recorded while a container runs (in place)."""
    for entry in status.get("containerStatuses") or ():
        _report_one(probes, entry)
    init = {each["name"]: each for each in pod["spec"].get("initContainers") or ()}
    for entry in status.get("initContainerStatuses") or ():
        if is_sidecar(init[entry["name"]]):
            _report_one(probes, entry)
        else:
            ended = entry["state"].get("terminated")
            entry["started"] = False
            entry["ready"] = ended is not None and not ended["exitCode"]


def _report_one(probes: View, entry: Json) -> None:
    ready, started = _read_probes(probes, entry["name"])
    entry["started"] = "running" in entry["state"] and started
    entry["ready"] = entry["started"] and ready


def _read_probes(probes: View, name: str) -> tuple[bool, bool]:
    found = probes.items(name)
    if len(found) != 2 or not all(isinstance(each, bool) for each in found):
        raise ObjectError(probes.path(name), "must be two booleans: ready, started")
    return bool(found[0]), bool(found[1])


def _answer(view: KubeletView) -> Json:
    pod = Pod(view.pod)
    old = view.held if view.held is not None else view.pod["status"]
    names = {each.name for each in view.runtime.containers}
    answer: Json = {
        "status": generate_pod_status(view),
        "shouldBeRestarted": {
            each.name: should_be_started(pod, each, view.runtime)
            for each in (*pod.init_containers, *pod.containers)
        },
        "anyRegularContainerStarted": any(each.name in names for each in pod.containers),
    }
    if should_all_restart(view.pod, view.runtime, old):
        answer["shouldAllContainersRestart"] = True
    return answer

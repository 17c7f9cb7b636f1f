"""Judge of `kubelet_statusmanager`: what a kubelet holds of a pod's status, and what it sends.

A line is `{"pod", "static", "mirror", "steps": [{"op", ...}]}`. Each step is one case, counted by
`op`, and compared in the status that is held, its version, whether it is `finished`, which
conditions got a new time of transition, and every request to the API server. Times are not
recorded. Before each step the recorder sets the times of transition that are held to one old time,
and tells those that are another after it; what is sent later is that old time. Times are whole
seconds, and a line took a moment: no second passed during it, or one did before some step. A line
agrees where it does for one of these moments.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from planespec.reports.judge.recorded_pods import check_pod, check_pod_status
from planespec.reports.judge.runner import (
    Comparison,
    are_alike,
    compare,
    judge_lines,
    part_answers,
)
from planespec.spec.node.status_manager import ApiRequest, StatusManager
from planespec.spec.node.status_parts import Json
from planespec.spec.objects.view import ObjectError, View

TIME, LATER, OLD = "<time>", "<time>+1s", "<time>-1h"
ANSWERS = ("cached", "finished", "version", "transitionTimeChanged", "api", "changed", "updates")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step; InputError where malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("pod", "static", "mirror", "steps")
    steps = [step.needing("op", "api") for step in line.views("steps")]
    parts = [part_answers(step.data, ANSWERS) for step in steps]
    actual = _play(line, steps, [expected for _, expected in parts])
    for step, (given, expected), ours in zip(steps, parts, actual, strict=True):
        yield compare(step.text("op"), where, given, expected, ours)


def _play(line: View, steps: Sequence[View], expected: list[Json]) -> list[Json]:
    """The answers for the first moment of a new second that gives all those recorded."""
    first = _run(line, steps, len(steps))
    if are_alike(expected, first):
        return first
    others = (_run(line, steps, tick) for tick in range(1, len(steps)))
    return next((answers for answers in others if are_alike(expected, answers)), first)


def _run(line: View, steps: Sequence[View], tick: int) -> list[Json]:
    manager = _make_manager(line)
    answers = []
    for index, step in enumerate(steps):
        manager.now = TIME if index < tick else LATER
        manager.requests.clear()
        _age(manager)
        answers.append(_show(manager, _take(manager, step)))
    return answers


def _age(manager: StatusManager) -> None:
    if manager.held is not None:
        for condition in manager.held.status.get("conditions") or ():
            condition["lastTransitionTime"] = OLD


def _make_manager(line: View) -> StatusManager:
    meta = line.view("pod").needing("metadata", "spec").view("metadata")
    pod: Any = deepcopy(line.data["pod"])
    meta.needing("name", "uid")
    check_pod(line.view("pod"))
    if not line.flag("static"):
        return StatusManager(pod, api_pod=deepcopy(pod))
    if not line.flag("mirror"):
        return StatusManager(pod, is_static=True)
    mirror = deepcopy(pod)
    mirror["metadata"]["uid"] = "uid-mirror"
    return StatusManager(pod, is_static=True, mirror=mirror, api_pod=deepcopy(mirror))


def _take(manager: StatusManager, step: View) -> Json:
    """Take one step; returns what it answers."""
    match step.text("op"):
        case "SetPodStatus":
            return {"changed": manager.set_pod_status(_read_status(step))}
        case "syncBatch":
            return {"updates": manager.sync_batch(everything=step.flag("all"))}
        case "SetContainerReadiness":
            name = step.text("container")
            manager.set_container_readiness(name, ready=step.flag("value"))
        case "SetContainerStartup":
            name = step.text("container")
            manager.set_container_startup(name, started=step.flag("value"))
        case "TerminatePod":
            manager.terminate_pod()
        case _:
            _change_world(manager, step)
    return {}


def _change_world(manager: StatusManager, step: View) -> None:
    """What others do: the pod is changed or deleted, its object goes, containers may run."""
    match step.text("op"):
        case "RemoveOrphanedStatuses":
            if step.flag("forgotten"):
                manager.forget()
        case "couldHaveRunningContainers":
            manager.could_run = step.flag("value")
        case "apiPodGone":
            manager.api_pod = None
            if step.has("recreatedWithUID"):
                manager.api_pod = deepcopy(manager.mirror or manager.pod)
                manager.api_pod.pop("status", None)
                manager.api_pod["metadata"]["uid"] = step.text("recreatedWithUID")
        case "markDeleted":
            _mark_deleted(manager)
        case "podUpdate":
            _update_pod(manager, step)
        case other:
            raise ObjectError(step.path("op"), f"is of no kind that is known: {other!r}")


def _mark_deleted(manager: StatusManager) -> None:
    manager.pod["metadata"]["deletionTimestamp"] = TIME
    if not manager.is_static:
        manager.requests.append(ApiRequest("get"))
        if manager.api_pod is not None:
            manager.api_pod["metadata"]["deletionTimestamp"] = TIME


def _update_pod(manager: StatusManager, step: View) -> None:
    manager.pod["metadata"]["generation"] = step.int64("generation")
    if step.has("conditions"):
        check_pod_status(View({"conditions": step.data["conditions"]}, step.field))
        status = manager.pod.setdefault("status", {})
        status["conditions"] = deepcopy(step.items("conditions"))


def _read_status(step: View) -> Json:
    return dict(check_pod_status(step.needing("status").view("status")).data)


def _show(manager: StatusManager, answer: Json) -> Json:
    shown: Json = answer | {"api": [_show_request(each) for each in manager.requests]}
    if manager.held is not None:
        shown |= {
            "cached": _mask_all(manager.held.status),
            "finished": manager.held.finished,
            "version": manager.held.version,
            "transitionTimeChanged": {
                each["type"]: True
                for each in manager.held.status.get("conditions") or ()
                if each.get("lastTransitionTime") not in (None, OLD)
            },
        }
    return shown


def _mask_all(status: Json) -> Json:
    """Write times of transition as the recording does of what is held, be there one or none."""
    shown: Json = _mask(status)
    if shown.get("conditions"):
        conditions = [each | {"lastTransitionTime": TIME} for each in shown["conditions"]]
        shown["conditions"] = conditions
    return shown


def _show_request(request: ApiRequest) -> Json:
    if request.verb == "patch":
        return {"verb": "patch", "subresource": "status", "patch": _mask(request.patch)}
    if request.verb == "delete":
        asked = {"gracePeriodSeconds": 0, "preconditionUID": {"uid": request.uid}}
        return {"verb": "delete", **asked}
    return {"verb": request.verb}


def _mask(value: Any) -> Any:
    """Write times as the recording does."""
    if isinstance(value, dict):
        return {key: _mask(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_mask(each) for each in value]
    return TIME if value in (LATER, OLD) else value

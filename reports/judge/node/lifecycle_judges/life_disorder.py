"""What in a trace contradicts itself, whatever a kubelet may do.

Events of a sort stand in the order of their times. A status is told when it has changed. What the
runtime makes is known by its answer, so that nothing asks for it before.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from planespec.reports.judge.node.lifecycle_judges.life_events import read_seconds
from planespec.spec.node.pod_life.life_rules import NOTICE
from planespec.spec.node.pod_life.observed_life import SLACK
from planespec.spec.objects.view import View

CODES = {
    *("CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND"),
    *("ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION"),
    *("ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"),
    "UNAUTHENTICATED",
}
"""Codes of gRPC but for OK."""
KILLS = ("killContainer", "killSandbox")
_UID = re.compile(r"uid\d+")
_SCHEDULED, _READY = "PodScheduled", "PodReadyToStartContainers"


def find_disorder(line: View) -> str:
    """The first contradiction in a trace; empty where there is none."""
    return next(_list_faults(line), "")


def _list_faults(line: View) -> Iterator[str]:
    actions, calls, statuses = (line.views(name) for name in ("actions", "calls", "status"))
    for views in (actions, calls, statuses):
        for before, after in pairwise(views):
            if read_seconds(after, "t") < read_seconds(before, "t"):
                yield f"{after.field} was before what stands above it"
    for before, after in pairwise(actions):
        if before.data == after.data:
            yield f"{after.field} stands there twice"
    for before, after in pairwise(statuses):
        if before.data.get("pod") == after.data.get("pod"):
            yield f"{after.field} is no change"
    yield from _list_faults_of_actions(actions, statuses, calls)
    yield from _list_faults_of_calls(calls)
    for each in statuses:
        yield from _list_faults_of_status(each.view("pod"), 1 + _count(actions, "edit"))


def _count(actions: Sequence[View], name: str) -> int:
    return sum(each.text("action") == name for each in actions)


def _list_faults_of_actions(
    actions: Sequence[View], statuses: Sequence[View], calls: Sequence[View]
) -> Iterator[str]:
    """What was killed has a name; a pod that is gone is soon told of no more."""
    last = max((read_seconds(each, "t") for each in (*statuses, *calls)), default=0.0)
    for place, each in enumerate(actions):
        if each.text("action") in KILLS and each.flag("done") != bool(each.text("container")):
            yield f"{each.field} says what was killed where it was done, and only there"
        until = read_seconds(each, "t") + NOTICE
        others = [other for other in actions[place + 1 :] if read_seconds(other, "t") <= until]
        if each.text("action") != "delete" or others or last <= until:
            continue
        told = [other for other in statuses if read_seconds(other, "t") <= until]
        if told and told[-1].data.get("pod") is not None:
            yield "the pod is gone from its source, and is listed on"


def _list_faults_of_calls(calls: Sequence[View]) -> Iterator[str]:
    made: dict[str, float] = {}
    for call in calls:
        begun, took, code = read_seconds(call, "t"), read_seconds(call, "took"), call.text("code")
        if took < 0 or (code and code not in CODES):
            yield f"{call.field} has an answer that there is not"
        for name in ("ref", "sandbox"):
            key = call.text(name)
            if begun < made.get(key, begun) - SLACK:
                yield f"{call.field} asks for {key}, which was not made yet"
        if call.text("id"):
            made[call.text("id")] = begun + took


def _list_faults_of_status(pod: View, most: int) -> Iterator[str]:
    uid, conditions = pod.text("uid"), pod.view("conditions")
    if uid and not (_UID.fullmatch(uid) and int(uid[3:]) < most):
        yield f"{pod.path('uid')} is that of no pod that there was"
    if conditions.has(_SCHEDULED) and conditions.data[_SCHEDULED] != ["True"]:
        yield "a static pod is scheduled"
    if conditions.data.get(_READY, ["True"]) not in (["True"], ["False"]):
        yield f"{_READY} is true or false"

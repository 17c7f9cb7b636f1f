"""Judge of `kubelet_backoff`: how long a kubelet waits before it starts a container again.

A line is `{"case", "baseSeconds", "maxSeconds", "steps": [...]}`: the back-off of one kubelet and
what befell the containers of one pod. A step has `op`, `container`, and `advance`, the seconds by
which the clock went on before it:

* `exit`: the container ended `finishedSecondsAgo`;
* `start`: the kubelet tries to start it (`doBackOff`); when it may, it runs;
* `change`: it gets another `image`, `cpuRequest` or `env`, or the pod another `uid`;
* `gc`: void entries are dropped.

Each step is one comparison, of the clock, the key and the wait after it, and for `start` of the
answer; one more, `base`, is the first wait that follows from the longest. No line tells how the
pod began: it is `web` in the namespace `shop` with `uid-1`, its containers have the image `img:1`
and no resources; that the keys agree, which are hashes of these, shows it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines
from planespec.spec.node.lifecycle.crash_backoff import (
    BackOff,
    PodNames,
    make_backoff_key,
    make_crash_backoff,
    try_restart,
)
from planespec.spec.objects.core_views import Container
from planespec.spec.objects.view import ObjectError, View

_ASKED = frozenset(
    ("advance", "op", "container", "finishedSecondsAgo", "image", "cpuRequest", "env", "uid")
)
"""Fields of a step that are no answer."""
_FIRST_POD = PodNames("web", "shop", "uid-1")
_CHANGES = ("image", "cpuRequest", "env", "uid")


@dataclass(slots=True)
class _Node:
    """One pod, its containers and the clock."""

    backoff: BackOff
    pod: PodNames = _FIRST_POD
    containers: dict[str, dict[str, object]] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    """When a container ended that does not run again."""
    now: int = 0


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("baseSeconds", "maxSeconds", "steps")
    longest = _read_seconds(line, "maxSeconds")
    node = _Node(replace(make_crash_backoff(longest), forgiven_after=None))
    yield compare("base", where, longest, line.data["baseSeconds"], node.backoff.first)
    for step in line.views("steps"):
        step.needing("op", "container")
        given = {name: value for name, value in step.data.items() if name in _ASKED}
        expected = {name: value for name, value in step.data.items() if name not in _ASKED}
        yield compare(step.text("op"), where, given, expected, _take_step(node, step))


def _read_seconds(view: View, name: str) -> int:
    seconds = view.integer(name) or 0
    if seconds < 0:
        raise ObjectError(view.path(name), "must not be negative")
    return seconds


def _take_step(node: _Node, step: View) -> dict[str, object]:
    """Do what a step says, and return what is answered and where the kubelet stands then."""
    op, name = step.text("op"), step.text("container")
    answer: dict[str, object] = {}
    node.now += _read_seconds(step, "advance")
    fields = node.containers.setdefault(name, {"name": name, "image": "img:1"})
    if op == "exit":
        node.ended[name] = node.now - _read_seconds(step, "finishedSecondsAgo")
    elif op == "start":
        answer = _start(node, name)
    elif op == "gc":
        node.backoff.collect_garbage(node.now)
    elif op == "change":
        _change(node, fields, step)
    else:
        raise ObjectError(step.path("op"), f"{op!r} is none of change, exit, gc, start")
    key = make_backoff_key(node.pod, Container(fields, step.field))
    return {**answer, "backoffSeconds": node.backoff.get_wait(key), "key": key, "now": node.now}


def _start(node: _Node, name: str) -> dict[str, object]:
    container = Container(node.containers[name])
    refused = try_restart(node.backoff, node.pod, container, node.ended.get(name), node.now)
    if refused is None:
        node.ended.pop(name, None)
        return {"inBackOff": False}
    return {
        "inBackOff": True,
        "error": "CrashLoopBackOff",
        "message": refused.message,
        "expiresInSeconds": refused.until - node.now,
    }


def _change(node: _Node, fields: dict[str, object], step: View) -> None:
    if not any(step.has(name) for name in _CHANGES):
        raise ObjectError(step.field, f"has none of {', '.join(_CHANGES)}")
    if step.has("uid"):
        node.pod = replace(node.pod, uid=step.text("uid"))
    if step.has("image"):
        fields["image"] = step.text("image")
    if step.has("cpuRequest"):
        fields["resources"] = {"requests": {"cpu": step.text("cpuRequest")}}

"""Judge of `kubelet_pleg`: what a kubelet notices by listing the containers of its runtime.

A line is `{"channelCapacity", "steps": [{"advance", "runtime": [{"id", "pod", "sandbox",
"state"}], "reinspect", "listFails", "statusFails", "events", "podsInspected", "healthy",
"healthError"}]}`: the clock goes on, a pod may be asked to be inspected, the runtime is listed.
Each step is one `relist`, compared in the events of each pod, how many pods were inspected, and
health. The recording sorts the events of a pod, so both sides are sorted. `statusFails` is true of
some steps, yet every recorded one told its events, and no pod was inspected again after it, as it
would be had its inspection failed: what failed is nothing that the generator asks, so it is read
and makes no difference. A channel too small for the events of one relist loses some of them, by
the order of a Go map: that is not decided.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from planespec.reports.judge.recorded_fields import read_amount
from planespec.reports.judge.runner import (
    Comparison,
    UndecidedError,
    compare,
    judge_lines,
    part_answers,
)
from planespec.spec.node.lifecycle.lifecycle_events import (
    ContainerState,
    EventGenerator,
    LifecycleEvent,
    ListedPod,
)
from planespec.spec.objects.view import ObjectError, View

ANSWERS = ("events", "podsInspected", "healthy", "healthError")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each relist; InputError where malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    play = _Play(line.needing("channelCapacity", "steps").int64("channelCapacity"))
    steps = [step.needing("advance", "events") for step in line.views("steps")]
    for step in steps:
        given, _ = part_answers(step.data, ANSWERS)
        yield compare("relist", where, given, _read_answer(step), play.answer(step))


@dataclass(slots=True)
class _Play:
    capacity: int
    generator: EventGenerator = field(default_factory=EventGenerator)
    now: int = 0

    def answer(self, step: View) -> dict[str, object]:
        """Take one step and say what the kubelet shows after it."""
        self.now += read_amount(step, "advance")
        if step.has("reinspect"):
            self.generator.request_inspection(step.text("reinspect"))
        pods = None if step.flag("listFails") else _read_pods(step)
        step.flag("statusFails")
        relisted = self.generator.relist(self.now, pods, lambda _: True)
        if len(relisted.events) > self.capacity:
            raise UndecidedError("not decided: more events in one relist than the channel holds")
        error = self.generator.get_health_error(self.now)
        return {
            "events": _group(relisted.events),
            "podsInspected": len(relisted.inspected),
            "healthy": not error,
            "healthError": error,
        }


def _read_answer(step: View) -> dict[str, object]:
    events = step.view("events")
    return {
        "events": {pod: sorted(events.texts(pod)) for pod in events.data},
        "podsInspected": step.int64("podsInspected"),
        "healthy": step.flag("healthy"),
        "healthError": step.text("healthError"),
    }


def _read_pods(step: View) -> dict[str, ListedPod]:
    pods: dict[str, dict[str, ContainerState]] = {}
    for each in sorted(step.views("runtime"), key=lambda listed: listed.flag("sandbox")):
        each.needing("id", "pod", "state")
        pods.setdefault(each.text("pod"), {}).setdefault(each.text("id"), _read_state(each))
    return dict(pods)


def _read_state(listed: View) -> ContainerState:
    try:
        return ContainerState(listed.text("state"))
    except ValueError as error:
        known = ", ".join(ContainerState)
        raise ObjectError(listed.path("state"), f"must be one of {known}") from error


def _group(events: tuple[LifecycleEvent, ...]) -> dict[str, list[str]]:
    by_pod: dict[str, list[str]] = {}
    for event in events:
        text = f"{event.type} {event.container}"
        by_pod.setdefault(event.pod, []).append(text)
    return {pod: sorted(texts) for pod, texts in by_pod.items()}

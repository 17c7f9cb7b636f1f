"""Judge of `kubelet_nodeconditions` recordings: Ready and the pressures, heartbeat by heartbeat.

A line is `{"case", "steps"}`. A step says what the parts of the kubelet report (`now`, an error
under its own text such as `"network down": true`, `softRequirements`, `missingCapacity`, the three
pressures) and what came of it: `conditions` and `events`. Each step is a case; the conditions that
it starts from are those that our rule gave for the step before. The recorder set Ready first.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.evictions.node_conditions import (
    LOCAL_STORAGE,
    PRESSURES,
    READY,
    REQUIRED_CAPACITY,
    NodeCondition,
    NodeHealth,
    update_conditions,
)
from planespec.spec.objects.view import View

_SOFT_REQUIREMENT = "soft requirement"
_FLAGS = dict(zip(PRESSURES, ("memoryPressure", "diskPressure", "pidPressure"), strict=True))


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each heartbeat; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    conditions: tuple[NodeCondition, ...] = ()
    for step in line.needing("steps").views("steps"):
        step.needing("now", "conditions")
        report = update_conditions(
            conditions, _read_health(step), step.int64("now"), (READY, *PRESSURES)
        )
        conditions = report.conditions
        expected = {"conditions": step.items("conditions"), "events": step.texts("events")}
        actual = {
            "conditions": [asdict(each) for each in conditions],
            "events": [f"Normal {event}" for event in report.events],
        }
        given, _ = part_answers(step.data, expected)
        yield compare("heartbeat", where, given, expected, actual)


def _read_health(step: View) -> NodeHealth:
    def error(name: str, text: str = "") -> str | None:
        return (text or name) if step.flag(name) else None

    missing = {each.strip() for each in step.text("missingCapacity").split(",")}
    return NodeHealth(
        error("runtime down"),
        error("network down"),
        error("storage down"),
        error("node is shutting down"),
        error("softRequirements", _SOFT_REQUIREMENT),
        frozenset((*REQUIRED_CAPACITY, LOCAL_STORAGE)) - missing,
        step.flag("localStorageCapacityIsolation"),
        frozenset(name for name, flag in _FLAGS.items() if step.flag(flag)),
    )

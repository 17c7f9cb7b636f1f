"""Each requirement KUB-n on an observation where it holds and on one where it does not."""

from types import SimpleNamespace
from typing import Any

import pytest
from requirement_cases import check_all_have_cases, check_state, check_step

from planespec.spec.node import container_requirements, pod_requirements
from planespec.spec.node.pod_states import PodPhase, Policy, Role, Run, Stage, Startup, Work

PODS = {
    "pods": ("p",),
    "containers": (0, 1, 2),
    "roles": {0: Role.INIT, 1: Role.SIDECAR, 2: Role.APP},
    "policy": Policy.ON_FAILURE,
    "stored": {"p": Stage.PRESENT},
    "shown": {"p": PodPhase.RUNNING},
    "known": {"p": PodPhase.RUNNING},
    "work": {"p": Work.SYNC},
    "run": {"p": {0: Run.DONE, 1: Run.RUNNING, 2: Run.RUNNING}},
    "has_sandbox": {"p": True},
    "has_ended": {"p": False},
    "is_late": {"p": False},
    "was_doubled": False,
    "due": {"p": {0: 0, 1: 0, 2: 0}},
    "grace": {"p": 1},
    "room": 2,
    "desired": {"p": 2},
    "allocated": {"p": 2},
    "actual": {"p": 2},
    "crashed": 0,
    "file": "p",
    "mirror": "p",
    "threshold": 2,
    "started": {"p": {0: Startup.UNKNOWN, 1: Startup.SUCCESS, 2: Startup.SUCCESS}},
    "answered": {"p": {0: False, 1: True, 2: True}},
    "times": {"p": {0: 0, 1: 2, 2: 2}},
    "ready": {"p": {0: False, 1: True, 2: True}},
    "pod_ready": {"p": True},
    "is_blamed": False,
}
"""A pod with an init container that is done, and a sidecar and an app that run and are ready."""


def of(name: str, value: object) -> dict[str, object]:
    """A change of what is said of the pod."""
    return {name: {"p": value}}


def run(*runs: Run) -> dict[str, object]:
    """A change of what runs."""
    return of("run", dict(enumerate(runs)))


NONE, RUNNING, STOPPING, DONE, BROKEN = Run
GONE = of("stored", Stage.GONE)
ENDING = of("work", Work.TERMINATING)

STATES: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("KUB-3", of("has_ended", False), of("has_ended", True)),
    ("KUB-3", of("has_ended", True) | run(DONE, DONE, BROKEN), of("has_ended", True)),
    ("KUB-4", {}, {"pods": ("p", "q"), "run": dict.fromkeys("pq", PODS["run"]["p"])}),  # type: ignore[index]
    ("KUB-10", {}, {"was_doubled": True}),
    ("KUB-12", of("times", {0: 0, 1: 1, 2: 2}), of("answered", {0: False, 1: True, 2: False})),
    ("KUB-13", {}, {"is_blamed": True}),
    ("KUB-16", GONE | of("has_sandbox", False), GONE),
    ("KUB-16", {}, of("stored", Stage.FORCED)),
    ("KUB-17", {}, of("stored", Stage.MARKED)),
    ("KUB-18", {}, of("known", PodPhase.FAILED)),
    ("KUB-20", {}, of("allocated", 3)),
    ("KUB-20", of("allocated", 3) | of("work", Work.TERMINATED), of("allocated", 3) | ENDING),
    ("KUB-23", {}, of("actual", 1)),
    ("KUB-23", of("actual", 1) | of("desired", 3), of("actual", 1) | of("desired", 2)),
    ("KUB-25", {"file": None} | ENDING, ENDING),
    ("KUB-26", run(DONE, RUNNING, DONE), run(DONE, RUNNING, BROKEN)),
    ("KUB-26", {"policy": Policy.NEVER} | run(DONE, RUNNING, BROKEN), run(DONE, RUNNING, NONE)),
]
"""Requirement, what is changed so that it holds, and so that it does not."""

FIRST = run(RUNNING, NONE, NONE)
BEGUN = run(DONE, RUNNING, NONE)
STEPS: list[tuple[str, dict[str, object], dict[str, object], dict[str, object]]] = [
    ("KUB-1", {}, GONE | run(DONE, DONE, BROKEN), GONE),
    ("KUB-1", {}, of("stored", Stage.FORCED), GONE | run(DONE, DONE, STOPPING)),
    ("KUB-2", of("shown", PodPhase.FAILED), of("shown", PodPhase.FAILED), {}),
    ("KUB-5", run(NONE, NONE, NONE), FIRST, {"before": run(DONE, NONE, NONE)} | FIRST),
    ("KUB-5", run(BROKEN, NONE, NONE), FIRST, {"before": run(NONE, DONE, NONE)} | FIRST),
    ("KUB-6", BEGUN, {}, {"before": run(RUNNING, RUNNING, NONE)}),
    ("KUB-6", run(DONE, BROKEN, NONE), {}, {"before": run(DONE, NONE, NONE)}),
    ("KUB-7", ENDING, run(DONE, RUNNING, STOPPING), run(DONE, STOPPING, RUNNING)),
    (
        "KUB-7",
        ENDING | run(DONE, RUNNING, DONE),
        run(DONE, STOPPING, DONE),
        {"before": ENDING} | run(DONE, STOPPING, RUNNING),
    ),
    ("KUB-8", run(DONE, RUNNING, BROKEN), {}, {"before": run(DONE, RUNNING, DONE)}),
    (
        "KUB-8",
        {"policy": Policy.ALWAYS} | run(DONE, RUNNING, DONE),
        {},
        {"before": {"policy": Policy.NEVER} | run(DONE, RUNNING, BROKEN)},
    ),
    (
        "KUB-9",
        run(DONE, RUNNING, BROKEN),
        {},
        {"before": run(DONE, RUNNING, BROKEN) | of("due", {0: 0, 1: 0, 2: 1})},
    ),
    (
        "KUB-11",
        {},
        of("known", PodPhase.SUCCEEDED) | run(DONE, DONE, DONE),
        of("known", PodPhase.SUCCEEDED),
    ),
    ("KUB-14", {}, {"crashed": 1}, {"crashed": 1} | of("ready", {0: False, 1: True, 2: False})),
    ("KUB-14", {}, of("pod_ready", False), {"crashed": 1} | of("pod_ready", False)),
    (
        "KUB-15",
        of("pod_ready", False),
        {},
        {"before": of("pod_ready", False) | of("ready", {0: False, 1: False, 2: True})},
    ),
    ("KUB-19", {}, of("grace", 0), of("grace", 2)),
    ("KUB-19", of("grace", None), of("grace", 2), {"before": of("grace", 0)}),
    ("KUB-21", of("actual", 1), {}, of("actual", 3)),
    ("KUB-22", {}, {"crashed": 1}, {"crashed": 1} | of("allocated", 1)),
    ("KUB-24", {}, {"mirror": None}, {"mirror": None} | ENDING),
    (
        "KUB-27",
        {},
        of("known", PodPhase.PENDING) | run(DONE, RUNNING, BROKEN),
        of("known", PodPhase.PENDING),
    ),
    ("KUB-38", of("shown", PodPhase.FAILED), GONE, {"before": {}} | GONE),
    ("KUB-28", BEGUN, of("ready", {0: False, 1: True, 2: False}), {}),
    (
        "KUB-29",
        BEGUN,
        {},
        {
            "before": BEGUN
            | of("started", {0: Startup.UNKNOWN, 1: Startup.UNKNOWN, 2: Startup.UNKNOWN})
        },
    ),
]
"""Requirement, what is changed before, after so that it holds, and so that it does not."""


def changed(*changes: dict[str, object]) -> Any:
    """The pod with changes."""
    merged = PODS.copy()
    for change in changes:
        merged |= {name: value for name, value in change.items() if name != "before"}
    return SimpleNamespace(**merged)


@pytest.mark.parametrize(("number", "good", "bad"), STATES)
def test_a_requirement_on_a_state_tells_good_from_bad(
    number: str, good: dict[str, object], bad: dict[str, object]
) -> None:
    check_state(changed, number, good, bad)


@pytest.mark.parametrize(("number", "before", "good", "bad"), STEPS)
def test_a_requirement_on_a_step_tells_good_from_bad(
    number: str, before: dict[str, object], good: dict[str, object], bad: dict[str, Any]
) -> None:
    check_step(changed, number, before, good, bad)


def test_every_requirement_has_such_a_case() -> None:
    check_all_have_cases([*STATES, *STEPS], container_requirements, pod_requirements)

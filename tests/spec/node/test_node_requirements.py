"""Each requirement NODE-n where it holds and where it does not; a shutdown beside its rule."""

from types import SimpleNamespace
from typing import Any

import pytest
from requirement_cases import check_all_have_cases, check_state, check_step

from planespec.checker.instance import Instance
from planespec.model.kubelet.graceful_shutdown import GracefulShutdown
from planespec.spec.node import node_requirements
from planespec.spec.node.node_requirements import Link, Step
from planespec.spec.node.pod_states import Stage
from planespec.spec.node.shutdown import Period, RunningPod, get_grace, group_pods

FLEET: dict[str, object] = {
    "hosts": ("h", "k"),
    "pods": ("p", "q"),
    "link": {"h": Link.CUT, "k": Link.UP},
    "quiet": {"h": 2, "k": 0},
    "silence": 2,
    "patience": 1,
    "is_ready": {"h": False, "k": True},
    "is_tainted": {"h": True, "k": False},
    "stored": {"p": Stage.MARKED, "q": Stage.ABSENT},
    "place": {"p": "h", "q": None},
    "runs": {"p": True, "q": False},
    "exposed": {"p": 1, "q": 0},
    "was_misjudged": False,
}
"""The node h is cut off, and its pod p was evicted."""

HERE: dict[str, object] = {"stored": {"p": Stage.PRESENT, "q": Stage.ABSENT}}
READY: dict[str, object] = {"is_ready": {"h": True, "k": True}}
CLEAN: dict[str, object] = {"is_tainted": {"h": False, "k": False}}
BACK: dict[str, object] = {"link": {"h": Link.UP, "k": Link.UP}}
BOTH: dict[str, object] = {"runs": {"p": True, "q": True}}

STATES: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("NODE-1", {}, BOTH),
    ("NODE-1", BOTH | {"was_misjudged": True}, BOTH),
    ("NODE-5", {}, HERE),
    ("NODE-5", HERE | CLEAN, HERE),
    ("NODE-6", {}, BACK),
    ("NODE-6", BACK | HERE, BACK),
    ("NODE-7", {}, BACK),
    ("NODE-7", BACK | READY | CLEAN, BACK | CLEAN),
]
NOBODY: dict[str, object] = {"is_ready": {"h": False, "k": False}}
STEPS: list[tuple[str, dict[str, object], dict[str, object], dict[str, Any]]] = [
    ("NODE-2", READY, {}, {"before": READY | {"quiet": {"h": 1, "k": 0}}}),
    ("NODE-3", HERE, {}, {"before": HERE | {"exposed": {"p": 0, "q": 0}}}),
    ("NODE-3", HERE, {}, {"before": HERE | CLEAN}),
    ("NODE-3", HERE, {}, {"before": HERE | {"place": {"p": "k", "q": None}}}),
    ("NODE-4", CLEAN, {}, {"before": CLEAN | NOBODY}),
]
"""Requirement, before, after so that it holds, and so that it does not."""


CLOSING: dict[str, object] = {
    "pods": ("p", "q"),
    "bracket": {"p": 0, "q": 1},
    "own_grace": {"p": 3, "q": 1},
    "periods": {0: 2, 1: 1},
    "step": {"p": Step.RUNS, "q": Step.RUNS},
    "left": {"p": 2, "q": 1},
    "is_closing": True,
    "says_ready": False,
    "took": 3,
}
"""A node that shuts down with a pod in each of two brackets."""


def steps(p: Step, q: Step) -> dict[str, object]:
    """A change of how far the pods have come."""
    return {"step": {"p": p, "q": q}}


FIRST = steps(Step.TOLD, Step.RUNS)
STATES += [
    ("NODE-11", {}, {"says_ready": True}),
    ("NODE-11", {"says_ready": True, "is_closing": False}, {"says_ready": True}),
    ("NODE-12", {}, {"took": 4}),
]
STEPS += [
    ("NODE-8", {}, FIRST, steps(Step.RUNS, Step.TOLD)),
    ("NODE-9", {}, FIRST, FIRST | {"left": {"p": 3, "q": 1}}),
    ("NODE-9", {}, FIRST, FIRST | {"left": {"p": 1, "q": 1}}),
    ("NODE-10", {}, {}, {"before": steps(Step.AWAY, Step.RUNS)}),
]


def changed(changes: dict[str, object]) -> Any:
    """The nodes with changes."""
    return SimpleNamespace(
        **(FLEET | CLOSING | {n: v for n, v in changes.items() if n != "before"})
    )


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


@pytest.mark.parametrize("mutant", [None, "own_grace_counts", "upside_down"])
def test_a_node_shuts_down_as_the_rule_has_it(mutant: str | None) -> None:
    periods = [Period(0, 2), Period(10, 1)]
    running = [RunningPod("0", 0, 1), RunningPod("1", 5, 3), RunningPod("2", 10, 1)]
    groups = group_pods(periods, running)
    model: Any = Instance(GracefulShutdown, {}, mutant).new()
    model.is_closing = True
    alike = True
    for turn, group in enumerate(groups):
        model.turn = turn
        told = [p for p in model.pods if model.is_its_turn(p)]
        alike &= [str(number) for number, p in enumerate(model.pods) if p in told] == [
            pod.name for pod in group.pods
        ]
        for p in told:
            model.step[p] = Step.RUNS
            model.tell(p)
        graces = {pod.name: get_grace(group, pod) for pod in group.pods}
        alike &= all(
            model.left[p] == graces[str(number)]
            for number, p in enumerate(model.pods)
            if str(number) in graces
        )
    assert alike == (mutant is None)


def test_every_requirement_has_such_a_case() -> None:
    check_all_have_cases([*STATES, *STEPS], node_requirements)

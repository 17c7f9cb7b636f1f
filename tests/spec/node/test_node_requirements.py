"""Each requirement NODE-n on an observation where it holds and on one where it does not."""

from types import SimpleNamespace
from typing import Any

import pytest

from planespec.spec.node import node_requirements
from planespec.spec.node.node_requirements import Link
from planespec.spec.node.pod_states import Stage
from planespec.spec.requirement import REQUIREMENTS, Requirement

FLEET = {
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

HERE = {"stored": {"p": Stage.PRESENT, "q": Stage.ABSENT}}
READY = {"is_ready": {"h": True, "k": True}}
CLEAN = {"is_tainted": {"h": False, "k": False}}
BACK = {"link": {"h": Link.UP, "k": Link.UP}}
BOTH = {"runs": {"p": True, "q": True}}

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
NOBODY = {"is_ready": {"h": False, "k": False}}
STEPS: list[tuple[str, dict[str, object], dict[str, object], dict[str, Any]]] = [
    ("NODE-2", READY, {}, {"before": READY | {"quiet": {"h": 1, "k": 0}}}),
    ("NODE-3", HERE, {}, {"before": HERE | {"exposed": {"p": 0, "q": 0}}}),
    ("NODE-3", HERE, {}, {"before": HERE | CLEAN}),
    ("NODE-3", HERE, {}, {"before": HERE | {"place": {"p": "k", "q": None}}}),
    ("NODE-4", CLEAN, {}, {"before": CLEAN | NOBODY}),
]
"""Requirement, before, after so that it holds, and so that it does not."""


def changed(changes: dict[str, object]) -> Any:
    """The nodes with changes."""
    return SimpleNamespace(**(FLEET | {n: v for n, v in changes.items() if n != "before"}))


@pytest.mark.parametrize(("number", "good", "bad"), STATES)
def test_a_requirement_on_a_state_tells_good_from_bad(
    number: str, good: dict[str, object], bad: dict[str, object]
) -> None:
    assert REQUIREMENTS[number](changed(good))
    assert not REQUIREMENTS[number](changed(bad))


@pytest.mark.parametrize(("number", "before", "good", "bad"), STEPS)
def test_a_requirement_on_a_step_tells_good_from_bad(
    number: str, before: dict[str, object], good: dict[str, object], bad: dict[str, Any]
) -> None:
    judge = REQUIREMENTS[number]
    assert judge(changed(before), changed(good))
    assert not judge(changed(bad.get("before", before)), changed(bad))


def test_every_requirement_has_such_a_case() -> None:
    named = vars(node_requirements).values()
    found = {each.id for each in named if isinstance(each, Requirement)}
    assert {case[0] for case in (*STATES, *STEPS)} == found

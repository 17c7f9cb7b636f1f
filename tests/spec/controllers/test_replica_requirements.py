"""Each requirement on ReplicaSets and Deployments where it holds and where it does not."""

from types import SimpleNamespace
from typing import Any

import pytest

from planespec.spec.controllers import replica_requirements, rollout_requirements
from planespec.spec.requirement import REQUIREMENTS, Requirement

Case = dict[str, Any]

SETS: Case = {
    "was_exceeded": False,
    "was_depleted": False,
    "took_a_stranger": False,
    "as_wanted": lambda: True,
    "processes": ("c",),
    "names": ("a", "b"),
    "successes": {"c": 1},
    "failures": {"c": 2},
    "uid": {"a": 1, "b": 2},
    "owner": {"a": "s", "b": None},
    "owner_uid": {"a": 1, "b": 0},
    "let_go_from": {"a": None, "b": "s"},
    "let_go_by": {"a": 0, "b": 1},
    "doomed": {"c": {"a": 0, "b": 0}},
    "sees_unready": lambda p, n: n == "a",
    "is_kept": lambda p, n: n == "a",
}
"""Pod a, which is not ready, is of set s; b was let go when s was deleted."""
ROLLOUT: Case = {
    "processes": ("c",),
    "owners": ("t", "u"),
    "template": "u",
    "replicas": 2,
    "surge": 1,
    "unavailable": 1,
    "size": {"t": 2, "u": 1},
    "pending": {"t": 1, "u": 0},
    "ready": {"t": 1, "u": 0},
    "ending": {"t": 0, "u": 0},
    "is_settled": lambda: True,
    "at_template": {"c": "u"},
    "at_paused": {"c": False},
    "wrote_over": False,
}
"""A rollout from t to u has begun."""
STATES: list[tuple[str, Case, Case]] = [
    ("CTRL-1", SETS, {"was_exceeded": True}),
    ("CTRL-2", SETS, {"was_depleted": True}),
    ("CTRL-3", SETS, {"as_wanted": lambda: False}),
    ("CTRL-5", SETS, {"failures": {"c": 3}}),
    ("CTRL-7", SETS, {"owner": {"a": "s", "b": "s"}, "owner_uid": {"a": 1, "b": 1}}),
    ("CTRL-8", SETS, {"took_a_stranger": True}),
    ("CTRL-9", ROLLOUT, {"size": {"t": 2, "u": 2}}),
    ("CTRL-10", ROLLOUT, {"ready": {"t": 0, "u": 0}}),
    ("CTRL-11", ROLLOUT, {"is_settled": lambda: False}),
    ("CTRL-13", ROLLOUT, {"ending": {"t": 0, "u": 1}}),
    ("CTRL-13", ROLLOUT, {"pending": {"t": 1, "u": 1}}),
    ("CTRL-15", ROLLOUT, {"wrote_over": True}),
]
STEPS: list[tuple[str, Case, Case, Case, Case]] = [
    ("CTRL-4", SETS, {}, {"doomed": {"c": {"a": 1, "b": 0}}}, {"doomed": {"c": {"a": 0, "b": 2}}}),
    (
        "CTRL-6",
        SETS,
        {},
        {"owner": {"a": None, "b": "r"}, "owner_uid": {"a": 0, "b": 1}},
        {"owner": {"a": "r", "b": None}},
    ),
    (
        "CTRL-6",
        SETS,
        {},
        {"owner": {"a": "r", "b": "r"}, "uid": {"a": 3, "b": 2}},
        {"owner_uid": {"a": 2, "b": 0}},
    ),
    ("CTRL-12", ROLLOUT, {}, {"size": {"t": 1, "u": 2}}, {"size": {"t": 3, "u": 0}}),
    ("CTRL-14", ROLLOUT, {"at_paused": {"c": True}}, {}, {"size": {"t": 1, "u": 1}}),
    ("CTRL-14", ROLLOUT, {"at_paused": {"c": True}}, {}, {"size": {"t": 2, "u": 2}}),
]
"""Requirement, before, and after so that it holds and so that it does not."""


def see(base: Case, more: Case) -> Any:
    return SimpleNamespace(**base | more)


@pytest.mark.parametrize(("number", "base", "bad"), STATES)
def test_a_state_keeps_the_requirement_or_breaks_it(number: str, base: Case, bad: Case) -> None:
    judge = REQUIREMENTS[number]
    assert judge(see(base, {}))
    assert not judge(see(base, bad))


@pytest.mark.parametrize(("number", "base", "before", "good", "bad"), STEPS)
def test_a_step_keeps_the_requirement_or_breaks_it(
    number: str, base: Case, before: Case, good: Case, bad: Case
) -> None:
    judge, start = REQUIREMENTS[number], see(base, before)
    assert judge(start, see(base, before | good))
    assert not judge(start, see(base, before | bad))


def test_sizes_may_change_while_nothing_is_paused() -> None:
    judge = REQUIREMENTS["CTRL-14"]
    assert judge(see(ROLLOUT, {}), see(ROLLOUT, {"size": {"t": 1, "u": 1}}))


def test_every_requirement_has_a_case() -> None:
    named = [
        each
        for module in (replica_requirements, rollout_requirements)
        for each in vars(module).values()
    ]
    numbers = {each.id for each in named if isinstance(each, Requirement)}
    assert {case[0] for case in [*STATES, *STEPS]} == numbers

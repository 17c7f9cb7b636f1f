"""CTRL-16 to CTRL-19 and CTRL-45 to CTRL-57, each where it holds and where it does not."""

from types import SimpleNamespace
from typing import Any

import pytest
from requirement_cases import Case, check_all_have_cases, check_state, check_step

from planespec.spec.controllers.upkeep import (
    budget_requirements,
    removal_requirements,
    scaling_requirements,
    serving_requirements,
)

TAINTED: dict[str, object] = {
    "names": ("a",),
    "processes": ("p",),
    "hosts": ("h", "k"),
    "uid": {"a": 1},
    "place": {"a": "h"},
    "tainted": {"h": True, "k": False},
    "taken_tainted": {"p": {"h": True, "k": False}},
    "has_met": {"a": True},
    "since": {"a": 2},
    "patience": 2,
    "evicted": {"a": False},
    "active": True,
}
"""The pod a is on the node h, which has been tainted for as long as it tolerates."""
BUDGETED: dict[str, object] = {
    "names": ("a", "b"),
    "evictors": ("e",),
    "least": 1,
    "needed": 1,
    "allowed": 1,
    "broken": {"a": False, "b": False},
    "evicted": {"a": False, "b": False},
    "granted": set(),
    "healthy": {"a", "b"},
}
"""Two pods are ready, one of which may go."""
SERVED: dict[str, object] = {
    "names": ("a",),
    "slices": ("s", "t"),
    "service": 2,
    "owner": {"s": 2, "t": 1},
    "lists": {"s": {"a": True}, "t": {"a": True}},
    "wrote_same": False,
    "wanted": True,
    "seen": True,
}
"""The pod a is ready, and listed; the slice t is of a service that is gone."""
SCALED: dict[str, object] = {
    "load": 2,
    "least": 1,
    "most": 3,
    "replicas": 2,
    "wanted": 2,
    "recent": 2,
    "peak": 2,
    "is_applied": False,
}
BASES = {**dict.fromkeys(range(45, 50), TAINTED), **dict.fromkeys(range(50, 54), BUDGETED)}
BASES |= {**dict.fromkeys(range(54, 58), SERVED), **dict.fromkeys(range(16, 20), SCALED)}

GONE: Case = {"evicted": {"a": True}, "active": False}
NONE_LISTED = {"s": {"a": False}, "t": {"a": False}}

STATES: list[tuple[str, Case, Case]] = [
    ("CTRL-48", {"active": False}, {}),
    ("CTRL-48", {"place": {"a": "k"}}, {}),
    ("CTRL-51", {}, {"allowed": 0}),
    ("CTRL-51", {"needed": 3, "allowed": 0}, {"healthy": {"a"}}),
    ("CTRL-52", {}, {"broken": {"a": True, "b": False}}),
    ("CTRL-54", {}, {"lists": NONE_LISTED}),
    ("CTRL-54", {"service": 0}, {"owner": {"s": 1, "t": 1}}),
    ("CTRL-54", {"wanted": False, "lists": NONE_LISTED}, {"wanted": False}),
    ("CTRL-55", {}, {"owner": {"s": 2, "t": 2}}),
    ("CTRL-57", {}, {"wrote_same": True}),
    ("CTRL-18", {}, {"replicas": 1}),
    ("CTRL-18", {"load": 9, "replicas": 3}, {"load": 0, "replicas": 0}),
]
STEPS: list[tuple[str, Case, Case, dict[str, Any]]] = [
    ("CTRL-45", {}, GONE, {**GONE, "before": {"has_met": {"a": False}}}),
    ("CTRL-46", {}, GONE, {**GONE, "before": {"since": {"a": 1}}}),
    ("CTRL-47", {}, GONE, {**GONE, "before": {"taken_tainted": {"p": {"h": False, "k": True}}}}),
    ("CTRL-49", {"uid": {"a": 0}}, {"place": {"a": "k"}}, {}),
    ("CTRL-50", {}, {"granted": {"a"}}, {"granted": {"a", "b"}}),
    ("CTRL-50", {}, {"granted": {"a"}}, {"granted": {"a"}, "least": 2}),
    (
        "CTRL-53",
        {"granted": {"a"}},
        {"evicted": {"a": True, "b": False}},
        {"evicted": {"a": False, "b": True}},
    ),
    (
        "CTRL-53",
        {"healthy": {"b"}},
        {"evicted": {"a": True, "b": False}},
        {"evicted": {"a": False, "b": True}},
    ),
    ("CTRL-56", {"lists": NONE_LISTED}, {}, {"before": {"lists": NONE_LISTED, "seen": False}}),
    ("CTRL-16", {}, {}, {"wanted": 3}),
    ("CTRL-16", {"peak": 3}, {"wanted": 3}, {"wanted": 4}),
    ("CTRL-17", {}, {}, {"wanted": 1}),
    ("CTRL-17", {"recent": 1}, {"wanted": 1}, {"wanted": 0}),
    ("CTRL-19", {}, {"is_applied": True}, {"is_applied": True, "replicas": 1}),
]
"""Requirement, before, after so that it holds, and so that it does not."""


def see(number: str, case: Case) -> SimpleNamespace:
    """What is usual for a requirement, with what differs."""
    seen: dict[str, Any] = dict(BASES[int(number.partition("-")[2])]) | dict(case)
    seen["is_active"] = lambda _: seen["active"]
    seen["is_granted"] = lambda n: n in seen["granted"]
    seen["is_healthy"] = lambda n: n in seen["healthy"]
    seen["is_wanted"] = lambda _: seen["wanted"]
    seen["is_seen_wanted"] = lambda _: seen["seen"]
    return SimpleNamespace(**seen)


@pytest.mark.parametrize(("number", "good", "bad"), STATES)
def test_a_requirement_on_a_state(number: str, good: Case, bad: Case) -> None:
    check_state(lambda case: see(number, case), number, good, bad)


@pytest.mark.parametrize(("number", "before", "good", "bad"), STEPS)
def test_a_requirement_on_a_step(number: str, before: Case, good: Case, bad: Case) -> None:
    check_step(lambda case: see(number, case), number, before, good, bad)


def test_every_requirement_has_a_case() -> None:
    modules = (removal_requirements, budget_requirements)
    check_all_have_cases([*STATES, *STEPS], *modules, serving_requirements, scaling_requirements)

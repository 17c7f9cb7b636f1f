"""CTRL-58 to CTRL-68, each where it holds and where it does not."""

from types import SimpleNamespace
from typing import Any

import pytest
from requirement_cases import Case, check_all_have_cases, check_state, check_step

from planespec.spec.controllers.upkeep import collected_requirements, expiry_requirements

COLLECTED: dict[str, object] = {
    "names": ("a", "b"),
    "processes": ("p",),
    "hosts": ("h",),
    "uid": {"a": 1, "b": 2},
    "exists": {"h": True},
    "is_out": {"h": False},
    "was_orphan": {"a": False, "b": False},
    "waited": {"p": {"h": None}},
    "quarantine": 1,
    "threshold": 1,
    "next": set(),
    "meant": 1,
    "excess": set(),
    "orphans": set(),
    "stuck": set(),
    "evicted": set(),
    "seen_ended": {"a", "b"},
    "bound": {"a", "b"},
    "marked": set(),
    "ended": {"a"},
}
"""The pods a and b are on the node h; a, the older, has ended; b is known to have, too."""
EXPIRING: dict[str, object] = {
    "names": ("a",),
    "processes": ("p",),
    "uid": {"a": 1},
    "meant": {"p": {"a": 1}},
    "has_expired": {"a": True},
    "expired": False,
}
"""A controller is about to delete the Job a, which has expired."""
BASES = {**dict.fromkeys(range(58, 66), COLLECTED), **dict.fromkeys(range(66, 69), EXPIRING)}

DELETED: Case = {"uid": {"a": 0, "b": 2}}
NEXT: Case = {"next": {"a"}}
EXPELLED: Case = {"uid": {"a": 0}, "meant": {"p": {"a": 0}}}

STATES: list[tuple[str, Case, Case]] = [
    ("CTRL-62", {}, {"exists": {"h": False}}),
    ("CTRL-62", {"exists": {"h": False}, "bound": set()}, {"ended": {"a", "b"}}),
    ("CTRL-62", {"threshold": 0, "ended": {"a", "b"}}, {"ended": {"a", "b"}}),
    ("CTRL-63", {"marked": {"a"}}, {"marked": {"a"}, "bound": {"b"}}),
    ("CTRL-63", {"is_out": {"h": True}}, {"is_out": {"h": True}, "marked": {"a"}}),
    ("CTRL-68", {}, {"expired": True}),
]
STEPS: list[tuple[str, Case, Case, dict[str, Any]]] = [
    ("CTRL-58", NEXT, DELETED, {**DELETED, "before": {**NEXT, "meant": 3}}),
    ("CTRL-59", {}, {"orphans": {"a"}, "was_orphan": {"a": True}}, {"orphans": {"a"}}),
    ("CTRL-59", {}, {"orphans": {"a"}, "meant": 3}, {"orphans": {"a"}}),
    (
        "CTRL-60",
        {"waited": {"p": {"h": 1}}},
        {"orphans": {"a"}},
        {"orphans": {"a"}, "before": {"waited": {"p": {"h": 0}}}},
    ),
    ("CTRL-61", {}, {"excess": {"a"}}, {"excess": {"b"}}),
    ("CTRL-61", {"evicted": {"b"}}, {"excess": {"b"}}, {"excess": {"a"}}),
    ("CTRL-61", {}, {"excess": {"a"}}, {"excess": {"a"}, "before": {"threshold": 0}}),
    ("CTRL-61", {}, {"excess": {"a"}}, {"excess": {"a"}, "before": {"seen_ended": {"a"}}}),
    (
        "CTRL-64",
        {"is_out": {"h": True}},
        {"stuck": {"a"}},
        {"stuck": {"a"}, "before": {"is_out": {"h": False}}},
    ),
    ("CTRL-65", NEXT, DELETED, {**DELETED, "before": {**NEXT, "ended": set()}}),
    ("CTRL-66", {}, EXPELLED, {**EXPELLED, "before": {"has_expired": {"a": False}}}),
    ("CTRL-67", {}, EXPELLED, {**EXPELLED, "before": {"meant": {"p": {"a": 2}}}}),
]
"""Requirement, before, after so that it holds, and so that it does not."""


def see(number: str, case: Case) -> SimpleNamespace:
    """What is usual for a requirement, with what differs."""
    seen: dict[str, Any] = dict(BASES[int(number.partition("-")[2])]) | dict(case)
    if "meant" in seen and isinstance(seen["meant"], int):
        of_pods = {"is_next": "next", "takes_excess": "excess", "takes_orphan": "orphans"}
        of_pods |= {"takes_stuck": "stuck", "sees_ended": "seen_ended", "sees_evicted": "evicted"}
        for name, members in of_pods.items():
            seen[name] = lambda _, n, members=members: n in seen[members]
        uid = seen["meant"]
        seen["meant"] = lambda _, n: uid if n == "a" else 2
        seen["sees"] = lambda _, n: {"a": 1, "b": 2}[n]
        seen["sees_on"] = lambda _, n, h: n in seen["bound"]
        seen["is_on"] = lambda n, h: n in seen["bound"]
        seen["is_bound"] = lambda n: n in seen["bound"]
        seen["is_marked"] = lambda n: n in seen["marked"]
        seen["has_ended"] = lambda n: n in seen["ended"]
    seen["is_expired"] = lambda _: seen["expired"]
    return SimpleNamespace(**seen)


@pytest.mark.parametrize(("number", "good", "bad"), STATES)
def test_a_requirement_on_a_state(number: str, good: Case, bad: Case) -> None:
    check_state(lambda case: see(number, case), number, good, bad)


@pytest.mark.parametrize(("number", "before", "good", "bad"), STEPS)
def test_a_requirement_on_a_step(number: str, before: Case, good: Case, bad: Case) -> None:
    check_step(lambda case: see(number, case), number, before, good, bad)


def test_every_requirement_has_a_case() -> None:
    check_all_have_cases([*STATES, *STEPS], collected_requirements, expiry_requirements)

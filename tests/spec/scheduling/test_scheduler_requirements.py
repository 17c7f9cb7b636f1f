"""Every requirement on schedulers holds of one observation and fails of another."""

from types import SimpleNamespace
from typing import Any

import pytest

from planespec.spec.cluster.snapshot_judge import list_audited
from planespec.spec.requirement import Requirement
from planespec.spec.scheduling.requirements.bindings import (
    admissible,
    assumed_is_bound,
    bound_once,
    host_ports,
    released_when_gone,
    resource_fit,
    snapshot_is_cache,
    waiting_takes_no_room,
)
from planespec.spec.scheduling.requirements.constraint_requirements import (
    constraints_hold,
    one_user,
    refused_for_a_reason,
)
from planespec.spec.scheduling.requirements.leadership import (
    fenced,
    one_acting_leader,
    replacement_is_slow,
)
from planespec.spec.scheduling.requirements.observations import Fate, Place, Stage
from planespec.spec.scheduling.requirements.queueing import (
    budgets_count,
    kept_room_is_kept,
    nominated_exists,
    nomination_waits,
    victims_matter_less,
    wake_up,
)

WEB = SimpleNamespace(protocol="TCP", address=None)


def see(**changes: Any) -> SimpleNamespace:
    """Two pods that are there and unbound, one node with room for one of them, one scheduler."""
    none, calm = {"a": None, "b": None}, {"a": False, "b": False}
    usual = {
        "pods": ["a", "b"],
        "nodes": ["n"],
        "schedulers": ["s"],
        "owner": {"a": "s", "b": "s"},
        "allocatable": 1,
        "request": {"a": 1, "b": 1},
        "init_request": {"a": 0, "b": 0},
        "port": none,
        "priority": {"a": 2, "b": 1},
        "guarded": calm,
        "stage": {"a": Stage.PRESENT, "b": Stage.PRESENT},
        "bound": none,
        "fate": {"a": Fate.WAITING, "b": Fate.WAITING},
        "seen_stage": {"s": {"a": Stage.PRESENT, "b": Stage.PRESENT}},
        "seen_bound": {"s": none},
        "seen_fate": {"s": {"a": Fate.WAITING, "b": Fate.WAITING}},
        "seen_node": {"s": {"n": True}},
        "cached": {"s": none},
        "place": {"a": Place.ACTIVE, "b": Place.ACTIVE},
        "chosen": none,
        "nominated": none,
        "preempting": {"a": set(), "b": set()},
        "late_binds": False,
        "zone": {"n": "z"},
        "tainted": {"n": False},
        "tolerates": calm,
        "labelled": {"n": False},
        "selects": calm,
        "seeks": calm,
        "shuns": calm,
        "claims": calm,
        "spread": True,
        "parked": calm,
    }
    return SimpleNamespace(**(usual | changes))


BOTH = {"a": "n", "b": "n"}
SELECTS = {"a": True, "b": False}
"""What only the first pod asks for."""
APART: dict[str, Any] = {
    "nodes": "nm",
    "zone": {"n": "z", "m": "y"},
    "tainted": {"n": False, "m": False},
    "labelled": {"n": False, "m": False},
    "bound": {"a": None, "b": "m"},
    "spread": False,
}
"""Two zones; the second pod is in the other one."""
ONE = {"a": "n", "b": None}
RUN = {"a": Fate.RUNNING, "b": Fate.RUNNING}
PARKED = {"a": Place.UNSCHEDULABLE, "b": Place.ACTIVE}
VICTIM = {"a": {"b"}, "b": set()}

STATES: list[tuple[Requirement, Any, Any]] = [
    (
        assumed_is_bound,
        see(bound=ONE, seen_bound={"s": ONE}, cached={"s": ONE}),
        see(bound=ONE, seen_bound={"s": ONE}),
    ),
    (
        released_when_gone,
        see(seen_stage={"s": {"a": Stage.GONE, "b": Stage.PRESENT}}),
        see(seen_stage={"s": {"a": Stage.GONE, "b": Stage.PRESENT}}, cached={"s": ONE}),
    ),
    (waiting_takes_no_room, see(), see(cached={"s": ONE})),
    (
        resource_fit,
        see(bound=BOTH, fate={"a": Fate.RUNNING, "b": Fate.REJECTED}),
        see(bound=BOTH, fate=RUN),
    ),
    (
        host_ports,
        see(bound=BOTH, fate=RUN, port={"a": WEB, "b": None}),
        see(bound=BOTH, fate=RUN, port={"a": WEB, "b": WEB}),
    ),
    (admissible, see(bound=ONE), see(bound=BOTH)),
    (wake_up, see(place=PARKED, cached={"s": {"a": None, "b": "n"}}), see(place=PARKED)),
    (victims_matter_less, see(preempting=VICTIM), see(preempting={"a": set(), "b": {"a"}})),
    (
        nomination_waits,
        see(place=PARKED, nominated=ONE, preempting=VICTIM),
        see(place=PARKED, nominated=ONE),
    ),
    (
        nominated_exists,
        see(nominated=ONE),
        see(nominated=ONE, seen_stage={"s": {"a": Stage.GONE, "b": Stage.PRESENT}}),
    ),
    (one_user, see(claims=BOTH, bound=ONE), see(claims=BOTH, bound=BOTH)),
    (
        refused_for_a_reason,
        see(parked={"a": True, "b": False}, tainted={"n": True}),
        see(parked={"a": True, "b": False}),
    ),
    (
        one_acting_leader,
        SimpleNamespace(processes="ab", leading={"a": True, "b": False}, pauses=False),
        SimpleNamespace(processes="ab", leading={"a": True, "b": True}, pauses=False),
    ),
    (
        replacement_is_slow,
        SimpleNamespace(created=1, burst=1),
        SimpleNamespace(created=2, burst=1),
    ),
    (
        snapshot_is_cache,
        SimpleNamespace(nodes="n", updated=True, cache={"n": 1}, snapshot={"n": 1}),
        SimpleNamespace(nodes="n", updated=True, cache={"n": 1}, snapshot={"n": 0}),
    ),
]

STEPS: list[tuple[Requirement, tuple[Any, Any], tuple[Any, Any]]] = [
    (bound_once, (see(), see(bound=ONE)), (see(bound=ONE), see(bound={"a": "m", "b": None}))),
    (
        kept_room_is_kept,
        (see(nominated=ONE), see(nominated=ONE, chosen=ONE)),
        (see(nominated=ONE), see(nominated=ONE, chosen={"a": None, "b": "n"})),
    ),
    (
        constraints_hold,
        (see(), see(bound=ONE)),
        (see(tainted={"n": True}), see(tainted={"n": True}, bound=ONE)),
    ),
    (
        constraints_hold,
        (see(selects=SELECTS, labelled={"n": True}), see(bound=ONE)),
        (see(selects=SELECTS), see(bound=ONE)),
    ),
    (
        constraints_hold,
        (see(seeks=SELECTS), see(bound=ONE)),
        (see(seeks=SELECTS, **APART), see(bound={"a": "n", "b": "m"}, nodes="nm")),
    ),
    (
        constraints_hold,
        (see(seeks=SELECTS, bound={"a": None, "b": "n"}), see(bound={"a": "n", "b": "n"})),
        (see(seeks=SELECTS, **APART), see(bound={"a": "n", "b": "m"}, nodes="nm")),
    ),
    (
        fenced,
        (SimpleNamespace(written=1), SimpleNamespace(written=2, fencing=True)),
        (SimpleNamespace(written=2), SimpleNamespace(written=1, fencing=True)),
    ),
]


def name_of(case: Any) -> str | None:
    return case.id if isinstance(case, Requirement) else ""


@pytest.mark.parametrize(("requirement", "good", "bad"), STATES, ids=name_of)
def test_a_state_requirement_holds_of_one_and_fails_of_the_other(
    requirement: Requirement, good: Any, bad: Any
) -> None:
    assert requirement(good)
    assert not requirement(bad)


@pytest.mark.parametrize(("requirement", "good", "bad"), STEPS, ids=name_of)
def test_a_step_requirement_holds_of_one_and_fails_of_the_other(
    requirement: Requirement, good: tuple[Any, Any], bad: tuple[Any, Any]
) -> None:
    assert requirement(*good)
    assert not requirement(*bad)


def test_a_guarded_victim_is_blamed_where_an_unguarded_pod_would_do() -> None:
    def seen(guarded: dict[str, bool]) -> SimpleNamespace:
        pods = ["a", "b", "c"]
        return see(
            pods=pods,
            owner=dict.fromkeys(pods, "s"),
            request=dict.fromkeys(pods, 1),
            init_request=dict.fromkeys(pods, 0),
            priority={"a": 2, "b": 1, "c": 1},
            guarded=guarded,
            stage=dict.fromkeys(pods, Stage.PRESENT),
            cached={"s": {"a": None, "b": "n", "c": "n"}},
            nominated={"a": "n", "b": None, "c": None},
            preempting={"a": {"b"}, "b": set(), "c": set()},
        )

    assert budgets_count(seen({"a": False, "b": False, "c": True}))
    assert not budgets_count(seen({"a": False, "b": True, "c": False}))


def test_requirements_shared_with_the_audit_are_the_same_objects() -> None:
    shared = [bound_once, resource_fit, host_ports, victims_matter_less]
    assert all(any(each is own for each in list_audited()) for own in shared)
    assert all(len(each.levels) > 1 for each in shared)

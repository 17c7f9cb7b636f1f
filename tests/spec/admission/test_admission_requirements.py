"""What admission promises: for each requirement what keeps it and what breaks it."""

from types import SimpleNamespace
from typing import Any

import pytest

from planespec.spec.admission import admission_requirements as promised
from planespec.spec.requirement import Requirement

OBJECT = "object"


def quota(**fields: Any) -> SimpleNamespace:
    """A namespace with one object and room for one more."""
    return SimpleNamespace(**{"hard": 2, "used": 1, "stored": {OBJECT}} | fields)


def answered(**fields: Any) -> SimpleNamespace:
    """One object that was asked for, and nothing else."""
    blank: dict[str, Any] = {"stored": {OBJECT}, "refused": set(), "dry": set(), "traces": 0}
    return SimpleNamespace(**blank | fields)


def admitted(**fields: Any) -> SimpleNamespace:
    """An object that is stored as one webhook left it."""
    blank: dict[str, Any] = {
        "stored": {OBJECT},
        "kept": {"w": True},
        "skipped": set(),
        "faults": set(),
        "forbidden": {"init"},
        "denied": set(),
        "has_heard": True,
    }
    return SimpleNamespace(**blank | fields)


CASES = [
    (promised.stored_stays_within_hard, quota(hard=1), quota(hard=0)),
    (promised.used_stays_within_hard, quota(used=2), quota(used=3)),
    (promised.used_covers_what_is_stored, quota(used=1), quota(used=0)),
    (promised.a_dry_run_leaves_no_trace, answered(dry={"other"}), answered(dry={OBJECT})),
    (promised.a_dry_run_leaves_no_trace, answered(), answered(traces=1)),
    (promised.a_refused_request_stores_nothing, answered(), answered(refused={OBJECT})),
    (
        promised.what_is_stored_is_as_every_mutator_left_it,
        admitted(kept={"w": False}, skipped={"w"}),
        admitted(kept={"w": False}),
    ),
    (
        promised.what_is_stored_satisfies_every_policy,
        admitted(faults={"init"}, stored=set()),
        admitted(faults={"init"}),
    ),
    (
        promised.an_ignored_failure_refuses_nothing,
        SimpleNamespace(is_late=False),
        SimpleNamespace(is_late=True),
    ),
    (
        promised.no_server_admits_before_it_has_heard,
        admitted(has_heard=False, stored=set()),
        admitted(has_heard=False),
    ),
    (
        promised.the_webhook_serves_again,
        SimpleNamespace(serves=True),
        SimpleNamespace(serves=False),
    ),
    (promised.used_becomes_what_is_stored, quota(used=1), quota(used=2)),
    (
        promised.what_a_webhook_denies_is_not_stored,
        admitted(denied={"other"}),
        admitted(denied={OBJECT}),
    ),
]


@pytest.mark.parametrize(
    ("requirement", "kept", "broken"), CASES, ids=[case[0].name for case in CASES]
)
def test_it_is_kept_and_it_is_broken(
    requirement: Requirement, kept: SimpleNamespace, broken: SimpleNamespace
) -> None:
    assert requirement(kept)
    assert not requirement(broken)

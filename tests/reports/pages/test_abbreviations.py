"""What pages leave out, and where they say it is."""

from types import SimpleNamespace

import pytest

from planespec.checker.instance import Instance
from planespec.reports.input.catalogue import catalogue, load_model
from planespec.reports.pages.dossier import Ground, Kill, KnownKill
from planespec.reports.pages.mutants import asked_elsewhere
from planespec.reports.pages.shown import kills, shown_bound, shown_constants

MANY = SimpleNamespace(constants=dict.fromkeys("abcdef", 1) | {"loss": True})


def elsewhere(name: str) -> dict[str, int]:
    model = load_model(name)
    found = asked_elsewhere(model, catalogue()[name], Instance(model))
    return {other: len(names) for other, names in found.items()}


def test_of_few_constants_all_are_shown_and_of_many_those_that_differ() -> None:
    assert (
        shown_constants(SimpleNamespace(constants={"a": 1, "b": False}), {"a": 2})
        == "a=2, b=false"
    )
    assert shown_constants(MANY, {**MANY.constants, "loss": False}) == "loss=false"
    assert shown_constants(MANY, MANY.constants) == "the defaults"
    assert shown_constants(SimpleNamespace(constants={}), {}) == ""


def test_a_bound_keeps_what_was_cut() -> None:
    constants = {**MANY.constants, "a": 2}
    full = "a=2, b=1, c=1, d=1, e=1, f=1, loss=true; depth 5 cut 12"
    evidence = Ground(constants, "native", full, "Holds")
    assert shown_bound(MANY, evidence) == "a=2; depth 5 cut 12"


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("raft.etcd_calm", {"raft.etcd": 41, "raft.etcd_migrated": 2}),
        ("raft.etcd", {"raft.etcd_calm": 1, "raft.etcd_migrated": 2}),
        ("scheduler.progress", {"scheduler.cluster": 27}),
        ("raft.election", {}),
    ],
)
def test_mutants_of_a_related_model_are_asked_about_there(
    model: str, found: dict[str, int]
) -> None:
    assert elsewhere(model) == found


def test_recorded_kills_count() -> None:
    claim = SimpleNamespace(killed=(Kill("a", 1),), recorded=(KnownKill("b", 2, {}),))
    assert kills(claim) == 2

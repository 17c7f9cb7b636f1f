"""Each requirement API-n on an observation where it holds and on one where it does not."""

from types import SimpleNamespace

import pytest

from planespec.spec.api import collection_requirements, storage_requirements, write_requirements
from planespec.spec.api.collection_requirements import Life, Phase
from planespec.spec.api.write_requirements import Answer
from planespec.spec.requirement import REQUIREMENTS, Requirement

LIVE, FOREGROUND, ORPHANING, GONE = Life.LIVE, Life.FOREGROUND, Life.ORPHANING, Life.GONE

READ = SimpleNamespace(
    names=("a",),
    servers=("s",),
    clients=("c",),
    stored={0: {"a": 0}, 1: {"a": 1}, 2: {"a": 2}},
    claimed={"s": 2},
    copy={"s": {"a": 2}},
    known={"c": 1},
    view={"c": {"a": 1}},
    is_complete={"c": True},
    is_asking={"c": False},
    waits_for={"c": 0},
    least={"c": 1},
    floor={"c": 1},
    was_repeated=False,
)
"""Two writes to one object; a client that knows of the first."""

WRITTEN = SimpleNamespace(
    names=("a",),
    revision=5,
    uid={"a": 3},
    count={"a": 1},
    added={"a": 1},
    last=Answer.ACCEPTED,
    was_misjudged=False,
    was_mistaken=False,
    has_finalizer={"a": True},
    is_done={"a": False},
    is_deleting={"a": True},
    is_ending={"a": False},
)
"""An object that is marked for deletion and held by a finalizer."""

OWNED = SimpleNamespace(
    owners=("o",),
    names=("c",),
    owner={"o": GONE},
    child={"c": LIVE},
    refs={"c": {"o"}},
    is_away={"c": False},
    orphaned=set(),
)
"""A dependent whose owner is gone."""

HOUSED = SimpleNamespace(names=("x",), phase=Phase.TERMINATING, is_stored={"x": False})
"""An empty namespace that terminates."""

COLLECTED = {"child": {"c": GONE}}

STATES = [
    ("API-11", READ, {"view": {"c": {"a": 2}}, "known": {"c": 2}}, {"view": {"c": {"a": 0}}}),
    ("API-11", READ, {"view": {"c": {"a": 0}}, "is_complete": {"c": False}}, {"known": {"c": 2}}),
    ("API-13", READ, {}, {"was_repeated": True}),
    ("API-14", READ, {"least": {"c": 2}, "is_asking": {"c": True}}, {"least": {"c": 2}}),
    ("API-15", READ, {"floor": {"c": 2}, "is_asking": {"c": True}}, {"floor": {"c": 2}}),
    ("API-16", READ, {"claimed": {"s": 1}, "copy": {"s": {"a": 1}}}, {"claimed": {"s": 1}}),
    ("API-33", READ, {"revision": 2}, {"revision": 3}),
    ("API-17", WRITTEN, {"uid": {"a": 0}, "added": {"a": 2}}, {"added": {"a": 2}}),
    ("API-20", WRITTEN, {}, {"was_misjudged": True}),
    ("API-24", WRITTEN, {"is_ending": {"a": True}}, {"has_finalizer": {"a": False}}),
    ("API-25", WRITTEN, {}, {"was_mistaken": True}),
    ("API-27", OWNED, {"owner": {"o": LIVE}}, {"owner": {"o": GONE}}),
    ("API-27", OWNED, {"refs": {"c": set()}}, {"owner": {"o": LIVE}, "is_away": {"c": True}}),
    (
        "API-30",
        HOUSED,
        {"is_stored": {"x": True}},
        {"is_stored": {"x": True}, "phase": Phase.GONE},
    ),
    ("API-32", HOUSED, {"phase": Phase.GONE}, {}),
]
"""Requirement, observation, what is changed so that it holds, and so that it does not."""

STEPS = [
    ("API-12", READ, {"known": {"c": 0}}, {"known": {"c": 1}, "before": {"known": {"c": 2}}}),
    ("API-18", WRITTEN, {"uid": {"a": 6}}, {"uid": {"a": 5}}),
    ("API-19", WRITTEN, {"last": Answer.REFUSED}, {"last": Answer.REFUSED, "revision": 6}),
    ("API-19", WRITTEN, {"last": Answer.DRY}, {"last": Answer.DRY, "count": {"a": 2}}),
    ("API-21", WRITTEN, {"uid": {"a": 0}, "before": {"is_done": {"a": True}}}, {"uid": {"a": 0}}),
    (
        "API-22",
        WRITTEN,
        {"uid": {"a": 0}, "is_deleting": {"a": False}},
        {"is_deleting": {"a": False}},
    ),
    ("API-23", WRITTEN, {}, {"before": {"has_finalizer": {"a": False}}}),
    ("API-26", OWNED, COLLECTED, COLLECTED | {"before": {"owner": {"o": LIVE}}}),
    ("API-26", OWNED, COLLECTED, COLLECTED | {"before": {"refs": {"c": set()}}}),
    (
        "API-26",
        OWNED,
        COLLECTED | {"before": {"owner": {"o": LIVE}, "is_away": {"c": True}}},
        COLLECTED | {"before": {"owner": {"o": ORPHANING}}},
    ),
    (
        "API-28",
        OWNED,
        COLLECTED | {"before": {"owner": {"o": FOREGROUND}, "child": {"c": GONE}}},
        {"before": {"owner": {"o": FOREGROUND}}},
    ),
    ("API-29", OWNED, COLLECTED, COLLECTED | {"before": {"orphaned": {"o"}}}),
    (
        "API-31",
        HOUSED,
        {"phase": Phase.GONE},
        {"phase": Phase.GONE, "before": {"is_stored": {"x": True}}},
    ),
]
"""The same for a step; `before` is what is changed in the state before it."""


def changed(observation, changes):
    kept = {name: value for name, value in changes.items() if name != "before"}
    return SimpleNamespace(**(vars(observation) | kept))


@pytest.mark.parametrize(("number", "observation", "good", "bad"), STATES)
def test_a_requirement_on_a_state_tells_good_from_bad(number, observation, good, bad):
    judge = REQUIREMENTS[number]
    assert judge(changed(observation, good))
    assert not judge(changed(observation, bad))


@pytest.mark.parametrize(("number", "observation", "good", "bad"), STEPS)
def test_a_requirement_on_a_step_tells_good_from_bad(number, observation, good, bad):
    judge = REQUIREMENTS[number]
    for changes, expected in ((good, True), (bad, False)):
        before = changed(observation, changes.get("before", {}))
        assert judge(before, changed(observation, changes)) is expected


def test_every_requirement_of_the_models_has_its_observations():
    declared = {
        each.id
        for module in (storage_requirements, write_requirements, collection_requirements)
        for each in vars(module).values()
        if isinstance(each, Requirement)
    }
    assert declared == {number for number, *_ in [*STATES, *STEPS]}
    assert declared == {f"API-{n}" for n in range(11, 34)}

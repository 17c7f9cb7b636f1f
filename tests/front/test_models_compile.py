"""Every model of the repository compiles, obeys the grammar and means what its file means."""

from collections.abc import Callable

import pytest
from agreement import assert_agreement, compiled
from models import models

from planespec.checker.instance import Instance
from planespec.checker.ir.show import show

MODELS = models()
NAMES = [name for name, _ in MODELS]
GOLDEN = ("collections_zoo.Sets", "locals_zoo.Locals", "unions_zoo.Talk", "two_phase.TwoPhase")


UNBOUNDED = (
    "core.Core",
    "election_unbounded.UnboundedElection",
    "flow_seats.FlowSeats",
    "quota_unbounded.UnboundedQuota",
    "resource_fit.ResourceFit",
    "unbounded_storage.UnboundedStorage",
)
"""Models of numbers without end have no list of successors; proofs are held to them elsewhere."""

CONSTANTS = {"liveness.MigratedRaft": {"servers": 2, "voters": 2, "max_term": 4, "pre_vote": True}}
"""Where the default constants leave no initial state."""


@pytest.mark.sample(4)
@pytest.mark.parametrize("name", [n for n in NAMES if n not in UNBOUNDED])
def test_compiled_models_take_the_steps_of_their_files(name: str) -> None:
    instance = Instance(dict(MODELS)[name], CONSTANTS.get(name, {}))
    assert assert_agreement(instance, limit=60) > 0


@pytest.mark.parametrize("name", UNBOUNDED)
def test_models_of_unbounded_numbers_obey_the_grammar(name: str) -> None:
    assert compiled(dict(MODELS)[name]).actions


@pytest.mark.parametrize("name", GOLDEN)
def test_the_representation_of_a_model_is_as_recorded(
    name: str, golden: Callable[[str, str], None]
) -> None:
    golden(f"{name.split('.')[1].lower()}.ir", show(compiled(dict(MODELS)[name])))


def test_compiling_twice_gives_the_same_text() -> None:
    model = dict(MODELS)["unions_zoo.Talk"]
    assert show(compiled(model)) == show(compiled(model))


def test_a_mutant_that_is_off_leaves_no_trace() -> None:
    model = dict(MODELS)["unions_zoo.Talk"]
    plain, loud = show(compiled(model)), show(compiled(model, mutant="loud"))
    assert "loud" not in plain
    assert len(loud.splitlines()) == len(plain.splitlines()) + 1


@pytest.mark.parametrize("mutant", ["loud"])
def test_mutants_take_the_steps_of_their_files(mutant: str) -> None:
    model = dict(MODELS)["unions_zoo.Talk"]
    assert assert_agreement(Instance(model, {}, mutant), limit=60) > 0

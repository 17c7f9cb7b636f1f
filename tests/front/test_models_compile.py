"""Every model of the repository compiles, obeys the grammar and means what its file means."""

from collections.abc import Callable

import pytest
from agreement import assert_agreement, compiled
from models import models

from planespec.checker.instance import Instance
from planespec.checker.ir.show import show
from planespec.checker.lang import Model

MODELS = models()
NAMES = [name for name, _ in MODELS]
GOLDEN = ("collections_zoo.Sets", "locals_zoo.Locals", "unions_zoo.Talk", "two_phase.TwoPhase")


@pytest.mark.parametrize("model", [m for _, m in MODELS], ids=NAMES)
def test_compiled_models_take_the_steps_of_their_files(model: type[Model]) -> None:
    assert assert_agreement(Instance(model), limit=60) > 0


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

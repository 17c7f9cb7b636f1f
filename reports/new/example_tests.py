"""Tests of `example.py`: it holds in each of its instances, and every mutant is noticed."""

from pathlib import Path

import pytest

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.lang.named import named_instances
from planespec.checker.load import load_model
from planespec.checker.outcome import Verdict
from planespec.checker.run import check

MODEL = load_model(str(Path(__file__).with_name("example.py")))
INSTANCES = {one.name: one.constants for one in named_instances(MODEL)}
MUTANTS = [mutant.name for mutant in Instance(MODEL).mutants]


@pytest.mark.parametrize("name", INSTANCES)
def test_it_holds(name: str) -> None:
    """No behaviour of an instance breaks anything."""
    outcome = check(Instance(MODEL, INSTANCES[name]), "auto", Options())
    assert outcome.verdict is Verdict.HOLDS, outcome.violation


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_is_noticed_in_some_instance(mutant: str) -> None:
    """The requirements are worth something: with the fault one of them is broken."""
    broken = [Instance(MODEL, constants, mutant) for constants in INSTANCES.values()]
    verdicts = [check(instance, "auto", Options()).verdict for instance in broken]
    assert Verdict.VIOLATED in verdicts

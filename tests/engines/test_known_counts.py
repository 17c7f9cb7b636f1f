"""The TLA+ Examples: the engines find the counts that TLC records in their manifests."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.budget import Options
from planespec.checker.engines.native import native_engine as native
from planespec.checker.engines.python import run
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict, ViolationKind

MODELS = Path(__file__).parents[1] / "models"
INSTANCES = tomllib.loads((MODELS / "catalogue.toml").read_text())["instance"]

MUTANTS = {
    "two_phase.py:TwoPhase": "eager",
    "peterson.py:Peterson": "no_flag",
    "chang_roberts.py:ChangRoberts": "greedy",
    "ewd840.py:EWD840": "stay_white",
    "dining_philosophers.py:DiningPhilosophers": "careless",
    "readers_writers.py:ReadersWriters": "barge_in",
    "cigarette_smokers.py:CigaretteSmokers": "impatient",
    "simple_allocator.py:SimpleAllocator": "gives_twice",
    "hanoi.py:Hanoi": "any_disk",
    "pod_placement.py:PodPlacement": "forgets_wishes",
}


def load(row: dict[str, Any], mutant: str | None = None) -> Instance:
    model = load_model(str(MODELS / row["model"]))
    return Instance(model, row.get("constants", {}), mutant)


def rows(*, slow: bool) -> list[Any]:
    chosen = [row for row in INSTANCES if row.get("slow", False) is slow]
    marks = [pytest.mark.slow] if slow else []
    return [pytest.param(row, id=row["model"], marks=marks) for row in chosen]


def check(row: dict[str, Any], engine: Callable[[Instance, Options], Outcome]) -> None:
    outcome = engine(load(row), Options(workers=2))
    numbers = outcome.statistics
    assert outcome.verdict is Verdict.HOLDS
    found = (numbers.distinct, numbers.generated, numbers.depth)
    assert found == (row["distinct"], row["generated"], row["depth"])
    assert numbers.never_enabled == ()


@pytest.mark.sample(2)
@pytest.mark.parametrize("row", rows(slow=False))
def test_the_python_engine_finds_the_known_counts(row: dict[str, Any]) -> None:
    check(row, run)


@pytest.mark.parametrize("row", rows(slow=False) + rows(slow=True))
def test_the_native_engine_finds_the_known_counts(row: dict[str, Any]) -> None:
    check(row, native.run)


@pytest.mark.parametrize("row", [r for r in INSTANCES if r["model"] in MUTANTS])
def test_each_mutant_breaks_the_requirement(row: dict[str, Any]) -> None:
    violation = run(load(row, MUTANTS[row["model"]]), Options()).violation
    assert violation is not None
    assert violation.kind is ViolationKind.SAFETY

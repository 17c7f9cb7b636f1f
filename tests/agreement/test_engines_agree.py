"""Python, native and symbolic meaning of random models: the same states, verdicts and errors.

The default suite draws 2,000 models. All of them compare CPython with the symbolic meaning step by
step; shares of them go to the solver and to the native engine, which take longer for each model.
"""

from pathlib import Path

import comparison
import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st
from random_models import model_of

seeds = st.integers(0, 2**64 - 1)
RELAXED = settings(
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # seeds do not shrink
    suppress_health_check=list(HealthCheck),
)
REGRESSIONS = sorted((Path(__file__).parent / "regressions").glob("*.py"))


def steps(source: str) -> None:
    note(source)
    instance = comparison.instance_of(source)
    assume(instance is not None)
    assert instance is not None
    comparison.assert_same_steps(instance)


def solver(source: str) -> None:
    note(source)
    instance = comparison.instance_of(source)
    assume(instance is not None)
    assert instance is not None
    comparison.assert_solver_agrees(instance, depth=2)


def native(source: str) -> None:
    note(source)
    instance = comparison.instance_of(source)
    assume(instance is not None)
    assert instance is not None
    comparison.assert_native_agrees(instance)


@settings(RELAXED, max_examples=1_900)
@given(seeds)
def test_steps_and_judgements_agree(seed: int) -> None:
    steps(model_of(seed))


@settings(RELAXED, max_examples=60)
@given(seeds)
def test_the_solver_agrees_on_verdict_and_shortest_length(seed: int) -> None:
    solver(model_of(seed))


@settings(RELAXED, max_examples=40)
@given(seeds)
def test_the_native_engine_agrees_on_verdict_trace_and_counts(seed: int) -> None:
    native(model_of(seed))


@pytest.mark.slow
@settings(RELAXED, max_examples=48_000, derandomize=False)
@given(seeds)
def test_steps_and_judgements_agree_on_many_models(seed: int) -> None:
    steps(model_of(seed))


@pytest.mark.slow
@settings(RELAXED, max_examples=1_200, derandomize=False)
@given(seeds)
def test_the_solver_agrees_on_many_models(seed: int) -> None:
    solver(model_of(seed))


@pytest.mark.slow
@settings(RELAXED, max_examples=400, derandomize=False)
@given(seeds)
def test_the_native_engine_agrees_on_many_models(seed: int) -> None:
    native(model_of(seed))


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: path.stem)
def test_what_engines_once_disagreed_on_stays_agreed(path: Path) -> None:
    instance = comparison.instance_of(path.read_text(encoding="utf-8"))
    assert instance is not None
    comparison.assert_same_steps(instance)
    comparison.assert_solver_agrees(instance, depth=3)
    comparison.assert_native_agrees(instance)

"""Python, native and symbolic meaning of random models: the same states, verdicts and errors.

The default suite draws some 140 models. Most compare CPython with the symbolic meaning step
by step; shares of them go to the solver and to the native engine, which take longer for each.
Models of flat data (`random_models`) are small; those of structured data (`structured_models`)
have records, unions, bags and maps of maps, and go deeper.
"""

from collections.abc import Callable
from pathlib import Path

import comparison
import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st
from random_models import model_of
from structured_models import structured_model_of, symmetric_model_of

from planespec.checker.instance import Instance

seeds = st.integers(0, 2**64 - 1)
RELAXED = settings(
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # seeds do not shrink
    suppress_health_check=list(HealthCheck),
)
SLOW = settings(RELAXED, derandomize=settings.default.derandomize)
"""Other models each time, but for CI: see conftest.py."""

Make = Callable[[int], str]
REGRESSIONS = sorted((Path(__file__).parent / "regressions").glob("*.py"))
FLAT, STRUCTURED = model_of, structured_model_of


def instance_of(source: str) -> Instance:
    note(source)
    instance = comparison.instance_of(source)
    assume(instance is not None)
    assert instance is not None
    return instance


@settings(RELAXED, max_examples=100)
@given(seeds)
def test_steps_and_judgements_agree(seed: int) -> None:
    comparison.assert_same_steps(instance_of(FLAT(seed)))


@settings(RELAXED, max_examples=10)
@given(seeds)
def test_steps_and_judgements_on_structured_data_agree(seed: int) -> None:
    comparison.assert_same_steps(instance_of(STRUCTURED(seed)), states=3)


@pytest.mark.parametrize("make", [FLAT, STRUCTURED])
@settings(RELAXED, max_examples=10)
@given(seeds)
def test_the_solver_agrees_on_verdict_and_shortest_length(make: Make, seed: int) -> None:
    comparison.assert_solver_agrees(instance_of(make(seed)), depth=2)


@pytest.mark.parametrize("make", [FLAT, STRUCTURED])
@settings(RELAXED, max_examples=5)
@given(seeds)
def test_the_native_engine_agrees_on_verdict_trace_and_counts(make: Make, seed: int) -> None:
    comparison.assert_native_agrees(instance_of(make(seed)))


@settings(RELAXED, max_examples=3)
@given(seeds)
def test_states_that_are_alike_count_once(seed: int) -> None:
    assume(comparison.assert_symmetry_agrees(instance_of(symmetric_model_of(seed))))


@pytest.mark.parametrize("make", [FLAT, STRUCTURED])
@settings(RELAXED, max_examples=3)
@given(seeds)
def test_nothing_breaks_what_is_proved(make: Make, seed: int) -> None:
    comparison.assert_proofs_hold(instance_of(make(seed)))


@pytest.mark.slow
@settings(SLOW, max_examples=6_000)
@given(seeds)
def test_steps_and_judgements_agree_on_many_models(seed: int) -> None:
    comparison.assert_same_steps(instance_of(FLAT(seed)))


@pytest.mark.slow
@settings(SLOW, max_examples=150)
@given(seeds)
def test_steps_and_judgements_agree_on_many_structured_models(seed: int) -> None:
    comparison.assert_same_steps(instance_of(STRUCTURED(seed)), states=8)


@pytest.mark.slow
@pytest.mark.parametrize("make", [FLAT, STRUCTURED])
@settings(SLOW, max_examples=250)
@given(seeds)
def test_the_solver_agrees_on_many_models(make: Make, seed: int) -> None:
    comparison.assert_solver_agrees(instance_of(make(seed)), depth=2)


@pytest.mark.slow
@pytest.mark.parametrize("make", [FLAT, STRUCTURED])
@settings(SLOW, max_examples=100)
@given(seeds)
def test_the_native_engine_agrees_on_many_models(make: Make, seed: int) -> None:
    comparison.assert_native_agrees(instance_of(make(seed)))


@pytest.mark.slow
@pytest.mark.parametrize("make", [FLAT, STRUCTURED])
@settings(SLOW, max_examples=80)
@given(seeds)
def test_nothing_breaks_what_is_proved_of_many_models(make: Make, seed: int) -> None:
    comparison.assert_proofs_hold(instance_of(make(seed)))


@pytest.mark.slow
@settings(SLOW, max_examples=60)
@given(seeds)
def test_states_that_are_alike_count_once_in_many_models(seed: int) -> None:
    assume(comparison.assert_symmetry_agrees(instance_of(symmetric_model_of(seed))))


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: path.stem)
def test_what_engines_once_disagreed_on_stays_agreed(path: Path) -> None:
    instance = comparison.instance_of(path.read_text(encoding="utf-8"))
    assert instance is not None
    comparison.assert_same_steps(instance)
    comparison.assert_solver_agrees(instance, depth=3)
    comparison.assert_native_agrees(instance)

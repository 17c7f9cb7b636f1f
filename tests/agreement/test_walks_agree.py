"""Random walks through random models: both engines take the same ones and see the same."""

from dataclasses import replace

import comparison
import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st
from random_models import model_of

from planespec.checker.engines.native.host import random_walks
from planespec.checker.engines.simulation import walking
from planespec.checker.engines.simulation.plan import Plan
from planespec.checker.engines.simulation.simulation_run import simulate

seeds = st.integers(0, 2**64 - 1)
RELAXED = settings(
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # seeds do not shrink
    suppress_health_check=list(HealthCheck),
)


def walk_alike(seed: int) -> None:
    source = model_of(seed)
    note(source)
    instance = comparison.instance_of(source)
    assume(instance is not None)
    assert instance is not None
    deadlock = instance.check_deadlock
    plan = Plan(seed=seed, walks=20, depth=8, swarm=bool(seed & 1), check_deadlock=deadlock)
    python, native = (
        walking.run(instance, plan),
        random_walks.run(instance, replace(plan, workers=2)),
    )
    assert native.violating == python.violating
    assert native.numbers == python.numbers
    if python.violating is None:
        return
    answers = [simulate(instance, engine, plan) for engine in ("python", "native")]
    assert answers[0].outcome.violation == answers[1].outcome.violation is not None


@settings(RELAXED, max_examples=12)
@given(seeds)
def test_walks_through_random_models_agree(seed: int) -> None:
    walk_alike(seed)


@pytest.mark.slow
@settings(RELAXED, max_examples=150, derandomize=False)
@given(seeds)
def test_walks_through_many_random_models_agree(seed: int) -> None:
    walk_alike(seed)

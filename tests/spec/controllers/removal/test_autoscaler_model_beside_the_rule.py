"""`controllers.autoscaler` proposes the replicas that the rule does which recordings judge."""

import itertools
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.model.controllers.serving.scaled_pods import ScaledPods
from planespec.spec.controllers.scaling.replica_counts import (
    PodMetric,
    Readiness,
    ReplicaCalculator,
    TimedPod,
    Tolerances,
)
from planespec.spec.objects.core_views import Pod

MOST = 6
FINE = 60 * 420
"""A pod's target, fine enough to share every load among all pods."""


def count_by_rule(current: int, sampled: int, missing: int, load: int) -> int:
    """The replicas that the rule wants for a load on all pods alike."""
    names = [f"p{number}" for number in range(sampled + missing)]
    pods = [
        TimedPod(Pod({"metadata": {"name": name}, "status": {"phase": "Running"}}), 0, 0)
        for name in names
    ]
    used = load * FINE // len(names)
    rule = ReplicaCalculator(
        pods,
        Tolerances(0.1, 0.1),
        Readiness(0, 0, 0),
        {name: PodMetric(used) for name in names[:sampled]},
    )
    return rule.count_by_value(current, FINE).replicas


def count_differences(mutant: str | None) -> int:
    """For how many pods, metrics, loads and replicas the model proposes others than the rule."""
    model: Any = Instance(ScaledPods, {"most": MOST}, mutant).new()
    cases = itertools.product(range(1, MOST + 1), range(1, MOST), range(3), range(1, MOST + 1))
    return sum(model.propose(*case) != count_by_rule(*case) for case in cases)


def test_the_model_proposes_what_the_rule_does() -> None:
    assert count_differences(None) == 0


@pytest.mark.parametrize("mutant", ["turn_around"])
def test_a_mutant_proposes_something_else(mutant: str) -> None:
    assert count_differences(mutant) > 0

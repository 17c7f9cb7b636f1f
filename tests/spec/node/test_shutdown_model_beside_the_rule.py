"""`kubelet.shutdown` beside the rule that groups pods, which recordings judge.

Every assignment of three pods to brackets, with own graces and periods of some seconds: the model
tells to stop what the rule has in the group whose turn it is, with the grace that the rule gives,
and is done after the seconds of all groups. A mutant of one of these differs.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.model.kubelet.graceful_shutdown import GracefulShutdown
from planespec.spec.node.node_requirements import Step
from planespec.spec.node.shutdown import Period, RunningPod, get_grace, group_pods, sum_seconds

PRIORITIES = (0, 1000, 2000)
"""Of each bracket; a pod of a bracket has as much, or some more."""
PERIODS = [(2, 1, 1), (1, 3, 2)]


def worlds(mutant: str | None = None) -> Iterator[Any]:
    """The model that begins to shut down with three pods that run."""
    for bracket, own, periods in itertools.product(
        itertools.product(range(3), repeat=3), [(1, 3, 1), (3, 2, 1), (0, 1, 4)], PERIODS
    ):
        tables = {"bracket": list(bracket), "own_grace": list(own), "periods": list(periods)}
        model: Any = Instance(GracefulShutdown, {"brackets": 3, **tables}, mutant).new()
        for p in model.pods:
            model.admit(p)
        model.begin()
        yield model


def told_by_the_rule(model: Any) -> list[dict[str, int]]:
    """For each group in order its pods and how long each has."""
    periods = [Period(PRIORITIES[b], model.periods[b]) for b in range(3)]
    pods = [
        RunningPod(str(p), PRIORITIES[model.bracket[p]] + 5, model.own_grace[p])
        for p in model.pods
    ]
    return [{pod.name: get_grace(g, pod) for pod in g.pods} for g in group_pods(periods, pods)]


def told_by_the_model(model: Any) -> list[dict[str, int]]:
    found = []
    while model.turn < model.brackets:
        due = [p for p in model.pods if model.step[p] == Step.RUNS and model.is_its_turn(p)]
        for p in due:
            model.tell(p)
        found.append({str(p): model.left[p] for p in due})
        for p in due:
            model.exit(p)
        model.go_on()
    return found


def test_the_model_tells_pods_to_stop_as_the_rule_groups_them() -> None:
    for model in worlds():
        assert told_by_the_model(model) == told_by_the_rule(model)


@pytest.mark.parametrize("mutant", ["all_together", "upside_down", "own_grace_counts"])
def test_a_mutant_tells_them_otherwise(mutant: str) -> None:
    assert any(told_by_the_model(each) != told_by_the_rule(each) for each in worlds(mutant))


def test_the_model_waits_as_long_as_the_periods_at_most() -> None:
    for model in worlds():
        waited = 0
        while model.turn < model.brackets:
            for p in model.pods:
                if model.step[p] == Step.RUNS and model.is_its_turn(p):
                    model.tell(p)
                elif model.step[p] == Step.TOLD and model.left[p] == 0:
                    model.kill(p)
            if model.is_late():
                model.go_on()
            elif not any(model.step[p] == Step.TOLD and model.left[p] == 0 for p in model.pods):
                model.tick()
                waited += 1
        periods = [Period(PRIORITIES[b], model.periods[b]) for b in range(3)]
        assert waited == model.took == sum_seconds(periods)

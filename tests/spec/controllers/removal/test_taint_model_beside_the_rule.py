"""`controllers.taint_eviction` decides of a pod as the rule does that recordings judge."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.model.controllers.removal.tainted_pods import TaintedPods
from planespec.model.parts.informers import Consistency
from planespec.spec.controllers.taint_eviction import TaintEviction, Timer
from planespec.spec.objects.core_views import Taint, Toleration

PATIENCE = 2
NOW = 100.0
FOR_A_WHILE = Taint("unreachable", "", "NoExecute")
FOR_EVER = Taint("reserved", "", "NoExecute")
TOLERATIONS = [
    Toleration("unreachable", "Exists", "", "", PATIENCE),
    Toleration("reserved", "Exists", "", "", None),
]


def worlds(mutant: str | None) -> Iterator[Any]:
    """A pod on a node with every set of taints, and with every timer that was set before."""
    constants = {"other_taint": True, "patience": PATIENCE, "consistency": Consistency.LIVE}
    instance = Instance(TaintedPods, constants, mutant)
    for tainted, marked in itertools.product((False, True), repeat=2):
        for left in (None, *range(PATIENCE + 1)):
            model: Any = instance.new()
            (p,), (n,), h = model.processes, model.names, next(iter(model.hosts))
            model.uid[n], model.place[n] = 1, h
            model.taken_tainted[p][h], model.taken_marked[p][h] = tainted, marked
            model.timer[p][n], model.meant[p][n] = left, 0 if left is None else 1
            yield model, p, n, h


def decide_by_rule(left: int | None, *, tainted: bool, marked: bool) -> int | None:
    """The ticks that the rule leaves to a pod."""
    rule = TaintEviction()
    if left is not None:
        rule.timers["n"] = Timer(NOW - (PATIENCE - left), NOW + left)
    taints = [FOR_A_WHILE] * tainted + [FOR_EVER] * marked
    if taints:
        rule.process("n", TOLERATIONS, taints, NOW)
    else:
        rule.forget("n")
    timer = rule.timers.get("n")
    return None if timer is None else int(timer.fires_at - NOW)


def count_differences(mutant: str | None) -> int:
    """In how many of the worlds the model leaves another time to a pod than the rule."""
    differences = 0
    for model, p, n, h in worlds(mutant):
        tainted, marked = model.taken_tainted[p][h], model.taken_marked[p][h]
        expected = decide_by_rule(model.timer[p][n], tainted=tainted, marked=marked)
        model.decide(p, n, h)
        differences += model.timer[p][n] != expected
    return differences


def test_the_model_decides_as_the_rule_does() -> None:
    assert count_differences(None) == 0


@pytest.mark.parametrize("mutant", ["keep_timer", "restart_timer", "evict_at_once"])
def test_a_mutant_decides_otherwise(mutant: str) -> None:
    assert count_differences(mutant) > 0

"""`kubelet.eviction` beside the rule that ranks pods, and its requirements one by one."""

import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from requirement_cases import check_all_have_cases, check_state, check_step

from planespec.checker.instance import Instance
from planespec.model.kubelet.node_pressure import NodePressure
from planespec.spec.node.evictions import pressure_requirements
from planespec.spec.node.evictions.eviction_ranking import Disks, PodUsage, rank_pods
from planespec.spec.node.evictions.pressure_requirements import Fate
from planespec.spec.objects.core_views import Pod

AWAY, BOUND, RUNS, EVICTED, FAILED = Fate


def worlds(mutant: str | None) -> Iterator[Any]:
    """The model with two pods that run, with every request, priority and use of 0 to 2."""
    for requests, ranks in itertools.product(itertools.product(range(3), repeat=2), repeat=2):
        tables = {"request": list(requests), "rank": list(ranks), "is_critical": [False, False]}
        instance = Instance(NodePressure, {"pods": 2, **tables}, mutant)
        for used in itertools.product(range(3), repeat=2):
            model: Any = instance.new()
            for p, amount in zip(model.pods, used, strict=True):
                model.fate[p], model.used[p] = RUNS, amount
            yield model


def rank(model: Any) -> list[str]:
    """The pods as the rule ranks them, by uid."""
    pods, usages = [], {}
    for number, p in enumerate(model.pods):
        resources = {"requests": {"memory": str(model.request[p])}}
        spec = {"priority": model.rank[p], "containers": [{"name": "c", "resources": resources}]}
        pods.append(Pod({"metadata": {"name": "p", "uid": str(number)}, "spec": spec}))
        usages[str(number)] = PodUsage(memory=model.used[p])
    return [pod.meta.uid for pod in rank_pods("memory.available", pods, usages, Disks())]


def count_differences(mutant: str | None) -> int:
    """In how many states the model has another pod first than the rule, unless both are equal."""
    differences = 0
    for model in worlds(mutant):
        one, other = model.pods
        expected = rank(model)[0]
        if model.is_before(one, other) or model.is_before(other, one):
            first = "0" if model.is_before(one, other) else "1"
            differences += first != expected
    return differences


def test_the_model_ranks_pods_as_the_rule_does() -> None:
    assert count_differences(None) == 0


@pytest.mark.parametrize("mutant", ["rank_by_priority", "rank_by_usage"])
def test_a_mutant_ranks_them_otherwise(mutant: str) -> None:
    assert count_differences(mutant) > 0


NODE: dict[str, object] = {
    "pods": ("p", "q"),
    "fate": {"p": RUNS, "q": RUNS},
    "used": {"p": 2, "q": 1},
    "request": {"p": 0, "q": 1},
    "rank": {"p": 0, "q": 0},
    "is_critical": {"p": False, "q": False},
    "is_short": True,
    "short_for": 1,
    "grace": 1,
    "is_pressed": True,
    "calm_for": 0,
    "transition": 2,
}
"""A node under pressure; p is beyond its request and q within."""


def fates(p: Fate, q: Fate = RUNS) -> dict[str, object]:
    """A change of where the pods are."""
    return {"fate": {"p": p, "q": q}}


GONE = fates(EVICTED)
CRITICAL: dict[str, object] = {"is_critical": {"p": True, "q": False}}
STEPS: list[tuple[str, dict[str, object], dict[str, object], dict[str, Any]]] = [
    ("KUB-30", {}, GONE, GONE | {"before": CRITICAL}),
    ("KUB-31", {}, GONE, fates(RUNS, EVICTED)),
    ("KUB-31", {"used": {"p": 0, "q": 1}, "rank": {"p": 1, "q": 0}}, fates(RUNS, EVICTED), GONE),
    ("KUB-33", {}, GONE, GONE | {"before": {"short_for": 0}}),
    ("KUB-33", {}, GONE, GONE | {"before": {"is_short": False}}),
    ("KUB-34", fates(BOUND) | {"is_pressed": False}, {}, {"before": fates(BOUND)}),
    ("KUB-35", fates(BOUND), fates(FAILED), fates(FAILED) | {"before": fates(BOUND) | CRITICAL}),
    ("KUB-36", {}, {"is_pressed": False, "calm_for": 2}, {"is_pressed": False, "calm_for": 1}),
]
STATES: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("KUB-32", GONE, fates(EVICTED, EVICTED)),
    ("KUB-37", {}, {"is_short": False}),
]


def changed(changes: dict[str, object]) -> Any:
    """The node with changes."""
    return SimpleNamespace(**(NODE | {n: v for n, v in changes.items() if n != "before"}))


@pytest.mark.parametrize(("number", "good", "bad"), STATES)
def test_a_requirement_on_a_state_tells_good_from_bad(
    number: str, good: dict[str, object], bad: dict[str, object]
) -> None:
    check_state(changed, number, good, bad)


@pytest.mark.parametrize(("number", "before", "good", "bad"), STEPS)
def test_a_requirement_on_a_step_tells_good_from_bad(
    number: str, before: dict[str, object], good: dict[str, object], bad: dict[str, Any]
) -> None:
    check_step(changed, number, before, good, bad)


def test_every_requirement_has_such_a_case() -> None:
    check_all_have_cases([*STATES, *STEPS], pressure_requirements)

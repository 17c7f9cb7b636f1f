"""`controllers.disruption` counts what the rule counts that recordings judge."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.removal.budgeted_pods import BudgetedPods
from planespec.model.parts.informers import Consistency
from planespec.spec.controllers.disruption_budget import BudgetSync, sync_budget
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AGES = {"no": None, "noted": timedelta(minutes=1), "late": timedelta(minutes=3)}


def worlds(mutant: str | None) -> Iterator[Any]:
    """Two pods in every state, noted or not, under every budget."""
    lives = (None, PodLife.PENDING, PodLife.READY, PodLife.DELETING)
    for minimum in range(3):
        constants = {"minimum": minimum, "consistency": Consistency.LIVE}
        instance = Instance(BudgetedPods, constants, mutant)
        for pods in itertools.product(itertools.product(lives, AGES), repeat=2):
            model: Any = instance.new()
            for n, (life, age) in zip(model.names, pods, strict=True):
                model.uid[n] = 0 if life is None else 1
                model.life[n] = life or PodLife.PENDING
                model.disrupted[n], model.is_late[n] = age != "no", age == "late"
            yield model


def write(moment: datetime) -> str:
    """A moment as it stands in objects."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def make_pod(name: str, life: PodLife) -> Pod:
    """A pod that is ready, or marked for deletion while it is ready, or not ready."""
    ready = "False" if life == PodLife.PENDING else "True"
    deleting = {"deletionTimestamp": write(NOW)} if life == PodLife.DELETING else {}
    return Pod(
        {
            "metadata": {"name": name, **deleting},
            "status": {"conditions": [{"type": "Ready", "status": ready}]},
        }
    )


def sync_by_rule(model: Any) -> BudgetSync:
    """What the rule writes for the pods of a model."""
    noted = {}
    for n in model.names:
        if model.disrupted[n]:
            age = AGES["late" if model.is_late[n] else "noted"]
            noted[str(n)] = write(NOW - (age or timedelta()))
    budget = ApiObject(
        {
            "metadata": {"name": "b", "namespace": "n", "generation": 1},
            "spec": {"minAvailable": model.needed},
            "status": {"disruptedPods": noted, "observedGeneration": 1, "expectedPods": 9},
        }
    )
    pods = [make_pod(str(n), model.life[n]) for n in model.names if model.uid[n]]
    return sync_budget(budget, pods, lambda _: None, NOW, "")


def count_differences(mutant: str | None) -> int:
    """In how many of the worlds the model has another status than the rule."""
    differences = 0
    for model in worlds(mutant):
        status = sync_by_rule(model).status
        (p,) = model.processes
        noted = {str(n) for n in model.names if model.stays_noted(p, n)}
        healthy = sum(model.counts(p, n) and not model.stays_noted(p, n) for n in model.names)
        allowed = max(healthy - model.needed, 0)
        assert status is not None
        is_same = (status["currentHealthy"], status["disruptionsAllowed"]) == (healthy, allowed)
        differences += not is_same or set(status.get("disruptedPods", {})) != noted
    return differences


def test_the_model_counts_as_the_rule_does() -> None:
    assert count_differences(None) == 0


@pytest.mark.parametrize("mutant", ["count_marked", "keep_entry"])
def test_a_mutant_counts_otherwise(mutant: str) -> None:
    assert count_differences(mutant) > 0

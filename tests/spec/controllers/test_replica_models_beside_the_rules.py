"""The models of ReplicaSets and Deployments beside the rules that recordings judge."""

import itertools
import random
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from deployment_objects import make_deployment, make_set

from planespec.checker.instance import Instance
from planespec.checker.lang import NotEnabled
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.replicas.deployments import Deployments
from planespec.model.controllers.replicas.replica_sets import ReplicaSets
from planespec.model.controllers.replicas.set_statuses import SetStatuses
from planespec.model.parts.expectations import Expecters
from planespec.spec.controllers.apps.deletion_order import choose_for_deletion, rank_pods
from planespec.spec.controllers.apps.deployment_state import DESIRED, MOST
from planespec.spec.controllers.apps.deployment_sync import sync_deployment
from planespec.spec.controllers.apps.replica_set_sync import find_status
from planespec.spec.controllers.machinery.creation_expectations import (
    EXPIRES_AFTER,
    CreationExpectations,
)
from planespec.spec.objects.core_views import Pod

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def expecters(mutant: str | None) -> Instance:
    """The part alone, with a timeout."""
    return Instance(Expecters, {"timeout": 2}, mutant)


@cache
def deployments(owners: int, limits: tuple[int, int, int], mutant: str | None) -> Instance:
    """The model with so many ReplicaSets."""
    named = dict(zip(("replicas", "surge", "unavailable"), limits, strict=True))
    return Instance(Deployments, {"owners": owners, **named}, mutant)


def walk_expectations(seed: int, mutant: str | None) -> list[tuple[bool, bool]]:
    """A random walk of the part beside the rule: what each says of whether to count."""
    draw = random.Random(seed)
    model: Any = expecters(mutant).new()
    (p,), (o,), names = model.processes, model.owners, list(model.names)
    rule, told, now = CreationExpectations(), set[Any](), 0
    said = []
    for _ in range(30):
        match draw.choice(["expect", "delete", "see", "gone", "tick"]):
            case "expect" if model.is_satisfied(p, o):
                model.expect_creations(p, o, count := draw.randint(1, 3))
                rule.expect("k", count, 0, now)
            case "delete" if model.is_satisfied(p, o):
                doomed = draw.sample(names, draw.randint(1, 3))
                model.expect_deletions(p, o, len(doomed))
                rule.expect("k", 0, len(doomed), now)
                for n in doomed:
                    model.await_end(p, n, 1)
                told |= set(doomed)
            case "see":
                model.see_creation(p, o)
                rule.see_creation("k")
            case "gone":
                n = draw.choice(names)
                model.see_deletion(p, o, n, 1)
                if n in told:
                    told.discard(n)
                    rule.see_deletion("k")
            case "tick":
                model.pass_time()
                now += EXPIRES_AFTER // 2
        said.append((model.is_satisfied(p, o), rule.is_satisfied("k", now)))
    return said


@pytest.mark.parametrize("mutant", [None, "deletions_counted", "expires_never", "expires_young"])
def test_the_part_waits_as_long_as_the_rule(mutant: str | None) -> None:
    said = [pair for seed in range(60) for pair in walk_expectations(seed, mutant)]
    assert {True, False} == {rule for _, rule in said}
    assert all(model == rule for model, rule in said) == (mutant is None)


def plans(lives: tuple[PodLife, ...], wanted: int, mutant: str | None) -> set[frozenset[int]]:
    """What the model may choose to delete, by the places of the pods."""
    size = len(lives)
    constants = {"names": size, "most": size, "begun": size, "crashes": 0}
    instance = Instance(ReplicaSets, constants, mutant)
    found = set()
    for chosen in itertools.combinations(range(size), size - wanted):
        model: Any = instance.new()
        (p,), (o,), names = model.processes, model.owners, list(model.names)
        model.begin(o, frozenset(names))
        for n, life in zip(names, lives, strict=True):
            model.seen_life[p][n] = life
        model.seen_size[p][o] = wanted
        try:
            model.sync(p, o, frozenset(names[place] for place in chosen))
        except NotEnabled:
            continue
        found.add(frozenset(chosen))
    return found


def deleted_by_rule(lives: tuple[PodLife, ...], wanted: int) -> set[frozenset[int]]:
    """What the rule chooses, in every order of the pods."""
    found = set()
    for order in itertools.permutations(range(len(lives))):
        pods = [make_pod(place, lives[place] == PodLife.READY) for place in order]
        chosen = choose_for_deletion(rank_pods(pods, [], NOW), len(lives) - wanted)
        found.add(frozenset(int(each.pod.meta.uid) for each in chosen))
    return found


def make_pod(place: int, is_ready: bool) -> Pod:
    """A pod that runs on a node and is ready or not."""
    condition = {"type": "Ready", "status": str(is_ready)}
    status = {"phase": "Running", "conditions": [condition]}
    return Pod({"metadata": {"uid": str(place)}, "spec": {"nodeName": "n"}, "status": status})


@pytest.mark.parametrize("mutant", [None, "ready_first"])
def test_the_model_deletes_what_the_rule_may_delete(mutant: str | None) -> None:
    lives = (PodLife.PENDING, PodLife.READY)
    cases = [(each, wanted) for each in itertools.product(lives, repeat=3) for wanted in range(3)]
    alike = [
        plans(each, wanted, mutant) == deleted_by_rule(each, wanted) for each, wanted in cases
    ]
    assert all(alike) == (mutant is None)


def model_status(lives: tuple[PodLife, ...], mutant: str | None) -> tuple[int, int]:
    """What the model says of pods that there are, and of those that are ready."""
    size = len(lives)
    constants = {"names": size, "most": size, "begun": size, "crashes": 0}
    model: Any = Instance(SetStatuses, constants, mutant).new()
    (p,), (o,), names = model.processes, model.owners, list(model.names)
    model.begin(o, frozenset(names))
    for n, life in zip(names, lives, strict=True):
        model.seen_life[p][n] = life
    with suppress(NotEnabled):
        model.report(p, o)
    return model.reported[o], model.available[o]


def rule_status(lives: tuple[PodLife, ...]) -> tuple[int, int]:
    """What the rule says of them; those that are marked do not count."""
    there = [
        make_pod(place, life == PodLife.READY)
        for place, life in enumerate(lives)
        if life != PodLife.DELETING
    ]
    status = find_status(make_set("s", 0), there, len(lives) - len(there), "", NOW)
    assert status is not None
    return status["replicas"], status["availableReplicas"]


@pytest.mark.parametrize("mutant", [None, "report_unready"])
def test_the_model_reports_what_the_rule_does(mutant: str | None) -> None:
    lives = (PodLife.PENDING, PodLife.READY, PodLife.DELETING)
    alike = [
        model_status(each, mutant) == rule_status(each)
        for each in itertools.product(lives, repeat=3)
    ]
    assert all(alike) == (mutant is None)


def model_sizes(sizes: list[int], available: list[int], limits: Any, mutant: str | None) -> Any:
    """The sizes after a sync of the model; the last set is of the template that is wanted."""
    model: Any = deployments(len(sizes), tuple(limits.values()), mutant).new()
    (p,), owners = model.processes, list(model.owners)
    model.template = model.seen_template[p] = owners[-1]
    for o, size, ready in zip(owners, sizes, available, strict=True):
        model.seen_size[p][o], model.seen_available[p][o] = size, ready
    try:
        model.roll_out(p)
    except NotEnabled:
        return sizes
    return [
        size if model.plan[p][o] is None else model.plan[p][o]
        for o, size in zip(owners, sizes, strict=True)
    ]


def rule_sizes(sizes: list[int], available: list[int], limits: Any) -> list[int]:
    """The sizes after a sync of the rule."""
    wanted = limits["replicas"]
    more = {"surge": limits["surge"], "unavailable": limits["unavailable"]}
    names = [f"old{place}" for place in range(len(sizes) - 1)] + ["new"]
    sets = [
        make_set(
            name,
            size,
            ready,
            annotations={DESIRED: str(wanted), MOST: str(wanted + limits["surge"])},
            created=f"2026-01-0{place + 1}T00:00:00Z",
        )
        for place, (name, size, ready) in enumerate(zip(names, sizes, available, strict=True))
    ]
    sync = sync_deployment(make_deployment(wanted, **more), sets, [], NOW, "h")
    found = dict(zip(names, sizes, strict=True))
    for action in sync.actions:
        if action.get("resource") == "replicasets" and action["verb"] == "update":
            found[action["name"]] = action["object"]["replicas"]
    return list(found.values())


LIMITS = [
    {"replicas": 2, "surge": 1, "unavailable": 0},
    {"replicas": 3, "surge": 1, "unavailable": 1},
    {"replicas": 3, "surge": 0, "unavailable": 2},
]


@pytest.mark.parametrize(
    "mutant",
    [None, "count_new_as_ready", "keep_unhealthy", "ignore_old", "old_grows", "last_only"],
)
def test_the_model_plans_the_sizes_of_the_rule(mutant: str | None) -> None:
    counts = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2), (3, 1)]
    differ = [
        (sizes, available, limits)
        for limits in LIMITS
        for first, second, new in itertools.product(counts, repeat=3)
        if (sizes := [first[0], second[0], new[0]])
        and (available := [first[1], second[1], new[1]])
        and model_sizes(sizes, available, limits, mutant) != rule_sizes(sizes, available, limits)
    ]
    assert (differ == []) == (mutant is None), differ[:5]

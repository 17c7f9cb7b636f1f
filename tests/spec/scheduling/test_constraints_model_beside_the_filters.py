"""The model `scheduler.constraints` beside the filters of `spec.scheduling`, which answers judge.

In random states, reachable or not, the model lets a pod onto exactly the nodes that the whole
framework finds feasible for it in a snapshot of the same cluster; a mutant does not.
"""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from worlds import ZONE, affinity, node, pod, spread, term, world

from planespec.checker.instance import Instance
from planespec.model.scheduler.constraints import Constraints
from planespec.spec.scheduling.framework import find_feasible_nodes
from planespec.spec.scheduling.requirements.constraint_requirements import is_claim_free, is_suited
from planespec.spec.scheduling.requirements.observations import Stage
from planespec.spec.scheduling.snapshot_building import read_pod

FEATURES = ("taints", "affinity", "node_affinity", "pod_affinity", "volumes", "spread")
SIZES = {"pods": 4, "nodes": 3, "zones": 2}
TAINT = {"key": "cordoned", "effect": "NoSchedule"}
HONOR = {"nodeAffinityPolicy": "Honor", "nodeTaintsPolicy": "Honor"}
LIKE = term(ZONE, app="a")
CLAIM = {
    "metadata": {
        "name": "c",
        "namespace": "default",
        "annotations": {"pv.kubernetes.io/bind-completed": "yes"},
    },
    "spec": {
        "accessModes": ["ReadWriteOncePod"],
        "volumeName": "v",
        "resources": {"requests": {"storage": "1Gi"}},
    },
}
VOLUME = {
    "metadata": {"name": "v"},
    "spec": {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOncePod"],
        "csi": {"driver": "disk.example", "volumeHandle": "v"},
        "claimRef": {"name": "c", "namespace": "default"},
    },
    "status": {"phase": "Bound"},
}
MUTANTS = [mutant.name for mutant in Instance(Constraints).mutants]


def states(rng: random.Random, mutant: str | None) -> Iterator[Constraints]:
    """Models in random states of instances with random features."""
    while True:
        features = {name: rng.random() < 0.7 for name in FEATURES}
        model = Instance(Constraints, SIZES | features, mutant).new()
        draw(rng, model, features)
        yield model


def draw(rng: random.Random, model: Constraints, features: dict[str, bool]) -> None:
    """Put a model into a random state; what is off stays as it is."""
    for n in model.nodes:
        model.zone[n] = rng.choice(model.zones)
        model.tainted[n] = features["taints"] and rng.random() < 0.3
        model.labelled[n] = features["node_affinity"] and rng.random() < 0.6
    asked = {
        "taints": model.tolerates,
        "node_affinity": model.selects,
        "pod_affinity": model.seeks,
        "affinity": model.shuns,
        "volumes": model.claims,
    }
    for p in model.pods:
        model.stage[p] = rng.choice(list(Stage)[1:])
        if model.stage[p] == Stage.TERMINATING or rng.random() < 0.5:
            model.bound[p] = rng.choice(model.nodes)
        for feature, wanted in asked.items():
            wanted[p] = features[feature] and rng.random() < 0.3


def node_of(model: Constraints, n: object) -> dict[str, object]:
    labels = {ZONE: str(model.zone[n])} | ({"disk": "ssd"} if model.labelled[n] else {})
    return node(str(n), labels, taints=[TAINT] if model.tainted[n] else [])


def pod_of(model: Constraints, p: object) -> dict[str, object]:
    """A pod of the application with what it asks for, on its node."""
    spec: dict[str, object] = {}
    if model.tolerates[p]:
        spec["tolerations"] = [{"key": "cordoned", "operator": "Exists"}]
    if model.selects[p]:
        spec["nodeSelector"] = {"disk": "ssd"}
    kinds = [("podAffinity", model.seeks[p]), ("podAntiAffinity", model.shuns[p])]
    wanted: list[Any] = [affinity(kind, LIKE)["affinity"] for kind, asks in kinds if asks]
    spec["affinity"] = {key: value for each in wanted for key, value in each.items()}
    if model.claims[p]:
        spec["volumes"] = [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]
    if model.spread:
        spec["topologySpreadConstraints"] = [spread(**HONOR)]
    on = "" if model.bound[p] is None else str(model.bound[p])
    deleting = model.stage[p] == Stage.TERMINATING
    return pod(str(p), {"app": "a"}, on=on, deleting=deleting, **spec)


def disagreements(model: Constraints) -> Iterator[tuple[object, set[str], set[str]]]:
    """Pods that wait, where the model and the filters would put them somewhere else."""
    nodes = [node_of(model, n) for n in model.nodes]
    there = [p for p in model.pods if model.bound[p] is not None and model.stage[p] != Stage.GONE]
    storage = {"PersistentVolumeClaim": [CLAIM], "PersistentVolume": [VOLUME]}
    snapshot = world(nodes, [pod_of(model, p) for p in there], **storage)
    for p in model.pods:
        if model.is_pending(p):
            own = {str(n) for n in model.nodes if model.passes(p, n)}
            found = find_feasible_nodes(snapshot, read_pod(pod_of(model, p)))
            rule = {each.name for each in found.feasible}
            if own != rule:
                yield p, own, rule


@pytest.mark.parametrize("seed", range(5))
def test_a_node_passes_in_the_model_exactly_where_the_filters_accept_it(seed: int) -> None:
    drawn = states(random.Random(seed), None)
    for _ in range(80):
        model = next(drawn)
        assert list(disagreements(model)) == [], repr(model)


def test_what_the_requirements_ask_of_a_binding_is_what_the_filters_ask() -> None:
    drawn = states(random.Random(0), None)
    for _ in range(200):
        model = next(drawn)
        for p in filter(model.is_pending, model.pods):
            asked = [is_suited(model, p, n) and is_claim_free(model, p) for n in model.nodes]
            assert asked == [model.passes(p, n) for n in model.nodes], repr(model)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_of_the_model_disagrees_with_the_filters(mutant: str) -> None:
    drawn = states(random.Random(mutant), mutant)
    assert any(any(disagreements(next(drawn))) for _ in range(1_000))

"""The model `scheduler.cluster` beside the filters and the preemption of `spec.scheduling`.

What its scheduler has in the cache is written as objects of Kubernetes. In random states,
reachable or not, the model finds exactly the nodes feasible that the framework does, and where
none is, the same nodes on which preemption helps; a mutant of these rules does not.
"""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from worlds import node, pod, world

from planespec.checker.instance import Instance
from planespec.model.scheduler.cluster import Cluster
from planespec.model.scheduler.scheduler_types import Address, HostPort, Protocol
from planespec.spec.scheduling.framework import find_feasible_nodes
from planespec.spec.scheduling.preemption import TERMINATING, run_preemption
from planespec.spec.scheduling.requirements.observations import Stage
from planespec.spec.scheduling.requirements.queueing import is_feasible
from planespec.spec.scheduling.snapshot_building import read_pod

CONSTANTS = {
    "pods": 5,
    "nodes": 2,
    "allocatable": 4,
    "max_request": 3,
    "priorities": 3,
    "node_changes": True,
    "init_containers": True,
    "ports": True,
    "budgets": True,
}
MUTANTS = (
    "terminating_is_free",
    "init_ignored",
    "ports_ignored",
    "any_address_is_an_address",
    "protocols_ignored",
    "nominations_ignored",
    "equals_are_victims",
)
"""Those that break a filter, or who may be a victim."""
ADDRESSES = {None: "0.0.0.0", Address.FIRST: "10.0.0.1", Address.SECOND: "10.0.0.2"}

PREEMPTED = {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}
"""The model takes every pod that is terminating for one that was preempted."""


def states(rng: random.Random, mutant: str | None) -> Iterator[Cluster]:
    """Models in random states; the first pod is the one to schedule."""
    instance = Instance(Cluster, CONSTANTS, mutant)
    while True:
        model = instance.new()
        draw(rng, model)
        yield model


def draw(rng: random.Random, model: Any) -> None:
    """Give every pod a kind, and all but the first a place in the cache or room kept for it."""
    (s,) = model.schedulers
    for n in model.nodes:
        model.seen_node[s][n] = rng.random() < 0.9
    for p in model.pods:
        model.owner[p] = s
        model.request[p] = rng.randint(1, 3)
        model.init_request[p] = rng.randint(0, 3)
        model.priority[p] = rng.randint(1, 3)
        model.guarded[p] = rng.random() < 0.3
        if rng.random() < 0.6:
            protocol, address = rng.choice(list(Protocol)), rng.choice([None, *Address])
            model.port[p] = HostPort(protocol, address)
        model.seen_stage[s][p] = Stage.PRESENT
    first, *others = model.pods
    if rng.random() < 0.3:
        model.nominated[first] = rng.choice(model.nodes)
    for q in others:
        role = rng.randrange(4)
        if role < 2:
            model.cached[s][q] = rng.choice(model.nodes)
            terminating = rng.random() < 0.3
            model.seen_stage[s][q] = Stage.TERMINATING if terminating else Stage.PRESENT
        elif role == 2:
            model.nominated[q] = rng.choice(model.nodes)


def pod_of(model: Any, p: Any) -> dict[str, Any]:
    """A pod as the scheduler has it in its cache or queue."""
    (s,) = model.schedulers
    on, kept = model.cached[s][p], model.nominated[p]
    deleting = model.seen_stage[s][p] == Stage.TERMINATING
    port = model.port[p]
    ports = [] if port is None else [
        {"hostPort": 80, "containerPort": 80, "hostIP": ADDRESSES[port.address],
         "protocol": port.protocol.value}
    ]  # fmt: skip
    init = {"name": "i", "resources": {"requests": {"cpu": str(model.init_request[p])}}}
    made = pod(
        str(p),
        on="" if on is None else str(on),
        nominated="" if kept is None else str(kept),
        cpu=str(model.request[p]),
        ports=ports,
        deleting=deleting,
        priority=model.priority[p],
        initContainers=[init],
    )
    if deleting:
        made["status"] = {"conditions": [PREEMPTED]}
    return made


def disagreement(model: Any) -> str:
    """Where the model and the rules differ about the first pod; empty where they agree."""
    (s,) = model.schedulers
    first, *others = model.pods
    nodes = [node(str(n), cpu="4") for n in model.nodes if model.seen_node[s][n]]
    there = [q for q in others if model.cached[s][q] is not None or model.nominated[q] is not None]
    snapshot = world(nodes, [pod_of(model, q) for q in there])
    found = find_feasible_nodes(snapshot, read_pod(pod_of(model, first)))
    own = {str(n) for n in model.nodes if model.is_feasible(first, n)}
    rule = {each.name for each in found.feasible}
    if own != rule:
        return f"feasible: {own}, the filters say {rule}"
    if own:
        return ""
    preemption = run_preemption(found)
    if (preemption.refusal == TERMINATING) == model.is_eligible(first):
        return f"may preempt: {model.is_eligible(first)}, refusal {preemption.refusal!r}"
    helped = {str(n) for n in model.nodes if model.is_candidate(first, n)}
    if not preemption.refusal and helped != set(preemption.candidates):
        return f"candidates: {helped}, preemption says {set(preemption.candidates)}"
    return ""


@pytest.mark.parametrize("seed", range(5))
def test_a_node_is_feasible_in_the_model_exactly_where_the_framework_finds_it_so(
    seed: int,
) -> None:
    drawn = states(random.Random(seed), None)
    for _ in range(200):
        model = next(drawn)
        assert disagreement(model) == "", repr(model)


def test_what_a_lost_wake_up_is_told_by_is_the_filter_of_the_model() -> None:
    drawn = states(random.Random(0), None)
    for _ in range(300):
        model: Any = next(drawn)
        first = model.pods[0]
        found = [is_feasible(model, first, n) for n in model.nodes]
        assert found == [model.is_feasible(first, n) for n in model.nodes]


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_of_the_filters_disagrees_with_the_framework(mutant: str) -> None:
    drawn = states(random.Random(mutant), mutant)
    assert any(disagreement(next(drawn)) for _ in range(1_000))

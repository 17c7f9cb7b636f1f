"""`controllers.pod_gc` removes in a round the pods that the rule does which recordings judge."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.model.controllers.removal.collected_pods import CollectedPods
from planespec.model.controllers.removal.mortal_pods import Phase, PodState
from planespec.model.controllers.removal.removal_types import Reason
from planespec.model.parts.informers import Consistency
from planespec.spec.controllers.pod_gc import OUT_OF_SERVICE, PodGc
from planespec.spec.objects.core_views import Node, Pod

QUARANTINE = 2
REASONS = (Reason.EXCESS, Reason.STUCK, Reason.ORPHANED, Reason.UNSCHEDULED)
"""In the order of the groups of the rule."""
NODES = ("known", "out", "stale", "gone")
"""The cache has the node, out of service or not; or not, and the API server has it or not."""
STATUSES = {
    Phase.RUNNING: {"phase": "Running"},
    Phase.ENDED: {"phase": "Succeeded"},
    Phase.EVICTED: {"phase": "Failed", "reason": "Evicted"},
}


def worlds(mutant: str | None) -> Iterator[Any]:
    """Two pods in every state, with their node known or not, in quarantine or not."""
    pods = list(itertools.product(Phase, (False, True), (False, True)))
    for threshold in (1, 0) if mutant is None else (1,):
        constants = {"names": 2, "threshold": threshold, "quarantine": QUARANTINE}
        instance = Instance(CollectedPods, constants | {"consistency": Consistency.LIVE}, mutant)
        waits = (None, 1, QUARANTINE)
        cases = itertools.product(NODES, waits, itertools.product(pods, repeat=2))
        for node, waited, states in cases:
            model: Any = instance.new()
            (p,), (h,) = model.processes, model.hosts
            for uid, (n, (phase, marked, bound)) in enumerate(
                zip(model.names, states, strict=True), 1
            ):
                model.uid[n], model.pod[n] = uid, PodState(phase, marked, h if bound else None)
            model.exists[h] = node != "gone"
            model.seen_there[p][h] = node in ("known", "out")
            model.is_out[h] = model.seen_out[p][h] = node == "out"
            model.waited[p][h] = waited
            yield model


def make_pod(name: str, age: int, state: PodState) -> Pod:
    """A pod of the model as an object."""
    created = {"creationTimestamp": f"2026-01-0{age}T00:00:00Z"}
    deleting = {"deletionTimestamp": "2026-01-09T00:00:00Z"} if state.marked else {}
    return Pod(
        {
            "metadata": {"name": name, **created, **deleting},
            "spec": {} if state.place is None else {"nodeName": "h"},
            "status": STATUSES[state.phase],
        }
    )


def round_by_rule(model: Any) -> tuple[dict[str, Reason], float | None]:
    """Why the rule removes each pod, and how long its node has then been in quarantine."""
    (p,), (h,) = model.processes, model.hosts
    rule = PodGc(model.threshold, quarantine=model.quarantine)
    if model.waited[p][h] is not None:
        rule.waiting["h"] = model.quarantine - model.waited[p][h]
    taints = [{"key": OUT_OF_SERVICE, "effect": "NoExecute"}] if model.seen_out[p][h] else []
    node = Node({"metadata": {"name": "h"}, "spec": {"taints": taints}})
    pods = [make_pod(str(n), model.uid[n], model.pod[n]) for n in model.names]
    nodes = [node] if model.seen_there[p][h] else []
    reasons: dict[str, Reason] = {}
    groups = rule.collect(pods, nodes, 0, lambda _: bool(model.exists[h]))
    for reason, group in zip(REASONS, groups, strict=True):
        for removal in group:
            reasons.setdefault(removal.pod.name, reason)
    left = rule.waiting.get("h")
    return reasons, None if left is None else model.quarantine - left


def differ(mutant: str | None) -> Iterator[bool]:
    """Whether a round of the model is another than that of the rule, in each of the worlds."""
    for model in worlds(mutant):
        expected = round_by_rule(model)
        (p,), (h,) = model.processes, model.hosts
        model.begin_round(p)
        plan = {str(n): model.plan[p][n].reason for n in model.names}
        taken = {n: reason for n, reason in plan.items() if reason != Reason.NONE}
        yield (taken, model.waited[p][h]) != expected


def test_a_round_removes_what_the_rule_removes() -> None:
    assert not any(differ(None))


@pytest.mark.parametrize(
    "mutant",
    [
        "believe_cache",
        "ask_at_once",
        "newest_first",
        "evicted_alike",
        "skip_unscheduled",
        "leave_stuck",
    ],
)
def test_a_mutant_removes_others(mutant: str) -> None:
    assert any(differ(mutant))

"""The model `controllers.daemon_set` beside the rule of one sync, which recordings judge.

Nodes, the set and its pods are written as objects. For every two pods on two nodes, and every
state of the nodes, what a sync of the model decides is what the rule does, or one of the choices
that upstream leaves to the order of a map; a mutant decides something else.
"""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.checker.lang.model import save
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.workloads.daemon_set import DaemonSets
from planespec.model.controllers.workloads.daemon_views import Daemon, Host
from planespec.model.parts.informers import Consistency
from planespec.spec.controllers.apps.daemon_nodes import DaemonSet
from planespec.spec.controllers.apps.daemon_sync import sync_daemon_set
from planespec.spec.objects.core_views import Node, Pod

NOW = datetime(2026, 1, 2, tzinfo=UTC)
READY = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
LIVES = (PodLife.PENDING, PodLife.READY, PodLife.FAILED, PodLife.DELETING)
FAILED = PodLife.FAILED
PHASES = {PodLife.FAILED: "Failed", PodLife.SUCCEEDED: "Succeeded"}
TAINTS = {Host.BARRED: "NoSchedule", Host.HOSTILE: "NoExecute"}
LIMITS = [{"max_unavailable": 1}, {"max_unavailable": 0, "max_surge": 1}]
Plan = tuple[frozenset[str], frozenset[str]]
"""Nodes for which pods are made, and pods that are deleted."""


def states(mutant: str | None = None, **constants: Any) -> Iterator[tuple[Instance, Any]]:
    """The model with two pods in every state, on nodes in every state; the set is rolled out."""
    more = {"consistency": Consistency.LIVE, "pods_fail": True}
    instance = Instance(DaemonSets, {**more, **constants}, mutant)
    places = [None, *itertools.product(range(2), LIVES, (False, True))]
    for hosts in itertools.product(Host, repeat=2):
        for first, second in itertools.product(places, repeat=2):
            model: Any = instance.new()
            model.is_rolled, model.revision = True, 2
            nodes = list(model.nodes)
            for k, host in zip(nodes, hosts, strict=True):
                model.host[k] = host
            for number, (n, pod) in enumerate(zip(model.names, (first, second), strict=True), 1):
                if pod is not None:
                    model.uid[n] = model.version[n] = number
                    model.life[n] = pod[1]
                    model.daemon[n] = Daemon(nodes[pod[0]], pod[2])
            yield instance, model


def planned_by_model(instance: Instance, model: Any) -> set[Plan]:
    """What a sync may decide."""
    found = set[Plan]()
    for step in instance.successors(save(model)):
        if step.action == "begin":
            after = dict(zip(instance.variables, step.state, strict=True))
            (makes,), (deletes,) = after["to_make"], after["to_delete"]
            made = frozenset(f"n{number}" for number, flag in enumerate(makes) if flag)
            gone = frozenset(f"p{number}" for number, uid in enumerate(deletes) if uid)
            found.add((made, gone))
    return found or {(frozenset(), frozenset())}


def planned_by_rule(model: Any) -> set[Plan]:
    """What the rule does, with the first and with the last of those that it chooses from."""
    nodes = [
        Node(
            {
                "metadata": {"name": f"n{number}"},
                "spec": {
                    "taints": [{"key": "t", "effect": TAINTS[model.host[k]]}]
                    if model.host[k] in TAINTS
                    else []
                },
            }
        )
        for number, k in enumerate(model.nodes)
        if model.host[k] != Host.ABSENT
    ]
    spec = {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"spec": {}},
        "updateStrategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {
                "maxUnavailable": model.max_unavailable,
                "maxSurge": model.max_surge,
            },
        },
    }
    meta = {"name": "d", "namespace": "default", "uid": "u"}
    owner = DaemonSet({"metadata": meta, "spec": spec})
    found = set[Plan]()
    for choose in (lambda names, count: names[:count], lambda names, count: names[-count or 99 :]):
        sync = sync_daemon_set(owner, pods_of(model), nodes, "new", NOW, choose)
        found.add((frozenset(sync.created), frozenset(sync.deleted)))
    return found


def pods_of(model: Any) -> list[Pod]:
    """The pods as objects of Kubernetes."""
    nodes, found = list(model.nodes), []
    for number, n in enumerate(model.names):
        if model.uid[n] == 0:
            continue
        revision = "new" if model.daemon[n].is_new else "old"
        meta: Any = {"name": f"p{number}", "uid": f"p{number}", "namespace": "default"}
        meta["ownerReferences"] = [{"uid": "u", "controller": True}]
        meta["labels"] = {"a": "b", "controller-revision-hash": revision}
        meta["creationTimestamp"] = f"2026-01-01T00:00:0{number}Z"
        if model.life[n] == PodLife.DELETING:
            meta["deletionTimestamp"] = "2026-01-02T00:00:00Z"
        phase = PHASES.get(model.life[n], "Running")
        conditions = [READY] if model.life[n] == PodLife.READY else []
        status = {"phase": phase, "conditions": conditions}
        place = {"nodeName": f"n{nodes.index(model.daemon[n].node)}"}
        found.append(Pod({"metadata": meta, "spec": place, "status": status}))
    return found


def differences(mutant: str | None = None, **constants: Any) -> list[Any]:
    """States in which the rule decides what the model may not."""
    return [
        (dict(model.host), dict(model.life), dict(model.daemon))
        for instance, model in states(mutant, **constants)
        if not is_left_out(model)
        and not planned_by_rule(model) <= planned_by_model(instance, model)
    ]


def is_left_out(model: Any) -> bool:
    """Whether two pods of a node have failed, which go one by one, or one's node is gone."""
    here = [n for n in model.names if model.uid[n] != 0]
    nodes = [model.daemon[n].node for n in here]
    failed = [node for n, node in zip(here, nodes, strict=True) if model.life[n] == FAILED]
    is_gone = any(model.host[node] == Host.ABSENT for node in nodes)
    return is_gone or len(failed) > len(set(failed))


@pytest.mark.sample(2)
@pytest.mark.parametrize("constants", LIMITS, ids=str)
def test_a_sync_decides_what_the_rule_does(constants: dict[str, Any]) -> None:
    assert differences(**constants) == []


@pytest.mark.parametrize(
    ("mutant", "constants"),
    [
        ("failed_stay", {}),
        ("ghost_nodes", {}),
        ("takes_all", {}),
        ("surges_anywhere", LIMITS[1]),
        ("surges_everywhere", LIMITS[1]),
        ("old_goes_first", LIMITS[1]),
    ],
)
@pytest.mark.slow
def test_a_mutant_decides_something_else(mutant: str, constants: dict[str, Any]) -> None:
    assert differences(mutant, **constants) != []

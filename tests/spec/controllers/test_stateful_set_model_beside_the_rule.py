"""The model `controllers.stateful_set` beside the rule of one sync, which recordings judge.

The set, its template and its pods are written as objects. In every assignment of lives and
templates to the pods, reachable or not, what the controller of the model does next is what the
rule writes of pods in one sync; a mutant of one of its steps does something else.
"""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.checker.lang.model import save
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.workloads.stateful_set import StatefulSets
from planespec.model.parts.informers import Consistency
from planespec.spec.controllers.apps.stateful_set_state import StatefulSet
from planespec.spec.controllers.apps.stateful_set_sync import sync_stateful_set
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

NOW = datetime(2026, 1, 2, tzinfo=UTC)
READY = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
PHASES = {
    PodLife.PENDING: "Running",
    PodLife.READY: "Running",
    PodLife.DELETING: "Running",
    PodLife.FAILED: "Failed",
    PodLife.SUCCEEDED: "Succeeded",
}
LIVES = [None, *itertools.product(PodLife, (False, True))]
STEPS = {"bring_up": "create", "bring_again": "delete", "condemn": "delete", "roll": "delete"}
SETS = [
    {"is_ordered": True},
    {"is_ordered": True, "partition": 1},
    {"is_ordered": False},
]


def template(image: str) -> Any:
    """A template of one container."""
    return {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"image": image}]}}


REVISIONS = [
    ApiObject(
        {
            "metadata": {"name": f"s-{image}"},
            "data": {"spec": {"template": template(image) | {"$patch": "replace"}}},
            "revision": number,
        }
    )
    for number, image in enumerate(("old", "new"), start=1)
]


def states(mutant: str | None = None, **constants: Any) -> Iterator[tuple[Instance, Any]]:
    """The model in every state that two pods and the set can have; all is seen as it is."""
    more = {"consistency": Consistency.LIVE, "pods_fail": True, "pods_succeed": True}
    instance = Instance(StatefulSets, {**more, **constants}, mutant)
    for replicas, rolled in itertools.product(range(3), (False, True)):
        for lives in itertools.product(LIVES, repeat=2):
            model: Any = instance.new()
            model.replicas, model.is_rolled, model.revision = replicas, rolled, 2
            for n, life in zip(model.names, lives, strict=True):
                if life is not None:
                    model.uid[n] = model.version[n] = 1
                    model.life[n], model.is_new[n] = life
            yield instance, model


def done_by_model(instance: Instance, model: Any) -> set[tuple[str, ...]]:
    """What the controller may do next: the verb, the ordinal, and the template of a new pod."""
    found = set[tuple[str, ...]]()
    for step in instance.successors(save(model)):
        if step.action in STEPS:
            n = dict(step.arguments)["n"]
            after = dict(zip(instance.variables, step.state, strict=True))
            made = STEPS[step.action] == "create"
            image = ("new" if after["is_new"][int(n)] else "old",) if made else ()
            found.add((STEPS[step.action], f"s-{int(n)}", *image))
    return found


def pods_of(model: Any) -> list[Pod]:
    """The pods as objects of Kubernetes."""
    found = []
    for number, n in enumerate(model.names):
        if model.uid[n] == 0:
            continue
        meta: Any = {"name": f"s-{number}", "namespace": "default", "uid": f"p{number}"}
        revision = "s-new" if model.is_new[n] else "s-old"
        own = {"controller-revision-hash": revision, "apps.kubernetes.io/pod-index": str(number)}
        meta["labels"] = {"statefulset.kubernetes.io/pod-name": f"s-{number}"} | own
        if model.life[n] == PodLife.DELETING:
            meta["deletionTimestamp"] = "2026-01-02T00:00:00Z"
        is_ready = model.life[n] in (PodLife.READY, PodLife.DELETING)
        status = {
            "phase": PHASES[model.life[n]],
            "conditions": [READY] if is_ready else [],
        }
        found.append(Pod({"metadata": meta, "spec": {}, "status": status}))
    return found


def done_by_rule(model: Any) -> set[tuple[str, ...]]:
    """The writes of pods in one sync of the rule."""
    spec = {
        "replicas": model.replicas,
        "selector": {"matchLabels": {"app": "a"}},
        "serviceName": "svc",
        "template": template("new" if model.is_rolled else "old"),
        "podManagementPolicy": "OrderedReady" if model.is_ordered else "Parallel",
        "updateStrategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"partition": model.partition},
        },
    }
    meta = {"name": "s", "namespace": "default", "uid": "u"}
    owner = StatefulSet({"metadata": meta, "spec": spec, "status": {"currentRevision": "s-old"}})
    sync = sync_stateful_set(owner, pods_of(model), REVISIONS, [], NOW)
    found = set[tuple[str, ...]]()
    for action in (each for stage in sync.stages for row in stage for each in row):
        if action["resource"] == "pods" and action["verb"] in ("create", "delete"):
            told = action.get("object", {}).get("labels", {})
            revision = str(told.get("controller-revision-hash", "")).removeprefix("s-")
            found.add((action["verb"], action["name"], *([revision] if revision else [])))
    return found


def differences(mutant: str | None = None, **constants: Any) -> list[Any]:
    """States in which the model does something else than the rule."""
    return [
        (model.replicas, model.is_rolled, dict(model.life), dict(model.is_new))
        for instance, model in states(mutant, **constants)
        if done_by_model(instance, model) != done_by_rule(model)
    ]


@pytest.mark.parametrize("constants", SETS, ids=str)
def test_the_controller_does_what_the_rule_writes(constants: dict[str, Any]) -> None:
    assert differences(**constants) == []


@pytest.mark.parametrize(
    ("mutant", "constants"),
    [
        ("starts_all", {}),
        ("takes_all", {}),
        ("first_goes_first", {}),
        ("success_stays", {}),
        ("partition_forgotten", {"partition": 1}),
    ],
)
def test_a_mutant_does_something_else(mutant: str, constants: dict[str, Any]) -> None:
    assert differences(mutant, **constants) != []

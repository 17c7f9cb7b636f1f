"""The collector of `apiserver.collection` walked beside the rule that recordings judge."""

from random import Random
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.checker.stateful.behaviour import Walk
from planespec.model.apiserver.stored.collection import Collection
from planespec.spec.api.collection_requirements import Life
from planespec.spec.controllers.dependents_release import finish_orphaning, release
from planespec.spec.controllers.garbage_collection import (
    FOREGROUND,
    ORPHAN,
    Collector,
    CollectorWrite,
    DependencyGraph,
    Identity,
    read_owners,
)
from planespec.spec.objects.resource_names import find_served_resource
from planespec.spec.objects.view import ApiObject

BOUNDS = {"owners": 2, "names": 2, "two_namespaces": True}
HERE, AWAY = "here", "away"
FINALIZERS = {Life.FOREGROUND: [FOREGROUND], Life.ORPHANING: [ORPHAN]}


def make_object(name: str, namespace: str, life: Life, owners: list[str]) -> ApiObject:
    metadata: dict[str, Any] = {"name": name, "namespace": namespace, "uid": f"uid-{name}"}
    metadata["resourceVersion"] = "1"
    if life in FINALIZERS:
        metadata |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": FINALIZERS[life]}
    metadata["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": each, "uid": f"uid-{each}"}
        | {"blockOwnerDeletion": True}
        for each in owners
    ]
    return ApiObject({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})


class Seen:
    """A state of the model as objects, and the rule over them."""

    def __init__(self, instance: Instance, state: tuple[Any, ...]) -> None:
        self.model = dict(zip(instance.variables, state, strict=True))
        lives = self.model["owner"]
        self.objects = [
            make_object(f"owner{n}", HERE, life, [])
            for n, life in enumerate(lives)
            if life not in (Life.NONE, Life.GONE)
        ]
        for n, life in enumerate(self.model["child"]):
            if life is Life.LIVE:
                namespace = AWAY if self.model["is_away"][n] else HERE
                owners = sorted(str(each) for each in self.model["refs"][n])
                self.objects.append(make_object(f"name{n}", namespace, life, owners))
        self.graph = DependencyGraph()
        for each in self.objects:
            self.graph.add(each)

    def get(self, identity: Identity) -> ApiObject | None:
        place = (identity.namespace, identity.name)
        return next((t for t in self.objects if (t.meta.namespace, t.name) == place), None)

    def attempt(self, name: str) -> list[CollectorWrite]:
        node = self.graph.nodes[f"uid-{name}"]
        return Collector(self.graph, find_served_resource, self.get).attempt(node)

    def find(self, name: str) -> ApiObject:
        return next(each for each in self.objects if each.name == name)


def compare_child(walk: Walk, instance: Instance, number: int) -> str:
    """What both do about a dependent that the collector looks at."""
    seen, name = Seen(instance, walk.state), f"name{number}"
    writes = seen.attempt(name)
    steps = [s for s in walk.enabled("examine") if str(dict(s.arguments)["c"]) == name]
    if not steps:
        assert writes == []
        return "left"
    after = dict(zip(instance.variables, steps[0].state, strict=True))
    assert len(writes) == 1
    if name in {str(each) for each in after["doomed"]}:
        assert writes[0].verb == "delete"
        assert writes[0].body["preconditions"]["uid"] == f"uid-{name}"
        return "deleted"
    dropped = seen.model["refs"][number] - after["refs"][number]
    entries = [{"$patch": "delete", "uid": f"uid-{each}"} for each in dropped]
    told = writes[0].body["metadata"]["ownerReferences"]
    assert sorted(told, key=str) == sorted(entries, key=str)
    return "patched"


def compare_owner(walk: Walk, instance: Instance, number: int) -> str:
    """What both do about an owner that waits, in the foreground or for its orphans."""
    seen, name = Seen(instance, walk.state), f"owner{number}"
    life = seen.model["owner"][number]
    action = "end_foreground" if life is Life.FOREGROUND else "end_orphaning"
    ends = any(str(dict(s.arguments)["o"]) == name for s in walk.enabled(action))
    if life is Life.FOREGROUND:
        assert bool(seen.attempt(name)) == ends
        return "foreground ends" if ends else "foreground waits"
    named = {str(dict(s.arguments)["c"]) for s in walk.enabled("release")} if not ends else set()
    owner, uid = seen.find(name), f"uid-{name}"
    dependents = [each for each in seen.objects if uid in {o.uid for o in read_owners(each)}]
    assert ends == (not dependents)
    assert {each.name for each in dependents} <= named
    for each in dependents:
        assert release(each, uid).body["metadata"]["uid"] == each.meta.uid
    assert "finalizers" not in finish_orphaning(owner).body["metadata"]
    return "orphaning ends" if ends else "orphaning waits"


def walk_beside(mutant: str, seed: int, walks: int) -> set[str]:
    """Walk the model, comparing every state; returns what was decided."""
    instance, rng = Instance(Collection, BOUNDS, *[mutant][: bool(mutant)]), Random(seed)
    walk, found = Walk(instance, native=False), set[str]()
    for _ in range(walks):
        walk.begin(0)
        for _ in range(14):
            steps = [s for each in instance.actions for s in walk.enabled(each.name)]
            if not steps:
                break
            walk.take(rng.choice(steps))
            found |= compare_state(walk, instance)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_the_collector_of_the_model_decides_as_the_rule(seed: int) -> None:
    found = walk_beside("", seed, 12)
    assert {"left", "deleted", "foreground waits", "orphaning waits"} <= found


def compare_state(walk: Walk, instance: Instance) -> set[str]:
    model = dict(zip(instance.variables, walk.state, strict=True))
    doomed = {str(each) for each in model["doomed"]}
    found = {
        compare_child(walk, instance, n)
        for n, life in enumerate(model["child"])
        if life is Life.LIVE and f"name{n}" not in doomed
    }
    waiting = (Life.FOREGROUND, Life.ORPHANING)
    owners = [n for n, life in enumerate(model["owner"]) if life in waiting]
    return found | {compare_owner(walk, instance, n) for n in owners}


@pytest.mark.parametrize("mutant", ["one_ends_all_end", "end_foreground_early"])
def test_mutants_of_the_model_are_not_the_rule(mutant: str) -> None:
    with pytest.raises(AssertionError):
        walk_beside(mutant, 3, 200)

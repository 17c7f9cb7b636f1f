"""The garbage collector deletes what has no owner left, and nothing else."""

from collections.abc import Mapping
from typing import Any

import pytest

from planespec.spec.controllers.garbage_collection import (
    FOREGROUND,
    ORPHAN,
    AbsentError,
    CollectionError,
    Collector,
    CollectorWrite,
    DependencyGraph,
    ScopeError,
    UnknownKindError,
)
from planespec.spec.objects.view import ApiObject

KNOWN = {("v1", "ConfigMap"): ("configmaps", True), ("v1", "Node"): ("nodes", False)}
DELETED = "2026-01-01T00:00:00Z"


def make(
    name: str, *owners: Mapping[str, Any], kind: str = "ConfigMap", **metadata: Any
) -> ApiObject:
    namespace = {} if kind == "Node" else {"namespace": "a"}
    fixed = {"name": name, "uid": name, "resourceVersion": "7", "ownerReferences": list(owners)}
    return ApiObject(
        {"apiVersion": "v1", "kind": kind, "metadata": {**fixed, **namespace, **metadata}}
    )


def refer(
    name: str, kind: str = "ConfigMap", version: str = "v1", **more: Any
) -> Mapping[str, Any]:
    return {"apiVersion": version, "kind": kind, "name": name, "uid": name, **more}


class World:
    """A graph of these objects and a server that has all or some of them."""

    def __init__(self, *things: ApiObject, gone: tuple[str, ...] = ()) -> None:
        self.graph = DependencyGraph()
        for thing in things:
            self.graph.add(thing)
        present = {
            (t.text("kind"), t.meta.namespace, t.name): t for t in things if t.name not in gone
        }
        self.collector = Collector(
            self.graph,
            lambda version, kind: KNOWN.get((version, kind)),
            lambda place: present.get((place.kind, place.namespace, place.name)),
        )

    def attempt(self, name: str) -> list[CollectorWrite]:
        return self.collector.attempt(self.graph.nodes[name])

    def fail(self, name: str) -> CollectionError:
        with pytest.raises(CollectionError) as caught:
            self.attempt(name)
        return caught.value


def test_an_object_without_owners_or_with_one_that_lives_stays() -> None:
    world = World(make("o"), make("d", refer("o")))
    assert world.attempt("o") == world.attempt("d") == []


def test_an_object_whose_owners_are_all_gone_is_deleted_as_it_was_seen() -> None:
    [write] = World(make("d", refer("gone"))).attempt("d")
    assert (write.verb, write.resource) == ("delete", "configmaps")
    assert write.body == {
        "preconditions": {"uid": "d", "resourceVersion": "7"},
        "propagationPolicy": "Background",
    }


@pytest.mark.parametrize(
    ("finalizer", "policy"),
    [(ORPHAN, "Orphan"), (FOREGROUND, "Foreground"), ("x/y", "Background")],
)
def test_a_deletion_honours_the_finalizers_that_are_there(finalizer: str, policy: str) -> None:
    [write] = World(make("d", refer("gone"), finalizers=[finalizer])).attempt("d")
    assert write.body["propagationPolicy"] == policy


def test_an_owner_under_the_same_name_with_another_uid_is_none() -> None:
    world = World(make("o"), make("d", {**refer("o"), "uid": "old"}))
    assert [write.verb for write in world.attempt("d")] == ["delete"]


def test_of_several_owners_the_gone_ones_are_dropped_while_one_lives() -> None:
    [write] = World(make("o"), make("d", refer("gone"), refer("o"))).attempt("d")
    dropped = [{"$patch": "delete", "uid": "gone"}]
    assert write.body == {"metadata": {"ownerReferences": dropped, "uid": "d"}}


def test_foreground_deletion_waits_for_dependents_that_block() -> None:
    """As TestProcessDeletingDependentsItem... of garbagecollector_test.go."""
    owner = make("o", deletionTimestamp=DELETED, finalizers=[FOREGROUND, "x/y"])
    waiting = World(owner, make("d", refer("o", blockOwnerDeletion=True)))
    waiting.graph.to_delete.clear()
    assert waiting.attempt("o") == []
    assert [node.identity.name for node in waiting.graph.to_delete] == ["d"]
    [write] = World(owner, make("d", refer("o"))).attempt("o")
    assert write.body == {"metadata": {"resourceVersion": "7", "finalizers": ["x/y"]}}


def test_a_dependent_of_one_that_waits_goes_in_the_foreground_and_a_circle_is_broken() -> None:
    owner = make("o", refer("d"), deletionTimestamp=DELETED, finalizers=[FOREGROUND])
    world = World(owner, make("d", refer("o", blockOwnerDeletion=True)))
    unblock, delete = world.attempt("d")
    assert unblock.body["metadata"]["ownerReferences"] == [refer("o", blockOwnerDeletion=False)]
    assert delete.body["propagationPolicy"] == "Foreground"


def test_an_object_that_is_being_deleted_otherwise_is_left_alone() -> None:
    world = World(make("d", refer("gone"), deletionTimestamp=DELETED, finalizers=["x/y"]))
    assert world.attempt("d") == []


def test_nothing_is_decided_without_the_kind_the_scope_or_the_object() -> None:
    unknown = World(make("d", refer("t", "Thing", "example.com/v1")))
    assert isinstance(unknown.fail("d"), UnknownKindError)
    assert isinstance(World(make("n", refer("o"), kind="Node")).fail("n"), ScopeError)
    assert isinstance(World(make("d"), gone=("d",)).fail("d"), AbsentError)


def test_a_virtual_owner_is_queued_and_becomes_the_object_that_comes() -> None:
    graph = DependencyGraph()
    graph.add(make("d", refer("o")))
    [virtual] = graph.to_delete
    assert virtual.is_virtual
    graph.add(make("o", refer("p")))
    owner = graph.nodes["o"]
    assert (owner.is_virtual, owner is virtual) == (False, True)
    assert [node.identity.name for node in owner.dependents] == ["d"]


def test_a_dependent_that_names_its_owner_wrongly_is_looked_at_and_told() -> None:
    graph = DependencyGraph()
    graph.add(make("o"))
    elsewhere = make("d", refer("o"), namespace="b")
    graph.add(elsewhere)
    assert [node.identity.name for node in graph.to_delete] == ["d"]
    assert graph.events == [
        "Warning OwnerRefInvalidNamespace ownerRef [v1/ConfigMap, namespace: b, name: o, uid: o]"
        ' does not exist in namespace "b"'
    ]
    late = DependencyGraph()
    late.add(elsewhere)
    late.add(make("o"))
    assert late.events == graph.events

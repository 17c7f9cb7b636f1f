"""How a namespace ends, and how dependents are let go."""

from typing import Any

from planespec.spec.controllers.dependents_release import finish_orphaning, release
from planespec.spec.controllers.namespace_deletion import (
    finalize,
    list_conditions,
    may_delete_content,
)
from planespec.spec.objects.view import ApiObject

NOW, BEFORE = "2026-01-01T00:00:05Z", "2026-01-01T00:00:00Z"


def make_namespace(*finalizers: str, is_deleting: bool = True) -> ApiObject:
    metadata = {"name": "a"} | ({"deletionTimestamp": BEFORE} if is_deleting else {})
    return ApiObject({"metadata": metadata, "spec": {"finalizers": [*finalizers]}})


def find(conditions: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(each for each in conditions if each["type"] == kind)


def test_only_a_namespace_that_ends_loses_its_content() -> None:
    assert may_delete_content(make_namespace("kubernetes"))
    assert not may_delete_content(make_namespace("kubernetes", is_deleting=False))
    assert not may_delete_content(make_namespace("x.io/own"))
    assert finalize(make_namespace("x.io/own", "kubernetes")) == ["x.io/own"]


def test_what_is_left_is_told_and_keeps_its_time_while_it_stays_so() -> None:
    first = list_conditions([], {"pods.": 2, "configmaps.": 1}, {"x.io/hold": 1}, BEFORE)
    left = find(first, "NamespaceContentRemaining")
    assert left["message"] == (
        "Some resources are remaining: configmaps. has 1 resource instances,"
        " pods. has 2 resource instances"
    )
    assert (left["status"], left["reason"]) == ("True", "SomeResourcesRemain")
    held = find(first, "NamespaceFinalizersRemaining")
    assert held["message"].endswith("finalizers remaining: x.io/hold in 1 resource instances")
    second = list_conditions(first, {"pods.": 1}, {}, NOW)
    assert find(second, "NamespaceContentRemaining")["lastTransitionTime"] == BEFORE
    assert find(second, "NamespaceFinalizersRemaining")["lastTransitionTime"] == NOW
    assert find(second, "NamespaceFinalizersRemaining")["reason"] == "ContentHasNoFinalizers"


def test_dependents_forget_their_owner_and_then_it_may_go() -> None:
    metadata = {"name": "o", "uid": "u", "resourceVersion": "7"}
    owner = ApiObject(
        {"kind": "ConfigMap", "metadata": metadata | {"finalizers": ["x.io/hold", "orphan"]}}
    )
    body = finish_orphaning(owner).body
    assert body == {"metadata": {"resourceVersion": "7", "finalizers": ["x.io/hold"]}}
    dependent = ApiObject({"kind": "Secret", "metadata": {"name": "d", "uid": "v"}})
    write = release(dependent, "u")
    assert (write.verb, write.resource, write.name) == ("patch", "secrets", "d")
    assert write.body["metadata"]["uid"] == "v"

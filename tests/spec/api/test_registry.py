"""What requests do to stored objects: versions, names, finalizers, graceful deletion, dry runs."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.reports.input.schema_files import load_merge_types
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.known_kinds import KINDS
from planespec.spec.api.deletion import DeleteOptions, read_delete_options
from planespec.spec.api.object_api import ObjectApi, Request
from planespec.spec.api.registry import Registry

POD = {"containers": [{"name": "c", "image": "i:1"}], "terminationGracePeriodSeconds": 30}


class Counting:
    """Revisions that count, and a clock that is set."""

    def __init__(self) -> None:
        self.revision, self.now = 0, "2026-01-01T00:00:00Z"

    def make_uid(self) -> str:
        return f"uid-{self.revision}"

    def make_suffix(self) -> str:
        return "bcdfg"

    def advance(self) -> int:
        self.revision += 1
        return self.revision

    def tell_time(self) -> str:
        return self.now


def make_registry(kind: str = "ConfigMap") -> Registry:
    strategy = KINDS[kind][0]
    return Registry(strategy, "n" if strategy.is_namespaced else "", Counting())


def make_map(name: str = "a", **meta: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **meta}}


def make_pod(registry: Registry, node: str = "node", **meta: Any) -> dict[str, Any]:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", **meta}}
    return registry.create(pod | {"spec": copy.deepcopy(POD) | {"nodeName": node}})


def list_events(registry: Registry) -> list[tuple[str, int]]:
    return [(each.type, each.revision) for each in registry.events]


def refuse(call: Any, code: int) -> ApiError:
    with pytest.raises(ApiError) as raised:
        call()
    assert raised.value.code == code
    return raised.value


def test_a_generated_name_is_cut_and_ends_in_five_letters() -> None:
    made = make_registry().create(make_map("", generateName="x" * 70))
    assert made["metadata"]["name"] == "x" * 58 + "bcdfg"


def test_a_new_object_has_no_version_and_no_time_of_deletion() -> None:
    registry = make_registry()
    made = registry.create(make_map(deletionTimestamp="2026-01-01T00:00:00Z", uid="mine"))
    assert "deletionTimestamp" not in made["metadata"]
    assert made["metadata"]["uid"] != "mine"
    error = refuse(lambda: registry.create(make_map("b", resourceVersion="5")), 500)
    assert error.message == "resourceVersion should not be set on objects to be created"


def test_an_update_needs_the_current_version_or_none() -> None:
    registry = make_registry()
    first = registry.create(make_map())
    registry.update("a", lambda _old: make_map(labels={"l": "1"}))
    stale = copy.deepcopy(first)
    assert refuse(lambda: registry.update("a", lambda _old: stale), 409).reason == "Conflict"
    refuse(lambda: registry.update("a", lambda _old: make_map(resourceVersion="x")), 500)
    refuse(lambda: registry.update("b", lambda _old: make_map("b")), 404)


def test_some_kinds_say_which_version_they_change_and_are_created_by_an_update() -> None:
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "a"}}
    registry = make_registry("Lease")
    made, is_new = registry.update("a", lambda _old: copy.deepcopy(lease))
    assert is_new
    error = refuse(lambda: registry.update("a", lambda _old: copy.deepcopy(lease)), 422)
    assert "metadata.resourceVersion: Invalid value: 0" in error.message
    assert not registry.update("a", lambda _old: copy.deepcopy(made))[1]


def test_what_changes_nothing_writes_nothing() -> None:
    registry = make_registry()
    made = registry.create(make_map())
    registry.update("a", lambda old: old or {})
    assert registry.get("a")["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    assert list_events(registry) == [("ADDED", 1)]


def test_an_object_with_finalizers_goes_with_the_last_of_them() -> None:
    registry = make_registry()
    registry.create(make_map(finalizers=["x.io/a"]))
    assert registry.delete("a", DeleteOptions()) is not None
    assert refuse(lambda: registry.create(make_map()), 409).message.startswith("object is being")
    added = make_map(finalizers=["x.io/a", "x.io/b"])
    refuse(lambda: registry.update("a", lambda _old: added), 422)
    registry.update("a", lambda _old: make_map())
    assert list_events(registry) == [("ADDED", 1), ("MODIFIED", 2), ("DELETED", 3)]
    refuse(lambda: registry.get("a"), 404)


@pytest.mark.parametrize(
    ("present", "options", "left"),
    [
        ([], {"propagationPolicy": "Orphan"}, ["orphan"]),
        ([], {"propagationPolicy": "Foreground"}, ["foregroundDeletion"]),
        (["orphan"], {"propagationPolicy": "Background"}, []),
        (["orphan", "x.io/a"], {"propagationPolicy": "Foreground"}, None),
        (["foregroundDeletion"], {}, ["foregroundDeletion"]),
        (["foregroundDeletion"], {"orphanDependents": True}, ["orphan"]),
        (["orphan"], {"orphanDependents": False}, []),
    ],
)
def test_a_policy_sets_and_takes_the_finalizers_of_collection(
    present: list[str], options: dict[str, Any], left: list[str] | None
) -> None:
    registry = make_registry()
    registry.create(make_map(finalizers=present))
    made = registry.delete("a", read_delete_options(options))
    found = made["metadata"]["finalizers"] if made else []
    assert found == (["x.io/a", "foregroundDeletion"] if left is None else left)


def test_a_pod_on_a_node_has_time_and_it_can_only_become_shorter() -> None:
    registry = make_registry("Pod")
    make_pod(registry)
    made = registry.delete("a", DeleteOptions())
    assert made is not None
    meta = made["metadata"]
    assert (meta["deletionTimestamp"], meta["generation"]) == ("2026-01-01T00:00:30Z", 2)
    registry.delete("a", DeleteOptions(grace=60))
    assert registry.get("a")["metadata"]["deletionGracePeriodSeconds"] == 30
    registry.delete("a", DeleteOptions(grace=10))
    assert registry.get("a")["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:10Z"
    registry.chance.now = "2026-01-01T00:00:09Z"
    registry.delete("a", DeleteOptions(grace=5))
    meta = registry.get("a")["metadata"]
    assert (meta["deletionTimestamp"], meta["deletionGracePeriodSeconds"]) == (
        "2026-01-01T00:00:09Z",
        1,
    )
    registry.delete("a", DeleteOptions(grace=0))
    assert [each for each, _ in list_events(registry)[-2:]] == ["MODIFIED", "DELETED"]


@pytest.mark.parametrize(
    ("node", "phase", "grace", "is_gone"),
    [
        ("", "", None, True),
        ("node", "Succeeded", 30, True),
        ("node", "", 0, True),
        ("node", "", -5, False),
    ],
)
def test_a_pod_that_does_not_run_goes_at_once(
    node: str, phase: str, grace: int | None, is_gone: bool
) -> None:
    registry = make_registry("Pod")
    made = make_pod(registry, node)
    made["status"]["phase"] = phase
    registry.delete("a", DeleteOptions(grace=grace))
    assert ("a" not in registry.objects) == is_gone


REQUESTS = st.lists(
    st.sampled_from(["create", "update", "delete", "finalizers", "orphan"]), max_size=8
)


@given(REQUESTS, REQUESTS)
def test_a_dry_run_leaves_no_trace(before: list[str], dry: list[str]) -> None:
    registry = make_registry()
    for each in before:
        send(registry, each, dry_run=False)
    objects, events = copy.deepcopy(registry.objects), len(registry.events)
    for each in dry:
        send(registry, each, dry_run=True)
    assert (registry.objects, len(registry.events)) == (objects, events)


def send(registry: Registry, request: str, *, dry_run: bool) -> None:
    finalizers = {"finalizers": ["x.io/a"]} if request == "finalizers" else {}
    try:
        if request == "create":
            registry.create(make_map(), dry_run=dry_run)
        elif request in ("delete", "orphan"):
            policy = "Orphan" if request == "orphan" else None
            registry.delete("a", DeleteOptions(policy=policy, dry_run=dry_run))
        else:
            registry.update("a", lambda _old: make_map(**finalizers), dry_run=dry_run)
    except ApiError:
        return


@given(REQUESTS)
def test_revisions_rise_and_a_refused_request_changes_nothing(requests: list[str]) -> None:
    registry = make_registry()
    for each in requests:
        before, events = copy.deepcopy(registry.objects), len(registry.events)
        try:
            if each == "create":
                registry.create(make_map())
            else:
                registry.update("b", lambda _old: make_map("b"))
        except ApiError:
            assert (registry.objects, len(registry.events)) == (before, events)
    revisions = [each.revision for each in registry.events]
    assert revisions == sorted(set(revisions))


def test_options_of_a_write_are_held_to_its_kind() -> None:
    api = ObjectApi(KINDS["ConfigMap"][0], "n", Counting(), load_merge_types())
    merge, apply = "application/merge-patch+json", "application/apply-patch+yaml"
    error = refuse(lambda: api.patch("a", {}, Request({"force": "true"}, "m", merge)), 422)
    assert "force: Forbidden: may not be specified for non-apply patch" in error.message
    error = refuse(lambda: api.patch("a", {}, Request({}, "", apply)), 422)
    assert "fieldManager: Required value: is required for apply patch" in error.message
    error = refuse(lambda: api.patch("a", {}, Request({"dryRun": "Some"}, "m", merge)), 422)
    assert 'dryRun: Unsupported value: "Some"' in error.message

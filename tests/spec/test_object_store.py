"""The store keeps what objects have in common once, and gives back each as it was."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.objects import GapError, Node, ObjectError, ObjectMeta, Pod, View
from planespec.spec.objects.interning import Interner, Stored
from planespec.spec.objects.object_store import (
    Store,
    by_label,
    by_namespace,
    by_node,
    by_owner,
    by_uid,
)

Object = dict[str, Any]
TIME = "2026-01-01T00:00:00Z"


def put(store: Store, data: Object) -> Stored:
    view = View(data)
    return store.put(store.identify(view, ObjectMeta(data.get("metadata"), "metadata")), data)


def pod(name: str, node: str = "n1", **spec: Any) -> Object:
    """A pod as an API server shows it, with a token volume of its own."""
    token = f"kube-api-access-{name}"
    container = {"name": "c", "image": "i", "volumeMounts": [{"name": token, "mountPath": "/t"}]}
    status = {"containerID": f"containerd://{name}", "restartCount": 0, "image": "i"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "a", "uid": f"u-{name}", "labels": {"app": "x"}},
        "spec": {
            "nodeName": node,
            "containers": [container],
            "volumes": [{"name": token}],
            **spec,
        },
        "status": {
            "phase": "Running",
            "podIP": f"10.0.0.{len(name)}",
            "conditions": [{"type": "Ready", "lastTransitionTime": TIME}],
            "containerStatuses": [status],
        },
    }


scalars = (
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from([0.0, 1.0, "", "1", TIME])
)
values = st.recursive(
    scalars | st.sampled_from(["kube-api-access-1", "kube-api-access-2", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "ip", "running", "hostPID"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def some(*names: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An object with some of the fields; those without a strategy, and others, hold anything."""
    anything = dict.fromkeys((*names, "other"), values)
    return st.fixed_dictionaries({}, optional=anything | fields) | values


ended = some("startedAt", "containerID", "finishedAt")
state = some(running=ended, terminated=ended)
containers = st.lists(some("name", volumeMounts=st.lists(some("name"), max_size=2)), max_size=2)
statuses = st.lists(some("restartCount", "containerID", state=state, lastState=state), max_size=2)
pods = st.fixed_dictionaries(
    {},
    optional={
        "spec": some(
            "nodeName",
            "hostPID",
            containers=containers,
            volumes=st.lists(some("name"), max_size=2),
        ),
        "status": some(
            "phase",
            "startTime",
            "podIP",
            conditions=st.lists(some("lastTransitionTime"), max_size=3),
            podIPs=st.lists(some("ip"), max_size=2),
            containerStatuses=statuses,
        ),
        "other": values,
    },
)


def read_every_path(view: View) -> None:
    """Read whatever the view holds, field by field, and compare it with the JSON below."""
    for name, value in view.data.items():
        assert view.has(name) == (value is not None)
        if isinstance(value, str):
            assert view.text(name) == value
        elif isinstance(value, bool):
            assert view.flag(name) is value
        elif isinstance(value, int):
            assert view.integer(name) == value
        elif isinstance(value, dict):
            read_every_path(view.view(name))
        elif isinstance(value, list):
            assert view.items(name) == value
            for item in value:
                if isinstance(item, dict):
                    read_every_path(View(item))


@given(st.lists(pods, min_size=1, max_size=6))
def test_every_field_of_a_pod_reads_as_it_stands_in_the_input(parts: list[Object]) -> None:
    """Whatever they share: also the order of fields, and 1 is neither true nor 1.0."""
    store = Store()
    written: list[Object] = [
        {"kind": "Pod", "metadata": {"name": f"p{number}", "uid": "u"}, **part}
        for number, part in enumerate(parts)
    ]
    before = [json.dumps(each) for each in written]
    for each in written:
        put(store, each)
    for _ in range(2):
        read = [each.to_json() for each in store]
        assert [json.dumps(each) for each in read] == before
    for stored, data in zip(store, written, strict=True):
        assert Pod(stored).data == data
        read_every_path(Pod(stored))
    assert [json.dumps(each) for each in written] == before, "what is put in is not changed"


def test_equal_values_of_different_types_stay_apart() -> None:
    data = pod("a") | {"status": {"hostIP": True, "podIP": 1, "startTime": 1.0, "phase": "1"}}
    data["metadata"] |= {"uid": "1", "resourceVersion": "1", "creationTimestamp": 1}
    assert json.dumps(put(Store(), data).to_json()) == json.dumps(data)


def test_pods_of_one_controller_share_their_spec() -> None:
    store = Store()
    first, second = put(store, pod("a", "n1")), put(store, pod("bb", "n2"))
    assert first.spec is second.spec
    assert first.status is second.status
    assert first.metadata is second.metadata
    assert (Pod(first).node_name, Pod(second).node_name) == ("n1", "n2")
    assert Pod(second).spec.views("volumes")[0].text("name") == "kube-api-access-bb"


def test_a_store_that_forgets_what_it_could_share_still_has_all_of_it() -> None:
    store = Store(Interner(kept=2))
    written = [pod(f"p{number}", args=number % 2) for number in range(9)]
    for each in written:
        put(store, each)
    assert [each.to_json() for each in store] == written


def test_a_field_that_nobody_listed_parts_specs() -> None:
    store = Store()
    plain, special = put(store, pod("a")), put(store, pod("b", hostPID=True))
    assert plain.spec is not special.spec
    assert [Pod(each).spec.flag("hostPID") for each in (plain, special)] == [False, True]


def test_what_differs_cannot_be_read_from_what_is_shared() -> None:
    store = Store()
    spec = put(store, pod("a")).spec
    assert spec is not None
    shared = View(spec.data, "spec")
    assert shared.views("containers")[0].text("image") == "i"
    with pytest.raises(GapError):
        shared.text("nodeName")
    with pytest.raises(GapError):
        shared.views("volumes")[0].text("name")


def test_what_follows_from_a_shared_part_is_computed_once() -> None:
    store = Store()
    calls = []

    def count_containers(spec: Object) -> int:
        calls.append(spec)
        return len(spec["containers"])

    for name in "abc":
        spec = put(store, pod(name)).spec
        assert spec is not None
        assert spec.derive(count_containers) == 1
    assert len(calls) == 1


def test_a_group_is_part_of_the_identity_and_a_version_is_not() -> None:
    store = Store()
    meta = {"name": "web", "namespace": "a"}
    for version in ("v1", "serving.knative.dev/v1"):
        put(store, {"apiVersion": version, "kind": "Service", "metadata": meta})
    for version in ("extensions/v1beta1", "networking.k8s.io/v1"):
        put(store, {"apiVersion": version, "kind": "Ingress", "metadata": meta})
    assert len(store) == 3
    assert [each.version for each in store.list("Service")] == ["v1"]
    assert [each.version for each in store.list("Service", "serving.knative.dev")] == [
        "serving.knative.dev/v1"
    ]
    assert [each.version for each in store.list("Ingress")] == ["networking.k8s.io/v1"]
    found = store.find_named("Service", "a", "web")
    assert found is not None
    assert found.key.group == ""


@pytest.mark.parametrize(
    ("version", "kind", "said", "namespace"),
    [
        ("v1", "Node", "a", ""),
        ("v1", "Pod", "", "default"),
        ("config.openshift.io/v1", "Node", "", "default"),
        ("config.openshift.io/v1", "Node", "a", "a"),
    ],
)
def test_only_kinds_of_kubernetes_are_known_to_have_no_namespace(
    version: str, kind: str, said: str, namespace: str
) -> None:
    data = {"apiVersion": version, "kind": kind, "metadata": {"name": "x", "namespace": said}}
    assert put(Store(), data).key.namespace == namespace


def test_the_events_of_a_watch_are_steps() -> None:
    store = Store()
    assert store.apply("ADDED", pod("a")).before is None
    change = store.apply("MODIFIED", pod("a", "n2"))
    assert change.before is not None
    assert change.after is not None
    assert [Pod(each).node_name for each in (change.before, change.after)] == ["n1", "n2"]
    earlier = store.copy()
    assert store.apply("BOOKMARK", {"kind": "Pod"}) == (None, None)
    gone = store.apply("DELETED", pod("a", "n2"))
    assert gone.before is change.after
    assert gone.after is None
    assert (len(store), len(earlier)) == (0, 1)
    assert store.apply("DELETED", pod("a")).before is None
    with pytest.raises(ObjectError, match="is not a watch event"):
        store.apply("CHANGED", pod("a"))


def test_what_was_listed_and_is_absent_differs_from_what_is_not_known() -> None:
    store = Store()
    assert not store.knows("Pod")
    put(store, pod("a"))
    store.note_kind("Secret")
    assert store.knows("Pod")
    assert store.knows("Secret")
    assert not store.knows("ConfigMap")
    assert store.knows_absence("Pod", "a")
    assert not store.knows_absence("Pod", "b")
    assert not store.knows_absence("Secret", "a")
    put(store, pod("x") | {"metadata": {"name": "x", "namespace": "c"}})
    assert store.knows_absence("Pod", "b")
    store.apply("DELETED", pod("a"))
    assert store.knows("Pod")


def test_indexes_follow_every_change() -> None:
    store = Store()
    owner = {"ownerReferences": [{"uid": "o", "kind": "ReplicaSet"}, {"uid": "o"}, {"uid": "q"}]}
    put(store, pod("a"))
    owned = pod("b")
    owned["metadata"] |= owner
    assert [each.key.name for each in store.find(by_node, "n1")] == ["a"]
    put(store, owned)
    put(store, pod("a", "n2"))
    assert [each.key.name for each in store.find(by_node, "n1")] == ["b"]
    assert [each.key.name for each in store.find(by_node, "n2")] == ["a"]
    assert [each.key.name for each in store.find(by_uid, "u-b")] == ["b"]
    assert {each.key.name for each in store.find(by_namespace, ("Pod", "a"))} == {"a", "b"}
    assert {each.key.name for each in store.find(by_label, ("app", "x"))} == {"a", "b"}
    assert [each.key.name for each in store.find(by_owner, "q")] == ["b"]
    store.apply("DELETED", owned)
    assert not list(store.find(by_owner, "o"))
    assert not list(store.find(by_node, "n1"))


def test_an_index_leaves_out_what_cannot_be_read() -> None:
    store = Store()
    assert not list(store.find(by_node, "n1"))
    put(store, pod("a") | {"spec": {"nodeName": ["n1"]}})
    put(store, pod("b"))
    assert [each.key.name for each in store.find(by_node, "n1")] == ["b"]
    assert store.apply("DELETED", pod("a")).before is not None


@pytest.mark.parametrize("data", [3, [], "x"])
def test_what_is_no_object_is_refused(data: object) -> None:
    store = Store()
    key = put(store, pod("a")).key
    with pytest.raises(ObjectError, match="must be an object"):
        store.put(key, data)


def test_an_object_is_nested_only_so_deep() -> None:
    deep: Any = {}
    for _ in range(3000):
        deep = {"a": deep}
    with pytest.raises(ObjectError, match="nested too deeply"):
        put(Store(), {"kind": "Node", "metadata": {"name": "n"}, "spec": deep})


def test_parts_of_the_wrong_type_stay_as_they_are() -> None:
    data: Object = {"kind": "Node", "metadata": {"name": "n"}, "spec": [1], "status": None}
    stored = put(Store(), copy.deepcopy(data))
    assert stored.to_json() == data
    with pytest.raises(ObjectError, match="spec: must be an object, not a list"):
        _ = Node(stored).spec

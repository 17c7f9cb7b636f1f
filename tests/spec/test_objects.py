"""Views read fields with their types and name the field that has the wrong one."""

from collections.abc import Callable

import pytest

from planespec.spec.objects import Node, ObjectError, Pod, Taint, Toleration, View

POD = {
    "metadata": {"name": "p", "namespace": "n", "labels": {"a": "b"}, "uid": "u"},
    "spec": {
        "nodeName": "node-1",
        "priority": 5,
        "priorityClassName": "high",
        "nodeSelector": {"disk": "ssd"},
        "overhead": {"cpu": "10m"},
        "tolerations": [{"key": "k", "operator": "Exists", "tolerationSeconds": 30}],
        "initContainers": [{"name": "i", "restartPolicy": "Always"}],
        "containers": [
            {
                "name": "c",
                "image": "nginx",
                "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}},
            }
        ],
    },
    "status": {"phase": "Failed"},
}


def test_a_pod_is_read_field_by_field() -> None:
    pod = Pod(POD)
    assert (pod.meta.name, pod.meta.namespace, pod.meta.uid) == ("p", "n", "u")
    assert pod.meta.labels == {"a": "b"}
    assert (pod.node_name, pod.priority, pod.priority_class_name) == ("node-1", 5, "high")
    assert pod.node_selector == {"disk": "ssd"}
    assert pod.tolerations == [Toleration("k", "Exists", "", "", 30)]
    assert str(pod.overhead["cpu"]) == "10m"
    assert pod.is_terminal
    assert [container.name for container in pod.containers] == ["c"]
    assert pod.containers[0].image == "nginx"
    assert str(pod.containers[0].resources.limits["memory"]) == "1Gi"
    assert pod.init_containers[0].restarts_always


def test_a_node_is_read_field_by_field() -> None:
    node = Node(
        {
            "metadata": {"name": "n", "deletionTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {
                "unschedulable": True,
                "taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}],
            },
            "status": {"allocatable": {"cpu": "4"}, "capacity": {"cpu": "8"}},
        }
    )
    assert (node.name, node.is_unschedulable, node.meta.is_deleting) == ("n", True, True)
    assert node.taints == [Taint("k", "v", "NoSchedule")]
    assert (node.allocatable["cpu"].value, node.capacity["cpu"].value) == (4, 8)


def test_absent_and_null_fields_read_as_empty() -> None:
    for data in ({}, {"metadata": None, "spec": None, "status": None}):
        pod, node = Pod(data), Node(data)
        assert (pod.meta.name, pod.meta.labels, pod.containers) == ("", {}, [])
        assert (pod.priority, pod.resources, pod.phase) == (None, None, "")
        assert (node.taints, node.allocatable, node.is_unschedulable) == ([], {}, False)


WRONG: list[tuple[str, dict[str, object], Callable[[Pod], object], str]] = [
    ("text", {"spec": {"nodeName": 1}}, lambda p: p.node_name, "spec.nodeName: must be a string"),
    (
        "integer",
        {"spec": {"priority": "5"}},
        lambda p: p.priority,
        "spec.priority: must be an integer, not a string",
    ),
    (
        "boolean for an integer",
        {"spec": {"priority": True}},
        lambda p: p.priority,
        "spec.priority: must be an integer, not a boolean",
    ),
    (
        "list",
        {"spec": {"containers": {}}},
        lambda p: p.containers,
        "spec.containers: must be a list, not an object",
    ),
    (
        "object in a list",
        {"spec": {"containers": [{}, 7]}},
        lambda p: p.containers,
        "spec.containers[1]: must be an object, not an integer",
    ),
    (
        "object",
        {"spec": "x"},
        lambda p: p.spec,
        "spec: must be an object, not a string",
    ),
    (
        "text in a map",
        {"metadata": {"labels": {"a": 1.5}}},
        lambda p: p.meta.labels,
        "metadata.labels.a: must be a string, not a number",
    ),
    (
        "quantity",
        {"spec": {"overhead": {"cpu": "lots"}}},
        lambda p: p.overhead,
        "spec.overhead.cpu: quantities must match the regular expression",
    ),
    (
        "quantity of another type",
        {"spec": {"overhead": {"cpu": []}}},
        lambda p: p.overhead,
        "spec.overhead.cpu: a quantity is a string or a number, not list",
    ),
]


@pytest.mark.parametrize(
    ("data", "read", "message"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_a_wrong_type_is_reported_with_the_path_of_the_field(
    data: dict[str, object], read: Callable[[Pod], object], message: str
) -> None:
    with pytest.raises(ObjectError) as caught:
        read(Pod(data))
    assert str(caught.value).startswith(message)


def test_the_error_of_a_nested_object_starts_at_its_root() -> None:
    with pytest.raises(ObjectError) as caught:
        View({"a": [{"b": {"c": 1}}]}, "items[3]").views("a")[0].view("b").text("c")
    assert caught.value.field == "items[3].a[0].b.c"


def test_a_flag_and_a_list_of_texts_are_checked() -> None:
    with pytest.raises(ObjectError, match="f: must be a boolean, not a string"):
        View({"f": "true"}).flag("f")
    with pytest.raises(ObjectError, match=r"t\[1\]: must be a string, not null"):
        View({"t": ["a", None]}).texts("t")

"""What an update of each kind may do, where no recorded line of the sample goes."""

from typing import Any

import pytest
from patched_kinds import SPEC, make, update

from planespec.reports.input.schema_files import load_merge_types
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.internal_types import to_internal
from planespec.spec.api.changes.known_kinds import KINDS
from planespec.spec.api.changes.preparing import is_same
from planespec.spec.api.decoding import DecodingError, decode
from planespec.spec.api.go_order import merge_text

# Pods.

TERMS = "requiredDuringSchedulingIgnoredDuringExecution"


def make_affinity(*keys: str) -> Any:
    expressions = [{"key": key, "operator": "Exists"} for key in keys]
    required = {"nodeSelectorTerms": [{"matchExpressions": expressions}]}
    return {"nodeAffinity": {TERMS: required}}


def test_a_gated_pod_can_be_narrowed_and_no_other() -> None:
    gated = make("Pod", spec={**SPEC, "schedulingGates": [{"name": "x.io/a"}]})
    assert update(gated, {"spec": {"affinity": make_affinity("a")}})[1] == []
    assert update(gated, {"spec": {"nodeSelector": {"a": "b"}}})[1] == []
    free = make("Pod", spec=SPEC)
    assert (
        "pod updates may not change" in update(free, {"spec": {"nodeSelector": {"a": "b"}}})[1][0]
    )


@pytest.mark.parametrize(("keys", "is_taken"), [("ab", True), ("b", False), ("ba", False)])
def test_terms_of_a_gated_pod_only_grow(keys: str, is_taken: bool) -> None:
    gates = [{"name": "x.io/a"}]
    old = make("Pod", spec={**SPEC, "schedulingGates": gates, "affinity": make_affinity("a")})
    errors = update(old, {"spec": {"affinity": make_affinity(*keys)}})[1]
    assert (errors == []) == is_taken


def test_containers_of_a_pod_are_as_many_as_they_were() -> None:
    more = [{"name": "c", "image": "i:1"}, {"name": "d", "image": "i:1"}]
    errors = update(make("Pod", spec=SPEC), {"spec": {"containers": more}})[1]
    words = "pod updates may not add or remove containers"
    assert errors == [f"spec.containers: Forbidden: {words}"]


def test_a_negative_grace_period_becomes_one_second() -> None:
    old = make("Pod", spec=SPEC)
    old["spec"]["terminationGracePeriodSeconds"] = -5
    assert update(old, {"spec": {"terminationGracePeriodSeconds": 1}})[1] == []


# Workloads.

TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": SPEC}
WORKLOAD = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}


@pytest.mark.parametrize(
    ("kind", "patch", "counts"),
    [
        ("Deployment", {"metadata": {"annotations": {"x": "y"}}}, True),
        ("Deployment", {"metadata": {"labels": {"x": "y"}}}, False),
        ("ReplicaSet", {"metadata": {"annotations": {"x": "y"}}}, False),
        ("ReplicaSet", {"spec": {"minReadySeconds": 3}}, True),
        ("DaemonSet", {"spec": {"minReadySeconds": 3}}, True),
        ("StatefulSet", {"spec": {"replicas": 3}}, True),
        ("StatefulSet", {"status": {"replicas": 3}}, False),
    ],
)
def test_a_generation_counts_changes_of_the_spec(kind: str, patch: Any, counts: bool) -> None:
    old = make(kind, spec=WORKLOAD)
    old["metadata"]["generation"] = 4
    new, errors = update(old, patch)
    assert errors == []
    assert new["metadata"]["generation"] == (5 if counts else 4)


def test_a_daemon_set_counts_its_templates_apart() -> None:
    key = "deprecated.daemonset.template.generation"
    old = make("DaemonSet", spec=WORKLOAD)
    new, _ = update(old, {"spec": {"minReadySeconds": 3}})
    assert new["metadata"]["annotations"][key] == "0"
    new, _ = update(old, {"spec": {"template": {"metadata": {"labels": {"x": "y"}}}}})
    assert new["metadata"]["annotations"][key] == "1"


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("Deployment", {"replicas": 1, "collisionCount": 1}, "cannot be decremented"),
        ("Deployment", {"replicas": 3, "availableReplicas": 2}, "greater than readyReplicas"),
        ("StatefulSet", {"replicas": 3, "availableReplicas": 2}, "than status.readyReplicas"),
        ("ReplicaSet", {"replicas": 1, "fullyLabeledReplicas": 2}, "than status.replicas"),
    ],
)
def test_a_status_is_consistent(kind: str, status: Any, error: str) -> None:
    old = make(kind, spec=WORKLOAD, status={"collisionCount": 2} if kind == "Deployment" else {})
    status.setdefault("collisionCount", 2) if kind == "Deployment" else None
    errors = update(old, {"status": status}, status=True)[1]
    assert len(errors) == 1
    assert error in errors[0]


# Volumes, nodes, namespaces.


def make_claim(**status: Any) -> Any:
    resources = {"requests": {"storage": "2Gi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": resources, "volumeName": "v"}
    return make("PersistentVolumeClaim", spec=spec, status=status)


def test_a_bound_claim_may_grow_only_where_its_class_says_so() -> None:
    old = make_claim(phase="Bound", capacity={"storage": "1Gi"})
    grown = {"spec": {"resources": {"requests": {"storage": "3Gi"}}}}
    new, errors = update(old, grown)
    assert errors == []
    with pytest.raises(ApiError, match="only dynamically provisioned pvc can be resized"):
        KINDS["PersistentVolumeClaim"][0].review(new, old)
    shrunk = {"spec": {"resources": {"requests": {"storage": "1Gi"}}}}
    assert update(old, shrunk)[1] == [
        "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"
    ]


def test_a_bound_claim_shrinks_to_what_is_larger_than_its_volume() -> None:
    old = make_claim(phase="Bound", capacity={"storage": "500Mi"})
    assert update(old, {"spec": {"resources": {"requests": {"storage": "1Gi"}}}})[1] == []


def test_a_volume_keeps_where_it_can_be_reached() -> None:
    terms = [{"matchExpressions": [{"key": "z", "operator": "Exists"}]}]
    affinity = {"required": {"nodeSelectorTerms": terms}}
    source = {"driver": "d.io", "volumeHandle": "h"}
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "csi": source}
    old = make("PersistentVolume", spec={**spec, "nodeAffinity": affinity})
    other = [{"matchExpressions": [{"key": "y", "operator": "Exists"}]}]
    errors = update(old, {"spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": other}}}})[1]
    assert errors[-1].startswith('nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":')
    secret = {"spec": {"csi": {"controllerExpandSecretRef": {"name": "s", "namespace": "n"}}}}
    assert update(old, secret)[1] == []


def test_a_node_keeps_its_provider_and_its_addresses() -> None:
    old = make("Node", spec={"providerID": "x://1"})
    assert "may not change providerID" in update(old, {"spec": {"providerID": "x://2"}})[1][0]
    assert update(old, {"spec": {"podCIDR": "10.1.0.0/24"}})[1] == []
    twice = [{"type": "InternalIP", "address": "10.0.0.1"}] * 2
    errors = update(old, {"status": {"addresses": twice}}, status=True)[1]
    assert errors[0].startswith("status.addresses[1]: Duplicate value")


def test_a_namespace_that_ends_says_so() -> None:
    old = make("Namespace", status={"phase": "Active"})
    old["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert update(old, {"status": {"phase": "Terminating"}}, status=True)[1] == []
    assert "may only be 'Terminating'" in update(old, {}, status=True)[1][0]


# How values are read, compared and printed.


def test_absent_is_as_good_as_empty() -> None:
    assert is_same({"a": []}, {})
    assert is_same(None, {})
    assert not is_same({"a": 0}, {"a": 1})
    assert not is_same([{}], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [("!!", "at input byte 0"), ("eA==", ""), ("eA=", "at input byte 0"), ("AA!A", "byte 2")],
)
def test_bytes_are_base64(text: str, message: str) -> None:
    secret = load_merge_types().find("", "v1", "Secret")
    data = {"apiVersion": "v1", "kind": "Secret", "data": {"a": text}}
    if not message:
        assert decode(secret, data).value["data"] == {"a": text}
        return
    with pytest.raises(DecodingError, match=message):
        decode(secret, data)


def test_zero_is_left_out_unless_it_is_a_pointer() -> None:
    deployment = load_merge_types().find("apps", "v1", "Deployment")
    spec = {"replicas": 0, "paused": False, "minReadySeconds": 0, "nope": 1, "strategy": None}
    decoded = decode(deployment, {"spec": spec})
    assert decoded.value == {"spec": {"replicas": 0}}
    assert decoded.unknown == ["spec.nope"]


def test_a_merged_object_has_sorted_fields_and_what_is_in_it_its_own_order() -> None:
    merged = merge_text({"b": {"z": 1, "y": 2}, "a": {"z": 1, "y": 2}}, {"a": {"x": None}})
    assert list(merged) == ["a", "b"]
    assert [list(each) for each in merged.values()] == [["y", "z"], ["z", "y"]]


def test_an_internal_type_is_printed_whole() -> None:
    printed = to_internal("PodSpec", {"hostNetwork": True, "securityContext": {"runAsUser": 1}})
    assert printed["SecurityContext"]["HostNetwork"] is True
    assert printed["SecurityContext"]["RunAsUser"] == 1
    assert printed["Containers"] is None
    assert to_internal("Unknown", {"aField": [{"b": 1}]}) == {"AField": [{"B": 1}]}

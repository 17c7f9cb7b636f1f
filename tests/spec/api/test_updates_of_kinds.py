"""What an update of each kind may do, where no recorded line of the sample goes."""

import copy
from typing import Any

import pytest

from planespec.reports.input.schema_files import load_merge_types
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.internal_types import to_internal
from planespec.spec.api.changes.job_status import find_index_fault
from planespec.spec.api.changes.known_kinds import KINDS
from planespec.spec.api.changes.preparing import is_same
from planespec.spec.api.changes.service_changes import ServiceNumbers
from planespec.spec.api.decoding import DecodingError, decode
from planespec.spec.api.go_order import merge_text
from planespec.spec.api.json_patch import merge_patch

META = {
    "name": "a",
    "uid": "u",
    "resourceVersion": "1",
    "creationTimestamp": "2026-01-01T00:00:00Z",
}


def make(kind: str, **fields: Any) -> Any:
    """An object as it is stored, with defaults."""
    strategy = KINDS[kind][0]
    meta = dict(META) | ({"namespace": "n"} if strategy.is_namespaced else {})
    data = {"apiVersion": strategy.api_version, "kind": kind, "metadata": meta, **fields}
    made = copy.deepcopy(data)
    strategy.default(made)
    return made


def update(old: Any, patch: Any, *, status: bool = False) -> tuple[Any, list[str]]:
    """The object after a patch as it would be stored, and what is wrong with it."""
    strategy = KINDS[old["kind"]][status]
    assert strategy is not None
    new = merge_patch(copy.deepcopy(old), patch)
    strategy.default(new)
    strategy.begin_update(new, old)
    strategy.prepare_update(new, old)
    return new, [str(each) for each in strategy.validate_update(new, old)]


# Pods.

SPEC = {"containers": [{"name": "c", "image": "i:1"}]}
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


# Jobs.


def make_job(**spec: Any) -> Any:
    labels = {
        **dict.fromkeys(("controller-uid", "batch.kubernetes.io/controller-uid"), "u"),
        **dict.fromkeys(("job-name", "batch.kubernetes.io/job-name"), "a"),
    }
    template = {"metadata": {"labels": labels}, "spec": {**SPEC, "restartPolicy": "Never"}}
    selector = {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}}
    return make("Job", spec={"selector": selector, "template": template, **spec})


def test_where_a_job_runs_changes_while_it_is_suspended_and_was_not_started() -> None:
    patch = {"spec": {"template": {"spec": {"nodeSelector": {"a": "b"}}}}}
    assert update(make_job(suspend=True), patch)[1] == []
    (error,) = update(make_job(), patch)[1]
    assert error.startswith('spec.template: Invalid value: {"labels":{"batch.kubernetes.io/')
    assert error.endswith("}: field is immutable")
    assert '},"Spec":{"Volumes":null,' in error
    started = make_job(suspend=True) | {"status": {"startTime": "2026-01-01T00:00:00Z"}}
    assert "field is immutable" in update(started, patch)[1][0]
    started["status"]["conditions"] = [{"type": "Suspended", "status": "True"}]
    assert update(started, patch)[1] == []
    started["status"]["active"] = 1
    assert "field is immutable" in update(started, patch)[1][0]


@pytest.mark.parametrize("kind", ["containers", "initContainers"])
def test_what_a_suspended_job_asks_for_changes_with_nothing_else(kind: str) -> None:
    first = {"spec": {"template": {"spec": {"initContainers": [{"name": "i", "image": "i:1"}]}}}}
    old = update(make_job(suspend=True), first)[0]
    pods = copy.deepcopy(old["spec"]["template"]["spec"])
    pods[kind][0]["resources"] = {"limits": {"cpu": "1"}}
    assert update(old, {"spec": {"template": {"spec": pods}}})[1] == []
    resumed = {"spec": {"suspend": False, "template": {"spec": pods}}}
    assert update(old, resumed)[1] == []
    pods[kind][0]["name"] = "other"
    (error,) = update(old, {"spec": {"template": {"spec": pods}}})[1]
    assert error.startswith("spec.template.spec: ")


DONE = [{"type": each, "status": "True"} for each in ("SuccessCriteriaMet", "Complete")]
TIMES = {"startTime": "2026-01-01T00:00:00Z", "completionTime": "2026-01-01T00:00:01Z"}


def test_a_job_completes_with_all_that_goes_with_it() -> None:
    patch = {"status": {"conditions": DONE, **TIMES}}
    assert update(make_job(), patch, status=True)[1] == []
    assert len(update(make_job(), {"status": {"conditions": DONE}}, status=True)[1]) == 2
    busy = {"status": {"conditions": DONE, **TIMES, "active": 1}}
    assert update(make_job(), busy, status=True)[1] == [
        "status.active: Invalid value: 1: active>0 is invalid for finished job"
    ]


def test_a_job_fails_after_it_was_going_to() -> None:
    failed = {"type": "Failed", "status": "True"}
    patch = {"status": {"conditions": [failed], "startTime": "2026-01-01T00:00:00Z"}}
    words = "cannot set Failed=True condition without the FailureTarget=true condition"
    errors = update(make_job(), patch, status=True)[1]
    assert errors == [f"status.conditions: Invalid value: {words}"]
    patch["status"]["conditions"] = [{"type": "FailureTarget", "status": "True"}, failed]
    assert update(make_job(), patch, status=True)[1] == []


def test_a_job_that_is_resumed_starts_anew() -> None:
    old = make_job() | {"status": {"startTime": "2026-01-01T00:00:00Z"}}
    old["status"]["conditions"] = [{"type": "Suspended", "status": "True"}]
    patch: Any = {"status": {"startTime": "2026-01-01T00:00:09Z"}}
    assert "cannot be removed for unsuspended" in update(old, patch, status=True)[1][0]
    patch["status"]["conditions"] = [{"type": "Suspended", "status": "False"}]
    assert update(old, patch, status=True)[1] == []


def test_a_suspended_job_without_parts_completes_without_a_start() -> None:
    patch = {"status": {"conditions": DONE, "completionTime": TIMES["completionTime"]}}
    assert update(make_job(suspend=True, completions=0), patch, status=True)[1] == []
    for spec in ({"suspend": True, "completions": 1}, {"suspend": False, "completions": 0}):
        (error,) = update(make_job(**spec), patch, status=True)[1]
        assert error == "status.startTime: Required value: startTime is required for finished job"


def test_no_failed_indexes_are_more_than_none_to_have() -> None:
    (error,) = update(make_job(), {"status": {"failedIndexes": ""}}, status=True)[1]
    assert error.endswith("cannot set non-null failedIndexes when backoffLimitPerIndex is null")


def test_what_a_job_came_to_stays() -> None:
    old = make_job() | {"status": {"conditions": DONE, **TIMES, "failed": 2, "succeeded": 1}}
    errors = update(old, {"status": {"conditions": DONE[:1], "failed": 1}}, status=True)[1]
    assert (
        "status.conditions: Invalid value: cannot disable the terminal Complete=True" in errors[1]
    )
    assert "cannot decrease the failed counter" in errors[2]
    later = {"status": {"completionTime": "2026-01-01T00:00:02Z"}}
    assert "completionTime cannot be mutated" in update(old, later, status=True)[1][0]
    restarted = {"status": {"startTime": None}}
    assert "cannot be removed for unsuspended" in update(old, restarted, status=True)[1][-1]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ""),
        ("0,2-3,5", ""),
        ("3-1", "non-increasing order, previous: 3, current: 1"),
        ("1,1", "non-increasing order, previous: 1, current: 1"),
        ("9", 'too large index: "9"'),
        ("x", 'cannot convert string to integer for index: "x"'),
        ("1-2-3", 'Fragment "1-2-3" violates the requirement'),
    ],
)
def test_indexes_are_read_as_intervals(text: str, fault: str) -> None:
    found = find_index_fault(text, 6)
    assert found.startswith(fault) if fault else not found


def test_an_index_does_not_both_fail_and_succeed() -> None:
    old = make_job(completionMode="Indexed", completions=5, backoffLimitPerIndex=1)
    status = {"completedIndexes": "0,2-3", "failedIndexes": "3"}
    errors = update(old, {"status": status}, status=True)[1]
    assert errors == [
        'status.failedIndexes: Invalid value: "3": failedIndexes and completedIndexes overlap '
        "at index: 3"
    ]


def test_a_schedule_keeps_a_time_zone_that_it_had() -> None:
    template = {"spec": {"template": {"spec": {**SPEC, "restartPolicy": "Never"}}}}
    old = make("CronJob", spec={"schedule": "TZ=UTC * * * * *", "jobTemplate": template})
    assert update(old, {"spec": {"suspend": True}})[1] == []
    assert "cannot use both" in update(old, {"spec": {"timeZone": "UTC"}})[1][0]
    plain = make("CronJob", spec={"schedule": "* * * * *", "jobTemplate": template})
    assert "use timeZone field" in update(plain, {"spec": {"schedule": "TZ=UTC * * * * *"}})[1][0]


# Services.


def make_service(**spec: Any) -> Any:
    ports = [{"name": "p", "port": 80}]
    address = {"clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.9"], "ipFamilies": ["IPv4"]}
    whole = {"ports": ports, **address, "ipFamilyPolicy": "SingleStack"}
    return make("Service", spec={**whole, **spec})


def change_service(old: Any, spec: Any) -> tuple[Any, list[str]]:
    numbers = ServiceNumbers(lambda: "10.0.0.5", lambda _path: 30001)
    new = merge_patch(copy.deepcopy(old), {"spec": spec})
    strategy = KINDS["Service"][0]
    strategy.default(new)
    numbers.begin_update(new, old)
    strategy.prepare_update(new, old)
    return new["spec"], [str(each) for each in strategy.validate_update(new, old)]


def test_what_a_type_brought_goes_with_it() -> None:
    open_spec, errors = change_service(make_service(), {"type": "NodePort"})
    assert (errors, open_spec["ports"][0]["nodePort"]) == ([], 30001)
    again, errors = change_service(make("Service", spec=open_spec), {"type": "ClusterIP"})
    assert errors == []
    assert "nodePort" not in again["ports"][0]
    assert "externalTrafficPolicy" not in again
    named = {"type": "ExternalName", "externalName": "x.example.com"}
    outside, errors = change_service(make("Service", spec=open_spec), named)
    assert errors == []
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} & outside.keys()


def test_a_type_goes_though_a_port_goes_with_it() -> None:
    ports = [{"name": n, "port": i, "nodePort": 31000 + i} for i, n in enumerate("pq", 1)]
    old = make_service(type="NodePort", ports=ports)
    spec, errors = change_service(old, {"type": "ClusterIP", "ports": ports[:1]})
    assert errors == []
    assert "nodePort" not in spec["ports"][0]
    added = [{**ports[0], "nodePort": 31009}]
    _, errors = change_service(old, {"type": "ClusterIP", "ports": added})
    assert "spec.ports[0].nodePort: Forbidden" in errors[0]


def test_balancers_without_ports_of_the_nodes_keep_those_they_have() -> None:
    ports = [{"name": "p", "port": 80, "nodePort": 31000}]
    options = {"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False}
    old = make_service(**options, ports=ports)
    spec, _ = change_service(
        old, {"ports": [{"name": n, "port": i + 1} for i, n in enumerate("pq")]}
    )
    assert [each.get("nodePort") for each in spec["ports"]] == [31000, None]


def test_what_balances_no_more_has_no_status_of_a_balancer() -> None:
    status = {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}
    for kind, left in (("LoadBalancer", status), ("ClusterIP", {"loadBalancer": {}})):
        old = make_service(type="LoadBalancer") | {"status": copy.deepcopy(status)}
        new = update(old, {"spec": {"type": kind}})[0]
        assert new["status"] == left
        assert old["status"] == status


def test_a_service_that_comes_back_gets_another_address() -> None:
    outside = make("Service", spec={"type": "ExternalName", "externalName": "x.example.com"})
    outside["spec"]["ports"] = [{"name": "p", "port": 80, "protocol": "TCP", "targetPort": 80}]
    spec, errors = change_service(outside, {"type": "ClusterIP"})
    assert (errors, spec["clusterIPs"], spec["ipFamilies"]) == ([], ["10.0.0.5"], ["IPv4"])


def test_a_port_of_the_nodes_stays_with_the_name_of_its_port() -> None:
    ports = [{"name": "p", "port": 80, "nodePort": 31000}]
    old = make_service(type="NodePort", ports=ports)
    spec, errors = change_service(
        old, {"ports": [{"name": "q", "port": 1}, {"name": "p", "port": 2}]}
    )
    assert (errors, [each["nodePort"] for each in spec["ports"]]) == ([], [30001, 31000])


def test_a_port_of_the_nodes_that_another_takes_is_not_given_twice() -> None:
    ports = [{"name": "p", "port": 80, "nodePort": 31000}]
    old = make_service(type="NodePort", ports=ports)
    taken = [{"name": "q", "port": 1, "nodePort": 31000}, {"name": "p", "port": 2}]
    spec, errors = change_service(old, {"ports": taken})
    assert (errors, [each["nodePort"] for each in spec["ports"]]) == ([], [31000, 30001])


def test_an_address_stays_and_two_families_are_refused() -> None:
    assert "may not change once set" in change_service(make_service(), {"clusterIP": "None"})[1][0]
    with pytest.raises(ApiError, match="not configured for dual-stack"):
        change_service(make_service(), {"ipFamilyPolicy": "RequireDualStack"})


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

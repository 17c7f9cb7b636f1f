"""What an update of a Job, a CronJob or a Service may do, where no recorded line goes."""

import copy
from typing import Any

import pytest
from patched_kinds import SPEC, make, update

from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.job_status import find_index_fault
from planespec.spec.api.changes.known_kinds import KINDS
from planespec.spec.api.changes.service_changes import ServiceNumbers
from planespec.spec.api.json_patch import merge_patch

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


@pytest.mark.parametrize(
    ("ingress", "error"),
    [
        ({"ip": "1.2.3.4"}, ""),
        ({"hostname": "a.example"}, ""),
        ({"ip": "1.2.3"}, 'ip: Invalid value: "1.2.3": must be a valid IP address, (e.g.'),
        (
            {"ip": "1.2.3.4", "ipMode": "No"},
            'ipMode: Unsupported value: "No": supported values: "Pr',
        ),
        ({"ipMode": "VIP"}, "ipMode: Forbidden: may not be specified when `ip` is not set"),
        ({"hostname": "A"}, 'hostname: Invalid value: "A": a lowercase RFC 1123 subdomain'),
        ({"hostname": "1.2.3.4"}, 'hostname: Invalid value: "1.2.3.4": must be a DNS name, not'),
    ],
)
def test_where_a_balancer_is_reached_is_an_address_or_a_name(ingress: Any, error: str) -> None:
    """`pkg/apis/core/validation/validation.go`, ValidateLoadBalancerStatus."""
    patch = {"status": {"loadBalancer": {"ingress": [ingress]}}}
    found = update(make_service(type="LoadBalancer"), patch, status=True)[1]
    assert len(found) == bool(error)
    assert all(each.startswith(f"status.loadBalancer.ingress[0].{error}") for each in found)


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


def test_a_service_gains_and_loses_a_second_address_with_its_policy() -> None:
    two = {"clusterIPs": ["10.0.0.9", "fd00::9"], "ipFamilies": ["IPv4", "IPv6"]}
    old = make_service(**two, ipFamilyPolicy="PreferDualStack")
    one = {"clusterIPs": ["10.0.0.9"], "ipFamilies": ["IPv4"]}
    errors = change_service(old, one)[1]
    assert [each.rsplit(" ", 1)[1] for each in errors] == ["clusterIP", "ipFamily"]
    assert change_service(old, {**one, "ipFamilyPolicy": "SingleStack"})[1] == []
    errors = change_service(make_service(), {**two, "ipFamilyPolicy": "PreferDualStack"})[1]
    assert not any("may not change" in each for each in errors)
    errors = change_service(old, {"ipFamilies": ["IPv6", "IPv4"]})[1]
    assert [each.split(":")[0] for each in errors[:2]] == ["spec.ipFamilies[0]"] * 2


def test_a_service_without_addresses_may_change_its_families() -> None:
    old = make_service(clusterIP="None", clusterIPs=["None"])
    errors = change_service(old, {"ipFamilies": ["IPv6"]})[1]
    assert not any("may not change" in each for each in errors)


def test_a_class_of_balancers_is_refused_twice() -> None:
    errors = change_service(make_service(), {"loadBalancerClass": "x"})[1]
    assert len(errors) == 2
    assert len(set(errors)) == 1

"""Audit: which rule of a policy decides, and what the events of a request say."""

from dataclasses import replace

import pytest

from planespec.spec.api.authorization.access_request import Attributes, User
from planespec.spec.api.handlers.audit_policy import (
    LEVELS,
    AuditDecision,
    Level,
    get_audit_policy_errors,
    read_audit_policy,
)
from planespec.spec.api.handlers.audit_trail import AuditTrail, write_events
from planespec.spec.api.handlers.statuses import HttpAnswer, refuse_unauthenticated
from planespec.spec.objects.view import View

ALICE = User("alice", ("dev",))
POD = Attributes(ALICE, "get", version="v1", resource="pods", namespace="dev", name="web")
LOG = replace(POD, subresource="log")
HEALTH = Attributes(ALICE, "get", path="/healthz/ready", is_resource=False)


def _decide(request: Attributes, *rules: dict[str, object]) -> Level:
    return read_audit_policy(View({"rules": list(rules)})).decide(request).level


def test_the_first_rule_that_matches_decides() -> None:
    everything = {"level": "Request"}
    assert _decide(POD, {"level": "None", "verbs": ["list"]}, everything) is Level.REQUEST
    assert _decide(POD, {"level": "None", "verbs": ["get"]}, everything) is Level.NONE


def test_without_a_rule_nothing_is_written() -> None:
    assert _decide(POD) is Level.NONE
    assert _decide(POD, {"level": "Metadata", "users": ["bob"]}) is Level.NONE


@pytest.mark.parametrize(
    ("rule", "matching"),
    [
        ({}, {"pod", "log", "health"}),
        ({"users": ["alice"]}, {"pod", "log", "health"}),
        ({"userGroups": ["ops", "dev"]}, {"pod", "log", "health"}),
        ({"userGroups": ["ops"]}, set()),
        ({"namespaces": ["dev"]}, {"pod", "log"}),
        ({"namespaces": [""]}, set()),
        ({"nonResourceURLs": ["/healthz*"]}, {"health"}),
        ({"nonResourceURLs": ["/healthz"]}, set()),
        ({"nonResourceURLs": ["*"]}, {"health"}),
        ({"resources": [{"group": ""}]}, {"pod", "log"}),
        ({"resources": [{"group": "apps"}]}, set()),
        ({"resources": [{"resources": ["pods"]}]}, {"pod"}),
        ({"resources": [{"resources": ["pods/log"]}]}, {"log"}),
        ({"resources": [{"resources": ["pods/*"]}]}, {"pod", "log"}),
        ({"resources": [{"resources": ["*/log"]}]}, {"log"}),
        ({"resources": [{"resources": ["*"]}]}, {"pod", "log"}),
        ({"resources": [{"resources": ["pods"], "resourceNames": ["db"]}]}, set()),
    ],
)
def test_a_rule_covers_what_it_lists(rule: dict[str, object], matching: set[str]) -> None:
    requests = {"pod": POD, "log": LOG, "health": HEALTH}
    found = {
        name
        for name, request in requests.items()
        if _decide(request, {"level": "Request", **rule})
    }
    assert found == matching


def test_stages_are_left_out_for_the_policy_and_for_the_rule() -> None:
    policy = read_audit_policy(
        View(
            {
                "omitStages": ["RequestReceived"],
                "rules": [{"level": "Metadata", "omitStages": ["Panic"]}],
            }
        )
    )
    assert policy.decide(POD).omitted == {"RequestReceived", "Panic"}


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"level": "metadata"}, "'metadata' is not one of None, Metadata"),
        ({"level": "None", "nonResourceURLs": ["healthz"]}, "does not begin with a slash"),
        ({"level": "None", "nonResourceURLs": ["/a*b"]}, "has a star that is not its end"),
        (
            {"level": "None", "nonResourceURLs": ["/a"], "namespaces": ["dev"]},
            "about resources or about URLs",
        ),
        ({"level": "None", "resources": [{"group": "A_B"}]}, "'A_B' is no API group"),
        ({"level": "None", "resources": [{"resourceNames": ["web"]}]}, "names need a resource"),
        ({"level": "None", "omitStages": ["Response"]}, "'Response' is not one of"),
    ],
)
def test_a_policy_that_no_server_starts_with_is_told(
    rule: dict[str, object], problem: str
) -> None:
    errors = list(get_audit_policy_errors(View({"rules": [rule]})))
    assert len(errors) == 1
    assert problem in errors[0]


def test_a_good_policy_has_no_errors() -> None:
    rules = [
        {"level": "None", "nonResourceURLs": ["/healthz*", "*"]},
        {"level": "Request", "resources": [{"group": "apps", "resources": ["*"]}]},
    ]
    policy = {"rules": rules, "omitStages": ["RequestReceived"]}
    assert list(get_audit_policy_errors(View(policy))) == []


TIM = User("tim@k8s.io", ("humans", "developers"))
NAMESPACED = Attributes(TIM, "get", "", "v1", "pods", "", "default", "busybox")
REQUESTS = {
    "namespaced": NAMESPACED,
    "subresource": replace(NAMESPACED, subresource="log"),
    "unauthorized": replace(NAMESPACED, user=User("")),
    "cluster": Attributes(
        TIM, "get", "rbac.authorization.k8s.io", "v1beta1", "clusterroles", name="edit"
    ),
    "nonResource": Attributes(TIM, "get", path="/logs/kubelet.log", is_resource=False),
}
CLUSTER_ROLES = {"group": "rbac.authorization.k8s.io", "resources": ["clusterroles"]}
RULES: dict[str, dict[str, object]] = {
    "default": {"level": "Metadata"},
    "create": {"level": "Request", "verbs": ["create"]},
    "tims": {"level": "Metadata", "users": ["tim@k8s.io"]},
    "humans": {"level": "Metadata", "userGroups": ["humans"]},
    "serviceAccounts": {"level": "Request", "userGroups": ["system:serviceaccounts"]},
    "getClusterRoles": {
        "level": "RequestResponse",
        "verbs": ["get"],
        "resources": [CLUSTER_ROLES],
        "namespaces": [""],
    },
    "getLogs": {"level": "RequestResponse", "verbs": ["get"], "nonResourceURLs": ["/logs*"]},
    "getMetrics": {"level": "Request", "verbs": ["get"], "nonResourceURLs": ["/metrics"]},
    "clusterRoleEdit": {
        "level": "Request",
        "resources": [CLUSTER_ROLES | {"resourceNames": ["edit"]}],
    },
} | {
    name: {"level": level, "verbs": ["get"], "resources": [{"resources": [resource]}]}
    for name, level, resource in (
        ("getPods", "RequestResponse", "pods"),
        ("getPodLogs", "Request", "pods/log"),
        ("wildcard", "Request", "*"),
        ("resourceWildcard", "Request", "*/log"),
        ("subresourceWildcard", "Request", "pods/*"),
    )
}
CHECKED = """
namespaced default Metadata, create None, tims Metadata, humans Metadata, serviceAccounts None
namespaced getPods RequestResponse, getClusterRoles None, getLogs None, getMetrics None
namespaced getMetrics serviceAccounts default Metadata
namespaced getMetrics getPods default RequestResponse, getPodLogs getPods RequestResponse
cluster default Metadata, create None, tims Metadata, humans Metadata, serviceAccounts None
cluster getPods None, getClusterRoles RequestResponse, clusterRoleEdit getClusterRoles Request
cluster getLogs None, getMetrics None, getMetrics serviceAccounts default Metadata
cluster getMetrics getClusterRoles default RequestResponse, getPodLogs getPods None
nonResource default Metadata, create None, tims Metadata, humans Metadata, serviceAccounts None
nonResource getPods None, getClusterRoles None, getLogs RequestResponse, getMetrics None
nonResource getMetrics serviceAccounts default Metadata
nonResource getLogs getClusterRoles default RequestResponse, getPodLogs getPods None
subresource getPodLogs getPods Request, wildcard Request, resourceWildcard Request
subresource subresourceWildcard Request
unauthorized tims None, tims default Metadata, humans None, humans default Metadata
"""
"""Source: checker_test.go, testAuditLevel: of a request, rules in order and the level."""


@pytest.mark.parametrize("line", CHECKED.strip().splitlines())
def test_rules_decide_as_in_the_tests_of_the_real_checker(line: str) -> None:
    request, _, cases = line.partition(" ")
    for case in cases.split(", "):
        *rules, wanted = case.split()
        found = _decide(REQUESTS[request], *(RULES[each] for each in rules))
        assert found is LEVELS[wanted], case


DONE = HttpAnswer(200, {"kind": "Pod"})
TRAIL = AuditTrail("/api/v1/namespaces/dev/pods/web", POD, DONE, decoded={"sent": True})


@pytest.mark.parametrize(
    ("level", "bodies"),
    [
        (Level.METADATA, set()),
        (Level.REQUEST, {"requestObject"}),
        (Level.REQUEST_RESPONSE, {"requestObject", "responseObject"}),
    ],
)
def test_bodies_are_written_by_level_and_only_at_the_end(level: Level, bodies: set[str]) -> None:
    received, complete = write_events(TRAIL, AuditDecision(level))
    assert {"requestObject", "responseObject"} & set(complete) == bodies
    assert not {"requestObject", "responseObject", "responseStatus"} & set(received)
    assert complete["responseStatus"] == {"metadata": {}, "code": 200}


def test_nothing_is_written_at_level_none() -> None:
    assert write_events(TRAIL, AuditDecision(Level.NONE)) == []


def test_a_long_running_request_is_written_when_its_answer_begins() -> None:
    events = write_events(replace(TRAIL, long_running=True), AuditDecision(Level.METADATA))
    assert [event["stage"] for event in events] == [
        "RequestReceived",
        "ResponseStarted",
        "ResponseComplete",
    ]
    omitted = AuditDecision(Level.METADATA, frozenset({"RequestReceived"}))
    assert [event["stage"] for event in write_events(TRAIL, omitted)] == ["ResponseComplete"]


def test_who_authenticated_stands_beside_whom_they_act_as() -> None:
    trail = replace(TRAIL, impersonated=User("bob"), constraint="impersonate:user-info")
    received, complete = write_events(trail, AuditDecision(Level.METADATA))
    assert received["user"] == complete["user"] == {"username": "alice", "groups": ["dev"]}
    assert complete["impersonatedUser"] == {"username": "bob"}
    assert "impersonatedUser" not in received


def test_the_status_of_a_refusal_is_written_without_its_type() -> None:
    trail = replace(TRAIL, answer=refuse_unauthenticated())
    complete = write_events(trail, AuditDecision(Level.METADATA))[-1]
    assert complete["responseStatus"] == {
        "metadata": {},
        "status": "Failure",
        "message": "Unauthorized",
        "reason": "Unauthorized",
        "code": 401,
    }


def test_the_name_of_what_is_created_is_known_at_the_end() -> None:
    trail = AuditTrail("/x", replace(POD, name=""), DONE, decoded_name="web")
    received, complete = write_events(trail, AuditDecision(Level.METADATA))
    reference = {"resource": "pods", "namespace": "dev", "apiVersion": "v1"}
    assert received["objectRef"] == reference
    assert complete["objectRef"] == {**reference, "name": "web"}

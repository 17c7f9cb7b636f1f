"""What the API server fills in, held to the values of upstream's own tests of defaults.

Source: `pkg/apis/*/v1/defaults_test.go`, v1.36.
"""

from typing import Any

import pytest

from planespec.spec.api.changes.kind_defaults import DEFAULTS, fill_in_kind
from planespec.spec.validation.object_rules import find_kind

Object = dict[str, Any]
HOOK: Object = {
    "failurePolicy": "Fail",
    "matchPolicy": "Equivalent",
    "timeoutSeconds": 10,
    "namespaceSelector": {},
    "objectSelector": {},
}
MATCHING = {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
INGRESS, EGRESS = [{"from": [{"podSelector": {}}]}], [{"to": [{"namespaceSelector": {}}]}]
ADMISSION = "admissionregistration.k8s.io/v1"
ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}


def fill(version: str, kind: str, **parts: Any) -> Object:
    made, why = fill_in_kind({"apiVersion": version, "kind": kind, **parts})
    assert not why
    return made


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        ({}, ["Ingress"]),
        ({"ingress": []}, ["Ingress"]),
        ({"ingress": INGRESS, "egress": EGRESS}, ["Ingress", "Egress"]),
        ({"egress": EGRESS}, ["Ingress", "Egress"]),
        ({"egress": EGRESS, "policyTypes": ["Egress"]}, ["Egress"]),
    ],
)
def test_a_network_policy_is_about_what_it_has_rules_for(spec: Object, types: list[str]) -> None:
    made = fill("networking.k8s.io/v1", "NetworkPolicy", spec=spec)
    assert made["spec"]["policyTypes"] == types


def test_a_port_of_a_network_policy_is_one_of_tcp() -> None:
    sides = {
        "ingress": [{"ports": [{"port": 1}, {"protocol": "UDP"}]}],
        "egress": [{"ports": [{}]}],
    }
    made = fill("networking.k8s.io/v1", "NetworkPolicy", spec=sides)["spec"]
    assert [each["protocol"] for each in made["ingress"][0]["ports"]] == ["TCP", "UDP"]
    assert made["egress"][0]["ports"] == [{"protocol": "TCP"}]


def test_the_parameters_of_an_ingress_class_are_of_the_cluster() -> None:
    made = fill("networking.k8s.io/v1", "IngressClass", spec={"parameters": {"kind": "A"}})
    assert made["spec"]["parameters"] == {"kind": "A", "scope": "Cluster"}
    assert "parameters" not in fill("networking.k8s.io/v1", "IngressClass", spec={})["spec"]


@pytest.mark.parametrize(
    ("webhook", "filled"),
    [
        ({}, HOOK),
        ({"rules": [{}]}, HOOK | {"rules": [{"scope": "*"}]}),
        (
            {"clientConfig": {"service": {}}},
            HOOK | {"clientConfig": {"service": {"port": 443}}},
        ),
        ({"failurePolicy": "Ignore"}, HOOK | {"failurePolicy": "Ignore"}),
    ],
)
def test_webhooks_are_filled_in(webhook: Object, filled: Object) -> None:
    made = fill(ADMISSION, "ValidatingWebhookConfiguration", webhooks=[webhook])
    assert made["webhooks"] == [filled]
    made = fill(ADMISSION, "MutatingWebhookConfiguration", webhooks=[webhook])
    assert made["webhooks"] == [filled | {"reinvocationPolicy": "Never"}]


@pytest.mark.parametrize("kind", ["ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"])
def test_policies_are_filled_in(kind: str) -> None:
    rules = {"resourceRules": [{}], "excludeResourceRules": [{"scope": "Cluster"}]}
    made = fill(ADMISSION, kind, spec={"matchConstraints": rules})["spec"]
    assert made["failurePolicy"] == "Fail"
    filled = {"resourceRules": [{"scope": "*"}], "excludeResourceRules": [{"scope": "Cluster"}]}
    assert made["matchConstraints"] == MATCHING | filled
    bound = fill(ADMISSION, f"{kind}Binding", spec={"matchResources": {}})
    assert bound["spec"]["matchResources"] == MATCHING


def test_endpoints_are_reached_by_tcp() -> None:
    made = fill("v1", "Endpoints", subsets=[{"ports": [{}, {"protocol": "UDP"}, {}]}])
    assert [each["protocol"] for each in made["subsets"][0]["ports"]] == ["TCP", "UDP", "TCP"]
    made = fill("discovery.k8s.io/v1", "EndpointSlice", ports=[{"port": 1}])
    assert made["ports"] == [{"port": 1, "name": "", "protocol": "TCP"}]


def test_the_limits_of_containers_follow_from_each_other() -> None:
    """Source: TestSetDefaultLimitRangeItem, with what its numbers become when rounded up."""
    given = {
        "type": "Container",
        "max": {"cpu": "100m", "memory": "100Mi"},
        "min": {"cpu": "50m", "pods": "1"},
        "default": {"cpu": "50.5m"},
        "defaultRequest": {},
    }
    [item] = fill("v1", "LimitRange", spec={"limits": [given]})["spec"]["limits"]
    assert item["default"] == {"cpu": "51m", "memory": "100Mi"}
    assert item["defaultRequest"] == {"cpu": "51m", "memory": "100Mi", "pods": "1"}
    of_pod = {"type": "Pod", "max": {"cpu": "1"}}
    assert fill("v1", "LimitRange", spec={"limits": [of_pod]})["spec"]["limits"] == [of_pod]


def test_a_quota_is_rounded_up_to_thousandths() -> None:
    made = fill("v1", "ResourceQuota", spec={"hard": {"cpu": "0.0001", "pods": "3"}})
    assert made["spec"]["hard"] == {"cpu": "1m", "pods": "3"}


@pytest.mark.parametrize(
    ("labels", "selector", "wanted"),
    [
        ({"foo": "bar"}, {}, ({"foo": "bar"}, {"foo": "bar"})),
        ({}, {}, (None, None)),
        ({"bar": "foo"}, {"a": "b"}, ({"bar": "foo"}, {"a": "b"})),
    ],
)
def test_a_replication_controller_selects_its_template(
    labels: Object, selector: Object, wanted: tuple[object, object]
) -> None:
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"image": "a"}]}}
    spec = {"template": template, **({"selector": selector} if selector else {})}
    made = fill("v1", "ReplicationController", spec=spec)
    assert (made["metadata"].get("labels"), made["spec"].get("selector")) == wanted
    assert made["spec"]["replicas"] == 1
    assert made["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "Always"


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({"limited": {}}, {"limited": {"nominalConcurrencyShares": 30, "lendablePercent": 0}}),
        (
            {"limited": {"nominalConcurrencyShares": 0, "lendablePercent": 7}},
            {"limited": {"nominalConcurrencyShares": 0, "lendablePercent": 7}},
        ),
        ({"exempt": {}}, {"exempt": {"nominalConcurrencyShares": 0, "lendablePercent": 0}}),
    ],
)
def test_priority_levels_are_filled_in(given: Object, filled: Object) -> None:
    kind, version = "PriorityLevelConfiguration", "flowcontrol.apiserver.k8s.io/v1"
    assert fill(version, kind, spec=given)["spec"] == filled


def test_queues_and_flow_schemas_are_filled_in() -> None:
    version = "flowcontrol.apiserver.k8s.io/v1"
    limited = {"limitResponse": {"type": "Queue", "queuing": {"queues": 9, "handSize": 0}}}
    made = fill(version, "PriorityLevelConfiguration", spec={"limited": limited})
    queuing = made["spec"]["limited"]["limitResponse"]["queuing"]
    assert queuing == {"queues": 9, "handSize": 8, "queueLengthLimit": 50}
    assert fill(version, "FlowSchema", spec={})["spec"] == {"matchingPrecedence": 1000}


def test_names_of_a_definition_follow_its_kind() -> None:
    """Source: SetDefaults_CustomResourceDefinitionSpec, SetDefaults_ServiceReference."""
    version = "apiextensions.k8s.io/v1"
    conversion = {"strategy": "Webhook", "webhook": {"clientConfig": {"service": {"name": "s"}}}}
    spec = {"names": {"kind": "FooBar", "listKind": "Foos"}}
    made = fill(version, "CustomResourceDefinition", spec=spec)["spec"]
    assert made["names"] == {"kind": "FooBar", "listKind": "Foos", "singular": "foobar"}
    assert made["conversion"] == {"strategy": "None"}
    made = fill(version, "CustomResourceDefinition", spec={"conversion": conversion})["spec"]
    assert made["conversion"]["webhook"]["clientConfig"]["service"]["port"] == 443


def test_an_api_service_is_reached_by_https() -> None:
    """Source: SetDefaults_ServiceReference of kube-aggregator."""
    version = "apiregistration.k8s.io/v1"
    made = fill(version, "APIService", spec={"service": {"name": "s"}})["spec"]
    assert made == {"service": {"name": "s", "port": 443}}
    assert fill(version, "APIService", spec={"version": "v1"})["spec"] == {"version": "v1"}


def test_a_driver_is_attached_and_knows_no_pods() -> None:
    """Source: TestSetDefaultAttachRequired and its like."""
    made = fill("storage.k8s.io/v1", "CSIDriver", spec={"storageCapacity": True})["spec"]
    assert made == {
        "attachRequired": True,
        "podInfoOnMount": False,
        "storageCapacity": True,
        "fsGroupPolicy": "ReadWriteOnceWithFSType",
        "requiresRepublish": False,
        "volumeLifecycleModes": ["Persistent"],
        "seLinuxMount": False,
    }


def test_a_request_for_devices_is_for_one() -> None:
    """Source: TestSetDefaultAllocationMode and its like."""
    asked = [
        {"name": "a", "exactly": {}},
        {"name": "b", "firstAvailable": [{}, {"allocationMode": "All"}, {"count": 2}]},
    ]
    one = {"allocationMode": "ExactCount", "count": 1}
    spec = {"devices": {"requests": asked}}
    claim = fill("resource.k8s.io/v1", "ResourceClaim", spec=spec)
    template = fill("resource.k8s.io/v1", "ResourceClaimTemplate", spec={"spec": spec})
    for made in (claim["spec"], template["spec"]["spec"]):
        first, second = made["devices"]["requests"]
        assert first["exactly"] == one
        assert second["firstAvailable"] == [one, {"allocationMode": "All"}, one | {"count": 2}]


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({}, {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}),
        ({"type": "RollingUpdate"}, {"type": "RollingUpdate"}),
        (
            {"type": "RollingUpdate", "rollingUpdate": {}},
            {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        ),
        ({"type": "OnDelete"}, {"type": "OnDelete"}),
    ],
)
def test_a_stateful_set_that_names_its_strategy_says_how(given: Object, filled: Object) -> None:
    """Source: SetDefaults_StatefulSet, which begins a rolling update only beside a type."""
    made = fill("apps/v1", "StatefulSet", spec={"updateStrategy": given})
    assert made["spec"]["updateStrategy"] == filled


def test_kinds_with_a_strategy_have_its_defaults() -> None:
    assert fill("apps/v1", "Deployment", spec={})["spec"]["strategy"] == ROLLING
    assert fill("v1", "Secret")["type"] == "Opaque"
    assert fill("v1", "Namespace", metadata={"name": "a"})["status"] == {"phase": "Active"}
    role = fill("rbac.authorization.k8s.io/v1", "RoleBinding", subjects=[{"kind": "User"}])
    assert role["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io"}
    assert role["subjects"] == [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io"}]


def test_null_is_as_good_as_absent() -> None:
    made = fill("apps/v1", "Deployment", spec=None)
    assert made["spec"]["replicas"] == 1
    assert fill("apps/v1", "Deployment", spec={"strategy": None})["spec"]["strategy"] == ROLLING


@pytest.mark.parametrize(
    ("version", "kind"), [("autoscaling/v1", "HorizontalPodAutoscaler"), ("a.b/v1", "Deployment")]
)
def test_another_version_is_told(version: str, kind: str) -> None:
    given = {"apiVersion": version, "kind": kind, "spec": {}}
    assert fill_in_kind(given) == (given, f"defaults of {kind} of {version} are not filled in")


def test_a_field_of_another_type_is_left_to_the_rules() -> None:
    given = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"strategy": "Recreate"}}
    made, why = fill_in_kind(given)
    assert made == given
    assert "a field has another type than it should" in why


def test_what_is_given_stays_as_it_was() -> None:
    given: Object = {"apiVersion": "v1", "kind": "Endpoints", "subsets": [{"ports": [{}]}]}
    fill_in_kind(given)
    assert given["subsets"] == [{"ports": [{}]}]


@pytest.mark.parametrize(("version", "kind"), DEFAULTS)
def test_every_kind_with_defaults_can_be_empty(version: str, kind: str) -> None:
    assert fill(version, kind)["kind"] == kind


def test_a_kind_without_defaults_is_known_as_one() -> None:
    assert find_kind("networking.k8s.io", "Ingress") is not None
    given = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "spec": {"rules": []}}
    assert fill_in_kind(given) == (given, "")

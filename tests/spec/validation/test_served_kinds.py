"""Objects by which the API server is set up, as projects write them: none is refused."""

import copy
from typing import Any

import pytest

from planespec.spec.validation.object_rules import validate_object

Object = dict[str, Any]
LISTED = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["port", "protocol"],
    "items": {
        "type": "object",
        "required": ["port"],
        "properties": {
            "port": {"type": "integer"},
            "protocol": {"type": "string", "default": "TCP"},
        },
    },
}
NUMBER_OR_TEXT = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
SPEC: Object = {
    "type": "object",
    "properties": {
        "size": {"x-kubernetes-int-or-string": True, **NUMBER_OR_TEXT},
        "share": {"x-kubernetes-int-or-string": True, "allOf": [NUMBER_OR_TEXT, {"pattern": "a"}]},
        "values": {"x-kubernetes-preserve-unknown-fields": True},
        "object": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "x-kubernetes-preserve-unknown-fields": True,
        },
        "ports": LISTED,
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "names": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "one": {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
            "not": {"properties": {"a": {"enum": ["none"]}}},
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object", "properties": {"name": {"type": "string"}}},
        "spec": SPEC,
    },
}
SCALE = {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}
DEFINITION: Object = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {
        "name": "widgets.x-k8s.io",
        "annotations": {"api-approved.kubernetes.io": "unapproved, an experiment"},
    },
    "spec": {
        "group": "x-k8s.io",
        "scope": "Cluster",
        "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["w"]},
        "conversion": {
            "strategy": "Webhook",
            "webhook": {
                "conversionReviewVersions": ["v2", "v1"],
                "clientConfig": {"service": {"name": "w", "namespace": "n", "path": "/convert"}},
            },
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": SCHEMA},
                "subresources": {"scale": SCALE | {"labelSelectorPath": ".status.selector"}},
                "additionalPrinterColumns": [{"name": "Age", "type": "date", "jsonPath": ".a"}],
            },
            {
                "name": "v1beta1",
                "served": False,
                "storage": False,
                "deprecated": True,
                "deprecationWarning": "use v1",
                "schema": {"openAPIV3Schema": SCHEMA},
            },
        ],
    },
}


def list_errors(data: Object) -> list[tuple[str, str]]:
    return [(each.field, each.message) for each in validate_object(data)]


def list_fields(schema: Object) -> list[str]:
    """The fields below `spec` of a schema that are refused."""
    planted = copy.deepcopy(DEFINITION)
    whole = {"type": "object", "properties": {"spec": schema}}
    planted["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = whole
    start = "spec.versions[0].schema.openAPIV3Schema.properties[spec]"
    fields = [field for field, _ in list_errors(planted)]
    assert all(field.startswith(start) for field in fields)
    return [field.removeprefix(start) for field in fields]


def test_a_definition_of_every_feature_is_accepted() -> None:
    assert list_errors(DEFINITION) == []


@pytest.mark.parametrize(
    ("group", "is_protected"),
    [
        ("k8s.io", True),
        ("x.k8s.io", True),
        ("a.x.kubernetes.io", True),
        ("x-k8s.io", False),
        ("mykubernetes.io", False),
    ],
)
def test_groups_of_the_community_need_an_approval(group: str, is_protected: bool) -> None:
    """Source: IsProtectedCommunityGroup."""
    planted = copy.deepcopy(DEFINITION)
    planted["metadata"] = {"name": f"widgets.{group}"}
    planted["spec"]["group"] = group
    fields = [field for field, _ in list_errors(planted)]
    assert fields == ["metadata.annotations[api-approved.kubernetes.io]"] * is_protected
    planted["metadata"]["annotations"] = {
        "api-approved.kubernetes.io": "https://github.com/kubernetes/enhancements/pull/1111"
    }
    assert list_errors(planted) == []


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        ({"type": "object", "properties": {"a": {}}}, [".properties[a].type"]),
        ({"type": "object", "additionalProperties": {}}, [".additionalProperties.type"]),
        ({"type": "object", "x-kubernetes-embedded-resource": True}, []),
        ({"x-kubernetes-embedded-resource": True}, [".type"]),
        ({"type": "array", "items": [{"type": "string"}]}, [".items"]),
        ({"type": "object", "$ref": "#/a"}, [".$ref"]),
        ({"type": "object", "patternProperties": {"a": {}}}, [".patternProperties"]),
        ({"type": "object", "properties": {}, "additionalProperties": False}, []),
        ({"type": "object", "allOf": [{"properties": {"a": {"type": "string"}}}]}, None),
        ({"type": "object", "anyOf": [{"description": "a"}]}, [".anyOf[0].description"]),
        ({"type": "object", "x-kubernetes-map-type": "set"}, [".x-kubernetes-map-type"]),
        (
            {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-map-keys": ["a"]},
            None,
        ),
        (
            {"x-kubernetes-int-or-string": True, "x-kubernetes-preserve-unknown-fields": True},
            [".x-kubernetes-preserve-unknown-fields"],
        ),
    ],
)
def test_what_makes_a_schema_structural(schema: Object, fields: list[str] | None) -> None:
    where = {"allOf": [".allOf[0].properties[a].type"], "items": [".x-kubernetes-list-type"]}
    wanted = next((where[key] for key in where if key in schema), []) if fields is None else fields
    assert list_fields(schema) == wanted


def test_a_key_of_a_list_is_a_scalar_that_every_item_has() -> None:
    planted = copy.deepcopy(LISTED)
    port = planted["items"]["properties"]["port"]  # type: ignore[index]
    port |= {"type": "object", "nullable": True}
    below = ".items.properties[port]"
    assert list_fields(planted) == [f"{below}.type", f"{below}.nullable"]


@pytest.mark.parametrize("version", ["v1beta1", "v1"])
def test_requests_stand_elsewhere_in_older_versions(version: str) -> None:
    devices = {"requests": [{"name": "gpu", "deviceClassName": "gpu.example.com"}]}
    claim = {
        "apiVersion": f"resource.k8s.io/{version}",
        "kind": "ResourceClaim",
        "metadata": {"name": "c", "namespace": "n"},
        "spec": {"devices": devices},
    }
    wanted = [] if version == "v1beta1" else ["spec.devices.requests[0]"]
    assert [field for field, _ in list_errors(claim)] == wanted


def test_alternatives_of_a_request_are_referred_to_by_both_names() -> None:
    choices = [{"name": name, "deviceClassName": "gpu.example.com"} for name in ("big", "small")]
    claim: Object = {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaim",
        "metadata": {"name": "c", "namespace": "n"},
        "spec": {
            "devices": {
                "requests": [{"name": "gpu", "firstAvailable": choices}],
                "constraints": [{"requests": ["gpu", "gpu/big"], "matchAttribute": "a.b/c"}],
                "config": [{"opaque": {"driver": "gpu.example.com", "parameters": {}}}],
            }
        },
    }
    assert list_errors(claim) == []
    choices[1]["name"] = "big"
    assert [field for field, _ in list_errors(claim)] == [
        "spec.devices.requests[0].firstAvailable[1].name"
    ]

"""Custom kinds are judged by the CustomResourceDefinitions of the input."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, audit, ids, make

SCHEMA: Object = {
    "type": "object",
    "required": ["spec"],
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size", "mode"],
            "properties": {
                "size": {"type": "integer", "minimum": 1, "maximum": 9, "format": "int32"},
                "mode": {"type": "string", "enum": ["fast", "slow"], "default": "fast"},
                "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
                "port": {"x-kubernetes-int-or-string": True},
                "ratio": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "maybe": {"type": "string", "nullable": True},
                "when": {"type": "string", "format": "date-time"},
                "hosts": {
                    "type": "array",
                    "maxItems": 3,
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"type": "string"}, "ip": {"type": "string"}},
                    },
                },
                "from": {
                    "type": "object",
                    "properties": {"file": {"type": "string"}, "url": {"type": "string"}},
                    "oneOf": [{"required": ["file"]}, {"required": ["url"]}],
                },
                "object": {
                    "type": "object",
                    "x-kubernetes-embedded-resource": True,
                    "x-kubernetes-preserve-unknown-fields": True,
                },
            },
        },
        "status": {"type": "object", "properties": {"ready": {"type": "boolean"}}},
    },
}


def define(schema: Any) -> Object:
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    names = {"plural": "widgets", "kind": "Widget"}
    spec = {"group": "example.com", "names": names, "scope": "Namespaced", "versions": [version]}
    return make("CustomResourceDefinition", "widgets.example.com", spec=spec)


def widget(**spec: Any) -> Object:
    return make("Widget", "w", spec={"size": 3} | spec) | {"apiVersion": "example.com/v1"}


def judge(thing: Object) -> dict[str, str]:
    """Audit it before its definition is read: by field what is said."""
    report = audit(thing, define(SCHEMA))
    assert report.unjudged == []
    return {each.field: each.message for each in report.violations}


RIGHT = [
    {},
    {"mode": None},
    {"port": 80},
    {"port": "http"},
    {"free": {"x": {"y": [1]}}},
    {"maybe": None},
    {"name": None},
    {"ratio": 1},
    {"hosts": [{"name": "a"}, {"name": "b"}]},
    {"from": {"file": "x"}},
    {"object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "more": 1}},
    {"when": "2026-01-31T12:00:00Z", "labels": {"a": "b"}},
]


@pytest.mark.parametrize("spec", RIGHT, ids=str)
def test_an_object_that_fits_its_definition_has_no_finding(spec: Object) -> None:
    assert judge(widget(**spec)) == {}


WRONG: list[tuple[Object, str, str]] = [
    ({"size": "3"}, "spec.size", "must be an integer"),
    ({"size": 10}, "spec.size", "must be at most 9, not the integer 10"),
    ({"size": None}, "spec.size", "Required value"),
    ({"mode": "medium"}, "spec.mode", "Unsupported value"),
    ({"name": "Upper"}, "spec.name", "must match"),
    ({"name": "abc\n"}, "spec.name", "must match"),
    ({"name": "abcdef"}, "spec.name", "must have at most 5 characters"),
    ({"port": 1.5}, "spec.port", "must be an integer or a string"),
    ({"ratio": 0}, "spec.ratio", "must be above 0"),
    ({"sizes": 1}, "spec.sizes", "unknown field; is size meant?"),
    ({"labels": {"a": 1}}, "spec.labels.a", "must be a string"),
    ({"when": "noon"}, "spec.when", "must have the format date-time"),
    ({"hosts": [{"ip": "x"}]}, "spec.hosts[0].name", "Required value"),
    ({"hosts": [{"name": "a"}, {"name": "a"}]}, "spec.hosts", 'Duplicate value: {"name": "a"}'),
    ({"hosts": [{"name": c} for c in "abcd"]}, "spec.hosts", "must have at most 3 items"),
    ({"hosts": [None]}, "spec.hosts[0]", "must be an object, not null"),
    ({"from": {"file": "x", "url": "y"}}, "spec.from", "must meet exactly one alternative"),
]


@pytest.mark.parametrize(("spec", "field", "message"), WRONG, ids=str)
def test_an_object_that_does_not_fit_its_definition_is_told(
    spec: Object, field: str, message: str
) -> None:
    found = judge(widget(**spec))
    assert list(found) == [field]
    assert found[field].startswith(message)


def test_a_definition_of_another_group_says_nothing() -> None:
    other = widget(size="x") | {"apiVersion": "example.org/v1"}
    report = audit(define(SCHEMA), other)
    assert (ids(report), len(report.unjudged)) == ([], 1)


def test_the_name_and_labels_of_a_custom_object_are_judged() -> None:
    thing = widget()
    thing["metadata"] = {"name": "w", "labels": {"a": 1}}
    assert list(judge(thing)) == ["metadata.labels.a"]


@pytest.mark.parametrize("schema", [None, "x", {"type": 5}, {"properties": [1]}, {"items": 3}])
def test_a_schema_that_is_none_forbids_nothing(schema: Any) -> None:
    assert "OBJ-25" not in ids(audit(define(schema), make("ConfigMap", "c")))


def with_pattern(**rules: Any) -> Object:
    fields = {"size": {"type": "integer"}, "name": {"type": "string", **rules}}
    spec = {"type": "object", "properties": fields}
    return define({"type": "object", "properties": {"spec": spec}})


UNREAD = r"^\Qa.b\E$"


def test_a_pattern_that_nobody_reads_is_said_not_to_be_considered() -> None:
    things = [widget(name="axb"), widget(name="axb"), widget(name="c")]
    for number, each in enumerate(things):
        each["metadata"]["name"] = f"w{number}"
    report = audit(with_pattern(pattern=UNREAD), *things)
    assert ids(report) == []
    [line] = [each for each in report.unjudged if "not modelled" in each]
    assert line.startswith(f"patterns of Widget that are not modelled, such as {UNREAD!r}: ")
    assert all(f"w{number}" in line for number in range(3))


@pytest.mark.parametrize(
    ("choice", "known", "wanted"),
    [
        ("anyOf", "^a", []),
        ("anyOf", "^z", None),
        ("allOf", "^a", None),
        ("allOf", "^z", ["OBJ-24"]),
        ("oneOf", "^a", None),
        ("oneOf", "^z", None),
    ],
)
def test_a_choice_is_open_only_where_the_unread_pattern_decides(
    choice: str, known: str, wanted: list[str] | None
) -> None:
    schema = with_pattern(**{choice: [{"pattern": UNREAD}, {"pattern": known}]})
    report = audit(schema, widget(name="axb"))
    is_open = any("not modelled" in each for each in report.unjudged)
    assert (ids(report), is_open) == (wanted or [], wanted is None)

"""What the definition of a custom kind says of its objects: rules in CEL, and namespaces."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, audit, ids, make, make_workload

from planespec.reports.audit.audit_result import Report
from planespec.spec.schema.custom_rules import escape_name

ITEM: Object = {"type": "object", "properties": {"x": {"type": "string"}}}
PROPERTIES: Object = {
    "replicas": {"type": "integer", "default": 1},
    "max": {"type": "integer", "default": 2},
    "ratio": {"type": "number"},
    "when": {"type": "string", "format": "date-time"},
    "wait": {"type": "string", "format": "duration"},
    "a-b": {"type": "integer"},
    "namespace": {"type": "string"},
    "name": {"type": "string"},
    "maybe": {"type": "string", "nullable": True},
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    "items": {
        "type": "array",
        "items": {"type": "object", "properties": {"x": {"type": "string"}}},
    },
    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
}


def define(*rules: Object, scope: str = "Namespaced", root: Any = (), **more: Any) -> Object:
    spec = {"type": "object", "properties": PROPERTIES | more}
    spec["x-kubernetes-validations"] = list(rules)
    schema: Object = {"type": "object", "properties": {"spec": spec}}
    schema["x-kubernetes-validations"] = list(root)
    version = {"name": "v1", "served": True, "storage": True}
    version["schema"] = {"openAPIV3Schema": schema}
    names = {"plural": "widgets", "kind": "Widget"}
    body = {"group": "example.com", "names": names, "scope": scope, "versions": [version]}
    return make("CustomResourceDefinition", "widgets.example.com", spec=body)


def widget(name: str = "w", namespace: str = "", /, **spec: Any) -> Object:
    placed = {"namespace": namespace} if namespace else {}
    return make("Widget", name, spec=spec, **placed) | {"apiVersion": "example.com/v1"}


def found(report: Report) -> list[tuple[str, str]]:
    return [(each.field, each.message) for each in report.violations]


def said(report: Report) -> str:
    return "\n".join(report.unjudged)


HOLDING = {
    "self.replicas <= self.max": [{}, {"replicas": 2}, {"replicas": 5, "max": 5}],
    "!has(self.name) || self.name.startsWith('a')": [{}, {"name": "ab"}],
    "!has(self.when) || self.when > timestamp('2020-01-01T00:00:00Z')": [
        {"when": "2021-01-01T00:00:00Z"}
    ],
    "!has(self.wait) || self.wait <= duration('1m30s')": [{"wait": "1m30s"}, {"wait": "500ms"}],
    "!has(self.a__dash__b) || self.a__dash__b > 0": [{"a-b": 1}],
    "!has(self.__namespace__) || self.__namespace__ != 'kube-system'": [{"namespace": "a"}],
    "!has(self.ratio) || self.ratio == 2.0": [{"ratio": 2}],
    "!has(self.maybe) || self.maybe == null": [{"maybe": None}, {}],
    "!has(self.labels) || self.labels.all(k, self.labels[k] == 'a-b')": [
        {"labels": {"x-y": "a-b"}}
    ],
    "!has(self.items) || self.items.all(i, has(i.x))": [{"items": [{"x": "a"}]}, {"items": []}],
    "!has(self.name) || self.name.find('^([^/]+)').endsWith('.io')": [{"name": "a.io/b.c"}],
    "!has(self.name) || self.name.findAll('[0-9]*') == ['', '12', '', '3']": [{"name": "a12bc3"}],
    "!has(self.name) || self.name.findAll('[a-z]', 2) == ['a', 'b']": [{"name": "abc"}],
    "!has(self.name) || self.name.find('[0-9]') == ''": [{"name": "abc"}],
    "self == oldSelf": [{}, {"replicas": 2}],
}
BREAKING = {
    "self.replicas <= self.max": [{"replicas": 3}, {"replicas": None, "max": 0}],
    "!has(self.name) || self.name.startsWith('a')": [{"name": "b"}],
    "!has(self.when) || self.when > timestamp('2020-01-01T00:00:00Z')": [
        {"when": "2019-01-01T00:00:00+01:00"}
    ],
    "!has(self.wait) || self.wait <= duration('1m30s')": [{"wait": "91s"}, {"wait": "1h"}],
    "!has(self.a__dash__b) || self.a__dash__b > 0": [{"a-b": 0}],
    "!has(self.__namespace__) || self.__namespace__ != 'kube-system'": [
        {"namespace": "kube-system"}
    ],
    "!has(self.ratio) || self.ratio == 2.0": [{"ratio": 2.5}],
    "!has(self.maybe) || self.maybe == null": [{"maybe": "x"}],
    "!has(self.labels) || self.labels.all(k, self.labels[k] == 'a-b')": [{"labels": {"x": "y"}}],
    "!has(self.items) || self.items.all(i, has(i.x))": [{"items": [{"x": "a"}, {}]}],
    "!has(self.name) || self.name.find('^([^/]+)').endsWith('.io')": [{"name": "a.com/b.io"}],
    "!has(self.name) || self.name.findAll('[0-9]').size() < 2": [{"name": "1 and 2"}],
    "!has(self.name) || self.name.find('b$') == 'b'": [{"name": "b\n"}],
}


@pytest.mark.parametrize("rule", HOLDING)
def test_an_object_that_meets_a_rule_has_no_finding(rule: str) -> None:
    for spec in HOLDING[rule]:
        report = audit(widget(**spec), define({"rule": rule}))
        assert (found(report), report.unjudged) == ([], [])


@pytest.mark.parametrize("rule", BREAKING)
def test_an_object_that_breaks_a_rule_is_told(rule: str) -> None:
    for spec in BREAKING[rule]:
        report = audit(widget(**spec), define({"rule": rule}))
        assert found(report) == [("spec", f'Invalid value: "object": failed rule: {rule}')]
        assert ids(report) == ["OBJ-24"]


FALSE = "self.replicas < 0"
WORDS: list[tuple[Object, str, str]] = [
    ({"message": "too many"}, "spec", 'Invalid value: "object": too many'),
    (
        {"messageExpression": "'at most ' + string(self.max)"},
        "spec",
        'Invalid value: "object": at most 2',
    ),
    ({"message": "m", "messageExpression": "self.x"}, "spec", 'Invalid value: "object": m'),
    ({"message": "m", "fieldPath": ".replicas"}, "spec.replicas", 'Invalid value: "object": m'),
    ({"message": "m", "reason": "FieldValueForbidden"}, "spec", "Forbidden: m"),
    ({"message": "m", "reason": "FieldValueRequired"}, "spec", "Required value: m"),
    ({"message": "m", "reason": "FieldValueDuplicate"}, "spec", "Duplicate value: m"),
]


@pytest.mark.parametrize(("more", "field", "message"), WORDS, ids=str)
def test_a_rule_says_what_it_is_about(more: Object, field: str, message: str) -> None:
    assert found(audit(define({"rule": FALSE, **more}), widget())) == [(field, message)]


def test_a_rule_below_names_the_place() -> None:
    item = {"type": "object", "properties": {"x": {"type": "string"}}}
    item["x-kubernetes-validations"] = [{"rule": "has(self.x)", "message": "m"}]
    lists = {"list": {"type": "array", "items": item}}
    lists["map"] = {"type": "object", "additionalProperties": item}
    thing = widget(list=[{"x": "a"}, {}], map={"k.k": {}, "l": {"x": "a"}})
    fields = sorted(field for field, _ in found(audit(define(**lists), thing)))
    assert fields == ["spec.list[1]", "spec.map[k.k]"]


def test_a_rule_at_the_root_sees_the_name_and_no_labels() -> None:
    rules = [{"rule": "self.metadata.name == self.spec.name", "message": "m"}]
    assert found(audit(define(root=rules), widget("a", name="a"))) == []
    assert found(audit(define(root=rules), widget("b", name="a"))) == [
        ("", 'Invalid value: "object": m')
    ]
    seeing = [{"rule": "has(self.metadata.labels)", "message": "m"}]
    thing = widget("a", name="a")
    thing["metadata"]["labels"] = {"a": "b"}
    assert found(audit(define(root=seeing), thing)) != []


def test_a_field_that_is_not_there_breaks_the_rule_as_upstream_says() -> None:
    rule = {"rule": "self.name == 'a'", "message": "m"}
    assert found(audit(define(rule), widget())) == [
        ("spec", 'Invalid value: "object": no such key: name evaluating rule: m')
    ]


NOT_MODELLED = {
    "a function": ("isURL(self.name)", {"name": "a"}),
    "an optional field": ("self.?name.orValue('a') == 'a'", {}),
    "a pattern of Go alone": ("self.name.find('[[:alpha:]]') == 'a'", {"name": "a"}),
    "no condition": ("self.name", {"name": "a"}),
    "text that is counted": ("size(self.name) == 1", {"name": "ä"}),
}


@pytest.mark.parametrize("name", NOT_MODELLED)
def test_a_rule_that_is_not_understood_is_named_and_decides_nothing(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    rule, spec = NOT_MODELLED[name]
    report = audit(define({"rule": rule}), widget(**spec))
    assert found(report) == []
    assert "rules in CEL of Widget that are not modelled" in said(report)
    assert rule in said(report)
    assert said(report).endswith("Widget.example.com default/w")
    assert caplog.records == []


def test_rules_are_asked_only_where_the_schema_is_met() -> None:
    report = audit(define({"rule": "self.max > 9"}), widget(replicas="1"))
    assert [field for field, _ in found(report)] == ["spec.replicas"]


def test_a_rule_about_a_change_that_may_be_asked_of_a_new_object_is_not_modelled() -> None:
    rule = {"rule": "!oldSelf.hasValue() && self.replicas == 1", "optionalOldSelf": True}
    assert "not modelled" in said(audit(define(rule), widget()))


def test_names_are_escaped_as_upstream_escapes_them() -> None:
    names = {
        "a.b": "a__dot__b",
        "a/b": "a__slash__b",
        "a__b": "a__underscores__b",
        "if": "__if__",
        "size": "size",
        "1a": "",
        "a b": "",
    }
    assert {name: escape_name(name) for name in names} == names


@pytest.mark.parametrize("is_first", [True, False], ids=["before it", "after it"])
def test_objects_of_a_kind_of_the_whole_cluster_have_no_namespace(is_first: bool) -> None:
    things = [widget(replicas="x"), widget("v", "team", replicas="y")]
    wide = define(scope="Cluster")
    report = audit(*((wide, *things) if is_first else (*things, wide)))
    named = [str(each.objects[0]) for each in report.violations]
    assert sorted(named) == ["Widget.example.com v", "Widget.example.com w"]


def test_such_an_object_stands_twice_whatever_namespace_it_says() -> None:
    report = audit(widget("w", "a"), widget("w", "b"), define(scope="Cluster"))
    assert [each.message for each in report.violations] == ["stands twice in the input"]
    assert str(report.violations[0].objects[0]) == "Widget.example.com w"
    assert report.counts["Widget.example.com"] == 1
    assert ids(audit(widget("w", "a"), widget("w", "b"), define())) == []


def test_the_findings_made_while_reading_name_it_without_one() -> None:
    thing = widget("a/b")
    [violation] = audit(thing, define(scope="Cluster")).violations
    assert (violation.requirement.id, str(violation.objects[0])) == (
        "OBJ-2",
        "Widget.example.com a/b",
    )


def test_a_definition_does_not_change_where_kinds_of_kubernetes_live() -> None:
    own = define(scope="Cluster")
    own["spec"] |= {"group": "apps", "names": {"plural": "deployments", "kind": "Deployment"}}
    report = audit(make_workload("Deployment", "d", replicas=-1), own)
    assert "Deployment default/d" in {str(each.objects[0]) for each in report.violations}

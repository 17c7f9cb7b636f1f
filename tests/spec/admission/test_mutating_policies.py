"""Mutating policies merge configurations and apply patches as the API server does."""

from typing import Any

import pytest

from planespec.reports.input.cel_expressions import evaluate_expression, open_literals
from planespec.reports.input.schema_files import load_merge_types
from planespec.spec.admission.extensions.admission_request import AdmissionRequest, GroupVersion
from planespec.spec.admission.extensions.match_conditions import FailedExpressionError
from planespec.spec.admission.extensions.mutating_policies import apply_mutation
from planespec.spec.api.api_errors import ApiError
from planespec.spec.objects import View

KIND = GroupVersion("", "v1", "Pod")
POD = {
    "metadata": {"name": "a", "labels": {"l": "1"}},
    "spec": {"containers": [{"name": "c", "image": "i", "args": ["x"]}]},
}


def run(*mutations: tuple[str, str], variables: Any = ()) -> Any:
    fields = {"JSONPatch": "jsonPatch", "ApplyConfiguration": "applyConfiguration"}
    listed = [
        {"patchType": kind, fields[kind]: {"expression": expression}}
        for kind, expression in mutations
    ]
    request = AdmissionRequest("CREATE", KIND, GroupVersion("", "v1", "pods"), "n", "a", dict(POD))
    spec = View({"mutations": listed, "variables": list(variables)})
    merging = load_merge_types().find("", "v1", "Pod")
    for mutation in spec.views("mutations"):
        made = apply_mutation(spec, mutation, request, evaluate_expression, merging)
        request = request.with_object(made)
    return request.object


def mutation(expression: str) -> Any:
    return {
        "patchType": "ApplyConfiguration",
        "applyConfiguration": {"expression": expression},
    }


def merge(made: Any, expression: str) -> Any:
    spec = View({"mutations": [mutation(expression)]})
    request = AdmissionRequest("CREATE", KIND, GroupVersion("", "v1", "pods"), "n", "a", made)
    [first] = spec.views("mutations")
    merging = load_merge_types().find("", "v1", "Pod")
    return apply_mutation(spec, first, request, evaluate_expression, merging)


def apply(expression: str) -> Any:
    return run(("ApplyConfiguration", expression))


def patch(expression: str) -> Any:
    return run(("JSONPatch", expression))


def test_a_configuration_is_merged_by_the_keys_of_lists() -> None:
    made = apply(
        "Object{spec: Object.spec{containers: ["
        "Object.spec.containers{name: 'c', image: 'new'},"
        "Object.spec.containers{name: 'd', image: 'other'}]}}"
    )
    assert made["spec"]["containers"] == [
        {"name": "c", "image": "new", "args": ["x"]},
        {"name": "d", "image": "other"},
    ]
    assert made["metadata"] == POD["metadata"]


def test_a_configuration_does_not_touch_what_has_one_owner_as_a_whole() -> None:
    with pytest.raises(FailedExpressionError) as error:
        apply(
            "Object{spec: Object.spec{containers: ["
            "Object.spec.containers{name: 'c', args: ['y']}]}}"
        )
    words = "invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: "
    assert str(error.value) == f"error applying patch: {words}.spec.containers[0].args"


def test_a_patch_is_applied_operation_by_operation() -> None:
    made = patch(
        "[JSONPatch{op: 'test', path: '/metadata/labels/l', value: '1'},"
        " JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'),"
        " value: object.metadata.name}]"
    )
    assert made["metadata"]["labels"] == {"l": "1", "a/b": "a"}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("[JSONPatch{op: 'remove', path: '/none'}]", "Unable to remove nonexistent key: none"),
        ("[JSONPatch{op: 'erase', path: '/none'}]", "JSON Patch: Unexpected kind: erase"),
        (
            "[JSONPatch{op: 'replace', path: '/spec/containers/-', value: {'name': 'x'}}]",
            "JSON Patch: replace operation does not apply: "
            "doc is missing key: /spec/containers/-: missing value",
        ),
        (
            "[JSONPatch{op: 'add', path: '/spec/containers/-', value: Object.spec.containers{"
            "name: 'x', ports: [Object.spec.containers.portsZ{containerPort: 8080}]}}]",
            'type mismatch: unexpected type name "Object.spec.containers.portsZ", expected '
            '"Object.spec.containers.ports", which matches field name path from root Object type',
        ),
        ("'x'", "type mismatch"),
    ],
)
def test_a_patch_that_does_not_apply_is_an_error(expression: str, said: str) -> None:
    with pytest.raises(FailedExpressionError) as error:
        patch(expression)
    assert said in str(error.value)


@pytest.mark.parametrize(("asked", "made"), [("100", "1"), ("1", "3")])
def test_a_patch_that_tests_for_what_is_not_so_leaves_the_object_as_it_is(
    asked: str, made: str
) -> None:
    test = f"JSONPatch{{op: 'test', path: '/metadata/labels/l', value: '{asked}'}}"
    change = "JSONPatch{op: 'replace', path: '/metadata/labels/l', value: '3'}"
    assert patch(f"[{test}, {change}]")["metadata"]["labels"] == {"l": made}


@pytest.mark.parametrize(
    ("expression", "made"),
    [
        ("[JSONPatch{op: 'remove', path: '/metadata/labels/l'}]", {}),
        ("[JSONPatch{op: 'copy', from: '/metadata/labels/l', path: '/metadata/labels/y'}]", "11"),
        ("[JSONPatch{op: 'move', from: '/metadata/labels/l', path: '/metadata/labels/y'}]", "y1"),
        ("[JSONPatch{op: 'add', path: '/metadata/labels', value: {'y': '2'}}]", {"y": "2"}),
        ("[JSONPatch{op: 'replace', path: '/metadata/labels/y', value: '2'}]", "12"),
    ],
)
def test_operations_do_what_upstream_has_them_do(expression: str, made: Any) -> None:
    known = {"11": {"l": "1", "y": "1"}, "y1": {"y": "1"}, "12": {"l": "1", "y": "2"}}
    assert patch(expression)["metadata"].get("labels", {}) == (
        known[made] if isinstance(made, str) else made
    )


def test_a_typed_literal_in_a_patch_is_a_plain_object() -> None:
    made = patch(
        "[JSONPatch{op: 'add', path: '/spec/containers/-', value: Object.spec.containers{"
        "name: 'x', ports: [Object.spec.containers.ports{containerPort: 8080}]}}]"
    )
    assert made["spec"]["containers"][1] == {"name": "x", "ports": [{"containerPort": 8080}]}


def test_a_patch_that_makes_an_unknown_field_is_an_error_whatever_the_failure_policy() -> None:
    with pytest.raises(ApiError) as error:
        patch(
            "[JSONPatch{op: 'add', path: '/spec/containers/-', value: Object.spec.containers{"
            "name: 'x', ports: [Object.spec.containers.ports{containerPortZ: 8080}]}}]"
        )
    assert error.value.code == 500
    assert error.value.message == (
        "Internal error occurred: strict decoding error: "
        'unknown field "spec.containers[1].ports[0].containerPortZ"'
    )


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (
            "Object{spec: Object.specx{hostname: 'h'}}",
            'type mismatch: unexpected type name "Object.specx", expected "Object.spec", '
            "which matches field name path from root Object type",
        ),
        (
            "Object{spec: Object.spec{hostnamex: 'h'}}",
            "error applying patch: failed to convert patch object to typed object: "
            ".spec.hostnamex: field not declared in schema",
        ),
        ('"I\'m a teapot!"', "must evaluate to Object but got another type"),
        ("Object.spec.metadata{}", "must evaluate to Object but got Object.spec.metadata"),
    ],
)
def test_a_configuration_of_another_type_is_an_error(expression: str, said: str) -> None:
    with pytest.raises(FailedExpressionError) as error:
        apply(expression)
    assert said in str(error.value)


def test_a_configuration_cannot_change_what_kind_of_object_it_is() -> None:
    made = apply("Object{kind: 'Node', spec: Object.spec{hostname: 'h'}}")
    assert made["spec"]["hostname"] == "h"
    assert made.get("kind") != "Node"


def test_values_of_maps_are_not_searched_for_what_has_one_owner() -> None:
    types = load_merge_types().find("authorization.k8s.io", "v1", "SubjectAccessReview")
    spec = View({"mutations": [mutation("Object{spec: Object.spec{extra: {'k': ['v']}}}")]})
    request = AdmissionRequest("CREATE", KIND, GroupVersion("", "v1", "p"), "", "a", {"spec": {}})
    [first] = spec.views("mutations")
    made = apply_mutation(spec, first, request, evaluate_expression, types)
    assert made["spec"]["extra"] == {"k": ["v"]}


def test_what_stands_twice_in_a_list_is_one_only_where_it_is_changed() -> None:
    env = [{"name": "t", "value": "a"}, {"name": "t", "value": "b"}, {"name": "f", "value": "x"}]
    pod = {"spec": {"containers": [{"name": "c", "env": env}]}}
    place = "Object.spec.containers"
    other = f"Object{{spec: Object.spec{{containers: [{place}{{name: 'c', image: 'i'}}]}}}}"
    same = f"[{place}.env{{name: 't', value: 'c'}}]"
    change = f"Object{{spec: Object.spec{{containers: [{place}{{name: 'c', env: {same}}}]}}}}"
    assert merge(pod, other)["spec"]["containers"][0]["env"] == env
    changed = merge(pod, change)["spec"]["containers"][0]["env"]
    assert changed == [{"name": "t", "value": "c"}, {"name": "f", "value": "x"}]


def test_later_mutations_see_what_earlier_ones_made() -> None:
    made = run(
        ("ApplyConfiguration", "Object{metadata: Object.metadata{labels: {'m': variables.v}}}"),
        (
            "JSONPatch",
            "[JSONPatch{op: 'add', path: '/metadata/labels/n', value: object.metadata.labels.m}]",
        ),
        variables=[{"name": "v", "expression": "object.metadata.name + '!'"}],
    )
    assert made["metadata"]["labels"] == {"l": "1", "m": "a!", "n": "a!"}


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("Object{a: x ? y : z}", "{'<type>': 'Object', 'a': x ? y : z}"),
        ("JSONPatch{op: 'add'}", "{'op': 'add'}"),
        ("Object{ }", "{'<type>': 'Object' }"),
        (
            "Object{a: {b: c}, d: 'Object{e: f}'}",
            "{'<type>': 'Object', 'a': {b: c}, 'd': 'Object{e: f}'}",
        ),
        (
            "[1].map(k, Object.spec{a: k, b: [k, k]})",
            "[1].map(k, {'<type>': 'Object.spec', 'a': k, 'b': [k, k]})",
        ),
        ("self.Object{a: 1}", "self.Object{a: 1}"),
        (
            r"'\'Object{a: 1}' + Object {a: 1}",
            r"'\'Object{a: 1}' + {'<type>': 'Object', 'a': 1}",
        ),
    ],
)
def test_typed_literals_are_written_as_maps(expression: str, written: str) -> None:
    assert open_literals(expression) == written

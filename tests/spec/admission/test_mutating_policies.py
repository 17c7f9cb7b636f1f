"""Mutating policies merge configurations and apply patches as the API server does."""

from typing import Any

import pytest

from planespec.reports.input.cel_expressions import evaluate_expression, open_literals
from planespec.reports.input.schema_files import load_merge_types
from planespec.spec.admission.extensions.admission_request import AdmissionRequest, GroupVersion
from planespec.spec.admission.extensions.match_conditions import FailedExpressionError
from planespec.spec.admission.extensions.mutating_policies import apply_mutations
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
    return apply_mutations(spec, request, evaluate_expression, merging)


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
    assert str(error.value) == f'{words}.spec.containers[name="c"].args'


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
        ("[JSONPatch{op: 'erase', path: '/none'}]", 'unsupported JSONPatch operation "erase"'),
        ("'x'", "type mismatch"),
    ],
)
def test_a_patch_that_does_not_apply_is_an_error(expression: str, said: str) -> None:
    with pytest.raises(FailedExpressionError) as error:
        patch(expression)
    assert said in str(error.value)


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
        ("Object{a: x ? y : z}", "{'a': x ? y : z}"),
        ("Object{a: {b: c}, d: 'Object{e: f}'}", "{'a': {b: c}, 'd': 'Object{e: f}'}"),
        ("[1].map(k, Object.spec{a: k, b: [k, k]})", "[1].map(k, {'a': k, 'b': [k, k]})"),
        ("self.Object{a: 1}", "self.Object{a: 1}"),
        (r"'\'Object{a: 1}' + Object {a: 1}", r"'\'Object{a: 1}' + {'a': 1}"),
    ],
)
def test_typed_literals_are_written_as_maps(expression: str, written: str) -> None:
    assert open_literals(expression) == written

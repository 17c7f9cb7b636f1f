"""Rules for MutatingAdmissionPolicies, as upstream's own tests state them."""

import copy
from typing import Any

import pytest

from planespec.spec.objects import View
from planespec.spec.validation.kinds.policy_rules import (
    validate_mutating_policy,
    validate_mutating_policy_binding,
)

RULE = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
SPEC = {
    "failurePolicy": "Fail",
    "reinvocationPolicy": "Never",
    "matchConstraints": {"resourceRules": [RULE]},
    "mutations": [
        {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": "Object{}"}}
    ],
}
OPERATIONS = '"*", "CONNECT", "CREATE", "UPDATE"'


def list_errors(**more: Any) -> list[str]:
    spec = {**copy.deepcopy(SPEC), **more}
    return [str(each) for each in validate_mutating_policy(View({"spec": spec}))]


def mutations(**fields: Any) -> list[str]:
    return list_errors(mutations=[fields])


def test_a_policy_as_it_should_be_has_no_errors() -> None:
    assert list_errors() == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"mutations": []},
            "spec.mutations: Required value: mutations must contain at least one item",
        ),
        ({"reinvocationPolicy": ""}, "spec.reinvocationPolicy: Required value"),
        (
            {"reinvocationPolicy": "other"},
            'spec.reinvocationPolicy: Unsupported value: "other": '
            'supported values: "IfNeeded", "Never"',
        ),
    ],
)
def test_a_policy_has_mutations_and_says_whether_it_is_applied_again(
    more: dict[str, Any], said: str
) -> None:
    assert list_errors(**more) == [said]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"applyConfiguration": {"expression": "Object{}"}},
            ["spec.mutations[0].patchType: Required value"],
        ),
        (
            {"patchType": "other"},
            [
                'spec.mutations[0].patchType: Unsupported value: "other": '
                'supported values: "ApplyConfiguration", "JSONPatch"'
            ],
        ),
        (
            {"patchType": "JSONPatch", "applyConfiguration": {"expression": "Object{}"}},
            [
                'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": '
                "must not be specified when patchType is JSONPatch",
                "spec.mutations[0].jsonPatch: Required value: "
                "must be specified when patchType is JSONPatch",
            ],
        ),
        (
            {"patchType": "JSONPatch", "jsonPatch": {"expression": "  "}},
            [
                "spec.mutations[0].jsonPatch.expression: Required value: "
                "expression is not specified"
            ],
        ),
    ],
)
def test_a_mutation_is_of_one_patch_type(fields: dict[str, Any], said: list[str]) -> None:
    assert mutations(**fields) == said


def test_what_is_deleted_cannot_be_mutated() -> None:
    rules = {"resourceRules": [{**RULE, "operations": ["DELETE"]}]}
    said = f'operations: Unsupported value: "DELETE": supported values: {OPERATIONS}'
    assert list_errors(matchConstraints=rules) == [f"spec.matchConstraints.resourceRules.{said}"]
    binding = {"spec": {"policyName": "p", "matchResources": rules}}
    found = [str(each) for each in validate_mutating_policy_binding(View(binding))]
    assert found == [f"spec.matchResources.resourceRules.{said}"]

"""Policies are matched, evaluated and told as the API server does."""

from typing import Any

import pytest

from planespec.reports.input.cel_expressions import evaluate_expression
from planespec.spec.admission.extensions.admission_request import AdmissionRequest, GroupVersion
from planespec.spec.admission.extensions.match_conditions import (
    FailedExpressionError,
    UnsupportedExpressionError,
)
from planespec.spec.admission.extensions.validating_policies import (
    ConfigurationFault,
    PolicyContext,
    matches,
    validate_by_policies,
)
from planespec.spec.objects import View

RULE = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["*"]}
POD = {"metadata": {"name": "a", "labels": {"l": "1"}}, "spec": {"n": 3}}


def ask(made: Any = POD) -> AdmissionRequest:
    kind, resource = GroupVersion("", "v1", "Pod"), GroupVersion("", "v1", "pods")
    return AdmissionRequest("CREATE", kind, resource, "n", "a", made)


def judge(
    *validations: dict[str, Any],
    actions: tuple[str, ...] = ("Deny",),
    made: Any = POD,
    binding: dict[str, Any] | None = None,
    params: Any = None,
    **spec: Any,
) -> tuple[list[tuple[int, str | None, str]], list[str]]:
    """The answers, shortened to what the policy says, and the warnings."""
    policy = {
        "metadata": {"name": "p"},
        "spec": {
            "matchConstraints": {"resourceRules": [RULE]},
            "validations": list(validations),
            **spec,
        },
    }
    bound = {"policyName": "p", "validationActions": list(actions), **(binding or {})}
    binding_ = {"metadata": {"name": "b"}, "spec": bound}

    def find(_policy: View, _binding: View, _namespace: str) -> list[Any]:
        if isinstance(params, Exception):
            raise params
        return [params]

    context = PolicyContext(evaluate_expression, find, {"team": "x"})
    found = validate_by_policies(ask(made), [View(policy)], [View(binding_)], context)
    said = [
        (each.code, each.reason, each.message.partition(" denied request: ")[2]) for each in found
    ]
    return said, context.warnings


@pytest.mark.parametrize(
    ("validation", "answer"),
    [
        ({"expression": "object.spec.n > 2"}, None),
        (
            {"expression": "object.spec.n > 5"},
            (422, "Invalid", "failed expression: object.spec.n > 5"),
        ),
        (
            {"expression": "object.spec.n > 5", "message": " few ", "reason": "Forbidden"},
            (403, "Forbidden", "few"),
        ),
        (
            {
                "expression": "false",
                "message": "no",
                "messageExpression": "'n is ' + string(object.spec.n)",
                "reason": "RequestEntityTooLarge",
            },
            (413, "RequestEntityTooLarge", "n is 3"),
        ),
        (
            {"expression": "false", "message": "no", "messageExpression": "object.none"},
            (422, "Invalid", "no"),
        ),
        (
            {"expression": "false", "message": "no", "messageExpression": "'a\\nb'"},
            (422, "Invalid", "no"),
        ),
        (
            {"expression": "object.x.y == 1", "reason": "Forbidden"},
            (
                422,
                "Invalid",
                "expression 'object.x.y == 1' resulted in error: no such key: x",
            ),
        ),
    ],
)
def test_a_denial_is_told_with_its_reason(validation: dict[str, Any], answer: Any) -> None:
    said, _ = judge(validation)
    assert said == ([] if answer is None else [answer])


def test_errors_are_passed_over_where_the_policy_fails_open() -> None:
    wrong = {"expression": "object.x.y == 1"}
    assert judge(wrong, {"expression": "false"}, failurePolicy="Ignore")[0] == [
        (422, "Invalid", "failed expression: false")
    ]


def test_a_warning_lets_the_request_pass() -> None:
    said, warnings = judge({"expression": "false", "message": "no"}, actions=("Warn", "Audit"))
    assert said == []
    words = "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no"
    assert warnings == [words]


def test_variables_are_computed_where_they_are_used() -> None:
    variables = [
        {"name": "n", "expression": "object.spec.n"},
        {"name": "twice", "expression": "variables.n * 2"},
        {"name": "wrong", "expression": "object.none.none"},
    ]
    assert judge({"expression": "variables.twice == 6"}, variables=variables)[0] == []


@pytest.mark.parametrize(("condition", "count"), [("false", 0), ("true", 1)])
def test_conditions_decide_whether_a_policy_is_evaluated(condition: str, count: int) -> None:
    conditions = [{"name": "c", "expression": condition}]
    assert len(judge({"expression": "false"}, matchConditions=conditions)[0]) == count


@pytest.mark.parametrize(("policy", "count"), [("Fail", 1), ("Ignore", 0)])
def test_a_binding_without_its_parameters_fails_by_the_policy(policy: str, count: int) -> None:
    fault = ConfigurationFault("no params found")
    said, _ = judge({"expression": "true"}, params=fault, failurePolicy=policy)
    assert [each[2] for each in said] == ["failed to configure binding: no params found"] * count


def test_parameters_are_known_to_expressions() -> None:
    assert judge({"expression": "object.spec.n < params.most"}, params={"most": 4})[0] == []


def test_a_binding_narrows_what_its_policy_means() -> None:
    other = {"matchResources": {"namespaceSelector": {"matchLabels": {"team": "y"}}}}
    assert judge({"expression": "false"}, binding=other)[0] == []


@pytest.mark.parametrize(
    ("constraints", "meant"),
    [
        ({}, True),
        ({"resourceRules": [{**RULE, "resourceNames": ["a"]}]}, True),
        ({"resourceRules": [{**RULE, "resourceNames": ["b"]}]}, False),
        ({"excludeResourceRules": [RULE]}, False),
        ({"objectSelector": {"matchLabels": {"l": "2"}}}, False),
    ],
)
def test_constraints_name_what_is_meant_and_what_is_not(
    constraints: dict[str, Any], meant: bool
) -> None:
    assert matches(View(constraints), ask(), {}) == meant


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("object.a.b", "no such key: a"),
        ("none.spec.b", "no such key: spec"),
        ("object.metadata.name < 3", "no such overload"),
        ("1 / 0 == 1", "division by zero"),
        ("[1][2] == 1", "index out of bounds: 2"),
    ],
)
def test_errors_are_told_in_the_words_of_upstreams_package(expression: str, said: str) -> None:
    with pytest.raises(FailedExpressionError) as error:
        evaluate_expression(expression, {"object": POD, "none": None})
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("has(object.data)", False),
        ("!has(object.data) || size(object.data) < 3", True),
        ("has(object.data) ? size(object.data) : 0", 0),
        ("object == null && !has( object .data)", True),
        ("'object.data' + (object == null ? '' : object.data)", "object.data"),
    ],
)
def test_null_has_no_fields_and_is_null(expression: str, answer: object) -> None:
    assert evaluate_expression(expression, {"object": None}) == answer


def test_what_uses_a_variable_without_a_value_says_why_it_has_none() -> None:
    variables = [
        {"name": "n", "expression": "object.spec.m"},
        {"name": "twice", "expression": "variables.n * 2"},
    ]
    for used, why in (
        ("n", 'composited variable "n" fails to evaluate: no such key: m'),
        (
            "twice",
            'composited variable "twice" fails to evaluate: composited variable "n" fails to '
            "evaluate: no such key: m",
        ),
    ):
        expression = f"variables.{used} < 4"
        said, _ = judge({"expression": expression}, variables=variables)
        assert said == [(422, "Invalid", f"expression '{expression}' resulted in error: {why}")]


def test_an_authorizer_is_known_for_masters_only() -> None:
    check = "authorizer.group('').resource('pods').namespace('n').check('get').allowed()"
    masters = {"username": "a", "groups": ["system:masters"]}
    assert evaluate_expression(check, {"authorizer": masters}) is True
    with pytest.raises(UnsupportedExpressionError):
        evaluate_expression(check, {"authorizer": {"username": "a", "groups": []}})


def test_what_the_package_cannot_read_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedExpressionError) as error:
        evaluate_expression("object.?spec.orValue(1) == 1", {"object": POD})
    assert "object.?spec" in str(error.value)

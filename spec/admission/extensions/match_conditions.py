"""Expressions of webhooks and policies: what they see, and the conditions under which these act.

Sources: `apiserver/pkg/admission/plugin/cel/condition.go`,
`apiserver/pkg/admission/plugin/webhook/matchconditions/matcher.go`; v1.36. Costs are not counted.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from planespec.spec.admission.extensions.admission_request import AdmissionRequest
from planespec.spec.labels.selector import join_errors
from planespec.spec.objects import View

Scope = Mapping[str, Any]
"""The names that an expression knows, with their values."""
Evaluate = Callable[[str, Scope], object]
"""Returns what an expression of CEL comes to. Raises FailedExpressionError where it has no value,
UnsupportedExpressionError where it cannot be evaluated here."""
_VARIABLE = re.compile(r"\bvariables\.([A-Za-z_][A-Za-z0-9_]*)")


class FailedExpressionError(ValueError):
    """An expression comes to an error; says which, in upstream's words."""


class UnsupportedExpressionError(ValueError):
    """An expression is not one that can be evaluated here."""


class Condition(Enum):
    """What conditions say of a request."""

    MET = "met"
    NOT_MET = "not met"


def make_scope(
    request: AdmissionRequest, *, namespace: Mapping[str, Any] | None = None, params: Any = None
) -> dict[str, Any]:
    """Return what expressions see of a request."""
    asker = {"username": request.username, "groups": [*request.groups]}
    own = {
        "group": request.resource.group,
        "resource": request.resource.name,
        "subresource": request.subresource,
        "namespace": request.namespace,
        "name": request.name,
    }
    return {
        "object": request.object,
        "oldObject": request.old,
        "request": request.describe(),
        "namespaceObject": namespace,
        "params": params,
        "authorizer": {**asker, "requestResource": {**asker, **own}},
    }


def run_expression(evaluate: Evaluate, expression: str, scope: Scope) -> object:
    """Evaluate one expression; its errors name it. Raises FailedExpressionError."""
    try:
        return _evaluate(evaluate, expression, scope)
    except FailedExpressionError as error:
        words = f"expression '{expression}' resulted in error: {error}"
        raise FailedExpressionError(words) from error


class _Variables(dict[str, object]):
    """The variables of a policy: those that have a value, and why others have none."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: dict[str, str] = {}


def _evaluate(evaluate: Evaluate, expression: str, scope: Scope) -> object:
    """Evaluate an expression; where it fails by a variable without a value, say why.

    Source: `plugin/cel/composition.go`.
    """
    try:
        return evaluate(expression, scope)
    except FailedExpressionError as error:
        known = scope.get("variables")
        for name, why in known.failures.items() if isinstance(known, _Variables) else ():
            if str(error) == f"no such key: {name}":
                words = f'composited variable "{name}" fails to evaluate: {why}'
                raise FailedExpressionError(words) from error
        raise


def check_conditions(
    evaluate: Evaluate, conditions: Sequence[View], scope: Scope, *, fails: bool
) -> Condition:
    """Say whether all conditions hold; one that does not decides, whatever others come to.

    Raises FailedExpressionError where one has no value, none is false, and `fails` says that
    this is to be told; else they are not met.
    """
    errors: list[str] = []
    for each in conditions:
        try:
            value = run_expression(evaluate, each.text("expression"), scope)
        except FailedExpressionError as error:
            errors.append(str(error))
        else:
            if value is False:
                return Condition.NOT_MET
    if errors and fails:
        raise FailedExpressionError(join_errors(errors))
    return Condition.NOT_MET if errors else Condition.MET


def with_variables(
    evaluate: Evaluate, variables: Sequence[View], expression: str, scope: Scope
) -> Scope:
    """Add `variables` to a scope: those that the expression names, and what these name in turn.

    A variable whose expression has no value is left out; what uses it fails by that.
    """
    needed = set(_VARIABLE.findall(expression))
    for each in reversed(variables):
        if each.text("name") in needed:
            needed |= set(_VARIABLE.findall(each.text("expression")))
    known = _Variables()
    for each in variables:
        name, inner = each.text("name"), {**scope, "variables": known}
        if name in needed:
            try:
                known[name] = _evaluate(evaluate, each.text("expression"), inner)
            except FailedExpressionError as error:
                known.failures[name] = str(error)
    return {**scope, "variables": known}

"""ValidatingAdmissionPolicies: which apply to a request, with which parameters, what they find.

Sources: `apiserver/pkg/admission/plugin/policy/validating/{dispatcher,validator}.go`,
`policy/matching/matching.go`, `policy/generic/policy_dispatcher.go` (CollectParams); v1.36. Audit
annotations and costs are left out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planespec.spec.admission.extensions.admission_request import (
    AdmissionRequest,
    covers,
    is_selected,
    list_resources,
)
from planespec.spec.admission.extensions.match_conditions import (
    Condition,
    Evaluate,
    FailedExpressionError,
    Scope,
    check_conditions,
    make_scope,
    run_expression,
    with_variables,
)
from planespec.spec.api.api_errors import ApiError, Cause
from planespec.spec.objects import ObjectMeta, View

_CODES = {"Forbidden": 403, "Unauthorized": 401, "RequestEntityTooLarge": 413}
_LONGEST_MESSAGE = 5 * 1024
FindParams = Callable[[View, View, str], list[Any]]
"""Returns the parameters of policy and binding for a namespace, [None] for none to be used.
Raises ConfigurationFault."""


class ConfigurationFault(ValueError):  # noqa: N818
    """A policy or binding cannot be used; its failure policy decides."""


@dataclass(frozen=True)
class Denial:
    """What one validation, or the failure of one, says."""

    message: str
    reason: str = ""


@dataclass
class PolicyContext:
    """What policies are matched by and evaluated with."""

    evaluate: Evaluate
    find_params: FindParams
    namespace: Mapping[str, str]
    """Labels of the namespace of the request."""
    namespace_object: Mapping[str, Any] | None = None
    warnings: list[str] = field(default_factory=list)


def get_name(view: View) -> str:
    """Return the name of an object."""
    return ObjectMeta(view.data.get("metadata"), "metadata").name


def matches(match: View, request: AdmissionRequest, namespace: Mapping[str, str]) -> bool:
    """Say whether constraints of a policy, or of a binding, mean the request."""
    if not is_selected(match, request, namespace):
        return False
    is_exact = match.text("matchPolicy") == "Exact"
    if _is_listed(match.views("excludeResourceRules"), request, is_exact):
        return False
    rules = match.views("resourceRules")
    return not rules or _is_listed(rules, request, is_exact)


def _is_listed(rules: Sequence[View], request: AdmissionRequest, is_exact: bool) -> bool:
    resources = list_resources(request, is_exact=is_exact)
    return any(
        covers(rule, request, each)
        and (not rule.texts("resourceNames") or request.name in rule.texts("resourceNames"))
        for each in resources
        for rule in rules
    )


def validate_by_policies(
    request: AdmissionRequest,
    policies: Sequence[View],
    bindings: Sequence[View],
    context: PolicyContext,
) -> list[ApiError]:
    """Evaluate the policies that mean a request, and return the refusal of each, in order.

    Upstream answers with the first; warnings are kept in the context.
    """
    refusals: list[ApiError] = []
    for policy in policies:
        if request.is_closed:
            break
        spec = policy.view("spec")
        if not matches(spec.view("matchConstraints"), request, context.namespace):
            continue
        for binding in bindings:
            if binding.view("spec").text("policyName") == get_name(policy):
                refusals += _validate_bound(request, policy, binding, context)
    return refusals


def _validate_bound(
    request: AdmissionRequest, policy: View, binding: View, context: PolicyContext
) -> Iterator[ApiError]:
    spec = binding.view("spec")
    if spec.has("matchResources") and not matches(
        spec.view("matchResources"), request, context.namespace
    ):
        return
    try:
        found = context.find_params(policy, binding, request.namespace)
    except ConfigurationFault as fault:
        if policy.view("spec").text("failurePolicy") != "Ignore":
            found_fault = Denial(f"failed to configure binding: {fault}")
            yield _refuse(request, policy, binding, found_fault)
        return
    for params in found:
        scope = make_scope(request, namespace=context.namespace_object, params=params)
        for denial in _evaluate_policy(policy.view("spec"), scope, context.evaluate):
            for action in spec.texts("validationActions"):
                if action == "Deny":
                    yield _refuse(request, policy, binding, denial)
                elif action == "Warn":
                    who = f"'{get_name(policy)}' with binding '{get_name(binding)}'"
                    words = f"Validation failed for ValidatingAdmissionPolicy {who}"
                    said = f"{words}: {denial.message}"
                    if said not in context.warnings:
                        context.warnings.append(said)


def _refuse(request: AdmissionRequest, policy: View, binding: View, denial: Denial) -> ApiError:
    who = f"ValidatingAdmissionPolicy '{get_name(policy)}' with binding '{get_name(binding)}'"
    message = f"{who} denied request: {denial.message}"
    reason = denial.reason or "Invalid"
    said = f'{request.qualified_resource} "{request.name}" is forbidden: {message}'
    return ApiError(_CODES.get(reason, 422), reason, said, [Cause("", message, None)])


def _evaluate_policy(spec: View, scope: Scope, evaluate: Evaluate) -> Iterator[Denial]:
    """Yield what is denied. Source: validator.Validate."""
    fails = spec.text("failurePolicy") != "Ignore"
    variables = spec.views("variables")
    try:
        conditions = spec.views("matchConditions")
        if check_conditions(evaluate, conditions, scope, fails=fails) is Condition.NOT_MET:
            return
    except FailedExpressionError as error:
        yield Denial(str(error))
        return
    for validation in spec.views("validations"):
        expression = validation.text("expression")
        known = with_variables(evaluate, variables, expression, scope)
        try:
            value = run_expression(evaluate, expression, known)
        except FailedExpressionError as error:
            if fails:
                yield Denial(str(error))
        else:
            if value is not True:
                words = _tell(validation, variables, scope, evaluate)
                yield Denial(words, validation.text("reason") or "Invalid")


def _tell(validation: View, variables: Sequence[View], scope: Scope, evaluate: Evaluate) -> str:
    """Return the message: of its expression where that is a good one, or as written."""
    expression = validation.text("messageExpression")
    if expression:
        try:
            known = with_variables(evaluate, variables, expression, scope)
            value = run_expression(evaluate, expression, known)
        except FailedExpressionError:
            value = ""
        message = value.strip() if isinstance(value, str) else ""
        if message and "\n" not in message and len(message.encode()) <= _LONGEST_MESSAGE:
            return message
    own = validation.text("message").strip()
    return own or f"failed expression: {validation.text('expression').strip()}"

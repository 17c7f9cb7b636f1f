"""Rules for policies of admission and their bindings. Expressions in CEL are not compiled.

Source: `pkg/apis/admissionregistration/validation/validation.go`, v1.36, with the defaults of
`pkg/apis/admissionregistration/v1/defaults.go`.
"""

import re

from planespec.spec.names import get_dns1035_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
)
from planespec.spec.validation.kinds.webhook_rules import (
    FAILURE_POLICIES,
    MATCH_POLICIES,
    validate_choice,
    validate_conditions,
    validate_operations,
)
from planespec.spec.validation.value_rules import (
    get_path_segment_errors,
    validate_label_key,
    validate_selector,
)

_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_ACTIONS = ENUMERATIONS["admissionregistration.ValidatingAdmissionPolicyBindingSpec"][
    "validationActions"
]
_MUTABLE = ("*", "CONNECT", "CREATE", "UPDATE")
_PATCH_MEMBERS = {"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}
_REINVOCATION_POLICIES = ENUMERATIONS["admissionregistration.MutatingAdmissionPolicySpec"][
    "reinvocationPolicy"
]
_RESERVED = frozenset(
    (
        *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for"),
        *("function", "if", "import", "let", "loop", "package", "namespace", "return", "var"),
        *("void", "while"),
    )
)


def _validate_matching(view: View) -> Errors:
    """Source: validateMatchResources; what must be set has defaults."""
    yield from validate_choice(view, "matchPolicy", MATCH_POLICIES)
    for name in ("namespaceSelector", "objectSelector"):
        yield from validate_selector(view.view(name))
    for name in ("resourceRules", "excludeResourceRules"):
        for rule in view.views(name):
            names = rule.texts("resourceNames")
            for index, value in enumerate(names):
                field = f"{rule.path('resourceNames')}[{index}]"
                yield from checked(field, value, get_path_segment_errors)
                if value in names[:index]:
                    yield duplicate(field, value)
            yield from validate_operations(rule)


# Policies and their bindings.


def validate_policy(view: View) -> Errors:
    """Source: ValidateValidatingAdmissionPolicy."""
    spec = view.view("spec")
    yield from _validate_policy_scope(spec)
    validations, annotations = spec.views("validations"), spec.views("auditAnnotations")
    if not validations and not annotations:
        words = "validations or auditAnnotations must contain at least one item"
        for name in ("validations", "auditAnnotations"):
            yield required(spec.path(name), words)
    for validation in validations:
        yield from _validate_validation(validation)
    if len(annotations) > 20:
        shown = spec.items("auditAnnotations")
        words = "must not have more than 20 auditAnnotations"
        yield invalid(spec.path("auditAnnotations"), shown, words)
    name, keys = view.view("metadata").text("name"), set[str]()
    for annotation in annotations:
        key = annotation.text("key")
        if name:
            yield from validate_label_key(annotation.path("key"), f"{name}/{key}")
        if not annotation.text("valueExpression").strip():
            words = "valueExpression is not specified"
            yield required(annotation.path("valueExpression"), words)
        if key in keys:
            yield duplicate(annotation.path("key"), key)
        keys.add(key)


def validate_mutating_policy(view: View) -> Errors:
    """Source: validateMutatingAdmissionPolicySpec."""
    spec = view.view("spec")
    yield from _validate_policy_scope(spec, is_mutating=True)
    mutations = spec.views("mutations")
    if not mutations:
        yield required(spec.path("mutations"), "mutations must contain at least one item")
    for mutation in mutations:
        yield from _validate_mutation(mutation)
    if not spec.text("reinvocationPolicy"):
        yield required(spec.path("reinvocationPolicy"))
    else:
        yield from validate_choice(spec, "reinvocationPolicy", _REINVOCATION_POLICIES)


def _validate_mutation(view: View) -> Errors:
    """Source: validateMutation: one of two members, named by the patch type."""
    kind, field = view.text("patchType"), view.path("patchType")
    if not kind:
        yield required(field)
    elif kind not in _PATCH_MEMBERS:
        yield not_supported(field, kind, _PATCH_MEMBERS)
    else:
        meant = _PATCH_MEMBERS[kind]
        for other in _PATCH_MEMBERS.values():
            if other != meant and view.has(other):
                words = f"must not be specified when patchType is {kind}"
                yield invalid(view.path(other), f"{{{other}}}", words)
        if not view.has(meant):
            yield required(view.path(meant), f"must be specified when patchType is {kind}")
        elif not view.view(meant).text("expression").strip():
            where = view.view(meant).path("expression")
            yield required(where, "expression is not specified")


def _validate_mutable(field: str, match: View) -> Errors:
    """What is deleted cannot be mutated. Source: validateOperations."""
    for rule in match.views("resourceRules"):
        for operation in rule.texts("operations"):
            if operation not in _MUTABLE:
                yield not_supported(field, operation, _MUTABLE)


def _validate_policy_scope(spec: View, *, is_mutating: bool = False) -> Errors:
    """Check failure policy, parameters, constraints, conditions and variables."""
    yield from validate_choice(spec, "failurePolicy", FAILURE_POLICIES)
    if spec.has("paramKind"):
        yield from _validate_param_kind(spec.view("paramKind"))
    constraints = spec.view("matchConstraints")
    if not spec.has("matchConstraints"):
        yield required(constraints.field)
    else:
        yield from _validate_matching(constraints)
        if not constraints.items("resourceRules"):
            yield required(constraints.path("resourceRules"))
        if is_mutating:
            field = f"{constraints.path('resourceRules')}.operations"
            yield from _validate_mutable(field, constraints)
    yield from validate_conditions(spec)
    for variable in spec.views("variables"):
        field, name = variable.path("name"), variable.text("name")
        if not name.strip():
            yield required(field, "name is not specified")
        elif not re.fullmatch("[_a-zA-Z][_a-zA-Z0-9]*", name) or name in _RESERVED:
            yield invalid(field, name, "name is not a valid CEL identifier")
        if not variable.text("expression").strip():
            yield required(variable.path("expression"), "expression is not specified")


def _validate_validation(view: View) -> Errors:
    """Source: validateValidation."""
    if not view.text("expression").strip():
        yield required(view.path("expression"), "expression is not specified")
    for name, words in (
        ("messageExpression", "must be non-empty if specified"),
        ("message", "message must be non-empty if specified"),
    ):
        if view.text(name) and not view.text(name).strip():
            yield invalid(view.path(name), view.text(name), words)
    message = view.text("message")
    if re.search(r"[\n\r]", message.strip()):
        yield invalid(view.path("message"), message, "message must not contain line breaks")
    yield from validate_choice(view, "reason", _REASONS)


def _validate_param_kind(view: View) -> Errors:
    """Source: validateParamKind."""
    field, text = view.path("apiVersion"), view.text("apiVersion")
    group, _, version = text.rpartition("/")
    if not text:
        yield required(field)
    elif "/" in group:
        yield invalid(field, text, f"unexpected GroupVersion string: {text}")
    else:
        errors = get_dns1123_subdomain_errors(group) if group else []
        if errors:
            yield invalid(field, group, ",".join(errors))
        errors = get_dns1035_label_errors(version) if version else []
        if not version:
            yield invalid(field, text, "version must be specified")
        elif errors:
            yield invalid(field, version, ",".join(errors))
    kind = view.text("kind")
    errors = get_dns1035_label_errors(kind.lower())
    if not kind:
        yield required(view.path("kind"))
    elif errors:
        words = "may have mixed case, but should otherwise match"
        yield invalid(view.path("kind"), kind, f"{words}: {','.join(errors)}")


def validate_policy_binding(view: View) -> Errors:
    """Source: ValidateValidatingAdmissionPolicyBinding."""
    yield from _validate_binding(view)
    spec = view.view("spec")
    field, actions = spec.path("validationActions"), spec.texts("validationActions")
    for index, action in enumerate(actions):
        if action not in _ACTIONS:
            yield not_supported(f"{field}[{index}]", action, _ACTIONS)
        if action in actions[:index]:
            yield duplicate(f"{field}[{index}]", action)
    if "Deny" in actions and "Warn" in actions:
        why = "(repeating the same validation failure information in the API response and"
        words = f"must not contain both Deny and Warn {why} headers serves no purpose)"
        yield invalid(field, actions, words)
    if not actions:
        yield required(field, "at least one validation action is required")


def validate_mutating_policy_binding(view: View) -> Errors:
    """Source: validateMutatingAdmissionPolicyBindingSpec."""
    yield from _validate_binding(view)
    spec = view.view("spec")
    if spec.has("matchResources"):
        match = spec.view("matchResources")
        yield from _validate_mutable(f"{match.path('resourceRules')}.operations", match)


def _validate_binding(view: View) -> Errors:
    """What holds of any binding; upstream misspells `matchResources`."""
    spec = view.view("spec")
    field, name = spec.path("policyName"), spec.text("policyName")
    if not name:
        yield required(field)
    else:
        yield from checked(field, name, get_dns1123_subdomain_errors)
    if spec.has("paramRef"):
        yield from _validate_param_reference(spec.view("paramRef"))
    if spec.has("matchResources"):
        resources = View(spec.view("matchResources").data, spec.path("matchResouces"))
        yield from _validate_matching(resources)


def _validate_param_reference(view: View) -> Errors:
    """Source: validateParamRef."""
    name, has_selector = view.text("name"), view.has("selector")
    both = "name and selector are mutually exclusive"
    if name:
        yield from checked(view.path("name"), name, get_path_segment_errors)
    yield from validate_selector(view.view("selector"))
    if name and has_selector:
        for each in ("name", "selector"):
            yield forbidden(view.path(each), both)
    if not name and not has_selector:
        yield required(view.field, "one of name or selector must be specified")
    field, action = view.path("parameterNotFoundAction"), view.text("parameterNotFoundAction")
    if not action:
        yield required(field)
    elif action not in ("Allow", "Deny"):
        yield not_supported(field, action, ("Deny", "Allow"))

"""Rules for what says where a pod may run: affinity, tolerations, spreading.

Source: `pkg/apis/core/validation/validation.go`, validateAffinity, ValidateTolerations,
validateTopologySpreadConstraints, v1.36. Operators Lt and Gt of tolerations are alpha and off.
"""

from collections.abc import Iterable

from planespec.spec.names import (
    get_dns1123_label_errors,
    get_dns1123_subdomain_errors,
    get_label_value_errors,
)
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    above_zero,
    checked,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    one_of,
    required,
)
from planespec.spec.validation.value_rules import (
    validate_label_key,
    validate_selector,
)

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
EFFECTS = ENUMERATIONS["core.Taint"]["effect"]
_ACTIONS = ENUMERATIONS["core.TopologySpreadConstraint"]["whenUnsatisfiable"]
_POLICIES = ENUMERATIONS["core.TopologySpreadConstraint"]["nodeAffinityPolicy"]
_BAD_OPERATOR = "not a valid selector operator"


def validate_affinity(view: View) -> Errors:
    """Check `spec.affinity`."""
    nodes = view.view("nodeAffinity")
    if nodes.has(REQUIRED):
        yield from validate_node_selector(nodes.view(REQUIRED))
    for term in nodes.views(PREFERRED):
        yield from _validate_weight(term)
        # Values are not looked at: such a term may count although it cannot be read.
        yield from validate_node_term(term.view("preference"), checks_values=False)
    for name in ("podAffinity", "podAntiAffinity"):
        pods = view.view(name)
        for term in pods.views(REQUIRED):
            yield from _validate_pod_term(term)
        for term in pods.views(PREFERRED):
            yield from _validate_weight(term)
            yield from _validate_pod_term(term.view("podAffinityTerm"))


def _validate_weight(term: View) -> Errors:
    weight = term.integer("weight") or 0
    if not 1 <= weight <= 100:
        yield invalid(term.path("weight"), weight, "must be in the range 1-100")


def validate_node_selector(view: View) -> Errors:
    """Source: ValidateNodeSelector."""
    terms = view.views("nodeSelectorTerms")
    if not terms:
        words = "must have at least one node selector term"
        yield required(view.path("nodeSelectorTerms"), words)
    for term in terms:
        yield from validate_node_term(term)


def validate_node_term(term: View, *, checks_values: bool = True) -> Errors:
    """Source: ValidateNodeSelectorTerm."""
    for expression in term.views("matchExpressions"):
        yield from _validate_expression(expression, checks_values=checks_values)
    for expression in term.views("matchFields"):
        yield from _validate_field(expression)


def _validate_expression(view: View, *, checks_values: bool) -> Errors:
    """Source: ValidateNodeSelectorRequirement."""
    operator, values = view.text("operator"), view.texts("values")
    field = view.path("values")
    if operator in ("In", "NotIn"):
        if not values:
            yield required(field, "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            words = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            yield forbidden(field, words)
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            words = "must be specified single value when `operator` is 'Lt' or 'Gt'"
            yield required(field, words)
    else:
        yield invalid(view.path("operator"), operator, _BAD_OPERATOR)
    yield from validate_label_key(view.path("key"), view.text("key"))
    for index, value in enumerate(values if checks_values else ()):
        yield from checked(f"{field}[{index}]", value, get_label_value_errors)


def _validate_field(view: View) -> Errors:
    """Source: ValidateNodeFieldSelectorRequirement."""
    operator, values, key = view.text("operator"), view.texts("values"), view.text("key")
    if operator not in ("In", "NotIn"):
        yield invalid(view.path("operator"), operator, _BAD_OPERATOR)
    elif len(values) != 1:
        words = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield required(view.path("values"), words)
    if key != "metadata.name":
        yield invalid(view.path("key"), key, "not a valid field selector key")
        return
    for index, value in enumerate(values):
        field = f"{view.path('values')}[{index}]"
        yield from checked(field, value, get_dns1123_subdomain_errors)


def _validate_pod_term(term: View) -> Errors:
    """Source: validatePodAffinityTerm."""
    for name in ("labelSelector", "namespaceSelector"):
        if term.has(name):
            yield from validate_selector(term.view(name))
    for namespace in term.texts("namespaces"):
        yield from checked(term.path("namespace"), namespace, get_dns1123_label_errors)
    yield from _validate_label_keys(term)
    key = term.text("topologyKey")
    if not key:
        yield required(term.path("topologyKey"), "can not be empty")
    yield from validate_label_key(term.path("topologyKey"), key)


def _validate_label_keys(view: View) -> Errors:
    """Source: ValidateMatchLabelKeysAndMismatchLabelKeys."""
    for name in ("matchLabelKeys", "mismatchLabelKeys"):
        keys = view.texts(name)
        if keys and not view.has("labelSelector"):
            words = "must not be specified when labelSelector is not set"
            yield forbidden(view.path(name), words)
            continue
        for index, key in enumerate(keys):
            yield from validate_label_key(f"{view.path(name)}[{index}]", key)
    yield from _validate_merged_keys(view)
    others = set(view.texts("mismatchLabelKeys"))
    for index, key in enumerate(view.texts("matchLabelKeys")):
        if key in others:
            field = f"{view.path('matchLabelKeys')}[{index}]"
            yield invalid(field, key, "exists in both matchLabelKeys and mismatchLabelKeys")


def _validate_merged_keys(view: View) -> Errors:
    """A key to match by stands in no selector.

    The API server first adds an expression for each key whose label the pod has. So what stands
    there before it is a repetition; in a template nothing has been added.
    """
    keys, selector = view.texts("matchLabelKeys"), view.view("labelSelector")
    seen = set(selector.text_map("matchLabels"))
    for expression in selector.views("matchExpressions"):
        key = expression.text("key")
        if key in keys and key in seen:
            field = f"{view.field}[{keys.index(key)}]"
            yield invalid(field, key, "exists in both matchLabelKeys and labelSelector")
        seen.add(key)


def validate_tolerations(views: Iterable[View]) -> Errors:
    """Source: ValidateTolerations."""
    for view in views:
        yield from _validate_toleration(view)


def _validate_toleration(view: View) -> Errors:
    key, operator, effect = view.text("key"), view.text("operator"), view.text("effect")
    if key:
        yield from validate_label_key(view.path("key"), key)
    elif operator != "Exists":
        words = "operator must be Exists when `key` is empty, which means"
        detail = f'{words} "match all values and all keys"'
        yield invalid(view.path("operator"), operator, detail)
    if view.has("tolerationSeconds") and effect != "NoExecute":
        words = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        yield invalid(view.path("effect"), effect, words)
    yield from _validate_operator(view)
    if effect:
        yield from one_of(view.path("effect"), effect, EFFECTS)


def _validate_operator(view: View) -> Errors:
    operator, value, field = view.text("operator"), view.text("value"), view.path("operator")
    if operator in ("", "Equal"):
        errors = get_label_value_errors(value)
        if errors:
            yield invalid(field, value, ";".join(errors))
    elif operator == "Exists":
        if value:
            yield invalid(field, value, "value must be empty when `operator` is 'Exists'")
    else:
        is_number = operator in ("Lt", "Gt")
        more = ("Lt", "Gt") if is_number else ()
        yield not_supported(field, operator, ("Equal", "Exists", *more))


def validate_spreading(views: list[View]) -> Errors:
    """Source: validateTopologySpreadConstraints."""
    for index, view in enumerate(views):
        key, action = view.text("topologyKey"), view.text("whenUnsatisfiable")
        yield from above_zero(view.path("maxSkew"), view.integer("maxSkew") or 0)
        if not key:
            yield required(view.path("topologyKey"), "can not be empty")
        if action not in _ACTIONS:
            yield not_supported(view.path("whenUnsatisfiable"), action, _ACTIONS)
        pairs = [(v.text("topologyKey"), v.text("whenUnsatisfiable")) for v in views[index + 1 :]]
        if (key, action) in pairs:
            field = view.path("{topologyKey, whenUnsatisfiable}")
            yield duplicate(field, f"{{{key}, {action}}}")
        yield from _validate_rest_of_spreading(view, action)


def _validate_rest_of_spreading(view: View, action: str) -> Errors:
    least = view.integer("minDomains")
    if least is not None:
        yield from above_zero(view.path("minDomains"), least)
        if action != "DoNotSchedule":
            words = "can only use minDomains if whenUnsatisfiable=DoNotSchedule"
            yield invalid(view.path("minDomains"), least, f"{words}, not {action}")
    for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        if view.has(name) and view.text(name) not in _POLICIES:
            yield not_supported(view.path(name), view.text(name), _POLICIES)
    yield from _validate_label_keys(view)
    if view.has("labelSelector"):
        yield from validate_selector(view.view("labelSelector"))

"""Rules for flow schemas and priority levels.

Source: `pkg/apis/flowcontrol/validation/validation.go`, v1.36, with the defaults of
`pkg/apis/flowcontrol/v1/defaults.go`. Left out: that the schemas and levels `exempt` and
`catch-all` are those of the API server.
"""

import math

from planespec.spec.names import get_dns1123_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    forbidden,
    invalid,
    not_supported,
    one_of,
    required,
)

_EXEMPT = "exempt"
_LAST = 10_000
_MOST_QUEUES = 10_000_000
_HASH_BITS = 60
_VERBS = (
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "proxy",
    "update",
    "watch",
)
_SUBJECTS = {"Group": "group", "ServiceAccount": "serviceAccount", "User": "user"}
_METHODS = ENUMERATIONS["flowcontrol.FlowDistinguisherMethod"]["type"]
_LEVELS = ENUMERATIONS["flowcontrol.PriorityLevelConfigurationSpec"]["type"]
_RESPONSES = ENUMERATIONS["flowcontrol.LimitResponse"]["type"]


def validate_flow_schema(view: View) -> Errors:
    """Source: ValidateFlowSchema."""
    spec, name = view.view("spec"), view.view("metadata").text("name")
    # What is absent gets the default, as 0 does.
    precedence, field = spec.integer("matchingPrecedence") or 0, spec.path("matchingPrecedence")
    if precedence < 0:
        yield invalid(field, precedence, "must be a positive value")
    if precedence > _LAST:
        yield invalid(field, precedence, f"must not be greater than {_LAST}")
    if precedence == 1 and name != _EXEMPT:
        words = "only the schema named 'exempt' may have matchingPrecedence 1"
        yield invalid(field, precedence, words)
    if spec.has("distinguisherMethod"):
        method = spec.view("distinguisherMethod")
        yield from one_of(method.path("type"), method.text("type"), _METHODS)
    level = spec.view("priorityLevelConfiguration")
    if not level.text("name"):
        yield required(level.path("name"), "must reference a priority level")
    else:
        yield from checked(level.path("name"), level.text("name"), get_dns1123_subdomain_errors)
    for rule in spec.views("rules"):
        yield from _validate_rule(rule)


def _validate_rule(rule: View) -> Errors:
    """Source: ValidateFlowSchemaPolicyRulesWithSubjects."""
    if not rule.items("subjects"):
        yield required(rule.path("subjects"), "subjects must contain at least one value")
    for subject in rule.views("subjects"):
        yield from _validate_subject(subject)
    if not rule.items("resourceRules") and not rule.items("nonResourceRules"):
        words = "at least one of resourceRules and nonResourceRules has to be non-empty"
        yield required(rule.field, words)
    for each in rule.views("resourceRules"):
        yield from _validate_resources(each)
    for each in rule.views("nonResourceRules"):
        yield from _validate_paths(each)


def _validate_subject(subject: View) -> Errors:
    """Source: ValidateFlowSchemaSubject."""
    kind = subject.text("kind")
    if kind not in _SUBJECTS:
        yield not_supported(subject.path("kind"), kind, _SUBJECTS)
        return
    own = _SUBJECTS[kind]
    if not subject.has(own):
        yield required(subject.path(own), f"{own} is required when subject kind is '{kind}'")
    else:
        yield from _validate_named(subject.view(own), kind)
    for other, field in _SUBJECTS.items():
        if other != kind and subject.has(field):
            words = f"{field} is forbidden when subject kind is not '{other}'"
            yield forbidden(subject.path(field), words)


def _validate_named(named: View, kind: str) -> Errors:
    """Source: ValidateServiceAccountSubject, ValidateUserSubject, ValidateGroupSubject."""
    name, namespace = named.text("name"), named.text("namespace")
    if not name:
        yield required(named.path("name"))
    if kind != "ServiceAccount":
        return
    if name and name != "*":
        yield from checked(named.path("name"), name, get_dns1123_subdomain_errors)
    if namespace:
        yield from checked(named.path("namespace"), namespace, get_dns1123_label_errors)
    else:
        yield required(named.path("namespace"), "must specify namespace for service account")


def _validate_verbs(rule: View) -> Errors:
    verbs, field = rule.texts("verbs"), rule.path("verbs")
    if not verbs:
        yield required(field, "verbs must contain at least one value")
    elif "*" in verbs:
        yield from _validate_star(rule, "verbs", "verbs")
    elif not set(verbs) <= set(_VERBS):
        unknown = next(verb for verb in verbs if verb not in _VERBS)
        yield not_supported(f"{field}[{verbs.index(unknown)}]", unknown, _VERBS)


def _validate_star(rule: View, name: str, words: str) -> Errors:
    """A star stands alone."""
    values = rule.texts(name)
    if "*" in values and len(values) > 1:
        yield invalid(
            rule.path(name), values, f"if '*' is present, must not specify other {words}"
        )


def _validate_resources(rule: View) -> Errors:
    """Source: ValidateFlowSchemaResourcePolicyRule."""
    yield from _validate_verbs(rule)
    for name, one, many in (
        ("apiGroups", "api group", "api groups"),
        ("resources", "resource", "resources"),
    ):
        if not rule.items(name):
            yield required(rule.path(name), f"resource rules must supply at least one {one}")
        yield from _validate_star(rule, name, many)
    namespaces, field = rule.texts("namespaces"), rule.path("namespaces")
    if not namespaces and not rule.flag("clusterScope"):
        words = "resource rules that are not cluster scoped must supply at least one namespace"
        yield required(field, words)
    yield from _validate_star(rule, "namespaces", "namespaces")
    for index, each in enumerate(() if "*" in namespaces else namespaces):
        for why in get_dns1123_label_errors(each):
            words = f"each member of this list must be '*' or a DNS-1123 label; {why}"
            yield invalid(f"{field}[{index}]", each, words)


def _validate_paths(rule: View) -> Errors:
    """Source: ValidateFlowSchemaNonResourcePolicyRule."""
    yield from _validate_verbs(rule)
    paths, field = rule.texts("nonResourceURLs"), rule.path("nonResourceURLs")
    if not paths:
        yield required(field, "nonResourceURLs must contain at least one value")
    yield from _validate_star(rule, "nonResourceURLs", "non-resource URLs")
    for index, path in enumerate(() if "*" in paths else paths):
        why = _find_path_problem(path)
        if why:
            yield invalid(f"{field}[{index}]", path, why)


def _find_path_problem(path: str) -> str:
    """Why a path is none; "" where it is one. Source: ValidateNonResourceURLPath."""
    if not path:
        return "must not be empty"
    if not path.startswith("/"):
        return "must start with slash"
    if " " in path:
        return "must not contain white-space"
    if "//" in path:
        return "must not contain double slash"
    stars = path.count("*")
    if stars > 1 or (stars == 1 and not path.endswith("/*")):
        return "wildcard can only do suffix matching"
    return ""


def validate_priority_level(view: View) -> Errors:
    """Source: ValidatePriorityLevelConfiguration."""
    spec, name = view.view("spec"), view.view("metadata").text("name")
    kind, field = spec.text("type"), spec.path("type")
    if (name == _EXEMPT) != (kind == "Exempt"):
        words = "type must be 'Exempt' if and only if name is 'exempt'"
        yield invalid(field, kind, words)
    if kind == "Exempt":
        if spec.has("limited"):
            yield forbidden(spec.path("limited"), "must be nil if the type is not Limited")
        yield from _validate_shares(spec.view("exempt"))
    elif kind == "Limited":
        if spec.has("exempt"):
            yield forbidden(spec.path("exempt"), "must be nil if the type is Limited")
        if not spec.has("limited"):
            yield required(spec.path("limited"), "must not be empty when type is Limited")
        else:
            yield from _validate_limited(spec.view("limited"))
    else:
        yield not_supported(field, kind, _LEVELS)


def _validate_shares(level: View) -> Errors:
    """Source: ValidateExemptPriorityLevelConfiguration; both types have these fields."""
    for name in ("nominalConcurrencyShares", "assuredConcurrencyShares"):
        shares = level.integer(name)
        if shares is not None and shares < 0:
            yield invalid(level.path(name), shares, "must be a non-negative integer")
    lent = level.integer("lendablePercent")
    if lent is not None and not 0 <= lent <= 100:
        yield invalid(level.path("lendablePercent"), lent, "must be between 0 and 100, inclusive")


def _validate_limited(limited: View) -> Errors:
    """Source: ValidateLimitedPriorityLevelConfiguration."""
    yield from _validate_shares(limited)
    borrowed = limited.integer("borrowingLimitPercent")
    if borrowed is not None and borrowed < 0:
        words = "if specified, must be a non-negative integer"
        yield invalid(limited.path("borrowingLimitPercent"), borrowed, words)
    response = limited.view("limitResponse")
    kind, field = response.text("type"), response.path("queuing")
    if kind == "Reject" and response.has("queuing"):
        yield forbidden(field, "must be nil if limited.limitResponse.type is not Limited")
    elif kind == "Queue":
        if not response.has("queuing"):
            words = "must not be empty if limited.limitResponse.type is Limited"
            yield required(field, words)
        else:
            yield from _validate_queuing(response.view("queuing"))
    elif kind != "Reject":
        yield not_supported(response.path("type"), kind, _RESPONSES)


def _validate_queuing(queuing: View) -> Errors:
    """Source: ValidatePriorityLevelQueuingConfiguration; 0 gets the default."""
    length, queues, hand = (
        queuing.integer(name) or default
        for name, default in (("queueLengthLimit", 50), ("queues", 64), ("handSize", 8))
    )
    if length <= 0:
        yield invalid(queuing.path("queueLengthLimit"), length, "must be positive")
    if queues <= 0:
        yield invalid(queuing.path("queues"), queues, "must be positive")
    elif queues > _MOST_QUEUES:
        words = f"must not be greater than {_MOST_QUEUES}"
        yield invalid(queuing.path("queues"), queues, words)
    yield from _validate_hand(queuing.path("handSize"), queues, hand)


def _validate_hand(field: str, queues: int, hand: int) -> Errors:
    if hand <= 0:
        yield invalid(field, hand, "must be positive")
    elif hand > queues:
        yield invalid(field, hand, f"should not be greater than queues ({queues})")
    elif math.ceil(math.log2(queues) * hand) > _HASH_BITS:
        words = f"required entropy bits of deckSize {queues} and handSize {hand}"
        yield invalid(field, hand, f"{words} should not be greater than {_HASH_BITS}")

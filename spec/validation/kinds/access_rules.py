"""Rules for roles and their bindings.

Source: `pkg/apis/rbac/validation/validation.go`, v1.36, with the defaults of
`pkg/apis/rbac/v1/defaults.go`.
"""

from planespec.spec.names import get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    invalid,
    not_supported,
    required,
)
from planespec.spec.validation.value_rules import get_path_segment_errors, validate_selector

_GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = ENUMERATIONS["rbac.Subject"]["kind"]


def validate_role(view: View) -> Errors:
    """Source: ValidateRole."""
    for rule in view.views("rules"):
        yield from _validate_rule(rule, is_namespaced=True)


def validate_cluster_role(view: View) -> Errors:
    """Source: ValidateClusterRole; selectors are those of an aggregation rule."""
    for rule in view.views("rules"):
        yield from _validate_rule(rule, is_namespaced=False)
    aggregation = view.view("aggregationRule")
    if not view.has("aggregationRule"):
        return
    selectors = aggregation.views("clusterRoleSelectors")
    if not selectors:
        words = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        yield required(aggregation.path("clusterRoleSelectors"), words)
    for selector in selectors:
        yield from validate_selector(selector)


def _validate_rule(rule: View, *, is_namespaced: bool) -> Errors:
    """Source: validatePolicyRule."""
    if not rule.items("verbs"):
        yield required(rule.path("verbs"), "verbs must contain at least one value")
    urls, field = rule.items("nonResourceURLs"), rule.path("nonResourceURLs")
    if urls:
        if is_namespaced:
            yield invalid(field, urls, "namespaced rules cannot apply to non-resource URLs")
        if any(rule.items(name) for name in ("apiGroups", "resources", "resourceNames")):
            words = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid(field, urls, words)
        return
    if not rule.items("apiGroups"):
        words = "resource rules must supply at least one api group"
        yield required(rule.path("apiGroups"), words)
    if not rule.items("resources"):
        words = "resource rules must supply at least one resource"
        yield required(rule.path("resources"), words)
    if rule.items("resourceNames") and len(rule.items("resources")) > 1:
        words = "resource names cannot apply to multiple resources"
        yield required(rule.path("resourceNames"), words)


def validate_role_binding(view: View) -> Errors:
    """Source: ValidateRoleBinding."""
    yield from _validate_role_reference(view.view("roleRef"), ("Role", "ClusterRole"))
    for subject in view.views("subjects"):
        yield from _validate_subject(subject, is_namespaced=True)


def validate_cluster_role_binding(view: View) -> Errors:
    """Source: ValidateClusterRoleBinding."""
    yield from _validate_role_reference(view.view("roleRef"), ("ClusterRole",))
    for subject in view.views("subjects"):
        yield from _validate_subject(subject, is_namespaced=False)


def _validate_role_reference(role: View, kinds: tuple[str, ...]) -> Errors:
    group, kind, name = role.text("apiGroup") or _GROUP, role.text("kind"), role.text("name")
    if group != _GROUP:
        yield not_supported(role.path("apiGroup"), group, (_GROUP,))
    if kind not in kinds:
        yield not_supported(role.path("kind"), kind, kinds)
    if not name:
        yield required(role.path("name"))
    else:
        yield from checked(role.path("name"), name, get_path_segment_errors)


def _validate_subject(subject: View, *, is_namespaced: bool) -> Errors:
    """Source: validateRoleBindingSubject."""
    kind, name = subject.text("kind"), subject.text("name")
    group = subject.text("apiGroup")
    if not name:
        yield required(subject.path("name"))
    if kind == "ServiceAccount":
        if name:
            yield from checked(subject.path("name"), name, get_dns1123_subdomain_errors)
        if group:
            yield not_supported(subject.path("apiGroup"), group, ("",))
        if not is_namespaced and not subject.text("namespace"):
            yield required(subject.path("namespace"))
    elif kind in _SUBJECTS:
        if not name:
            words = f"{kind.lower()} name cannot be empty"
            yield invalid(subject.path("name"), name, words)
        if group not in ("", _GROUP):
            yield not_supported(subject.path("apiGroup"), group, (_GROUP,))
    else:
        yield not_supported(subject.path("kind"), kind, _SUBJECTS)

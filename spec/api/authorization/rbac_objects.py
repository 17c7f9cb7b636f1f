"""A policy from the objects of a cluster, and aggregated ClusterRoles.

Source of aggregation: `pkg/controller/clusterroleaggregation`, v1.36: selectors in order, the
roles of each sorted by name, rules that stand already left out.
"""

from collections.abc import Iterable, Mapping

from planespec.spec.api.authorization.rbac_policy import (
    Binding,
    RbacPolicy,
    RoleKey,
    RoleRef,
    Subject,
)
from planespec.spec.api.authorization.rbac_rules import PolicyRule, read_rules
from planespec.spec.labels import Selector, read_label_selector
from planespec.spec.objects.view import ApiObject, View

ROLE_KINDS = ("Role", "ClusterRole")
BINDING_KINDS = ("RoleBinding", "ClusterRoleBinding")


def make_policy(objects: Iterable[ApiObject], **more: Mapping[str, str]) -> RbacPolicy:
    """A policy of the roles and bindings among the objects, in their order; raises ObjectError."""
    roles: dict[RoleKey, tuple[PolicyRule, ...]] = {}
    wide: list[Binding] = []
    local: dict[str, list[Binding]] = {}
    for each in objects:
        kind = each.text("kind")
        if kind in ROLE_KINDS:
            home = each.meta.namespace if kind == "Role" else ""
            roles[home, each.name] = read_rules(each)
        elif kind == "ClusterRoleBinding":
            wide.append(read_binding(each))
        elif kind == "RoleBinding":
            local.setdefault(each.meta.namespace, []).append(read_binding(each))
    bindings = {namespace: tuple(found) for namespace, found in local.items()}
    return RbacPolicy(roles, tuple(wide), bindings, **more)


def read_binding(each: ApiObject) -> Binding:
    """Read a RoleBinding or ClusterRoleBinding; raises ObjectError."""
    role = each.view("roleRef")
    ref = RoleRef(role.text("kind"), role.text("name"), role.text("apiGroup"))
    subjects = tuple(_read_subject(subject) for subject in each.views("subjects"))
    return Binding(each.name, ref, subjects, each.meta.namespace)


def _read_subject(view: View) -> Subject:
    return Subject(view.text("kind"), view.text("name"), view.text("namespace"))


def read_aggregation(role: ApiObject) -> tuple[Selector, ...] | None:
    """The selectors of an aggregated ClusterRole; None for others. Raises ObjectError."""
    if not role.has("aggregationRule"):
        return None
    rule = role.view("aggregationRule")
    return tuple(
        read_label_selector(each.data, each.field) for each in rule.views("clusterRoleSelectors")
    )


def aggregate_rules(
    role: ApiObject,
    selectors: Iterable[Selector],
    cluster_roles: Iterable[ApiObject],
    known: Mapping[RoleKey, tuple[PolicyRule, ...]] | None = None,
) -> tuple[PolicyRule, ...]:
    """The rules that the controller writes into an aggregated ClusterRole, from those that stand.

    One step: roles that are aggregated themselves count with the rules they have now, or those
    in `known`.
    """
    ordered = sorted(cluster_roles, key=lambda each: each.name.encode())
    rules: dict[PolicyRule, None] = {}
    for selector in selectors:
        for each in ordered:
            if each.name != role.name and selector.matches(each.meta.labels):
                found = read_rules(each) if known is None else known["", each.name]
                rules.update(dict.fromkeys(found))
    return tuple(rules)

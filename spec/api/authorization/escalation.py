"""Nobody grants what they do not hold: the checks behind writing roles and bindings.

Source: `component-helpers/auth/rbac/validation/policy_comparator.go`,
`pkg/registry/rbac/validation/{rule,policy_compact}.go`, `pkg/registry/rbac/escalation_check.go`
and `pkg/registry/rbac/*/policybased/storage.go`, v1.36. Deleting is never checked.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from planespec.spec.api.authorization.access_request import MASTERS, Attributes, User
from planespec.spec.api.authorization.forbidden_text import make_forbidden_text
from planespec.spec.api.authorization.rbac_authorizer import find_grant
from planespec.spec.api.authorization.rbac_policy import RbacPolicy, RoleRef
from planespec.spec.api.authorization.rbac_rules import ALL, PolicyRule, covers_path, quote_all
from planespec.spec.quantity.amount import quote

RBAC_GROUP = "rbac.authorization.k8s.io"
FULL_AUTHORITY = (PolicyRule((ALL,), (ALL,), (ALL,)), PolicyRule((ALL,), urls=(ALL,)))
"""What one must hold to set or keep an aggregation rule."""

Allows = Callable[[Attributes], bool]
"""Whether the authorizers of the server allow a request."""


@dataclass(frozen=True, slots=True)
class RoleWrite:
    """A Role (with a namespace) or ClusterRole that somebody creates or updates."""

    name: str
    namespace: str
    rules: tuple[PolicyRule, ...]
    aggregates: bool = False
    """Whether it has an aggregation rule now or, on update, had one before."""
    is_update: bool = False


def check_role_write(
    policy: RbacPolicy, user: User, role: RoleWrite, allows: Allows | None = None
) -> str:
    """The message of the 403 with which writing the role is refused; "" where it is not.

    `allows` stands for all authorizers; without it, RBAC decides alone. An update that changes
    only finalizers or owner references is not to be asked about: it is never refused.
    """
    resource = "roles" if role.namespace else "clusterroles"
    # The name is not known to the authorizer when an object is created.
    name = role.name if role.is_update else ""
    asked = Attributes(user, "escalate", RBAC_GROUP, "*", resource, "", role.namespace, name)
    if MASTERS in user.groups or (allows or _by(policy))(asked):
        return ""
    why = find_escalation(policy, user, role.namespace, role.rules)
    if not why and role.aggregates and find_escalation(policy, user, "", FULL_AUTHORITY):
        why = "must have cluster-admin privileges to use the aggregationRule"
    return make_forbidden_text(RBAC_GROUP, resource, role.name, why) if why else ""


def check_binding_write(
    policy: RbacPolicy,
    user: User,
    name: str,
    role: RoleRef,
    namespace: str,
    allows: Allows | None = None,
) -> str:
    """The message with which a binding to the role is refused; "" where it is not.

    A missing role is reported as such (404) to users who may not `bind` it.
    """
    resource = {"Role": "roles", "ClusterRole": "clusterroles"}.get(role.kind)
    if MASTERS in user.groups:
        return ""
    if resource is not None:
        asked = Attributes(user, "bind", role.group, "", resource, "", namespace, role.name)
        if (allows or _by(policy))(asked):
            return ""
    rules, error = policy.get_rules(role, namespace)
    if error:
        return error
    why = find_escalation(policy, user, namespace, rules)
    kind = "rolebindings" if namespace else "clusterrolebindings"
    return make_forbidden_text(RBAC_GROUP, kind, name, why) if why else ""


def _by(policy: RbacPolicy) -> Allows:
    return lambda request: find_grant(policy, request) is not None


def find_escalation(
    policy: RbacPolicy, user: User, namespace: str, rules: Iterable[PolicyRule]
) -> str:
    """Say which of the rules the user does not hold in the namespace; "" where all are held."""
    held, errors = policy.get_user_rules(user, namespace)
    missing = find_uncovered(held, rules)
    if not missing:
        return ""
    listed = "\n".join(sorted({str(rule) for rule in compact_rules(missing)}, key=str.encode))
    who = f"user {quote(user.name)} (groups={quote_all(user.groups)})"
    text = f"{who} is attempting to grant RBAC permissions not currently held:\n{listed}"
    if errors:
        # All errors of one resolution are one error, printed in a list of its own.
        joined = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
        text += f"; resolution errors: [{joined}]"
    return text


def find_uncovered(held: Iterable[PolicyRule], wanted: Iterable[PolicyRule]) -> list[PolicyRule]:
    """The smallest parts of the wanted rules that no single held rule covers."""
    owned = tuple(held)
    parts = (part for rule in wanted for part in break_down(rule))
    return [part for part in parts if not any(_covers(rule, part) for rule in owned)]


def break_down(rule: PolicyRule) -> Iterator[PolicyRule]:
    """Yield a rule for each group, resource, verb and name of it, and for each path and verb."""
    for group, resource, verb in product(rule.groups, rule.resources, rule.verbs):
        part = PolicyRule((verb,), (group,), (resource,))
        if rule.names:
            yield from (replace(part, names=(name,)) for name in rule.names)
        else:
            yield part
    yield from (PolicyRule((verb,), urls=(url,)) for url, verb in product(rule.urls, rule.verbs))


def _covers(held: PolicyRule, part: PolicyRule) -> bool:
    """Say whether a held rule covers one part: an unnamed part only by a rule without names."""
    return (
        _has_all(held.verbs, part.verbs)
        and _has_all(held.groups, part.groups)
        and all(_covers_resource(held.resources, each) for each in part.resources)
        and all(any(covers_path(own, url) for own in held.urls) for url in part.urls)
        and (not held.names or (bool(part.names) and set(part.names) <= set(held.names)))
    )


def _has_all(held: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return ALL in held or set(wanted) <= set(held)


def _covers_resource(held: tuple[str, ...], resource: str) -> bool:
    if ALL in held or resource in held:
        return True
    _, slash, subresource = resource.partition("/")
    return bool(slash) and f"*/{subresource}" in held


def compact_rules(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """Join the verbs of rules about one resource and at most one name; other rules stay."""
    compacted, simple = [], dict[PolicyRule, PolicyRule]()
    for rule in rules:
        key = replace(rule, verbs=())
        if rule.urls or len(rule.names) > 1 or len(rule.groups) != 1 or len(rule.resources) != 1:
            compacted.append(rule)
        elif key in simple:
            simple[key] = replace(rule, verbs=simple[key].verbs + rule.verbs)
        else:
            simple[key] = rule
    return [*compacted, *simple.values()]

"""Roles and bindings, and the rules that they give a user.

Source: `pkg/registry/rbac/validation/rule.go`, v1.36. Where a role is missing its error is kept
and the visit goes on: a dangling reference never hides another grant. ClusterRoleBindings come
first. Bindings of one kind come from a cache that keeps no order, so upstream may visit them in
any; here they are visited in the order given.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from planespec.spec.api.authorization.access_request import SERVICE_ACCOUNT_PREFIX, User
from planespec.spec.api.authorization.rbac_rules import PolicyRule
from planespec.spec.quantity.amount import quote


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a binding names; `kind` is User, Group or ServiceAccount."""

    kind: str
    name: str
    namespace: str = ""

    def is_user(self, user: User, namespace: str) -> bool:
        """Say whether it is the user; `namespace` is the binding's and stands for an empty one."""
        if self.kind == "User":
            return self.name == user.name
        if self.kind == "Group":
            return self.name in user.groups
        home = self.namespace or namespace
        if self.kind != "ServiceAccount" or not home:
            return False
        return user.name == f"{SERVICE_ACCOUNT_PREFIX}{home}:{self.name}"

    def describe(self, namespace: str) -> str:
        """Word it as a reason does."""
        if self.kind == "ServiceAccount":
            return f"{self.kind} {quote(f'{self.name}/{self.namespace or namespace}')}"
        return f"{self.kind} {quote(self.name)}"


@dataclass(frozen=True, slots=True)
class RoleRef:
    """The role of a binding; `kind` is Role or ClusterRole."""

    kind: str
    name: str
    group: str = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Binding:
    """A RoleBinding, or a ClusterRoleBinding where the namespace is empty."""

    name: str
    role: RoleRef
    subjects: tuple[Subject, ...]
    namespace: str = ""

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return "RoleBinding" if self.namespace else "ClusterRoleBinding"

    @property
    def full_name(self) -> str:
        """`name`, or `name/namespace`, as reasons have it."""
        return f"{self.name}/{self.namespace}" if self.namespace else self.name

    def find_subject(self, user: User) -> Subject | None:
        """The first subject that is the user."""
        return next((each for each in self.subjects if each.is_user(user, self.namespace)), None)

    def describe(self, subject: Subject) -> str:
        """Word the binding and a subject of it as a reason does."""
        role = f"{self.role.kind} {quote(self.role.name)}"
        to = subject.describe(self.namespace)
        return f"{self.kind} {quote(self.full_name)} of {role} to {to}"


@dataclass(frozen=True, slots=True)
class Grant:
    """A rule that a user has, by a binding and the subject in it; no rule where there is an error.

    `error` says why the role of the binding gives nothing.
    """

    binding: Binding
    subject: Subject
    rule: PolicyRule | None
    error: str = ""

    @property
    def source(self) -> str:
        """The binding in words."""
        return self.binding.describe(self.subject)


RoleKey = tuple[str, str]
"""Namespace ("" for a ClusterRole) and name."""


@dataclass(frozen=True, slots=True)
class RbacPolicy:
    """All roles, by namespace ("" for a ClusterRole) and name, and all bindings."""

    roles: Mapping[RoleKey, tuple[PolicyRule, ...]]
    cluster_bindings: tuple[Binding, ...] = ()
    bindings: Mapping[str, tuple[Binding, ...]] = field(default_factory=dict)
    """RoleBindings by namespace."""
    not_found: Mapping[str, str] = field(
        default_factory=lambda: {
            "Role": "role.rbac.authorization.k8s.io",
            "ClusterRole": "clusterrole.rbac.authorization.k8s.io",
        }
    )
    """What a missing role is called, by kind."""

    def visit(self, user: User, namespace: str) -> Iterator[Grant]:
        """Yield every rule of the user in a namespace ("": only cluster-wide ones), and errors."""
        bindings: Iterable[Binding] = self.cluster_bindings
        if namespace:
            bindings = (*self.cluster_bindings, *self.bindings.get(namespace, ()))
        for binding in bindings:
            subject = binding.find_subject(user)
            if subject is not None:
                yield from self._grants(binding, subject)

    def _grants(self, binding: Binding, subject: Subject) -> Iterator[Grant]:
        rules, error = self.get_rules(binding.role, binding.namespace)
        if error:
            yield Grant(binding, subject, None, error)
        for rule in rules:
            yield Grant(binding, subject, rule)

    def get_rules(self, role: RoleRef, namespace: str) -> tuple[tuple[PolicyRule, ...], str]:
        """The rules of a role that a binding in the namespace names, or why there are none."""
        if role.kind not in self.not_found:
            return (), f"unsupported role reference kind: {quote(role.kind)}"
        key = (namespace if role.kind == "Role" else "", role.name)
        # A Role outside of any namespace cannot be asked for: no binding of that kind passes
        # validation, and the key ("", name) is a ClusterRole's.
        found = None if role.kind == "Role" and not namespace else self.roles.get(key)
        if found is None:
            return (), f"{self.not_found[role.kind]} {quote(role.name)} not found"
        return found, ""

    def get_user_rules(self, user: User, namespace: str) -> tuple[list[PolicyRule], list[str]]:
        """All rules of a user in a namespace, and the errors met, each once."""
        grants = list(self.visit(user, namespace))
        errors = dict.fromkeys(grant.error for grant in grants if grant.error)
        return [grant.rule for grant in grants if grant.rule is not None], list(errors)

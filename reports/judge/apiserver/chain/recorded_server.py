"""Who and what the recorded API servers knew: tokens, certificates, roles, objects.

Tokens and roles are the recorder's; the lines show whom a token is and what a role gives. The
objects `s1` and `s2` come and go while lines are recorded, and no line says which are there: so
whether an object exists, and what a ConfigMap holds, is open.
"""

from collections.abc import Mapping
from dataclasses import replace

from planespec.reports.judge.apiserver.chain.open_values import UID, match_text
from planespec.spec.api.authorization.access_request import (
    MASTERS,
    NODES,
    Answer,
    Attributes,
    User,
    make_service_account_groups,
)
from planespec.spec.api.authorization.bootstrap_policy import add_bootstrap_policy
from planespec.spec.api.authorization.kubelets.node_authorizer import authorize_node
from planespec.spec.api.authorization.kubelets.node_graph import NodeGraph
from planespec.spec.api.authorization.rbac_authorizer import authorize_by_rbac
from planespec.spec.api.authorization.rbac_policy import Binding, RbacPolicy, RoleRef, Subject
from planespec.spec.api.authorization.rbac_rules import PolicyRule
from planespec.spec.api.handlers.authenticators import CREDENTIAL_ID, Certificate

MANAGER = "system:kube-controller-manager"

TOKENS: Mapping[str, User] = {
    "admin-token": User("admin", (MASTERS,), "uid-admin"),
    "alice-token": User("alice", ("dev", "ops"), "uid-alice"),
    "bob-token": User("bob", (), "uid-bob"),
    "imp-token": User("imp", ("imp",), "uid-imp"),
    "kcm-token": User(MANAGER, (), "uid-kcm"),
    "node-token": User("system:node:n1", (NODES,), "uid-n1"),
    "slow-token": User("slow", (), "uid-slow"),
}
"""The file of static tokens."""

ROBOT = "serviceaccount"
"""The token of a service account, as lines name it; others of its name are no good."""
ROBOT_USER = User(
    "system:serviceaccount:sa-ns:robot",
    make_service_account_groups("sa-ns"),
    "(uid)",
    {CREDENTIAL_ID: ("(id)",)},
)
NAMED_TOKENS: Mapping[str, User] = {
    "static admin": TOKENS["admin-token"],
    "static alice": TOKENS["alice-token"],
    ROBOT: ROBOT_USER,
}
"""Tokens as lines of authentication name them; any other is unknown, expired or forged."""

_BAD = "x509: certificate signed by unknown authority"
CERTIFICATES: Mapping[str, Certificate] = {
    "admin": Certificate("admin", (MASTERS,)),
    "alice": Certificate("alice", ("dev", "ops")),
    "node": Certificate("system:node:n1", (NODES,)),
    "noname": Certificate(""),
    "other": Certificate("alice", ("dev", "ops"), problem=_BAD),
    "serveronly": Certificate(
        "alice", ("dev", "ops"), problem="x509: certificate specifies an incompatible key usage"
    ),
}
CERTIFICATE_ID = match_text("the fingerprint of a certificate", r"X509SHA256=[0-9a-f]{64}")
TOKEN_ID = match_text("the id of a token", rf"JTI=[0-9a-f-]{{{36}}}")

_EVENTS = PolicyRule(("create", "patch", "update"), ("", "events.k8s.io"), ("events",))
_LEASES = "coordination.k8s.io"
_ROLES: dict[tuple[str, str], tuple[PolicyRule, ...]] = {
    ("", "cm-all"): (PolicyRule(("*",), ("",), ("configmaps",)),),
    ("", "imp"): (
        PolicyRule(("impersonate",), ("",), ("users",), ("alice",)),
        PolicyRule(("impersonate",), ("",), ("groups",), ("dev",)),
        PolicyRule(("impersonate",), ("",), ("serviceaccounts",)),
    ),
    ("", "metrics"): (PolicyRule(("get",), urls=("/metrics",)),),
    ("", MANAGER): (
        _EVENTS,
        PolicyRule(("create",), (_LEASES,), ("leases",)),
        PolicyRule(("get", "update"), (_LEASES,), ("leases",), ("kube-controller-manager",)),
        PolicyRule(("create",), ("",), ("secrets", "serviceaccounts")),
        PolicyRule(("delete",), ("",), ("secrets",)),
        PolicyRule(("get",), ("",), ("namespaces", "secrets", "serviceaccounts", "configmaps")),
        PolicyRule(("update",), ("",), ("secrets", "serviceaccounts")),
        PolicyRule(("create",), ("authentication.k8s.io",), ("tokenreviews",)),
        PolicyRule(("create",), ("authorization.k8s.io",), ("subjectaccessreviews",)),
        PolicyRule(("list", "watch"), ("*",), ("*",)),
        PolicyRule(("create",), ("",), ("serviceaccounts/token",)),
    ),
}
POLICY: RbacPolicy = add_bootstrap_policy(
    RbacPolicy(
        _ROLES,
        (
            Binding("b1", RoleRef("ClusterRole", "cm-all"), (Subject("Group", "dev"),)),
            Binding("b2", RoleRef("ClusterRole", "imp"), (Subject("User", "imp"),)),
            Binding("b3", RoleRef("ClusterRole", "metrics"), (Subject("User", "bob"),)),
            Binding(MANAGER, RoleRef("ClusterRole", MANAGER), (Subject("User", MANAGER),)),
        ),
    )
)
"""Default roles, those of the recorder, and that of the controller manager."""


def ask_nodes(request: Attributes) -> Answer:
    """The node authorizer: no pod is there, so no node reads anything by one."""
    return authorize_node(NodeGraph(), request)


_DEFAULTS = add_bootstrap_policy(RbacPolicy({}))
REVERSED = replace(POLICY, cluster_bindings=POLICY.cluster_bindings[::-1])
"""Bindings come in any order: where two allow a request, either is the reason."""


def ask_rbac(request: Attributes) -> Answer:
    """The RBAC authorizer."""
    return authorize_by_rbac(POLICY, request)


def ask_default_roles(request: Attributes) -> Answer:
    """The RBAC authorizer of a server that has its default roles alone."""
    return authorize_by_rbac(_DEFAULTS, request)


def ask_rbac_reversed(request: Attributes) -> Answer:
    """The RBAC authorizer, with bindings in the other order."""
    return authorize_by_rbac(REVERSED, request)


def print_user(user: User) -> dict[str, object]:
    """A user as a SelfSubjectReview has it; what names a credential is open."""
    printed: dict[str, object] = {"username": user.name}
    if user.uid:
        printed["uid"] = UID if user.uid == ROBOT_USER.uid else user.uid
    if user.groups:
        printed["groups"] = list(user.groups)
    if user.extra:
        is_robot = user.name == ROBOT_USER.name
        printed["extra"] = {CREDENTIAL_ID: [TOKEN_ID if is_robot else CERTIFICATE_ID]}
    return printed

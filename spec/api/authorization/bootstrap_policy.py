"""The default roles that every cluster has for groups of users, and the static rules of nodes.

Source: `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`, v1.36. Left out: roles of
controllers and of components, and roles that are bound to nobody (admin, edit, view).
"""

from planespec.spec.api.authorization.access_request import (
    AUTHENTICATED,
    MASTERS,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
)
from planespec.spec.api.authorization.rbac_policy import Binding, RbacPolicy, RoleRef, Subject
from planespec.spec.api.authorization.rbac_rules import PolicyRule

_GET = ("get",)
_READ = ("get", "list", "watch")
_UPDATE = ("patch", "update")
_INFO = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_DISCOVERY = ("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*")
_ISSUER = (
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/",
    "/openid/v1/jwks",
    "/openid/v1/jwks/",
)
_MONITORING = (
    "/metrics",
    "/metrics/slis",
    "/livez",
    "/readyz",
    "/healthz",
    "/livez/*",
    "/readyz/*",
    "/healthz/*",
    "/statusz",
    "/flagz",
)
_SELF = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")

BOOTSTRAP_ROLES: dict[str, tuple[PolicyRule, ...]] = {
    "cluster-admin": (PolicyRule(("*",), ("*",), ("*",)), PolicyRule(("*",), urls=("*",))),
    "system:basic-user": (
        PolicyRule(("create",), ("authorization.k8s.io",), _SELF),
        PolicyRule(("create",), ("authentication.k8s.io",), ("selfsubjectreviews",)),
    ),
    "system:discovery": (PolicyRule(_GET, urls=(*_INFO, *_DISCOVERY)),),
    "system:public-info-viewer": (PolicyRule(_GET, urls=_INFO),),
    "system:service-account-issuer-discovery": (PolicyRule(_GET, urls=_ISSUER),),
    "system:monitoring": (
        PolicyRule(_GET, urls=_MONITORING),
        PolicyRule(_GET, ("",), ("nodes/metrics",)),
    ),
}
"""The rules of a default ClusterRole that is bound to a group."""

_BOUND = {
    "cluster-admin": (MASTERS,),
    "system:basic-user": (AUTHENTICATED,),
    "system:discovery": (AUTHENTICATED,),
    "system:monitoring": ("system:monitoring",),
    "system:public-info-viewer": (AUTHENTICATED, UNAUTHENTICATED),
    "system:service-account-issuer-discovery": (SERVICE_ACCOUNTS,),
}

BOOTSTRAP_BINDINGS = tuple(
    Binding(name, RoleRef("ClusterRole", name), tuple(Subject("Group", each) for each in groups))
    for name, groups in _BOUND.items()
)
"""The ClusterRoleBindings of these roles; each is named as its role."""


def add_bootstrap_policy(policy: RbacPolicy) -> RbacPolicy:
    """The policy with the default roles and bindings; what stands under their names is kept."""
    roles = {("", name): rules for name, rules in BOOTSTRAP_ROLES.items()}
    known = {each.name for each in policy.cluster_bindings}
    added = tuple(each for each in BOOTSTRAP_BINDINGS if each.name not in known)
    return RbacPolicy(
        {**roles, **policy.roles},
        (*policy.cluster_bindings, *added),
        policy.bindings,
        policy.not_found,
    )


NODE_RULES = (
    PolicyRule(("create",), ("authentication.k8s.io",), ("tokenreviews",)),
    PolicyRule(
        ("create",),
        ("authorization.k8s.io",),
        ("subjectaccessreviews", "localsubjectaccessreviews"),
    ),
    PolicyRule(_READ, ("",), ("services",)),
    PolicyRule(("create", *_READ), ("",), ("nodes",)),
    PolicyRule(_UPDATE, ("",), ("nodes/status", "nodes")),
    PolicyRule(("create", *_UPDATE), ("", "events.k8s.io"), ("events",)),
    PolicyRule(("create", "delete", *_READ), ("",), ("pods",)),
    PolicyRule(_UPDATE, ("",), ("pods/status",)),
    PolicyRule(("create",), ("",), ("pods/eviction",)),
    PolicyRule(_READ, ("",), ("configmaps", "secrets")),
    PolicyRule(_GET, ("",), ("persistentvolumeclaims", "persistentvolumes", "endpoints")),
    PolicyRule(("create", *_READ), ("certificates.k8s.io",), ("certificatesigningrequests",)),
    PolicyRule(("create", "delete", *_GET, *_UPDATE), ("coordination.k8s.io",), ("leases",)),
    PolicyRule(_GET, ("storage.k8s.io",), ("volumeattachments",)),
    PolicyRule(("create",), ("",), ("serviceaccounts/token",)),
    PolicyRule(("get", *_UPDATE), ("",), ("persistentvolumeclaims/status",)),
    PolicyRule(_READ, ("storage.k8s.io",), ("csidrivers",)),
    PolicyRule(("create", "delete", *_GET, *_UPDATE), ("storage.k8s.io",), ("csinodes",)),
    PolicyRule(_READ, ("node.k8s.io",), ("runtimeclasses",)),
    PolicyRule(_GET, ("resource.k8s.io",), ("resourceclaims",)),
    PolicyRule(("deletecollection",), ("resource.k8s.io",), ("resourceslices",)),
    PolicyRule(_GET, ("",), ("serviceaccounts",)),
)
"""What the node authorizer lets every node do where it has no closer rule (`NodeRules`)."""

"""Objects that every cluster has without anybody writing them down.

The API server and its controllers make them, so that a reference to one is right although no input
holds it. Source: `pkg/controlplane/controller`, `plugin/pkg/auth/authorizer/rbac/bootstrappolicy`,
`pkg/apis/flowcontrol/bootstrap`, `pkg/apis/scheduling/helpers.go`, v1.36.
"""

from collections.abc import Mapping

SYSTEM_CLASSES = {
    "system-node-critical": 2000001000,
    "system-cluster-critical": 2000000000,
}
"""Values of the priority classes that every cluster has."""

CONTROL_PLANE = "kube-system"
"""The namespace in which a cluster has pods of its own: the control plane, the DNS."""

_EVERYWHERE: Mapping[str, frozenset[str]] = {
    "ConfigMap": frozenset(("kube-root-ca.crt",)),
    "ServiceAccount": frozenset(("", "default")),
}
"""What every namespace has."""
_LEVELS = (
    "catch-all exempt global-default leader-election node-high system workload-high workload-low"
)
_FLOWS = (
    "catch-all endpoint-controller exempt global-default kube-controller-manager kube-scheduler "
    "kube-system-service-accounts probes service-accounts system-leader-election "
    "system-node-high system-nodes workload-leader-election"
)
_CLUSTER_WIDE: Mapping[str, frozenset[str]] = {
    "ClusterRole": frozenset(("admin", "cluster-admin", "edit", "view")),
    "ClusterRoleBinding": frozenset(("cluster-admin",)),
    "FlowSchema": frozenset(_FLOWS.split()),
    "Namespace": frozenset(("default", "kube-node-lease", "kube-public", "kube-system")),
    "PriorityClass": frozenset(SYSTEM_CLASSES),
    "PriorityLevelConfiguration": frozenset(_LEVELS.split()),
    "ServiceCIDR": frozenset(("kubernetes",)),
}
_NAMED = frozenset(
    (
        ("ConfigMap", "kube-system", "extension-apiserver-authentication"),
        ("EndpointSlice", "default", "kubernetes"),
        ("Endpoints", "default", "kubernetes"),
        ("Role", "kube-system", "extension-apiserver-authentication-reader"),
        ("Service", "default", "kubernetes"),
    )
)
_SYSTEM = "system:"
_ROLES = frozenset(("ClusterRole", "ClusterRoleBinding"))
_SYSTEM_NAMESPACES = frozenset(("kube-public", CONTROL_PLANE))


def is_standing(kind: str, namespace: str, name: str) -> bool:
    """Say whether every cluster has the object; roles that begin with `system:` differ by release.

    >>> is_standing("ClusterRole", "", "view"), is_standing("Service", "team", "kubernetes")
    (True, False)
    """
    if name in _CLUSTER_WIDE.get(kind, ()) or name in _EVERYWHERE.get(kind, ()):
        return True
    if name.startswith(_SYSTEM):
        is_local = kind in ("Role", "RoleBinding") and namespace in _SYSTEM_NAMESPACES
        return kind in _ROLES or is_local
    return (kind, namespace, name) in _NAMED

"""A published lab of escalation in clusters: a namespace in which a service account is strong."""

from collections.abc import Iterable
from typing import Any

from planespec.spec.api.authorization.reach.access_cluster import AccessCluster, read_access
from planespec.spec.api.authorization.reach.identities import make_user
from planespec.spec.api.authorization.reach.reaching import Reach, find_reach
from planespec.spec.objects.view import ApiObject

RBAC = "rbac.authorization.k8s.io"
CERTIFICATES = "certificates.k8s.io"
ADMISSION = "admissionregistration.k8s.io"
FULL = "full control of the cluster"
Object = dict[str, Any]


def rule(verb: str, resource: str, group: str = "", *names: str) -> Object:
    found: Object = {"verbs": [verb], "apiGroups": [group], "resources": [resource]}
    return {**found, "resourceNames": list(names)} if names else found


def make(kind: str, name: str, namespace: str = "", **more: Any) -> Object:
    meta: Object = {"name": name, **more.pop("meta", {})}
    if namespace:
        meta["namespace"] = namespace
    return {"kind": kind, "metadata": meta, **more}


def bind(name: str, role: str, subject: Object, namespace: str = "", kind: str = "") -> Object:
    made = "RoleBinding" if namespace else "ClusterRoleBinding"
    ref = {"kind": kind or ("Role" if namespace else "ClusterRole"), "name": role}
    return make(made, name, namespace, roleRef=ref, subjects=[subject])


ANN = {"kind": "User", "name": "ann"}
STRONG = {"kind": "ServiceAccount", "name": "strong", "namespace": "ci"}
CLUSTER = (
    make("Namespace", "ci", meta={"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}),
    make("ServiceAccount", "strong", "ci"),
    make("ServiceAccount", "weak", "ci"),
    make("Pod", "runner", "ci", spec={"serviceAccountName": "strong", "nodeName": "n1"}),
    make("Node", "n1"),
    make(
        "Secret",
        "old",
        "ci",
        type="kubernetes.io/service-account-token",
        meta={"annotations": {"kubernetes.io/service-account.name": "strong"}},
    ),
    make(
        "ClusterRole", "strong", rules=[{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
    ),
    bind("strong", "strong", STRONG),
    bind("root", "cluster-admin", {"kind": "User", "name": "root"}),
)
"""A namespace in which a service account may do everything."""


def read(*objects: Object, without: Iterable[str] = ()) -> AccessCluster:
    kinds = {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Pod", "Node"}
    known = (kinds | {"ServiceAccount"}) - set(without)
    found = [ApiObject(each) for each in objects if each["kind"] not in without]
    return read_access(
        lambda kind: [each for each in found if each.text("kind") == kind],
        lambda kind: kind in known,
    )


def hold(*rules: Object, namespace: str = "", more: tuple[Object, ...] = ()) -> Reach:
    """What ann reaches who holds the rules, beside the cluster."""
    kind = "Role" if namespace else "ClusterRole"
    own = (make(kind, "own", namespace, rules=[*rules]), bind("own", "own", ANN, namespace))
    return find_reach(read(*CLUSTER, *own, *more), make_user("ann"))


def list_first(reach: Reach) -> list[str]:
    """What ann does first on each way."""
    return [steps[0].action for steps in reach.list_ways()]

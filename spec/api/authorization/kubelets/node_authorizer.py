"""The node authorizer: a kubelet reads what pods on its node refer to, and little else.

Source: `plugin/pkg/auth/authorizer/node/node_authorizer.go`, v1.36, with the feature gates that
are on by default. It never denies; what it allows to write, NodeRestriction narrows.
"""

from collections.abc import Callable

from planespec.spec.api.authorization.access_request import (
    Answer,
    Attributes,
    Decision,
    get_node_name,
)
from planespec.spec.api.authorization.bootstrap_policy import NODE_RULES
from planespec.spec.api.authorization.kubelets.node_graph import NodeGraph
from planespec.spec.api.authorization.rbac_rules import allow
from planespec.spec.quantity.amount import quote

NODE_LEASES = "kube-node-lease"
_ALLOW = Answer(Decision.ALLOW)
_NO = Answer(Decision.NO_OPINION)
_OWN_VERBS = ("get", "create", "update", "patch", "delete")
_READ = ("get", "list", "watch")
_WRITE = ("update", "patch")


def authorize_node(graph: NodeGraph, request: Attributes) -> Answer:
    """Answer a request of a node; no opinion on others."""
    node = get_node_name(request.user)
    if node is None:
        return _NO
    if not node:
        return _refuse(f"unknown node for user {quote(request.user.name)}")
    if request.is_resource:
        closer = _RULES.get((request.group, request.resource))
        if closer is not None:
            return closer(graph, node, request)
    return _ALLOW if allow(NODE_RULES, request) else _NO


def _refuse(reason: str) -> Answer:
    return Answer(Decision.NO_OPINION, reason)


def _by_graph(graph: NodeGraph, node: str, request: Attributes) -> Answer:
    if not request.name:
        return _refuse("No Object name found")
    if graph.reaches(request.resource, request.namespace, request.name, node):
        return _ALLOW
    return _refuse(f"no relationship found between node '{node}' and this object")


def _get(graph: NodeGraph, node: str, request: Attributes) -> Answer:
    if request.verb != "get":
        return _refuse("can only get individual resources of this type")
    if request.subresource:
        return _refuse("cannot get subresource")
    return _by_graph(graph, node, request)


def _read_namespaced(graph: NodeGraph, node: str, request: Attributes) -> Answer:
    if request.verb not in _READ:
        return _refuse("can only read resources of this type")
    if request.subresource:
        return _refuse("cannot read subresource")
    if not request.namespace:
        return _refuse("can only read namespaced object of this type")
    return _by_graph(graph, node, request)


def _use_claim(graph: NodeGraph, node: str, request: Attributes) -> Answer:
    if request.subresource != "status":
        return _get(graph, node, request)
    if request.verb not in _WRITE:
        return _refuse("can only get/update/patch this type")
    return _by_graph(graph, node, request)


def _use_account(graph: NodeGraph, node: str, request: Attributes) -> Answer:
    """Get an account, which credential providers need, or create a token for it."""
    if request.verb == "get" and not request.subresource:
        return _read_namespaced(graph, node, request)
    if request.verb != "create" or not request.name:
        return _refuse("can only create tokens for individual service accounts")
    if request.subresource != "token":
        return _refuse("can only create token subresource of serviceaccount")
    return _by_graph(graph, node, request)


def _use_lease(_: NodeGraph, node: str, request: Attributes) -> Answer:
    if request.verb not in _OWN_VERBS:
        return _refuse("can only get, create, update, patch, or delete a node lease")
    if request.namespace != NODE_LEASES:
        return _refuse(f"can only access leases in the {quote(NODE_LEASES)} system namespace")
    # The name of a new object is not known here.
    if request.verb != "create" and request.name != node:
        return _refuse("can only access node lease with the same name as the requesting node")
    return _ALLOW


def _use_csi_node(_: NodeGraph, node: str, request: Attributes) -> Answer:
    if request.verb not in _OWN_VERBS:
        return _refuse("can only get, create, update, patch, or delete a CSINode")
    if request.subresource:
        return _refuse("cannot authorize CSINode subresources")
    if request.verb != "create" and request.name != node:
        return _refuse("can only access CSINode with the same name as the requesting node")
    return _ALLOW


def _use_slice(graph: NodeGraph, node: str, request: Attributes) -> Answer:
    if request.subresource:
        return _refuse("cannot authorize ResourceSlice subresources")
    if request.verb == "create":
        return _ALLOW
    if request.verb in ("get", "update", "patch", "delete"):
        return _by_graph(graph, node, request)
    if request.verb not in ("watch", "list", "deletecollection"):
        verbs = "get, watch, list, create, update, patch, delete, deletecollection"
        return _refuse(f"only the following verbs are allowed for a ResourceSlice: {verbs}")
    if _selects(request, node):
        return _ALLOW
    what = "can only list/watch/deletecollection resourceslices with nodeName field selector"
    return _refuse(what)


def _selects(request: Attributes, node: str) -> bool:
    """Whether the field selector asks for objects of the node only."""
    return any(
        each.field == "spec.nodeName" and each.equal and each.value == node
        for each in request.fields
    )


def _use_node(_: NodeGraph, node: str, request: Attributes) -> Answer:
    if request.subresource == "status":
        return _ALLOW if request.verb in _WRITE else _NO
    if request.subresource:
        return _NO
    if request.verb in ("create", *_WRITE):
        return _ALLOW
    if request.verb not in _READ:
        return _NO
    if request.name == node:
        return _ALLOW
    what = f"'{request.name}'" if request.name else "all nodes"
    return _refuse(f"node '{node}' cannot read {what}, only its own Node object")


def _use_pod(graph: NodeGraph, node: str, request: Attributes) -> Answer:
    if request.subresource == "status":
        return _ALLOW if request.verb in _WRITE else _NO
    if request.subresource == "eviction":
        return _ALLOW if request.verb == "create" else _NO
    if request.subresource:
        return _NO
    if request.verb == "get":
        return _get(graph, node, request)
    if request.verb in ("list", "watch"):
        if _selects(request, node):
            return _ALLOW
        if request.name:
            return _by_graph(graph, node, request)
        return _refuse("can only list/watch pods with spec.nodeName field selector")
    return _ALLOW if request.verb in ("create", "delete") else _NO


_RULES: dict[tuple[str, str], Callable[[NodeGraph, str, Attributes], Answer]] = {
    ("", "secrets"): _read_namespaced,
    ("", "configmaps"): _read_namespaced,
    ("", "persistentvolumeclaims"): _use_claim,
    ("", "persistentvolumes"): _get,
    ("", "serviceaccounts"): _use_account,
    ("", "nodes"): _use_node,
    ("", "pods"): _use_pod,
    ("coordination.k8s.io", "leases"): _use_lease,
    ("resource.k8s.io", "resourceclaims"): _get,
    ("resource.k8s.io", "resourceslices"): _use_slice,
    ("storage.k8s.io", "csinodes"): _use_csi_node,
    ("storage.k8s.io", "volumeattachments"): _get,
}
"""The rule for a group and resource where it is closer than the static ones."""

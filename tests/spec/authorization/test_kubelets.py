"""The node authorizer and NodeRestriction in cases that no recording has."""

import base64
from typing import Any

import pytest

from planespec.spec.api.authorization.access_request import Attributes, User
from planespec.spec.api.authorization.field_selectors import FieldRequirement
from planespec.spec.api.authorization.kubelets.claim_difference import compare_claims
from planespec.spec.api.authorization.kubelets.node_authorizer import authorize_node
from planespec.spec.api.authorization.kubelets.node_graph import NodeGraph
from planespec.spec.api.authorization.kubelets.node_pod_writes import find_api_reference
from planespec.spec.api.authorization.kubelets.node_restriction import (
    is_forbidden_label,
    restrict_node,
)
from planespec.spec.api.authorization.kubelets.node_writes import (
    NodeRefusedError,
    Surroundings,
    Write,
)
from planespec.spec.objects.view import ApiObject

NODE = User("system:node:n1", ("system:nodes",))


def make(name: str, spec: dict[str, Any], namespace: str = "a", **more: Any) -> ApiObject:
    return ApiObject({"metadata": {"name": name, "namespace": namespace}, "spec": spec, **more})


def make_graph(*pods: ApiObject) -> NodeGraph:
    graph = NodeGraph()
    for pod in pods:
        graph.add_pod(pod)
    return graph


def reads(graph: NodeGraph, resource: str, name: str, namespace: str = "a") -> bool:
    return graph.reaches(resource, namespace, name, "n1")


def test_a_node_reaches_what_any_container_or_volume_of_its_pods_names() -> None:
    env = [{"valueFrom": {"secretKeyRef": {"name": "env"}}}]
    graph = make_graph(
        make(
            "p",
            {
                "nodeName": "n1",
                "serviceAccountName": "sa",
                "initContainers": [{"env": env}],
                "ephemeralContainers": [{"envFrom": [{"configMapRef": {"name": "debug"}}]}],
                "volumes": [
                    {"name": "own", "ephemeral": {}},
                    {"name": "f", "azureFile": {"secretName": "azure"}},
                    {"name": "r", "rbd": {"secretRef": {"name": "rbd"}}},
                ],
                "resourceClaims": [
                    {"name": "made", "resourceClaimTemplateName": "t"},
                    {"name": "unmade", "resourceClaimTemplateName": "t"},
                ],
            },
            status={
                "resourceClaimStatuses": [{"name": "made", "resourceClaimName": "c1"}],
                "extendedResourceClaimStatus": {"resourceClaimName": "c2"},
            },
        )
    )
    for name in ("env", "azure", "rbd"):
        assert reads(graph, "secrets", name)
    assert reads(graph, "configmaps", "debug")
    assert reads(graph, "persistentvolumeclaims", "p-own")
    assert reads(graph, "serviceaccounts", "sa")
    assert reads(graph, "resourceclaims", "c1")
    assert reads(graph, "resourceclaims", "c2")
    assert not reads(graph, "secrets", "env", "b")
    assert not graph.reaches("secrets", "a", "env", "n2")


def test_a_pod_without_node_and_a_mirror_pod_open_nothing() -> None:
    spec = {"serviceAccountName": "sa"}
    mirror = ApiObject(
        {
            "metadata": {
                "name": "m",
                "namespace": "a",
                "annotations": {"kubernetes.io/config.mirror": "x"},
            },
            "spec": {**spec, "nodeName": "n1"},
        }
    )
    graph = make_graph(make("p", spec), mirror)
    assert not reads(graph, "serviceaccounts", "sa")
    assert reads(graph, "pods", "m")


def test_secrets_of_a_volume_are_reached_by_its_claim_but_not_those_of_the_controller() -> None:
    claim = {"persistentVolumeClaim": {"claimName": "c"}}
    graph = make_graph(make("p", {"nodeName": "n1", "volumes": [claim]}))
    secrets = ("nodeStage", "nodePublish", "nodeExpand", "controllerPublish", "controllerExpand")
    source = {f"{each}SecretRef": {"name": each, "namespace": "store"} for each in secrets}
    ref = {"name": "c", "namespace": "a"}
    graph.add_volume(make("pv", {"claimRef": ref, "csi": source}, ""))
    graph.add_volume(make("free", {"rbd": {"secretRef": {"name": "free"}}}, ""))
    graph.add_volume(make("old", {"claimRef": ref, "rbd": {"secretRef": {"name": "rbd"}}}, ""))
    found = [each for each in secrets if graph.reaches("secrets", "store", each, "n1")]
    assert found == ["nodeStage", "nodePublish", "nodeExpand"]
    assert reads(graph, "secrets", "rbd")
    assert not reads(graph, "secrets", "free", "")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (Attributes(NODE, "get", "", "", "secrets", "x", "a", "s"), "cannot read subresource"),
        (
            Attributes(NODE, "get", "", "", "persistentvolumes", "x", "", "s"),
            "cannot get subresource",
        ),
        (
            Attributes(NODE, "create", "storage.k8s.io", "", "csinodes", "x", "", ""),
            "cannot authorize CSINode subresources",
        ),
        (
            Attributes(NODE, "get", "resource.k8s.io", "", "resourceslices", "x", "", "s"),
            "cannot authorize ResourceSlice subresources",
        ),
        (
            Attributes(NODE, "proxy", "resource.k8s.io", "", "resourceslices", "", "", "s"),
            "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, "
            "update, patch, delete, deletecollection",
        ),
        (Attributes(NODE, "get", "", "", "pods", "log", "a", "p"), ""),
        (Attributes(NODE, "get", "", "", "nodes", "proxy", "", "n1"), ""),
        (Attributes(NODE, "delete", "", "", "nodes", "", "", "n1"), ""),
    ],
)
def test_a_node_is_refused_with_upstreams_reason(request_: Attributes, reason: str) -> None:
    answer = authorize_node(NodeGraph(), request_)
    assert (answer.allows, answer.reason) == (False, reason)


def test_slices_and_pods_are_listed_only_by_a_selector_of_the_own_node() -> None:
    def may(verb: str, group: str, resource: str, *fields: FieldRequirement) -> bool:
        request = Attributes(NODE, verb, group, "", resource, fields=fields)
        return authorize_node(NodeGraph(), request).allows

    own = FieldRequirement("spec.nodeName", "n1")
    slices = ("resource.k8s.io", "resourceslices")
    assert may("deletecollection", *slices, own)
    assert may("list", "", "pods", own)
    assert not may("deletecollection", "", "pods", own)
    assert not may("list", *slices, FieldRequirement("spec.nodeName", "n1", equal=False))
    assert not may("list", *slices, FieldRequirement("spec.nodeName", "n2"))
    assert not may("list", *slices, FieldRequirement("nodeName", "n1"))


@pytest.mark.parametrize(
    ("key", "forbidden"),
    [
        ("x", False),
        ("example.com/x", False),
        ("kubernetes.io/hostname", False),
        ("kubernetes.io/x", True),
        ("a.k8s.io/x", True),
        ("k8s.io", False),
        ("a.node.kubernetes.io/x", False),
        ("a.node-restriction.kubernetes.io/x", True),
        ("notkubernetes.io/x", False),
    ],
)
def test_labels_of_kubernetes_are_forbidden_but_for_those_a_kubelet_knows(
    key: str, forbidden: bool
) -> None:
    assert is_forbidden_label(key) is forbidden


@pytest.mark.parametrize(
    ("spec", "reference"),
    [
        ({}, ""),
        ({"volumes": [{"emptyDir": {}}, {"hostPath": {"path": "/"}}]}, ""),
        ({"imagePullSecrets": [{"name": "s"}]}, "secrets"),
        ({"resourceClaims": [{"name": "c"}]}, "resourceclaims"),
        ({"volumes": [{"csi": {"driver": "d"}}]}, "csidrivers (via CSI volumes)"),
        ({"volumes": [{"glusterfs": {}}]}, "endpoints (via glusterFS volumes)"),
        ({"volumes": [{"ephemeral": {}}]}, "persistentvolumeclaims (via ephemeral volumes)"),
        ({"volumes": [{"azureFile": {}}]}, "secrets (via azureFile volumes)"),
        (
            {"volumes": [{"projected": {"sources": [{"downwardAPI": {}}]}}]},
            "",
        ),
        (
            {"volumes": [{"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}]},
            "serviceaccounts (via projected volumes)",
        ),
        (
            {"volumes": [{"projected": {"sources": [{"podCertificate": {"path": "t"}}]}}]},
            "podcertificates",
        ),
    ],
)
def test_the_first_object_that_a_mirror_pod_refers_to_is_named(
    spec: dict[str, Any], reference: str
) -> None:
    assert find_api_reference(make("m", spec)) == reference


def refuse(
    operation: str,
    resource: str,
    new: ApiObject,
    *known: tuple[str, ApiObject],
    old: ApiObject | None = None,
    allowed: str = "",
    **more: str,
) -> str:
    """The message with which a write of the node is refused; "" where it is not."""
    objects = {(name, each.meta.namespace, each.name): each for name, each in known}
    around = Surroundings(
        lambda *key: objects.get(key), lambda request: request.resource == allowed
    )
    write = Write(
        User(more["user"], ("system:nodes",)) if "user" in more else NODE,
        operation,
        more.get("group", ""),
        resource,
        more.get("subresource", ""),
        "a",
        new.name or (old.name if old else ""),
        new,
        old or ApiObject(None),
    )
    try:
        restrict_node(write, around)
    except NodeRefusedError as error:
        return str(error)
    return ""


def token(audiences: list[str], **bound: str) -> ApiObject:
    ref = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", **bound}
    return make("sa", {"boundObjectRef": ref, "audiences": audiences})


def make_pod(*volumes: dict[str, Any], node: str = "n1") -> ApiObject:
    meta = {"name": "p", "namespace": "a", "uid": "u"}
    return ApiObject({"metadata": meta, "spec": {"nodeName": node, "volumes": [*volumes]}})


def test_a_token_is_bound_to_a_pod_on_the_node_by_its_uid() -> None:
    def ask(asked: ApiObject, *pods: ApiObject) -> str:
        known = [("pods", pod) for pod in pods]
        return refuse("CREATE", "serviceaccounts", asked, *known, subresource="token")

    assert ask(token([])) == 'pod "p" not found'
    assert "with a pod binding without a uid" in ask(token([], uid=""))
    assert "UID in the bound object reference (v) does not match" in ask(
        token([], uid="v"), make_pod()
    )
    assert "scheduled on a different node" in ask(token([]), make_pod(node="n2"))
    assert "node may only request 0 or 1 audiences" in ask(token(["a", "b"]), make_pod())


def test_a_token_is_for_an_audience_that_a_volume_of_the_pod_needs_or_that_is_granted() -> None:
    def ask(asked: ApiObject, *known: tuple[str, ApiObject], allowed: str = "") -> str:
        return refuse(
            "CREATE", "serviceaccounts", asked, *known, subresource="token", allowed=allowed
        )

    projected = {"projected": {"sources": [{"serviceAccountToken": {"audience": "vault"}}]}}
    assert ask(token(["vault"]), ("pods", make_pod(projected))) == ""
    refused = ask(token(["other"]), ("pods", make_pod(projected)))
    assert refused.endswith(
        'audience "other" not found in pod spec volume, system:node:n1 is not authorized to '
        "request tokens for this audience"
    )
    assert ask(token(["other"]), ("pods", make_pod(projected)), allowed="other") == ""
    driver = ("csidrivers", make("d", {"tokenRequests": [{"audience": "vault"}]}, ""))
    inline = ("pods", make_pod({"csi": {"driver": "d"}}))
    assert ask(token(["vault"]), inline, driver) == ""
    assert 'csidriver.storage.k8s.io "d" not found' in ask(token(["vault"]), inline)
    claimed = ("pods", make_pod({"persistentVolumeClaim": {"claimName": "c"}}))
    claim = ("persistentvolumeclaims", make("c", {"volumeName": "pv"}))
    volume = ("persistentvolumes", make("pv", {"csi": {"driver": "d"}}, ""))
    assert ask(token(["vault"]), claimed, claim, volume, driver) == ""
    assert 'persistentvolumeclaim "c" not found' in ask(token(["vault"]), claimed)


def test_other_writes_are_restricted_to_the_own_objects() -> None:
    nothing = ApiObject(None)
    assert "unexpected operation" in refuse("UPDATE", "pods", make("p", {}))
    assert 'unexpected pod subresource "exec"' in refuse(
        "CREATE", "pods", make("p", {}), subresource="exec"
    )
    assert "may only update PVC status" in refuse("CREATE", "persistentvolumeclaims", nothing)
    slices = {"group": "resource.k8s.io"}
    other = make("s", {"nodeName": "n2"}, "")
    assert "can only create ResourceSlice" in refuse("CREATE", "resourceslices", other, **slices)
    assert "can only delete ResourceSlice" in refuse(
        "DELETE", "resourceslices", nothing, old=other, **slices
    )
    assert refuse("UPDATE", "resourceslices", other, old=other, **slices) == ""
    assert 'pod "p" not found' in refuse("DELETE", "pods", nothing, old=make("p", {}))
    assert "could not determine node from user" in refuse(
        "CREATE", "nodes", make("n1", {}), user="system:node:"
    )
    assert "non-nil configSource" in refuse("CREATE", "nodes", make("n1", {"configSource": {}}))
    assert refuse("CREATE", "pods", make("p", {}), user="alice") == ""


def test_status_of_a_pod_changes_without_its_labels_and_claims() -> None:
    def change(**more: Any) -> str:
        old = make("p", {"nodeName": "n1"})
        new = make("p", {"nodeName": "n1"}, status=more)
        return refuse("UPDATE", "pods", new, old=old, subresource="status")

    assert change(phase="Running") == ""
    claims = [{"name": "x", "resourceClaimName": "y"}]
    assert "cannot update resource claim statues" in change(resourceClaimStatuses=claims)
    assert "cannot update extended resource claim status" in change(
        extendedResourceClaimStatus={"resourceClaimName": "c"}
    )


def test_claims_differ_where_a_kubelet_may_not_write() -> None:
    def claim(**more: Any) -> ApiObject:
        spec = {"accessModes": ["ReadWriteOnce"], "dataSource": {"kind": "X", "name": "y"}}
        return make("c", spec, status={"phase": "Bound", **more})

    assert compare_claims(claim(), claim(capacity={"storage": "1Gi"}, conditions=[{}])) == ""
    assert compare_claims(claim(), claim(allocatedResources={"storage": "1Gi"})) == ""
    lines = compare_claims(claim(), claim(phase="Lost")).splitlines()
    assert [line for line in lines if line[0] in "+-"] == [
        '-  "Phase": "Bound",',
        '+  "Phase": "Lost",',
    ]


DER = (
    "MIHrMIGSAgEAMDAxFTATBgNVBAoMDHN5c3RlbTpub2RlczEXMBUGA1UEAwwOc3lzdGVtOm5vZGU6bjEwWTATBgcqhkjO"
    "PQIBBggqhkjOPQMBBwNCAAQ+362uw+CWfeV2hARY3vaRjKf2UOPsekfg4rNmw5ri5ryWMmpO7lLNjeKiZgfE9nyBWW9g"
    "sQWbkwPuVFhMUxFWoAAwCgYIKoZIzj0EAwIDSAAwRQIgUzhd9f6ayXYmQhHLzN2t+ogM9yMeg+0svwaUo/T319sCIQDn"
    "qP83HwKYggr4+HCjcPrPNBbHsFgxUTrJISQ0/NaKUg=="
)
"""A request of openssl for /O=system:nodes/CN=system:node:n1."""


@pytest.mark.parametrize(
    ("node", "signer", "der", "message"),
    [
        ("n1", "kubelet-serving", DER, ""),
        ("n2", "kubelet-serving", DER, "can only create a node CSR with CN=system:node:n2"),
        ("n2", "kube-apiserver-client-kubelet", DER, "node CSR with CN=system:node:n2"),
        ("n2", "kube-apiserver-client", DER, ""),
        ("n1", "kubelet-serving", DER[:80], "unable to parse csr: asn1: syntax error"),
        ("n1", "kubelet-serving", "AgEA", "unable to parse csr: asn1: structure error"),
        ("n1", "kubelet-serving", "", "unable to parse csr: asn1: syntax error"),
        ("n1", "kubelet-serving", "!", "unable to parse csr: PEM block type must be"),
        ("n1", "kubelet-serving", None, "unable to parse csr: PEM block type must be"),
    ],
)
def test_a_kubelet_requests_certificates_for_its_own_node_only(
    node: str, signer: str, der: str | None, message: str
) -> None:
    kind = "CERTIFICATE REQUEST"
    pem = "" if der is None else f"-----BEGIN {kind}-----\n{der}\n-----END {kind}-----\n"
    request = base64.b64encode(pem.encode()).decode()
    asked = make("c", {"signerName": f"kubernetes.io/{signer}", "request": request})
    where = {"group": "certificates.k8s.io", "user": f"system:node:{node}"}
    told = refuse("CREATE", "certificatesigningrequests", asked, **where)
    assert (message in told) if message else told == ""

"""What a kubelet may write about pods: mirror pods of its own, and the status of pods on it.

Source: `plugin/pkg/admission/noderestriction/admission.go` and `HasAPIObjectReference` of
`pkg/api/pod/util.go`, v1.36.
"""

from collections.abc import Iterator

from planespec.spec.api.authorization.kubelets.node_graph import (
    MIRROR_ANNOTATION,
    list_configmap_names,
    list_secret_names,
)
from planespec.spec.api.authorization.kubelets.node_writes import (
    NodeProblem,
    Surroundings,
    Write,
    find_object,
)
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.quantity.amount import quote

_LOCAL_VOLUMES = (
    *("awsElasticBlockStore", "azureDisk", "cephfs", "cinder", "downwardAPI", "emptyDir", "fc"),
    *(
        "flexVolume",
        "flocker",
        "gcePersistentDisk",
        "gitRepo",
        "hostPath",
        "image",
        "iscsi",
        "nfs",
    ),
    *("photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos"),
    "vsphereVolume",
)
"""Sources of volumes that need no object of the API."""
_API_VOLUMES = {
    "configMap": "configmaps (via configmap volumes)",
    "secret": "secrets (via secret volumes)",
    "csi": "csidrivers (via CSI volumes)",
    "glusterfs": "endpoints (via glusterFS volumes)",
    "persistentVolumeClaim": "persistentvolumeclaims",
    "ephemeral": "persistentvolumeclaims (via ephemeral volumes)",
    "azureFile": "secrets (via azureFile volumes)",
}
_API_PROJECTIONS = {
    "configMap": "configmaps (via projected volumes)",
    "secret": "secrets (via projected volumes)",
    "serviceAccountToken": "serviceaccounts (via projected volumes)",
    "clusterTrustBundle": "clustertrustbundles",
    "podCertificate": "podcertificates",
}


def restrict_pod(node: str, write: Write, around: Surroundings) -> None:
    """Raise NodeProblem or NodeRefusedError where the node may not write this about a pod."""
    if write.subresource == "status":
        _restrict_pod_status(node, write)
    elif write.subresource == "eviction":
        _restrict_eviction(node, write, around)
    elif write.subresource:
        what = f"unexpected pod subresource {quote(write.subresource)}"
        raise NodeProblem(f"{what}, only 'status' and 'eviction' are allowed")
    elif write.operation == "CREATE":
        _restrict_new_pod(node, write.new, around)
    elif write.operation == "DELETE":
        pod = find_object(around, "pods", "pod", write.namespace, write.name)
        if pod.spec.text("nodeName") != node:
            what = f"node {quote(node)} can only delete pods with spec.nodeName set to itself"
            raise NodeProblem(what)
    else:
        raise NodeProblem(
            f"unexpected operation {quote(write.operation)}, "
            f"node {quote(node)} can only create and delete mirror pods"
        )


def _restrict_new_pod(node: str, pod: ApiObject, around: Surroundings) -> None:
    """Only mirror pods of its own, owned by its Node, that refer to nothing."""
    quoted = quote(node)
    if MIRROR_ANNOTATION not in pod.meta.annotations:
        what = f"pod does not have {quote(MIRROR_ANNOTATION)} annotation"
        raise NodeProblem(f"{what}, node {quoted} can only create mirror pods")
    if pod.spec.text("nodeName") != node:
        raise NodeProblem(f"node {quoted} can only create pods with spec.nodeName set to itself")
    owners = pod.meta.views("ownerReferences")
    if len(owners) > 1:
        what = "with a single owner reference set to itself"
        raise NodeProblem(f"node {quoted} can only create pods {what}")
    _check_owner(node, owners[0] if owners else None, around)
    referred = find_api_reference(pod)
    if referred:
        raise NodeProblem(f"node {quoted} can not create pods that reference {referred}")


def _check_owner(node: str, owner: View | None, around: Surroundings) -> None:
    quoted = quote(node)
    wanted = ("v1", "Node", node)
    if owner is None or tuple(map(owner.text, ("apiVersion", "kind", "name"))) != wanted:
        what = "with an owner reference set to itself"
        raise NodeProblem(f"node {quoted} can only create pods {what}")
    if not owner.flag("controller"):
        what = "with a controller owner reference set to itself"
        raise NodeProblem(f"node {quoted} can only create pods {what}")
    if owner.flag("blockOwnerDeletion"):
        raise NodeProblem(f"node {quoted} must not set blockOwnerDeletion on an owner reference")
    known = find_object(around, "nodes", "node", "", node).meta.uid
    if owner.text("uid") != known:
        told = owner.text("uid")
        raise NodeProblem(f"node {node} UID mismatch: expected {told} got {known}")


def find_api_reference(pod: ApiObject) -> str:
    """The first kind of object that a pod refers to, as a message names it; "" for none."""
    if pod.spec.text("serviceAccountName"):
        return "serviceaccounts"
    if next(list_secret_names(pod), None) is not None:
        return "secrets"
    if next(list_configmap_names(pod), None) is not None:
        return "configmaps"
    if pod.spec.items("resourceClaims"):
        return "resourceclaims"
    return next(_list_volume_references(pod), "")


def _list_volume_references(pod: ApiObject) -> Iterator[str]:
    for volume in pod.spec.views("volumes"):
        if any(volume.has(source) for source in _LOCAL_VOLUMES):
            continue
        source = next((name for name in _API_VOLUMES if volume.has(name)), None)
        if source is not None:
            yield _API_VOLUMES[source]
        for each in volume.view("projected").views("sources"):
            projected = next((name for name in _API_PROJECTIONS if each.has(name)), None)
            if projected is not None:
                yield _API_PROJECTIONS[projected]


def _restrict_pod_status(node: str, write: Write) -> None:
    if write.operation != "UPDATE":
        raise NodeProblem(f"unexpected operation {quote(write.operation)}")
    old, new, quoted = write.old, write.new, quote(node)
    if old.spec.text("nodeName") != node:
        what = "can only update pod status for pods with spec.nodeName set to itself"
        raise NodeProblem(f"node {quoted} {what}")
    if old.meta.labels != new.meta.labels:
        raise NodeProblem(f"node {quoted} cannot update labels through pod status")
    if _list_claim_statuses(old) != _list_claim_statuses(new):
        raise NodeProblem(f"node {quoted} cannot update resource claim statues")
    extended = [each.status.view("extendedResourceClaimStatus").data for each in (old, new)]
    if extended[0] != extended[1]:
        raise NodeProblem(f"node {quoted} cannot update extended resource claim status")


def _list_claim_statuses(pod: ApiObject) -> list[tuple[str, object]]:
    return [
        (each.text("name"), each.data.get("resourceClaimName"))
        for each in pod.status.views("resourceClaimStatuses")
    ]


def _restrict_eviction(node: str, write: Write, around: Surroundings) -> None:
    if write.operation != "CREATE":
        raise NodeProblem(f"unexpected operation {write.operation}")
    name = write.name or write.new.name
    if not name:
        raise NodeProblem("could not determine pod from request data")
    pod = find_object(around, "pods", "pod", write.namespace, name)
    if pod.spec.text("nodeName") != node:
        raise NodeProblem(f"node {node} can only evict pods with spec.nodeName set to itself")

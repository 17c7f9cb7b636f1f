"""NodeRestriction: what a kubelet may write of what the node authorizer lets through.

Source: `plugin/pkg/admission/noderestriction/admission.go`, v1.36, with the feature gates that are
on by default. It runs while objects are still being changed, so it sees what was asked for. Left
out: PodCertificateRequests, whose gate is off.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Set

from planespec.spec.api.authorization.access_request import (
    NODE_PREFIX,
    Attributes,
    get_node_name,
)
from planespec.spec.api.authorization.forbidden_text import make_forbidden_text
from planespec.spec.api.authorization.kubelets.certificate_subject import (
    CertificateRequestError,
    read_common_name,
)
from planespec.spec.api.authorization.kubelets.claim_difference import compare_claims
from planespec.spec.api.authorization.kubelets.node_authorizer import NODE_LEASES
from planespec.spec.api.authorization.kubelets.node_pod_writes import restrict_pod
from planespec.spec.api.authorization.kubelets.node_writes import (
    NodeProblem,
    NodeRefusedError,
    Surroundings,
    Write,
    find_object,
)
from planespec.spec.labels.selector import join_errors
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.quantity.amount import quote

KUBELET_LABELS = frozenset(
    {
        *("kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os"),
        *("topology.kubernetes.io/zone", "topology.kubernetes.io/region"),
        "failure-domain.beta.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/region",
        *("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"),
        *("beta.kubernetes.io/os", "beta.kubernetes.io/arch"),
    }
)
"""Labels of Kubernetes that a kubelet may set on its own node."""
_KUBELET_NAMESPACES = ("kubelet.kubernetes.io", "node.kubernetes.io")
_RESTRICTED = "node-restriction.kubernetes.io"
_KUBELET_SIGNERS = ("kubernetes.io/kubelet-serving", "kubernetes.io/kube-apiserver-client-kubelet")
_AUDIENCE_VERB = "request-serviceaccounts-token-audience"


def restrict_node(write: Write, around: Surroundings) -> None:
    """Raise NodeRefusedError where a node may not write this; others may, as far as this goes."""
    node = get_node_name(write.user)
    if node is None:
        return
    try:
        if not node:
            raise NodeProblem(f"could not determine node from user {quote(write.user.name)}")
        rule = _RULES.get((write.group, write.resource))
        if rule is not None:
            rule(node, write, around)
    except NodeProblem as problem:
        text = make_forbidden_text(write.group, write.resource, write.name, str(problem))
        raise NodeRefusedError(403, text) from problem


def _restrict_node(node: str, write: Write, around: Surroundings) -> None:
    quoted = quote(node)
    if write.name != node:
        raise NodeProblem(f"node {quoted} is not allowed to modify node {quote(write.name)}")
    new, old = write.new, write.old
    if write.operation == "CREATE":
        if new.spec.has("configSource"):
            what = "is not allowed to create pods with a non-nil configSource"
            raise NodeProblem(f"node {quoted} {what}")
        forbidden = _list_forbidden_labels(new.meta.labels, {}, around.registering)
        if forbidden:
            what = "is not allowed to set the following labels"
            raise NodeProblem(f"node {quoted} {what}: {', '.join(forbidden)}")
    if write.operation == "UPDATE":
        _restrict_node_change(quoted, new, old)


def _restrict_node_change(quoted: str, new: ApiObject, old: ApiObject) -> None:
    source = new.spec.data.get("configSource")
    if source is not None and source != old.spec.data.get("configSource"):
        what = "is not allowed to update configSource to a new non-nil configSource"
        raise NodeProblem(f"node {quoted} {what}")
    if new.spec.items("taints") != old.spec.items("taints"):
        raise NodeProblem(f"node {quoted} is not allowed to modify taints")
    if new.meta.items("ownerReferences") != old.meta.items("ownerReferences"):
        raise NodeProblem(f"node {quoted} is not allowed to modify ownerReferences")
    forbidden = _list_forbidden_labels(new.meta.labels, old.meta.labels)
    if forbidden:
        raise NodeProblem(f"is not allowed to modify labels: {', '.join(forbidden)}")


def _list_forbidden_labels(
    new: Mapping[str, str], old: Mapping[str, str], passed: Set[str] = frozenset()
) -> list[str]:
    changed = {key for key in new.keys() | old.keys() if new.get(key) != old.get(key)}
    return sorted(key for key in changed - passed if is_forbidden_label(key))


def is_forbidden_label(key: str) -> bool:
    """Say whether a kubelet may not set the label: Kubernetes' own, but for those it knows."""
    space, slash, _ = key.partition("/")
    if not slash:
        return False
    if _is_within(space, (_RESTRICTED,)):
        return True
    is_own = _is_within(space, ("kubernetes.io", "k8s.io"))
    return is_own and not (key in KUBELET_LABELS or _is_within(space, _KUBELET_NAMESPACES))


def _is_within(space: str, domains: Iterable[str]) -> bool:
    return any(space == domain or space.endswith(f".{domain}") for domain in domains)


def _restrict_claim(node: str, write: Write, _: Surroundings) -> None:
    if write.subresource != "status":
        raise NodeProblem("may only update PVC status")
    if write.operation != "UPDATE":
        raise NodeProblem(f"unexpected operation {quote(write.operation)}")
    difference = compare_claims(write.old, write.new)
    if difference:
        what = "is not allowed to update fields other than status.quantity and status.conditions"
        raise NodeProblem(f"node {quote(node)} {what}: {difference}")


def _restrict_token(node: str, write: Write, around: Surroundings) -> None:
    if write.operation != "CREATE" or write.subresource != "token":
        return
    bound = write.new.spec.view("boundObjectRef")
    is_pod = (bound.text("apiVersion"), bound.text("kind")) == ("v1", "Pod")
    if not is_pod or not bound.text("name"):
        raise NodeProblem("node requested token not bound to a pod")
    uid = bound.text("uid")
    if not uid:
        raise NodeProblem("node requested token with a pod binding without a uid")
    pod = find_object(around, "pods", "pod", write.namespace, bound.text("name"))
    if uid != pod.meta.uid:
        raise NodeProblem(
            f"the UID in the bound object reference ({uid}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
    if pod.spec.text("nodeName") != node:
        raise NodeProblem("node requested token bound to a pod scheduled on a different node")
    _check_audience(write, pod, around)


def _check_audience(write: Write, pod: ApiObject, around: Surroundings) -> None:
    """A token is only for whom a volume of the pod needs it, or for whom RBAC names."""
    audiences = write.new.spec.texts("audiences")
    if len(audiences) > 1:
        raise NodeProblem("node may only request 0 or 1 audiences")
    audience = audiences[0] if audiences else ""
    errors: list[str] = []
    if _needs_audience(pod, audience, around, errors):
        return
    if errors:
        raise NodeProblem(f"error validating audience {quote(audience)}: {join_errors(errors)}")
    asked = Attributes(
        write.user, _AUDIENCE_VERB, "", "v1", audience, "", write.namespace, write.name
    )
    if not around.allows(asked):
        who = f"{write.user.name} is not authorized to request tokens for this audience"
        raise NodeProblem(f"audience {quote(audience)} not found in pod spec volume, {who}")


def _needs_audience(
    pod: ApiObject, audience: str, around: Surroundings, errors: list[str]
) -> bool:
    for volume in pod.spec.views("volumes"):
        sources = volume.view("projected").views("sources")
        tokens = [each.view("serviceAccountToken") for each in sources]
        if any(each.data and each.text("audience") == audience for each in tokens):
            return True
        driver = _find_driver(pod, volume, around, errors)
        if driver and audience in _list_driver_audiences(driver, around, errors):
            return True
    return False


def _find_driver(pod: ApiObject, volume: View, around: Surroundings, errors: list[str]) -> str:
    """The CSI driver of a volume, its own or that of its claim; "" for none."""
    if volume.view("ephemeral").has("volumeClaimTemplate"):
        claim_name = f"{pod.name}-{volume.text('name')}"
    elif volume.has("persistentVolumeClaim"):
        claim_name = volume.view("persistentVolumeClaim").text("claimName")
    else:
        return volume.view("csi").text("driver")
    claim = around.find("persistentvolumeclaims", pod.meta.namespace, claim_name)
    if claim is None:
        errors.append(f"persistentvolumeclaim {quote(claim_name)} not found")
        return ""
    name = claim.spec.text("volumeName")
    found = around.find("persistentvolumes", "", name)
    if found is None:
        errors.append(f"persistentvolume {quote(name)} not found")
        return ""
    return found.spec.view("csi").text("driver")


def _list_driver_audiences(driver: str, around: Surroundings, errors: list[str]) -> list[str]:
    found = around.find("csidrivers", "", driver)
    if found is None:
        errors.append(f"csidriver.storage.k8s.io {quote(driver)} not found")
        return []
    return [each.text("audience") for each in found.spec.views("tokenRequests")]


def _restrict_lease(node: str, write: Write, _: Surroundings) -> None:
    if write.namespace != NODE_LEASES:
        raise NodeProblem(f"can only access leases in the {quote(NODE_LEASES)} system namespace")
    if write.name != node:
        raise NodeProblem("can only access node lease with the same name as the requesting node")


def _restrict_csi_node(node: str, write: Write, _: Surroundings) -> None:
    if write.name != node:
        raise NodeProblem("can only access CSINode with the same name as the requesting node")


def _restrict_slice(node: str, write: Write, _: Surroundings) -> None:
    checked = {"CREATE": write.new, "DELETE": write.old}.get(write.operation)
    if checked is not None and checked.spec.text("nodeName") != node:
        what = f"can only {write.operation.lower()} ResourceSlice"
        raise NodeProblem(f"{what} with the same NodeName as the requesting node")


def _restrict_certificate(node: str, write: Write, _: Surroundings) -> None:
    spec = write.new.spec
    if write.operation != "CREATE" or spec.text("signerName") not in _KUBELET_SIGNERS:
        return
    try:
        name = read_common_name(base64.b64decode(spec.text("request")))
    except (CertificateRequestError, binascii.Error) as error:
        raise NodeProblem(f"unable to parse csr: {error}") from error
    if name != f"{NODE_PREFIX}{node}":
        raise NodeProblem(f"can only create a node CSR with CN={NODE_PREFIX}{node}")


_RULES: dict[tuple[str, str], Callable[[str, Write, Surroundings], None]] = {
    ("", "pods"): restrict_pod,
    ("", "nodes"): _restrict_node,
    ("", "persistentvolumeclaims"): _restrict_claim,
    ("", "serviceaccounts"): _restrict_token,
    ("coordination.k8s.io", "leases"): _restrict_lease,
    ("storage.k8s.io", "csinodes"): _restrict_csi_node,
    ("resource.k8s.io", "resourceslices"): _restrict_slice,
    ("certificates.k8s.io", "certificatesigningrequests"): _restrict_certificate,
}

"""What the API server and controllers make of a new pod before the scheduler sees it.

The rules are those of `spec/admission` and `spec/controllers`; here they are asked with what is
known of a cluster. The order is that of `pkg/kubeapiserver/options/plugins.go`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from planespec.spec.admission.limit_ranger import (
    list_claim_breaches,
    list_pod_breaches,
    set_container_defaults,
)
from planespec.spec.admission.pod_plugins import (
    NotKnownError,
    RefusedError,
    add_default_tolerations,
    apply_runtime_class,
    check_overhead,
    set_priority,
)
from planespec.spec.admission.quota_evaluators import refuse_claim, refuse_pod
from planespec.spec.controllers.pod_making import make_ephemeral_claims
from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.objects.volumes import PersistentVolumeClaim
from planespec.spec.pod_security.namespace_policy import read_namespace_policy, refuse_insecure
from planespec.spec.pods.pod_admission import fill_in_defaults
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster, Unconsidered
from planespec.spec.scheduling.plugin import Status, unresolvable
from planespec.spec.validation.pod.pod_rules import validate_pod_body

PlainObject = Mapping[str, object]
_OF_SCHEDULING = re.compile(
    r"\.hostPort$|^spec\.resources\.requests\[|\.nodeAffinity\.requiredDuringScheduling"
)
"""The fields on which scheduling depends; what else is invalid is no matter of finding a node."""


@dataclass
class Admitted:
    """A pod as it is stored, with what was assumed, what refuses it, and what is open."""

    pod: Pod
    notes: list[str] = field(default_factory=list)
    refusals: list[Status] = field(default_factory=list)
    """Signed by the admission plugin."""
    unconsidered: list[Unconsidered] = field(default_factory=list)
    claims: list[PersistentVolumeClaim] = field(default_factory=list)
    """Made for the pod, and not in the cluster."""
    device_claims: dict[str, View] = field(default_factory=dict)
    """ResourceClaims made from templates, by name."""

    def refuse(self, plugin: str, reason: str) -> None:
        """Note that a plugin refuses the pod."""
        self.refusals.append(unresolvable(reason).by(plugin))


def admit_stored(cluster: KnownCluster, data: object) -> Admitted:
    """Take a pod of the cluster as it is; only a priority that nobody resolved is filled in."""
    admitted = Admitted(fill_in_defaults(Pod(data)))
    if admitted.pod.priority is None:
        _resolve_priority(cluster, admitted)
        admitted.refusals.clear()
    if not admitted.pod.meta.uid:
        _make_claims(cluster, admitted, ())
    return admitted


def admit_new(cluster: KnownCluster, data: object, claims: Iterable[PlainObject] = ()) -> Admitted:
    """Take a pod through admission; `claims` are those its controller makes for it."""
    admitted = Admitted(fill_in_defaults(Pod(data)))
    namespace = admitted.pod.meta.namespace or "default"
    _check_namespace(cluster, admitted, namespace)
    limits = [[*items] for items in cluster.list_limits(namespace)]
    before = admitted.pod
    for items in limits:
        admitted.pod = set_container_defaults(admitted.pod, items)
    if admitted.pod is not before:
        admitted.notes.append("LimitRange defaults of the namespace are filled in")
    _check_account(cluster, admitted, namespace)
    _resolve_priority(cluster, admitted)
    admitted.pod = add_default_tolerations(admitted.pod)
    _apply_runtime_class(cluster, admitted)
    _check_security(cluster, admitted, namespace)
    for error in validate_pod_body(View(admitted.pod.data), admitted.pod.meta.name):
        if _OF_SCHEDULING.search(error.field):
            admitted.refuse("validation", str(error))
    for items in limits:
        for breach in list_pod_breaches(admitted.pod, items):
            admitted.refuse("LimitRanger", breach)
    refusal = refuse_pod(admitted.pod, cluster.list_quotas(namespace))
    if refusal is not None:
        admitted.refuse("ResourceQuota", refusal)
    _make_claims(cluster, admitted, claims)
    return admitted


def _check_namespace(cluster: KnownCluster, admitted: Admitted, name: str) -> None:
    namespace = cluster.find("Namespace", "", name)
    if namespace is None:
        if cluster.knows("Namespace") and name != "default":
            admitted.notes.append(f"namespace {name} is not in the input")
        return
    meta = ObjectMeta(namespace.data.get("metadata"), "metadata")
    if meta.is_deleting or namespace.view("status").text("phase") == "Terminating":
        admitted.refuse(
            "NamespaceLifecycle",
            f"unable to create new content in namespace {name} because it is being terminated",
        )


def _check_security(cluster: KnownCluster, admitted: Admitted, namespace: str) -> None:
    """Hold the pod to the Pod Security level that its namespace enforces."""
    policy = read_namespace_policy(cluster.get_namespace_labels(namespace))
    words = refuse_insecure(admitted.pod, policy)
    if words:
        admitted.refuse("PodSecurity", words)


def _check_account(cluster: KnownCluster, admitted: Admitted, namespace: str) -> None:
    name = admitted.pod.spec.text("serviceAccountName")
    if name in ("", "default") or cluster.find("ServiceAccount", namespace, name) is not None:
        return
    if cluster.lacks("ServiceAccount", namespace):
        reason = f'serviceaccount "{name}" not found'
        admitted.refuse(
            "ServiceAccount", f"error looking up service account {namespace}/{name}: {reason}"
        )


def _resolve_priority(cluster: KnownCluster, admitted: Admitted) -> None:
    classes = [view for _, view in cluster.view_all("PriorityClass")]
    is_complete = cluster.knows("PriorityClass")
    try:
        admitted.pod = set_priority(admitted.pod, classes, is_complete=is_complete)
    except NotKnownError as missing:
        admitted.notes.append(f"{missing} is not in the snapshot, priority 0 is assumed")
    except RefusedError as refusal:
        admitted.refuse("Priority", str(refusal))


def _apply_runtime_class(cluster: KnownCluster, admitted: Admitted) -> None:
    classes = [view for _, view in cluster.view_all("RuntimeClass")]
    is_complete = cluster.knows("RuntimeClass")
    try:
        before = admitted.pod
        admitted.pod = apply_runtime_class(before, classes, is_complete=is_complete)
        check_overhead(admitted.pod, classes)
        if before.spec.has("runtimeClassName"):
            name = before.spec.text("runtimeClassName")
            admitted.notes.append(f"RuntimeClass {name} is applied")
    except NotKnownError as missing:
        what = f"{missing} (overhead, node selector, tolerations) is not in the input"
        admitted.unconsidered.append(Unconsidered(what, may_admit=True))
    except RefusedError as refusal:
        admitted.refuse("RuntimeClass", str(refusal))


# Claims that come with the pod: of a StatefulSet, of ephemeral volumes, of devices.


def _make_claims(cluster: KnownCluster, admitted: Admitted, claims: Iterable[PlainObject]) -> None:
    made = [*claims, *make_ephemeral_claims(admitted.pod)]
    for data in made:
        claim = _default_class(cluster, PersistentVolumeClaim(data))
        if cluster.find("PersistentVolumeClaim", claim.namespace, claim.name) is None:
            _check_claim(cluster, admitted, claim)
            admitted.claims.append(claim)
    _make_device_claims(cluster, admitted)


def _default_class(cluster: KnownCluster, claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
    """Give a claim that says nothing of a class the default one. Source: DefaultStorageClass."""
    if claim.spec.has("storageClassName") or claim.class_name or not cluster.default_class:
        return claim
    spec = {**claim.spec.data, "storageClassName": cluster.default_class}
    return PersistentVolumeClaim({**claim.data, "spec": spec}, claim.field)


def _check_claim(cluster: KnownCluster, admitted: Admitted, claim: PersistentVolumeClaim) -> None:
    for items in cluster.list_limits(claim.namespace):
        for breach in list_claim_breaches(claim, [*items]):
            admitted.refuse("LimitRanger", f"claim {claim.name}: {breach}")
    refusal = refuse_claim(claim, cluster.list_quotas(claim.namespace))
    if refusal is not None:
        admitted.refuse("ResourceQuota", f"claim {claim.name}: {refusal}")


def _make_device_claims(cluster: KnownCluster, admitted: Admitted) -> None:
    """Make the ResourceClaims of templates. Source: `pkg/controller/resourceclaim`."""
    pod = admitted.pod
    namespace, statuses = pod.meta.namespace or "default", []
    for each, template in _list_templates(cluster, pod, namespace):
        name = f"{pod.meta.name}-{each.text('name')}"
        statuses.append({"name": each.text("name"), "resourceClaimName": name})
        inner = template.view("spec")
        admitted.device_claims[name] = View(
            {
                "metadata": {"name": name, "namespace": namespace},
                "spec": dict(inner.view("spec").data),
            }
        )
    if statuses:
        status = {**pod.status.data, "resourceClaimStatuses": statuses}
        admitted.pod = Pod({**pod.data, "status": status}, pod.field)


def _list_templates(
    cluster: KnownCluster, pod: Pod, namespace: str
) -> Iterator[tuple[View, View]]:
    for each in pod.spec.views("resourceClaims"):
        name = each.text("resourceClaimTemplateName")
        template = cluster.find("ResourceClaimTemplate", namespace, name) if name else None
        if template is not None:
            yield each, template

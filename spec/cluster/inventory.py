"""All objects of a snapshot, read and indexed.

A snapshot may be partial: `kubectl get pods` tells nothing about Secrets. So `knows` says of which
kinds and namespaces the absence of an object means that there is none.
"""

from collections.abc import Mapping
from functools import cached_property

from planespec.spec.cluster.cluster_requirements import BOUND_ONCE, IDENTITY, METADATA, SERVED
from planespec.spec.cluster.finding import Place, Reference, Violation
from planespec.spec.cluster.metadata import list_metadata_errors, list_served_errors
from planespec.spec.cluster.other_records import (
    is_default_class,
    read_budget,
    read_claim,
    read_ingress,
    read_named,
    read_service,
    read_volume,
)
from planespec.spec.cluster.pod_records import PodReader
from planespec.spec.cluster.pod_template import PodTemplates
from planespec.spec.cluster.snapshot_records import (
    BudgetRecord,
    ClaimRecord,
    IngressRecord,
    NamedRecord,
    NodeRecord,
    PodRecord,
    ServiceRecord,
    VolumeRecord,
    WorkloadRecord,
)
from planespec.spec.cluster.workload_records import WORKLOADS, read_node, read_workload
from planespec.spec.objects import ObjectError, ObjectMeta, View

Key = tuple[str, str]
"""Namespace and name."""

CLUSTER_SCOPED = frozenset(
    [
        "Node",
        "Namespace",
        "PersistentVolume",
        "StorageClass",
        "PriorityClass",
        "ClusterRole",
        "ClusterRoleBinding",
        "CSINode",
        "CSIDriver",
        "VolumeAttachment",
        "IngressClass",
        "RuntimeClass",
        "CustomResourceDefinition",
        "APIService",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
        "FlowSchema",
        "PriorityLevelConfiguration",
        "CertificateSigningRequest",
        "ComponentStatus",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    ]
)
"""Kinds without a namespace; others without one are in the namespace default."""


class Cluster:
    """The objects of one snapshot."""

    def __init__(self) -> None:
        """Begin with an empty snapshot."""
        self.pods: list[PodRecord] = []
        self.nodes: dict[str, NodeRecord] = {}
        self.workloads: dict[tuple[str, str, str], WorkloadRecord] = {}
        self.services: dict[Key, ServiceRecord] = {}
        self.ingresses: list[IngressRecord] = []
        self.claims: dict[Key, ClaimRecord] = {}
        self.volumes: dict[str, VolumeRecord] = {}
        self.budgets: list[BudgetRecord] = []
        self.named: dict[tuple[str, str, str], NamedRecord] = {}
        self.violations: list[Violation] = []
        """Found while reading: identities, names, API versions."""
        self.counts: dict[str, int] = {}
        self.default_class: Reference | None = None
        self.namespace_labels: dict[str, Mapping[str, str]] = {}
        self._namespaces: dict[str, set[str]] = {}
        self._seen: dict[tuple[str, str, str], tuple[Reference, str, str, str]] = {}
        self._uids: dict[str, Reference] = {}
        templates = PodTemplates()
        self._templates, self._pod_reader = templates, PodReader(templates)

    def add(self, data: object, place: Place | None, kind: str = "", version: str = "") -> None:
        """Read an object in; `kind` and `version` are those of the list it stands in.

        Raises ObjectError where a field cannot be read; the object is then left out.
        """
        view = View(data)
        kind = view.text("kind") or kind
        if not kind:
            raise ObjectError("kind", "is missing")
        meta = ObjectMeta(view.data.get("metadata"), "metadata")
        namespace = "" if kind in CLUSTER_SCOPED else meta.namespace or "default"
        reference = Reference(kind, namespace, meta.name, place)
        self._check(reference, view, meta, view.text("apiVersion") or version)
        if self._is_repeated(reference, view, meta):
            return
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self._namespaces.setdefault(kind, set()).add(namespace)
        self._read(reference, view, meta)

    def _check(self, reference: Reference, view: View, meta: ObjectMeta, version: str) -> None:
        if not meta.name and not meta.has("generateName"):
            raise ObjectError("metadata.name", "is missing")
        for field, error in list_metadata_errors(reference.kind, meta):
            self.violations.append(METADATA.violated(reference, message=error, field=field))
        for error in list_served_errors(reference.kind, version):
            self.violations.append(SERVED.violated(reference, message=error, field="apiVersion"))

    def _is_repeated(self, reference: Reference, view: View, meta: ObjectMeta) -> bool:
        """Take note of the identity; a second object of one name is not read in."""
        node = view.view("spec").text("nodeName") if reference.kind == "Pod" else ""
        revision = meta.text("resourceVersion")
        first, uid, bound, known = self._seen.setdefault(
            reference[:3], (reference, meta.uid, node, revision)
        )
        if first is not reference and revision and (revision, meta.uid) == (known, uid):
            # The same object, listed twice.
            return True
        if first is not reference:
            if node and bound and node != bound:
                message = f"is on node {bound} and on node {node}"
                found = BOUND_ONCE.violated(
                    reference, first, message=message, before=bound, after=node
                )
            else:
                again = f", and again as {meta.uid}" if uid and uid != meta.uid else ""
                message = f"stands twice in the input{again}"
                found = IDENTITY.violated(reference, first, message=message, uid=meta.uid)
            self.violations.append(found)
            return True
        owner = self._uids.setdefault(meta.uid, reference) if meta.uid else reference
        if owner is not reference:
            message = f"has the uid {meta.uid} of {owner}"
            self.violations.append(
                IDENTITY.violated(reference, owner, message=message, field="metadata.uid")
            )
        return False

    def _read(self, reference: Reference, view: View, meta: ObjectMeta) -> None:
        kind, key = reference.kind, (reference.namespace, reference.name)
        if kind == "Pod":
            self.pods.append(self._pod_reader.read(reference, view, meta))
        elif kind == "Node":
            self.nodes[reference.name] = read_node(reference, view)
        elif kind in WORKLOADS:
            record = read_workload(reference, view, meta, self._templates)
            self.workloads[reference[:3]] = record
        elif kind == "Service":
            self.services[key] = read_service(reference, view, meta)
        elif kind == "Ingress":
            self.ingresses.append(read_ingress(reference, view, meta))
        elif kind == "PersistentVolumeClaim":
            self.claims[key] = read_claim(reference, view)
        elif kind == "PersistentVolume":
            self.volumes[reference.name] = read_volume(reference, view)
        elif kind == "PodDisruptionBudget":
            self.budgets.append(read_budget(reference, view))
        else:
            self.named[reference[:3]] = read_named(reference, view, meta)
            if kind == "Namespace":
                self.namespace_labels[reference.name] = meta.labels
            if kind == "StorageClass" and is_default_class(meta):
                self.default_class = reference

    def has_kind(self, kind: str) -> bool:
        """Say whether the snapshot holds any object of the kind."""
        return kind in self._namespaces

    def knows(self, kind: str, namespace: str) -> bool:
        """Say whether an object that is not here does not exist.

        So it is where the namespace has objects of the kind, or two other namespaces have: then
        the snapshot is of the whole cluster.
        """
        known = self._namespaces.get(kind, ())
        return namespace in known or len(known) > 1

    def has(self, kind: str, namespace: str, name: str) -> bool:
        """Say whether the object is in the snapshot."""
        return (kind, namespace, name) in self._seen

    def get_uid(self, kind: str, namespace: str, name: str) -> str:
        """Return the uid of an object; empty where it has none."""
        return self._seen[kind, namespace, name][1]

    def get_reference(self, kind: str, namespace: str, name: str) -> Reference:
        """Return the reference of an object that is there."""
        return self._seen[kind, namespace, name][0]

    @cached_property
    def pods_by_node(self) -> Mapping[str, list[PodRecord]]:
        """The pods bound to each node that have not ended."""
        found: dict[str, list[PodRecord]] = {}
        for pod in self.pods:
            if pod.node and not pod.is_terminal:
                found.setdefault(pod.node, []).append(pod)
        return found

    @cached_property
    def pod_groups(self) -> Mapping[str, Mapping[int, tuple[Mapping[str, str], list[PodRecord]]]]:
        """Pods by namespace and by equal labels: labels are shared, so their id tells."""
        found: dict[str, dict[int, tuple[Mapping[str, str], list[PodRecord]]]] = {}
        for pod in self.pods:
            groups = found.setdefault(pod.reference.namespace, {})
            groups.setdefault(id(pod.labels), (pod.labels, []))[1].append(pod)
        return found

"""Reading workloads, nodes and their troubles."""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import (
    ALLOCATABLE,
    NODE_READY,
    POD_SUCCEEDS,
    STATUS_ADDS_UP,
    WORKLOAD_AVAILABLE,
)
from planespec.spec.cluster.finding import Reference
from planespec.spec.cluster.pod_records import read_owner
from planespec.spec.cluster.pod_template import PodTemplates
from planespec.spec.cluster.snapshot_records import NodeRecord, WorkloadRecord
from planespec.spec.labels import read_label_selector
from planespec.spec.objects import Node, ObjectError, ObjectMeta, View
from planespec.spec.objects.stored_object import Stored
from planespec.spec.scheduling.amounts import PODS, build_amounts
from planespec.spec.scheduling.pod_amounts import compute_pod_amounts

WORKLOADS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob")
_REPLICATED = ("Deployment", "ReplicaSet", "StatefulSet")


def read_workload(
    reference: Reference, view: View, meta: ObjectMeta, templates: PodTemplates
) -> WorkloadRecord:
    """Read a workload with its pod template. Raises ObjectError."""
    spec = view.view("spec")
    holder = spec
    if reference.kind == "CronJob":
        holder = spec.view("jobTemplate").view("spec")
    template = holder.view("template")
    replicas = spec.integer("replicas")
    try:
        found = templates.read(template.data)
        compute_pod_amounts(found.pod)
    except ObjectError as error:
        raise ObjectError(template.path(error.field), error.message) from error
    has_selector = reference.kind not in ("Job", "CronJob") and spec.has("selector")
    return WorkloadRecord(
        reference=reference,
        uid=meta.uid,
        owner=read_owner(meta),
        replicas=_count_replicas(reference.kind, holder, replicas),
        selector=read_label_selector(spec.data.get("selector"), spec.path("selector"))
        if has_selector
        else None,
        labels=ObjectMeta(template.data.get("metadata"), template.path("metadata")).labels,
        template=found,
        service=spec.text("serviceName") if reference.kind == "StatefulSet" else "",
        own_claims=frozenset(
            ObjectMeta(claim.data.get("metadata"), claim.path("metadata")).name
            for claim in spec.views("volumeClaimTemplates")
        ),
        troubles=tuple(_list_troubles(reference.kind, spec, view.view("status"))),
    )


def _count_replicas(kind: str, spec: View, replicas: int | None) -> int:
    """Return how many pods run side by side; a DaemonSet has one on each node, so several."""
    if kind == "DaemonSet":
        return 2
    if kind in ("Job", "CronJob"):
        return spec.integer("parallelism") or 1
    return 1 if replicas is None else replicas


def _list_troubles(kind: str, spec: View, status: View) -> Iterator[tuple[str, str]]:
    if not status.data:
        return
    if kind in _REPLICATED:
        wanted = spec.integer("replicas")
        wanted = 1 if wanted is None else wanted
        total, ready, available = (
            status.integer(name) or 0
            for name in ("replicas", "readyReplicas", "availableReplicas")
        )
        if not available <= ready <= total:
            message = f"{available} available, {ready} ready, {total} replicas"
            yield STATUS_ADDS_UP.id, message
        if ready < wanted:
            yield WORKLOAD_AVAILABLE.id, f"wants {wanted} replicas, has {total}, {ready} ready"
    if kind == "DaemonSet":
        wanted = status.integer("desiredNumberScheduled") or 0
        ready = status.integer("numberReady") or 0
        if ready < wanted:
            yield WORKLOAD_AVAILABLE.id, f"wants {wanted} pods, {ready} are ready"
    if kind == "Job":
        for condition in status.views("conditions"):
            if condition.text("type") == "Failed" and condition.text("status") == "True":
                yield POD_SUCCEEDS.id, f"the job has failed: {condition.text('reason')}"


def read_node(reference: Reference, stored: Stored, view: View) -> NodeRecord:
    """Read a node; `view` is what is in the store. Raises ObjectError."""
    node = Node(view.data)
    allocatable = node.allocatable
    return NodeRecord(
        reference=reference,
        node=Node(stored),
        labels=node.meta.labels,
        allocatable=build_amounts(allocatable),
        pods=allocatable[PODS].value if PODS in allocatable else 0,
        images=frozenset(
            name for image in node.status.views("images") for name in image.texts("names")
        ),
        troubles=tuple(_list_node_troubles(node)),
    )


def _list_node_troubles(node: Node) -> Iterator[tuple[str, str]]:
    node.taints, node.is_unschedulable  # noqa: B018  read here, so that errors name the node
    for taint in node.spec.views("taints"):
        taint.text("timeAdded")
    for condition in node.status.views("conditions"):
        if condition.text("type") == "Ready" and condition.text("status") != "True":
            words = ": ".join(filter(None, (condition.text("reason"), condition.text("message"))))
            yield NODE_READY.id, f"Ready is {condition.text('status')}: {words}"
    capacity = node.capacity
    for name, offered in node.allocatable.items():
        if name in capacity and offered > capacity[name]:
            yield (
                ALLOCATABLE.id,
                f"allocatable {name} {offered} is above capacity {capacity[name]}",
            )

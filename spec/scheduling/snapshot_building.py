"""Build a snapshot of a cluster from plain Kubernetes objects.

Source of what counts: `pkg/scheduler/eventhandlers.go` (finished pods are not followed) and
`pkg/scheduler/backend/cache/snapshot.go`.
"""

from collections.abc import Iterable, Mapping

from planespec.spec.labels import NOTHING, SelectorError, read_label_selector
from planespec.spec.objects import Node, ObjectMeta, Pod, View
from planespec.spec.objects.volumes import (
    CSINode,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)
from planespec.spec.pods.pod_admission import fill_in_defaults
from planespec.spec.scheduling.devices.device_inventory import (
    Devices,
    Evaluate,
    refuse_expressions,
)
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import DisruptionBudget, Key, Owners, Snapshot, Storage

Objects = Mapping[str, Iterable[object]]
"""Plain objects by kind, such as "Node"; in each kind the order of the list."""


def read_pod(data: object, field: str = "") -> PodInfo:
    """Read a pod that may lack the API server's defaults, such as one from a manifest."""
    return PodInfo(fill_in_defaults(Pod(data, field)))


def build_snapshot(
    objects: Objects,
    *,
    is_stored: bool = False,
    evaluate: Evaluate = refuse_expressions,
    pods: Iterable[PodInfo] = (),
) -> Snapshot:
    """Build a snapshot of the objects; `is_stored` says that they have their defaults.

    `evaluate` decides the CEL expressions that select devices; `pods` have been read already, and
    have not finished.

    Pods that have finished, or that are bound to a node which is not there, take no part.
    Pending pods with a nominated node are kept as nominated. Raises ObjectError where an object
    has a field of the wrong type; most fields are read only when a rule asks for them.
    """
    infos = [
        PodInfo(pod if is_stored else fill_in_defaults(pod))
        for pod in map(Pod, objects.get("Pod", ()))
        if not pod.is_terminal
    ]
    infos += pods
    return Snapshot(
        nodes=_build_nodes(map(Node, objects.get("Node", ())), infos),
        namespaces={meta.name: meta.labels for meta, _ in _read(objects, "Namespace")},
        storage=_build_storage(objects),
        owners=_build_owners(objects),
        nominated=[pod for pod in infos if not pod.node_name and pod.nominated_node_name],
        disruption_budgets=[
            _build_budget(meta, view) for meta, view in _read(objects, "PodDisruptionBudget")
        ],
        devices=_build_devices(objects, evaluate),
    )


def _build_nodes(nodes: Iterable[Node], pods: Iterable[PodInfo]) -> Mapping[str, NodeInfo]:
    by_node: dict[str, list[PodInfo]] = {}
    for pod in pods:
        if pod.node_name:
            by_node.setdefault(pod.node_name, []).append(pod)
    return {node.name: NodeInfo(node, by_node.get(node.name, ())) for node in nodes}


def _read(objects: Objects, kind: str) -> Iterable[tuple[ObjectMeta, View]]:
    for data in objects.get(kind, ()):
        view = View(data)
        yield ObjectMeta(view.data.get("metadata"), "metadata"), view


def _build_storage(objects: Objects) -> Storage:
    claims = map(PersistentVolumeClaim, objects.get("PersistentVolumeClaim", ()))
    volumes = map(PersistentVolume, objects.get("PersistentVolume", ()))
    classes = map(StorageClass, objects.get("StorageClass", ()))
    csi_nodes = map(CSINode, objects.get("CSINode", ()))
    return Storage(
        claims={(claim.namespace, claim.name): claim for claim in claims},
        volumes={volume.name: volume for volume in volumes},
        classes={storage_class.name: storage_class for storage_class in classes},
        csi_nodes={node.name: node for node in csi_nodes},
        csi_drivers={meta.name: view for meta, view in _read(objects, "CSIDriver")},
        capacities=[view for _, view in _read(objects, "CSIStorageCapacity")],
        attachments=[view for _, view in _read(objects, "VolumeAttachment")],
    )


def _build_devices(objects: Objects, evaluate: Evaluate) -> Devices:
    return Devices(
        slices=[view for _, view in _read(objects, "ResourceSlice")],
        claims=_by_key(objects, "ResourceClaim"),
        classes={meta.name: view for meta, view in _read(objects, "DeviceClass")},
        taint_rules=[view for _, view in _read(objects, "DeviceTaintRule")],
        evaluate=evaluate,
    )


def _build_owners(objects: Objects) -> Owners:
    services: dict[str, list[Mapping[str, str]]] = {}
    for meta, view in _read(objects, "Service"):
        spec = view.view("spec")
        if spec.has("selector"):
            namespace = meta.namespace or "default"
            services.setdefault(namespace, []).append(spec.text_map("selector"))
    return Owners(
        services,
        _by_key(objects, "ReplicationController"),
        _by_key(objects, "ReplicaSet"),
        _by_key(objects, "StatefulSet"),
    )


def _by_key(objects: Objects, kind: str) -> Mapping[Key, View]:
    return {(m.namespace or "default", m.name): view for m, view in _read(objects, kind)}


def _build_budget(meta: ObjectMeta, view: View) -> DisruptionBudget:
    spec, status = view.view("spec"), view.view("status")
    try:
        selector = read_label_selector(spec.data.get("selector"), spec.path("selector"))
    except SelectorError:
        # A budget that cannot be read guards nothing, as upstream.
        selector = NOTHING
    return DisruptionBudget(
        meta.namespace or "default",
        selector,
        status.integer("disruptionsAllowed") or 0,
        frozenset(status.view("disruptedPods").data),
    )

"""Put a pod on the node the scheduler chooses, and see the cluster as it is afterwards."""

from collections.abc import Sequence
from dataclasses import replace

from planespec.spec.objects import Pod, View
from planespec.spec.objects.volumes import PersistentVolume
from planespec.spec.pods.volume_matching import find_matching_volume
from planespec.spec.scheduling.devices.allocator import Assignment
from planespec.spec.scheduling.framework import run_pre_filters, run_scores
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugins.dynamic_resources import allocate
from planespec.spec.scheduling.plugins.volume_binding import get_claim_name
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot


def choose_node(snapshot: Snapshot, pod: PodInfo, feasible: Sequence[NodeInfo]) -> NodeInfo:
    """Return the node of the highest score; of several the first, where upstream draws lots."""
    if len(feasible) == 1:
        return feasible[0]
    best = run_scores(snapshot, pod, feasible).best
    return snapshot.nodes[best[0]] if best else feasible[0]


def place(snapshot: Snapshot, pod: PodInfo, node: NodeInfo) -> Snapshot:
    """Return the cluster with the pod bound to the node, its volumes and devices taken."""
    snapshot = _take_devices(_take_volumes(snapshot, pod, node), pod, node)
    bound = {**pod.pod.spec.data, "nodeName": node.name}
    placed = PodInfo(Pod({**pod.pod.data, "spec": bound}, pod.pod.field))
    nodes = {**snapshot.nodes, node.name: node.with_pod(placed)}
    return replace(snapshot, nodes=nodes)


def _take_volumes(snapshot: Snapshot, pod: PodInfo, node: NodeInfo) -> Snapshot:
    """Promise the volumes that waiting claims get on the node to those claims."""
    storage = snapshot.storage
    taken: dict[str, PersistentVolume] = {}
    for volume in pod.volumes:
        claim = storage.claims.get((pod.namespace, get_claim_name(pod, volume)))
        if claim is None or claim.volume_name:
            continue
        offered = storage.volumes_by_class.get(claim.class_name, ())
        found = find_matching_volume(claim, offered, node.labels, taken.keys())
        if found is not None:
            reference = {"namespace": claim.namespace, "name": claim.name}
            spec = {**found.spec.data, "claimRef": reference}
            taken[found.name] = PersistentVolume({**found.data, "spec": spec}, found.field)
    if not taken:
        return snapshot
    return replace(snapshot, storage=replace(storage, volumes={**storage.volumes, **taken}))


def _take_devices(snapshot: Snapshot, pod: PodInfo, node: NodeInfo) -> Snapshot:
    """Note in the claims which devices they hold now."""
    state = run_pre_filters(snapshot, pod).states.get("DynamicResources")
    if state is None:
        return snapshot
    given = allocate(snapshot.devices, state, node) or ()
    claims = dict(snapshot.devices.claims)
    for name in {each.claim for each in given}:
        key = (pod.namespace, name)
        results = [_write_result(each) for each in given if each.claim == name]
        known = claims.get(key, View({"metadata": {"namespace": key[0], "name": name}}))
        status = {**known.view("status").data, "allocation": _write_allocation(results, node)}
        claims[key] = View({**known.data, "status": status}, known.field)
    return replace(snapshot, devices=replace(snapshot.devices, claims=claims))


def _write_result(given: Assignment) -> dict[str, object]:
    driver, pool, device = given.device.id
    result: dict[str, object] = {"request": given.request, "driver": driver, "pool": pool}
    return {**result, "device": device, "adminAccess": given.is_admin}


def _write_allocation(results: Sequence[object], node: NodeInfo) -> dict[str, object]:
    field = {"key": "metadata.name", "operator": "In", "values": [node.name]}
    terms = [{"matchFields": [field]}]
    return {"devices": {"results": [*results]}, "nodeSelector": {"nodeSelectorTerms": terms}}

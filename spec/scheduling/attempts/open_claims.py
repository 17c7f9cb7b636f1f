"""Volumes and devices of which the input does not tell enough to judge a pod.

What only other objects could decide about is taken away from the pod and named. A claim that no
API server has seen is judged as if it were new: it is bound when the pod comes, or where
the pod goes, not refused for being unbound.
"""

from collections.abc import Iterable, Iterator, Mapping

from planespec.spec.objects import Pod, View
from planespec.spec.objects.volumes import NO_PROVISIONER, PersistentVolumeClaim, StorageClass
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster, Unconsidered
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugins.dynamic_resources import list_served_resources
from planespec.spec.scheduling.plugins.node_volume_limits import may_exceed
from planespec.spec.scheduling.plugins.volume_binding import get_claim_name
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

_TEMPLATE = "ResourceClaimTemplate"
_CLAIM = "ResourceClaim"
_COUNTED = ("count/resourceclaims.resource.k8s.io", ".deviceclass.resource.k8s.io/devices")
"""How the names end under which a quota counts devices and claims to them."""


def leave_out_unknown(
    cluster: KnownCluster, world: Snapshot, pod: Pod
) -> tuple[Pod, list[Unconsidered]]:
    """Take away what only other objects could decide about, and name it."""
    opens: list[Unconsidered] = []
    spec = dict(pod.spec.data)
    if pod.spec.has("volumes"):
        kept = []
        for volume in pod.spec.views("volumes"):
            why = _find_gap(cluster, world, PodInfo(pod), volume)
            if why:
                opens.append(Unconsidered(why))
            else:
                kept.append(volume.data)
        spec["volumes"] = kept
    if pod.spec.has("resourceClaims"):
        absent = _list_absent(cluster, world, pod)
        if absent:
            opens.append(Unconsidered(f"resource claims: the input has no {', '.join(absent)}"))
            del spec["resourceClaims"]
    opens += _list_open_devices(cluster, world, PodInfo(pod))
    return (Pod({**pod.data, "spec": spec}, pod.field) if opens else pod), opens


# Devices.


def _list_absent(cluster: KnownCluster, world: Snapshot, pod: Pod) -> list[str]:
    """Return the kinds, or templates, without which nothing can be said about the claims."""
    absent = [kind for kind in ("DeviceClass", "ResourceSlice") if not cluster.knows(kind)]
    namespace = pod.meta.namespace or "default"
    made = pod.status.views("resourceClaimStatuses")
    have = {each.text("name") for each in made}
    asked = pod.spec.views("resourceClaims")
    is_known = cluster.knows(_CLAIM) or bool(world.devices.claims)
    named = (each for each in asked if each.has("resourceClaimName") or each.text("name") in have)
    if not is_known and any(named):
        absent.append(_CLAIM)
    for each in asked:
        name = each.text("resourceClaimTemplateName")
        is_open = name and each.text("name") not in have
        if is_open and not cluster.lacks(_TEMPLATE, namespace):
            absent.append(f"{_TEMPLATE} {name}")
    return absent


def _list_open_devices(
    cluster: KnownCluster, world: Snapshot, pod: PodInfo
) -> Iterator[Unconsidered]:
    """Yield what is not known of devices: who serves them, who holds them, who counts them."""
    served = list_served_resources(world.devices, pod)
    if served and not cluster.knows("ResourceSlice"):
        yield Unconsidered(f"the devices behind {', '.join(served)}", may_admit=True)
    if not served and not pod.pod.spec.has("resourceClaims"):
        return
    holders = [other for other in cluster.list_pods() if _holds_unknown(world, other)]
    if holders:
        others = f" and {len(holders) - 1:,} others" if len(holders) > 1 else ""
        what = f"the devices of pod {holders[0].key}{others}: their claims are not in the input"
        yield Unconsidered(what)
    is_made = world.devices.claims.keys() - cluster.snapshot.devices.claims.keys()
    for quota in cluster.list_quotas(pod.namespace) if served or is_made else ():
        if any(name.endswith(_COUNTED) for name in quota.hard):
            yield Unconsidered(f"the quota {quota.name}, which counts resource claims")


def _holds_unknown(world: Snapshot, pod: PodInfo) -> bool:
    """Say whether a pod on a node has a claim to devices that the input does not show."""
    if not pod.node_name:
        return False
    given = pod.pod.status
    made = {
        each.text("name"): each.text("resourceClaimName")
        for each in given.views("resourceClaimStatuses")
    }
    names = [
        each.text("resourceClaimName") or made.get(each.text("name"), "?")
        for each in pod.pod.spec.views("resourceClaims")
    ]
    names.append(given.view("extendedResourceClaimStatus").text("resourceClaimName"))
    return any(name and (pod.namespace, name) not in world.devices.claims for name in names)


# Volumes.


def _find_gap(cluster: KnownCluster, world: Snapshot, pod: PodInfo, volume: View) -> str:
    """Return what is missing to judge a volume; empty where nothing is."""
    name = get_claim_name(pod, volume)
    claim = world.storage.claims.get((pod.namespace, name)) if name else None
    if not name:
        return ""
    if claim is None:
        kind, store = "PersistentVolumeClaim", cluster.store
        is_empty = store.knows(kind) and store.is_whole(kind) and not any(store.list(kind))
        if is_empty or store.knows_absence(kind, pod.namespace):
            return ""
        return f"claim {name}: the input has no claims of its namespace"
    if claim.phase == "Lost" or claim.meta.is_deleting:
        return ""
    if claim.volume_name:
        is_there = claim.volume_name in world.storage.volumes
        if not is_there and not cluster.knows("PersistentVolume"):
            return f"volume {claim.volume_name} of claim {name} is not in the input"
        return "" if claim.is_bound else _find_gap_at_once(cluster, world, claim)
    if not cluster.knows("StorageClass"):
        return f"storage class {claim.class_name or '(default)'} of claim {name} is not known"
    found = world.storage.classes.get(claim.class_name)
    if found is None or not found.waits_for_consumer:
        return _find_gap_at_once(cluster, world, claim)
    return _find_gap_of_class(cluster, claim, found, world.storage.csi_drivers)


def _find_gap_at_once(cluster: KnownCluster, world: Snapshot, claim: PersistentVolumeClaim) -> str:
    """A new claim that waits for no pod is bound before its pod: where, nobody knows yet."""
    if claim.phase or claim.meta.uid:
        return ""
    found = world.storage.classes.get(claim.class_name)
    is_made = found is not None and found.provisioner not in ("", NO_PROVISIONER)
    volumes = world.storage.volumes_by_class.get(claim.class_name, ())
    if is_made or volumes or claim.volume_name or not cluster.knows("PersistentVolume"):
        of_class = f"class {claim.class_name}" if claim.class_name else "no class"
        return f"claim {claim.name} is bound at once ({of_class}): nobody knows yet where"
    return ""


def _find_gap_of_class(
    cluster: KnownCluster,
    claim: PersistentVolumeClaim,
    found: StorageClass,
    drivers: Mapping[str, View],
) -> str:
    """Return what is missing to say where a claim that waits for its consumer can be served."""
    name = claim.name
    if found.provisioner in ("", NO_PROVISIONER):
        is_known = cluster.knows("PersistentVolume")
        return "" if is_known else f"claim {name}: the input has no volumes of class {found.name}"
    driver = drivers.get(found.provisioner)
    if driver is None:
        is_told = any(
            view.text("storageClassName") == found.name
            for _, view in cluster.view_all("CSIStorageCapacity")
        )
        if is_told and not cluster.knows("CSIDriver"):
            return f"claim {name}: whether driver {found.provisioner} counts its capacity"
    elif driver.view("spec").flag("storageCapacity") and not cluster.knows("CSIStorageCapacity"):
        return f"claim {name}: the input has no CSIStorageCapacity of {found.name}"
    return ""


def find_open_nodes(world: Snapshot, pod: PodInfo, nodes: Iterable[NodeInfo]) -> Mapping[str, str]:
    """Return the nodes on which volumes that the input does not tell of may be too many."""
    why = "claims of its pods are not in the input, and its drivers attach few volumes"
    return {node.name: why for node in nodes if may_exceed(world.storage, pod, node)}

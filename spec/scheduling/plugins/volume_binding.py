"""VolumeBinding: bound volumes reach the node, unbound claims find or get a volume there.

Source: `pkg/scheduler/framework/plugins/volumebinding/`; KEP-1845 (storage capacity).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

from planespec.spec.labels import read_label_selector
from planespec.spec.objects import View
from planespec.spec.objects.volumes import (
    NO_PROVISIONER,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)
from planespec.spec.pods.volume_matching import find_matching_volume, get_size, is_reachable
from planespec.spec.quantity import Quantity
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import (
    SKIP,
    SUCCESS,
    Plugin,
    Prepared,
    Status,
    error,
    unresolvable,
)
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import NotFoundError, Snapshot, Storage
from planespec.spec.scheduling.volume_migration import migrate_affinity

UNBOUND_IMMEDIATE = unresolvable("pod has unbound immediate PersistentVolumeClaims")


@dataclass(frozen=True, slots=True)
class PodClaims:
    """Claims bound for good, and claims that wait for the pod's node."""

    bound: Sequence[PersistentVolumeClaim]
    waiting: Sequence[PersistentVolumeClaim]


def get_claim_name(pod: PodInfo, volume: View) -> str:
    """Return the claim behind a volume, "" where there is none.

    That of a generic ephemeral volume is called after pod and volume.
    """
    if volume.has("persistentVolumeClaim"):
        return volume.view("persistentVolumeClaim").text("claimName")
    return f"{pod.name}-{volume.text('name')}" if volume.has("ephemeral") else ""


def sort_claims(snapshot: Snapshot, pod: PodInfo) -> Prepared[PodClaims]:
    """Skip pods without claims; reject those with a claim that no node can help."""
    try:
        claims = list(_find_claims(snapshot.storage, pod))
    except ValueError as error:
        return Prepared(unresolvable(str(error)))
    if not claims:
        return Prepared(SKIP)
    bound = [claim for claim in claims if claim.is_bound]
    waiting = [
        claim for claim in claims if not claim.is_bound and _is_waiting(snapshot.storage, claim)
    ]
    if len(bound) + len(waiting) < len(claims):
        return Prepared(UNBOUND_IMMEDIATE)
    return Prepared(SUCCESS, PodClaims(bound, waiting))


def _find_claims(storage: Storage, pod: PodInfo) -> Iterator[PersistentVolumeClaim]:
    """Yield the pod's claims; ValueError with upstream's reason for one that cannot be used."""
    for volume in pod.volumes:
        name = get_claim_name(pod, volume)
        if not name:
            continue
        is_ephemeral = not volume.has("persistentVolumeClaim")
        claim = storage.claims.get((pod.namespace, name))
        if claim is None and is_ephemeral:
            raise NotFoundError(
                "waiting for ephemeral volume controller to create the persistentvolumeclaim"
                f' "{name}"'
            )
        claim = storage.get_claim(pod.namespace, name)
        if claim.phase == "Lost":
            lost = f'bound to non-existent persistentvolume "{claim.volume_name}"'
            raise ValueError(f'persistentvolumeclaim "{name}" {lost}')
        if claim.meta.is_deleting:
            raise ValueError(f'persistentvolumeclaim "{name}" is being deleted')
        if is_ephemeral and not _is_owned(claim, pod):
            raise ValueError(
                f"PVC {pod.namespace}/{name} was not created for pod {pod.key} (pod is not owner)"
            )
        yield claim


def _is_owned(claim: PersistentVolumeClaim, pod: PodInfo) -> bool:
    """Tell whether the pod controls the claim."""
    return any(
        reference.flag("controller") and reference.text("uid") == pod.pod.meta.uid
        for reference in claim.meta.views("ownerReferences")
    )


def _is_waiting(storage: Storage, claim: PersistentVolumeClaim) -> bool:
    """Tell whether a claim not fully bound waits for its first consumer.

    A claim that names a volume of its own choice is bound immediately.
    """
    if claim.volume_name or claim.class_name not in storage.classes:
        return False
    return storage.classes[claim.class_name].waits_for_consumer


class VolumeBinding(Plugin[PodClaims]):
    """The pod's claims; scores only with StorageCapacityScoring, which is off by default."""

    name = "VolumeBinding"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[PodClaims]:
        """Skip pods without claims; reject those with a claim that no node can help."""
        return sort_claims(snapshot, pod)

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: PodClaims, node: NodeInfo) -> Status:
        """Reject a node that a volume cannot reach, or on which a claim cannot be served."""
        return filter_node(snapshot, state, node)


# Can the pod's volumes reach the node, or be made there?
#
# Source: `pkg/scheduler/framework/plugins/volumebinding/binder.go`, FindPodVolumes.


def has_enough_capacity(
    storage: Storage, storage_class: StorageClass, claim: PersistentVolumeClaim, node: NodeInfo
) -> bool:
    """Tell whether some CSIStorageCapacity of the class reaches the node and is large enough.

    Drivers without storageCapacity in their CSIDriver, and claims without a size, always pass.
    """
    driver = storage.csi_drivers.get(storage_class.provisioner)
    if claim.requested_storage is None or driver is None:
        return True
    if not driver.view("spec").flag("storageCapacity"):
        return True
    return any(
        capacity.text("storageClassName") == storage_class.name
        and _is_sufficient(capacity, claim.requested_storage)
        and _reaches(capacity, node)
        for capacity in storage.capacities
    )


def _is_sufficient(capacity: View, size: Quantity) -> bool:
    """Compare with the largest single volume where it is reported, else with the whole."""
    name = "maximumVolumeSize" if capacity.has("maximumVolumeSize") else "capacity"
    return capacity.has(name) and capacity.quantity(name).compare(size) >= 0


def _reaches(capacity: View, node: NodeInfo) -> bool:
    """Match the node against nodeTopology; without one the capacity reaches no node."""
    selector = read_label_selector(
        capacity.data.get("nodeTopology"), capacity.path("nodeTopology")
    )
    return selector.matches(node.labels)


NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind"
NOT_ENOUGH_SPACE = "node(s) did not have enough free storage"
VOLUME_MISSING = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"


class _UndecidableError(Exception):
    """A claim waits for a class that is not there; carries the reason."""


def filter_node(snapshot: Snapshot, claims: PodClaims, node: NodeInfo) -> Status:
    """Reject a node that a bound volume cannot reach or a waiting claim cannot be served on.

    The reasons come in upstream's order: reach, binding, space, missing volume.
    """
    try:
        unserved = _check_waiting(snapshot.storage, claims.waiting, node)
    except _UndecidableError as undecidable:
        return error(str(undecidable))
    unreached = _check_bound(snapshot.storage, claims.bound, node)
    found = {*unreached, *unserved}
    ordered = (NODE_CONFLICT, BIND_CONFLICT, NOT_ENOUGH_SPACE, VOLUME_MISSING)
    reasons = [reason for reason in ordered if reason in found]
    return unresolvable(*reasons) if reasons else SUCCESS


def _check_bound(
    storage: Storage, claims: Iterable[PersistentVolumeClaim], node: NodeInfo
) -> Sequence[str]:
    """Return what is wrong with the first bound claim that has something wrong."""
    for claim in claims:
        volume = storage.volumes.get(claim.volume_name)
        if volume is None:
            return [VOLUME_MISSING]
        if not is_reachable(see_from(storage, volume, node), node.labels):
            return [NODE_CONFLICT]
    return []


def see_from(storage: Storage, volume: PersistentVolume, node: NodeInfo) -> PersistentVolume:
    """Return a bound volume with the node affinity that counts on the node."""
    return migrate_affinity(volume, storage.csi_nodes.get(node.name))


def _check_waiting(
    storage: Storage, claims: Iterable[PersistentVolumeClaim], node: NodeInfo
) -> Sequence[str]:
    """Serve the waiting claims, smallest first, from volumes, the rest by provisioning.

    A claim for which an earlier attempt chose a node is provisioned there and nowhere else.
    """
    to_match, to_provision = [], []
    for claim in claims:
        if claim.selected_node is None:
            to_match.append(claim)
        elif claim.selected_node == node.name:
            to_provision.append(claim)
        else:
            return [BIND_CONFLICT]
    to_match.sort(key=cmp_to_key(lambda one, other: get_size(one).compare(get_size(other))))
    taken: set[str] = set()
    for claim in to_match:
        volumes = storage.volumes_by_class.get(claim.class_name, ())
        volume = find_matching_volume(claim, volumes, node.labels, taken)
        if volume is None:
            to_provision.append(claim)
        else:
            taken.add(volume.name)
    return _check_provisioning(storage, to_provision, node)


def _check_provisioning(
    storage: Storage, claims: Iterable[PersistentVolumeClaim], node: NodeInfo
) -> Sequence[str]:
    """Return what keeps the first claim that cannot be provisioned on the node."""
    for claim in claims:
        if claim.class_name not in storage.classes:
            raise _UndecidableError(f'failed to find storage class "{claim.class_name}"')
        storage_class = storage.classes[claim.class_name]
        if storage_class.provisioner in ("", NO_PROVISIONER):
            return [BIND_CONFLICT]
        if not storage_class.allows_node(node.labels):
            return [BIND_CONFLICT]
        if not has_enough_capacity(storage, storage_class, claim, node):
            return [NOT_ENOUGH_SPACE]
    return []

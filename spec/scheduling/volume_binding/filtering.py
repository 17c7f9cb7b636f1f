"""Can the pod's volumes reach the node, or be made there?

Source: `pkg/scheduler/framework/plugins/volumebinding/binder.go`, FindPodVolumes.
"""

from collections.abc import Iterable, Sequence
from functools import cmp_to_key

from planespec.spec.objects.storage import (
    NO_PROVISIONER,
    PersistentVolumeClaim,
)
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.status import SUCCESS, Status, error, unresolvable
from planespec.spec.scheduling.storage import Storage
from planespec.spec.scheduling.volume_binding.capacity import has_enough_capacity
from planespec.spec.scheduling.volume_binding.claims import PodClaims
from planespec.spec.scheduling.volume_binding.matching import (
    find_matching_volume,
    get_size,
    is_reachable,
)

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
        if not is_reachable(volume, node):
            return [NODE_CONFLICT]
    return []


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
        volume = find_matching_volume(claim, volumes, node, taken)
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

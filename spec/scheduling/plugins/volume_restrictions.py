"""VolumeRestrictions: disks that only one writer may use, and claims that only one pod may use.

Source: `pkg/scheduler/framework/plugins/volumerestrictions/volume_restrictions.go`.
"""

from dataclasses import dataclass, replace

from planespec.spec.objects import View
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import (
    SKIP,
    SUCCESS,
    Plugin,
    Prepared,
    Status,
    unresolvable,
    unschedulable,
)
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import NotFoundError, Snapshot

READ_WRITE_ONCE_POD = "ReadWriteOncePod"
DISK_TAKEN = unschedulable("node(s) had no available disk")
CLAIM_TAKEN = unschedulable(
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already"
    " in-use by another pod"
)
RESTRICTED_SOURCES = ("gcePersistentDisk", "awsElasticBlockStore", "rbd", "iscsi")


@dataclass(frozen=True, slots=True)
class RestrictionState:
    """The pod's claims that only one pod may use, and how many uses by others there are."""

    exclusive_claims: frozenset[str]
    conflicts: int


class VolumeRestrictions(Plugin[RestrictionState]):
    """Disks with one writer, and ReadWriteOncePod claims."""

    name = "VolumeRestrictions"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[RestrictionState]:
        """Count the other users of the pod's ReadWriteOncePod claims.

        Skips pods without restricted disks and without such users. A missing claim is
        unresolvable.
        """
        try:
            exclusive = _get_exclusive_claims(snapshot, pod)
        except NotFoundError as error:
            return Prepared(unresolvable(str(error)))
        conflicts = sum(snapshot.used_claims[f"{pod.namespace}/{name}"] > 0 for name in exclusive)
        has_disks = any(_get_source(volume) for volume in pod.volumes)
        if not has_disks and not conflicts:
            return Prepared(SKIP)
        return Prepared(SUCCESS, RestrictionState(exclusive, conflicts))

    def update(
        self, state: RestrictionState, pod: PodInfo, other: PodInfo, node: NodeInfo, delta: int
    ) -> RestrictionState:
        """Count the uses of `other`; claims are compared by name alone, also across namespaces."""
        uses = sum(name in state.exclusive_claims for name in other.claim_names)
        return replace(state, conflicts=state.conflicts + delta * uses)

    def filter(
        self, snapshot: Snapshot, pod: PodInfo, state: RestrictionState, node: NodeInfo
    ) -> Status:
        """Reject a node with a pod that uses the same disk, and all while a claim is in use."""
        if any(find_disk_user(volume, node) is not None for volume in pod.volumes):
            return DISK_TAKEN
        return CLAIM_TAKEN if state.conflicts > 0 else SUCCESS


def find_disk_user(volume: View, node: NodeInfo) -> PodInfo | None:
    """Return a pod of the node that keeps the disk of a volume to itself; None where none does."""
    source = _get_source(volume)
    if not source:
        return None
    own = volume.view(source)
    for neighbour in node.pods:
        for other in neighbour.volumes:
            if other.has(source) and _is_conflict(source, own, other.view(source)):
                return neighbour
    return None


def _get_exclusive_claims(snapshot: Snapshot, pod: PodInfo) -> frozenset[str]:
    return frozenset(
        name
        for name in pod.claim_names
        if READ_WRITE_ONCE_POD in snapshot.storage.get_claim(pod.namespace, name).access_modes
    )


def _get_source(volume: View) -> str:
    """Return which restricted kind of disk the volume is, or ""."""
    return next((name for name in RESTRICTED_SOURCES if volume.has(name)), "")


def _is_conflict(source: str, one: View, other: View) -> bool:
    """Tell whether two volumes of one kind are the same disk and not both read-only.

    An EBS volume is never shared, read-only or not. Two iSCSI disks are the same by their iqn
    alone, two RBD images by a common monitor, pool and image.
    """
    if source == "awsElasticBlockStore":
        return one.text("volumeID") == other.text("volumeID")
    if one.flag("readOnly") and other.flag("readOnly"):
        return False
    if source == "gcePersistentDisk":
        return one.text("pdName") == other.text("pdName")
    if source == "iscsi":
        return one.text("iqn") == other.text("iqn")
    return (
        not set(one.texts("monitors")).isdisjoint(other.texts("monitors"))
        and _pool(one) == _pool(other)
        and one.text("image") == other.text("image")
    )


def _pool(view: View) -> str:
    return view.text("pool") or "rbd"

"""NodeVolumeLimits: a CSI driver attaches no more volumes to a node than it can.

In-tree volumes count for the driver that took them over, where the node takes part in migration.
Source: `pkg/scheduler/framework/plugins/nodevolumelimits/csi.go`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planespec.spec.objects.volumes import CSINode, PersistentVolumeClaim
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
from planespec.spec.scheduling.plugins.volume_binding import get_claim_name
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import NotFoundError, Snapshot, Storage
from planespec.spec.scheduling.volume_migration import (
    BY_PLUGIN,
    IN_TREE,
    find_disk,
    find_volume_disk,
    read_migrated_plugins,
)

EXCEEDED = unschedulable("node(s) exceed max volume count")

Volume = tuple[str, str]
"""Driver and volume handle: one disk, however many pods use it."""


@dataclass(frozen=True, slots=True)
class Attachments:
    """A driver that would attach more volumes to a node than it can."""

    driver: str
    present: int
    added: int
    limit: int


class NodeVolumeLimits(Plugin[None]):
    """How many volumes of a CSI driver a node takes."""

    name = "NodeVolumeLimits"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[None]:
        """Skip pods without claims, ephemeral volumes and in-tree volumes."""
        has_volumes = any(
            get_claim_name(pod, volume) or any(volume.has(each.field) for each in IN_TREE)
            for volume in pod.volumes
        )
        return Prepared(SUCCESS if has_volumes else SKIP)

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Status:
        """Reject a node on which a driver would exceed its limit with the pod's new volumes.

        Volumes count once, whether pods use them or a VolumeAttachment holds them; a volume that
        is there already is free. Nodes without CSINode, and drivers without a limit, take any
        number.
        """
        try:
            return EXCEEDED if list_exceeded(snapshot.storage, pod, node) else SUCCESS
        except NotFoundError as error:
            return unresolvable(str(error))


def list_exceeded(storage: Storage, pod: PodInfo, node: NodeInfo) -> list[Attachments]:
    """Return the drivers that would exceed their limits; NotFoundError for a missing claim."""
    csi_node = storage.csi_nodes.get(node.name)
    migrated = frozenset[str]() if csi_node is None else read_migrated_plugins(csi_node)
    wanted = set(_get_volumes(storage, pod, migrated))
    limits = _get_limits(csi_node)
    if not wanted or not limits:
        return []
    attached = _get_attached(storage, node, migrated)
    present = Counter(driver for driver, _ in attached)
    added = Counter(driver for driver, _ in wanted - attached)
    return [
        Attachments(name, present[name], count, limits[name])
        for name, count in added.items()
        if name in limits and present[name] + count > limits[name]
    ]


def may_exceed(storage: Storage, pod: PodInfo, node: NodeInfo) -> bool:
    """Tell whether claims of the node's pods that are not known could be one volume too many."""
    csi_node = storage.csi_nodes.get(node.name)
    limits = _get_limits(csi_node)
    if csi_node is None or not limits:
        return False
    unknown = {
        (other.namespace, name)
        for other in node.pods
        for name in other.claim_names
        if (other.namespace, name) not in storage.claims
    }
    if not unknown:
        return False
    migrated = read_migrated_plugins(csi_node)
    attached = _get_attached(storage, node, migrated)
    present = Counter(driver for driver, _ in attached)
    added = Counter(driver for driver, _ in set(_get_volumes(storage, pod, migrated)) - attached)
    return any(
        name in limits and present[name] + count + len(unknown) > limits[name]
        for name, count in added.items()
    )


def _get_limits(csi_node: CSINode | None) -> Mapping[str, int]:
    return {} if csi_node is None else csi_node.volume_limits


def _get_attached(storage: Storage, node: NodeInfo, migrated: frozenset[str]) -> set[Volume]:
    """Return the volumes of the node's pods and those the API says are attached to it."""
    attached: set[Volume] = set()
    for pod in node.pods:
        for volume in pod.volumes:
            claim = storage.claims.get((pod.namespace, get_claim_name(pod, volume)))
            if claim is not None:
                attached.update(_resolve(storage, claim, migrated))
            elif (disk := find_disk(volume, migrated)) is not None:
                attached.add(disk)
    for attachment in storage.attachments:
        spec = attachment.view("spec")
        source = spec.view("source")
        if spec.text("nodeName") != node.name:
            continue
        name = source.text("persistentVolumeName")
        disk = (
            find_volume_disk(storage.volumes[name], migrated) if name in storage.volumes else None
        )
        if disk is not None:
            attached.add(disk)
    return attached


def _get_volumes(storage: Storage, pod: PodInfo, migrated: frozenset[str]) -> Iterable[Volume]:
    """Yield the CSI volumes of the pod; NotFoundError when a claim does not exist."""
    for volume in pod.volumes:
        name = get_claim_name(pod, volume)
        if name:
            try:
                claim = storage.get_claim(pod.namespace, name)
            except NotFoundError as error:
                place = f"looking up PVC {pod.namespace}/{name}"
                raise NotFoundError(f"{place}: {error}") from error
            yield from _resolve(storage, claim, migrated)
        elif (disk := find_disk(volume, migrated)) is not None:
            yield disk


def _resolve(
    storage: Storage, claim: PersistentVolumeClaim, migrated: frozenset[str]
) -> Iterable[Volume]:
    """Yield the volume behind a claim, if it is or will be of a CSI driver.

    A claim without a volume counts as a disk of its own for the driver of its class.
    """
    volume = storage.volumes.get(claim.volume_name)
    if volume is not None:
        disk = find_volume_disk(volume, migrated)
        if disk is not None:
            yield disk
    elif claim.class_name in storage.classes:
        provisioner = storage.classes[claim.class_name].provisioner
        if provisioner in migrated and provisioner in BY_PLUGIN:
            provisioner = BY_PLUGIN[provisioner].driver
        if provisioner:
            yield provisioner, f"unbound {claim.namespace}/{claim.name}"

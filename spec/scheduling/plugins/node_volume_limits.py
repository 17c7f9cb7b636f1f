"""NodeVolumeLimits: a CSI driver attaches no more volumes to a node than it can.

Left out: in-tree volumes that migration turns into CSI volumes, unless a claim's volume or class
is already CSI. Source: `pkg/scheduler/framework/plugins/nodevolumelimits/csi.go`.
"""

from collections import Counter
from collections.abc import Iterable

from planespec.spec.objects.volumes import PersistentVolumeClaim
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

EXCEEDED = unschedulable("node(s) exceed max volume count")

Volume = tuple[str, str]
"""Driver and volume handle: one disk, however many pods use it."""


class NodeVolumeLimits(Plugin[None]):
    """How many volumes of a CSI driver a node takes."""

    name = "NodeVolumeLimits"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[None]:
        """Skip pods without claims and ephemeral volumes."""
        has_claims = any(get_claim_name(pod, volume) for volume in pod.volumes)
        return Prepared(SUCCESS if has_claims else SKIP)

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Status:
        """Reject a node on which a driver would exceed its limit with the pod's new volumes.

        Volumes count once, whether pods use them or a VolumeAttachment holds them; a volume that
        is there already is free. Nodes without CSINode, and drivers without a limit, take any
        number.
        """
        try:
            wanted = set(_get_volumes(snapshot.storage, pod))
        except NotFoundError as error:
            return unresolvable(str(error))
        csi_node = snapshot.storage.csi_nodes.get(node.name)
        limits = csi_node.volume_limits if csi_node else {}
        if not wanted or not limits:
            return SUCCESS
        attached = _get_attached(snapshot.storage, node)
        present = Counter(driver for driver, _ in attached)
        added = Counter(driver for driver, _ in wanted - attached)
        if any(
            present[name] + count > limits[name] for name, count in added.items() if name in limits
        ):
            return EXCEEDED
        return SUCCESS


def _get_attached(storage: Storage, node: NodeInfo) -> set[Volume]:
    """Return the volumes of the node's pods and those the API says are attached to it."""
    attached: set[Volume] = set()
    for pod in node.pods:
        for volume in pod.volumes:
            claim = storage.claims.get((pod.namespace, get_claim_name(pod, volume)))
            if claim is not None:
                attached.update(_resolve(storage, claim))
    for attachment in storage.attachments:
        spec = attachment.view("spec")
        name = spec.view("source").text("persistentVolumeName")
        if spec.text("nodeName") == node.name and name in storage.volumes:
            csi = storage.volumes[name].csi
            if csi is not None:
                attached.add((csi.text("driver"), csi.text("volumeHandle")))
    return attached


def _get_volumes(storage: Storage, pod: PodInfo) -> Iterable[Volume]:
    """Yield the CSI volumes of the pod's claims; NotFoundError when a claim does not exist."""
    for volume in pod.volumes:
        name = get_claim_name(pod, volume)
        if name:
            try:
                claim = storage.get_claim(pod.namespace, name)
            except NotFoundError as error:
                place = f"looking up PVC {pod.namespace}/{name}"
                raise NotFoundError(f"{place}: {error}") from error
            yield from _resolve(storage, claim)


def _resolve(storage: Storage, claim: PersistentVolumeClaim) -> Iterable[Volume]:
    """Yield the volume behind a claim, if it is or will be of a CSI driver.

    A claim without a volume counts as a disk of its own for the driver of its class.
    """
    volume = storage.volumes.get(claim.volume_name)
    if volume is not None:
        csi = volume.csi
        if csi is not None and csi.text("driver") and csi.text("volumeHandle"):
            yield csi.text("driver"), csi.text("volumeHandle")
    elif claim.class_name in storage.classes:
        provisioner = storage.classes[claim.class_name].provisioner
        if provisioner:
            yield provisioner, f"unbound {claim.namespace}/{claim.name}"

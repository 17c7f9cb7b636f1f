"""What claims, volumes and attachments show: one claim, one node, and attached where it is used.

Sources: `pkg/controller/volume/persistentvolume/pv_controller.go`,
`pkg/controller/volume/attachdetach/reconciler/reconciler.go`,
https://kubernetes.io/docs/concepts/storage/persistent-volumes/ ; v1.36.
"""

from collections.abc import Iterator
from typing import NamedTuple

from planespec.spec.cluster.cluster_requirements import Reference, Violation
from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.node_life.moments import PATIENCE, Clock, read_moment, read_running
from planespec.spec.cluster.snapshot_records import ClaimRecord, PodRecord, VolumeRecord
from planespec.spec.node.volume_manager.binding_requirements import (
    bound_to_each_other,
    volume_of_one_claim,
)
from planespec.spec.node.volume_manager.volume_requirements import attached_while_staged
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.objects.volumes import PersistentVolumeClaim
from planespec.spec.requirement import Level, declare, judges

ONE_NODE = declare(
    "CSI-16",
    "A volume for one node is attached to one node.",
    "attachdetach/reconciler/reconciler.go: isMultiAttachForbidden",
)
_FOR_ONE_NODE = frozenset(("ReadWriteOnce", "ReadWriteOncePod"))


class Attachment(NamedTuple):
    """What a VolumeAttachment says of a PersistentVolume."""

    reference: Reference
    volume: str
    node: str
    is_attached: bool
    is_ending: bool


def read_attachments(cluster: Cluster) -> list[Attachment]:
    """Read the attachments of volumes that have an object of their own."""
    found = []
    for stored in cluster.store.list("VolumeAttachment"):
        spec, status = (View(stored.get(name), name) for name in ("spec", "status"))
        volume = spec.view("source").text("persistentVolumeName")
        meta = ObjectMeta(stored.get("metadata"), "metadata")
        made = Attachment(
            refer_to(stored),
            volume,
            spec.text("nodeName"),
            status.flag("attached"),
            meta.is_deleting,
        )
        found += [made] if volume else []
    return found


@judges(Level.SNAPSHOT, volume_of_one_claim)
def judge_claims(cluster: Cluster) -> Iterator[Violation]:
    """Look for two claims of one list that are bound to one volume.

    Lists that were read one after the other may show a volume that went from one to the other.
    """
    bound: dict[str, ClaimRecord] = {}
    for record in cluster.claims.values():
        name = record.claim.volume_name
        if not name or record.claim.phase != "Bound":
            continue
        first = bound.setdefault(name, record)
        if first is record:
            continue
        if _file(first.reference) != _file(record.reference):
            cluster.doubt("whether a volume had two claims at one time", record.reference)
            continue
        message = f"bound to volume {name}, as {first.reference} is"
        yield volume_of_one_claim.violated(
            record.reference, first.reference, message=message, field="spec.volumeName"
        )


@judges(Level.SNAPSHOT, bound_to_each_other)
def judge_bindings(cluster: Cluster) -> Iterator[Violation]:
    """Look for bound claims whose volume has long been bound to another, or to one before it."""
    clock = cluster.derive(Clock)
    for record in cluster.claims.values() if clock.now is not None else ():
        claim = record.claim
        found = cluster.volumes.get(claim.volume_name) if claim.phase == "Bound" else None
        if clock.now is None or found is None or found.volume.phase != "Bound":
            continue
        holder = found.volume.spec.view("claimRef")
        since = read_moment(found.volume.status.text("lastPhaseTransitionTime"))
        if since is None or since + PATIENCE >= clock.now or _is_holder(holder, claim):
            continue
        who = f"{holder.text('namespace')}/{holder.text('name')} {holder.text('uid')}".rstrip()
        message = f"bound to {found.reference}, which is reserved for {who}"
        yield bound_to_each_other.violated(
            record.reference, found.reference, message=message, field="spec.volumeName"
        )


def _is_holder(holder: View, claim: PersistentVolumeClaim) -> bool:
    """Whether a claimRef means a claim; a uid that is not there tells nothing."""
    uids = holder.text("uid"), claim.meta.uid
    is_named = (holder.text("namespace"), holder.text("name")) == (claim.namespace, claim.name)
    return is_named and (not all(uids) or uids[0] == uids[1])


def _file(reference: Reference) -> str:
    return "" if reference.place is None else reference.place.file


@judges(Level.SNAPSHOT, ONE_NODE)
def judge_nodes_of_volumes(cluster: Cluster) -> Iterator[Violation]:
    """Look for volumes for one node that are attached to two, and on the way from neither."""
    holders: dict[str, Attachment] = {}
    for each in cluster.derive(read_attachments):
        record = cluster.volumes.get(each.volume)
        if record is None or not each.is_attached or each.is_ending:
            continue
        modes = record.volume.access_modes
        first = holders.setdefault(each.volume, each)
        if first.node != each.node and modes and modes <= _FOR_ONE_NODE:
            message = f"{'/'.join(sorted(modes))}, attached to {first.node} and to {each.node}"
            yield ONE_NODE.violated(
                record.reference, first.reference, each.reference, message=message
            )


@judges(Level.SNAPSHOT, attached_while_staged)
def judge_attached(cluster: Cluster) -> Iterator[Violation]:
    """Look for pods that have long run with a volume that is not attached to their node.

    Only drivers count whose CSIDriver says that they attach, and of which there are attachments.
    """
    clock, attachments = cluster.derive(Clock), cluster.derive(read_attachments)
    if clock.now is None or not attachments or not cluster.store.is_read("VolumeAttachment"):
        return
    known = {each.volume: cluster.volumes.get(each.volume) for each in attachments}
    if None in known.values():
        return  # which volume is attached where is not known
    attached = {
        (_identify(known[each.volume]), each.node) for each in attachments if each.is_attached
    }
    drivers = {driver for (driver, _), _ in attached} & {*_list_attaching(cluster)}
    for pod in cluster.pods if drivers else ():
        if not pod.template.claims or pod.phase != "Running" or pod.is_deleting:
            continue
        for record in _list_volumes(cluster, pod):
            identity = _identify(record)
            if identity[0] not in drivers or (identity, pod.node) in attached:
                continue
            if clock.is_overdue(pod.node, read_running(pod)):
                volume = record.reference
                message = f"runs with {volume}, which is not attached to node {pod.node}"
                yield attached_while_staged.violated(pod.reference, volume, message=message)


def _identify(record: VolumeRecord | None) -> tuple[str, str]:
    """Return driver and handle: two objects may stand for one volume."""
    csi = None if record is None else record.volume.csi
    return ("", "") if csi is None else (csi.text("driver"), csi.text("volumeHandle"))


def _list_attaching(cluster: Cluster) -> Iterator[str]:
    for stored in cluster.store.list("CSIDriver"):
        if View(stored.get("spec"), "spec").data.get("attachRequired", True) is True:
            yield refer_to(stored).name


def _list_volumes(cluster: Cluster, pod: PodRecord) -> Iterator[VolumeRecord]:
    for name, _ in pod.template.claims:
        record = cluster.claims.get((pod.reference.namespace, name))
        if record is not None and record.claim.phase == "Bound":
            volume = cluster.volumes.get(record.claim.volume_name)
            if volume is not None and volume.volume.csi is not None:
                yield volume

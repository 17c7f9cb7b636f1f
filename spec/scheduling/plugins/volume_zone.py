"""VolumeZone: a node lies in the zone and region its pod's volumes are labelled with.

Source: `pkg/scheduler/framework/plugins/volumezone/volume_zone.go`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planespec.spec.objects.volumes import PersistentVolume
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import SUCCESS, Plugin, Prepared, Status, unresolvable
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import NotFoundError, Snapshot

MISMATCH = unresolvable("node(s) had no available volume zone")
CURRENT_KEYS = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region": "topology.kubernetes.io/region",
}
"""The labels that name a zone or region, old and new, each with its new form."""
DELIMITER = "__"
"""Between the zones of a volume that lies in several."""


@dataclass(frozen=True, slots=True)
class VolumeTopology:
    """One label of one volume and the values that a node may have."""

    key: str
    values: frozenset[str]
    volume: str = ""


class _RejectedError(Exception):
    """A claim cannot be resolved to a volume; carries the reason."""


class VolumeZone(Plugin[Sequence[VolumeTopology]]):
    """Zones and regions of volumes."""

    name = "VolumeZone"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[Sequence[VolumeTopology]]:
        """Find the labels of the volumes behind the pod's claims; skip where there are none.

        Claims that wait for their first consumer are passed over; other claims without a volume
        are unresolvable, as are missing objects.
        """
        try:
            topologies = [
                topology
                for name in pod.claim_names
                for topology in _get_topologies(_find_volume(snapshot, pod.namespace, name))
            ]
        except (_RejectedError, NotFoundError) as error:
            return Prepared(unresolvable(str(error)))
        return Prepared.of(topologies or None)

    def filter(
        self, snapshot: Snapshot, pod: PodInfo, state: Sequence[VolumeTopology], node: NodeInfo
    ) -> Status:
        """Reject a node whose zone or region is not among a volume's.

        A node without any zone or region label passes: clusters without zones have none. A node
        without the old form of a label is judged by the new one.
        """
        return SUCCESS if find_mismatch(state, node) is None else MISMATCH


def find_mismatch(state: Sequence[VolumeTopology], node: NodeInfo) -> VolumeTopology | None:
    """Return the first label of a volume that the node does not go with; None where all do."""
    labels = node.labels
    if not any(key in labels for key in CURRENT_KEYS):
        return None
    for topology in state:
        value = labels.get(topology.key, labels.get(CURRENT_KEYS[topology.key]))
        if value not in topology.values:
            return topology
    return None


def _find_volume(snapshot: Snapshot, namespace: str, name: str) -> PersistentVolume | None:
    """Return the volume of a claim, None where the claim waits for its first consumer."""
    if not name:
        raise _RejectedError("PersistentVolumeClaim had no name")
    claim = snapshot.storage.get_claim(namespace, name)
    if claim.volume_name:
        return snapshot.storage.get_volume(claim.volume_name)
    if not claim.class_name:
        raise _RejectedError("PersistentVolumeClaim had no pv name and storageClass name")
    if not snapshot.storage.get_class(claim.class_name).waits_for_consumer:
        raise _RejectedError("PersistentVolume had no name")
    return None


def _get_topologies(volume: PersistentVolume | None) -> Iterator[VolumeTopology]:
    if volume is None:
        return
    for key in CURRENT_KEYS:
        values = {value.strip() for value in volume.meta.labels.get(key, "").split(DELIMITER)}
        # A label with an empty zone in it cannot be read; upstream logs it and goes on.
        if "" not in values:
            yield VolumeTopology(key, frozenset(values), volume.name)

"""Which volume of the cluster a waiting claim may take on a node.

Source: `component-helpers/storage/volume/pv_helpers.go`, FindMatchingVolume; `helpers.go`,
CheckNodeAffinity.
"""

from collections.abc import Collection, Iterable

from planespec.spec.labels import read_label_selector
from planespec.spec.node_selector import read_node_selector
from planespec.spec.objects.storage import PersistentVolume, PersistentVolumeClaim
from planespec.spec.quantity import Quantity, read_quantity
from planespec.spec.scheduling.node_info import NodeInfo

NOTHING_ASKED = read_quantity(None)
"""The size a claim asks for that does not say."""


def is_reachable(volume: PersistentVolume, node: NodeInfo) -> bool:
    """Tell whether the volume's node affinity allows the node; without one, all are allowed."""
    affinity = volume.spec.view("nodeAffinity")
    if not affinity.has("required"):
        return True
    terms = read_node_selector(affinity.data["required"], affinity.path("required"))
    # Upstream matches a node of the same labels and no name.
    return any(term.matches("", node.labels) for term in terms.terms)


def find_matching_volume(
    claim: PersistentVolumeClaim,
    volumes: Iterable[PersistentVolume],
    node: NodeInfo,
    taken: Collection[str],
) -> PersistentVolume | None:
    """Return the volume the claim is promised, else the smallest that fits; None if none does.

    A promised volume (claimRef names the claim) that the node cannot reach rules out all others.
    """
    smallest: PersistentVolume | None = None
    for volume in volumes:
        is_promised = volume.is_bound_to(claim)
        if volume.name in taken or not _is_candidate(claim, volume, is_promised):
            continue
        if is_promised:
            return volume if is_reachable(volume, node) else None
        is_smaller = smallest is None or volume.capacity.compare(smallest.capacity) < 0
        if is_smaller and _fits(claim, volume) and is_reachable(volume, node):
            smallest = volume
    return smallest


def _is_candidate(
    claim: PersistentVolumeClaim, volume: PersistentVolume, is_promised: bool
) -> bool:
    """Tell whether size, mode and state allow the volume at all."""
    if volume.spec.has("claimRef") and not is_promised:
        return False
    if volume.capacity.compare(get_size(claim)) < 0:
        return False
    if volume.volume_mode != claim.volume_mode or volume.meta.is_deleting:
        return False
    field = "volumeAttributesClassName"
    return volume.spec.text(field) == claim.spec.text(field)


def get_size(claim: PersistentVolumeClaim) -> Quantity:
    """Return the size a claim asks for; 0 where it does not say."""
    return NOTHING_ASKED if claim.requested_storage is None else claim.requested_storage


def _fits(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    """Tell whether a volume promised to nobody is available, of the class, labels and modes."""
    return (
        volume.phase == "Available"
        and volume.class_name == claim.class_name
        and claim.access_modes <= volume.access_modes
        and _is_selected(claim, volume)
    )


def _is_selected(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    if not claim.spec.has("selector"):
        return True
    selector = read_label_selector(claim.spec.data["selector"], claim.spec.path("selector"))
    return selector.matches(volume.meta.labels)

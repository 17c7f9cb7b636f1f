"""Which volume a claim gets: what the scheduler and the binder of claims ask in common.

Source: Kubernetes v1.36, `component-helpers/storage/volume/pv_helpers.go` (FindMatchingVolume,
CheckAccessModes, CheckVolumeModeMismatches), `volume/helpers.go` (CheckNodeAffinity).
"""

from collections.abc import Collection, Iterable, Mapping

from planespec.spec.labels import read_label_selector
from planespec.spec.objects.volumes import PersistentVolume, PersistentVolumeClaim
from planespec.spec.pods.node_selection import read_node_selector
from planespec.spec.quantity import Quantity, read_quantity

NOTHING_ASKED = read_quantity(None)
"""The size a claim asks for that does not say."""


def is_reachable(volume: PersistentVolume, node_labels: Mapping[str, str]) -> bool:
    """Tell whether the volume's node affinity allows the node; without one, all are allowed."""
    affinity = volume.spec.view("nodeAffinity")
    if not affinity.has("required"):
        return True
    terms = read_node_selector(affinity.data["required"], affinity.path("required"))
    # Upstream matches a node of the same labels and no name.
    return any(term.matches("", node_labels) for term in terms.terms)


def find_matching_volume(
    claim: PersistentVolumeClaim,
    volumes: Iterable[PersistentVolume],
    node_labels: Mapping[str, str] | None,
    taken: Collection[str] = (),
    *,
    waits_for_consumer: bool = False,
) -> PersistentVolume | None:
    """Return the volume the claim is promised, else the smallest that fits; None if none does.

    A promised volume (claimRef names the claim) that the node cannot reach rules out all others.
    Without a node, access modes are not looked at either, since the caller chose volumes by them;
    and a claim that waits for its consumer gets what it is promised or nothing.
    """
    smallest: PersistentVolume | None = None
    for volume in volumes:
        is_promised = volume.is_bound_to(claim)
        if volume.name in taken or not is_candidate(claim, volume, is_promised=is_promised):
            continue
        if is_promised:
            return volume if node_labels is None or is_reachable(volume, node_labels) else None
        if node_labels is None and waits_for_consumer:
            continue
        is_smaller = smallest is None or volume.capacity.compare(smallest.capacity) < 0
        if is_smaller and is_free(claim, volume) and _suits(claim, volume, node_labels):
            smallest = volume
    return smallest


def is_candidate(
    claim: PersistentVolumeClaim, volume: PersistentVolume, *, is_promised: bool
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


def is_free(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    """Tell whether a volume promised to nobody is available, of the class and the labels."""
    return (
        volume.phase == "Available"
        and volume.class_name == claim.class_name
        and _is_selected(claim, volume)
    )


def _suits(
    claim: PersistentVolumeClaim, volume: PersistentVolume, node_labels: Mapping[str, str] | None
) -> bool:
    if node_labels is None:
        return True
    return claim.access_modes <= volume.access_modes and is_reachable(volume, node_labels)


def _is_selected(claim: PersistentVolumeClaim, volume: PersistentVolume) -> bool:
    if not claim.spec.has("selector"):
        return True
    selector = read_label_selector(claim.spec.data["selector"], claim.spec.path("selector"))
    return selector.matches(volume.meta.labels)

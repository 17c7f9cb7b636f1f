"""The writes by which claims and volumes are bound, freed, lost and found wanting.

What is right already is not written. Source: Kubernetes v1.36,
`pkg/controller/volume/persistentvolume/pv_controller.go` (bind, unbindVolume, updateClaimStatus,
updateVolumePhase), `component-helpers/storage/volume/pv_helpers.go` (GetBindVolumeToClaim).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from planespec.spec.objects.volumes import (
    BIND_COMPLETED_ANNOTATION,
    PersistentVolume,
    PersistentVolumeClaim,
)

BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
"""On a volume or claim whose end of the binding was chosen here, and not by a user."""
PROVISIONER = "volume.kubernetes.io/storage-provisioner"
BETA_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"
"""On a claim: who is to make its volume."""
CLAIMS, VOLUMES = "persistentvolumeclaims", "persistentvolumes"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ObjectWrite:
    """An update of a whole object, or of its status only."""

    resource: str
    subresource: str
    object: Mapping[str, Any]


@dataclass(slots=True)
class BinderSync:
    """What one sync does: writes in order, and events."""

    writes: list[ObjectWrite] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    beside: "BinderSync | None" = None
    """What an operation does that the sync has begun, and that goes on when it is over."""

    def update(self, resource: str, old: Mapping[str, Any], subresource: str = "") -> Json:
        """Note an update, and return the object for what follows."""
        self.writes.append(ObjectWrite(resource, subresource, old))
        return dict(old)

    def tell(self, kind: str, reason: str, message: str) -> None:
        """Note an event."""
        self.events.append(f"{kind} {reason} {message}")


def bind(sync: BinderSync, volume: PersistentVolume, claim: PersistentVolumeClaim) -> None:
    """Bind the two, in up to four writes; what is right already is not written (`bind`)."""
    stored = _bind_volume(sync, volume, claim)
    write_volume_phase(sync, stored, "Bound")
    named = _bind_claim(sync, volume, claim)
    write_claim_status(sync, named, "Bound", volume)


def _bind_volume(
    sync: BinderSync, volume: PersistentVolume, claim: PersistentVolumeClaim
) -> Mapping[str, Any]:
    holder = volume.spec.view("claimRef")
    named = tuple(holder.text(name) for name in ("namespace", "name", "uid"))
    is_named = named == (claim.namespace, claim.name, claim.meta.uid)
    annotations = volume.meta.annotations
    is_ours = not volume.is_bound_to(claim) and BOUND_BY_CONTROLLER not in annotations
    if is_named and not is_ours:
        return volume.data
    changed = dict(volume.data)
    if not is_named:
        changed["spec"] = {**volume.spec.data, "claimRef": _refer(claim)}
    if is_ours:
        changed = _annotate(changed, BOUND_BY_CONTROLLER)
    return sync.update(VOLUMES, changed)


def _refer(claim: PersistentVolumeClaim) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": claim.namespace,
        "name": claim.name,
        "uid": claim.meta.uid,
        "resourceVersion": claim.meta.text("resourceVersion"),
    }


def _bind_claim(
    sync: BinderSync, volume: PersistentVolume, claim: PersistentVolumeClaim
) -> Mapping[str, Any]:
    changed = dict(claim.data)
    if claim.volume_name != volume.name:
        changed["spec"] = {**claim.spec.data, "volumeName": volume.name}
        changed = _annotate(changed, BOUND_BY_CONTROLLER)
    if BIND_COMPLETED_ANNOTATION not in claim.meta.annotations:
        changed = _annotate(changed, BIND_COMPLETED_ANNOTATION)
    return changed if changed == claim.data else sync.update(CLAIMS, changed)


def _annotate(data: Mapping[str, Any], name: str) -> Json:
    metadata = data.get("metadata") or {}
    annotations = {name: "yes", **(metadata.get("annotations") or {})}
    return {**data, "metadata": {**metadata, "annotations": annotations}}


def ask_provisioner(sync: BinderSync, claim: PersistentVolumeClaim, provisioner: str) -> None:
    """Say on a claim who is to make its volume (`provisionClaimOperationExternal`)."""
    if claim.meta.annotations.get(PROVISIONER) != provisioner:
        asked = {BETA_PROVISIONER: provisioner, PROVISIONER: provisioner}
        annotations = dict(claim.meta.annotations) | asked
        sync.update(
            CLAIMS, {**claim.data, "metadata": {**claim.meta.data, "annotations": annotations}}
        )
    sync.tell(
        "Normal",
        "ExternalProvisioning",
        f"Waiting for a volume to be created either by the external provisioner '{provisioner}'"
        " or manually by the system administrator. If volume creation is delayed, please verify"
        " that the provisioner is running and correctly registered.",
    )


def unbind(sync: BinderSync, volume: PersistentVolume) -> None:
    """Free a volume whose claim has another; one promised by a user stays promised."""
    spec = dict(volume.spec.data)
    metadata: Json = dict(volume.meta.data)
    if BOUND_BY_CONTROLLER in volume.meta.annotations:
        del spec["claimRef"]
        annotations = dict(volume.meta.annotations)
        del annotations[BOUND_BY_CONTROLLER]
        metadata["annotations"] = annotations
    else:
        reference = volume.spec.view("claimRef").data.items()
        spec["claimRef"] = {name: value for name, value in reference if name != "uid"}
    changed = sync.update(VOLUMES, {**volume.data, "metadata": metadata, "spec": spec})
    write_volume_phase(sync, changed, "Available")


def lose_claim(sync: BinderSync, claim: PersistentVolumeClaim, reason: str, message: str) -> None:
    """Mark a claim as lost and say so, once."""
    if claim.phase == "Lost":
        return
    write_claim_status(sync, claim.data, "Lost", None)
    sync.tell("Warning", reason, message)


def fail_volume(sync: BinderSync, data: Mapping[str, Any], reason: str, message: str) -> None:
    """Mark a volume as failed and say so, once."""
    if data["status"].get("phase") == "Failed":
        return
    write_volume_phase(sync, data, "Failed", message)
    sync.tell("Warning", reason, message)


def write_volume_phase(
    sync: BinderSync, data: Mapping[str, Any], phase: str, message: str = ""
) -> Mapping[str, Any]:
    """Write the phase of a volume with a message, unless it is in that phase."""
    status = data.get("status") or {}
    if status.get("phase") == phase:
        return data
    changed = {**status, "phase": phase}
    changed.pop("message", None)
    if message:
        changed["message"] = message
    return sync.update(VOLUMES, {**data, "status": changed}, "status")


def write_claim_status(
    sync: BinderSync, data: Mapping[str, Any], phase: str, volume: PersistentVolume | None
) -> None:
    """Write phase, access modes and capacity of a claim, where they change.

    The capacity of a claim that is bound already is left to whoever resizes it.
    """
    old = data.get("status") or {}
    new = {**old, "phase": phase}
    if volume is None:
        new.pop("accessModes", None)
        new.pop("capacity", None)
    else:
        new["accessModes"] = list(volume.spec.texts("accessModes"))
        if old.get("phase") != phase:
            new["capacity"] = dict(volume.spec.view("capacity").data)
    if new != old:
        sync.update(CLAIMS, {**data, "status": new}, "status")

"""Claims and volumes bound to each other: what one sync of a claim or of a volume writes.

A binding is four writes: the volume names the claim, the volume is Bound, the claim names the
volume, the claim is Bound. Whatever is lost between is found by the next sync.

Source: Kubernetes v1.36, `pkg/controller/volume/persistentvolume/pv_controller.go` and `index.go`,
`component-helpers/storage/volume/pv_helpers.go`. Left out: annotations of migration to CSI, what
external provisioners and deleters do (a volume that waits for one gets no write here), recyclers
(no plugin is known), attributes classes, and requests that fail.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from planespec.spec.controllers.volume_care.attach_detach import list_claims
from planespec.spec.controllers.volume_care.binding_writes import (
    BOUND_BY_CONTROLLER,
    BinderSync,
    ask_provisioner,
    bind,
    fail_volume,
    lose_claim,
    unbind,
    write_claim_status,
    write_volume_phase,
)
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.volumes import (
    BIND_COMPLETED_ANNOTATION,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)
from planespec.spec.pods.volume_matching import find_matching_volume, get_size
from planespec.spec.scheduling.volume_migration import BY_PLUGIN

PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
BUILT_IN = "kubernetes.io/"
"""How the names of provisioners begin that would have to be plugins; all of v1.36 are migrated."""


class MisboundError(Exception):
    """A claim asks for a volume that the controller once gave to another; has what was told."""

    def __init__(self, message: str, sync: BinderSync) -> None:
        """Keep what the sync did before it ended."""
        super().__init__(message)
        self.sync = sync


def list_choices(
    claim: PersistentVolumeClaim, volumes: Sequence[PersistentVolume], *, waits_for_consumer: bool
) -> list[PersistentVolume]:
    """The volumes that the controller may choose for a claim (`findBestMatchForClaim`).

    Volumes are looked at by their sets of access modes, those with the fewest modes first. Which
    of two sets of as many comes first, and which volume of a set, is the order of a map.
    """
    sets = {v.access_modes for v in volumes if claim.access_modes <= v.access_modes}
    for _, modes in groupby(sorted(sets, key=len), key=len):
        found = [
            volume
            for each in modes
            for volume in _list_best(
                claim, [v for v in volumes if v.access_modes == each], waits_for_consumer
            )
        ]
        if found:
            return found
    return []


def _list_best(
    claim: PersistentVolumeClaim, volumes: Sequence[PersistentVolume], waits: bool
) -> Iterator[PersistentVolume]:
    """Volumes that come out in some order of these: every one that does when it stands first."""
    for volume in volumes:
        others = [other for other in volumes if other is not volume]
        if (
            find_matching_volume(claim, [volume, *others], None, waits_for_consumer=waits)
            is volume
        ):
            yield volume


@dataclass(frozen=True, slots=True)
class ClaimBinder:
    """`PersistentVolumeController` with what it knows: volumes, claims, pods, storage classes."""

    volumes: Sequence[PersistentVolume] = ()
    claims: Sequence[PersistentVolumeClaim] = ()
    pods: Sequence[Pod] = ()
    classes: Mapping[str, StorageClass] = field(default_factory=dict)

    # A claim.

    def sync_claim(
        self, claim: PersistentVolumeClaim, chosen: PersistentVolume | None
    ) -> BinderSync:
        """Bring a claim on (`syncClaim`); `chosen` is what it finds if it asks for no volume.

        Raises MisboundError, which has the events of the sync that it ends.
        """
        sync = BinderSync()
        if BIND_COMPLETED_ANNOTATION in claim.meta.annotations:
            self._sync_bound_claim(sync, claim)
        elif not claim.volume_name:
            self._seek(sync, claim, chosen)
        else:
            self._sync_named_volume(sync, claim)
        return sync

    def waits_for_consumer(self, claim: PersistentVolumeClaim) -> bool:
        """Whether the class lets the scheduler bind (`IsDelayBindingMode`)."""
        found = self.classes.get(claim.class_name)
        return found is not None and found.waits_for_consumer

    def _seek(
        self, sync: BinderSync, claim: PersistentVolumeClaim, chosen: PersistentVolume | None
    ) -> None:
        if chosen is not None:
            bind(sync, chosen, claim)
            return
        if self.waits_for_consumer(claim) and claim.selected_node is None:
            self._tell_whom_it_waits_for(sync, claim)
        elif claim.class_name:
            self._provision(sync, claim)
            return
        else:
            said = "no persistent volumes available for this claim and no storage class is set"
            sync.tell("Normal", "FailedBinding", said)
        write_claim_status(sync, claim.data, "Pending", None)

    def _tell_whom_it_waits_for(self, sync: BinderSync, claim: PersistentVolumeClaim) -> None:
        """Source: emitEventForUnboundDelayBindingClaim."""
        users = self._list_users(claim.namespace, claim.name)
        names = [pod.name for pod in users if not pod.spec.text("nodeName")]
        if not names:
            said = "waiting for first consumer to be created before binding"
            sync.tell("Normal", "WaitForFirstConsumer", said)
            return
        pods = f"pod {names[0]}" if len(names) == 1 else f"pods {','.join(names)}"
        sync.tell("Normal", "WaitForPodScheduled", f"waiting for {pods} to be scheduled")

    def _list_users(self, namespace: str, claim: str) -> list[Pod]:
        """Pods that mount a claim and have not ended."""
        return [
            pod
            for pod in self.pods
            if pod.meta.namespace == namespace
            and pod.status.text("phase") not in ("Succeeded", "Failed")
            and claim in list_claims(pod)
        ]

    def _provision(self, sync: BinderSync, claim: PersistentVolumeClaim) -> None:
        """Say why no volume can be made, or ask an external provisioner beside the sync."""
        found = self.classes.get(claim.class_name)
        provisioner = "" if found is None else find_provisioner(found)
        if found is None:
            said = f'storageclass.storage.k8s.io "{claim.class_name}" not found'
            sync.tell("Warning", "ProvisioningFailed", said)
        elif provisioner.startswith(BUILT_IN):
            said = f"no volume plugin matched name: {provisioner}"
            sync.tell("Warning", "ProvisioningFailed", said)
        else:
            sync.beside = BinderSync()
            ask_provisioner(sync.beside, claim, provisioner)

    def _sync_named_volume(self, sync: BinderSync, claim: PersistentVolumeClaim) -> None:
        """A claim that asks for one volume gets that or waits."""
        volume = self._find_volume(claim.volume_name)
        if volume is None:
            write_claim_status(sync, claim.data, "Pending", None)
        elif not volume.spec.has("claimRef"):
            reason = find_mismatch(volume, claim)
            if reason is None:
                bind(sync, volume, claim)
                return
            said = f'Cannot bind to requested volume "{volume.name}": {reason}'
            sync.tell("Warning", "VolumeMismatch", said)
            write_claim_status(sync, claim.data, "Pending", None)
        elif volume.is_bound_to(claim):
            bind(sync, volume, claim)
        else:
            self._refuse_taken(sync, claim, volume)

    def _refuse_taken(
        self, sync: BinderSync, claim: PersistentVolumeClaim, volume: PersistentVolume
    ) -> None:
        said = f'volume "{volume.name}" already bound to a different claim.'
        sync.tell("Warning", "FailedBinding", said)
        if BOUND_BY_CONTROLLER not in claim.meta.annotations:
            write_claim_status(sync, claim.data, "Pending", None)
            return
        holder = volume.spec.view("claimRef")
        raise MisboundError(
            f'invalid binding of claim "{claim.namespace}/{claim.name}" to volume'
            f' "{volume.name}": volume already claimed by'
            f' "{holder.text("namespace")}/{holder.text("name")}"',
            sync,
        )

    def _sync_bound_claim(self, sync: BinderSync, claim: PersistentVolumeClaim) -> None:
        if not claim.volume_name:
            said = (
                "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
            )
            lose_claim(sync, claim, "ClaimLost", said)
            return
        volume = self._find_volume(claim.volume_name)
        if volume is None:
            said = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
            lose_claim(sync, claim, "ClaimLost", said)
        elif not volume.spec.has("claimRef") or get_claim_uid(volume) == claim.meta.uid:
            bind(sync, volume, claim)
        else:
            said = "Two claims are bound to the same volume, this one is bound incorrectly"
            lose_claim(sync, claim, "ClaimMisbound", said)

    def _find_volume(self, name: str) -> PersistentVolume | None:
        return next((volume for volume in self.volumes if volume.name == name), None)

    # A volume.

    def sync_volume(self, volume: PersistentVolume) -> BinderSync:
        """Bring a volume on (`syncVolume`)."""
        sync = BinderSync()
        if not volume.spec.has("claimRef") or not get_claim_uid(volume):
            write_volume_phase(sync, volume.data, "Available")
            return sync
        claim = self._find_claim(volume)
        if claim is None or claim.meta.uid != get_claim_uid(volume):
            self._release(sync, volume)
        elif not claim.volume_name:
            if volume.volume_mode != claim.volume_mode:
                tell_mode_mismatch(sync, volume, claim)
        elif claim.volume_name == volume.name:
            write_volume_phase(sync, volume.data, "Bound")
        elif PROVISIONED_BY in volume.meta.annotations and get_policy(volume) == "Delete":
            self._release(sync, volume)
        else:
            unbind(sync, volume)
        return sync

    def _find_claim(self, volume: PersistentVolume) -> PersistentVolumeClaim | None:
        holder = volume.spec.view("claimRef")
        place = (holder.text("namespace"), holder.text("name"))
        return next((c for c in self.claims if (c.namespace, c.name) == place), None)

    def _release(self, sync: BinderSync, volume: PersistentVolume) -> None:
        """Mark a volume whose claim is gone, and reclaim it as its policy says."""
        data: Mapping[str, Any] = volume.data
        if volume.phase not in ("Released", "Failed"):
            data = write_volume_phase(sync, data, "Released")
        policy = get_policy(volume)
        holder = volume.spec.view("claimRef")
        if policy == "Recycle":
            if self._list_users(holder.text("namespace"), holder.text("name")):
                return  # it is tried again once no pod has it (recycleVolumeOperation)
            said = "No recycler plugin found for the volume!"
            sync.beside = BinderSync()
            fail_volume(sync.beside, data, "VolumeFailedRecycle", said)
        elif policy not in ("Retain", "Delete"):
            said = "Volume has unrecognized reclaim policy."
            fail_volume(sync, data, "VolumeUnknownReclaimPolicy", said)


def find_provisioner(storage: StorageClass) -> str:
    """Who makes volumes of a class: for a plugin that was migrated, the driver behind it."""
    migrated = BY_PLUGIN.get(storage.provisioner)
    return storage.provisioner if migrated is None else migrated.driver


def get_policy(volume: PersistentVolume) -> str:
    """`persistentVolumeReclaimPolicy`."""
    return volume.spec.text("persistentVolumeReclaimPolicy")


def get_claim_uid(volume: PersistentVolume) -> str:
    """The uid of the claim that the volume names; empty where it is only promised."""
    return volume.spec.view("claimRef").text("uid")


def find_mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim) -> str | None:
    """Why a claim may not have the volume it asks for (`checkVolumeSatisfyClaim`).

    Sizes are compared in whole bytes, both rounded up.
    """
    if volume.meta.is_deleting:
        return f'the volume is marked for deletion "{volume.name}"'
    if volume.capacity.value < get_size(claim).value:
        return "requested PV is too small"
    if volume.class_name != claim.class_name:
        return "storageClassName does not match"
    if volume.volume_mode != claim.volume_mode:
        return "incompatible volumeMode"
    if not claim.access_modes <= volume.access_modes:
        return "incompatible accessMode"
    return None


def tell_mode_mismatch(
    sync: BinderSync, volume: PersistentVolume, claim: PersistentVolumeClaim
) -> None:
    """Say on both sides that they can never be bound."""
    said = f'requested PersistentVolumeClaim "{claim.name}" due to incompatible volumeMode.'
    sync.tell("Warning", "VolumeMismatch", f"Cannot bind PersistentVolume to {said}")
    said = "to requested PersistentVolumeClaim due to incompatible volumeMode."
    sync.tell("Warning", "VolumeMismatch", f'Cannot bind PersistentVolume "{volume.name}" {said}')


def read_classes(classes: Iterable[StorageClass]) -> dict[str, StorageClass]:
    """Storage classes by name."""
    return {each.name: each for each in classes}

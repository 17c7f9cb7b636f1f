"""The storage objects of a cluster, found by name as the scheduler's listers find them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from planespec.spec.objects.storage import (
    CSINode,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)
from planespec.spec.objects.view import View


class NotFoundError(ValueError):
    """An object that a pod refers to does not exist; the message is the lister's."""


@dataclass(frozen=True)
class Storage:
    """Claims by (namespace, name); volumes, classes, drivers and nodes by name."""

    claims: Mapping[tuple[str, str], PersistentVolumeClaim] = field(default_factory=dict)
    volumes: Mapping[str, PersistentVolume] = field(default_factory=dict)
    classes: Mapping[str, StorageClass] = field(default_factory=dict)
    csi_nodes: Mapping[str, CSINode] = field(default_factory=dict)
    csi_drivers: Mapping[str, View] = field(default_factory=dict)
    capacities: Sequence[View] = ()
    """CSIStorageCapacity objects."""
    attachments: Sequence[View] = ()
    """VolumeAttachment objects."""

    @cached_property
    def volumes_by_class(self) -> Mapping[str, Sequence[PersistentVolume]]:
        """Volumes of each class, by name."""
        by_class: dict[str, list[PersistentVolume]] = {}
        for volume in self.volumes.values():
            by_class.setdefault(volume.class_name, []).append(volume)
        return by_class

    def get_claim(self, namespace: str, name: str) -> PersistentVolumeClaim:
        """Return a claim; NotFoundError with the lister's message when there is none."""
        claim = self.claims.get((namespace, name))
        if claim is None:
            raise NotFoundError(f'persistentvolumeclaim "{name}" not found')
        return claim

    def get_volume(self, name: str) -> PersistentVolume:
        """Return a volume; NotFoundError with the lister's message when there is none."""
        if name not in self.volumes:
            raise NotFoundError(f'persistentvolume "{name}" not found')
        return self.volumes[name]

    def get_class(self, name: str) -> StorageClass:
        """Return a storage class; NotFoundError with the lister's message when there is none."""
        if name not in self.classes:
            raise NotFoundError(f'storageclass.storage.k8s.io "{name}" not found')
        return self.classes[name]

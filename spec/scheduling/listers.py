"""Storage objects and owners of pods, found as the scheduler's listers find them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from planespec.spec.labels import EVERYTHING, Selector, SelectorError, read_label_selector
from planespec.spec.labels.selector import select_exactly
from planespec.spec.objects import Pod
from planespec.spec.objects.view import View
from planespec.spec.objects.volumes import (
    CSINode,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)


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


Key = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True)
class Owners:
    """Services by namespace, and controllers by kind, namespace and name."""

    services: Mapping[str, list[Mapping[str, str]]] = field(default_factory=dict)
    """The selectors of the services of each namespace that have one."""
    replication_controllers: Mapping[Key, View] = field(default_factory=dict)
    replica_sets: Mapping[Key, View] = field(default_factory=dict)
    stateful_sets: Mapping[Key, View] = field(default_factory=dict)

    def get_peer_selector(self, pod: Pod) -> Selector:
        """Return the merged selectors of the pod's services and controller.

        Of services that select the same key the last one counts. A pod of neither gets the empty
        selector.
        """
        namespace, labels = pod.meta.namespace or "default", pod.meta.labels
        exact: dict[str, str] = {}
        for wanted in self.services.get(namespace, ()):
            if all(labels.get(key) == value for key, value in wanted.items()):
                exact |= wanted
        kind, name = _get_controller(pod)
        key = (namespace, name)
        if kind == ("v1", "ReplicationController") and key in self.replication_controllers:
            exact |= self.replication_controllers[key].view("spec").text_map("selector")
        selector = select_exactly(exact)
        if kind == ("apps/v1", "ReplicaSet"):
            owner = _read_selector(self.replica_sets.get(key))
        elif kind == ("apps/v1", "StatefulSet"):
            owner = _read_selector(self.stateful_sets.get(key))
        else:
            owner = EVERYTHING
        return selector.with_requirements(owner.requirements)


def _get_controller(pod: Pod) -> tuple[tuple[str, str], str]:
    """Return API version and kind, and name, of the owner that controls the pod."""
    for reference in pod.meta.views("ownerReferences"):
        if reference.flag("controller"):
            kind = (reference.text("apiVersion"), reference.text("kind"))
            return kind, reference.text("name")
    return ("", ""), ""


def _read_selector(owner: View | None) -> Selector:
    """Read the controller's selector; one that is not there or cannot be read adds nothing."""
    if owner is None:
        return EVERYTHING
    spec = owner.view("spec")
    try:
        return read_label_selector(spec.data.get("selector"), spec.path("selector"))
    except SelectorError:
        return EVERYTHING

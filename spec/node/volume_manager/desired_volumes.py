"""Volumes that the pods of a node want (`desiredStateOfWorld`).

Left out: errors by pod, SELinux labels, limits of the size of local volumes.
Source: `pkg/kubelet/volumemanager/cache/desired_state_of_world.go`, v1.36.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from planespec.spec.node.volume_manager.volume_plugin import PersistentVolume
from planespec.spec.quantity.quantity import Quantity


@dataclass(slots=True)
class DesiredVolume:
    """A volume and the pods that want it."""

    size: Quantity
    """What the volume should have."""
    reported_in_use: bool = False
    """Whether the node's status lists it among its volumesInUse."""
    pods: dict[str, PersistentVolume] = field(default_factory=dict)
    """By UID, with the volume as it was when the pod came."""


@dataclass(frozen=True, slots=True)
class VolumeToMount:
    """A volume for one pod, as it is wanted now."""

    volume: PersistentVolume
    pod: str
    reported_in_use: bool
    size: Quantity

    @property
    def name(self) -> str:
        """The unique name of the volume."""
        return self.volume.unique_name


@dataclass(slots=True)
class DesiredVolumes:
    """What is wanted, by the unique name of the volume."""

    volumes: dict[str, DesiredVolume] = field(default_factory=dict)

    def add_pod(self, pod: str, volume: PersistentVolume) -> None:
        """Say that a pod wants a volume; size and report stay where another pod has it."""
        wanted = self.volumes.setdefault(volume.unique_name, DesiredVolume(volume.capacity))
        wanted.pods[pod] = volume

    def delete_pod(self, pod: str, name: str) -> None:
        """Say that a pod wants a volume no longer; the last one takes it along."""
        wanted = self.volumes.get(name)
        if wanted is None:
            return
        wanted.pods.pop(pod, None)
        if not wanted.pods:
            del self.volumes[name]

    def mark_reported_in_use(self, names: Collection[str]) -> None:
        """Say which volumes the node's status lists: these and no others."""
        for name, wanted in self.volumes.items():
            wanted.reported_in_use = name in names

    def set_size(self, name: str, size: Quantity) -> None:
        """Say that a volume should have another size."""
        if name in self.volumes:
            self.volumes[name].size = size

    def has_pod(self, pod: str, name: str) -> bool:
        """Say whether the pod wants the volume."""
        return name in self.volumes and pod in self.volumes[name].pods

    def list_to_mount(self) -> Iterator[VolumeToMount]:
        """Yield what is wanted; upstream's order is that of two maps, so that any may be."""
        for wanted in self.volumes.values():
            for pod, volume in wanted.pods.items():
                yield VolumeToMount(volume, pod, wanted.reported_in_use, wanted.size)

"""Volumes, and the plugin that a kubelet calls for them.

Source: `pkg/volume/plugins.go`, `pkg/volume/volume.go`, `pkg/volume/util/types/types.go`, v1.36.
"""

from dataclasses import dataclass
from typing import Protocol

from planespec.spec.quantity.quantity import Quantity

READ_WRITE_ONCE_POD = "ReadWriteOncePod"


class VolumeError(Exception):
    """A call of the plugin that has ended without success; the text is its message."""


class UncertainError(VolumeError):
    """A call whose end is not known: it may go on, as after a timeout."""


class TransientError(VolumeError):
    """A call that did not begin, and is worth a further try."""


@dataclass(slots=True, eq=False)
class Claim:
    """A claim to which volumes are bound."""

    capacity: Quantity
    """What its `status.capacity` says."""

    def mark_expanded(self, size: Quantity) -> None:
        """Say at the API server that the file system has grown to a size."""
        self.capacity = max(self.capacity, size)


@dataclass(frozen=True, slots=True, eq=False)
class PersistentVolume:
    """A volume with a file system, as it was read from the API server once."""

    name: str
    unique_name: str
    """`<plugin>/<name of the plugin's>`."""
    capacity: Quantity
    """What `spec.capacity` of the volume says."""
    claim: Claim
    """The claim to which it is bound."""
    access_modes: tuple[str, ...] = ("ReadWriteOnce",)

    @property
    def is_for_one_pod(self) -> bool:
        """Whether ReadWriteOncePod is its only access mode."""
        return self.access_modes == (READ_WRITE_ONCE_POD,)


class VolumePlugin(Protocol):
    """What a plugin does; calls raise VolumeError where they fail."""

    is_attachable: bool
    """Whether volumes are attached to nodes at all."""
    mounts_devices: bool
    """Whether volumes are mounted once for the node before they are for pods."""
    requires_remount: bool
    """Whether a mount is done anew when the pod changes."""
    expands_on_node: bool
    """Whether file systems are grown on the node."""

    def attach(self, volume: PersistentVolume) -> str:
        """Attach to this node; returns the path of the device."""

    def detach(self, volume: PersistentVolume) -> None:
        """Detach from this node."""

    def wait_for_attach(self, volume: PersistentVolume, device_path: str) -> str:
        """Wait until the device is there; returns its path."""

    def mount_device(self, volume: PersistentVolume, device_path: str) -> None:
        """Mount for the node (NodeStageVolume)."""

    def unmount_device(self, volume: PersistentVolume) -> None:
        """Unmount from the node (NodeUnstageVolume)."""

    def set_up(self, volume: PersistentVolume, pod: str) -> None:
        """Mount for a pod (NodePublishVolume)."""

    def tear_down(self, volume: PersistentVolume, pod: str) -> None:
        """Unmount from a pod (NodeUnpublishVolume)."""

    def expand(self, volume: PersistentVolume, size: Quantity) -> None:
        """Grow the file system (NodeExpandVolume)."""

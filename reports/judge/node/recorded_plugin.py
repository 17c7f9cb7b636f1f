"""The volume plugin of a recorder: upstream's fake plugin, and outcomes that steps set.

Source: `pkg/volume/testing/testing.go`, v1.36.
"""

from dataclasses import dataclass, field

from planespec.spec.node.volume_manager.volume_plugin import (
    Claim,
    PersistentVolume,
    TransientError,
    UncertainError,
    VolumeError,
)
from planespec.spec.objects.view import ObjectError
from planespec.spec.quantity.quantity import Quantity

_OUTCOMES: dict[str, VolumeError | None] = {
    "ok": None,
    "fail": VolumeError("mount failed"),
    "uncertain": UncertainError("timed out"),
    "transient": TransientError("try again"),
}


class RecordedClaim(Claim):
    """A claim of which the recorder's API server takes patches, and keeps none."""

    def mark_expanded(self, size: Quantity) -> None:
        """Leave it as it is."""


@dataclass(slots=True)
class RecordedPlugin:
    """A plugin for which some names of volumes mean that calls fail."""

    is_attachable: bool
    requires_remount: bool
    mounts_devices: bool = True
    expands_on_node: bool = True
    unmount_device_fails: bool = False
    outcome: VolumeError | None = None
    """How mounting for a pod ends, where the name of the volume does not say it."""
    tried: set[str] = field(default_factory=set)
    """Volumes for whose device a mount was tried."""

    def set_outcome(self, value: str, where: str) -> None:
        """Set how mounting for a pod ends; ObjectError for what is not known."""
        if value not in _OUTCOMES:
            raise ObjectError(where, f"{value!r} is none of {', '.join(_OUTCOMES)}")
        self.outcome = _OUTCOMES[value]

    def attach(self, volume: PersistentVolume) -> str:
        """Always attach."""
        return "/dev/vdb-test"

    def detach(self, volume: PersistentVolume) -> None:
        """Always detach."""

    def wait_for_attach(self, volume: PersistentVolume, device_path: str) -> str:
        """Find the device under another path."""
        return "/dev/sdb"

    def mount_device(self, volume: PersistentVolume, device_path: str) -> None:
        """Mount, or fail as the name says."""
        was_tried = volume.name in self.tried
        self.tried.add(volume.name)
        match volume.name:
            case "timeout-mount-device-volume":
                raise UncertainError("mount failed")
            case "fail-mount-device-volume-name":
                raise VolumeError(f"error mounting disk: {device_path}")
            case "timeout-and-fail-mount-device-name":
                if was_tried:
                    raise VolumeError(f"error mounting disk: {device_path}")
                raise UncertainError("timed out mounting error")
            case "success-and-failed-mount-device-name" if was_tried:
                raise VolumeError(f"error mounting disk: {device_path}")

    def unmount_device(self, volume: PersistentVolume) -> None:
        """Unmount, or find the device busy."""
        if self.unmount_device_fails:
            raise VolumeError("device busy")

    def set_up(self, volume: PersistentVolume, pod: str) -> None:
        """Mount, or fail as the name or the outcome says."""
        match volume.name:
            case "timeout-setup-volume":
                raise UncertainError("time out on setup")
            case "fail-setup-volume":
                raise VolumeError("mounting volume failed")
        if self.outcome is not None:
            raise self.outcome

    def tear_down(self, volume: PersistentVolume, pod: str) -> None:
        """Always unmount."""

    def expand(self, volume: PersistentVolume, size: Quantity) -> None:
        """Always grow."""

"""Volumes that are attached and mounted, as far as a kubelet knows (`actualStateOfWorld`).

Left out: SELinux contexts, and errors that volumes in use meet when they are expanded.
Source: `pkg/kubelet/volumemanager/cache/actual_state_of_world.go`, v1.36.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from planespec.spec.node.volume_manager.volume_plugin import PersistentVolume
from planespec.spec.quantity.quantity import ZERO, Quantity


class DeviceState(StrEnum):
    """Whether a volume is mounted for the node."""

    NOT_MOUNTED = "DeviceNotMounted"
    UNCERTAIN = "DeviceMountUncertain"
    MOUNTED = "DeviceGloballyMounted"


class MountState(StrEnum):
    """Whether a volume is mounted for a pod."""

    NOT_MOUNTED = "notMounted"
    UNCERTAIN = "uncertain"
    MOUNTED = "mounted"


class Want(StrEnum):
    """What a pod lacks of a volume that it wants."""

    ATTACH = "attach"
    MOUNT = "mount"
    REMOUNT = "remount"
    EXPAND = "expand"
    NOTHING = "nothing"


@dataclass(slots=True)
class MountedPod:
    """A pod for which a volume is mounted, or may be."""

    volume: PersistentVolume
    state: MountState
    requires_remount: bool = False


@dataclass(slots=True)
class AttachedVolume:
    """A volume that is attached, or needs no attaching."""

    volume: PersistentVolume
    is_attachable: bool
    device_path: str
    device: DeviceState = DeviceState.NOT_MOUNTED
    size: Quantity = ZERO
    """What it had when it was last looked at; zero where nobody looked."""
    pods: dict[str, MountedPod] = field(default_factory=dict)
    """By UID."""

    @property
    def may_be_mounted(self) -> bool:
        """Whether the volume has to be unmounted from the node before it is detached."""
        return self.device is not DeviceState.NOT_MOUNTED


@dataclass(slots=True)
class ActualVolumes:
    """What is there, by the unique name of the volume."""

    volumes: dict[str, AttachedVolume] = field(default_factory=dict)
    reconstructed: dict[str, set[str]] = field(default_factory=dict)
    """Volumes found on the disk after a restart, with the UIDs of the pods that had them."""

    # Attaching.

    def mark_attached(
        self, volume: PersistentVolume, device_path: str, *, is_attachable: bool
    ) -> None:
        """Say that a volume is attached; one that is known gets another device path."""
        held = self.volumes.get(volume.unique_name)
        if held is None:
            attached = AttachedVolume(volume, is_attachable, device_path)
            self.volumes[volume.unique_name] = attached
        else:
            held.device_path = device_path

    def mark_detached(self, name: str) -> None:
        """Forget a volume; nothing happens while pods have it."""
        held = self.volumes.get(name)
        if held is not None and not held.pods:
            del self.volumes[name]
            self.reconstructed.pop(name, None)

    def initialize_size(self, name: str, size: Quantity) -> None:
        """Say which size a volume has, unless that is known."""
        held = self.volumes.get(name)
        if held is not None and held.size.is_zero:
            held.size = size

    # Mounting.

    def get_device_state(self, name: str) -> DeviceState:
        """Return whether a volume is mounted for the node."""
        return self.volumes[name].device if name in self.volumes else DeviceState.NOT_MOUNTED

    def get_mount_state(self, name: str, pod: str) -> MountState:
        """Return whether a volume is mounted for a pod."""
        held = self.volumes.get(name)
        if held is None or pod not in held.pods:
            return MountState.NOT_MOUNTED
        return held.pods[pod].state

    def set_device_state(self, name: str, state: DeviceState, device_path: str = "") -> None:
        """Say whether a volume is mounted for the node; an empty path changes none."""
        held = self.volumes[name]
        held.device = state
        held.device_path = device_path or held.device_path

    def mark_pod(self, name: str, pod: str, volume: PersistentVolume, state: MountState) -> None:
        """Say that a volume is, or may be, mounted for a pod; no remount is due then."""
        self.volumes[name].pods[pod] = MountedPod(volume, state)
        if state is MountState.MOUNTED:
            self.reconstructed.get(name, set()).discard(pod)

    def delete_pod(self, name: str, pod: str) -> None:
        """Say that a volume is not mounted for a pod."""
        held = self.volumes.get(name)
        if held is not None:
            held.pods.pop(pod, None)
            self.reconstructed.get(name, set()).discard(pod)

    def mark_remount_required(self, pod: str) -> None:
        """Say that all volumes of a pod have to be mounted anew."""
        for held in self.volumes.values():
            if pod in held.pods:
                held.pods[pod].requires_remount = True

    def is_mounted_elsewhere(self, name: str, pod: str) -> bool:
        """Say whether another pod has the volume, or may have it."""
        held = self.volumes.get(name)
        return held is not None and any(other != pod for other in held.pods)

    # What was found after a restart.

    def reconstruct(self, volume: PersistentVolume, pod: str, *, mounts_devices: bool) -> None:
        """Add what the disk shows of a pod's volume; all of it is uncertain.

        Whether it is attachable, and its device path, come from the node's status later.
        """
        name = volume.unique_name
        held = self.volumes.setdefault(name, AttachedVolume(volume, False, ""))
        if mounts_devices and held.device is DeviceState.NOT_MOUNTED:
            held.device = DeviceState.UNCERTAIN
        if pod not in held.pods:
            held.pods[pod] = MountedPod(volume, MountState.UNCERTAIN)
            self.reconstructed.setdefault(name, set()).add(pod)

    def is_reconstructed(self, name: str, pod: str) -> bool:
        """Say whether a mount was found after a restart and is uncertain since."""
        is_uncertain = self.get_mount_state(name, pod) is MountState.UNCERTAIN
        return is_uncertain and pod in self.reconstructed.get(name, ())

    def is_device_reconstructed(self, name: str) -> bool:
        """Say whether a volume was found after a restart."""
        return name in self.reconstructed

    # What a pod lacks.

    def find_want(self, name: str, pod: str, size: Quantity, *, can_expand: bool) -> Want:
        """Return what a pod lacks of a volume that should have this size."""
        held = self.volumes.get(name)
        if held is None:
            return Want.ATTACH
        mounted = held.pods.get(pod)
        if mounted is None or mounted.state is MountState.UNCERTAIN:
            return Want.MOUNT
        if mounted.requires_remount:
            return Want.REMOUNT
        is_known = not held.size.is_zero and not size.is_zero
        if is_known and size > held.size and can_expand:
            return Want.EXPAND
        return Want.NOTHING

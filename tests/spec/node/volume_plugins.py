"""A volume, and a plugin that fails where it is told to, for tests of the volume manager."""

from dataclasses import dataclass, field

from planespec.spec.node.volume_manager.volume_plugin import (
    Claim,
    PersistentVolume,
    VolumeError,
)
from planespec.spec.quantity.parse import read_quantity
from planespec.spec.quantity.quantity import Quantity

GI = read_quantity("1Gi")
NAME = "plugin/v"


def make_volume(size: str = "1Gi", *modes: str) -> PersistentVolume:
    return PersistentVolume("v", NAME, read_quantity(size), Claim(GI), modes or ("ReadWriteOnce",))


@dataclass
class Plugin:
    """A plugin that fails where it is told to, and records its calls."""

    is_attachable: bool = True
    mounts_devices: bool = True
    requires_remount: bool = True
    expands_on_node: bool = True
    fails: dict[str, VolumeError] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fails:
            raise self.fails[name]

    def attach(self, volume: PersistentVolume) -> str:
        self.call("attach")
        return "/dev/a"

    def detach(self, volume: PersistentVolume) -> None:
        self.call("detach")

    def wait_for_attach(self, volume: PersistentVolume, device_path: str) -> str:
        self.call("wait")
        return device_path

    def mount_device(self, volume: PersistentVolume, device_path: str) -> None:
        self.call("stage")

    def unmount_device(self, volume: PersistentVolume) -> None:
        self.call("unstage")

    def set_up(self, volume: PersistentVolume, pod: str) -> None:
        self.call("publish")

    def tear_down(self, volume: PersistentVolume, pod: str) -> None:
        self.call("unpublish")

    def expand(self, volume: PersistentVolume, size: Quantity) -> None:
        self.call("expand")

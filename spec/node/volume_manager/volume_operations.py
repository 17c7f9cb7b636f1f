"""What operations on volumes do, and what they leave behind where they fail.

Each function returns what has to be done at the end of the operation: what is wanted was taken
when it began, what is there is looked at when it ends. Left out: block volumes, CSI migration, the
check of node affinity and mount options, recovery from failed expansion, and devices that others
hold open.
Source: `pkg/volume/util/operationexecutor/operation_generator.go`, `operation_executor.go`, v1.36.
"""

from collections.abc import Collection
from dataclasses import dataclass

from planespec.spec.node.volume_manager.actual_volumes import (
    ActualVolumes,
    DeviceState,
    MountState,
)
from planespec.spec.node.volume_manager.desired_volumes import VolumeToMount
from planespec.spec.node.volume_manager.pending_operations import OperationError, VolumeEvent
from planespec.spec.node.volume_manager.volume_plugin import (
    PersistentVolume,
    TransientError,
    UncertainError,
    VolumeError,
    VolumePlugin,
)

IN_USE_BY_ANOTHER = (
    "volume uses the ReadWriteOncePod access mode and is already in use by another pod"
)
NOT_IN_USE = "Volume has not been added to the list of VolumesInUse in the node's volume status"
FAILED_MOUNT, FAILED_ATTACH = "FailedMount", "FailedAttachVolume"
FAILED_RESIZE = "VolumeResizeFailed"


def is_final(error: VolumeError) -> bool:
    """Say whether the call has ended, so that nothing of it is left."""
    return not isinstance(error, (UncertainError, TransientError))


@dataclass(slots=True)
class VolumeOperations:
    """Operations of one node, over what is known to be there."""

    plugin: VolumePlugin
    actual: ActualVolumes
    node: str
    node_attached: dict[str, str]
    """`status.volumesAttached` of the node at the API server: device paths by unique name."""

    # Attaching and detaching, by the kubelet itself or by the controller.

    def attach(self, wanted: VolumeToMount) -> list[VolumeEvent]:
        """Attach a volume."""
        volume = wanted.volume
        try:
            device_path = self.plugin.attach(volume)
        except VolumeError as error:
            details = f'(UniqueName: "{volume.unique_name}") from node "{self.node}"'
            prefix = "AttachVolume.Attach failed"
            raise _fail(prefix, volume, details, str(error), FAILED_ATTACH) from error
        self._mark_attached(volume, device_path)
        text = f'AttachVolume.Attach succeeded for volume "{volume.name}" '
        return [VolumeEvent("Normal", "SuccessfulAttachVolume", text)]

    def verify_attached(self, wanted: VolumeToMount) -> list[VolumeEvent]:
        """Take note that the controller has attached a volume, or that none is needed."""
        volume = wanted.volume
        held = self.actual.volumes.get(volume.unique_name)
        size = volume.claim.capacity if held is None or held.size.is_zero else held.size
        if not self.plugin.is_attachable:
            self._mark_attached(volume, "")
        elif not wanted.reported_in_use:
            raise _fail_for_pod(NOT_IN_USE, wanted, "")
        elif volume.unique_name not in self.node_attached:
            raise _fail_for_pod("Volume not attached according to node status", wanted, "")
        else:
            self._mark_attached(volume, self.node_attached[volume.unique_name])
        self.actual.initialize_size(volume.unique_name, size)
        return []

    def detach(self, volume: PersistentVolume) -> list[VolumeEvent]:
        """Detach a volume."""
        try:
            self.plugin.detach(volume)
        except VolumeError as error:
            raise self._fail_on_node("DetachVolume.Detach failed", volume, error) from error
        self.actual.mark_detached(volume.unique_name)
        return []

    def _mark_attached(self, volume: PersistentVolume, device_path: str) -> None:
        is_attachable = self.plugin.is_attachable
        self.actual.mark_attached(volume, device_path, is_attachable=is_attachable)

    # Mounting.

    def mount(self, wanted: VolumeToMount, device_path: str) -> list[VolumeEvent]:
        """Mount a volume for the node where it is not, then for the pod, then grow it."""
        volume, name = wanted.volume, wanted.name
        if volume.is_for_one_pod and self.actual.is_mounted_elsewhere(name, wanted.pod):
            raise _fail_for_pod("MountVolume.SetUp failed", wanted, IN_USE_BY_ANOTHER)
        if self.plugin.is_attachable:
            device_path = self._wait_for_attach(wanted, device_path)
        is_mounted = self.actual.get_device_state(name) is DeviceState.MOUNTED
        if self.plugin.mounts_devices and not is_mounted:
            self._mount_device(wanted, device_path)
        try:
            self.plugin.set_up(volume, wanted.pod)
        except VolumeError as error:
            self._keep_mount_error(wanted, error)
            raise _fail_for_pod("MountVolume.SetUp failed", wanted, str(error)) from error
        events = self._expand_during_mount(wanted)
        self.actual.mark_pod(name, wanted.pod, volume, MountState.MOUNTED)
        return events

    def _wait_for_attach(self, wanted: VolumeToMount, device_path: str) -> str:
        try:
            return self.plugin.wait_for_attach(wanted.volume, device_path)
        except VolumeError as error:
            raise _fail_for_pod("MountVolume.WaitForAttach failed", wanted, str(error)) from error

    def _mount_device(self, wanted: VolumeToMount, device_path: str) -> None:
        try:
            self.plugin.mount_device(wanted.volume, device_path)
        except VolumeError as error:
            self._keep_device_error(wanted.name, device_path, error)
            raise _fail_for_pod("MountVolume.MountDevice failed", wanted, str(error)) from error
        self.actual.set_device_state(wanted.name, DeviceState.MOUNTED, device_path)

    def _keep_device_error(self, name: str, device_path: str, error: VolumeError) -> None:
        """An end that is known makes certain, one that is not known makes uncertain."""
        state = self.actual.get_device_state(name)
        if is_final(error) and state is DeviceState.UNCERTAIN:
            if not self.actual.is_device_reconstructed(name):
                self.actual.set_device_state(name, DeviceState.NOT_MOUNTED)
        elif isinstance(error, UncertainError) and state is DeviceState.NOT_MOUNTED:
            self.actual.set_device_state(name, DeviceState.UNCERTAIN, device_path)

    def _keep_mount_error(self, wanted: VolumeToMount, error: VolumeError) -> None:
        """Likewise of the pod; what was mounted before a remount stays so."""
        name, pod = wanted.name, wanted.pod
        state = self.actual.get_mount_state(name, pod)
        if is_final(error) and state is MountState.UNCERTAIN:
            if not self.actual.is_reconstructed(name, pod):
                self.actual.delete_pod(name, pod)
        elif isinstance(error, UncertainError) and state is MountState.NOT_MOUNTED:
            self.actual.mark_pod(name, pod, wanted.volume, MountState.UNCERTAIN)

    # Growing.

    def _expand_during_mount(self, wanted: VolumeToMount) -> list[VolumeEvent]:
        volume = wanted.volume
        if not self.plugin.expands_on_node or volume.claim.capacity >= volume.capacity:
            return []
        try:
            self.plugin.expand(volume, volume.capacity)
        except VolumeError as error:
            self.actual.mark_pod(wanted.name, wanted.pod, volume, MountState.UNCERTAIN)
            prefix = "MountVolume.Setup failed while expanding volume"
            raise _fail_for_pod(prefix, wanted, str(error)) from error
        volume.claim.mark_expanded(volume.capacity)
        return _tell_expanded(volume)

    def expand_in_use(self, wanted: VolumeToMount) -> list[VolumeEvent]:
        """Grow the file system of a volume that a pod uses."""
        volume = wanted.volume
        try:
            self.plugin.expand(volume, wanted.size)
        except VolumeError as error:
            prefix = "NodeExpandVolume.NodeExpandVolume failed"
            raise _fail_for_pod(prefix, wanted, str(error), FAILED_RESIZE) from error
        volume.claim.mark_expanded(wanted.size)
        if wanted.name in self.actual.volumes:
            self.actual.volumes[wanted.name].size = wanted.size
        return _tell_expanded(volume)

    # Unmounting.

    def unmount(self, volume: PersistentVolume, pod: str) -> list[VolumeEvent]:
        """Unmount a volume from a pod; a failure leaves the mount uncertain."""
        name = volume.unique_name
        try:
            self.plugin.tear_down(volume, pod)
        except VolumeError as error:
            self.actual.mark_pod(name, pod, volume, MountState.UNCERTAIN)
            details = f'(UniqueName: "{name}") pod "{pod}" (UID: "{pod}")'
            prefix = "UnmountVolume.TearDown failed"
            raise _fail(prefix, volume, details, str(error), "") from error
        self.actual.delete_pod(name, pod)
        return []

    def unmount_device(self, volume: PersistentVolume) -> list[VolumeEvent]:
        """Unmount a volume from the node; a failure leaves it uncertain."""
        name = volume.unique_name
        try:
            self.plugin.unmount_device(volume)
        except VolumeError as error:
            self.actual.set_device_state(name, DeviceState.UNCERTAIN)
            raise self._fail_on_node("UnmountDevice failed", volume, error) from error
        self.actual.set_device_state(name, DeviceState.NOT_MOUNTED)
        return []

    def _fail_on_node(
        self, prefix: str, volume: PersistentVolume, error: VolumeError
    ) -> OperationError:
        details = f'(UniqueName: "{volume.unique_name}") on node "{self.node}"'
        return _fail(prefix, volume, details, str(error), "")


def find_attach_refusal(
    wanted: VolumeToMount, plugin: VolumePlugin, cached_attached: Collection[str]
) -> str:
    """Return why it is not worth asking whether a volume is attached; empty where it is."""
    if plugin.is_attachable and wanted.name not in cached_attached:
        return f"volume {wanted.name} is not yet in node's status"
    return ""


def _tell_expanded(volume: PersistentVolume) -> list[VolumeEvent]:
    """The pod is told, and the claim."""
    text = f'MountVolume.NodeExpandVolume succeeded for volume "{volume.name}" '
    return [VolumeEvent("Normal", "FileSystemResizeSuccessful", text)] * 2


def _fail_for_pod(
    prefix: str, wanted: VolumeToMount, error: str, reason: str = FAILED_MOUNT
) -> OperationError:
    details = f'(UniqueName: "{wanted.name}") pod "{wanted.pod}" (UID: "{wanted.pod}")'
    return _fail(prefix, wanted.volume, details, error, reason)


def _fail(
    prefix: str, volume: PersistentVolume, details: str, error: str, reason: str
) -> OperationError:
    suffix = f": {error}" if error else ""
    simple = f'{prefix} for volume "{volume.name}" {suffix}'
    detailed = f'{prefix} for volume "{volume.name}" {details} {suffix}'
    return OperationError(simple, detailed, reason)

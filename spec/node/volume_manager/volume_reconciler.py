"""The reconciler of a kubelet's volume manager: from what is there to what is wanted.

A step machine: `reconcile` starts operations, and whoever steps it finishes them. Left out:
back-off, orphaned directories that could not be reconstructed, metrics.
Source: `pkg/kubelet/volumemanager/reconciler/reconciler.go`, `reconciler_common.go`,
`reconstruct.go`, v1.36.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from planespec.spec.node.volume_manager.actual_volumes import ActualVolumes, Want
from planespec.spec.node.volume_manager.desired_volumes import DesiredVolumes, VolumeToMount
from planespec.spec.node.volume_manager.pending_operations import (
    PendingOperations,
    VolumeEvent,
    VolumeOperation,
)
from planespec.spec.node.volume_manager.volume_operations import (
    VolumeOperations,
    find_attach_refusal,
)
from planespec.spec.node.volume_manager.volume_plugin import PersistentVolume, VolumePlugin

Order = Callable[[Iterable[VolumeToMount]], Iterable[VolumeToMount]]
"""In which order pods are served: any may be, as upstream walks maps."""


@dataclass(frozen=True, slots=True)
class VolumeCall:
    """An operation that was asked for."""

    kind: str
    volume: str
    pod: str = ""
    refused: str = ""
    """Why it was not even begun; one in whose way another runs is not told at all."""


@dataclass(slots=True)
class VolumeReconciler:
    """The volumes of one node."""

    plugin: VolumePlugin
    node: str
    controller_attaches: bool = True
    """Whether the attach-detach controller attaches, and not the kubelet."""
    populator_has_added_pods: bool = True
    """Whether all pods have told what they want, once since the start."""
    desired: DesiredVolumes = field(default_factory=DesiredVolumes)
    actual: ActualVolumes = field(default_factory=ActualVolumes)
    pending: PendingOperations = field(default_factory=PendingOperations)
    node_attached: dict[str, str] = field(default_factory=dict)
    """`status.volumesAttached` of the node at the API server: device paths by unique name."""
    cached_attached: set[str] = field(default_factory=set)
    """Unique names in what the kubelet has of that status in its cache."""
    needs_node_status: list[str] = field(default_factory=list)
    """Volumes found after a restart, of which the node's status was not read yet."""
    needs_report: list[str] = field(default_factory=list)
    """Those of which the kubelet has to act as if they were reported in use."""
    operations: VolumeOperations = field(init=False)

    def __post_init__(self) -> None:
        """Make operations over what is there."""
        self.operations = VolumeOperations(self.plugin, self.actual, self.node, self.node_attached)

    def finish(self, operation: VolumeOperation) -> list[VolumeEvent]:
        """Finish a running operation; OperationError where it fails."""
        return self.pending.finish(operation)

    # After a restart.

    def reconstruct(self, found: Iterable[tuple[PersistentVolume, str]]) -> None:
        """Begin with the volumes and pods whose directories are on the disk."""
        for volume, pod in found:
            mounts_devices = self.plugin.mounts_devices
            self.actual.reconstruct(volume, pod, mounts_devices=mounts_devices)
            if volume.unique_name not in self.needs_node_status:
                self.needs_node_status.append(volume.unique_name)
        self.needs_report = list(self.needs_node_status)

    def read_node_status(self) -> None:
        """Take attachability and device paths of what was found from the node's status.

        Volumes that are not listed there are not attachable, as far as this kubelet knows.
        """
        for name in self.needs_node_status:
            held = self.actual.volumes.get(name)
            if held is not None:
                held.is_attachable = name in self.node_attached
                if held.may_be_mounted:
                    held.device_path = self.node_attached.get(name, held.device_path)
        self.needs_node_status = []

    # One round.

    def reconcile(self, order: Order = iter) -> list[VolumeCall]:
        """Start what can be started now, in upstream's order; returns what was asked for."""
        may_unmount = self.populator_has_added_pods and not self.needs_node_status
        calls: list[VolumeCall] = []
        if may_unmount:
            calls += self._unmount_volumes()
        for wanted in order(self.desired.list_to_mount()):
            calls += self._serve(wanted)
        if may_unmount:
            calls += self._unmount_devices()
        if self.needs_node_status:
            self.read_node_status()
        if self.needs_report and self.populator_has_added_pods:
            self.desired.mark_reported_in_use(self.needs_report)
            self.needs_report = []
        return calls

    def _unmount_volumes(self) -> list[VolumeCall]:
        calls = []
        for name, held in self.actual.volumes.items():
            for pod, mounted in held.pods.items():
                if not self.desired.has_pod(pod, name):
                    run = partial(self.operations.unmount, mounted.volume, pod)
                    calls += self._start("unmount", name, pod, run, is_for_pod=True)
        return calls

    def _serve(self, wanted: VolumeToMount) -> list[VolumeCall]:
        """Start what one pod lacks of one volume."""
        name, pod = wanted.name, wanted.pod
        can_expand = self.plugin.expands_on_node
        want = self.actual.find_want(name, pod, wanted.size, can_expand=can_expand)
        match want:
            case Want.ATTACH:
                return self._get_attached(wanted)
            case Want.MOUNT | Want.REMOUNT:
                device_path = self.actual.volumes[name].device_path
                run = partial(self.operations.mount, wanted, device_path)
                is_for_pod = not (self.plugin.is_attachable or self.plugin.mounts_devices)
                calls = self._start("mount", name, pod, run, is_for_pod=is_for_pod)
                return [VolumeCall(want.value, name, pod) for _ in calls]
            case Want.EXPAND:
                run = partial(self.operations.expand_in_use, wanted)
                return self._start("expandInUse", name, pod, run)
        return []

    def _get_attached(self, wanted: VolumeToMount) -> list[VolumeCall]:
        if not self.controller_attaches and self.plugin.is_attachable:
            return self._start("attach", wanted.name, "", partial(self.operations.attach, wanted))
        if self.plugin.is_attachable and not wanted.reported_in_use:
            return []
        refused = find_attach_refusal(wanted, self.plugin, self.cached_attached)
        if refused:
            return [VolumeCall("verifyAttached", wanted.name, wanted.pod, refused)]
        run = partial(self.operations.verify_attached, wanted)
        return self._start("verifyAttached", wanted.name, wanted.pod, run)

    def _unmount_devices(self) -> list[VolumeCall]:
        """Unmount from the node, or detach, what no pod has or wants and on which nothing runs."""
        calls = []
        for name, held in list(self.actual.volumes.items()):
            if held.pods or name in self.desired.volumes or self.pending.is_pending(name):
                continue
            if held.may_be_mounted:
                run = partial(self.operations.unmount_device, held.volume)
                calls += self._start("unmountDevice", name, "", run)
            elif self.controller_attaches or not held.is_attachable:
                self.actual.mark_detached(name)
            else:
                run = partial(self.operations.detach, held.volume)
                calls += self._start("detach", name, "", run)
        return calls

    def _start(
        self,
        kind: str,
        name: str,
        pod: str,
        run: Callable[[], list[VolumeEvent]],
        *,
        is_for_pod: bool = False,
    ) -> list[VolumeCall]:
        operation = VolumeOperation(kind, name, pod, is_for_pod, run)
        return [VolumeCall(kind, name, pod)] if self.pending.start(operation) else []

"""The node service of the CSI host path driver: stage, publish and back.

Each function takes the driver and a request in proto3 JSON, and returns the response likewise or
raises CsiError. Source: kubernetes-csi/csi-driver-host-path v1.18, `pkg/hostpath/nodeserver.go`
and `healthcheck.go`. Left out: mounts that fail, and target paths whose parent is not there.
"""

from planespec.spec.objects.view import View
from planespec.spec.storage.hostpath_controller import Response, demand, get_volume_again, refuse
from planespec.spec.storage.hostpath_host import (
    KIND,
    MEBIBYTE,
    Host,
    MountPoint,
    leave_out_zeros,
    print_int64,
    print_list,
    quote,
)
from planespec.spec.storage.hostpath_records import (
    BLOCK_ACCESS,
    MOUNT_ACCESS,
    CsiError,
    HostVolume,
)

EPHEMERAL = "csi.storage.k8s.io/ephemeral"
"""The volume context by which a kubelet asks for an inline volume."""
INLINE_SIZE = 100 * MEBIBYTE
"""Bytes of an inline volume, whatever is asked for."""
_SINGLE_WRITER = "SINGLE_NODE_SINGLE_WRITER"


def publish(host: Host, request: View) -> Response:
    """NodePublishVolume: mount a staged volume at a path; an inline one is made first.

    What is mounted at the path already counts as this volume, whatever it is.
    """
    capability = request.view("volumeCapability")
    if not request.has("volumeCapability"):
        raise refuse("Volume capability missing in request")
    volume_id, target = demand(
        request,
        volumeId="Volume ID missing in request",
        targetPath="Target path missing in request",
    )
    if capability.has("block") and capability.has("mount"):
        raise refuse("cannot have both block and mount access type")
    asked = request.text_map("volumeContext").get(EPHEMERAL, "")
    inline = asked == "true" or (not asked and host.config.ephemeral)
    if inline:
        _make_inline(host, volume_id, request.text_map("volumeContext").get(KIND, ""))
    volume = get_volume_again(host, volume_id)
    _check_publish(volume, request, inline=inline)
    if _mount(host, volume, request):
        volume.node_id = host.config.node_id
        volume.published = [*(volume.published or ()), target]
        host.records.save()
    return {}


def _make_inline(host: Host, volume_id: str, kind: str) -> None:
    name = f"ephemeral-{volume_id}"
    if host.records.find_volume(name) is None:
        host.create_volume(volume_id, name, INLINE_SIZE, MOUNT_ACCESS, True, kind)


def _check_publish(volume: HostVolume, request: View, *, inline: bool) -> None:
    target, staging = request.text("targetPath"), request.text("stagingTargetPath")
    mode = request.view("volumeCapability").view("accessMode").text("mode")
    if mode == _SINGLE_WRITER and any(each != target for each in volume.published or ()):
        message = f"volume uses {_SINGLE_WRITER} access mode and is already mounted at a different"
        raise CsiError("FAILED_PRECONDITION", f"{message} target path")
    if inline:
        return
    if not volume.staged:
        message = f"volume {quote(volume.id)} must be staged before publishing"
        raise CsiError("FAILED_PRECONDITION", message)
    if staging not in volume.staged:
        paths = f"{print_list(volume.staged)}, not {quote(staging)}"
        raise refuse(f"volume {quote(volume.id)} was staged at {paths}")


def _mount(host: Host, volume: HostVolume, request: View) -> bool:
    """Mount what the capability asks for; False where something is mounted there already."""
    capability, target = request.view("volumeCapability"), request.text("targetPath")
    if capability.has("block"):
        if volume.access != BLOCK_ACCESS:
            raise refuse("cannot publish a non-block volume as block volume")
        mounted = MountPoint(is_device=True, mode="rw")
    elif capability.has("mount"):
        if volume.access != MOUNT_ACCESS:
            raise refuse("cannot publish a non-mount volume as mount volume")
        mounted = MountPoint(is_device=False, mode="ro" if request.flag("readonly") else "rw")
    else:
        return True
    if target in host.mounts:
        return False
    host.mounts[target] = mounted
    return True


def unpublish(host: Host, request: View) -> Response:
    """NodeUnpublishVolume: unmount a path at which the volume is published; an inline one goes."""
    volume_id, target = demand(
        request,
        volumeId="Volume ID missing in request",
        targetPath="Target path missing in request",
    )
    volume = host.records.get_volume(volume_id)
    if target not in (volume.published or ()):
        return {}
    host.mounts.pop(target, None)
    if volume.ephemeral:
        host.delete_volume(volume_id)
    else:
        volume.published = list(volume.published or ())
        volume.published.remove(target)
        host.records.save()
    return {}


def _read_staging(request: View) -> tuple[str, ...]:
    """The volume and its staging path."""
    return demand(
        request,
        volumeId="Volume ID missing in request",
        stagingTargetPath="Target path missing in request",
    )


def stage(host: Host, request: View) -> Response:
    """NodeStageVolume: note the staging path; a volume has one."""
    volume_id, path = _read_staging(request)
    if not request.has("volumeCapability"):
        raise refuse("Volume Capability missing in request")
    volume = host.records.get_volume(volume_id)
    if host.config.enable_attach and not volume.attached:
        message = f"ControllerPublishVolume must be called on volume '{volume.id}'"
        raise CsiError("INTERNAL", f"{message} before staging on node")
    if path in (volume.staged or ()):
        return {}
    if volume.staged:
        message = f"volume {quote(volume_id)} is already staged at {print_list(volume.staged)}"
        raise CsiError("FAILED_PRECONDITION", message)
    volume.staged = [path]
    host.records.save()
    return {}


def unstage(host: Host, request: View) -> Response:
    """NodeUnstageVolume: forget the staging path, unless the volume is published."""
    volume_id, path = _read_staging(request)
    volume = host.records.get_volume(volume_id)
    if path not in (volume.staged or ()):
        return {}
    if volume.published:
        paths = f"[{' '.join(map(quote, volume.published))}] on node {quote(volume.node_id)}"
        message = f"volume {quote(volume.id)} is still published at {paths}"
        raise CsiError("INTERNAL", message)
    volume.staged = [each for each in volume.staged or () if each != path]
    host.records.save()
    return {}


def expand(host: Host, request: View) -> Response:
    """NodeExpandVolume: checks what is mounted at the path, and changes nothing."""
    if not host.config.enable_expansion:
        raise CsiError("UNIMPLEMENTED", "NodeExpandVolume is not supported")
    (volume_id,) = demand(request, volumeId="Volume ID not provided")
    volume = host.records.get_volume(volume_id)
    (path,) = demand(request, volumePath="Volume path not provided")
    if not request.has("capacityRange"):
        raise refuse("Capacity range not provided")
    size = request.view("capacityRange").int64("requiredBytes")
    if size > host.config.max_expansion_on_node:
        largest = host.config.max_expansion_on_node
        message = f"Requested capacity {size} exceeds maximum allowed {largest}"
        raise CsiError("OUT_OF_RANGE", message)
    mounted = host.mounts.get(path)
    if mounted is None:
        raise refuse(f"Could not get file information from {_describe_absence(path)}")
    if mounted.is_device != (volume.access == BLOCK_ACCESS):
        kind = "a block device" if mounted.is_device else "a directory"
        raise refuse(f"Volume {volume_id} is not {kind}")
    return {}


def _describe_absence(path: str) -> str:
    return f"{path}: stat {path}: no such file or directory"


def get_stats(host: Host, request: View) -> Response:
    """NodeGetVolumeStats, without `usage`: that is the host's file system, whatever is mounted.

    The condition is abnormal outside `/var/lib/kubelet/pods`, where alone the driver looks.
    """
    volume_id, path = demand(
        request, volumeId="Volume ID not provided", volumePath="Volume Path not provided"
    )
    host.records.get_volume(volume_id)
    if path not in host.mounts:
        message = f"Could not get file information from {_describe_absence(path)}"
        raise CsiError("NOT_FOUND", message)
    return {"volumeCondition": {"abnormal": True, "message": "The volume isn't mounted"}}


def get_info(host: Host, request: View) -> Response:
    """NodeGetInfo."""
    del request
    most = host.config.attach_limit or host.config.max_volumes_per_node
    told = {
        "nodeId": host.config.node_id,
        "maxVolumesPerNode": print_int64(most),
        "accessibleTopology": host.config.topology,
    }
    return leave_out_zeros(told)


def get_node_capabilities(host: Host, request: View) -> Response:
    """NodeGetCapabilities."""
    del request
    return {"capabilities": [{"rpc": {"type": name}} for name in host.config.node_capabilities]}

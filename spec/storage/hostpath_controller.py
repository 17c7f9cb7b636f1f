"""The controller service of the CSI host path driver: its calls about volumes.

Each function takes the driver and a request in proto3 JSON, and returns the response likewise or
raises CsiError. Source: kubernetes-csi/csi-driver-host-path v1.18,
`pkg/hostpath/controllerserver.go`.
"""

from collections.abc import Sequence

from planespec.spec.objects.view import View
from planespec.spec.storage.hostpath_host import (
    KIND,
    Host,
    leave_out_zeros,
    print_int64,
    print_list,
)
from planespec.spec.storage.hostpath_records import (
    BLOCK_ACCESS,
    MOUNT_ACCESS,
    CsiError,
    HostVolume,
)

Response = dict[str, object]


def refuse(message: str) -> CsiError:
    """Return the error of a bad argument."""
    return CsiError("INVALID_ARGUMENT", message)


def demand(request: View, /, **missing: str) -> tuple[str, ...]:
    """Read texts that a request must have; where one is empty, CsiError with its message."""
    values = tuple(map(request.text, missing))
    for value, message in zip(values, missing.values(), strict=True):
        if not value:
            raise refuse(message)
    return values


def create_volume(host: Host, request: View) -> Response:
    """CreateVolume: by name; the same name gets the volume that is there, if its size will do."""
    host.need_controller("CREATE_DELETE_VOLUME")
    parameters = request.text_map("mutableParameters")
    if parameters:
        host.need_controller("MODIFY_VOLUME")
        _check_mutable(host, parameters)
    (name,) = demand(request, name="Name missing in request")
    access = _read_access(request.views("volumeCapabilities"))
    size, limit = _read_range(request.view("capacityRange"))
    volume = host.records.find_volume(name)
    if volume is not None:
        _check_same(volume, request, size, limit)
        return _answer_created(host, request, volume.id, volume.size)
    volume_id = host.ids.make("v")
    try:
        kind = request.text_map("parameters").get(KIND, "")
        volume = host.create_volume(volume_id, name, size, access, False, kind)
        _fill(host, request, volume, size)
    except CsiError:
        host.delete_volume(volume_id)
        host.ids.take_back(volume_id)
        raise
    return _answer_created(host, request, volume_id, size)


def _read_access(capabilities: Sequence[View]) -> int:
    if not capabilities:
        raise refuse("Volume Capabilities missing in request")
    block = any(each.has("block") for each in capabilities)
    if block and any(each.has("mount") for each in capabilities):
        raise refuse("cannot have both block and mount access type")
    return BLOCK_ACCESS if block else MOUNT_ACCESS


def _read_range(capacity: View) -> tuple[int, int]:
    size, limit = capacity.int64("requiredBytes"), capacity.int64("limitBytes")
    if size < 0 or limit < 0:
        raise refuse("cannot have negative capacity")
    if limit > 0 and size > limit:
        raise refuse("capacity cannot exceed limit")
    return size or limit, limit


def _check_same(volume: HostVolume, request: View, size: int, limit: int) -> None:
    """Raise CsiError unless the volume of that name is what is asked for.

    Only size and source count. The driver never stores the parents of a volume, so that any
    snapshot passes and no volume does.
    """
    if volume.size < size or (limit > 0 and volume.size > limit):
        message = f"Volume with the same name: {volume.name} but with different size already exist"
        raise CsiError("ALREADY_EXISTS", message)
    if not request.has("volumeContentSource"):
        return
    source = request.view("volumeContentSource")
    if source.has("volume"):
        if source.view("volume").text("volumeId"):
            raise CsiError("ALREADY_EXISTS", "existing volume source volume id not matching")
    elif not source.has("snapshot"):
        raise refuse(" not a proper volume source")


def _fill(host: Host, request: View, volume: HostVolume, size: int) -> None:
    if not request.has("volumeContentSource"):
        return
    source = request.view("volumeContentSource")
    if source.has("snapshot"):
        host.load_snapshot(size, source.view("snapshot").text("snapshotId"), volume)
    elif source.has("volume"):
        host.load_volume(size, source.view("volume").text("volumeId"), volume)
    else:
        raise refuse(" not a proper volume source")


def _answer_created(host: Host, request: View, volume_id: str, size: int) -> Response:
    topology = host.config.topology
    source = request.view("volumeContentSource")
    told = {
        kind: leave_out_zeros(source.view(kind).data)
        for kind in ("snapshot", "volume")
        if source.has(kind)
    }
    volume = {
        "volumeId": volume_id,
        "capacityBytes": print_int64(size),
        "volumeContext": request.text_map("parameters") or None,
        "contentSource": told if request.has("volumeContentSource") else None,
        "accessibleTopology": [topology] if topology else None,
    }
    return {"volume": leave_out_zeros(volume)}


def delete_volume(host: Host, request: View) -> Response:
    """DeleteVolume: a volume that is not there is gone; one in use only goes unchecked."""
    (volume_id,) = demand(request, volumeId="Volume ID missing in request")
    host.need_controller("CREATE_DELETE_VOLUME")
    volume = next((each for each in host.records.volumes if each.id == volume_id), None)
    if volume is None:
        return {}
    if host.config.check_lifecycle and (volume.attached or volume.is_used):
        raise CsiError("INTERNAL", _describe_use(volume, f"attached: {_lower(volume.attached)}, "))
    host.delete_volume(volume_id)
    return {}


def _lower(flag: bool) -> str:
    return "true" if flag else "false"


def _describe_use(volume: HostVolume, attached: str = "") -> str:
    paths = f"staged: {print_list(volume.staged)}, published: {print_list(volume.published)}"
    return f"Volume '{volume.id}' is still used ({attached}{paths}) by '{volume.node_id}' node"


def controller_publish(host: Host, request: View) -> Response:
    """ControllerPublishVolume: attach a volume to the node of the driver."""
    if not host.config.enable_attach:
        raise CsiError("UNIMPLEMENTED", "ControllerPublishVolume is not supported")
    own = host.config.node_id
    volume_id, node_id = demand(
        request, volumeId="Volume ID cannot be empty", nodeId="Node ID cannot be empty"
    )
    if not request.has("volumeCapability"):
        raise refuse("Volume Capabilities cannot be empty")
    if node_id != own:
        message = f"Not matching Node ID {node_id} to hostpath Node ID {own}"
        raise CsiError("NOT_FOUND", message)
    volume = get_volume_again(host, volume_id)
    if volume.attached:
        if request.flag("readonly") != volume.read_only_attach:
            message = "Volume published but has incompatible readonly flag"
            raise CsiError("ALREADY_EXISTS", message)
        return {}
    if 0 < host.config.attach_limit <= sum(each.attached for each in host.records.volumes):
        message = f"Cannot attach any more volumes to this node ('{own}')"
        raise CsiError("RESOURCE_EXHAUSTED", message)
    volume.attached, volume.read_only_attach = True, request.flag("readonly")
    host.records.save()
    return {}


def get_volume_again(host: Host, volume_id: str) -> HostVolume:
    """Return a volume; the CsiError says NOT_FOUND twice, as where upstream wraps the error."""
    try:
        return host.records.get_volume(volume_id)
    except CsiError as error:
        raise CsiError("NOT_FOUND", str(error)) from error


def controller_unpublish(host: Host, request: View) -> Response:
    """ControllerUnpublishVolume: detach a volume; one that is not there is detached."""
    if not host.config.enable_attach:
        raise CsiError("UNIMPLEMENTED", "ControllerUnpublishVolume is not supported")
    node_id, own = request.text("nodeId"), host.config.node_id
    (volume_id,) = demand(request, volumeId="Volume ID cannot be empty")
    if node_id not in ("", own):
        message = f"Node ID {node_id} does not match to expected Node ID {own}"
        raise CsiError("NOT_FOUND", message)
    volume = next((each for each in host.records.volumes if each.id == volume_id), None)
    if volume is None:
        return {}
    if volume.is_used and host.config.check_lifecycle:
        raise CsiError("INTERNAL", _describe_use(volume))
    volume.attached = False
    host.records.save()
    return {}


def modify_volume(host: Host, request: View) -> Response:
    """ControllerModifyVolume: says whether it could be modified, and changes nothing."""
    host.need_controller("MODIFY_VOLUME")
    (volume_id,) = demand(request, volumeId="Volume ID cannot be empty")
    parameters = request.text_map("mutableParameters")
    if not parameters:
        raise refuse("Mutable parameters cannot be empty")
    _check_mutable(host, parameters)
    get_volume_again(host, volume_id)
    return {}


def _check_mutable(host: Host, parameters: dict[str, str]) -> None:
    """Raise CsiError for names that are not accepted, in the order in which they are given."""
    accepted = host.config.mutable_parameters
    unknown = [name for name in parameters if name not in accepted]
    if accepted and unknown:
        raise refuse(f"invalid parameters: {print_list(unknown)}")


def expand_volume(host: Host, request: View) -> Response:
    """ControllerExpandVolume: make a volume larger; it never becomes smaller."""
    if not host.config.enable_expansion:
        raise CsiError("UNIMPLEMENTED", "ControllerExpandVolume is not supported")
    (volume_id,) = demand(request, volumeId="Volume ID missing in request")
    if not request.has("capacityRange"):
        raise refuse("Capacity range not provided")
    size, largest = (
        request.view("capacityRange").int64("requiredBytes"),
        host.config.max_volume_size,
    )
    if size > largest:
        message = f"Requested capacity {size} exceeds maximum allowed {largest}"
        raise CsiError("OUT_OF_RANGE", message)
    volume = host.records.get_volume(volume_id)
    if volume.size < size:
        volume.size = size
        host.records.save()
    required = not host.config.disable_node_expansion
    answer = {"capacityBytes": print_int64(volume.size), "nodeExpansionRequired": required}
    return leave_out_zeros(answer)

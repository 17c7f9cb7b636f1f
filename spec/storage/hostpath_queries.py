"""What the controller service of the CSI host path driver tells, and what it confirms.

Each function takes the driver and a request in proto3 JSON, and returns the response likewise or
raises CsiError. Source: kubernetes-csi/csi-driver-host-path v1.18,
`pkg/hostpath/controllerserver.go` and `healthcheck.go`.
"""

import re

from planespec.spec.objects.view import View
from planespec.spec.quantity import ZERO
from planespec.spec.storage.hostpath_controller import Response, demand, refuse
from planespec.spec.storage.hostpath_host import KIND, Host, leave_out_zeros, print_int64
from planespec.spec.storage.hostpath_records import CsiError, DriverPanicError, HostVolume

_SIGNED = re.compile(r"[+-]?[0-9]+")


def validate_capabilities(host: Host, request: View) -> Response:
    """ValidateVolumeCapabilities: every capability with an access type is confirmed."""
    (volume_id,) = demand(request, volumeId="Volume ID cannot be empty")
    capabilities = request.views("volumeCapabilities")
    if not capabilities:
        raise refuse(volume_id)
    host.records.get_volume(volume_id)
    if not all(each.has("mount") or each.has("block") for each in capabilities):
        raise refuse("cannot have both mount and block access type be undefined")
    confirmed = {
        "volumeContext": request.text_map("volumeContext") or None,
        "volumeCapabilities": [_repeat_capability(each) for each in capabilities],
        "parameters": request.text_map("parameters") or None,
    }
    return {"confirmed": leave_out_zeros(confirmed)}


def _repeat_capability(capability: View) -> dict[str, object]:
    """Return a capability as proto3 JSON writes it again."""
    parts: dict[str, object] = {}
    for name in ("mount", "block", "accessMode"):
        if capability.has(name):
            parts[name] = leave_out_zeros(capability.view(name).data)
    mode = parts.get("accessMode")
    if isinstance(mode, dict) and mode.get("mode") == "UNKNOWN":
        del mode["mode"]
    return parts


def get_capacity(host: Host, request: View) -> Response:
    """GetCapacity: what is left of a kind of storage, else the largest size of a volume."""
    available = largest = host.config.max_volume_size
    if host.config.capacity:
        kind = request.text_map("parameters").get(KIND, "")
        available = host.config.capacity.get(kind, ZERO).value - host.sum_sizes(kind)
    capacity = {"availableCapacity": print_int64(available)}
    # The other two are messages of their own, which proto3 JSON writes though they be zero.
    sizes = {"maximumVolumeSize": str(min(largest, available)), "minimumVolumeSize": "0"}
    return leave_out_zeros(capacity) | sizes


def list_volumes(host: Host, request: View) -> Response:
    """ListVolumes: volumes by id from the token on, which counts from 1.

    `maxEntries` is where the list ends, not how long it is. Raises DriverPanicError for a token
    below 1, at which the driver reads before its list.
    """
    volumes = sorted(host.records.volumes, key=lambda each: host.ids.order(each.id))
    token = request.text("startingToken") or "1"
    if not _SIGNED.fullmatch(token) or not -(1 << 31) <= int(token) < 1 << 31:
        raise CsiError("ABORTED", "The type of startingToken should be integer")
    if int(token) < 1:
        raise DriverPanicError(f"index out of range [{int(token) - 1}]")
    most = request.integer("maxEntries") or 0
    if most > len(volumes) or most <= 0:
        most = len(volumes)
    entries = [_describe_volume(each) for each in volumes[int(token) - 1 : most]]
    return leave_out_zeros({"entries": entries})


def _describe_volume(volume: HostVolume) -> Response:
    """Return a volume and its status; its health is that of the host's file system."""
    told = {"volumeId": volume.id, "capacityBytes": print_int64(volume.size)}
    status: Response = {"publishedNodeIds": [volume.node_id], "volumeCondition": {}}
    return {"volume": leave_out_zeros(told), "status": status}


def get_volume(host: Host, request: View) -> Response:
    """ControllerGetVolume: a volume that is not there is abnormal, and no error."""
    volume_id = request.text("volumeId")
    try:
        return _describe_volume(host.records.get_volume(volume_id))
    except CsiError as error:
        condition = {"abnormal": True, "message": str(error)}
        volume = leave_out_zeros({"volumeId": volume_id})
        return {"volume": volume, "status": {"volumeCondition": condition}}


def get_capabilities(host: Host, request: View) -> Response:
    """ControllerGetCapabilities."""
    del request
    names = host.config.controller_capabilities
    return leave_out_zeros({"capabilities": [{"rpc": {"type": name}} for name in names]})

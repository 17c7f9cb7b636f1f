"""Snapshots of the CSI host path driver, alone and in groups.

Each function takes the driver and a request in proto3 JSON, and returns the response likewise or
raises CsiError. Source: kubernetes-csi/csi-driver-host-path v1.18,
`pkg/hostpath/controllerserver.go`, `groupcontrollerserver.go` and `options.go`.
"""

import re

from planespec.spec.objects.view import View
from planespec.spec.storage.hostpath_controller import Response, demand, refuse
from planespec.spec.storage.hostpath_host import Host, leave_out_zeros, print_int64, quote
from planespec.spec.storage.hostpath_records import (
    MOUNT_ACCESS,
    CsiError,
    DriverPanicError,
    HostSnapshot,
    HostVolume,
    SnapshotGroup,
    match_ids,
)

TIME = "<time>"
"""Stands for every time."""
_UNSIGNED = re.compile(r"[0-9]+")
_BOOLEANS = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}


def create_snapshot(host: Host, request: View) -> Response:
    """CreateSnapshot: by name; the same name and source get the snapshot that is there."""
    host.need_controller("CREATE_DELETE_SNAPSHOT")
    name, source = demand(
        request,
        name="Name missing in request",
        sourceVolumeId="SourceVolumeId missing in request",
    )
    snapshot = next((each for each in host.records.snapshots if each.name == name), None)
    if snapshot is not None:
        if snapshot.volume != source:
            message = f"snapshot with the same name: {name} but with different SourceVolumeId"
            raise CsiError("ALREADY_EXISTS", f"{message} already exist")
        return {"snapshot": _tell_snapshot(snapshot, group=False)}
    volume = host.records.get_volume(source)
    _check_options(volume, request.text_map("parameters"))
    return {"snapshot": _tell_snapshot(host.take_snapshot(volume, name), group=False)}


def _check_options(volume: HostVolume, parameters: dict[str, str]) -> None:
    name = "ignoreFailedRead"
    value = parameters.get(name, "")
    if volume.access == MOUNT_ACCESS and value and value not in _BOOLEANS:
        message = f"invalid value for {quote(name)}, expected boolean but was {quote(value)}"
        raise refuse(f"invalid volume snapshot class parameters: {message}")


def _tell_snapshot(
    snapshot: HostSnapshot, *, group: bool = True, ids: bool = True
) -> dict[str, object]:
    """Return a snapshot as proto3 JSON has it; not every call tells its ids and its group."""
    told = {
        "snapshotId": snapshot.id if ids else None,
        "sourceVolumeId": snapshot.volume if ids else None,
        "groupSnapshotId": snapshot.group if group else None,
        "sizeBytes": print_int64(snapshot.size),
    }
    return leave_out_zeros(told) | {"creationTime": TIME, "readyToUse": True}


def delete_snapshot(host: Host, request: View) -> Response:
    """DeleteSnapshot: one that is not there is gone; one of a group only goes with it."""
    (snapshot_id,) = demand(request, snapshotId="Snapshot ID missing in request")
    host.need_controller("CREATE_DELETE_SNAPSHOT")
    for each in host.records.snapshots:
        if each.id == snapshot_id and each.group:
            raise refuse(f"Snapshot with ID {snapshot_id} is part of groupsnapshot {each.group}")
    host.delete_snapshot(snapshot_id)
    return {}


def list_snapshots(host: Host, request: View) -> Response:
    """ListSnapshots: the one of an id, the first of a volume, or all by id from the token on.

    Raises DriverPanicError where the driver would make a list of negative length, or read before
    it.
    """
    host.need_controller("LIST_SNAPSHOTS")
    snapshot_id, source = request.text("snapshotId"), request.text("sourceVolumeId")
    if snapshot_id or source:
        found = [
            each
            for each in host.records.snapshots
            if (each.id == snapshot_id if snapshot_id else each.volume == source)
        ]
        return _tell_entries(found[:1])
    snapshots = sorted(host.records.snapshots, key=lambda each: host.ids.order(each.id))
    start = _read_token(request.text("startingToken"), len(snapshots))
    most = _limit_entries(request.integer("maxEntries") or 0, len(snapshots) - start)
    if start < 0:
        raise DriverPanicError(f"index out of range [{start}]")
    end = start + most
    following = {"nextToken": str(end)} if end < len(snapshots) else {}
    return _tell_entries(snapshots[start:end]) | following


def _read_token(token: str, count: int) -> int:
    """Return where a list starts: 32 bits that are read without and used with a sign."""
    if token and (not _UNSIGNED.fullmatch(token) or int(token) >= 1 << 32):
        raise CsiError("ABORTED", f"startingToken=0 !< int32={(1 << 32) - 1}")
    start = int(token or 0)
    start -= (start >> 31) << 32
    if start > count:
        raise CsiError("ABORTED", f"startingToken={start} > len(snapshots)={count}")
    return start


def _limit_entries(most: int, rest: int) -> int:
    """Return how many entries are listed; a rest that 32 bits do not hold counts as negative."""
    rest -= ((rest + (1 << 31)) >> 32) << 32
    if most == 0 or most > rest:
        most = rest
    if most < 0:
        raise DriverPanicError("makeslice: len out of range")
    return most


def _tell_entries(snapshots: list[HostSnapshot]) -> Response:
    entries = [{"snapshot": _tell_snapshot(each)} for each in snapshots]
    return leave_out_zeros({"entries": entries})


# Groups.


def create_group(host: Host, request: View) -> Response:
    """CreateVolumeGroupSnapshot: snapshots of all the volumes.

    Where one of the volumes is not there, the snapshots of those before it stay, of a group that
    there never will be: they cannot be deleted.
    """
    sources = request.texts("sourceVolumeIds")
    (name,) = demand(request, name="Name missing in request")
    if not sources:
        raise refuse("SourceVolumeIds missing in request")
    group = next((each for each in host.records.groups if each.name == name), None)
    if group is not None:
        return _repeat_group(host, group, sources)
    group = SnapshotGroup(name, host.ids.make("g"), [], list(sources))
    try:
        for source in sources:
            volume = host.records.get_volume(source)
            snapshot = host.take_snapshot(volume, f"{name}-{source}", group.id)
            group.snapshots.append(snapshot.id)
    except CsiError:
        if not group.snapshots:
            host.ids.take_back(group.id)
        raise
    host.records.add_group(group)
    return _tell_group(host, group)


def _repeat_group(host: Host, group: SnapshotGroup, sources: list[str]) -> Response:
    if not match_ids(group.volumes, sources, host.ids.order):
        message = f"group snapshot with the same name: {group.name} but with different"
        raise CsiError("ALREADY_EXISTS", f"{message} SourceVolumeIds already exist")
    return _tell_group(host, group, ids=False)


def _tell_group(host: Host, group: SnapshotGroup, *, ids: bool = True) -> Response:
    snapshots = [host.records.get_snapshot(each) for each in group.snapshots]
    told = {"groupSnapshotId": group.id, "creationTime": TIME, "readyToUse": True}
    return {
        "groupSnapshot": {**told, "snapshots": [_tell_snapshot(s, ids=ids) for s in snapshots]}
    }


def delete_group(host: Host, request: View) -> Response:
    """DeleteVolumeGroupSnapshot: the group and its snapshots; one that is not there is gone."""
    (group_id,) = demand(request, groupSnapshotId="GroupSnapshot ID missing in request")
    for group in [each for each in host.records.groups if each.id == group_id]:
        for snapshot_id in group.snapshots:
            host.delete_snapshot(snapshot_id)
        host.records.remove_group(group_id)
    return {}


def get_group(host: Host, request: View) -> Response:
    """GetVolumeGroupSnapshot: only with the ids of exactly its snapshots."""
    (group_id,) = demand(request, groupSnapshotId="GroupSnapshot ID missing in request")
    group = host.records.get_group(group_id)
    if not match_ids(group.snapshots, request.texts("snapshotIds"), host.ids.order):
        raise refuse("Snapshot IDs do not match the GroupSnapshot IDs")
    return _tell_group(host, group)


def get_group_capabilities(host: Host, request: View) -> Response:
    """GroupControllerGetCapabilities."""
    del host, request
    name = "CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT"
    return {"capabilities": [{"rpc": {"type": name}}]}

"""The CSI host path driver: calls by their gRPC name.

Requests, responses and refusals are in proto3 JSON, as gRPC has them. Sources: those of
`hostpath_controller`, `hostpath_queries`, `hostpath_snapshots` and `hostpath_node`. Not here are
the identity service, GetSnapshot and the calls for changed blocks of a snapshot.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from planespec.spec.objects.view import View
from planespec.spec.storage import hostpath_controller as controller
from planespec.spec.storage import hostpath_node as node
from planespec.spec.storage import hostpath_queries as queries
from planespec.spec.storage import hostpath_snapshots as snapshots
from planespec.spec.storage.hostpath_host import Host
from planespec.spec.storage.hostpath_records import CsiError, DriverPanicError

CALLS: Mapping[str, Callable[[Host, View], controller.Response]] = {
    "ControllerExpandVolume": controller.expand_volume,
    "ControllerGetCapabilities": queries.get_capabilities,
    "ControllerGetVolume": queries.get_volume,
    "ControllerModifyVolume": controller.modify_volume,
    "ControllerPublishVolume": controller.controller_publish,
    "ControllerUnpublishVolume": controller.controller_unpublish,
    "CreateSnapshot": snapshots.create_snapshot,
    "CreateVolume": controller.create_volume,
    "CreateVolumeGroupSnapshot": snapshots.create_group,
    "DeleteSnapshot": snapshots.delete_snapshot,
    "DeleteVolume": controller.delete_volume,
    "DeleteVolumeGroupSnapshot": snapshots.delete_group,
    "GetCapacity": queries.get_capacity,
    "GetVolumeGroupSnapshot": snapshots.get_group,
    "GroupControllerGetCapabilities": snapshots.get_group_capabilities,
    "ListSnapshots": snapshots.list_snapshots,
    "ListVolumes": queries.list_volumes,
    "NodeExpandVolume": node.expand,
    "NodeGetCapabilities": node.get_node_capabilities,
    "NodeGetInfo": node.get_info,
    "NodeGetVolumeStats": node.get_stats,
    "NodePublishVolume": node.publish,
    "NodeStageVolume": node.stage,
    "NodeUnpublishVolume": node.unpublish,
    "NodeUnstageVolume": node.unstage,
    "ValidateVolumeCapabilities": queries.validate_capabilities,
}
"""What a driver can be asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to: `response` only where `code` is OK, a message only where it is not."""

    code: str
    message: str = ""
    response: controller.Response | None = None
    panic: str = ""
    """The Go runtime error on which the driver crashed; it was started again."""


def call_driver(host: Host, name: str, request: View) -> Answer:
    """Return what the driver answers; KeyError for a call that it does not have.

    Raises ObjectError where the request is no such message.
    """
    try:
        return Answer("OK", response=CALLS[name](host, request))
    except CsiError as error:
        return Answer(error.code, error.message)
    except DriverPanicError as panic:
        host.records.restart()
        return Answer("UNAVAILABLE", panic=f"runtime error: {panic}")

"""Why a kubelet may register its node, and tell such a status of it."""

from collections.abc import Iterator

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import answer, get_now, is_as_of, settle
from planespec.reports.judge.control_plane.scene import LAG, Scene
from planespec.reports.judge.control_plane.write_explainers import explains, list_lives
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.node.evictions.node_conditions import (
    CONDITION_ORDER,
    PRESSURES,
    NodeCondition,
    NodeHealth,
    update_conditions,
)
from planespec.spec.node.status_parts import Json, find_condition
from planespec.spec.objects.view import View

_ORDER = "$setElementOrder/conditions"
TOLD = {
    *("conditions", "images", _ORDER, "nodeInfo", "addresses", "capacity", "allocatable"),
    *("daemonEndpoints", "volumesInUse", "runtimeHandlers", "features", "config"),
}
"""What of a status a kubelet tells of its node here."""


@explains("hollow-kubelet patch nodes/status", "kubelet patch nodes/status")
def explain_node_status(write: Write, scene: Scene) -> str:
    """Why a kubelet has no reason to tell this status of its node."""
    return answer(write, scene, _find_status_fault(write, scene))


def _find_status_fault(write: Write, scene: Scene) -> str:
    body = View(write.body)
    status = body.view("status")
    metadata = body.view("metadata").data.keys() - {"labels", "annotations"}
    if body.data.keys() - {"status", "metadata"} or metadata or status.data.keys() - TOLD:
        return "changes more than a kubelet tells of its node"
    conditions = [dict(each.data) for each in status.views("conditions")]
    types = [each.text("type") for each in status.views("conditions")]
    if set(types) - set(CONDITION_ORDER):
        return "tells conditions that no kubelet knows"
    if not conditions:
        return ""
    for version in _list_told(write, scene):
        if any(_is_reported(write, version, conditions, found) for found in _list_healths()):
            return ""
    return "its conditions are not those of a heartbeat"


def _list_told(write: Write, scene: Scene) -> Iterator[Version]:
    """The versions of the node that the patch may have been made from."""
    for life in list_lives(write, scene):
        for each in life.versions:
            is_past = each.after is not None and each.after.until < write.received - LAG
            if not each.is_gone and not is_past and each.since <= write.done:
                yield each


def _list_healths() -> Iterator[NodeHealth]:
    """How the node may be; what else its parts say stands in the message alone."""
    yield NodeHealth()
    yield NodeHealth(runtime_error="?")


def _is_reported(write: Write, version: Version, told: list[Json], health: NodeHealth) -> bool:
    """Whether a heartbeat changes the conditions of a version so."""
    old = (version.data.get("status") or {}).get("conditions") or []
    second = int(get_now(write).timestamp())
    known = [
        NodeCondition(
            each["type"], each["status"], each.get("reason", ""), each.get("message", "")
        )
        for each in old
    ]
    report = update_conditions(known, health, second, CONDITION_ORDER)
    for each in report.conditions:
        before, patch = find_condition(old, each.type), find_condition(told, each.type)
        wanted = {"status": each.status, "reason": each.reason, "message": each.message}
        if not _is_change(write, before or {}, patch or {}, wanted):
            return False
    return True


def _is_change(write: Write, before: Json, patch: Json, wanted: Json) -> bool:
    """Whether a patch of one condition leads from what was to what is wanted, at this time."""
    after = {**before, **patch}
    for name, value in wanted.items():
        if "?" in value:
            continue
        if after.get(name, "") != value:
            return False
    heartbeat, change = patch.get("lastHeartbeatTime"), patch.get("lastTransitionTime")
    if heartbeat is not None and not is_as_of(heartbeat, write):
        return False
    is_changed = before.get("status") != after.get("status")
    if is_changed and "lastHeartbeatTime" in patch and change is None:
        return False
    return change is None or (is_changed and is_as_of(change, write))


@explains("hollow-kubelet create nodes", "kubelet create nodes")
def explain_registration(write: Write, scene: Scene) -> str:
    """Why a kubelet does not register such a node."""
    return answer(write, scene, _find_registration_fault(write, scene))


def _find_registration_fault(write: Write, scene: Scene) -> str:
    body = View(write.body)
    metadata, status = body.view("metadata"), body.view("status")
    cluster = View(scene.first).view("cluster")
    found = [each for each in cluster.views("nodes") if each.text("name") == write.name]
    if cluster.has("nodes") and not found:
        return "is no node of the cluster"
    for each in found:
        if settle(each.data.get("labels"), write) != settle(metadata.data.get("labels"), write):
            return "has other labels than its kubelet gives it"
        if each.data.get("allocatable") != status.data.get("allocatable"):
            return "has more or less than its kubelet has"
    for condition in status.views("conditions"):
        kind, told = condition.text("type"), condition.text("status")
        if told not in (("False",) if kind in PRESSURES else ("True", "False")):
            return f"begins with {kind}={told}"
    return "" if metadata.text("name") == write.name else "has another name"

"""Why the node controller may taint a node, call it unknown, and its pods not ready.

Taints of a whole node are patched with the revision that they were read from; so are the ones of
the cloud's node controllers, which no recording has. Pods are evicted by `taint_writes`.
"""

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    answer,
    find_cuts,
    find_status_fault,
    settle,
    tell_now,
)
from planespec.reports.judge.control_plane.scene import LAG, Scene
from planespec.reports.judge.control_plane.write_explainers import explains, list_lives
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.controllers.batch.cron_jobs import read_time
from planespec.spec.controllers.node_care.node_health import (
    Json,
    get_key,
    list_taint_changes,
    make_pod_unready,
    make_unknown,
)
from planespec.spec.node.status_parts import find_condition
from planespec.spec.objects.view import View

LEASE = "Lease"
GRACE = 50.0
"""`--node-monitor-grace-period` where a recording does not say."""


@explains("node-controller patch nodes")
def explain_taints(write: Write, scene: Scene) -> str:
    """Why the taints that a patch leaves do not follow from a node as the controller saw it."""
    return answer(write, scene, _find_taint_fault(write, scene))


def _find_taint_fault(write: Write, scene: Scene) -> str:
    base = scene.find_base(write)
    if base is None:
        return "names no revision of the node that there was"
    spec = write.body.get("spec")
    is_plain = isinstance(spec, dict) and spec.keys() == {"taints"}
    if not is_plain or write.body.keys() - {"spec", "metadata"}:
        return "changes more than taints"
    asked = View(spec).items("taints")
    before = (base.data.get("spec") or {}).get("taints") or []
    wanted = {get_key(each) for each in asked if isinstance(each, dict)}
    present = {get_key(each) for each in before}
    added, gone = wanted - present, present - wanted
    if any(each not in before for each in asked if get_key(_read(each)) not in added):
        return "changes a taint that it leaves"
    if not any(_is_new(_read(each), write) for each in asked) and added:
        return "adds a taint without its time"
    for seen in _list_seen(write, scene, base):
        for more, less in list_taint_changes(seen.data):
            if added <= more and gone <= less and (added or gone):
                return ""
    return "no condition of the node that it could have seen asks for these taints"


def _read(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _is_new(taint: Json, write: Write) -> bool:
    return bool(settle(taint.get("timeAdded"), write) == "now")


def _list_seen(write: Write, scene: Scene, base: Version) -> list[Version]:
    """The versions of the node that an informer may have told; the patch was made from a read."""
    lives = [life for life in list_lives(write, scene) if life.uid == base.uid]
    seen = [life.at(cut) for cut in find_cuts(write, scene, lives) for life in lives]
    return [base, *(each for each in seen if each is not None)]


@explains("node-controller update nodes/status")
def explain_unknown(write: Write, scene: Scene) -> str:
    """Why a node is not called unknown: it has told of itself, or was asked too early."""
    return answer(write, scene, find_status_fault(write, scene, "node", _find_unknown_fault))


def _find_unknown_fault(write: Write, scene: Scene, base: Version) -> str:
    wanted = settle(make_unknown(base.data, tell_now(write)), write)
    if settle(write.body.get("status"), write) != wanted:
        return "is not the status of a node of which nothing was heard"
    heard = find_last_sign(write, scene, base)
    if write.received - heard < read_grace(scene) - LAG:
        return f"the node told of itself {write.received - heard:.1f} s ago"
    return ""


def read_grace(scene: Scene) -> float:
    """The seconds without a sign after which a node is unknown, as the first line tells them."""
    settings = View(scene.first).view("cluster").view("kubeControllerManager")
    text = settings.text("nodeMonitorGracePeriod").removesuffix("s")
    return float(text) if text.isdigit() else GRACE


def find_last_sign(write: Write, scene: Scene, node: Version) -> float:
    """When the node last told of itself, by its lease or its status; leases are thinned out."""
    signs = [0.0]
    for life in scene.history.list_lives(LEASE):
        if life.name == node.name:
            signs += [_read_renewal(each) for each in life.versions if each.told <= write.received]
    for each in scene.writes:
        is_status = each.resource == "nodes/status" and each.process == "hollow-kubelet"
        if is_status and each.name == node.name and each.received < write.received:
            signs.append(each.received)
    return max(signs)


def _read_renewal(lease: Version) -> float:
    """When a lease was renewed; when it was told of, where that does not stand in it."""
    text = View(lease.data).view("spec").text("renewTime")
    try:
        return read_time(text).timestamp()
    except (ValueError, OverflowError):
        return lease.told


@explains("node-controller update pods/status")
def explain_unready(write: Write, scene: Scene) -> str:
    """Why a pod is not called not ready: its node is, or was not lost."""
    return answer(write, scene, find_status_fault(write, scene, "pod", _find_unready_fault))


def _find_unready_fault(write: Write, scene: Scene, base: Version) -> str:
    status = make_pod_unready(base.data, tell_now(write))
    if status is None or settle(status, write) != settle(write.body.get("status"), write):
        return "is not the status of a pod whose node was lost"
    node = str(base.data["spec"].get("nodeName"))
    lives = scene.list_named("Node", node)
    for cut in find_cuts(write, scene, lives):
        if any(_is_lost(life.at(cut)) for life in lives):
            return ""
    return f"node {node} was ready"


def _is_lost(node: Version | None) -> bool:
    if node is None:
        return False
    ready = find_condition((node.data.get("status") or {}).get("conditions"), "Ready")
    return ready is not None and ready.get("status") != "True"

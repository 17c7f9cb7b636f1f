"""Why the taint eviction controller may tell of a pod that it goes, and delete it.

It reads the pod by name, writes the condition, and deletes it by name alone: at once where a
NoExecute taint of the node is not tolerated, otherwise when the shortest toleration is over.
"""

from collections.abc import Iterator

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    LONGEST_LAG,
    answer,
    list_own,
    settle,
    tell_now,
)
from planespec.reports.judge.control_plane.scene import LAG, Scene
from planespec.reports.judge.control_plane.write_explainers import explains, list_lives
from planespec.reports.judge.versions.object_versions import Life, Version
from planespec.spec.controllers.taint_eviction import (
    EVICTED,
    FOREVER,
    find_used_tolerations,
    get_least_seconds,
)
from planespec.spec.node.status_parts import diff_statuses, set_condition
from planespec.spec.objects.core_views import Node, Pod, Taint

NO_EXECUTE = "NoExecute"


@explains("node-controller patch pods/status")
def explain_condition(write: Write, scene: Scene) -> str:
    """Why a pod may not be told that it goes."""
    return answer(write, scene, _find_condition_fault(write, scene))


def _find_condition_fault(write: Write, scene: Scene) -> str:
    wanted = settle({"status": write.body.get("status")}, write)
    for version in _list_read(write, scene):
        status = version.data.get("status") or {}
        conditions = set_condition(version.data, EVICTED, tell_now(write))
        patch = {"status": diff_statuses(status, {**status, "conditions": conditions})}
        if settle(patch, write) == wanted:
            return find_eviction_fault(write, scene)
    return "is not the condition of a pod that is evicted"


def _list_read(write: Write, scene: Scene) -> Iterator[Version]:
    """The versions of the pod that its read before may have told."""
    for life in list_lives(write, scene):
        for each in life.versions:
            is_past = each.after is not None and each.after.until < write.received - LAG
            if not each.is_gone and not is_past and each.since <= write.received:
                yield each


@explains("node-controller delete pods")
def explain_deletion(write: Write, scene: Scene) -> str:
    """Why a pod may not be evicted."""
    return answer(write, scene, _find_deletion_fault(write, scene))


def _find_deletion_fault(write: Write, scene: Scene) -> str:
    options = write.body.keys() - {"kind", "apiVersion"}
    if options:
        return f"asks for {', '.join(sorted(options))}"
    if not _was_told(write, scene):
        return "the pod was not told before"
    return find_eviction_fault(write, scene)


def _was_told(write: Write, scene: Scene) -> bool:
    """Whether it wrote the condition before, or the pod had it."""
    for each in list_own(write, scene):
        is_it = each.resource == "pods/status" and each.verb == "patch" and each.name == write.name
        if is_it and each.received >= write.received - LONGEST_LAG:
            return True
    return any(_has_condition(each) for each in _list_read(write, scene))


def _has_condition(version: Version) -> bool:
    conditions = (version.data.get("status") or {}).get("conditions") or ()
    return any(each.get("reason") == EVICTED["reason"] for each in conditions)


def find_eviction_fault(write: Write, scene: Scene) -> str:
    """Why no pod of the name is to go: for no taint long enough.

    A pod that was made anew under the name has the timer of the one before it.
    """
    fault = "the pod was on no node"
    for life in list_lives(write, scene):
        if life.versions[0].since > write.received:
            continue
        for name in _list_nodes(life, write):
            for node in scene.list_named("Node", name):
                fault = f"no NoExecute taint of node {name} is over for the pod"
                if _is_due(life, node, write):
                    return ""
    return fault


def _list_nodes(life: Life, write: Write) -> list[str]:
    names = [
        str(each.data["spec"].get("nodeName") or "")
        for each in life.versions
        if each.since <= write.received
    ]
    return sorted(set(names) - {""})


def _is_due(pod: Life, node: Life, write: Write) -> bool:
    """Whether the pod tolerated what some version of the node had for no longer than this."""
    tolerations = Pod(pod.versions[0].data).tolerations
    for index, version in enumerate(node.versions):
        taints = list_evicting(version)
        after = version.after
        is_past = after is not None and after.until < write.received - LONGEST_LAG
        if version.since > write.received or not taints or version.is_gone or is_past:
            continue
        used = find_used_tolerations(taints, tolerations)
        if used is None:
            return True
        seconds = get_least_seconds(used)
        if seconds == FOREVER:
            continue
        begun = max(_find_begin(node.versions[: index + 1]), _find_placed(pod))
        if begun + seconds <= write.received + LAG:
            return True
    return False


def list_evicting(node: Version) -> list[Taint]:
    """The NoExecute taints of a node."""
    return [each for each in Node(node.data).taints if each.effect == NO_EXECUTE]


def _find_begin(versions: list[Version]) -> float:
    """Since when the node has such taints without a break, as far as is known."""
    begun = versions[-1].since
    for each in reversed(versions):
        if not list_evicting(each):
            break
        begun = each.since if each.type != "INITIAL" else 0.0
    return begun


def _find_placed(pod: Life) -> float:
    """When the pod came to its node."""
    placed = [each for each in pod.versions if each.data["spec"].get("nodeName")]
    return placed[0].since if placed and placed[0].type != "INITIAL" else 0.0

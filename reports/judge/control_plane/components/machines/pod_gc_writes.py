"""Why the collector of pods may mark a pod as failed and remove it: without a node, or stuck.

Pods in excess of `--terminated-pod-gc-threshold` are not considered: no recording has so many.
"""

from collections.abc import Iterator

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    answer,
    find_cuts,
    settle,
    tell_now,
)
from planespec.reports.judge.control_plane.scene import LAG, Scene
from planespec.reports.judge.control_plane.write_explainers import explains, list_lives
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.controllers.pod_gc import NODE_GONE, QUARANTINE, is_stuck
from planespec.spec.node.status_parts import diff_statuses, set_condition
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import View

COMPONENT = "pod-garbage-collector"


@explains(f"{COMPONENT} delete pods")
def explain_deletion(write: Write, scene: Scene) -> str:
    """Why a pod is not to be removed."""
    return answer(write, scene, _find_deletion_fault(write, scene))


def _find_deletion_fault(write: Write, scene: Scene) -> str:
    if View(write.body).integer("gracePeriodSeconds") != 0:
        return "does not remove it at once"
    is_due = any(_is_garbage(each, write, scene) for each in _list_seen(write, scene))
    return "" if is_due else "its node is there, and it is not stuck"


@explains(f"{COMPONENT} patch pods/status")
def explain_mark(write: Write, scene: Scene) -> str:
    """Why a pod is not marked so before it is removed."""
    return answer(write, scene, _find_mark_fault(write, scene))


def _find_mark_fault(write: Write, scene: Scene) -> str:
    wanted = settle(write.body.get("status"), write)
    fault = "its node is there, and it is not stuck"
    for version in _list_seen(write, scene):
        if not _is_garbage(version, write, scene):
            continue
        fault = "is not the mark of a pod that is removed"
        old = version.data.get("status") or {}
        marks = [{**old, "phase": "Failed"}]
        conditions = set_condition(version.data, dict(NODE_GONE), tell_now(write))
        marks.append({**marks[0], "conditions": conditions})
        if any(settle(diff_statuses(old, each), write) == wanted for each in marks):
            return ""
    return fault


def _list_seen(write: Write, scene: Scene) -> Iterator[Version]:
    lives = list_lives(write, scene)
    for cut in reversed(find_cuts(write, scene, lives)):
        yield from (each for life in lives if (each := life.at(cut)) is not None)


def _is_garbage(version: Version, write: Write, scene: Scene) -> bool:
    pod = Pod(version.data)
    if not pod.node_name:
        return pod.meta.is_deleting
    lives = scene.list_named("Node", pod.node_name)
    gone = [life.versions[-1] for life in lives if life.versions[-1].is_gone]
    is_known = any(
        not each.is_gone and each.since <= write.received and _lasts(each, write)
        for life in lives
        for each in life.versions
    )
    if not is_known:
        begun = max((each.since for each in gone), default=scene.start - QUARANTINE)
        return begun + QUARANTINE <= write.received + LAG
    seen = [life.at(cut) for cut in find_cuts(write, scene, lives) for life in lives]
    return any(each is not None and is_stuck(pod, Node(each.data)) for each in seen)


def _lasts(node: Version, write: Write) -> bool:
    """Whether a version of a node was there when a pod was removed."""
    return node.after is None or node.after.until > write.received

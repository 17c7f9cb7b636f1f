"""What a scheduler could know of a cluster when it wrote: its informers, and what it has assumed.

A scheduler counts a pod as bound from the moment at which it decided so, and as waiting for a node
from the moment at which it nominated one, whatever its informers say. It has seen each pod that it
wrote about before, so that its informers are no older than these.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, TypeVar

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    CLOCKS,
    find_cuts,
    list_of,
    list_own,
)
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import View
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.snapshot_building import build_snapshot

Json = dict[str, Any]
BINDING = "pods/binding"
LISTED = ("Node", "ReplicaSet", "StatefulSet", "PodDisruptionBudget")
"""Kinds beside pods that decide, as far as a recording tells of them."""
OVERTAKING = 0.1
"""Seconds by which a binding may overtake one that was decided earlier; each is sent apart."""
_MOST_NEAR, _MOST_CUTS = 5, 3
_T = TypeVar("_T")
OWNED = ("Node", "Pod", "PodDisruptionBudget")


@dataclass(frozen=True, slots=True)
class SchedulerView:
    """One state of a cluster as a scheduler may have known it."""

    cut: int
    snapshot: Snapshot
    pending: list[Version]
    """Pods that are bound to no node, and not by this scheduler."""


@dataclass(slots=True)
class Decisions:
    """What a scheduler had decided before a write, by uid of the pod."""

    bound: dict[str, str] = field(default_factory=dict)
    nominated: dict[str, str] = field(default_factory=dict)
    least: int = 0
    """The revision up to which it must know pods."""


def read_decisions(write: Write, scene: Scene) -> Decisions:
    """Read what it wrote before; what was refused by then it has forgotten."""
    found = Decisions()
    for each in list_own(write, scene):
        versions = _find_versions(each, scene)
        if versions and each.received < write.received - CLOCKS:
            found.least = max(found.least, versions[0].revision)
        uid = versions[0].uid if versions else each.uid
        if each.resource == BINDING and (each.is_accepted or each.done > write.received):
            found.bound[uid] = read_target(each)
        status = each.body.get("status") or {}
        if isinstance(status, dict) and "nominatedNodeName" in status:
            found.nominated[uid] = status["nominatedNodeName"] or ""
    return found


def read_target(write: Write) -> str:
    """The node that a binding names."""
    return View(write.body).view("target").text("name")


def _find_versions(write: Write, scene: Scene) -> list[Version]:
    """The versions of the pod of that name that there was when a write came in."""
    for life in scene.list_named("Pod", write.name):
        if life.versions[0].since <= write.received:
            return life.versions
    return []


def list_views(write: Write, scene: Scene) -> Iterator[SchedulerView]:
    """States that the scheduler may have known, the latest first.

    Its informers are taken to be equally far; then pods and nodes apart. What it nominated before
    counts, as far as it is known to its informers and as far as it is not.
    """
    decided = read_decisions(write, scene)
    lives = [life for kind in OWNED for life in scene.history.list_lives(kind)]
    nodes = scene.history.list_lives("Node")
    cuts = [c for c in reversed(find_cuts(write, scene, lives)) if c >= decided.least]
    cuts = cuts or [decided.least]
    pairs = [(cut, cut) for cut in cuts]
    others = find_cuts(write, scene, nodes)[-6:]
    pairs += [(cut, other) for other in reversed(others) for cut in cuts if cut != other]
    for cut, other in pairs:
        yield build_view(scene, decided, cut, other)
    for variant in _vary(write, scene, decided):
        for cut in cuts[:_MOST_CUTS]:
            yield build_view(scene, variant, cut, cut)


def _vary(write: Write, scene: Scene, decided: Decisions) -> Iterator[Decisions]:
    """The same with bindings that came in at about this time decided in another order."""
    near = [
        each
        for each in list_of(write, scene)
        if each.resource == BINDING and abs(each.received - write.received) <= OVERTAKING
    ]
    at = next((index for index, each in enumerate(near) if each is write), len(near))
    earlier = [each.uid for each in near[:at] if each.uid in decided.bound][-_MOST_NEAR:]
    later = [each for each in near[at + 1 :] if each.uid != write.uid][:_MOST_NEAR]
    for less in _subsets(earlier, 2):
        for more in _subsets(later, 3):
            if less or more:
                bound = {uid: node for uid, node in decided.bound.items() if uid not in less}
                bound |= {each.uid: read_target(each) for each in more}
                yield replace(decided, bound=bound)


def _subsets(things: Sequence[_T], most: int) -> Iterator[tuple[_T, ...]]:
    for size in range(most + 1):
        yield from combinations(things, size)


def build_view(scene: Scene, decided: Decisions, cut: int, other: int) -> SchedulerView:
    """The state with pods of one revision and everything else of another."""
    pods, pending = list[PodInfo](), list[Version]()
    for each in scene.history.list_at("Pod", cut):
        pod = Pod(each.data)
        if pod.is_terminal:
            continue
        if pod.node_name:
            pods.append(PodInfo(pod))
        elif each.uid in decided.bound:
            pods.append(PodInfo(Pod(put_on_node(each.data, decided.bound[each.uid]))))
        else:
            pending.append(each)
            pods.append(PodInfo(Pod(_nominate(each, decided.nominated))))
    objects: dict[str, Iterable[object]] = {
        kind: [each.data for each in scene.history.list_at(kind, other)] for kind in LISTED
    }
    return SchedulerView(cut, build_snapshot(objects, is_stored=True, pods=pods), pending)


def put_on_node(pod: Json, node: str) -> Json:
    """A pod as if it were bound."""
    return {**pod, "spec": {**pod["spec"], "nodeName": node}}


def _nominate(version: Version, nominated: dict[str, str]) -> Json:
    if version.uid not in nominated:
        return version.data
    status = dict(version.data.get("status") or {})
    status["nominatedNodeName"] = nominated[version.uid]
    return {**version.data, "status": status}

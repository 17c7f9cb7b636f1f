"""What the Deployment controller writes: ReplicaSets made, scaled and removed, and the status.

A sync looks at a version of the Deployment, at its ReplicaSets at a cut and, where it recreates,
at pods at another. Each write is one of those that the sync does in some such state. What it wrote
of a ReplicaSet before in the same sync it goes on from, so that an update may be made from a
version that its cache does not have yet. The hash of a template is taken from the name of the
ReplicaSet that has it.

Source: Kubernetes v1.36, `pkg/controller/deployment/sync.go`, by the rules of
`spec/controllers/apps/deployment_sync`, which are held to whole syncs of the controller.
"""

import re
from collections.abc import Iterator
from typing import Any

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    find_foreign_change,
    find_status_fault,
)
from planespec.reports.judge.control_plane.counted_pods import to_time
from planespec.reports.judge.control_plane.scene import LAG, Scene
from planespec.reports.judge.control_plane.write_effects import prune
from planespec.reports.judge.control_plane.write_explainers import explain_answer, explains
from planespec.reports.judge.versions.object_versions import Life, Version, list_at
from planespec.spec.admission.pod_chain import NAME_LETTERS
from planespec.spec.controllers.apps.deployment_state import Deployment, DeploymentSync
from planespec.spec.controllers.apps.deployment_sync import sync_deployment
from planespec.spec.controllers.batch.cron_jobs import write_time
from planespec.spec.controllers.disruption_budget import find_controller
from planespec.spec.controllers.pod_making import NEW_HASH, TEMPLATE_HASH
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

Json = dict[str, Any]
WHO = "deployment-controller"
_HASH = re.compile(f"[{NAME_LETTERS}]{{1,10}}")
_POINTERS = ("terminatingReplicas", "collisionCount")
_RBAC = "cannot update resource"
SLOWEST = 3
"""Seconds that a sync may last before its last write."""
State = tuple[Version, int]
"""A version of a Deployment, and the cut of its ReplicaSets."""


# What a sync does in a state.


def _sync(scene: Scene, state: State, moment: float, new_hash: str) -> DeploymentSync:
    """One sync, kept for the writes that come of it."""
    kept: dict[object, DeploymentSync] = scene.memory.setdefault("syncs of Deployments", {})
    version, cut = state
    sets = list_at(scene.history.list_owned("ReplicaSet", version.uid), cut)
    key = (version, tuple(each.revision for each in sets), int(moment), new_hash)
    if key not in kept:
        deployment = Deployment({"kind": "Deployment", "apiVersion": "apps/v1"} | version.data)
        owned = [ApiObject(each.data) for each in sets]
        pods = [] if deployment.is_rolling else _list_pods(scene, sets, moment)
        kept[key] = sync_deployment(deployment, owned, pods, to_time(moment), new_hash)
    return kept[key]


def _list_pods(scene: Scene, sets: list[Version], moment: float) -> list[Pod]:
    """Pods of the ReplicaSets as they were at a moment."""
    found = []
    for owner in sets:
        for life in scene.history.list_owned("Pod", owner.uid):
            seen = [each for each in life.versions if each.since <= moment]
            if seen and not seen[-1].is_gone:
                found.append(Pod(seen[-1].data))
    return found


def _list_states(write: Write, scene: Scene, life: Life, base: Version | None) -> Iterator[State]:
    """States that may have been seen, the latest first; `base` is the version if it is known."""
    versions = [base] if base is not None else list(reversed(scene.list_seen(write, life)))
    least = scene.get_least(write, life.uid, "ReplicaSet")
    most = scene.find_latest(write)
    cuts = {least} | {
        each.revision
        for owned in scene.history.list_owned("ReplicaSet", life.uid)
        for each in owned.versions
        if least < each.revision <= most
    }
    for version in versions:
        for cut in sorted(cuts, reverse=True):
            yield version, cut


def _list_actions(
    write: Write, scene: Scene, life: Life, base: Version | None
) -> Iterator[tuple[State, Json]]:
    """What the syncs in all states that may have been seen write of the resource."""
    resource, _, part = write.resource.partition("/")
    wanted = (write.verb, resource, part, write.name)
    for state in _list_states(write, scene, life, base):
        for new_hash in _list_hashes(write, scene, life, state[1]):
            for moment in (write.received, write.received - LAG):
                for action in _sync(scene, state, moment, new_hash).actions:
                    if tuple(action.get(name, "") for name in _NAMED) == wanted:
                        yield state, action


_NAMED = ("verb", "resource", "subresource", "name")


def _list_hashes(write: Write, scene: Scene, life: Life, cut: int) -> list[str]:
    """The hashes that a new ReplicaSet may have: of those that are made after the cut."""
    made = [write.body] if write.verb == "create" else []
    made += [
        each.versions[0].data
        for each in scene.history.list_owned("ReplicaSet", life.uid)
        if each.revisions[0] > cut
    ]
    labels = [(each.get("metadata") or {}).get("labels") or {} for each in made]
    found = [each[TEMPLATE_HASH] for each in labels if _is_hash(each.get(TEMPLATE_HASH))]
    return found[:1] if write.verb == "create" else [*found, NEW_HASH]


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _explain_answer(write: Write, scene: Scene) -> str:
    if write.code == 403 and _RBAC in write.message:
        return "" if scene.is_starting(write) else "the API server knew the roles"
    return explain_answer(write, scene)


# The status.


@explains(f"{WHO} update deployments/status")
def explain_status(write: Write, scene: Scene) -> str:
    """A status is one that a sync of the version in its body writes."""
    parts = ("status", "metadata.annotations")
    return find_status_fault(write, scene, "Deployment", _find_state_fault, *parts)


def _find_state_fault(write: Write, scene: Scene, base: Version) -> str:
    fault = _explain_answer(write, scene)
    if fault:
        return fault
    life = scene.history.lives[base.kind, base.uid]
    wanted = _tell_status(write.body.get("status") or {}, write)
    marks = prune((write.body.get("metadata") or {}).get("annotations") or {})
    found = [
        state
        for state, action in _list_actions(write, scene, life, base)
        if prune(action["object"]["annotations"]) == marks
        if _tell_status(action["object"]["status"], write) == wanted
    ]
    if not found:
        return "no state that it could have seen has this status"
    scene.raise_least(write, life.uid, "ReplicaSet", min(cut for _, cut in found))
    scene.raise_least(write, life.uid, "Deployment", base.revision)
    return ""


def _tell_status(status: Json, write: Write) -> Json:
    """As JSON has it: without what is empty, but for pointers; a time of the sync is now."""
    kept = {n: v for n, v in status.items() if v or (n in _POINTERS and v is not None)}
    if "conditions" in kept:
        times = {write_time(to_time(write.received - ago)) for ago in range(SLOWEST + 1)}
        kept["conditions"] = [
            {n: "now" if v in times else v for n, v in each.items() if v}
            for each in kept["conditions"]
        ]
    return kept


# ReplicaSets.


@explains(f"{WHO} create replicasets")
def explain_creation(write: Write, scene: Scene) -> str:
    """A ReplicaSet is made of the template of a Deployment that has none of it."""
    reference = find_controller(ApiObject(write.body))
    uid = "" if reference is None else reference.text("uid")
    life = scene.history.find_life("Deployment", uid)
    if life is None:
        return "names no Deployment that there was"
    fault = _explain_answer(write, scene)
    meta = write.body.get("metadata") or {}
    new_hash = (meta.get("labels") or {}).get(TEMPLATE_HASH, "")
    if fault or not _is_hash(new_hash):
        return fault or "has no hash"
    asked = _tell_set(write.body) | {
        "labels": meta.get("labels"),
        "ownerReferences": meta.get("ownerReferences"),
        "template": (write.body.get("spec") or {}).get("template"),
    }
    is_found = any(
        prune(action["object"]) == prune(asked) and _selects(write.body, state[0], new_hash)
        for state, action in _list_actions(write, scene, life, None)
    )
    return "" if is_found else "no Deployment that it could have seen is like it"


def _selects(body: Json, version: Version, new_hash: str) -> bool:
    """Whether a new ReplicaSet selects what the Deployment does, and its own hash."""
    selector = dict((version.data.get("spec") or {}).get("selector") or {})
    selector["matchLabels"] = (selector.get("matchLabels") or {}) | {TEMPLATE_HASH: new_hash}
    return bool((body.get("spec") or {}).get("selector") == selector)


def _tell_set(data: Json) -> Json:
    meta, spec = data.get("metadata") or {}, data.get("spec") or {}
    return {
        "annotations": meta.get("annotations") or {},
        "replicas": spec.get("replicas") or 0,
        "minReadySeconds": spec.get("minReadySeconds") or 0,
    }


@explains(f"{WHO} update replicasets")
def explain_scaling(write: Write, scene: Scene) -> str:
    """A ReplicaSet gets the size and the annotations that a rollout or a change of size asks."""
    base = scene.find_base(write) or scene.history.find(write.about)
    life = None if base is None else _find_deployment(base, scene)
    if base is None or life is None:
        return "was made from a version that there never was"
    fault = _explain_answer(write, scene)
    if fault or not write.body:
        return fault
    if fault := find_foreign_change(write, base, *_SIZE):
        return fault
    asked = prune(_tell_set(write.body))
    is_found = any(
        prune(action["object"]) == asked and _is_seen(scene, base, state[1])
        for state, action in _list_actions(write, scene, life, None)
    )
    return "" if is_found else "no state that it could have seen asks for it"


def _find_deployment(base: Version, scene: Scene) -> Life | None:
    reference = find_controller(ApiObject(base.data))
    uid = "" if reference is None else reference.text("uid")
    return scene.history.find_life("Deployment", uid)


def _is_seen(scene: Scene, base: Version, cut: int) -> bool:
    """Whether a version is that at a cut, or follows from it by what the controller wrote."""
    life = scene.history.find_life("ReplicaSet", base.uid)
    seen = None if life is None else life.at(cut)
    at: Version | None = base
    while at is not None and at is not seen:
        if at.maker is None or at.maker.key != f"{WHO} update replicasets":
            return False
        at = at.before
    return at is seen


_SIZE = ("status", "metadata.annotations", "spec.replicas", "spec.minReadySeconds")
"""What the controller changes of a ReplicaSet."""


@explains(f"{WHO} delete replicasets")
def explain_removal(write: Write, scene: Scene) -> str:
    """An old ReplicaSet is deleted where more are kept than history is to hold."""
    base = scene.history.find(write.about)
    life = None if base is None else _find_deployment(base, scene)
    if life is None:
        return "the ReplicaSet has no Deployment"
    fault = _explain_answer(write, scene)
    if fault:
        return fault
    is_found = next(_list_actions(write, scene, life, None), None) is not None
    return "" if is_found else "history has room for it"

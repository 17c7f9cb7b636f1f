"""What the StatefulSet controller writes: pods made and deleted, revisions, and the status.

A sync looks at a version of the StatefulSet, at its pods at a cut and at its revisions at another.
The status is written at the end, after a conflict once more upon a newer version.

Source: Kubernetes v1.36, `pkg/controller/statefulset/stateful_set_control.go`, by the rules of
`spec/controllers/apps/stateful_set_sync`, which are held to whole syncs of the controller.
"""

from collections.abc import Iterator
from typing import Any

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    find_foreign_change,
    find_status_fault,
)
from planespec.reports.judge.control_plane.counted_pods import to_time
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.write_effects import prune
from planespec.reports.judge.control_plane.write_explainers import (
    explain_answer,
    explains,
    list_lives,
)
from planespec.reports.judge.versions.object_versions import Life, Version, list_at
from planespec.spec.controllers.apps.pod_ownership import make_reference
from planespec.spec.controllers.apps.revision_history import read_revision_of
from planespec.spec.controllers.apps.stateful_set_state import (
    REVISION_LABEL,
    StatefulSet,
    StatefulSync,
)
from planespec.spec.controllers.apps.stateful_set_sync import sync_stateful_set
from planespec.spec.controllers.disruption_budget import find_controller
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

Json = dict[str, Any]
WHO = "statefulset-controller"
State = tuple[Version, int, int]
"""A version of a StatefulSet, the cut of its pods and that of its revisions."""
_NAMED = ("verb", "resource", "name")


def _read(version: Version) -> StatefulSet:
    return StatefulSet({"kind": "StatefulSet", "apiVersion": "apps/v1"} | version.data)


def _sync(scene: Scene, state: State, moment: float) -> StatefulSync:
    """One sync, kept for the writes that come of it."""
    kept: dict[object, StatefulSync] = scene.memory.setdefault("syncs of StatefulSets", {})
    version, cut, known = state
    pods = list_at(scene.history.list_owned("Pod", version.uid), cut)
    revisions = list_at(scene.history.list_owned("ControllerRevision", version.uid), known)
    key = (version, *(each.revision for each in (*pods, *revisions)))
    if key not in kept:
        kept[key] = sync_stateful_set(
            _read(version),
            [Pod(each.data) for each in pods],
            [ApiObject(each.data) for each in revisions],
            [],
            to_time(moment),
        )
    return kept[key]


def _list_states(write: Write, scene: Scene, life: Life, base: Version | None) -> Iterator[State]:
    """States that may have been seen, the latest first; `base` is the version if it is known."""
    versions = [base] if base is not None else list(reversed(scene.list_seen(write, life)))
    for version in versions:
        for cut in _list_cuts(write, scene, life, "Pod"):
            for known in _list_cuts(write, scene, life, "ControllerRevision"):
                yield version, cut, known


def _list_cuts(write: Write, scene: Scene, life: Life, kind: str) -> list[int]:
    least, most = scene.get_least(write, life.uid, kind), scene.find_latest(write)
    owned = scene.history.list_owned(kind, life.uid)
    cuts = {each for one in owned for each in one.revisions if least < each <= most}
    return sorted(cuts | {least}, reverse=True)


def _list_actions(
    write: Write, scene: Scene, life: Life, base: Version | None
) -> Iterator[tuple[State, Json]]:
    """What the syncs in all states that may have been seen write of the object."""
    wanted = (write.verb, write.resource.partition("/")[0], write.name)
    for state in _list_states(write, scene, life, base):
        for stage in _sync(scene, state, write.received).stages:
            for action in (each for sequence in stage for each in sequence):
                if tuple(action[name] for name in _NAMED) == wanted:
                    yield state, action


def _note(write: Write, scene: Scene, uid: str, found: list[State]) -> None:
    """Note what later states cannot be below, of all in which a status is written."""
    scene.raise_least(write, uid, "StatefulSet", min(each[0].revision for each in found))
    scene.raise_least(write, uid, "Pod", min(each[1] for each in found))
    scene.raise_least(write, uid, "ControllerRevision", min(each[2] for each in found))


def _find_owner(data: Json, scene: Scene) -> Life | None:
    reference = find_controller(ApiObject(data))
    uid = "" if reference is None else reference.text("uid")
    return scene.history.find_life("StatefulSet", uid)


@explains(f"{WHO} update statefulsets/status")
def explain_status(write: Write, scene: Scene) -> str:
    """A status is one that a sync writes of the version in its body, or of one before it."""
    return find_status_fault(write, scene, "StatefulSet", _find_state_fault)


def _find_state_fault(write: Write, scene: Scene, base: Version) -> str:
    fault = explain_answer(write, scene)
    if fault:
        return fault
    life = scene.history.lives[base.kind, base.uid]
    wanted = _tell_status(write.body.get("status") or {})
    seen: Version | None = base
    while seen is not None:
        found = [
            state
            for state, action in _list_actions(write, scene, life, seen)
            if _tell_status(action["object"]["status"]) == wanted
        ]
        if found or not _was_refused(write, scene):
            break
        seen = seen.before
    if not found:
        return "no state that it could have seen has this status"
    _note(write, scene, life.uid, found)
    return ""


def _was_refused(write: Write, scene: Scene) -> bool:
    """Whether the last status of that object was refused, so that this is the second try."""
    earlier = (
        e for e in reversed(scene.list_before(write)) if (e.key, e.name) == (write.key, write.name)
    )
    last = next(earlier, None)
    return last is not None and last.code == 409


def _tell_status(status: Json) -> Json:
    shown = ("replicas", "availableReplicas", "collisionCount")
    return {name: each for name, each in status.items() if each or name in shown}


@explains(f"{WHO} create controllerrevisions")
def explain_revision(write: Write, scene: Scene) -> str:
    """A revision holds a template of its StatefulSet, and has its name and the next number."""
    life = _find_owner(write.body, scene)
    if life is None:
        return "names no StatefulSet that there was"
    fault = explain_answer(write, scene)
    if fault:
        return fault
    asked = read_revision_of(ApiObject(write.body))
    is_found = any(
        action["object"] == {"revision": asked.number}
        and asked.template == _sync(scene, state, write.received).update.template
        for state, action in _list_actions(write, scene, life, None)
    )
    return "" if is_found else "no template that it could have seen is so"


@explains(f"{WHO} update controllerrevisions")
def explain_renumbering(write: Write, scene: Scene) -> str:
    """A revision whose template comes back has the next number, and stays as it is."""
    fault = _find_update_fault(write, scene, "revision", "revision")
    if fault:
        return fault
    told = {"revision": read_revision_of(ApiObject(write.body)).number}
    is_found = any(asked == told for asked in _list_asked(write, scene))
    return "" if is_found else "no template that it could have seen is so"


@explains(f"{WHO} delete controllerrevisions")
def explain_forgetting(write: Write, scene: Scene) -> str:
    """An old revision is deleted where more are kept than history is to hold."""
    owners = [_find_owner(life.versions[0].data, scene) for life in list_lives(write, scene)]
    fault = explain_answer(write, scene)
    if fault:
        return fault
    for owner in owners:
        if owner is not None and next(_list_actions(write, scene, owner, None), None):
            return ""
    return "history has room for it"


@explains(f"{WHO} update pods")
def explain_repair(write: Write, scene: Scene) -> str:
    """A pod that has lost the labels of its identity has them again."""
    fault = _find_update_fault(write, scene, "pod", "metadata.labels")
    if fault:
        return fault
    labels = (write.body.get("metadata") or {}).get("labels") or {}
    is_found = any(asked["labels"] == labels for asked in _list_asked(write, scene))
    return "" if is_found else "no state that it could have seen asks for it"


def _find_update_fault(write: Write, scene: Scene, what: str, own: str) -> str:
    """Why an update, which may change the field `own` alone, is none of a StatefulSet's."""
    base = scene.find_base(write)
    if base is None or _find_owner(write.body, scene) is None:
        return f"was made from a {what} of a StatefulSet that there never was"
    return find_foreign_change(write, base, own) or explain_answer(write, scene)


def _list_asked(write: Write, scene: Scene) -> Iterator[Json]:
    """The objects of this kind of write that its StatefulSet asks for in what could be seen."""
    owner = _find_owner(write.body, scene)
    if owner is not None:
        yield from (action["object"] for _, action in _list_actions(write, scene, owner, None))


@explains(f"{WHO} create pods")
def explain_creation(write: Write, scene: Scene) -> str:
    """A pod is made that is missing, of the revision that its ordinal is to have."""
    life = _find_owner(write.body, scene)
    if life is None:
        return "names no StatefulSet that there was"
    fault = explain_answer(write, scene)
    if fault:
        return fault
    meta = write.body.get("metadata") or {}
    is_found = any(
        action["object"]["labels"] == meta.get("labels") and _is_made_of(write, scene, state)
        for state, action in _list_actions(write, scene, life, None)
    )
    return "" if is_found else "no state that it could have seen asks for it"


def _is_made_of(write: Write, scene: Scene, state: State) -> bool:
    """Whether a pod is asked for as its revision has it."""
    sync, meta = _sync(scene, state, write.received), write.body.get("metadata") or {}
    label = (meta.get("labels") or {}).get(REVISION_LABEL)
    revision = next((each for each in (sync.update, sync.current) if each.name == label), None)
    if revision is None or meta.get("ownerReferences") != [make_reference(sync.owner)]:
        return False
    spec = dict(revision.template.get("spec") or {})
    spec |= {"hostname": write.name, "subdomain": sync.owner.spec.text("serviceName")}
    asked = dict(write.body.get("spec") or {})
    asked.pop("enableServiceLinks", None)
    return _fill(asked) == _fill(spec)


def _fill(spec: Json) -> Json:
    found: Json = prune({name: each for name, each in spec.items() if each != ""})
    return found


@explains(f"{WHO} delete pods")
def explain_deletion(write: Write, scene: Scene) -> str:
    """A pod is deleted that has ended, is too many, or is of an old revision."""
    lives = scene.list_named("Pod", write.name)
    owners = [_find_owner(each.versions[0].data, scene) for each in lives]
    fault = explain_answer(write, scene)
    if fault:
        return fault
    for owner in owners:
        if owner is not None and next(_list_actions(write, scene, owner, None), None):
            return ""
    return "no state that it could have seen asks for it"

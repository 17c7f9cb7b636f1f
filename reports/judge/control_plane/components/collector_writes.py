"""Why the garbage collector may delete an object, free it of owners, or take finalizers off.

It asks the API server for the object and its owners, and its graph tells the dependents; so each
may be as of another moment shortly before the write.
"""

from collections.abc import Iterator

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import answer, list_own
from planespec.reports.judge.control_plane.kind_types import KINDS
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.write_effects import prune
from planespec.reports.judge.control_plane.write_explainers import explains, list_lives
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.controllers.garbage_collection import (
    FOREGROUND,
    ORPHAN,
    choose_propagation,
    read_owners,
)
from planespec.spec.objects.resource_names import plural_of
from planespec.spec.objects.view import ApiObject, View

COLLECTOR = "generic-garbage-collector"
LONGEST = 5.0
"""Seconds that pass between what is read and what is written of it: requests wait their turn."""
CONFLICT = 409


@explains(*(f"{COLLECTOR} delete {resource}" for resource in map(plural_of, KINDS)))
def explain_deletion(write: Write, scene: Scene) -> str:
    """Why an object may not be collected: an owner lives, or it has none."""
    fault = _find_deletion_fault(write, scene)
    if fault or write.is_accepted or write.code != CONFLICT:
        return answer(write, scene, fault)
    return _explain_conflict(write, scene)


def _find_deletion_fault(write: Write, scene: Scene) -> str:
    body = View(write.body)
    asked, policy = body.view("preconditions"), body.text("propagationPolicy")
    uid, revision = asked.text("uid"), asked.text("resourceVersion")
    if not uid:
        return "does not say which object of the name"
    if not revision and not _was_refused(write, scene, uid):
        return "does not say which version, and none was refused before"
    fault = "the object was not there"
    for version in _list_read(write, scene, uid, revision):
        fault = _find_owner_fault(write, scene, version, policy)
        if not fault:
            return ""
    return fault


def _was_refused(write: Write, scene: Scene, uid: str) -> bool:
    """Whether a deletion of a version was refused before, which is then repeated without it."""
    return any(
        each.verb == "delete" and each.name == write.name and each.code == CONFLICT
        for each in list_own(write, scene)
        if View(each.body).view("preconditions").text("uid") == uid
    )


def _list_read(write: Write, scene: Scene, uid: str, revision: str) -> Iterator[Version]:
    """The versions of the object that a read before may have told."""
    for life in list_lives(write, scene):
        if life.uid != uid:
            continue
        for each in life.versions:
            is_asked = not revision or str(each.revision) == revision
            if is_asked and not each.is_gone and _is_recent(each, write):
                yield each


def _is_recent(version: Version, write: Write) -> bool:
    """Whether a version may have been read: it was stored by then, and not replaced long ago."""
    is_past = version.after is not None and version.after.until < write.received - LONGEST
    return not is_past and version.since <= write.received


def _find_owner_fault(write: Write, scene: Scene, version: Version, policy: str) -> str:
    """Why the owners of an object do not let it be deleted so."""
    thing = ApiObject(version.data)
    owners = read_owners(thing)
    if not owners:
        return "the object has no owner"
    waits = False
    for owner in owners:
        is_gone, is_waiting = _look_at_owner(write, scene, owner.kind, owner.name, owner.uid)
        waits |= is_waiting
        if not is_gone and not is_waiting:
            return f"its owner {owner.kind} {owner.name} is there"
    wanted = {choose_propagation(thing)} | ({"Foreground"} if waits else set())
    return "" if policy in wanted else f"propagates {policy or 'as is usual'}"


def _look_at_owner(
    write: Write, scene: Scene, kind: str, name: str, uid: str
) -> tuple[bool, bool]:
    """Whether an owner may have been absent, and whether it may have waited for dependents."""
    is_gone, is_waiting, is_known = False, False, False
    for life in scene.list_named(kind, name):
        if life.uid != uid:
            continue
        is_known = True
        is_gone |= life.versions[-1].is_gone and life.versions[-1].since <= write.received
        for each in life.versions:
            if not each.is_gone and _is_recent(each, write):
                is_waiting |= _has_finalizer(each, FOREGROUND)
    if kind in KINDS:
        is_gone |= not is_known
    return is_gone, is_waiting


def _has_finalizer(version: Version, name: str) -> bool:
    finalizers = version.meta.get("finalizers") or ()
    return bool(version.meta.get("deletionTimestamp")) and name in finalizers


def _explain_conflict(write: Write, scene: Scene) -> str:
    """Why a deletion of one version is not refused: the object was still that version."""
    asked = View(write.body).view("preconditions")
    for life in list_lives(write, scene):
        if life.uid == asked.text("uid"):
            found = [each for each in life.versions if each.since <= write.done]
            if found and str(found[-1].revision) != asked.text("resourceVersion"):
                return ""
    return "the object was still the version that was to be deleted"


@explains(*(f"{COLLECTOR} patch {resource}" for resource in map(plural_of, KINDS)))
def explain_patch(write: Write, scene: Scene) -> str:
    """Why owners or finalizers may not be taken from an object."""
    return answer(write, scene, _find_patch_fault(write, scene))


def _find_patch_fault(write: Write, scene: Scene) -> str:
    metadata = View(write.body).view("metadata")
    if write.body.keys() != {"metadata"}:
        return "changes more than metadata"
    if metadata.has("ownerReferences"):
        return _find_release_fault(write, scene, metadata)
    return _find_finalizer_fault(write, scene, metadata)


def _find_release_fault(write: Write, scene: Scene, metadata: View) -> str:
    """Why owners may not be taken off: they live, and do not orphan their dependents."""
    if metadata.data.keys() != {"uid", "ownerReferences"}:
        return "changes more than owners"
    uid, entries = metadata.text("uid"), metadata.views("ownerReferences")
    for version in _list_read(write, scene, uid, ""):
        owners = {each.uid: each for each in read_owners(ApiObject(version.data))}
        for entry in entries:
            owner = owners.get(entry.text("uid"))
            if owner is None:
                break
            if entry.data.get("$patch") != "delete":
                is_unblocked = entry.data == {**owner.data, "blockOwnerDeletion": False}
                if not (is_unblocked and owner.blocks and _has_finalizer(version, FOREGROUND)):
                    break
                continue
            gone = _look_at_owner(write, scene, owner.kind, owner.name, owner.uid)
            if not any(gone) and not _orphans(write, scene, owner.kind, owner.name):
                break
        else:
            return ""
    return "the owners are there, and do not free what they own"


def _orphans(write: Write, scene: Scene, kind: str, name: str) -> bool:
    return any(
        _has_finalizer(each, ORPHAN) and each.since <= write.received
        for life in scene.list_named(kind, name)
        for each in life.versions
    )


def _find_finalizer_fault(write: Write, scene: Scene, metadata: View) -> str:
    """Why a finalizer may not be taken off: dependents of the object are there that it holds."""
    base = scene.find_base(write)
    if base is None or metadata.data.keys() - {"resourceVersion", "finalizers"}:
        return "changes more than the finalizers of a version"
    before, left = base.meta.get("finalizers") or [], metadata.texts("finalizers")
    for name in (FOREGROUND, ORPHAN):
        rest = [each for each in before if each != name]
        if name in before and prune(rest) == prune(left):
            held = _list_held(write, scene, base, name)
            return f"{held[0]} still depends on it" if held else ""
    return "takes off other finalizers than those of a deletion"


def _list_held(write: Write, scene: Scene, owner: Version, finalizer: str) -> list[Version]:
    """Dependents that must be gone, or free, before the finalizer goes; as of the write."""
    found = []
    for kind in scene.history.audited:
        for life in scene.history.list_lives(kind):
            seen = [each for each in life.versions if each.until < write.received - LONGEST]
            last = life.versions[-1]
            if not seen or seen[-1].is_gone or (last.is_gone and last.since <= write.received):
                continue
            versions = [seen[-1], *(e for e in life.versions if e.since <= write.received)]
            if all(_holds(each, owner, finalizer) for each in versions):
                found.append(versions[-1])
    return found


def _holds(version: Version, owner: Version, finalizer: str) -> bool:
    return any(
        each.uid == owner.uid and (finalizer == ORPHAN or each.blocks)
        for each in read_owners(ApiObject(version.data))
    )

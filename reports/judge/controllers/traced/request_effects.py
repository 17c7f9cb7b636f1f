"""What an accepted request makes of an object: the versions that a watch then shows.

What the object is before the request is known in full, as far as the scenario says it. An update
in the audit shows what its controller decides and no more; the rest is taken from before.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from planespec.reports.judge.controllers.traced.traced_line import Request
from planespec.reports.judge.versions.api_requests import read_options
from planespec.reports.judge.versions.object_versions import Version, get_api_version
from planespec.reports.judge.versions.stored_changes import (
    apply_patch,
    store_change,
    store_deletion,
)
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.kind_defaults import fill_in_kind
from planespec.spec.api.deletion import (
    list_finalizers,
    mark_as_deleting,
    should_delete,
)
from planespec.spec.api.json_patch import PatchError
from planespec.spec.objects.view import ObjectError

Json = dict[str, Any]
Step = tuple[str, Json]
"""The type of an event, and the object it shows."""

PROTECTION = {
    "PersistentVolumeClaim": "kubernetes.io/pvc-protection",
    "PersistentVolume": "kubernetes.io/pv-protection",
}
"""The finalizer that admission (StorageObjectInUseProtection) adds to new objects."""
REVISION = "deployment.kubernetes.io/revision"
_COUNTED = ("ReplicaSet", "Deployment")
"""Kinds whose generation counts what is asked of them."""
_DECIDED: Mapping[str, str] = {
    "PersistentVolumeClaim": "volumeName",
    "PersistentVolume": "claimRef",
}
"""The field of the spec that a controller decides."""
_NEW_STATUS: Mapping[str, Json] = {
    "Pod": {"phase": "Pending"},
    "PersistentVolumeClaim": {"phase": "Pending"},
    "PersistentVolume": {"phase": "Pending"},
}
_TIMED = "lastPhaseTransitionTime"


def follow(request: Request, before: Json | None, shown: Version) -> list[Step]:
    """The events that a request leads to, of which `shown` is the first; none if it changes none.

    The time of the server is what that version says. Raises nothing: what cannot be, is no event.
    """
    try:
        if request.verb == "create":
            return [("ADDED", _create(request, shown))] if before is None else []
        if before is None:
            return []
        if request.verb in ("delete", "deletecollection"):
            return list(_delete(request, before, shown))
        return _update(request, before, shown)
    except (ApiError, PatchError, ObjectError, TypeError, AttributeError, KeyError, ValueError):
        return []


def _tell_time(shown: Version) -> str:
    """When the server made a version, by what it says."""
    return str(shown.meta.get("deletionTimestamp") or "")


def _create(request: Request, shown: Version) -> Json:
    key = shown.key
    made: Json = copy.deepcopy(dict(request.body))
    meta = made.setdefault("metadata", {})
    if request.name == "":
        prefix = meta.pop("generateName")
        if not key.name.startswith(prefix) or len(key.name) != len(prefix) + 5:
            return {}
    meta["name"], meta["uid"] = key.name, shown.uid
    if key.namespace:
        meta["namespace"] = key.namespace
    if key.kind in PROTECTION:
        meta["finalizers"] = [*(meta.get("finalizers") or ()), PROTECTION[key.kind]]
    made["kind"], made["apiVersion"] = key.kind, get_api_version(key.kind)
    made, _ = fill_in_kind(made)
    meta = made["metadata"]
    if key.kind in _NEW_STATUS:
        made["status"] = dict(_NEW_STATUS[key.kind])
    if key.kind == "PersistentVolume":
        made["status"][_TIMED] = shown.data.get("status", {}).get(_TIMED)
    if key.kind in _COUNTED:
        meta["generation"] = 1
        made["status"] = {}
    return made


def _delete(request: Request, before: Json, shown: Version) -> Iterator[Step]:
    now = _tell_time(shown)
    made, is_stored, is_gone = store_deletion(request, before, now)
    if request.kind == "Namespace":
        yield from _delete_namespace(request, before, shown)
        return
    if is_stored:
        made["metadata"]["deletionTimestamp"] = now  # what is shown has the grace in it
        yield "MODIFIED", made
    if is_gone:
        yield "DELETED", made if is_stored else before


def _delete_namespace(request: Request, before: Json, shown: Version) -> Iterator[Step]:
    """Let a namespace end, once; the rest is done when its content is gone.

    Its finalizers come out of a map, in any order. Source:
    `pkg/registry/core/namespace/storage/storage.go`, Delete.
    """
    if before["metadata"].get("deletionTimestamp"):
        return
    made = copy.deepcopy(before)
    finalizers = list_finalizers(before, read_options(request))
    told = shown.meta.get("finalizers") or []
    _set(
        made["metadata"], "finalizers", told if sorted(told) == sorted(finalizers) else finalizers
    )
    mark_as_deleting(made, _tell_time(shown))
    yield "MODIFIED", {**made, "status": {**made.get("status", {}), "phase": "Terminating"}}


def _update(request: Request, before: Json, shown: Version) -> list[Step]:
    made = store_change(request, CHANGES[request.verb](request, before), before)
    _fill_in(request, made, before, shown)
    if should_delete(made, before) and not (made.get("spec") or {}).get("finalizers"):
        return [("DELETED", before)]
    return [("MODIFIED", made)] if made != before else []


def _fill_in(request: Request, made: Json, before: Json, shown: Version) -> None:
    """Fill in what a version shows and nobody asked for: times, and the number of a rollout."""
    status, was = made.get("status") or {}, before.get("status") or {}
    if made.get("kind") == "PersistentVolume" and status.get("phase") != was.get("phase"):
        status[_TIMED] = shown.data.get("status", {}).get(_TIMED)
    if made.get("kind") == "Deployment" and request.subresource == "status":
        annotations = dict(made["metadata"].get("annotations") or {})
        if told := (shown.meta.get("annotations") or {}).get(REVISION):
            annotations[REVISION] = told
        _set(made["metadata"], "annotations", annotations)


def _put(request: Request, before: Json) -> Json:
    """An update, of which the audit shows what its controller decides."""
    made, told = copy.deepcopy(before), dict(request.body)
    if request.subresource == "status":
        made["status"] = copy.deepcopy(told.get("status") or {})
        return made
    if request.subresource == "finalize":
        _set(made["spec"], "finalizers", told["spec"].get("finalizers"))
        return made
    meta = told.get("metadata") or {}
    for name in ("annotations", "finalizers"):
        _set(made["metadata"], name, copy.deepcopy(meta.get(name)))
    field = _DECIDED.get(before["kind"])
    if field is not None:
        _set(made["spec"], field, copy.deepcopy((told.get("spec") or {}).get(field)))
    return made


def _patch(request: Request, before: Json) -> Json:
    """A patch; one that names what it means by uid is strategic, as those of owners are."""
    body = request.body
    is_strategic = isinstance(body, dict) and "uid" in (body.get("metadata") or {})
    made = apply_patch(before["kind"], before, body, is_strategic=is_strategic)
    for name in ("finalizers", "ownerReferences"):
        _set(made["metadata"], name, made["metadata"].get(name))
    return made


CHANGES: Mapping[str, Callable[[Request, Json], Json]] = {"update": _put, "patch": _patch}


def _set(fields: Json, name: str, value: object) -> None:
    """Set a field, or take it away where there is nothing to set."""
    if value:
        fields[name] = value
    else:
        fields.pop(name, None)


def show(data: Json, shown: Version) -> Json:
    """What a watch shows of an object, in the fields that the recorder kept of its kind."""
    meta = data.get("metadata") or {}
    names = ("name", "namespace", "uid", "deletionTimestamp", "finalizers", "ownerReferences")
    seen: Json = {name: meta[name] for name in (*names, "labels", "annotations") if meta.get(name)}
    told: Json = {"kind": data.get("kind"), "metadata": seen}
    for name in ("spec", "status"):
        if name in shown.data:
            told[name] = _show_part(data, name)
    return told


def _show_part(data: Json, name: str) -> Json:
    part = data.get(name) or {}
    if data.get("kind") != "Pod":
        return dict(part)
    if name == "status":
        return {"phase": part.get("phase")}
    return {"nodeName": part.get("nodeName"), "volumes": part.get("volumes")}

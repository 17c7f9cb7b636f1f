"""What an accepted request makes of an object: the versions that a watch then shows.

What the object is before the request is known in full, as far as the scenario says it. An update
in the audit shows what its controller decides and no more; the rest is taken from before.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from planespec.reports.judge.controllers.traced.traced_line import Key, Request, Shown
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.kind_defaults import fill_in_kind
from planespec.spec.api.deletion import (
    DeleteOptions,
    list_finalizers,
    mark_as_deleting,
    read_delete_options,
    should_delete,
)
from planespec.spec.api.graceful_deletion import Grace, mark_gracefully
from planespec.spec.api.json_patch import PatchError, json_patch, merge_patch
from planespec.spec.api.strategic_patch import strategic_merge_patch
from planespec.spec.objects.object_store import GROUPS
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.schema.merge_types import MergeType

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
_KEPT = (
    *("name", "namespace", "uid", "resourceVersion"),
    *("deletionTimestamp", "deletionGracePeriodSeconds", "generation"),
)
"""What no update changes by itself."""
_TIMED = "lastPhaseTransitionTime"


def get_api_version(kind: str) -> str:
    """The version under which objects of a kind are stored here."""
    return f"{GROUPS[kind]}/v1" if GROUPS.get(kind) else "v1"


def follow(request: Request, before: Json | None, key: Key, shown: Shown) -> list[Step]:
    """The events that a request leads to, of which `shown` is the first; none if it changes none.

    The time of the server is what that version says. Raises nothing: what cannot be, is no event.
    """
    try:
        if request.verb == "create":
            return [("ADDED", _create(request, key, shown))] if before is None else []
        if before is None:
            return []
        if request.verb in ("delete", "deletecollection"):
            return list(_delete(request, before, shown))
        return _update(request, before, shown)
    except (ApiError, PatchError, ObjectError, TypeError, AttributeError, KeyError, ValueError):
        return []


def _tell_time(shown: Shown) -> str:
    """When the server made a version, by what it says."""
    return str(shown.data["metadata"].get("deletionTimestamp") or "")


def _create(request: Request, key: Key, shown: Shown) -> Json:
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


def _delete(request: Request, before: Json, shown: Shown) -> Iterator[Step]:
    """What `spec/api/registry.py` does with a deletion, as far as it is shown."""
    options = _read_options(request)
    options.check(before["kind"], before)
    if before["kind"] == "Namespace":
        yield from _delete_namespace(options, before, shown)
        return
    made, grace = copy.deepcopy(before), Grace.NONE
    meta = made["metadata"]
    if before["kind"] == "Pod":
        period = options.grace
        grace = mark_gracefully(made, period, _tell_time(shown))
        if grace is Grace.MARKED:
            meta["deletionTimestamp"] = _tell_time(shown)
    if grace is Grace.PENDING:
        return
    finalizers = list_finalizers(before, options)
    _set(meta, "finalizers", finalizers)
    if grace is Grace.NONE and finalizers:
        mark_as_deleting(made, _tell_time(shown))
    if (finalizers or grace is Grace.MARKED) and made != before:
        yield "MODIFIED", made
    if not finalizers and not (grace is Grace.MARKED and meta.get("deletionGracePeriodSeconds")):
        yield "DELETED", made if grace is Grace.MARKED else before


def _delete_namespace(options: DeleteOptions, before: Json, shown: Shown) -> Iterator[Step]:
    """Let a namespace end, once; the rest is done when its content is gone.

    Its finalizers come out of a map, in any order. Source:
    `pkg/registry/core/namespace/storage/storage.go`, Delete.
    """
    if before["metadata"].get("deletionTimestamp"):
        return
    made = copy.deepcopy(before)
    finalizers = list_finalizers(before, options)
    told = shown.data["metadata"].get("finalizers") or []
    _set(
        made["metadata"], "finalizers", told if sorted(told) == sorted(finalizers) else finalizers
    )
    mark_as_deleting(made, _tell_time(shown))
    yield "MODIFIED", {**made, "status": {**made.get("status", {}), "phase": "Terminating"}}


def _read_options(request: Request) -> DeleteOptions:
    body = dict(View(request.body).data)
    if "gracePeriodSeconds" in request.options:
        body["gracePeriodSeconds"] = int(request.options["gracePeriodSeconds"])
    return read_delete_options(body)


def _update(request: Request, before: Json, shown: Shown) -> list[Step]:
    made = CHANGES[request.verb](request, before)
    _keep_what_is_theirs(request, made, before, shown)
    if should_delete(made, before) and not (made.get("spec") or {}).get("finalizers"):
        return [("DELETED", before)]
    return [("MODIFIED", made)] if made != before else []


def _keep_what_is_theirs(request: Request, made: Json, before: Json, shown: Shown) -> None:
    """Put back or fill in what the server decides: identity, deletion, times, generation."""
    meta, old = made["metadata"], before["metadata"]
    for name in _KEPT:
        meta.pop(name, None)
        meta |= {name: old[name]} if name in old else {}
    if request.subresource == "status":
        made["spec"] = before.get("spec", {})
    if made.get("kind") in _COUNTED and made.get("spec") != before.get("spec"):
        meta["generation"] = old.get("generation", 1) + 1
    status, was = made.get("status") or {}, before.get("status") or {}
    if made.get("kind") == "PersistentVolume" and status.get("phase") != was.get("phase"):
        status[_TIMED] = shown.data.get("status", {}).get(_TIMED)
    if made.get("kind") == "Deployment" and request.subresource == "status":
        annotations = dict(meta.get("annotations") or {})
        if told := (shown.data["metadata"].get("annotations") or {}).get(REVISION):
            annotations[REVISION] = told
        _set(meta, "annotations", annotations)


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
    made: Json = copy.deepcopy(before)
    if isinstance(request.body, list):
        made = json_patch(made, request.body)
    elif _is_strategic(request.body):
        made = strategic_merge_patch(_OF_OBJECTS, made, request.body)
    else:
        made = merge_patch(made, request.body)
    if not made["metadata"].get("finalizers"):
        made["metadata"].pop("finalizers", None)
    if not made["metadata"].get("ownerReferences"):
        made["metadata"].pop("ownerReferences", None)
    if request.subresource == "status":
        return {**copy.deepcopy(before), "status": made.get("status") or {}}
    return made


def _is_strategic(body: Json) -> bool:
    """Whether a patch names what it means by uid, as those of owner references do."""
    return "uid" in (body.get("metadata") or {})


def _describe_objects() -> MergeType:
    """What a strategic patch of owner references needs to know of any kind."""
    whole, meta, owners, owner = (
        MergeType(each) for each in ("struct", "struct", "list", "struct")
    )
    owners.items, owners.merge_key, owners.patch_strategies = owner, "uid", ("merge",)
    meta.fields["ownerReferences"] = owners
    whole.fields["metadata"] = meta
    return whole


_OF_OBJECTS = _describe_objects()
CHANGES: Mapping[str, Callable[[Request, Json], Json]] = {"update": _put, "patch": _patch}


def _set(fields: Json, name: str, value: object) -> None:
    """Set a field, or take it away where there is nothing to set."""
    if value:
        fields[name] = value
    else:
        fields.pop(name, None)


def show(data: Json, shown: Shown) -> Json:
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

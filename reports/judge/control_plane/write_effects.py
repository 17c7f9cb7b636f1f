"""What the API server makes of one write: which version follows from the one before it.

A write of one of the verbs makes a version, but for three: a deletion of a pod marks it and
removes it when its grace is 0, an eviction notes why before it deletes, and an update that takes
the last finalizer from an object that is being deleted removes it. What a new object has beyond
what was asked for are defaults (`created_objects`).
"""

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from planespec.reports.judge.control_plane.audited_writes import USER
from planespec.reports.judge.control_plane.created_objects import find_created_fault
from planespec.reports.judge.versions.api_requests import ApiRequest
from planespec.reports.judge.versions.object_versions import Version
from planespec.reports.judge.versions.stored_changes import (
    apply_patch,
    find_type,
    store_change,
    store_deletion,
)
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.job_changes import JOB
from planespec.spec.api.changes.workload_changes import DEPLOYMENT, STATEFUL_SET
from planespec.spec.api.decoding import DecodingError, decode
from planespec.spec.api.deletion import should_delete
from planespec.spec.api.json_patch import PatchError
from planespec.spec.controllers.batch.cron_jobs import write_time
from planespec.spec.node.status_parts import put_condition
from planespec.spec.objects.view import ObjectError

Json = dict[str, Any]
Outcome = tuple[Json, bool]
"""What becomes of an object, and whether it goes."""
_ZONES = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")
EVICTED = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "EvictionByEvictionAPI",
    "message": "Eviction API: evicting",
}


def prune(value: Any) -> Any:
    """A value without what is as good as absent: null, and empty objects and lists."""
    if isinstance(value, dict):
        found = {name: prune(each) for name, each in value.items()}
        return {name: each for name, each in found.items() if each not in (None, {}, [])}
    return [prune(each) for each in value] if isinstance(value, list) else value


def shape(data: Json) -> Json:
    """What of an object is compared: all but its revision and what kind it is of."""
    meta = dict(data.get("metadata") or {})
    meta.pop("resourceVersion", None)
    meta.pop("managedFields", None)
    rest = {name: each for name, each in data.items() if name not in ("kind", "apiVersion")}
    found: Json = prune(rest | {"metadata": meta})
    return found


def list_seconds(write: ApiRequest) -> Iterator[str]:
    """The times that the API server's clock may have shown while it wrote."""
    for second in range(int(write.received), int(write.done) + 1):
        yield write_time(datetime.fromtimestamp(second, UTC))


def find_fault(
    write: ApiRequest, before: Version | None, after: Version, nodes: list[Json]
) -> str:
    """Why a version is not what the write makes of the one before it; empty where it is.

    A write that made the one before, too, is not held to its preconditions again. `nodes` are the
    versions of nodes, whose zone a bound pod is labelled with.
    """
    if write.verb == "create" and "/" not in write.resource:
        if before is not None:
            return "the object was there"
        return find_created_fault(write, after)
    if before is None:
        return "the object was not there"
    wanted = shape(after.data)
    may_end = _is_due(before.data) and not before.meta.get("finalizers")
    if write.made and after.is_gone and may_end and write.kind == "Pod":
        return "" if shape(before.data) == wanted else "differs from what was asked for"
    for outcome, is_gone in list_outcomes(write, before.data, nodes):
        if is_gone == after.is_gone and shape(outcome) == wanted:
            return ""
    return "differs from what was asked for"


def list_outcomes(write: ApiRequest, before: Json, nodes: list[Json]) -> Iterator[Outcome]:
    """The objects that a write may make of one that is there, and whether that then goes.

    None where it asks for another object, or is refused.
    """
    meta = before["metadata"]
    if write.uid and write.uid != meta["uid"]:
        return
    if write.verb == "delete":
        yield from _list_deleted(write, before)
    elif write.resource == "pods/binding":
        yield from _list_bound(write, before, nodes)
    elif write.resource == "pods/eviction":
        yield from _list_evicted(write, before)
    elif write.verb in ("update", "patch") and not write.is_stale(meta["resourceVersion"]):
        yield from _list_changed(write, before)


def _list_changed(write: ApiRequest, before: Json) -> Iterator[Outcome]:
    try:
        asked = write.body if write.verb == "update" else _patch(write, before)
        changed = store_change(write, asked, before)
    except (ObjectError, PatchError):
        return
    is_gone = should_delete(changed, before)
    yield (before if is_gone else changed), is_gone


def _patch(write: ApiRequest, before: Json) -> Json:
    is_strategic = write.component != USER
    made = apply_patch(write.kind, before, write.body, is_strategic=is_strategic)
    return made if is_strategic else _complete(write.kind, made)


def _complete(kind: str, asked: Json) -> Json:
    """An object in its types and with defaults, as far as more than metadata was changed."""
    strategy = _DEFAULTED.get(kind)
    if strategy is None:
        return asked
    try:
        found: Json = decode(find_type(kind), copy.deepcopy(asked)).value
    except DecodingError:
        return asked
    strategy.default(found)
    return found


_DEFAULTED = {each.kind: each for each in (DEPLOYMENT, STATEFUL_SET, JOB)}


def _list_deleted(write: ApiRequest, before: Json) -> Iterator[Outcome]:
    """Marked, or gone: a pod without time left is marked, and goes by a second version."""
    for now in list_seconds(write):
        try:
            found = store_deletion(write, before, now)
        except (ApiError, ObjectError):
            return
        if found.is_stored:
            yield found.data, False
        elif found.is_gone:
            yield before, True


def _is_due(pod: Json) -> bool:
    """Whether a pod that is being deleted has no time left."""
    meta = pod["metadata"]
    return bool(meta.get("deletionTimestamp")) and meta.get("deletionGracePeriodSeconds") == 0


def _list_evicted(write: ApiRequest, before: Json) -> Iterator[Outcome]:
    """The pod with a condition that says why, or marked, or gone."""
    options = write.body.get("deleteOptions") or {}
    yield from _list_deleted(replace(write, verb="delete", body=options), before)
    for now in list_seconds(write):
        noted = copy.deepcopy(before)
        conditions = noted.setdefault("status", {}).setdefault("conditions", [])
        put_condition(conditions, EVICTED | {"lastTransitionTime": now, "lastProbeTime": None})
        yield noted, False


# Bindings.


def _list_bound(write: ApiRequest, before: Json, nodes: list[Json]) -> Iterator[Outcome]:
    target = write.body.get("target") or {}
    node = target.get("name") if target.get("kind") in (None, "", "Node") else ""
    if before["spec"].get("nodeName") or not node or before["spec"].get("schedulingGates"):
        return
    zones: list[dict[str, str]] = [{}]
    for each in nodes:
        if each["metadata"]["name"] == node:
            labels = each["metadata"].get("labels") or {}
            zones.append({name: labels[name] for name in _ZONES if name in labels})
    for now in list_seconds(write):
        for labels in zones:
            bound = copy.deepcopy(before)
            bound["spec"]["nodeName"] = node
            bound.get("status", {}).pop("nominatedNodeName", None)
            if labels:
                bound["metadata"]["labels"] = labels | (bound["metadata"].get("labels") or {})
            condition = {"type": "PodScheduled", "status": "True", "lastTransitionTime": now}
            conditions = bound.setdefault("status", {}).setdefault("conditions", [])
            put_condition(conditions, condition)
            yield bound, False

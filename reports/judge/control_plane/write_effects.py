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

from planespec.reports.judge.control_plane.audited_writes import USER, Write
from planespec.reports.judge.control_plane.created_objects import find_created_fault
from planespec.reports.judge.control_plane.kind_types import GROUPS, find_type
from planespec.reports.judge.control_plane.version_history import Version
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.changes.job_changes import JOB
from planespec.spec.api.changes.workload_changes import DEPLOYMENT, STATEFUL_SET
from planespec.spec.api.decoding import DecodingError, decode
from planespec.spec.api.deletion import (
    list_finalizers,
    mark_as_deleting,
    read_delete_options,
    should_delete,
)
from planespec.spec.api.graceful_deletion import Grace, mark_gracefully
from planespec.spec.api.json_patch import PatchError, merge_patch
from planespec.spec.api.strategic_patch import strategic_merge_patch
from planespec.spec.controllers.batch.cron_jobs import write_time
from planespec.spec.node.status_parts import put_condition
from planespec.spec.objects.view import ObjectError

Json = dict[str, Any]
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


def list_seconds(write: Write) -> Iterator[str]:
    """The times that the API server's clock may have shown while it wrote."""
    for second in range(int(write.received), int(write.done) + 1):
        yield write_time(datetime.fromtimestamp(second, UTC))


def find_fault(write: Write, before: Version | None, after: Version, nodes: list[Json]) -> str:
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


def list_outcomes(write: Write, before: Json, nodes: list[Json]) -> Iterator[tuple[Json, bool]]:
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
    elif write.verb in ("update", "patch") and _is_current(write, before):
        yield from _list_changed(write, before)


def _is_current(write: Write, before: Json) -> bool:
    """Whether a write names no revision, or that of the object."""
    revision = before["metadata"]["resourceVersion"]
    return write.revision is None or str(write.revision) == revision


def _list_changed(write: Write, before: Json) -> Iterator[tuple[Json, bool]]:
    for asked in _read_changes(write, before):
        changed = _store(write, before, asked)
        is_gone = should_delete(changed, before)
        yield (before if is_gone else changed), is_gone


def _read_changes(write: Write, before: Json) -> Iterator[Json]:
    if write.verb == "update":
        yield copy.deepcopy(write.body)
        return
    if write.component == USER:
        yield _complete(write.kind, merge_patch(before, write.body))
        return
    try:
        yield strategic_merge_patch(find_type(write.kind), before, write.body)
    except PatchError:
        return


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


def _store(write: Write, before: Json, asked: Json) -> Json:
    """What is stored of what was asked for: a resource writes its own part only."""
    kept = {"status"} if "/" not in write.resource else set(asked) - {"status", "metadata"}
    kept |= {"spec"} if "/" in write.resource else set()
    stored = {name: each for name, each in asked.items() if name not in kept}
    stored |= {name: before[name] for name in kept if name in before}
    if write.kind not in _WITH_STATUS and "/" not in write.resource:
        stored = dict(asked)
    old = before["metadata"]
    meta = dict(stored.get("metadata") or {})
    for name in ("uid", "creationTimestamp", "generation", "namespace", "name", "generateName"):
        meta[name] = old.get(name)
    for name in ("deletionTimestamp", "deletionGracePeriodSeconds"):
        meta[name] = old.get(name)
    is_counted = prune(stored.get("spec")) != prune(before.get("spec"))
    if write.kind == "Deployment" and write.resource == "deployments":
        is_counted |= (meta.get("annotations") or {}) != (old.get("annotations") or {})
    if "generation" in old and is_counted:
        meta["generation"] = old["generation"] + 1
    return stored | {"metadata": meta}


_WITH_STATUS = set(GROUPS) - {"ConfigMap", "ControllerRevision"}


# Deletions.


def _list_deleted(write: Write, before: Json) -> Iterator[tuple[Json, bool]]:
    """Marked, or gone: a pod goes by a second version, when its time is up."""
    try:
        options = read_delete_options(write.body)
    except (ApiError, ObjectError):
        return
    grace, policy = options.grace, write.query.get("propagationPolicy")
    if "gracePeriodSeconds" in write.query and write.query["gracePeriodSeconds"][0].isdigit():
        grace = int(write.query["gracePeriodSeconds"][0])
    if policy:
        options = type(options)(options.uid, options.version, policy[0])
    meta = before["metadata"]
    if options.uid not in (None, meta["uid"]):
        return
    if options.version not in (None, meta["resourceVersion"]):
        return
    may_go = "finalizers" not in meta and (write.kind != "Pod" or _is_due(before))
    if may_go and not list_finalizers(before, options):
        yield before, True
    for now in list_seconds(write):
        marked = copy.deepcopy(before)
        if write.kind == "Pod":
            if mark_gracefully(marked, grace, now) is Grace.MARKED:
                yield marked, False
            continue
        finalizers = list_finalizers(marked, options)
        if finalizers:
            marked["metadata"]["finalizers"] = finalizers
            mark_as_deleting(marked, now)
            yield marked, False


def _is_due(pod: Json) -> bool:
    """Whether a pod that is being deleted has no time left."""
    meta = pod["metadata"]
    return bool(meta.get("deletionTimestamp")) and meta.get("deletionGracePeriodSeconds") == 0


def _list_evicted(write: Write, before: Json) -> Iterator[tuple[Json, bool]]:
    """The pod with a condition that says why, or marked, or gone."""
    options = write.body.get("deleteOptions") or {}
    yield from _list_deleted(replace(write, verb="delete", body=options), before)
    for now in list_seconds(write):
        noted = copy.deepcopy(before)
        conditions = noted.setdefault("status", {}).setdefault("conditions", [])
        put_condition(conditions, EVICTED | {"lastTransitionTime": now, "lastProbeTime": None})
        yield noted, False


# Bindings.


def _list_bound(write: Write, before: Json, nodes: list[Json]) -> Iterator[tuple[Json, bool]]:
    node = (write.body.get("target") or {}).get("name")
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

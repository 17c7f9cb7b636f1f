"""Read the pod or workload in question and the cluster it is to run in."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planespec.checker.errors import ConfigurationError, InputError
from planespec.reports.audit.reading.archives import expand
from planespec.reports.audit.reading.item import Item
from planespec.reports.audit.sources import SnapshotAudit, SnapshotReader
from planespec.reports.input.lines import STDIN
from planespec.spec.cluster.cluster_requirements import Malformed, Place
from planespec.spec.controllers.pod_making import Workload, read_workload_of
from planespec.spec.objects import ObjectError, View
from planespec.spec.objects.interning import ObjectKey, Stored
from planespec.spec.objects.object_store import Store
from planespec.spec.objects.workload_views import HOLDERS, WorkloadView

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A pending pod or a workload, the cluster without it, and what was assumed to get there."""

    pod: Object | None
    """None where a workload is asked about."""
    workload: Workload | None
    is_new: bool
    """Whether the pod has still to be admitted: it comes from a manifest."""
    objects: Store
    notes: Sequence[str]


def read_objects(names: Iterable[str]) -> Store:
    """Read files into a store. Raises InputError at the first part that cannot be read.

    An audit leaves malformed objects out; here a node left out would be a wrong answer.
    """
    store = Store()
    reader = SnapshotReader(store)
    for name in expand(names):
        reader.read_file(name, sys.stdin.buffer)
    for fault in reader.report.malformed:
        raise _blame(fault)
    return store


def _blame(fault: Malformed) -> InputError:
    words = ": ".join(filter(None, (fault.subject, fault.field, fault.message)))
    return InputError(words, file=fault.place.file, line=fault.place.line)


def find_unreadable(objects: Store, error: ValueError) -> InputError:
    """Say which object it is that a rule could not read, as an audit of each would tell."""
    for stored in objects:
        audit = SnapshotAudit()
        if isinstance(stored.source, Place):
            audit.add(Item(stored.to_json(), stored.source, stored.key.kind, stored.version))
        for fault in audit.report.malformed:
            return _blame(fault)
    return InputError(f"an object cannot be read: {error}")


def read_question(name: str, files: Sequence[str]) -> Question:
    """Read the pod from a file, or by namespace/name from the snapshot in `files`.

    Raises InputError for malformed input, ConfigurationError for a pod that is not there.
    """
    if [name, *files].count(STDIN) > 1:
        raise ConfigurationError("only one of POD and --cluster can be standard input")
    objects = read_objects(files)
    if name == STDIN or os.path.exists(name):
        return _read_file(name, objects)
    return _ask_pod(name, _find_pod(name, objects), objects, is_new=False)


def _ask_pod(name: str, found: Object, objects: Store, *, is_new: bool) -> Question:
    _check(found, name)
    notes: list[str] = []
    meta = found["metadata"]
    is_there = objects.discard(_get_key(meta.get("namespace"), meta.get("name"))) is not None
    pod = {**found, "spec": dict(found["spec"])}
    if (is_there or "uid" in meta) and pod["spec"].pop("nodeName", None):
        notes.append(f"bound to {found['spec']['nodeName']}, explained as if it were pending")
    is_stored = not is_new or _has_been_stored(found)
    if is_new and is_stored and "uid" not in meta:
        notes.append("it has a status or a priority, so it is taken as admitted already")
    return Question(pod, None, not is_stored, objects, notes)


def _has_been_stored(pod: Object) -> bool:
    """Whether an API server has seen the pod: it alone gives out what is looked for here."""
    status = pod.get("status")
    return (
        any(pod["metadata"].get(name) for name in ("uid", "resourceVersion"))
        or pod["spec"].get("priority") is not None
        or (isinstance(status, Mapping) and bool(status.get("phase")))
    )


def _get_key(namespace: str | None, name: str | None) -> ObjectKey:
    return ObjectKey("", "Pod", namespace or "default", name or "")


def _find_pod(name: str, objects: Store) -> Object:
    namespace, slash, short = name.rpartition("/")
    pod = objects.get(_get_key(namespace if slash else "default", short))
    if pod is None:
        raise ConfigurationError(f"{name}: neither a file nor the namespace/name of a pod there")
    return pod


def _read_file(name: str, objects: Store) -> Question:
    """Find the one pod or workload of a file; what else it holds joins the cluster."""
    own = read_objects([name])
    asked = [each for each in own if _is_asked(each, own)]
    if len(asked) != 1:
        raise InputError(f"has {len(asked)} pods or pod templates, needs one", file=name)
    for each in own:
        if each is not asked[0] and objects.get(each.key) is None:
            objects.put(each.key, each.to_json(), each.source, each.version)
    if asked[0].key.kind == "Pod":
        return _ask_pod(name, asked[0], objects, is_new=True)
    return _ask_workload(name, asked[0], objects)


def _is_asked(stored: Stored, own: Store) -> bool:
    if own.get(stored.key) is None or not _is_own(stored, own):
        return False
    return stored.key.kind == "Pod" or _holds_template(stored)


def _is_own(stored: Stored, own: Store) -> bool:
    """Whether it is of Kubernetes' own group: others only share the name of a kind."""
    return any(each is stored for each in own.list(stored.key.kind))


def _holds_template(stored: Stored) -> bool:
    if stored.key.kind not in HOLDERS:
        return False
    try:
        holder = WorkloadView(stored.key.kind, stored).holder
    except ObjectError:
        return False
    return isinstance(holder.data.get("template"), dict)


def _ask_workload(name: str, found: Stored, objects: Store) -> Question:
    try:
        sets = objects.list("ReplicaSet")
        workload = read_workload_of(found.key.kind, found.to_json(), sets)
    except ObjectError as error:
        raise InputError(str(error), file=name) from error
    if workload is None:
        raise InputError(f"a {found.key.kind} has no pods", file=name)
    _check({"metadata": {}, "spec": workload.template.data.get("spec")}, name)
    count = _discard_pods(workload, objects)
    notes = []
    if count:
        notes.append(f"{count:,} pods of it that are in the snapshot are left out of account")
    return Question(None, workload, True, objects, notes)


def _discard_pods(workload: Workload, objects: Store) -> int:
    """Take the pods that a StatefulSet or DaemonSet would replace out of the cluster."""
    if workload.kind not in ("StatefulSet", "DaemonSet"):
        return 0
    found = [
        stored.key
        for stored in objects.list("Pod")
        if stored.key.namespace == workload.namespace
        and any(
            owner.text("kind") == workload.kind and owner.text("name") == workload.name
            for owner in View(stored).view("metadata").views("ownerReferences")
        )
    ]
    for key in found:
        objects.discard(key)
    return len(found)


def _check(pod: Object, name: str) -> None:
    for field in ("metadata", "spec"):
        if not isinstance(pod.get(field), dict):
            raise InputError(f"{field}: needs an object", file=name)
    if not pod["spec"].get("containers"):
        raise InputError("spec.containers: a pod needs a container", file=name)

"""Read the pod in question and the cluster it is to run in."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planespec.checker.errors import ConfigurationError, InputError
from planespec.reports.audit.reading.item import Item
from planespec.reports.audit.sources import SnapshotAudit, SnapshotReader, expand
from planespec.reports.input.lines import STDIN
from planespec.spec.cluster.cluster_requirements import Malformed, Place
from planespec.spec.objects import ObjectMeta
from planespec.spec.objects.interning import ObjectKey
from planespec.spec.objects.object_store import Store
from planespec.spec.objects.standing_objects import SYSTEM_CLASSES

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A pending pod, the cluster without it, and what was assumed to get there."""

    pod: Object
    objects: Store
    notes: Sequence[str]


def read_objects(names: Iterable[str]) -> Store:
    """Read files into a store. Raises InputError at the first part that cannot be read.

    An audit leaves malformed objects out; here a node left out would be a wrong answer.
    """
    store = Store()
    reader = SnapshotReader(store, store.interner)
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
    is_file = name == STDIN or os.path.exists(name)
    found = _read_pod_file(name) if is_file else _find_pod(name, objects)
    notes: list[str] = []
    meta = found["metadata"]
    is_there = objects.discard(_get_key(meta.get("namespace"), meta.get("name"))) is not None
    pod = {**found, "spec": dict(found["spec"])}
    if (is_there or "uid" in meta) and pod["spec"].pop("nodeName", None):
        notes.append(f"bound to {found['spec']['nodeName']}, explained as if it were pending")
    _set_priority(pod["spec"], objects.list("PriorityClass"), notes)
    return Question(pod, objects, notes)


def _get_key(namespace: str | None, name: str | None) -> ObjectKey:
    return ObjectKey("", "Pod", namespace or "default", name or "")


def _find_pod(name: str, objects: Store) -> Object:
    namespace, slash, short = name.rpartition("/")
    pod = objects.get(_get_key(namespace if slash else "default", short))
    if pod is None:
        raise ConfigurationError(f"{name}: neither a file nor the namespace/name of a pod there")
    return _check(pod, name)


def _read_pod_file(name: str) -> Object:
    own = read_objects([name]).by_kind()
    found = [_take_pod(kind, each) for kind, objects in own.items() for each in objects]
    pods = [pod for pod in found if pod is not None]
    if len(pods) != 1:
        raise InputError(f"has {len(pods)} pods or pod templates, needs one", file=name)
    return _check(pods[0], name)


def _take_pod(kind: str, value: Object) -> Object | None:
    """Return the pod, or the pod a workload would make; None for any other object."""
    if kind == "Pod":
        return value
    spec = value.get("spec")
    if kind == "CronJob" and isinstance(spec, dict):
        job = spec.get("jobTemplate")
        spec = job.get("spec") if isinstance(job, dict) else None
    template = value if kind == "PodTemplate" else spec
    template = template.get("template") if isinstance(template, dict) else None
    if not isinstance(template, dict):
        return None
    own, given = value.get("metadata") or {}, template.get("metadata") or {}
    place = {name: own[name] for name in ("namespace", "name") if name in own}
    return {"kind": "Pod", "metadata": {**given, **place}, "spec": template.get("spec")}


def _check(pod: Object, name: str) -> Object:
    for field in ("metadata", "spec"):
        if not isinstance(pod.get(field), dict):
            raise InputError(f"{field}: needs an object", file=name)
    if not pod["spec"].get("containers"):
        raise InputError("spec.containers: a pod needs a container", file=name)
    return pod


def _set_priority(spec: dict[str, Any], found: Iterable[Object], notes: list[str]) -> None:
    """Fill in what the admission plugin Priority would, where the pod has no priority yet."""
    if spec.get("priority") is not None:
        return
    classes = {ObjectMeta(each["metadata"], "metadata").name: each for each in found}
    values = SYSTEM_CLASSES | {name: each.get("value") or 0 for name, each in classes.items()}
    wanted = spec.get("priorityClassName")
    if wanted is None:
        defaults = [name for name, each in classes.items() if each.get("globalDefault") is True]
        wanted = defaults[0] if defaults else None
    if wanted in values:
        spec["priority"] = values[wanted]
    elif wanted:
        notes.append(f"PriorityClass {wanted} is not in the snapshot, priority 0 is assumed")

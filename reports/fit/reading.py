"""Read the pod in question and the cluster it is to run in."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planespec.checker.errors import ConfigurationError, InputError
from planespec.reports.audit.reading.item import Item
from planespec.reports.audit.sources import SnapshotAudit, expand
from planespec.reports.input.lines import STDIN

Object = dict[str, Any]
_GROUPS = frozenset(("", "apps", "batch", "policy", "storage.k8s.io", "scheduling.k8s.io"))
_SYSTEM_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


class _Reader(SnapshotAudit):
    """Reads as an audit does, and keeps the plain objects that the scheduler reads."""

    def __init__(self) -> None:
        """Begin with no objects."""
        super().__init__()
        self.objects: dict[str, list[Object]] = {}

    def _add_or_expand(self, item: Item) -> None:
        super()._add_or_expand(item)
        value = item.value
        if not isinstance(value, dict):
            return
        kind = value.get("kind") or item.kind
        group, slash, _ = str(value.get("apiVersion") or item.version).partition("/")
        if kind and not kind.endswith("List") and (group if slash else "") in _GROUPS:
            self.objects.setdefault(kind, []).append(value)


@dataclass(frozen=True)
class Question:
    """A pending pod, the cluster without it, and what was assumed to get there."""

    pod: Object
    objects: Mapping[str, Sequence[Object]]
    notes: Sequence[str]


def read_objects(names: Iterable[str]) -> dict[str, list[Object]]:
    """Read files into objects by kind. Raises InputError at the first that is malformed.

    An audit leaves malformed objects out; here a node left out would be a wrong answer.
    """
    reader = _Reader()
    for name in expand(names):
        reader.read_file(name, sys.stdin.buffer)
    for fault in reader.report.malformed:
        words = ": ".join(filter(None, (fault.subject, fault.field, fault.message)))
        raise InputError(words, file=fault.place.file, line=fault.place.line)
    return reader.objects


def read_question(name: str, files: Sequence[str]) -> Question:
    """Read the pod from a file, or by namespace/name from the snapshot in `files`.

    Raises InputError for malformed input, ConfigurationError for a pod that is not there.
    """
    if [name, *files].count(STDIN) > 1:
        raise ConfigurationError("only one of POD and --cluster can be standard input")
    objects = read_objects(files)
    is_file = name == STDIN or os.path.exists(name)
    found = _read_pod_file(name) if is_file else _find_pod(name, objects.get("Pod", ()))
    notes: list[str] = []
    others = [pod for pod in objects.get("Pod", ()) if _key(pod) != _key(found)]
    is_known = len(others) < len(objects.get("Pod", ())) or "uid" in found["metadata"]
    pod = {**found, "spec": dict(found["spec"])}
    if is_known and pod["spec"].pop("nodeName", None):
        notes.append(f"bound to {found['spec']['nodeName']}, explained as if it were pending")
    _set_priority(pod["spec"], objects.get("PriorityClass", ()), notes)
    return Question(pod, {**objects, "Pod": others}, notes)


def _key(pod: Object) -> tuple[str, str]:
    meta = pod.get("metadata") or {}
    return meta.get("namespace") or "default", meta.get("name") or ""


def _find_pod(name: str, pods: Iterable[Object]) -> Object:
    namespace, slash, short = name.rpartition("/")
    for pod in pods:
        if _key(pod) == (namespace if slash else "default", short):
            return _check(pod, name)
    raise ConfigurationError(f"{name}: neither a file nor the namespace/name of a pod there")


def _read_pod_file(name: str) -> Object:
    found = [(kind, each) for kind, objects in read_objects([name]).items() for each in objects]
    pods = [pod for kind, each in found if (pod := _take_pod(kind, each)) is not None]
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


def _set_priority(spec: Object, classes: Sequence[Object], notes: list[str]) -> None:
    """Fill in what the admission plugin Priority would, where the pod has no priority yet."""
    if spec.get("priority") is not None:
        return
    values = dict(_SYSTEM_CLASSES)
    values |= {each["metadata"]["name"]: each.get("value") or 0 for each in classes}
    wanted = spec.get("priorityClassName")
    if wanted is None:
        defaults = [e["metadata"]["name"] for e in classes if e.get("globalDefault") is True]
        wanted = defaults[0] if defaults else None
    if wanted in values:
        spec["priority"] = values[wanted]
    elif wanted:
        notes.append(f"PriorityClass {wanted} is not in the snapshot, priority 0 is assumed")

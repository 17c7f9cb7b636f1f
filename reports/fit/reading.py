"""Read the pod or workload in question and the cluster it is to run in."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from planespec.checker.errors import ConfigurationError, InputError
from planespec.reports.audit.reading.archives import expand
from planespec.reports.audit.reading.item import Item
from planespec.reports.audit.reading.kustomizations import put_first
from planespec.reports.audit.sources import SnapshotAudit, SnapshotReader, without_collection
from planespec.reports.fit.lean_reading import LeanPods, read_lean
from planespec.reports.input.lines import STDIN, standard_input
from planespec.spec.cluster.cluster_requirements import Malformed, Place
from planespec.spec.controllers.pod_making import Workload, read_workload_of
from planespec.spec.objects import ObjectError, View
from planespec.spec.objects.interning import ObjectKey, Stored
from planespec.spec.objects.object_store import Store
from planespec.spec.objects.workload_views import HOLDERS, WorkloadView

Object = Mapping[str, Any]
SCHEDULER_KIND = "KubeSchedulerConfiguration"
SCHEDULER_VERSION = "kubescheduler.config.k8s.io/v1"
SIMULATED = "configurations of a scheduler"
"""What is read of the configuration that a simulator exports."""


class Cluster(NamedTuple):
    """What was read of a cluster, and from where."""

    objects: Store
    pods: LeanPods
    files: Sequence[str]


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
    pods: LeanPods = field(default_factory=LeanPods)
    """Pods of large files, which are not in `objects`."""
    files: Sequence[str] = ()
    """What the cluster was read from."""
    recounts: bool = False
    """Whether pods were left out that the quotas have counted."""


def read_objects(names: Iterable[str], pods: LeanPods | None = None) -> Store:
    """Read files into a store. Raises InputError at the first part that cannot be read.

    An audit leaves malformed objects out; here a node left out would be a wrong answer. With
    `pods`, those of large files go there.
    """
    store = Store()
    reader = SnapshotReader(store, store.interner)
    for name in put_first(expand(names)):
        if pods is None or not read_lean(name, store, pods):
            reader.read_file(name, standard_input())
    for fault in reader.report.malformed:
        raise _blame(fault)
    for number, tool in enumerate(reader.tools):
        # It is no object of the API and is passed over there; here it decides.
        if SCHEDULER_KIND in tool.what or tool.what == SIMULATED:
            value = tool.value.get("schedulerConfig", tool.value)
            names = {"kind": SCHEDULER_KIND, "metadata": {"name": f"configuration {number}"}}
            store.add({**View(value).data, "apiVersion": SCHEDULER_VERSION, **names})
    return store


def _blame(fault: Malformed) -> InputError:
    words = ": ".join(filter(None, (fault.subject, fault.field, fault.message)))
    return InputError(words, file=fault.place.file, line=fault.place.line)


def find_unreadable(question: Question, error: ValueError) -> InputError:
    """Say which object it is that a rule could not read, as an audit of each would tell."""
    objects = read_objects(question.files) if question.pods else question.objects
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
    pods = LeanPods()
    with without_collection():
        cluster = Cluster(read_objects(files, pods), pods, files)
    if name == STDIN or os.path.exists(name):
        return _read_file(name, cluster)
    return _ask_pod(name, _find_pod(name, cluster), cluster, is_new=False)


def _ask_pod(name: str, found: Object, cluster: Cluster, *, is_new: bool) -> Question:
    _check(found, name)
    notes: list[str] = []
    meta = found["metadata"]
    key = _get_key(meta.get("namespace"), meta.get("name"))
    is_there = cluster.objects.discard(key) is not None
    is_there = cluster.pods.pop(key.namespace, key.name) is not None or is_there
    pod = {**found, "spec": dict(found["spec"])}
    if (is_there or "uid" in meta) and pod["spec"].pop("nodeName", None):
        notes.append(f"bound to {found['spec']['nodeName']}, explained as if it were pending")
        pod = _forget_end(pod)
    is_stored = not is_new or _has_been_stored(found)
    if is_new and is_stored and "uid" not in meta:
        notes.append("it has a status or a priority, so it is taken as admitted already")
    return Question(pod, None, not is_stored, cluster.objects, notes, *cluster[1:])


def _forget_end(pod: Object) -> dict[str, Any]:
    """Take away that a pod which has run is ending or has ended."""
    meta = {name: each for name, each in pod["metadata"].items() if name != "deletionTimestamp"}
    status = pod.get("status")
    if isinstance(status, Mapping) and status.get("phase") in ("Succeeded", "Failed"):
        status = {**status, "phase": "Running"}
    return {**pod, "metadata": meta, "status": status or {}}


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


def _find_pod(name: str, cluster: Cluster) -> Object:
    namespace, slash, short = name.rpartition("/")
    key = _get_key(namespace if slash else "default", short)
    pod = cluster.objects.get(key)
    if pod is not None:
        return pod
    lean = cluster.pods.find(key.namespace, key.name)
    if lean is None:
        raise ConfigurationError(f"{name}: neither a file nor the namespace/name of a pod there")
    return lean.data


def _read_file(name: str, cluster: Cluster) -> Question:
    """Find the one pod or workload of a file; what else it holds joins the cluster."""
    objects = cluster.objects
    own = read_objects([name])
    asked = [each for each in own if _is_asked(each, own)]
    if len(asked) != 1:
        raise InputError(f"has {len(asked)} pods or pod templates, needs one", file=name)
    for each in own:
        if each is not asked[0] and objects.get(each.key) is None:
            objects.put(each.key, each.to_json(), each.source, each.version)
    if asked[0].key.kind == "Pod":
        return _ask_pod(name, asked[0], cluster, is_new=True)
    return _ask_workload(name, asked[0], cluster)


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


def _ask_workload(name: str, found: Stored, cluster: Cluster) -> Question:
    try:
        sets = cluster.objects.list("ReplicaSet")
        workload = read_workload_of(found.key.kind, found.to_json(), sets)
    except ObjectError as error:
        raise InputError(str(error), file=name) from error
    if workload is None:
        raise InputError(f"a {found.key.kind} has no pods", file=name)
    _check({"metadata": {}, "spec": workload.template.data.get("spec")}, name)
    count = _discard_pods(workload, cluster)
    notes = []
    if count:
        notes.append(f"{count:,} pods of it that are in the snapshot are left out of account")
    if workload.replicas == 0:
        notes.append("it wants no pods; one is asked about")
    if any(View(found).view("spec").data.get(name) is True for name in ("suspend", "paused")):
        notes.append("it is suspended or paused, so its controller makes no new pods now")
    return Question(None, workload, True, cluster.objects, notes, *cluster[1:], recounts=count > 0)


def _discard_pods(workload: Workload, cluster: Cluster) -> int:
    """Take the pods that a StatefulSet or DaemonSet would replace out of the cluster."""
    if workload.kind not in ("StatefulSet", "DaemonSet"):
        return 0
    own = [
        stored.key
        for stored in cluster.objects.list("Pod")
        if stored.key.namespace == workload.namespace and _is_of(workload, View(stored))
    ]
    lean = [
        pod
        for pod in cluster.pods
        if pod.namespace == workload.namespace and _is_of(workload, pod.pod)
    ]
    for key in own:
        cluster.objects.discard(key)
    for pod in lean:
        cluster.pods.pop(pod.namespace, pod.name)
    return len(own) + len(lean)


def _is_of(workload: Workload, pod: View) -> bool:
    return any(
        owner.text("kind") == workload.kind and owner.text("name") == workload.name
        for owner in pod.view("metadata").views("ownerReferences")
    )


def _check(pod: Object, name: str) -> None:
    for part in ("metadata", "spec"):
        if not isinstance(pod.get(part), dict):
            raise InputError(f"{part}: needs an object", file=name)
    if not pod["spec"].get("containers"):
        raise InputError("spec.containers: a pod needs a container", file=name)

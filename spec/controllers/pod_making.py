"""The pods that the controller of a workload makes of its template: names, labels, placement.

Sources: `pkg/controller/controller_utils.go` (GetPodFromTemplate),
`pkg/controller/statefulset/stateful_set_utils.go` (newVersionedStatefulSetPod),
`pkg/controller/daemon/util/daemonset_util.go` (AddOrUpdateDaemonPodTolerations),
`pkg/controller/job/job_controller.go` and `pkg/controller/deployment/sync.go`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planespec.spec.names import LONGEST_PREFIX
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.objects.workload_views import HOLDERS, WorkloadView

TEMPLATE_HASH = "pod-template-hash"
NEW_HASH = "new-template"
"""Stands for the hash of a template that no ReplicaSet has yet: one that no pod carries."""
_REPLICATED = ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")
_OWNERS = {"ReplicaSet": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1"}
DAEMON_TOLERATIONS = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)
"""What every pod of a DaemonSet tolerates; on the host's network also a node without network."""
NETWORK = ("node.kubernetes.io/network-unavailable", "NoSchedule")

PlainObject = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """A workload and what its controller needs to make pods."""

    kind: str
    namespace: str
    name: str
    replicas: int
    """How many pods it wants; of a DaemonSet one, for each node."""
    spec: View
    """The spec that holds the template; of a CronJob that of its jobs."""
    template: View
    template_hash: str = NEW_HASH
    """Of a Deployment: the hash of the ReplicaSet that has the template."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Its own, which its pods need not have."""

    @property
    def is_daemon(self) -> bool:
        """Whether it wants one pod on each node."""
        return self.kind == "DaemonSet"


def read_workload_of(
    kind: str, data: object, replica_sets: Iterable[Mapping[str, Any]] = ()
) -> Workload | None:
    """Read a workload; None for a kind without a pod template. Raises ObjectError.

    `replica_sets` are those of the cluster: that of a Deployment with the same template gives
    its hash, which new pods then share.
    """
    if kind not in HOLDERS:
        return None
    view = WorkloadView(kind, data)
    meta, spec, template = view.meta, view.holder.needing("template"), view.template
    namespace = meta.namespace or "default"
    found = _find_hash(meta.name, namespace, template, replica_sets)
    hash_, count = found or NEW_HASH, _count(kind, spec)
    return Workload(kind, namespace, meta.name, count, spec, template, hash_, meta.labels)


def _count(kind: str, spec: View) -> int:
    if kind in _REPLICATED:
        replicas = spec.integer("replicas")
        return 1 if replicas is None else replicas
    if kind in ("Job", "CronJob"):
        parallel, whole = spec.integer("parallelism"), spec.integer("completions")
        parallel = 1 if parallel is None else parallel
        return parallel if whole is None else min(parallel, whole)
    return 1


def _find_hash(
    name: str, namespace: str, template: View, replica_sets: Iterable[Mapping[str, Any]]
) -> str:
    """Return the hash of the Deployment's ReplicaSet with an equal template; "" where none has."""
    for each in replica_sets:
        view = View(each)
        meta = ObjectMeta(view.data.get("metadata"), "metadata")
        is_own = (meta.namespace or "default") == namespace and any(
            owner.text("kind") == "Deployment" and owner.text("name") == name
            for owner in meta.views("ownerReferences")
        )
        if is_own and TEMPLATE_HASH in meta.labels:
            other = view.view("spec").view("template")
            if _without_hash(other) == _without_hash(template):
                return meta.labels[TEMPLATE_HASH]
    return ""


def _without_hash(template: View) -> object:
    labels = {
        key: value
        for key, value in template.view("metadata").text_map("labels").items()
        if key != TEMPLATE_HASH
    }
    return labels, template.view("spec").data


def make_pods(workload: Workload) -> Iterator[PlainObject]:
    """Yield the pods its controller makes, one after the other, without end.

    A StatefulSet numbers them from its start ordinal, a Job that is Indexed from 0.
    """
    start = workload.spec.view("ordinals").integer("start") or 0
    number = 0
    while True:
        yield _make_pod(workload, number, start + number)
        number += 1


def _make_pod(workload: Workload, number: int, ordinal: int) -> PlainObject:
    meta = dict(workload.template.view("metadata").data)
    spec: PlainObject = dict(workload.template.view("spec").data)
    labels = {**workload.template.view("metadata").text_map("labels")}
    name = f"{workload.name}-{number}"
    kind, owner = workload.kind, workload.name
    if kind == "Deployment":
        kind, owner = "ReplicaSet", f"{workload.name}-{workload.template_hash}"
        labels[TEMPLATE_HASH] = workload.template_hash
    elif kind == "StatefulSet":
        name = f"{workload.name}-{ordinal}"
        labels["statefulset.kubernetes.io/pod-name"] = name
        labels["apps.kubernetes.io/pod-index"] = str(ordinal)
        spec = _mount_claims(workload, name, spec)
    elif kind == "DaemonSet":
        spec["tolerations"] = [*spec.get("tolerations", ()), *_daemon_tolerations(spec)]
    elif kind in ("Job", "CronJob"):
        kind = "Job"
        labels |= _job_labels(workload, number)
    meta |= {"name": name, "namespace": workload.namespace, "labels": labels}
    if kind in _OWNERS:
        reference = {"apiVersion": _OWNERS[kind], "kind": kind, "name": owner, "controller": True}
        meta["ownerReferences"] = [reference]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def _job_labels(workload: Workload, number: int) -> dict[str, str]:
    labels = {"batch.kubernetes.io/job-name": workload.name, "job-name": workload.name}
    if workload.spec.text("completionMode") == "Indexed":
        labels["batch.kubernetes.io/job-completion-index"] = str(number)
    return labels


def _daemon_tolerations(spec: PlainObject) -> Sequence[PlainObject]:
    keys = (*DAEMON_TOLERATIONS, NETWORK) if spec.get("hostNetwork") else DAEMON_TOLERATIONS
    return [{"key": key, "operator": "Exists", "effect": effect} for key, effect in keys]


# The claims that come with a pod.


def _mount_claims(workload: Workload, name: str, spec: PlainObject) -> PlainObject:
    """Replace volumes named like a claim template by the pod's own claims, as upstream does."""
    own = {
        claim.view("metadata").text("name"): claim
        for claim in workload.spec.views("volumeClaimTemplates")
    }
    if not own:
        return spec
    volumes = [
        *(each for each in spec.get("volumes", ()) if each.get("name") not in own),
        *(
            {"name": each, "persistentVolumeClaim": {"claimName": f"{each}-{name}"}}
            for each in own
        ),
    ]
    return {**spec, "volumes": volumes}


def name_pods_of_index(job: str, index: int) -> str:
    """How the names of an index's pods begin; of a long name the end is cut, not the index."""
    ending = f"-{index}-"
    return job[: LONGEST_PREFIX - len(ending)] + ending


def make_claims(workload: Workload, pod_name: str) -> Iterator[PlainObject]:
    """Yield the claims of a StatefulSet's pod, one for each of its templates."""
    if workload.kind != "StatefulSet":
        return
    for claim in workload.spec.views("volumeClaimTemplates"):
        meta = claim.view("metadata")
        name = f"{meta.text('name')}-{pod_name}"
        yield _make_claim(name, workload.namespace, meta, claim.view("spec"))


def make_ephemeral_claims(pod: View) -> Iterator[PlainObject]:
    """Yield the claims that the ephemeral volume controller makes for a new pod.

    Source: `pkg/controller/volume/ephemeral/controller.go`.
    """
    meta = ObjectMeta(pod.data.get("metadata"), "metadata")
    for volume in pod.view("spec").views("volumes"):
        if not volume.has("ephemeral"):
            continue
        template = volume.view("ephemeral").view("volumeClaimTemplate")
        name = f"{meta.name}-{volume.text('name')}"
        namespace = meta.namespace or "default"
        claim = _make_claim(name, namespace, template.view("metadata"), template.view("spec"))
        owner = {"apiVersion": "v1", "kind": "Pod", "name": meta.name, "controller": True}
        claim["metadata"]["ownerReferences"] = [{**owner, "uid": meta.uid}]
        yield claim


def _make_claim(name: str, namespace: str, meta: View, spec: View) -> PlainObject:
    kept = {key: meta.data[key] for key in ("labels", "annotations") if meta.has(key)}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {**kept, "name": name, "namespace": namespace},
        "spec": dict(spec.data),
    }

"""Small clusters as plain objects, and questions about them."""

from collections.abc import Iterable
from typing import Any

from planespec.reports.fit.node_answers import Explanation
from planespec.reports.fit.reading import Question
from planespec.reports.fit.workload_answers import explain
from planespec.spec.controllers.pod_making import read_workload_of
from planespec.spec.objects.object_store import Store
from planespec.spec.objects.workload_views import HOLDERS

Object = dict[str, Any]
ROOM = {"cpu": "4", "memory": "8Gi", "pods": "110"}


def make(kind: str, name: str, version: str = "v1", namespace: str = "", **fields: Any) -> Object:
    meta: Object = {"name": name}
    if namespace:
        meta["namespace"] = namespace
    meta |= fields.pop("metadata", {})
    return {"apiVersion": version, "kind": kind, "metadata": meta, **fields}


def make_node(name: str = "n1", room: Object | None = None, **fields: Any) -> Object:
    labels = {"kubernetes.io/hostname": name, **fields.pop("labels", {})}
    status = {"allocatable": ROOM | (room or {}), **fields.pop("status", {})}
    return make("Node", name, metadata={"labels": labels}, spec=fields, status=status)


def make_pod(name: str = "p", namespace: str = "default", **fields: Any) -> Object:
    labels, status = fields.pop("labels", {}), fields.pop("status", {})
    requests = fields.pop("requests", {"cpu": "100m"})
    container = {"name": "c", "image": "registry.example/app:1"}
    container |= {"resources": {"requests": requests}} | fields.pop("container", {})
    spec = {"containers": [container], **fields}
    meta = {"metadata": {"labels": labels}}
    return make("Pod", name, namespace=namespace, spec=spec, status=status, **meta)


def make_workload(kind: str, name: str = "web", pod: Object | None = None, **spec: Any) -> Object:
    inner = pod or make_pod()
    labels = {"app": name} | inner["metadata"]["labels"]
    template = {"metadata": {"labels": labels}, "spec": inner["spec"]}
    body = {"selector": {"matchLabels": {"app": name}}, "template": template, **spec}
    return make(kind, name, "apps/v1", "default", spec=body)


def make_store(objects: Iterable[Object]) -> Store:
    store = Store()
    for each in objects:
        store.add(each)
    return store


def ask(
    asked: Object, *objects: Object, is_new: bool = True, replicas: int | None = None
) -> Explanation:
    """Ask about a pod or workload in a cluster of these objects."""
    store = make_store(objects)
    sets = list(store.list("ReplicaSet"))
    workload = None
    if asked["kind"] in HOLDERS:
        workload = read_workload_of(asked["kind"], asked, sets)
    pod = None if workload is not None else asked
    return explain(Question(pod, workload, is_new, store, ()), replicas)


def culprits(answer: Explanation, node: str = "n1") -> list[str]:
    """What is named behind the first rejection of a node."""
    return list(answer.rejected[node][0].culprits)

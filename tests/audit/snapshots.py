"""Small objects for snapshots, and the audit of them."""

import io
import json
from typing import Any

from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.sources import SnapshotAudit
from planespec.spec.objects.object_store import GROUPS

Object = dict[str, Any]


def make(kind: str, name: str, **fields: Any) -> Object:
    """An object; `namespace`, `labels`, `uid` and `apiVersion` go where they belong."""
    names = ("namespace", "labels", "uid", "annotations", "ownerReferences", "resourceVersion")
    meta = {field: fields.pop(field) for field in names if field in fields}
    group = GROUPS.get(kind, "")
    version = f"{group}/{'v2' if group == 'autoscaling' else 'v1'}" if group else "v1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **meta}, **fields}


def make_node(name: str = "n1", cpu: str = "2", pods: str = "10", **fields: Any) -> Object:
    """A node with room for some pods."""
    status = {"allocatable": {"cpu": cpu, "memory": "4Gi", "pods": pods}}
    return make("Node", name, status=status, **fields)


def make_pod(name: str, node: str = "n1", cpu: str = "1", **spec: Any) -> Object:
    """A running pod; without a node a pending one."""
    meta = {field: spec.pop(field) for field in ("labels", "uid", "annotations") if field in spec}
    status = spec.pop("status", {"phase": "Running" if node else "Pending"})
    container = {"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu}}}
    spec = {"containers": [container | spec.pop("container", {})], **spec}
    if node:
        spec["nodeName"] = node
    return make("Pod", name, spec=spec, status=status, **meta)


def make_workload(kind: str, name: str, replicas: int | None = 1, **spec: Any) -> Object:
    """A workload whose pods have the label app."""
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "c", "image": "i"}], **spec.pop("pod", {})},
    }
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template, **spec}
    if kind in ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"):
        spec = {"replicas": replicas, **spec}
    return make(kind, name, spec=spec) | {"apiVersion": "apps/v1"}


def audit(*objects: Any) -> Report:
    """Audit a list of the objects."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
    return audit_bytes(text.encode())


def audit_bytes(text: bytes) -> Report:
    """Audit a text as if it came by standard input."""
    found = SnapshotAudit()
    found.read_file("-", io.BufferedReader(io.BytesIO(text)))
    return found.judge()


def ids(report: Report) -> list[str]:
    """The ids of the violated requirements, each once."""
    return sorted({violation.requirement.id for violation in report.violations})

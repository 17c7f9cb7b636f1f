"""Deployments and their ReplicaSets, made for tests."""

from datetime import UTC, datetime
from typing import Any

from planespec.spec.controllers.apps.deployment_state import (
    DESIRED,
    MOST,
    REVISION,
    Deployment,
    DeploymentSync,
    OwnedSet,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
AT = "2026-01-02T00:00:00Z"


def make_deployment(replicas: int = 4, *, kind: str = "RollingUpdate", **more: Any) -> Deployment:
    """A Deployment of the template `new`; `surge` and `unavailable` are its limits."""
    rolling = {"maxSurge": more.pop("surge", 1), "maxUnavailable": more.pop("unavailable", 1)}
    meta = {"name": "d", "namespace": "default", "uid": "u"} | more.pop("metadata", {})
    status = more.pop("status", {})
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": "a"}},
        "strategy": {"type": kind, "rollingUpdate": rolling},
        "template": {"metadata": {"labels": {"app": "a"}}, "spec": {"nodeName": "new"}},
    }
    return Deployment({"metadata": meta, "spec": spec | more, "status": status})


def make_set(name: str, replicas: int, available: int | None = None, **more: Any) -> OwnedSet:
    """A ReplicaSet of the Deployment; named `new` it has its template."""
    ready = replicas if available is None else available
    revision = "9" if name == "new" else "1"
    annotations = {DESIRED: "4", MOST: "5", REVISION: revision} | more.pop("annotations", {})
    meta: Any = {"name": name, "uid": name, "namespace": "default", "annotations": annotations}
    meta |= {"labels": {"app": "a"}, "creationTimestamp": more.pop("created", AT)}
    meta["ownerReferences"] = [{"uid": "u", "controller": True}]
    labels = {"app": "a", "pod-template-hash": name}
    template = {"metadata": {"labels": labels}, "spec": {"nodeName": name}}
    status = {"replicas": replicas, "availableReplicas": ready} | more.pop("status", {})
    return OwnedSet(
        {
            "metadata": meta | more.pop("metadata", {}),
            "spec": {"replicas": replicas, "template": template} | more,
            "status": status,
        }
    )


def make_sync(deployment: Deployment, *sets: OwnedSet) -> DeploymentSync:
    """A sync of which nothing has been done."""
    status = dict(deployment.status.data)
    return DeploymentSync(deployment, list(sets), NOW, "", status=status)

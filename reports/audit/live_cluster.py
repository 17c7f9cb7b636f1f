"""Reading a running cluster through the official Python client, which is not a dependency.

The lists are read as plain JSON, 500 objects at a time. A kind the user may not list is reported
and left out.
"""

import importlib
import json
from collections.abc import Iterator
from typing import Any

from planespec.checker.errors import ConfigurationError
from planespec.reports.audit.reading.item import Item
from planespec.reports.audit.sources import SnapshotAudit
from planespec.spec.cluster.cluster_requirements import Malformed, Place
from planespec.spec.objects.resource_names import find_kind

PAGE = 500
_RESOURCES = (
    "/api/v1/nodes",
    "/api/v1/namespaces",
    "/api/v1/pods",
    "/api/v1/services",
    "/api/v1/configmaps",
    "/api/v1/secrets",
    "/api/v1/serviceaccounts",
    "/api/v1/persistentvolumeclaims",
    "/api/v1/persistentvolumes",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/replicasets",
    "/apis/apps/v1/statefulsets",
    "/apis/apps/v1/daemonsets",
    "/apis/batch/v1/jobs",
    "/apis/batch/v1/cronjobs",
    "/apis/networking.k8s.io/v1/ingresses",
    "/apis/networking.k8s.io/v1/ingressclasses",
    "/apis/storage.k8s.io/v1/storageclasses",
    "/apis/policy/v1/poddisruptionbudgets",
    "/apis/scheduling.k8s.io/v1/priorityclasses",
    "/apis/autoscaling/v2/horizontalpodautoscalers",
    "/apis/rbac.authorization.k8s.io/v1/roles",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
)


def read_live_cluster(kubeconfig: str | None, context: str | None) -> SnapshotAudit:
    """Read the cluster of a kubeconfig. Raises ConfigurationError."""
    client = _connect(kubeconfig, context)
    audit = SnapshotAudit()
    for path in _RESOURCES:
        place, kind = Place(path, 1), find_kind(path.rpartition("/")[2])
        try:
            for item in _list(client, path):
                audit.add(item)
            audit.cluster.note_kind(kind)
        except Exception as error:
            # The client raises errors of its own, of urllib3 and of ssl; all mean the same here.
            status = getattr(error, "status", None)
            message = f"the API server answers {status}" if status else f"cannot be read: {error}"
            audit.report.malformed.append(Malformed(place, "", "", message))
            audit.cluster.note_partial(kind)
    return audit


def _connect(kubeconfig: str | None, context: str | None) -> Any:
    try:
        config = importlib.import_module("kubernetes.config")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "--kubeconfig needs the official client, the package kubernetes; without it: "
            "kubectl get all,nodes,pvc,pv,sc,pdb,ingress,configmaps,secrets -A -o json "
            "| planespec audit -"
        ) from error
    try:
        return config.new_client_from_config(config_file=kubeconfig, context=context)
    except Exception as error:
        place = kubeconfig or "the default kubeconfig"
        raise ConfigurationError(f"{place} cannot be used: {error}") from error


def _list(client: Any, path: str) -> Iterator[Item]:
    """Yield the objects of one resource, page by page."""
    token = ""
    while True:
        query = [("limit", str(PAGE))] + ([("continue", token)] if token else [])
        response = client.call_api(
            path,
            "GET",
            query_params=query,
            header_params={"Accept": "application/json"},
            auth_settings=["BearerToken"],
            _preload_content=False,
        )
        answer = response[0] if isinstance(response, tuple) else response
        page = json.loads(answer.data)
        kind = str(page.get("kind", "")).removesuffix("List")
        for value in page.get("items") or ():
            yield Item(value, Place(path, 1), kind, str(page.get("apiVersion", "")))
        token = page.get("metadata", {}).get("continue") or ""
        if not token:
            return

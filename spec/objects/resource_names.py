"""The names of resources in paths and file names: `pods` of Pod, `ingresses` of Ingress.

Source: `kubectl api-resources`; the plural of a kind of Kubernetes follows from the kind.
"""

from planespec.spec.objects.object_store import CLUSTER_SCOPED, GROUPS

_SHORT = {
    "po": "Pod",
    "no": "Node",
    "ns": "Namespace",
    "svc": "Service",
    "cm": "ConfigMap",
    "sa": "ServiceAccount",
    "pv": "PersistentVolume",
    "pvs": "PersistentVolume",
    "pvc": "PersistentVolumeClaim",
    "pvcs": "PersistentVolumeClaim",
    "deploy": "Deployment",
    "rs": "ReplicaSet",
    "sts": "StatefulSet",
    "ds": "DaemonSet",
    "cj": "CronJob",
    "rc": "ReplicationController",
    "hpa": "HorizontalPodAutoscaler",
    "hpas": "HorizontalPodAutoscaler",
    "pdb": "PodDisruptionBudget",
    "pdbs": "PodDisruptionBudget",
    "ing": "Ingress",
    "netpol": "NetworkPolicy",
    "sc": "StorageClass",
    "pc": "PriorityClass",
    "ev": "Event",
    "quota": "ResourceQuota",
    "limits": "LimitRange",
}
_COLLECTIVE = frozenset(("Endpoints",))


def plural_of(kind: str) -> str:
    """Return the resource of a kind as paths have it, such as `networkpolicies`."""
    name = kind.lower()
    if kind in _COLLECTIVE:
        return name
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch", "sh")) else f"{name}s"


KINDS = {plural_of(kind): kind for kind in GROUPS}
"""The kind of every resource of Kubernetes."""


def find_kind(resource: str) -> str:
    """Return the kind of a resource by its name, a short name, or the kind in lower case.

    Empty where Kubernetes has no such resource.
    """
    name = resource.lower()
    found = KINDS.get(name) or KINDS.get(f"{name}s") or _SHORT.get(name, "")
    return found or KINDS.get(plural_of(name), "")


def find_served_resource(api_version: str, kind: str) -> tuple[str, bool] | None:
    """Return the resource of a kind and whether it has namespaces; None outside Kubernetes."""
    if GROUPS.get(kind) != api_version.rpartition("/")[0]:
        return None
    return plural_of(kind), kind not in CLUSTER_SCOPED


# Objects that do not say their kind: items of a list, and what a filter took out of one.


_SIGNS: dict[str, tuple[tuple[str, str], ...]] = {
    "Pod": (("spec", "containers"),),
    "Node": (("status", "nodeInfo"), ("status", "allocatable"), ("spec", "podCIDR")),
    "Service": (("spec", "clusterIP"), ("status", "loadBalancer")),
    "PersistentVolumeClaim": (("spec", "accessModes"), ("spec", "volumeName")),
    "PersistentVolume": (("spec", "persistentVolumeReclaimPolicy"),),
}
"""Fields that no other kind has at that place, of kinds that are often taken out of lists."""


def guess_kind(value: dict[str, object]) -> str:
    """Say of which kind an object is that says none, where its fields leave no doubt, else ""."""
    for kind in ("Pod", "PersistentVolume", "Node", "Service", "PersistentVolumeClaim"):
        for part, name in _SIGNS[kind]:
            inner = value.get(part)
            if isinstance(inner, dict) and name in inner:
                return kind
    return ""

"""ResourceQuota: what pods, claims and services count for, and which quotas they meet.

Sources: `pkg/quota/v1/evaluator/core/{pods,persistent_volume_claims,services}.go`, v1.36. How
quotas refuse and are charged is in `quota_evaluators`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.objects.volumes import PersistentVolumeClaim
from planespec.spec.pods.qos import QosClass, compute_qos_class
from planespec.spec.pods.resources import (
    ResourceList,
    compute_pod_limits,
    compute_pod_requests,
    has_pod_level_resources,
)
from planespec.spec.quantity import parse_quantity

ONE = parse_quantity("1")
PODS, COUNT_PODS = "pods", "count/pods"
CLAIMS, COUNT_CLAIMS = "persistentvolumeclaims", "count/persistentvolumeclaims"
STORAGE = "requests.storage"
CLASS_INFIX = ".storageclass.storage.k8s.io/"
SERVICES, COUNT_SERVICES = "services", "count/services"
NODE_PORTS, LOAD_BALANCERS = "services.nodeports", "services.loadbalancers"
_DEVICE_CLASS = "deviceclass.resource.kubernetes.io/"
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_MUST_BE_SET = frozenset(
    ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
)
"""Where a quota bounds one of these, every container has to state it."""


@dataclass(frozen=True)
class Quota:
    """A ResourceQuota with what it allows and what is used of it."""

    name: str
    namespace: str
    hard: ResourceList
    used: ResourceList
    scopes: Sequence[View]
    """Each with scopeName, operator and values; a plain scope means Exists."""


def read_quota(data: object, field: str = "") -> Quota:
    """Read a ResourceQuota; what it has not counted yet is 0 used. Raises ObjectError."""
    view = View(data, field)
    meta = ObjectMeta(view.data.get("metadata"), view.path("metadata"))
    spec, status = view.view("spec"), view.view("status")
    plain = [View({"scopeName": name, "operator": "Exists"}) for name in spec.texts("scopes")]
    chosen = spec.view("scopeSelector").views("matchExpressions")
    return Quota(
        meta.name,
        meta.namespace or "default",
        spec.quantities("hard"),
        status.quantities("used"),
        [*plain, *chosen],
    )


# What a pod counts for, and which quotas speak of it.


def measure_pod(pod: Pod) -> ResourceList:
    """Return what the pod counts for under every name a quota may use."""
    usage: ResourceList = {COUNT_PODS: ONE, PODS: ONE}
    return usage | _name_usage(compute_pod_requests(pod), compute_pod_limits(pod))


def _name_usage(requests: ResourceList, limits: ResourceList) -> ResourceList:
    """Name requests and limits as quotas do. Source: podComputeUsageHelper."""
    usage: ResourceList = {}
    for name, quantity in requests.items():
        if name in _COMPUTE or name.startswith("hugepages-"):
            usage[name] = usage[f"requests.{name}"] = quantity
        elif _is_extended(name):
            usage[f"requests.{name}"] = quantity
    usage |= {f"limits.{name}": limits[name] for name in _COMPUTE if name in limits}
    return usage


def _is_extended(name: str) -> bool:
    """Source: `pkg/scheduler/util/utils.go`, IsDRAExtendedResourceName."""
    if name.startswith(_DEVICE_CLASS):
        return True
    return "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")


def is_in_scope(pod: Pod, scopes: Iterable[View]) -> bool:
    """Tell whether the pod meets every scope of a quota."""
    return all(_meets(pod, scope) for scope in scopes)


def _meets(pod: Pod, scope: View) -> bool:
    name = scope.text("scopeName")
    if name == "PriorityClass":
        return _has_value(pod.priority_class_name, scope)
    rule = _SCOPES.get(name)
    return rule is not None and rule(pod)


def _has_value(value: str, scope: View) -> bool:
    """Ask the operator of a scope about a class; one that is empty is none."""
    operator = scope.text("operator")
    if operator in ("In", "NotIn"):
        return (bool(value) and value in scope.texts("values")) == (operator == "In")
    return bool(value) == (operator == "Exists")


def _is_ending(pod: Pod) -> bool:
    seconds = pod.spec.integer("activeDeadlineSeconds")
    return seconds is not None and seconds >= 0


def _is_best_effort(pod: Pod) -> bool:
    return compute_qos_class(pod) == QosClass.BEST_EFFORT


def _reaches_other_namespaces(pod: Pod) -> bool:
    """Whether an affinity term names namespaces or selects them, required or preferred."""
    affinity = pod.spec.view("affinity")
    for side in (affinity.view("podAffinity"), affinity.view("podAntiAffinity")):
        terms = side.views("requiredDuringSchedulingIgnoredDuringExecution")
        preferred = side.views("preferredDuringSchedulingIgnoredDuringExecution")
        for term in (*terms, *(each.view("podAffinityTerm") for each in preferred)):
            if term.items("namespaces") or term.has("namespaceSelector"):
                return True
    return False


_SCOPES: Mapping[str, Callable[[Pod], bool]] = {
    "Terminating": _is_ending,
    "NotTerminating": lambda pod: not _is_ending(pod),
    "BestEffort": _is_best_effort,
    "NotBestEffort": lambda pod: not _is_best_effort(pod),
    "CrossNamespacePodAffinity": _reaches_other_namespaces,
}


def list_unset(pod: Pod, names: Iterable[str]) -> list[str]:
    """Return what containers have to state and do not: `limits.memory for: c0,c1`.

    A pod that states resources as a whole need not state them again (KEP-2837).
    """
    if has_pod_level_resources(pod):
        return []
    required = _MUST_BE_SET.intersection(names)
    missing: dict[str, set[str]] = {}
    for container in (*pod.containers, *pod.init_containers):
        stated = _name_usage(container.resources.requests, container.resources.limits)
        for name in required - stated.keys():
            missing.setdefault(name, set()).add(container.name)
    return [f"{name} for: {','.join(sorted(missing[name]))}" for name in sorted(missing)]


# What a claim counts for.


def measure_claim(claim: PersistentVolumeClaim) -> ResourceList:
    """Return what a claim counts for, in all and for its storage class."""
    usage: ResourceList = {CLAIMS: ONE, COUNT_CLAIMS: ONE}
    size = claim.requested_storage
    if size is not None:
        size = size.rounded_up(0)
        usage[STORAGE] = size
    if claim.class_name:
        prefix = f"{claim.class_name}{CLASS_INFIX}"
        usage[f"{prefix}{CLAIMS}"] = ONE
        if size is not None:
            usage[f"{prefix}{STORAGE}"] = size
    return usage


def is_claim_in_scope(claim: View, scopes: Iterable[View]) -> bool:
    """Tell whether a claim meets every scope: only one of volume attributes classes speaks of it.

    Source: pvcMatchesScopeFunc.
    """
    name = claim.view("spec").text("volumeAttributesClassName")
    return all(
        each.text("scopeName") == "VolumeAttributesClass" and _has_value(name, each)
        for each in scopes
    )


def measure_service(service: View) -> ResourceList:
    """Return what a service counts for: itself, and the ports and balancers it will be given."""
    spec = service.view("spec")
    kind, ports = spec.text("type"), spec.views("ports")
    is_balanced = kind == "LoadBalancer"
    if kind not in ("LoadBalancer", "NodePort"):
        ports = []
    elif is_balanced and spec.data.get("allocateLoadBalancerNodePorts") is False:
        ports = [port for port in ports if port.integer("nodePort")]
    return {
        SERVICES: ONE,
        COUNT_SERVICES: ONE,
        NODE_PORTS: parse_quantity(str(len(ports))),
        LOAD_BALANCERS: ONE if is_balanced else ONE - ONE,
    }

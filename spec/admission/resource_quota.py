"""ResourceQuota: what a pod or claim counts for, which quotas it meets, and what is left of them.

Sources: `pkg/quota/v1/evaluator/core/{pods,persistent_volume_claims}.go`,
`staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go` (checkRequest) and
`plugin/pkg/admission/resourcequota/`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from planespec.spec.quantity import Quantity, parse_quantity

ONE = parse_quantity("1")
PODS, COUNT_PODS = "pods", "count/pods"
CLAIMS, COUNT_CLAIMS = "persistentvolumeclaims", "count/persistentvolumeclaims"
STORAGE = "requests.storage"
CLASS_INFIX = ".storageclass.storage.k8s.io/"
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
        elif "/" in name and "kubernetes.io/" not in name:
            usage[f"requests.{name}"] = quantity
    usage |= {f"limits.{name}": limits[name] for name in _COMPUTE if name in limits}
    return usage


def is_in_scope(pod: Pod, scopes: Iterable[View]) -> bool:
    """Tell whether the pod meets every scope of a quota."""
    return all(_meets(pod, scope) for scope in scopes)


def _meets(pod: Pod, scope: View) -> bool:
    name, operator = scope.text("scopeName"), scope.text("operator")
    if name == "PriorityClass":
        own, values = pod.priority_class_name, scope.texts("values")
        if operator in ("In", "NotIn"):
            return (bool(own) and own in values) == (operator == "In")
        return bool(own) == (operator == "Exists")
    rule = _SCOPES.get(name)
    return rule is not None and rule(pod)


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
        usage[STORAGE] = size
    if claim.class_name:
        prefix = f"{claim.class_name}{CLASS_INFIX}"
        usage[f"{prefix}{CLAIMS}"] = ONE
        if size is not None:
            usage[f"{prefix}{STORAGE}"] = size
    return usage


# Is there enough left?


def refuse_pod(pod: Pod, quotas: Iterable[Quota]) -> str | None:
    """Return why the quotas of its namespace refuse a new pod, in upstream's words; or None.

    The first refusal is the answer; upstream asks the quotas in no fixed order.
    """
    usage = measure_pod(pod)
    met = [quota for quota in quotas if is_in_scope(pod, quota.scopes)]
    concerned = [quota for quota in met if _is_concerned(quota, usage)]
    for quota in concerned:
        unset = list_unset(pod, quota.hard)
        if unset:
            return f"failed quota: {quota.name}: must specify {'; '.join(unset)}"
    return _refuse(usage, concerned)


def refuse_claim(claim: PersistentVolumeClaim, quotas: Iterable[Quota]) -> str | None:
    """Return why the quotas of its namespace refuse a new claim; None where they do not.

    A quota with scopes does not count claims.
    """
    usage = measure_claim(claim)
    met = [quota for quota in quotas if not quota.scopes]
    return _refuse(usage, [quota for quota in met if _is_concerned(quota, usage)])


def _is_concerned(quota: Quota, usage: ResourceList) -> bool:
    """Whether the quota bounds something that such objects count for, be it 0 this time."""
    return any(_is_bounded(name, usage) for name in quota.hard)


def _is_bounded(name: str, usage: ResourceList) -> bool:
    return name in usage or (PODS in usage and _speaks_of_pods(name))


def _speaks_of_pods(name: str) -> bool:
    """Whether a quota on `name` is one on pods. Source: podEvaluator.MatchingResources."""
    bare = name.removeprefix("requests.").removeprefix("limits.")
    return bare in _COMPUTE or bare.startswith("hugepages-") or ("/" in bare and bare != name)


def _refuse(usage: ResourceList, quotas: Iterable[Quota]) -> str | None:
    for quota in quotas:
        over = dict(_list_exceeded(usage, quota))
        if over:
            asked, used, hard = (
                ",".join(f"{name}={each[part]}" for name, each in sorted(over.items()))
                for part in range(3)
            )
            return (
                f"exceeded quota: {quota.name}, requested: {asked}, used: {used}, limited: {hard}"
            )
    return None


def _list_exceeded(
    usage: ResourceList, quota: Quota
) -> Iterator[tuple[str, tuple[Quantity, Quantity, Quantity]]]:
    zero = ONE - ONE
    for name, hard in quota.hard.items():
        asked, used = usage.get(name), quota.used.get(name, zero)
        # What is asked for as 0 is let through, however much is used.
        if asked is not None and asked.sign > 0 and used + asked > hard:
            yield name, (asked, used, hard)

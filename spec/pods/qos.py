"""Quality of service of a pod, its cgroup settings, and whom the kernel kills first."""

from dataclasses import dataclass
from enum import StrEnum

from planespec.spec.objects.core_views import Container, Pod, ResourceRequirements
from planespec.spec.pods.resources import (
    CPU,
    MEMORY,
    ResourceList,
    aggregate_limits,
    aggregate_requests,
    compute_pod_limits,
    compute_pod_requests,
    has_pod_level_requests,
    has_pod_level_resources,
)
from planespec.spec.quantity import ZERO
from planespec.spec.quantity.amount import wrap_int64

GUARANTEED_ADJUSTMENT = -997
BEST_EFFORT_ADJUSTMENT = 1000
SYSTEM_CRITICAL_PRIORITY = 2_000_000_000
SYSTEM_NODE_CRITICAL = "system-node-critical"


class QosClass(StrEnum):
    """The class that decides cgroup, OOM score and order of eviction."""

    GUARANTEED = "Guaranteed"
    BURSTABLE = "Burstable"
    BEST_EFFORT = "BestEffort"


def get_qos_class(pod: Pod) -> QosClass:
    """Return the class recorded in the pod's status, or compute it where there is none."""
    recorded = pod.status.text("qosClass")
    return QosClass(recorded) if recorded in set(QosClass) else compute_qos_class(pod)


def compute_qos_class(pod: Pod) -> QosClass:
    """Compute the class from cpu and memory alone.

    Guaranteed: every container, init containers included, has equal non-zero requests and limits
    for both. BestEffort: none has any. Otherwise Burstable. Pod-level resources decide alone.
    """
    if pod.resources is not None:
        return _classify(pod.resources)
    classes = {_classify(each.resources) for each in [*pod.init_containers, *pod.containers]}
    if len(classes) > 1:
        return QosClass.BURSTABLE
    return classes.pop() if classes else QosClass.BEST_EFFORT


def compute_oom_score_adjustment(pod: Pod, container: Container, memory_capacity: int) -> int:
    """Compute `oom_score_adj` of a container on a node with so many bytes of memory.

    Higher is killed sooner: -997 for Guaranteed and node-critical pods, 1000 for BestEffort. A
    Burstable container scores 1000 minus its share of the node's memory in thousandths, within
    3..999. Memory that the pod requests beyond its containers is shared out equally. A sidecar
    scores no higher than the regular container with the least memory.
    """
    qos = get_qos_class(pod)
    if is_node_critical(pod) or qos is QosClass.GUARANTEED:
        return GUARANTEED_ADJUSTMENT
    if qos is QosClass.BEST_EFFORT:
        return BEST_EFFORT_ADJUSTMENT
    spare = _compute_spare_memory(pod)
    adjustment = _adjust(_get_memory(container) + spare, memory_capacity)
    if _is_sidecar(pod, container):
        least = min((_get_memory(regular) for regular in pod.containers), default=0)
        adjustment = min(adjustment, _adjust(least + spare, memory_capacity))
    if adjustment == BEST_EFFORT_ADJUSTMENT:
        return BEST_EFFORT_ADJUSTMENT - 1
    return max(adjustment, 1000 + GUARANTEED_ADJUSTMENT)


def is_static(pod: Pod) -> bool:
    """Say whether the kubelet has the pod from a file or a URL (`IsStaticPod`)."""
    return pod.meta.annotations.get("kubernetes.io/config.source", "api") != "api"


def is_critical(pod: Pod) -> bool:
    """Say whether the pod is static, a mirror, or of a system priority (`IsCriticalPod`)."""
    is_mirror = "kubernetes.io/config.mirror" in pod.meta.annotations
    return is_static(pod) or is_mirror or (pod.priority or 0) >= SYSTEM_CRITICAL_PRIORITY


def is_node_critical(pod: Pod) -> bool:
    """Say whether the pod is critical and of class `system-node-critical`."""
    return pod.priority_class_name == SYSTEM_NODE_CRITICAL and is_critical(pod)


def _classify(resources: ResourceRequirements) -> QosClass:
    """Return the class of one set of requests and limits."""
    found = set()
    for name in (CPU, MEMORY):
        request, limit = resources.requests.get(name, ZERO), resources.limits.get(name, ZERO)
        if request != limit:
            return QosClass.BURSTABLE
        found.add(QosClass.BEST_EFFORT if request.is_zero else QosClass.GUARANTEED)
    return found.pop() if len(found) == 1 else QosClass.BURSTABLE


def _get_memory(container: Container) -> int:
    return container.resources.requests.get(MEMORY, ZERO).value


def _adjust(memory: int, capacity: int) -> int:
    """Return 1000 minus the thousandths of the capacity, with Go's overflow and truncation."""
    scaled = wrap_int64(1000 * memory)
    return 1000 - abs(scaled) // capacity * (1 if scaled >= 0 else -1)


def _is_sidecar(pod: Pod, container: Container) -> bool:
    names = {each.name for each in pod.init_containers}
    return container.restarts_always and container.name in names


def _compute_spare_memory(pod: Pod) -> int:
    """Return each container's share of the memory that only the pod as a whole requests."""
    if not has_pod_level_requests(pod) or pod.resources is None:
        return 0
    requested = pod.resources.requests.get(MEMORY, ZERO)
    if requested.is_zero:
        return 0
    spare = requested.value - aggregate_requests(pod).total.get(MEMORY, ZERO).value
    count = len(pod.containers) + len(pod.init_containers)
    return abs(spare) // count * (1 if spare >= 0 else -1)


MIN_SHARES = 2
MAX_SHARES = 262_144
SHARES_PER_CPU = 1024
DEFAULT_PERIOD = 100_000
"""Microseconds over which the quota is measured."""
MIN_QUOTA = 1000
"""Microseconds; the kernel accepts no less."""


@dataclass(frozen=True, slots=True)
class CgroupConfig:
    """Settings of one pod; None leaves the kernel's default."""

    cpu_shares: int
    cpu_quota: int | None
    """Microseconds of CPU time in each period."""
    memory: int | None
    """Bytes at which the kernel starts to kill."""


def compute_cpu_shares(milli_cpu: int) -> int:
    """Convert thousandths of a CPU to relative weight: 1024 a CPU, within 2..262144."""
    shares = wrap_int64(milli_cpu * SHARES_PER_CPU) // 1000
    return min(max(shares, MIN_SHARES), MAX_SHARES)


def compute_cpu_quota(milli_cpu: int, period: int = DEFAULT_PERIOD) -> int:
    """Convert thousandths of a CPU to microseconds in a period; 0 is 0, the least is 1000."""
    if milli_cpu == 0:
        return 0
    return max(wrap_int64(milli_cpu * period) // 1000, MIN_QUOTA)


def compute_cgroup_config(pod: Pod, period: int = DEFAULT_PERIOD) -> CgroupConfig:
    """Compute the settings of a pod's cgroup (`ResourceConfigForPod`).

    BestEffort gets the least weight. A Burstable pod is limited only where every container has a
    limit, or the pod as a whole has one.
    """
    qos = get_qos_class(pod)
    if qos is QosClass.BEST_EFFORT:
        return CgroupConfig(MIN_SHARES, None, None)
    shares = compute_cpu_shares(compute_pod_requests(pod).get(CPU, ZERO).milli_value)
    limits = compute_pod_limits(pod)
    quota = compute_cpu_quota(limits.get(CPU, ZERO).milli_value, period)
    memory = limits.get(MEMORY, ZERO).value
    is_guaranteed = qos is QosClass.GUARANTEED
    return CgroupConfig(
        shares,
        quota if is_guaranteed or _is_limited(pod, CPU) else None,
        memory if is_guaranteed or _is_limited(pod, MEMORY) else None,
    )


def _is_limited(pod: Pod, name: str) -> bool:
    """Say whether the pod as a whole or each of its containers has a limit."""
    if (
        has_pod_level_resources(pod)
        and pod.resources is not None
        and _sets(pod.resources.limits, name)
    ):
        return True
    return all(_sets(limits, name) for limits in aggregate_limits(pod).effective)


def _sets(limits: ResourceList, name: str) -> bool:
    return not limits.get(name, ZERO).is_zero

"""The cgroup settings the kubelet gives a pod.

Source: `pkg/kubelet/cm/helpers_linux.go`, v1.36, with CPU limits enforced and without MemoryQoS.
"""

from dataclasses import dataclass

from planespec.spec.objects.pod import Pod
from planespec.spec.qos import QosClass, get_qos_class
from planespec.spec.quantity import ZERO
from planespec.spec.quantity.amount import wrap_int64
from planespec.spec.resources import (
    CPU,
    MEMORY,
    ResourceList,
    aggregate_limits,
    compute_pod_limits,
    compute_pod_requests,
    has_pod_level_resources,
)

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

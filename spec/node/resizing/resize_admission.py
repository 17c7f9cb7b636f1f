"""Whether a kubelet can ever take up the resize of a pod, room set aside.

Gates as by default in v1.36: InPlacePodVerticalScalingExclusiveCPUs and
InPlacePodVerticalScalingExclusiveMemory are off. Static pods can be resized.
Source: `pkg/kubelet/allocation/handlers.go`, v1.36.
"""

from collections.abc import Callable
from dataclasses import dataclass

from planespec.spec.node.resizing.allocations import (
    NO_RESOURCES,
    Allocation,
    apply_allocation,
    list_resizable,
)
from planespec.spec.objects.core_views import Container, Pod
from planespec.spec.pods.qos import QosClass, get_qos_class
from planespec.spec.quantity.quantity import ZERO

STATIC_CPU = "static"
"""The CPU manager's policy that gives CPUs to containers alone."""
STATIC_MEMORY = "Static"
"""The memory manager's policy that gives memory of NUMA nodes to containers."""

SWAP = "In-place resize of containers with swap is not supported."
GUARANTEED = 'Resize is infeasible for Guaranteed Pods alongside {} Manager policy "{}"'

UsesSwap = Callable[[Pod, Container], bool]
"""Whether the runtime lets a container of the pod swap (`GetContainerSwapBehavior`)."""


def use_no_swap(pod: Pod, container: Container) -> bool:
    """Say that nothing swaps: the default of a kubelet."""
    return False


@dataclass(frozen=True, slots=True)
class ResizePolicy:
    """What of the kubelet's configuration forbids resizes."""

    cpu_manager: str = "none"
    memory_manager: str = "None"
    uses_swap: UsesSwap = use_no_swap


def refuse_resize(pod: Pod, allocation: Allocation | None, policy: ResizePolicy) -> str:
    """Return why the pod can never have what its spec asks for; empty where it may."""
    if _needs_swap(pod, apply_allocation(pod, allocation)[0], policy.uses_swap):
        return SWAP
    if get_qos_class(pod) is not QosClass.GUARANTEED:
        return ""
    if policy.cpu_manager == STATIC_CPU and _changes(pod, allocation, "cpu"):
        return GUARANTEED.format("CPU", STATIC_CPU)
    if policy.memory_manager == STATIC_MEMORY and _changes(pod, allocation, "memory"):
        return GUARANTEED.format("Memory", STATIC_MEMORY)
    return ""


def _changes(pod: Pod, allocation: Allocation | None, resource: str) -> bool:
    """Say whether any container asks for another amount; requests are limits here."""
    held = allocation.containers if allocation is not None else {}
    return any(
        each.resources.requests.get(resource, ZERO)
        != held.get(each.name, NO_RESOURCES).requests.get(resource, ZERO)
        for each in list_resizable(pod)
    )


def _needs_swap(desired: Pod, allocated: Pod, uses_swap: UsesSwap) -> bool:
    """Say whether memory of a container that swaps would change without a restart."""
    held = {each.name: each for each in [*allocated.containers, *allocated.init_containers]}
    for container in [*desired.containers, *desired.init_containers]:
        old = held[container.name]
        is_changed = container.resources.requests.get(
            "memory", ZERO
        ) != old.resources.requests.get("memory", ZERO)
        if not is_changed or _restarts_for_memory(old):
            continue
        if uses_swap(desired, container) or uses_swap(allocated, old):
            return True
    return False


def _restarts_for_memory(container: Container) -> bool:
    for policy in container.views("resizePolicy"):
        if policy.text("resourceName") == "memory":
            return policy.text("restartPolicy") == "RestartContainer"
    return False

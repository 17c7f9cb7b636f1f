"""What an eviction says to the owner of the pod.

Source: Kubernetes v1.36, `pkg/kubelet/eviction/helpers.go` (evictionMessage),
`pkg/kubelet/eviction/eviction_manager.go`.
"""

from planespec.spec.node.evictions.eviction_ranking import ContainerUsage, PodUsage, to_bytes
from planespec.spec.node.evictions.eviction_thresholds import RESOURCES
from planespec.spec.objects.core_views import Pod
from planespec.spec.pods.resources import has_pod_level_resources
from planespec.spec.quantity import ZERO, Quantity


def describe_pressure(
    signal: str, threshold: Quantity, available: Quantity, pod: Pod, usage: PodUsage | None
) -> str:
    """Describe an eviction under pressure: what is scarce, and which containers use too much."""
    resource = RESOURCES[signal]
    message = f"The node was low on resource: {resource}. "
    message += f"Threshold quantity: {threshold}, available: {available}. "
    if usage is None:
        return message
    message += _blame_pod(resource, pod, usage)
    return message + "".join(_blame(resource, pod, each) for each in usage.containers)


def _blame_pod(resource: str, pod: Pod, usage: PodUsage) -> str:
    """Name the memory of a pod that has resources as a whole, be it too much or not."""
    if resource != "memory" or not has_pod_level_resources(pod) or pod.resources is None:
        return ""
    if resource not in pod.resources.requests or usage.memory is None:
        return ""
    request = pod.resources.requests[resource]
    return _say(f"Pod {pod.name}", to_bytes(usage.memory), request, resource)


def _blame(resource: str, pod: Pod, usage: ContainerUsage) -> str:
    named = [each for each in [*pod.containers, *pod.init_containers] if each.name == usage.name]
    used = _get_used(resource, usage)
    if not named or used is None:
        return ""
    request = named[0].resources.requests.get(resource, ZERO)
    return _say(f"Container {usage.name}", used, request, resource) if used > request else ""


def _get_used(resource: str, usage: ContainerUsage) -> Quantity | None:
    """Return what a container uses; of inodes and processes nothing is said."""
    if resource == "memory" and usage.memory is not None:
        return to_bytes(usage.memory)
    if resource == "ephemeral-storage" and usage.root is not None and usage.logs is not None:
        return to_bytes(usage.root.used + usage.logs.used)
    return None


def _say(who: str, used: Quantity, request: Quantity, resource: str) -> str:
    return f"{who} was using {used}, request is {request}, has larger consumption of {resource}. "

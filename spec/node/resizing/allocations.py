"""What a kubelet has allocated to a pod, beside what the pod's spec asks for.

Gates as by default in v1.36: InPlacePodLevelResourcesVerticalScaling is on, and so is
InPlacePodVerticalScalingInitContainers, by which init containers that are no sidecars have an
allocation of their own.
Source: `pkg/kubelet/allocation/allocation_manager.go` (allocationFromPod,
updatePodFromAllocation), `pkg/kubelet/events/resize.go`, v1.36.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planespec.spec.objects.core_views import Container, Pod, ResourceRequirements

NO_RESOURCES = ResourceRequirements({})


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one pod may use."""

    containers: Mapping[str, ResourceRequirements]
    """By name, of those that can be resized."""
    pod_level: ResourceRequirements | None = None
    """Of the pod as a whole, None where its spec said nothing of that."""


def list_resizable(pod: Pod) -> Iterator[Container]:
    """Yield the containers that can be resized: those that initialize, then the regular ones."""
    yield from pod.init_containers
    yield from pod.containers


def allocate_all(pod: Pod) -> Allocation:
    """Return the allocation that gives the pod what it asks for."""
    containers = {each.name: each.resources for each in list_resizable(pod)}
    return Allocation(containers, pod.resources)


def are_equal(one: ResourceRequirements | None, other: ResourceRequirements | None) -> bool:
    """Say whether two are the same: `1000m` is `1`, and nothing is an empty list."""
    if one is None or other is None:
        return one is other
    return (
        one.requests == other.requests
        and one.limits == other.limits
        and one.items("claims") == other.items("claims")
    )


def apply_allocation(pod: Pod, allocation: Allocation | None) -> tuple[Pod, bool]:
    """Return the pod as it is allocated, and whether that differs from its spec."""
    if allocation is None:
        return pod, False
    is_updated = not are_equal(pod.resources, allocation.pod_level)
    for container in [*pod.init_containers, *pod.containers]:
        given = allocation.containers.get(container.name)
        is_updated |= given is not None and not are_equal(given, container.resources)
    return (_rewrite(pod, allocation) if is_updated else pod), is_updated


def _rewrite(pod: Pod, allocation: Allocation) -> Pod:
    spec = dict(pod.spec.data)
    spec.pop("resources", None)
    if allocation.pod_level is not None:
        spec["resources"] = allocation.pod_level.data
    for name, containers in (
        ("initContainers", pod.init_containers),
        ("containers", pod.containers),
    ):
        if containers:
            spec[name] = [_give(each, allocation) for each in containers]
    return Pod({**pod.data, "spec": spec}, pod.field)


def _give(container: Container, allocation: Allocation) -> Mapping[str, object]:
    given = allocation.containers.get(container.name)
    if given is None or are_equal(given, container.resources):
        return container.data
    return {**container.data, "resources": given.data}


def print_resources(resources: ResourceRequirements) -> dict[str, object]:
    """Return the JSON that upstream writes of them: canonical quantities, no empty lists."""
    lists = (("limits", resources.limits), ("requests", resources.requests))
    written: dict[str, object] = {
        name: {key: str(found[key]) for key in sorted(found)} for name, found in lists if found
    }
    if resources.items("claims"):
        written["claims"] = resources.items("claims")
    return written


def describe_resize(prefix: str, pod: Pod, generation: int, error: str = "") -> str:
    """Return the message of an event about a resize to what the spec of the pod asks for."""
    summary: dict[str, object] = {
        name: [{"name": each.name, "resources": print_resources(each.resources)} for each in found]
        for name, found in (
            ("initContainers", pod.init_containers),
            ("containers", pod.containers),
        )
        if found
    }
    summary["generation"] = generation
    if error:
        summary["error"] = error
    text = json.dumps(summary, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f"{prefix}: {text}"

"""Effective requests and limits of a pod: containers, init containers, sidecars, overhead.

Source: `component-helpers/resource/helpers.go`, v1.36; the formula is KEP-753's, pod-level
resources are KEP-2837's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from planespec.spec.objects.core_views import Container, Pod, ResourceRequirements
from planespec.spec.objects.view import View
from planespec.spec.quantity import Quantity, parse_quantity

ResourceList = dict[str, Quantity]
"""Resource name to quantity."""

CPU = "cpu"
MEMORY = "memory"

NON_ZERO_REQUESTS: Mapping[str, Quantity] = {
    CPU: parse_quantity("100m"),
    MEMORY: parse_quantity("200Mi"),
}
"""What the scheduler's scoring assumes of a container that requests nothing."""
_STATUSES = ("containerStatuses", "initContainerStatuses")


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What the containers of a pod need together."""

    total: ResourceList
    effective: tuple[ResourceList, ...]
    """Per container, regular ones first; an init container with the sidecars before it."""


def compute_pod_requests(
    pod: Pod,
    *,
    non_missing: Mapping[str, Quantity] | None = None,
    use_status: bool = False,
    with_overhead: bool = True,
    with_pod_level: bool = True,
) -> ResourceList:
    """Compute what the scheduler sets aside for the pod (`PodRequests`).

    `non_missing` stands in for resources a container does not request; `use_status` counts what a
    resize in progress still holds; pod-level requests replace the containers' sum.
    """
    total = aggregate_requests(pod, non_missing=non_missing, use_status=use_status).total
    if with_pod_level and pod.resources is not None:
        total |= _supported(pod.resources.requests)
    if with_overhead:
        add_resources(total, pod.overhead)
    return total


def compute_allocated_requests(pod: Pod) -> ResourceList:
    """Compute what the kubelet has allocated to a pod that it runs.

    While a resize waits or is under way, `allocatedResources` of a container's status says it, and
    the spec only what is wished for. Source: `pkg/kubelet/allocation/allocation_manager.go`.
    """
    statuses = [s for name in _STATUSES for s in pod.status.views(name)]
    allocated = {s.text("name"): s.quantities("allocatedResources") for s in statuses}

    def get_requests(container: Container, counts_status: bool) -> ResourceList:
        held = allocated.get(container.name, {}) if counts_status else {}
        return container.resources.requests | held

    total = _aggregate(pod, get_requests).total
    if pod.resources is not None:
        total |= _supported(pod.resources.requests)
    add_resources(total, pod.overhead)
    return total


def compute_pod_limits(
    pod: Pod,
    *,
    use_status: bool = False,
    with_overhead: bool = True,
    with_pod_level: bool = True,
) -> ResourceList:
    """Compute the limits of the pod (`PodLimits`); overhead is added only to limits that exist."""
    total = aggregate_limits(pod, use_status=use_status).total
    if with_pod_level and pod.resources is not None:
        total |= _supported(pod.resources.limits)
    if with_overhead:
        for name, quantity in pod.overhead.items():
            if name in total and not total[name].is_zero:
                total[name] += quantity
    return total


def aggregate_requests(
    pod: Pod, *, non_missing: Mapping[str, Quantity] | None = None, use_status: bool = False
) -> Aggregate:
    """Sum the requests of the containers (`AggregateContainerRequests`)."""
    allocated = _read_statuses(pod) if use_status else {}

    def get_requests(container: Container, counts_status: bool) -> ResourceList:
        own = container.resources.requests
        status = allocated.get(container.name) if counts_status else None
        if status is not None:
            held = [_read_resources(status).requests, status.quantities("allocatedResources")]
            own = merge_maximum(*held) if _is_infeasible(pod) else merge_maximum(own, *held)
        return _fill(own, non_missing or {})

    return _aggregate(pod, get_requests)


def aggregate_limits(pod: Pod, *, use_status: bool = False) -> Aggregate:
    """Sum the limits of the containers (`AggregateContainerLimits`)."""
    allocated = _read_statuses(pod) if use_status else {}

    def get_limits(container: Container, counts_status: bool) -> ResourceList:
        own = container.resources.limits
        status = allocated.get(container.name) if counts_status else None
        if status is None:
            return own
        held = _read_resources(status).limits
        return held if _is_infeasible(pod) else merge_maximum(own, held)

    return _aggregate(pod, get_limits)


def has_pod_level_requests(pod: Pod) -> bool:
    """Say whether the pod requests a resource for itself as a whole."""
    return pod.resources is not None and bool(_supported(pod.resources.requests))


def has_pod_level_resources(pod: Pod) -> bool:
    """Say whether the pod requests or limits a resource for itself as a whole."""
    return has_pod_level_requests(pod) or (
        pod.resources is not None and bool(_supported(pod.resources.limits))
    )


def is_pod_level_resource(name: str) -> bool:
    """Say whether a pod may state the resource as a whole: cpu, memory and huge pages."""
    return name in (CPU, MEMORY) or is_huge_page(name)


def is_huge_page(name: str) -> bool:
    """Say whether the resource is memory in pages of one large size."""
    return name.startswith("hugepages-")


def add_resources(total: ResourceList, added: Mapping[str, Quantity]) -> None:
    """Add to `total` in place; a new name keeps the quantity as it was written."""
    for name, quantity in added.items():
        total[name] = total[name] + quantity if name in total else quantity


def raise_to_maximum(total: ResourceList, other: Mapping[str, Quantity]) -> None:
    """Raise each entry of `total` in place to the other's where that is greater."""
    for name, quantity in other.items():
        if name not in total or quantity > total[name]:
            total[name] = quantity


def merge_maximum(*lists: Mapping[str, Quantity]) -> ResourceList:
    """Return the greatest quantity of each name; of equal ones the first."""
    merged: ResourceList = {}
    for resources in lists:
        raise_to_maximum(merged, resources)
    return merged


def _aggregate(pod: Pod, get_own: Callable[[Container, bool], ResourceList]) -> Aggregate:
    """Sum regular containers and sidecars, and let each init container raise the sum.

    While an init container runs, the sidecars before it run too. `get_own` also says whether
    the status of the container counts: not that of an init container which is no sidecar.
    """
    total: ResourceList = {}
    effective: list[ResourceList] = []
    for container in pod.containers:
        effective.append(get_own(container, True))
        add_resources(total, effective[-1])
    sidecars: ResourceList = {}
    peak: ResourceList = {}
    for container in pod.init_containers:
        needed = dict(get_own(container, container.restarts_always))
        if container.restarts_always:
            add_resources(total, needed)
            add_resources(sidecars, needed)
            needed = dict(sidecars)
        else:
            add_resources(needed, sidecars)
        effective.append(needed)
        raise_to_maximum(peak, needed)
    raise_to_maximum(total, peak)
    return Aggregate(total, tuple(effective))


def _supported(resources: Mapping[str, Quantity]) -> ResourceList:
    return {name: each for name, each in resources.items() if is_pod_level_resource(name)}


def _fill(own: ResourceList, non_missing: Mapping[str, Quantity]) -> ResourceList:
    missing = {name: quantity for name, quantity in non_missing.items() if name not in own}
    return own | missing if missing else own


def _read_statuses(pod: Pod) -> dict[str, View]:
    """Return the container statuses that report resources, by container name."""
    statuses = [status for name in _STATUSES for status in pod.status.views(name)]
    return {status.text("name"): status for status in statuses if status.has("resources")}


def _read_resources(status: View) -> ResourceRequirements:
    return ResourceRequirements(status.data["resources"], status.path("resources"))


def _is_infeasible(pod: Pod) -> bool:
    """Say whether the node can never grant the pod's pending resize."""
    for condition in pod.status.views("conditions"):
        if condition.text("type") == "PodResizePending":
            return condition.text("reason") == "Infeasible"
    return False

"""LimitRanger: defaults for containers, and bounds on containers, pods and claims of a namespace.

Several LimitRanges apply one after the other; upstream takes them in no fixed order, so of two
defaults for one resource either may win. Source: `plugin/pkg/admission/limitranger/admission.go`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.objects import Container, Pod, View
from planespec.spec.objects.volumes import PersistentVolumeClaim
from planespec.spec.pods.resources import ResourceList, compute_pod_limits, compute_pod_requests
from planespec.spec.quantity import Quantity

ANNOTATION = "kubernetes.io/limit-ranger"
MOST_MILLI = 9223372036854775807 // 1000
"""Above this many units a quantity is compared in whole units."""


@dataclass(frozen=True)
class LimitItem:
    """One entry of `spec.limits`: what it bounds, and how."""

    type: str
    """Container, Pod or PersistentVolumeClaim."""
    minimum: ResourceList
    maximum: ResourceList
    ratio: ResourceList
    default_requests: ResourceList
    default_limits: ResourceList


def read_limit_range(data: object, field: str = "") -> Sequence[LimitItem]:
    """Read a LimitRange as the API server stores it. Raises ObjectError.

    Of a container's missing defaults the limit is the maximum, and the request is the default
    limit, else the minimum (`SetDefaults_LimitRangeItem`).
    """
    return [_read_item(item) for item in View(data, field).view("spec").views("limits")]


def _read_item(view: View) -> LimitItem:
    kind, limits = view.text("type"), view.quantities("default")
    requests = view.quantities("defaultRequest")
    least, most = view.quantities("min"), view.quantities("max")
    if kind == "Container":
        limits = {**most, **limits}
        requests = {**least, **limits, **requests}
    return LimitItem(kind, least, most, view.quantities("maxLimitRequestRatio"), requests, limits)


def set_container_defaults(pod: Pod, limits: Sequence[LimitItem]) -> Pod:
    """Return the pod with requests and limits that its containers do not state, and a note of it.

    `limits` are those of one LimitRange. The pod must have the defaults of the API already: there
    a limit has become the request.
    """
    requests: ResourceList = {}
    most: ResourceList = {}
    for item in limits:
        if item.type == "Container":
            requests |= item.default_requests
            most |= item.default_limits
    spec, said = dict(pod.spec.data), list[str]()
    for field, word in (("containers", "container"), ("initContainers", "init container")):
        if pod.spec.has(field):
            spec[field] = [
                _fill(Container(view.data, view.field), requests, most, word, said)
                for view in pod.spec.views(field)
            ]
    if not said:
        return pod
    note = {ANNOTATION: "LimitRanger plugin set: " + "; ".join(said)}
    meta = {**pod.meta.data, "annotations": {**pod.meta.annotations, **note}}
    return Pod({**pod.data, "metadata": meta, "spec": spec}, pod.field)


def _fill(
    container: Container, requests: ResourceList, limits: ResourceList, word: str, said: list[str]
) -> Mapping[str, object]:
    own = container.resources
    filled: dict[str, object] = dict(own.data)
    for field, present, defaults in (
        ("requests", own.requests, requests),
        ("limits", own.limits, limits),
    ):
        absent = {name: each for name, each in defaults.items() if name not in present}
        if absent:
            texts = {name: str(each) for name, each in absent.items()}
            filled[field] = {**own.view(field).data, **texts}
            verb = field.removesuffix("s")
            said.append(f"{', '.join(sorted(absent))} {verb} for {word} {container.name}")
    return {**container.data, "resources": filled} if filled else container.data


def list_pod_breaches(pod: Pod, limits: Sequence[LimitItem]) -> list[str]:
    """Return how the pod breaks one LimitRange, in upstream's words; empty where it does not."""
    return [message for group in group_pod_breaches(pod, limits) for message in group]


def group_pod_breaches(pod: Pod, limits: Sequence[LimitItem]) -> list[list[str]]:
    """Return the same in groups: within one, upstream walks the resources in no fixed order.

    A pod is measured as it is scheduled, without overhead.
    """
    found: list[list[str]] = []
    for item in limits:
        if item.type == "Container":
            for container in (*pod.containers, *pod.init_containers):
                own = container.resources
                found += _list_breaches(item, own.requests, own.limits)
        elif item.type == "Pod":
            requests = compute_pod_requests(pod, with_overhead=False)
            found += _list_breaches(item, requests, compute_pod_limits(pod, with_overhead=False))
    return [group for group in found if group]


def list_claim_breaches(claim: PersistentVolumeClaim, limits: Sequence[LimitItem]) -> list[str]:
    """Return how the claim's size breaks one LimitRange."""
    requests = claim.spec.view("resources").quantities("requests")
    return [
        message
        for item in limits
        if item.type == "PersistentVolumeClaim"
        for check, bounds in ((_check_minimum, item.minimum), (_check_request, item.maximum))
        for name, bound in bounds.items()
        for message in check(item.type, name, bound, requests, {})
    ]


Check = Callable[[str, str, Quantity, ResourceList, ResourceList], Iterator[str]]


def _list_breaches(
    item: LimitItem, requests: ResourceList, limits: ResourceList
) -> list[list[str]]:
    checks: tuple[tuple[Check, ResourceList], ...] = (
        (_check_minimum, item.minimum),
        (_check_maximum, item.maximum),
        (_check_ratio, item.ratio),
    )
    return [
        [
            message
            for name, bound in bounds.items()
            for message in check(item.type, name, bound, requests, limits)
        ]
        for check, bounds in checks
    ]


def _check_minimum(
    kind: str, name: str, bound: Quantity, requests: ResourceList, limits: ResourceList
) -> Iterator[str]:
    prefix = f"minimum {name} usage per {kind} is {bound}"
    if name not in requests:
        yield f"{prefix}.  No request is specified"
    elif requests[name] < bound:
        yield f"{prefix}, but request is {requests[name]}"
    elif name in limits and limits[name] < bound:
        yield f"{prefix}, but limit is {limits[name]}"


def _check_maximum(
    kind: str, name: str, bound: Quantity, requests: ResourceList, limits: ResourceList
) -> Iterator[str]:
    prefix = f"maximum {name} usage per {kind} is {bound}"
    if name not in limits:
        yield f"{prefix}.  No limit is specified"
    elif limits[name] > bound:
        yield f"{prefix}, but limit is {limits[name]}"
    elif name in requests and requests[name] > bound:
        yield f"{prefix}, but request is {requests[name]}"


def _check_request(
    kind: str, name: str, bound: Quantity, requests: ResourceList, limits: ResourceList
) -> Iterator[str]:
    prefix = f"maximum {name} usage per {kind} is {bound}"
    if name not in requests:
        yield f"{prefix}.  No request is specified"
    elif requests[name] > bound:
        yield f"{prefix}, but request is {requests[name]}"


def _check_ratio(
    kind: str, name: str, bound: Quantity, requests: ResourceList, limits: ResourceList
) -> Iterator[str]:
    prefix = f"{name} max limit to request ratio per {kind} is {bound}, but"
    if name not in requests or _measure(requests[name]) == 0:
        yield f"{prefix} no request is specified or request is 0"
    elif name not in limits or _measure(limits[name]) == 0:
        yield f"{prefix} no limit is specified or limit is 0"
    else:
        ratio = _measure(limits[name]) / _measure(requests[name])
        if ratio * 1000 > bound.milli_value:
            yield f"{prefix} provided ratio is {ratio:f}"


def _measure(quantity: Quantity) -> int:
    """In thousandths where those fit 64 bits, else in thousandths of whole units."""
    whole = quantity.value
    return quantity.milli_value if whole <= MOST_MILLI else whole * 1000

"""What the API server fills in among a pod's resources, and what it refuses about a pod.

Source: `pkg/apis/core/v1/defaults.go` (`SetDefaults_Pod`, `SetDefaults_ResourceList`), v1.36.
"""

from collections.abc import Iterator, Mapping, Sequence

from planespec.spec.names import get_label_key_errors, get_label_value_errors
from planespec.spec.objects import Container, Pod, View
from planespec.spec.objects.core_views import ResourceRequirements
from planespec.spec.pods.resources import (
    ResourceList,
    aggregate_limits,
    aggregate_requests,
    is_huge_page,
    is_pod_level_resource,
)
from planespec.spec.quantity import Quantity
from planespec.spec.quantity.amount import quote

_MILLI = -3


def default_pod_resources(pod: Pod) -> Pod:
    """Return the pod with the defaults of its resources filled in.

    A container's request defaults to its limit. Of a pod that states resources as a whole, huge
    page limits default to the containers' sum, and requests to the containers' sum or, where
    they request nothing, to the limit. All quantities are rounded up to thousandths.
    """
    spec = dict(pod.spec.data)
    for name in ("containers", "initContainers"):
        if pod.spec.has(name):
            spec[name] = [_default_container(view) for view in pod.spec.views(name)]
    filled = Pod({**pod.data, "spec": spec}, pod.field)
    if filled.resources is not None:
        spec["resources"] = _default_pod_level(filled, filled.resources)
    if pod.overhead:
        spec["overhead"] = _write(pod.overhead)
    return Pod({**pod.data, "spec": spec}, pod.field)


def _default_container(view: View) -> dict[str, object]:
    resources = ResourceRequirements(view.data.get("resources"), view.path("resources"))
    lists = {
        "limits": resources.limits,
        "requests": resources.requests | _absent(resources.requests, resources.limits),
    }
    written = {name: _write(values) for name, values in lists.items() if values}
    return {**view.data, "resources": {**resources.data, **written}}


def _default_pod_level(pod: Pod, resources: ResourceRequirements) -> dict[str, object]:
    requests, limits = dict(resources.requests), dict(resources.limits)
    if requests or limits:
        huge = {
            name: quantity
            for name, quantity in aggregate_limits(pod).total.items()
            if is_huge_page(name) and name not in requests
        }
        limits |= _absent(limits, huge)
    if limits:
        total = aggregate_requests(pod).total
        plain = {name: total[name] for name in total if not is_huge_page(name)}
        requests |= _absent(requests, _pod_level(plain))
        requests |= _absent(requests, _pod_level(limits))
    lists = {"limits": limits, "requests": requests}
    return {**resources.data, **{name: _write(values) for name, values in lists.items() if values}}


def _absent(present: ResourceList, defaults: Mapping[str, Quantity]) -> ResourceList:
    return {name: quantity for name, quantity in defaults.items() if name not in present}


def _pod_level(resources: ResourceList) -> ResourceList:
    return {name: each for name, each in resources.items() if is_pod_level_resource(name)}


def _write(resources: Mapping[str, Quantity]) -> dict[str, str]:
    return {name: str(quantity.rounded_up(_MILLI)) for name, quantity in resources.items()}


def fill_in_defaults(pod: Pod) -> Pod:
    """Return the pod with the defaults of its resources and host ports filled in."""
    return _fill_host_ports(default_pod_resources(pod))


def _fill_host_ports(pod: Pod) -> Pod:
    """With hostNetwork every container port is a host port. Source: setDefaultHostNetworkPorts."""
    if not pod.spec.flag("hostNetwork"):
        return pod
    spec = dict(pod.spec.data)
    for name in ("containers", "initContainers"):
        if pod.spec.has(name):
            spec[name] = [_fill_ports(container) for container in pod.spec.views(name)]
    return Pod({**pod.data, "spec": spec}, pod.field)


def _fill_ports(container: View) -> Mapping[str, object]:
    if not container.has("ports"):
        return container.data
    ports = [
        port.data
        if port.integer("hostPort")
        else {**port.data, "hostPort": port.integer("containerPort") or 0}
        for port in container.views("ports")
    ]
    return {**container.data, "ports": ports}


# What the API server refuses about a pod, as far as scheduling depends on it.
#
# Covered: host ports that collide among the containers or inside an init container, values of
# required node affinity, and pod-level requests below what the containers request together. The
# pod must have its defaults. Source: `pkg/apis/core/validation/validation.go`, ValidatePodSpec.


REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_NEEDS_VALUES = ("In", "NotIn")
_NEEDS_NONE = ("Exists", "DoesNotExist")
_NEEDS_ONE = ("Gt", "Lt")


def get_pod_errors(pod: Pod) -> list[str]:
    """Return what is wrong, each as field and message in upstream's words; empty when nothing is.

    The order is that of the fields; upstream lists errors of one resource list in no fixed order.
    """
    return [
        *_get_host_port_errors(pod),
        *_get_pod_level_errors(pod),
        *_get_node_affinity_errors(pod),
    ]


def _get_host_port_errors(pod: Pod) -> Iterator[str]:
    """Two ports of the containers must differ in protocol, host address or number.

    An init container runs alone and is compared with itself. Upstream hands each over as a list
    of one, so that every message about init containers names the first of them.
    """
    yield from _get_port_clashes(pod.containers, "spec.containers")
    for container in pod.init_containers:
        yield from _get_port_clashes([container], "spec.initContainers")


def _get_port_clashes(containers: Sequence[Container], field: str) -> Iterator[str]:
    """Yield a message for each host port listed before. Source: checkHostPortConflicts."""
    seen: set[str] = set()
    for index, container in enumerate(containers):
        for place, port in enumerate(container.views("ports")):
            number = port.integer("hostPort") or 0
            name = f"{port.text('protocol') or 'TCP'}/{port.text('hostIP')}/{number}"
            if number and name in seen:
                where = f"{field}[{index}].ports[{place}].hostPort"
                yield f"{where}: Duplicate value: {quote(name)}"
            seen.add(name)


def _get_pod_level_errors(pod: Pod) -> Iterator[str]:
    """A pod requests no less as a whole than its containers together (KEP-2837)."""
    if pod.resources is None:
        return
    own = pod.resources.requests
    for name, total in sorted(aggregate_requests(pod).total.items()):
        if name in own and total.compare(own[name]) > 0:
            why = f"must be greater than or equal to aggregate container requests of {total}"
            field = f"spec.resources.requests[{name}]"
            yield f"{field}: Invalid value: {quote(str(own[name]))}: {why}"


def _get_node_affinity_errors(pod: Pod) -> Iterator[str]:
    """Keys and values of required node affinity are labels; preferred terms are not looked at."""
    affinity = pod.spec.view("affinity").view("nodeAffinity")
    for index, term in enumerate(affinity.view(REQUIRED).views("nodeSelectorTerms")):
        for place, expression in enumerate(term.views("matchExpressions")):
            field = f"spec.affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms[{index}]"
            yield from _get_expression_errors(expression, f"{field}.matchExpressions[{place}]")


def _get_expression_errors(expression: View, field: str) -> Iterator[str]:
    operator, values = expression.text("operator"), expression.texts("values")
    if operator in _NEEDS_VALUES and not values:
        why = "must be specified when `operator` is 'In' or 'NotIn'"
        yield f"{field}.values: Required value: {why}"
    elif operator in _NEEDS_NONE and values:
        why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        yield f"{field}.values: Forbidden: {why}"
    elif operator in _NEEDS_ONE and len(values) != 1:
        why = "must be specified single value when `operator` is 'Lt' or 'Gt'"
        yield f"{field}.values: Required value: {why}"
    elif operator not in (*_NEEDS_VALUES, *_NEEDS_NONE, *_NEEDS_ONE):
        why = "not a valid selector operator"
        yield f"{field}.operator: Invalid value: {quote(operator)}: {why}"
    key = expression.text("key")
    for why in get_label_key_errors(key):
        yield f"{field}.key: Invalid value: {quote(key)}: {why}"
    for index, value in enumerate(values):
        for why in get_label_value_errors(value):
            yield f"{field}.values[{index}]: Invalid value: {quote(value)}: {why}"

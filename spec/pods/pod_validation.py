"""What the API server refuses about a pod, as far as scheduling depends on it.

Covered: host ports that collide among the containers or inside an init container, values of
required node affinity, and pod-level requests below what the containers request together. The pod
must have its defaults.
Source: `pkg/apis/core/validation/validation.go`, ValidatePodSpec.
"""

from collections.abc import Iterator, Sequence

from planespec.spec.go_text import quote
from planespec.spec.names import get_label_key_errors, get_label_value_errors
from planespec.spec.objects import Container, Pod, View
from planespec.spec.pods.resources import aggregate_requests

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

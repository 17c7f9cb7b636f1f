"""Judge of `primitives` recordings: quantities, pods, selectors, taints, names.

A line is `{"in": {"op": ..., ...}, "out": {...}}`; the `op` is the kind that is counted.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.labels import Selector, SelectorError, parse_selector, read_label_selector
from planespec.spec.names import (
    get_dns1035_label_errors,
    get_dns1123_label_errors,
    get_dns1123_subdomain_errors,
    get_environment_name_errors,
    get_label_key_errors,
    get_label_value_errors,
    get_port_name_errors,
)
from planespec.spec.objects import Node, Pod, View
from planespec.spec.objects.core_views import read_taint, read_toleration
from planespec.spec.objects.view import ObjectError
from planespec.spec.pods.node_selection import is_tolerated, read_node_selector
from planespec.spec.pods.pod_admission import default_pod_resources
from planespec.spec.pods.qos import (
    compute_cgroup_config,
    compute_cpu_quota,
    compute_cpu_shares,
    compute_oom_score_adjustment,
    get_qos_class,
)
from planespec.spec.pods.resources import (
    NON_ZERO_REQUESTS,
    ResourceList,
    compute_pod_limits,
    compute_pod_requests,
)
from planespec.spec.quantity import QuantityError, parse_quantity

Answer = dict[str, object]

_NAME_RULES = {
    "dns1035label": get_dns1035_label_errors,
    "dns1123label": get_dns1123_label_errors,
    "dns1123subdomain": get_dns1123_subdomain_errors,
    "envVar": get_environment_name_errors,
    "labelValue": get_label_value_errors,
    "portName": get_port_name_errors,
    "qualifiedName": get_label_key_errors,
}


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line of a recording; InputError where it is malformed."""
    for number, record in read_records(path):
        with at(path, number):
            line = View(record)
            given, expected = line.data.get("in"), line.data.get("out")
            operation = line.view("in").text("op")
            if operation not in OPERATIONS:
                allowed = ", ".join(OPERATIONS)
                message = f"in.op: {operation!r} is not an operation"
                raise InputError(message, file=path, line=number, allowed=allowed)
            if not isinstance(expected, dict):
                raise ObjectError("out", "must be an object")
            actual = OPERATIONS[operation](line.view("in"))
        yield compare(operation, f"{path}:{number}", given, expected, actual)


def _answer_quantity(given: View) -> Answer:
    try:
        quantity = parse_quantity(_text(given, "s"))
    except QuantityError as error:
        return {"error": str(error)}
    return {
        "format": str(quantity.format),
        "milli": quantity.milli_value,
        "sign": quantity.sign,
        "string": str(quantity),
        "value": quantity.value,
    }


def _answer_comparison(given: View) -> Answer:
    left, right = given.quantity("a"), given.quantity("b")
    return {"add": str(left + right), "cmp": left.compare(right), "sub": str(left - right)}


def _answer_cpu(given: View) -> Answer:
    milli = given.needed_integer("milli")
    return {
        "quota": compute_cpu_quota(milli, given.needed_integer("period")),
        "shares": compute_cpu_shares(milli),
    }


def _answer_pod(given: View) -> Answer:
    # The recorder decoded pods as the API server does, defaults included.
    pod = default_pod_resources(Pod(given.data.get("pod"), given.path("pod")))
    capacity = given.needed_integer("memoryCapacity")
    if capacity <= 0:
        raise ObjectError(given.path("memoryCapacity"), "must be positive")
    cgroup = compute_cgroup_config(pod)
    return {
        "cgroup": {
            "cpuQuota": cgroup.cpu_quota,
            "cpuShares": cgroup.cpu_shares,
            "memory": cgroup.memory,
        },
        "limits": _print_resources(compute_pod_limits(pod)),
        "nonMissingRequests": _print_resources(
            compute_pod_requests(pod, non_missing=NON_ZERO_REQUESTS)
        ),
        "oomScoreAdj": {
            container.name: compute_oom_score_adjustment(pod, container, capacity)
            for container in [*pod.containers, *pod.init_containers]
        },
        "qos": str(get_qos_class(pod)),
        "requests": _print_resources(compute_pod_requests(pod)),
    }


def _print_resources(resources: ResourceList) -> dict[str, str]:
    return {name: str(quantity) for name, quantity in resources.items()}


def _answer_selector(given: View) -> Answer:
    try:
        selector = read_label_selector(given.data.get("selector"), given.path("selector"))
    except SelectorError as error:
        return {"error": str(error)}
    return _match(selector, given)


def _answer_selector_text(given: View) -> Answer:
    try:
        selector = parse_selector(_text(given, "s"))
    except SelectorError as error:
        return {"error": str(error)}
    return _match(selector, given)


def _match(selector: Selector, given: View) -> Answer:
    return {"matches": selector.matches(given.text_map("labels")), "string": str(selector)}


def _answer_node_selector(given: View) -> Answer:
    node = Node(given.data.get("node"), given.path("node"))
    selector = read_node_selector(given.data.get("nodeSelector"), given.path("nodeSelector"))
    try:
        selector.check()
    except SelectorError as error:
        return {"error": str(error)}
    return {"matches": selector.matches(node.name, node.meta.labels)}


def _answer_toleration(given: View) -> Answer:
    taint = read_taint(given.data.get("taint"), given.path("taint"))
    views = given.views("tolerations")
    return {"tolerates": is_tolerated(taint, [read_toleration(v.data, v.field) for v in views])}


def _answer_names(given: View) -> Answer:
    name = _text(given, "s")
    return {rule: not errors(name) for rule, errors in _NAME_RULES.items()}


def _text(given: View, name: str) -> str:
    if not given.has(name):
        raise ObjectError(given.path(name), "is missing")
    return given.text(name)


OPERATIONS: dict[str, Callable[[View], Answer]] = {
    "cpu": _answer_cpu,
    "names": _answer_names,
    "nodeSelector": _answer_node_selector,
    "pod": _answer_pod,
    "quantity": _answer_quantity,
    "quantityCmp": _answer_comparison,
    "selector": _answer_selector,
    "selectorString": _answer_selector_text,
    "tolerates": _answer_toleration,
}
"""Each `op` of a recording to the rule that answers it."""

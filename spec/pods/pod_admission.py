"""What the API server fills in among a pod's resources and host ports.

Source: `pkg/apis/core/v1/defaults.go` (`SetDefaults_Pod`, `SetDefaults_ResourceList`), v1.36.
"""

from collections.abc import Mapping

from planespec.spec.objects import Pod, View
from planespec.spec.objects.core_views import ResourceRequirements
from planespec.spec.pods.resources import (
    ResourceList,
    aggregate_limits,
    aggregate_requests,
    is_huge_page,
    is_pod_level_resource,
)
from planespec.spec.quantity import Quantity

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

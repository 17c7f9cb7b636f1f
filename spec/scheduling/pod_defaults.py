"""What the API server fills into a pod before the scheduler sees it.

Only the defaults that the scheduler's rules depend on. Pods read from an API server have them
already; manifests do not. Source: `pkg/apis/core/v1/defaults.go`.
"""

from collections.abc import Mapping

from planespec.spec.objects import Pod, View
from planespec.spec.resource_defaults import default_pod_resources


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

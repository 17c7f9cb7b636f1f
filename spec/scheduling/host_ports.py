"""Host ports: which triples of address, protocol and port a pod takes, and when two clash.

Source: `staging/src/k8s.io/kube-scheduler/framework/types.go`, HostPortInfo;
`pkg/scheduler/util/utils.go`, GetHostPorts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from planespec.spec.objects import Pod

ANY_ADDRESS = "0.0.0.0"
"""The address that stands for every address of the node."""
DEFAULT_PROTOCOL = "TCP"


class HostPort(NamedTuple):
    """One port of the host, with the defaults of an empty address and protocol filled in."""

    address: str
    protocol: str
    port: int


def build_host_port(address: str, protocol: str, port: int) -> HostPort:
    """Return the port with 0.0.0.0 for an empty address and TCP for an empty protocol."""
    return HostPort(address or ANY_ADDRESS, protocol or DEFAULT_PROTOCOL, port)


def read_host_ports(pod: Pod) -> Sequence[HostPort]:
    """Return the host ports of the containers and sidecars; ports of 0 ask for none."""
    listed = (*pod.spec.items("containers"), *pod.spec.items("initContainers"))
    if not any(_may_ask(container) for container in listed):
        return ()
    sidecars = [container for container in pod.init_containers if container.restarts_always]
    return [
        build_host_port(port.text("hostIP"), port.text("protocol"), port.integer("hostPort") or 0)
        for container in (*pod.containers, *sidecars)
        for port in container.views("ports")
        if (port.integer("hostPort") or 0) > 0
    ]


def _may_ask(container: object) -> bool:
    """Tell quickly whether a container may name a host port; few do. Odd shapes may."""
    ports = container.get("ports", ()) if isinstance(container, Mapping) else None
    if not isinstance(ports, list):
        return ports != ()
    return any(not isinstance(port, Mapping) or port.get("hostPort") for port in ports)


def is_port_conflict(used: Iterable[HostPort], wanted: HostPort) -> bool:
    """Tell whether `wanted` clashes with a used port.

    0.0.0.0 clashes with the same protocol and port on any address; another address clashes with
    itself and with 0.0.0.0. A port of 0 or below never clashes.
    Source: HostPortInfo.CheckConflict.
    """
    if wanted.port <= 0:
        return False
    return any(
        other.port == wanted.port
        and other.protocol == wanted.protocol
        and (ANY_ADDRESS in (wanted.address, other.address) or other.address == wanted.address)
        for other in used
    )

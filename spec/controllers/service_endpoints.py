"""The endpoints that the pods of a Service make: addresses, ports, conditions, zones.

Source: Kubernetes v1.36, `staging/src/k8s.io/endpointslice` (utils.go, util/controller_utils.go).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import ip_address
from itertools import chain

from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.fnv import hash_fnv1a
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import ApiObject, View

CONTROLLER = "endpointslice-controller.k8s.io"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
SERVICE_NAME = "kubernetes.io/service-name"
HEADLESS = "service.kubernetes.io/headless"
ZONE = "topology.kubernetes.io/zone"
_RESERVED = (MANAGED_BY, SERVICE_NAME, HEADLESS)


@dataclass(frozen=True, slots=True)
class Hints:
    """To whom an endpoint is recommended."""

    zones: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint; a field that is not there is None."""

    addresses: tuple[str, ...]
    pod: tuple[str, str]
    """Namespace and name."""
    uid: str
    hostname: str | None = None
    node_name: str | None = None
    zone: str | None = None
    ready: bool = True
    serving: bool = True
    terminating: bool = False
    hints: Hints | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two endpoints the same (`hashEndpoint`)."""
        return tuple(sorted(self.addresses)), self.hostname or "", self.pod

    def is_like(self, other: "Endpoint") -> bool:
        """Whether nothing changed but hints (`EndpointsEqualBeyondHash`)."""
        return self.key == other.key and replace(self, hints=None) == replace(other, hints=None)


Port = tuple[tuple[str, object], ...]
"""The fields of one port of a slice, sorted."""


class Service(ApiObject):
    """A Service object."""

    @cached_property
    def has_address(self) -> bool:
        """Whether it has a cluster address, and is not headless."""
        return self.spec.text("clusterIP") not in ("", "None")

    @cached_property
    def address_types(self) -> tuple[str, ...]:
        """The families of its endpoints (`getAddressTypesForService`)."""
        families = [each for each in ("IPv4", "IPv6") if each in self.spec.texts("ipFamilies")]
        if families:
            return tuple(families)
        if self.has_address:
            return ("IPv6",) if ":" in self.spec.text("clusterIP") else ("IPv4",)
        return ("IPv4", "IPv6")

    @cached_property
    def slice_labels(self) -> dict[str, str]:
        """The labels of a slice that is made or changed."""
        labels = self.own_labels | {SERVICE_NAME: self.name, MANAGED_BY: CONTROLLER}
        return labels if self.has_address else labels | {HEADLESS: ""}

    @cached_property
    def own_labels(self) -> dict[str, str]:
        """Its labels but those that slices have of their own."""
        return leave_out_reserved(self.meta.labels)

    @property
    def publishes_not_ready(self) -> bool:
        """Whether endpoints count as ready whatever their pods say."""
        return self.spec.flag("publishNotReadyAddresses")


def leave_out_reserved(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels but those that slices have of their own."""
    return {name: value for name, value in labels.items() if name not in _RESERVED}


def is_published(pod: Pod) -> bool:
    """Whether a pod has endpoints at all: it has not ended, and has an address."""
    has_address = bool(pod.status.text("podIP") or pod.status.views("podIPs"))
    return has_address and not pod.is_terminal


def make_endpoint(pod: Pod, node: Node | None, service: Service, address_type: str) -> Endpoint:
    """The endpoint of a pod (`podToEndpoint`)."""
    serving, terminating = is_ready(pod), pod.meta.is_deleting
    hostname = pod.spec.text("hostname")
    is_named = bool(hostname) and pod.spec.text("subdomain") == service.name
    zone = node.meta.labels.get(ZONE) if node else None
    return Endpoint(
        addresses=tuple(_list_addresses(pod, address_type)),
        pod=(pod.meta.namespace, pod.name),
        uid=pod.meta.uid,
        hostname=hostname if is_named and pod.meta.namespace == service.meta.namespace else None,
        node_name=pod.node_name or None,
        zone=zone or None,
        ready=service.publishes_not_ready or (serving and not terminating),
        serving=serving,
        terminating=terminating,
    )


def _list_addresses(pod: Pod, address_type: str) -> Iterator[str]:
    for entry in pod.status.views("podIPs"):
        address = ip_address(entry.text("ip"))
        if f"IPv{address.version}" == address_type:
            yield str(address)


def list_ports(service: Service, pod: Pod) -> tuple[Port, ...]:
    """The ports of a Service as a pod has them (`getEndpointPorts`)."""
    ports = []
    for wanted in service.spec.views("ports"):
        number = find_port(pod, wanted)
        if number is not None:
            port = {"name": wanted.text("name"), "port": number}
            port |= {"protocol": wanted.text("protocol")}
            if wanted.has("appProtocol"):
                port["appProtocol"] = wanted.text("appProtocol")
            ports.append(tuple(sorted(port.items())))
    return tuple(sorted(ports, key=_hash_port))


def _hash_port(port: Port) -> int:
    """By what ports are sorted (`portsInOrder`): the hash of what Go's spew prints of one."""
    fields = dict(port)
    protocol = fields.get("appProtocol", "<nil>")
    printed = (
        f"(v1.EndpointPort){{Name:(*string){fields['name']}"
        f" Protocol:(*v1.Protocol){fields['protocol']} Port:(*int32){fields['port']}"
        f" AppProtocol:(*string){protocol}}}"
    )
    return hash_fnv1a(printed.encode(), 128)


def find_port(pod: Pod, wanted: View) -> int | None:
    """The number behind `targetPort`: a named one is looked up (`FindPort`)."""
    target = wanted.data.get("targetPort")
    if isinstance(target, int):
        return target
    sidecars = [each for each in pod.init_containers if each.restarts_always]
    for container in chain(pod.containers, sidecars):
        for port in container.views("ports"):
            names = (port.text("name"), port.text("protocol"))
            if names == (target, wanted.text("protocol")):
                return port.integer("containerPort")
    return None

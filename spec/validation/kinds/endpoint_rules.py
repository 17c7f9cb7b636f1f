"""Rules for what Services lead to: Endpoints, EndpointSlices, and the ports of both.

Source: `pkg/apis/core/validation/validation.go`, ValidateEndpoints, and
`pkg/apis/discovery/validation/validation.go`, v1.36. The topology of old versions is left out: the
API server drops it.
"""

import ipaddress
from collections.abc import Callable

from planespec.spec.names import (
    get_dns1123_label_errors,
    get_dns1123_subdomain_errors,
    get_label_value_errors,
)
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.addresses import parse_address, validate_address
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    duplicate,
    each_invalid,
    invalid,
    not_supported,
    required,
    too_many,
)
from planespec.spec.validation.value_rules import get_port_errors, validate_label_key

_PROTOCOLS = ENUMERATIONS["core.ServicePort"]["protocol"]
_ADDRESS_TYPES = ENUMERATIONS["discovery.EndpointSlice"]["addressType"]
_MOST_ENDPOINTS, _MOST_PORTS, _MOST_ADDRESSES, _MOST_HINTS = 1000, 20000, 100, 8


def validate_port_name(port: View, *, needs_name: bool) -> Errors:
    """The name of a port is a label; several ports need one each."""
    field, name = port.path("name"), port.text("name")
    if name:
        yield from checked(field, name, get_dns1123_label_errors)
    elif needs_name:
        yield required(field)


def validate_protocol(port: View) -> Errors:
    """It is one of three; absent, it is TCP."""
    protocol = port.text("protocol")
    if protocol and protocol not in _PROTOCOLS:
        yield not_supported(port.path("protocol"), protocol, _PROTOCOLS)


def validate_application(port: View) -> Errors:
    """Source: ValidateQualifiedName."""
    if port.has("appProtocol"):
        yield from validate_label_key(port.path("appProtocol"), port.text("appProtocol"))


def validate_endpoint_address(field: str, value: str) -> Errors:
    """Source: ValidateEndpointIP."""
    address = parse_address(value)
    if address is None:
        yield invalid(field, value, "must be a valid IP address")
        return
    if address.is_unspecified:
        yield invalid(field, value, f"may not be unspecified ({value})")
    if address.is_loopback:
        words = "may not be in the loopback range (127.0.0.0/8, ::1/128)"
        yield invalid(field, value, words)
    if address.is_link_local:
        words = "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
        yield invalid(field, value, words)
    local = ipaddress.ip_network("224.0.0.0/24" if address.version == 4 else "ff02::/16")
    if address in local:
        words = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
        yield invalid(field, value, words)


def validate_endpoints(view: View) -> Errors:
    """Source: validateEndpointSubsets."""
    for subset in view.views("subsets"):
        names = ("addresses", "notReadyAddresses")
        if not any(subset.items(name) for name in names):
            yield required(subset.field, "must specify `addresses` or `notReadyAddresses`")
        for name in names:
            for address in subset.views(name):
                yield from _validate_endpoint(address)
        ports = subset.views("ports")
        for port in ports:
            number = port.integer("port") or 0
            yield from validate_port_name(port, needs_name=len(ports) > 1)
            yield from each_invalid(port.path("port"), number, get_port_errors(number))
            yield from validate_protocol(port)
            yield from validate_application(port)


def _validate_endpoint(view: View) -> Errors:
    address = view.text("ip")
    yield from validate_address(view.path("ip"), address)
    if view.text("hostname"):
        yield from checked(view.path("hostname"), view.text("hostname"), get_dns1123_label_errors)
    if view.has("nodeName"):
        name = view.text("nodeName")
        yield from checked(view.path("nodeName"), name, get_dns1123_subdomain_errors)
    yield from validate_endpoint_address(view.path("ip"), address)


def validate_endpoint_slice(view: View) -> Errors:
    """Source: ValidateEndpointSlice; of a list that is too long nothing else is said."""
    kind = view.text("addressType")
    if not kind:
        yield required("addressType")
    elif kind not in _ADDRESS_TYPES:
        yield not_supported("addressType", kind, _ADDRESS_TYPES)
    endpoints, ports = view.views("endpoints"), view.views("ports")
    if len(endpoints) > _MOST_ENDPOINTS:
        yield too_many("endpoints", len(endpoints), _MOST_ENDPOINTS)
    else:
        for endpoint in endpoints:
            yield from _validate_slice_endpoint(endpoint, kind)
    if len(ports) > _MOST_PORTS:
        yield too_many("ports", len(ports), _MOST_PORTS)
    else:
        yield from _validate_slice_ports(ports)


def _validate_slice_ports(ports: list[View]) -> Errors:
    names: set[str] = set()
    for port in ports:
        name = port.text("name")
        yield from validate_port_name(port, needs_name=False)
        if name in names:
            yield duplicate(port.path("name"), name)
        names.add(name)
        yield from validate_protocol(port)
        yield from validate_application(port)


def _validate_slice_endpoint(endpoint: View, kind: str) -> Errors:
    field, addresses = endpoint.path("addresses"), endpoint.texts("addresses")
    if not addresses:
        yield required(field, "must contain at least 1 address")
    elif len(addresses) > _MOST_ADDRESSES:
        yield too_many(field, len(addresses), _MOST_ADDRESSES)
    for index, value in enumerate(addresses):
        yield from _validate_slice_address(f"{field}[{index}]", value, kind)
    if endpoint.has("nodeName"):
        name = endpoint.text("nodeName")
        yield from checked(endpoint.path("nodeName"), name, get_dns1123_subdomain_errors)
    if endpoint.has("hostname"):
        name = endpoint.text("hostname")
        yield from checked(endpoint.path("hostname"), name, get_dns1123_label_errors)
    hints = endpoint.view("hints")
    yield from _validate_hints(hints, "forZones", get_label_value_errors)
    yield from _validate_hints(hints, "forNodes", get_dns1123_subdomain_errors)


def _validate_slice_address(field: str, value: str, kind: str) -> Errors:
    if kind == "FQDN":
        yield from _validate_domain(field, value)
    elif kind in _ADDRESS_TYPES:
        address = parse_address(value)
        if address is None or f"IPv{address.version}" != kind:
            yield invalid(field, value, f"must be a valid {kind} address")
        yield from validate_endpoint_address(field, value)


def _validate_hints(hints: View, name: str, get_errors: Callable[[str], list[str]]) -> Errors:
    """Source: validateHints: some names of zones or nodes, each once."""
    listed = hints.views(name)
    if len(listed) > _MOST_HINTS:
        yield too_many(hints.path(name), len(listed), _MOST_HINTS)
        return
    seen: set[str] = set()
    for each in listed:
        value = each.text("name")
        if value in seen:
            yield duplicate(each.path("name"), value)
        seen.add(value)
        yield from checked(each.path("name"), value, get_errors)


def _validate_domain(field: str, value: str) -> Errors:
    """Source: IsFullyQualifiedDomainName."""
    name = value.removesuffix(".")
    errors = get_dns1123_subdomain_errors(name)
    if not value:
        yield required(field)
    elif errors:
        yield invalid(field, name, ",".join(errors))
    elif "." not in name:
        words = "should be a domain with at least two segments separated by dots"
        yield invalid(field, name, words)

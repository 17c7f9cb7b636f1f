"""Rules for Services; `endpoint_rules` has those for what they lead to.

Source: `pkg/apis/core/validation/validation.go`, ValidateServiceCreate, v1.36, with the defaults
of `pkg/apis/core/v1/defaults.go`.
"""

from planespec.spec.names import get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.addresses import (
    get_address_errors,
    is_dual_stack,
    validate_address,
    validate_cidr,
)
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    required,
)
from planespec.spec.validation.kinds.endpoint_rules import (
    validate_application,
    validate_endpoint_address,
    validate_port_name,
    validate_protocol,
)
from planespec.spec.validation.value_rules import (
    get_port_errors,
    validate_label_key,
    validate_labels,
    validate_port_number_or_name,
)

_TYPES = ENUMERATIONS["core.ServiceSpec"]["type"]
_AFFINITIES = ENUMERATIONS["core.ServiceSpec"]["sessionAffinity"]
_POLICIES = ENUMERATIONS["core.ServiceSpec"]["externalTrafficPolicy"]
_FAMILIES = ENUMERATIONS["core.ServiceSpec"]["ipFamilies"]
_FAMILY_POLICIES = ENUMERATIONS["core.ServiceSpec"]["ipFamilyPolicy"]
_DISTRIBUTIONS = ENUMERATIONS["core.ServiceSpec"]["trafficDistribution"]
_LONGEST_AFFINITY = 86400
_NO_SPECIAL_NAME = "may not be set for ExternalName services"
_BALANCED = "may only be used when `type` is 'LoadBalancer'"
_HINTS = "service.kubernetes.io/topology-aware-hints"
_TOPOLOGY_MODE = "service.kubernetes.io/topology-mode"
_SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"


def validate_service(view: View) -> Errors:
    """Source: validateService."""
    spec = view.view("spec")
    kind = spec.text("type") or "ClusterIP"
    addresses = _list_addresses(spec)
    ports = spec.views("ports")
    if not ports and addresses != ["None"] and kind != "ExternalName":
        yield required(spec.path("ports"))
    yield from _validate_type(spec, kind, addresses)
    names: set[str] = set()
    for port in ports:
        yield from _validate_port(port, names, needs_name=len(ports) > 1)
    yield from validate_labels(spec.path("selector"), spec.text_map("selector"))
    yield from _validate_affinity(spec)
    if kind != "ExternalName":
        yield from _validate_addresses(spec, addresses)
    yield from _validate_external_addresses(spec)
    if kind not in _TYPES:
        yield not_supported(spec.path("type"), kind, _TYPES)
    yield from _validate_port_numbers(ports, kind)
    yield from _validate_balancer(view, spec, kind)
    yield from _validate_traffic(spec, kind)


def _list_addresses(spec: View) -> list[str]:
    """Return the cluster addresses: the one in `clusterIP`, if `clusterIPs` has none."""
    first = spec.text("clusterIP")
    return spec.texts("clusterIPs") or ([first] if first else [])


def _validate_type(spec: View, kind: str, addresses: list[str]) -> Errors:
    field = spec.path("clusterIPs")
    if kind in ("LoadBalancer", "NodePort") and addresses == ["None"]:
        yield invalid(f"{field}[0]", "None", f"may not be set to 'None' for {kind} services")
    if kind != "ExternalName":
        return
    for name, is_set in (
        ("clusterIPs", bool(addresses)),
        ("ipFamilies", bool(spec.items("ipFamilies"))),
        ("ipFamilyPolicy", spec.has("ipFamilyPolicy")),
    ):
        if is_set:
            yield forbidden(spec.path(name), _NO_SPECIAL_NAME)
    name = spec.text("externalName").removesuffix(".")
    if not name:
        yield required(spec.path("externalName"))
    else:
        yield from checked(spec.path("externalName"), name, get_dns1123_subdomain_errors)


def _validate_port(port: View, names: set[str], *, needs_name: bool) -> Errors:
    """Source: validateServicePort."""
    name, number = port.text("name"), port.integer("port") or 0
    yield from validate_port_name(port, needs_name=needs_name)
    if name and name in names:
        yield duplicate(port.path("name"), name)
    names.add(name)
    yield from each_invalid(port.path("port"), number, get_port_errors(number))
    yield from validate_protocol(port)
    target = port.data.get("targetPort")
    if target not in (None, 0, ""):
        yield from validate_port_number_or_name(port.path("targetPort"), target)
    yield from validate_application(port)


def _validate_port_numbers(ports: list[View], kind: str) -> Errors:
    """No port, and no port of the nodes, is there twice for one protocol."""
    seen: set[tuple[str, str, int]] = set()
    for port in ports:
        if kind == "ClusterIP" and port.integer("nodePort"):
            words = "may not be used when `type` is 'ClusterIP'"
            yield forbidden(port.path("nodePort"), words)
    for name in ("nodePort", "port"):
        for port in ports:
            number, protocol = port.integer(name) or 0, port.text("protocol") or "TCP"
            key = (name, protocol, number)
            if key in seen and name == "port":
                yield duplicate(port.field, _show_port(protocol, number))
            elif key in seen and number:
                yield duplicate(port.path("nodePort"), number)
            seen.add(key)


def _show_port(protocol: str, number: int) -> dict[str, object]:
    """Show protocol and number as the internal type of a port."""
    shown: dict[str, object] = {"Name": "", "Protocol": protocol, "AppProtocol": None}
    return {**shown, "Port": number, "TargetPort": 0, "NodePort": 0}


def _validate_affinity(spec: View) -> Errors:
    """A configuration for no affinity is dropped beforehand."""
    affinity = spec.text("sessionAffinity") or "None"
    if affinity not in _AFFINITIES:
        yield not_supported(spec.path("sessionAffinity"), affinity, _AFFINITIES)
    if affinity == "ClientIP":
        client = spec.view("sessionAffinityConfig").view("clientIP")
        seconds = client.integer("timeoutSeconds")
        if seconds is not None and not 0 < seconds <= _LONGEST_AFFINITY:
            words = f"must be greater than 0 and less than {_LONGEST_AFFINITY}"
            yield invalid(client.path("timeoutSeconds"), seconds, words)


def _validate_addresses(spec: View, addresses: list[str]) -> Errors:
    """Source: ValidateServiceClusterIPsRelatedFields."""
    first, field = spec.text("clusterIP"), spec.path("clusterIPs")
    if first and addresses[0] != first:
        yield invalid(field, addresses, "first value must match `clusterIP`")
    if not first and addresses:
        yield invalid(field, addresses, "must be empty when `clusterIP` is not specified")
    families = spec.texts("ipFamilies")
    for index, family in enumerate(families):
        if family not in _FAMILIES:
            yield not_supported(f"{spec.path('ipFamilies')}[{index}]", family, _FAMILIES)
        if family in families[:index]:
            yield duplicate(f"{spec.path('ipFamilies')}[{index}]", family)
    policy = spec.text("ipFamilyPolicy")
    if spec.has("ipFamilyPolicy") and policy not in _FAMILY_POLICIES:
        yield not_supported(spec.path("ipFamilyPolicy"), policy, _FAMILY_POLICIES)
    errors = list(_validate_each_address(field, addresses))
    yield from errors
    if len(addresses) > 2:
        yield invalid(field, addresses, "may only hold up to 2 values")
    if not errors:
        yield from _match_families(field, addresses, families)


def _validate_each_address(field: str, addresses: list[str]) -> Errors:
    for index, address in enumerate(addresses):
        if index == 0 and address == "None":
            if len(addresses) > 1:
                yield invalid(field, addresses, "'None' must be the first and only value")
        else:
            yield from validate_address(f"{field}[{index}]", address)


def _match_families(field: str, addresses: list[str], families: list[str]) -> Errors:
    if len(addresses) > 1 and not is_dual_stack(addresses):
        words = "may specify no more than one IP for each IP family"
        yield invalid(field, addresses, words)
    if addresses == ["None"]:
        return
    pairs = zip(addresses, families, strict=False)
    for index, (address, family) in enumerate(pairs):
        if family in _FAMILIES and family != ("IPv6" if ":" in address else "IPv4"):
            words = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            yield invalid(f"{field}[{index}]", address, words)


def _validate_external_addresses(spec: View) -> Errors:
    for index, address in enumerate(spec.texts("externalIPs")):
        field = f"{spec.path('externalIPs')}[{index}]"
        errors = get_address_errors(address)
        yield from each_invalid(field, address, errors)
        if not errors:
            yield from validate_endpoint_address(field, address)


def _validate_balancer(view: View, spec: View, kind: str) -> Errors:
    """Check what only a load balancer has; upstream spells the source ranges with a capital."""
    is_balancer = kind == "LoadBalancer"
    annotations = view.view("metadata").text_map("annotations")
    mode, hints = annotations.get(_TOPOLOGY_MODE), annotations.get(_HINTS)
    if mode is not None and hints is not None and mode != hints:
        words = f"must match annotations[{_HINTS}] when both are specified"
        yield invalid(f"metadata.annotations[{_TOPOLOGY_MODE}]", mode, words)
    field, ranges = spec.path("LoadBalancerSourceRanges"), spec.texts("loadBalancerSourceRanges")
    if ranges and not is_balancer:
        yield forbidden(field, _BALANCED)
    for index, text in enumerate(ranges):
        yield from validate_cidr(f"{field}[{index}]", text.strip())
    annotated = annotations.get(_SOURCE_RANGES)
    if annotated is not None and not ranges:
        field = f"metadata.annotations[{_SOURCE_RANGES}]"
        if not is_balancer:
            yield forbidden(field, _BALANCED)
        for text in annotated.strip().split(",") if annotated.strip() else ():
            yield from validate_cidr(field, text.strip())
    if is_balancer and spec.has("loadBalancerClass"):
        name = spec.text("loadBalancerClass")
        yield from validate_label_key(spec.path("loadBalancerClass"), name)
    for name in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
        if spec.has(name) and not is_balancer:
            yield forbidden(spec.path(name), _BALANCED)


def _validate_traffic(spec: View, kind: str) -> Errors:
    """Source: validateServiceExternalTrafficPolicy and what follows it."""
    field, policy = spec.path("externalTrafficPolicy"), spec.text("externalTrafficPolicy")
    is_reachable = kind in ("LoadBalancer", "NodePort") or (
        kind == "ClusterIP" and bool(spec.items("externalIPs"))
    )
    if policy and not is_reachable:
        yield invalid(field, policy, "may only be set for externally-accessible services")
    elif policy and policy not in _POLICIES:
        yield not_supported(field, policy, _POLICIES)
    field, port = spec.path("healthCheckNodePort"), spec.integer("healthCheckNodePort")
    if port and not (kind == "LoadBalancer" and policy == "Local"):
        words = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is"
        yield invalid(field, port, f"{words} 'Local'")
    elif port:
        yield from each_invalid(field, port, get_port_errors(port))
    for name, allowed in (
        ("internalTrafficPolicy", _POLICIES),
        ("trafficDistribution", _DISTRIBUTIONS),
    ):
        if spec.has(name) and spec.text(name) not in allowed:
            yield not_supported(spec.path(name), spec.text(name), allowed)

"""Rules for Ingresses, their classes, network policies, and addresses of the cluster.

Source: `pkg/apis/networking/validation/validation.go`, v1.36.
"""

from planespec.spec.names import (
    get_dns1123_label_errors,
    get_dns1123_subdomain_errors,
    get_port_name_errors,
)
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.addresses import (
    get_address_errors,
    parse_address,
    parse_network,
    validate_cidr,
)
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)
from planespec.spec.validation.value_rules import (
    get_path_segment_errors,
    get_port_errors,
    get_wildcard_errors,
    validate_domain_prefixed_path,
    validate_port_number_or_name,
    validate_selector,
)

_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_SUFFIXES = ("/..", "/.")
_PATH_TYPES = ENUMERATIONS["networking.HTTPIngressPath"]["pathType"]
_SCOPES = ("Cluster", "Namespace")
_PROTOCOLS = ENUMERATIONS["networking.NetworkPolicyPort"]["protocol"]
_POLICY_TYPES = ENUMERATIONS["networking.NetworkPolicySpec"]["policyTypes"]
_CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_NO_ADDRESS = "must be a DNS name, not an IP address"


def validate_ingress(view: View) -> Errors:
    """Source: ValidateIngressCreate."""
    spec = view.view("spec")
    rules = spec.views("rules")
    if not rules and not spec.has("defaultBackend"):
        words = "either `defaultBackend` or `rules` must be specified"
        yield invalid(spec.field, spec.data.get("rules"), words)
    if spec.has("defaultBackend"):
        yield from _validate_backend(spec.view("defaultBackend"))
    for rule in rules:
        yield from _validate_rule(rule)
    for entry in spec.views("tls"):
        for index, host in enumerate(entry.texts("hosts")):
            yield from _validate_host(f"{entry.path('hosts')}[{index}]", host)
        secret = entry.text("secretName")
        if secret:
            yield from checked(entry.path("secretName"), secret, get_dns1123_subdomain_errors)
    if spec.has("ingressClassName"):
        name = spec.text("ingressClassName")
        yield from checked(spec.path("ingressClassName"), name, get_dns1123_subdomain_errors)
        annotations = view.view("metadata").text_map("annotations")
        value = annotations.get(_CLASS_ANNOTATION, name)
        if value != name:
            words = "must match `ingressClassName` when both are specified"
            yield invalid(f"annotations.{_CLASS_ANNOTATION}", value, words)


def _validate_host(field: str, host: str) -> Errors:
    rule = get_wildcard_errors if "*" in host else get_dns1123_subdomain_errors
    return checked(field, host, rule)


def _validate_rule(rule: View) -> Errors:
    """Source: validateIngressRules."""
    field, host = rule.path("host"), rule.text("host")
    if host:
        if parse_address(host) is not None:
            yield invalid(field, host, _NO_ADDRESS)
        yield from _validate_host(field, host)
    if not rule.has("http"):
        return
    paths = rule.view("http").views("paths")
    if not paths:
        yield required(rule.view("http").path("paths"))
    for path in paths:
        yield from _validate_path(path)


def _validate_path(path: View) -> Errors:
    """Source: validateHTTPIngressPath."""
    if not path.has("pathType"):
        yield required(path.path("pathType"), "pathType must be specified")
        return
    field, text, kind = path.path("path"), path.text("path"), path.text("pathType")
    if kind not in _PATH_TYPES:
        yield not_supported(path.path("pathType"), kind, _PATH_TYPES)
    elif not text.startswith("/") and (text or kind != "ImplementationSpecific"):
        yield invalid(field, text, "must be an absolute path")
    if kind in ("Exact", "Prefix"):
        for part in _SEQUENCES:
            if part in text:
                yield invalid(field, text, f"must not contain '{part}'")
        for part in _SUFFIXES:
            if text.endswith(part):
                yield invalid(field, text, f"cannot end with '{part}'")
    yield from _validate_backend(path.view("backend"))


def _validate_backend(backend: View) -> Errors:
    """Source: validateIngressBackend."""
    if backend.has("resource") and backend.has("service"):
        yield invalid(backend.field, "", "cannot set both resource and service backends")
    elif backend.has("resource"):
        yield from _validate_object_reference(backend.view("resource"))
    elif not backend.has("service"):
        yield invalid(backend.field, "", "resource or service backend is required")
    else:
        service = backend.view("service")
        if not service.text("name"):
            yield required(service.path("name"))
        else:
            yield from checked(
                service.path("name"), service.text("name"), get_dns1123_label_errors
            )
        yield from _validate_backend_port(service.view("port"), backend.field)


def _validate_backend_port(port: View, field: str) -> Errors:
    name, number = port.text("name"), port.integer("number") or 0
    if name and number:
        yield invalid(field, "", "cannot set both port name & port number")
    elif name:
        yield from checked(port.path("name"), name, get_port_name_errors)
    elif number:
        yield from each_invalid(port.path("number"), number, get_port_errors(number))
    else:
        yield required(field, "port name or number is required")


def _validate_object_reference(view: View) -> Errors:
    """Source: validateIngressTypedLocalObjectReference."""
    if view.has("apiGroup"):
        yield from checked(
            view.path("apiGroup"), view.text("apiGroup"), get_dns1123_subdomain_errors
        )
    for name in ("kind", "name"):
        if not view.text(name):
            yield required(view.path(name))
        else:
            yield from checked(view.path(name), view.text(name), get_path_segment_errors)


def validate_ingress_class(view: View) -> Errors:
    """Source: validateIngressClassSpec."""
    spec = view.view("spec")
    controller = spec.text("controller")
    if len(controller.encode()) > 250:
        yield too_long(spec.path("controller"), 250)
    yield from validate_domain_prefixed_path(spec.path("controller"), controller)
    if not spec.has("parameters"):
        return
    parameters = spec.view("parameters")
    yield from _validate_object_reference(parameters)
    scope = parameters.text("scope") or "Cluster"
    field = parameters.path("namespace")
    if scope not in _SCOPES:
        yield not_supported(parameters.path("scope"), scope, _SCOPES)
    elif scope == "Cluster" and parameters.has("namespace"):
        yield forbidden(field, "`parameters.scope` is set to 'Cluster'")
    elif scope == "Namespace" and not parameters.has("namespace"):
        yield required(field, "`parameters.scope` is set to 'Namespace'")
    elif scope == "Namespace":
        yield from checked(field, parameters.text("namespace"), get_dns1123_label_errors)


# Network policies.


def validate_network_policy(view: View) -> Errors:
    """Source: ValidateNetworkPolicySpec."""
    spec = view.view("spec")
    yield from validate_selector(spec.view("podSelector"))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for rule in spec.views(direction):
            for port in rule.views("ports"):
                yield from _validate_policy_port(port)
            for peer in rule.views(peers):
                yield from _validate_peer(peer)
    field, types = spec.path("policyTypes"), spec.texts("policyTypes")
    if len(types) > len(_POLICY_TYPES):
        yield invalid(field, types, "may not specify more than two policyTypes")
        return
    for index, kind in enumerate(types):
        if kind not in _POLICY_TYPES:
            yield not_supported(f"{field}[{index}]", kind, ("Egress", "Ingress"))


def _validate_policy_port(port: View) -> Errors:
    """Source: ValidateNetworkPolicyPort."""
    protocol, value, end = port.text("protocol"), port.data.get("port"), port.integer("endPort")
    if protocol and protocol not in _PROTOCOLS:
        yield not_supported(port.path("protocol"), protocol, sorted(_PROTOCOLS))
    if value is not None:
        yield from validate_port_number_or_name(port.path("port"), value)
    if end is None:
        return
    field = port.path("endPort")
    if value is None:
        yield invalid(field, end, "may not be specified when `port` is not specified")
    elif not isinstance(value, int):
        yield invalid(field, end, "may not be specified when `port` is non-numeric")
    else:
        if end < value:
            yield invalid(field, end, "must be greater than or equal to `port`")
        yield from each_invalid(field, end, get_port_errors(end))


def _validate_peer(peer: View) -> Errors:
    """Source: ValidateNetworkPolicyPeer."""
    selectors = [name for name in ("podSelector", "namespaceSelector") if peer.has(name)]
    for name in selectors:
        yield from validate_selector(peer.view(name))
    if not peer.has("ipBlock"):
        if not selectors:
            yield required(peer.field, "must specify a peer")
        return
    yield from _validate_block(peer.view("ipBlock"))
    if selectors:
        yield forbidden(peer.field, "may not specify both ipBlock and another peer")


def _validate_block(block: View) -> Errors:
    """Source: ValidateIPBlock."""
    text = block.text("cidr")
    if not text:
        yield required(block.path("cidr"))
        return
    yield from validate_cidr(block.path("cidr"), text)
    whole = parse_network(text)
    if whole is None:
        return
    for index, value in enumerate(block.texts("except")):
        field = f"{block.path('except')}[{index}]"
        yield from validate_cidr(field, value)
        part = parse_network(value)
        if part is None:
            continue
        # The address need not be the first of its network.
        address = parse_address(value.partition("/")[0])
        if address not in whole or whole.prefixlen >= part.prefixlen:
            yield invalid(field, value, "must be a strict subset of `cidr`")


# Addresses and networks of the cluster.


def get_address_name_errors(name: str) -> list[str]:
    """Source: ValidateIPAddressName."""
    return get_address_errors(name, canonical=True)


def validate_ip_address(view: View) -> Errors:
    """Source: validateIPAddressParentReference."""
    parent = view.view("spec").view("parentRef")
    if not view.view("spec").has("parentRef"):
        yield required(parent.field)
        return
    if parent.text("group"):
        yield from checked(
            parent.path("group"), parent.text("group"), get_dns1123_subdomain_errors
        )
    for name in ("resource", "name", "namespace"):
        value = parent.text(name)
        if value:
            yield from checked(parent.path(name), value, get_path_segment_errors)
        elif name != "namespace":
            yield required(parent.path(name))


def validate_service_cidr(view: View) -> Errors:
    """Source: validateServiceCIDRSpec."""
    field, values = view.view("spec").path("cidrs"), view.view("spec").texts("cidrs")
    if not values:
        yield required(field, "at least one CIDR required")
        return
    if len(values) > 2:
        yield invalid(field, {"CIDRs": values}, "may only hold up to 2 values")
        return
    for index, value in enumerate(values):
        yield from validate_cidr(f"{field}[{index}]", value, canonical=True)
    networks = [parse_network(value) for value in values]
    versions = [None if each is None else each.version for each in networks]
    if len(values) == 2 and versions[0] == versions[1] is not None:
        words = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and"
        yield invalid(field, values, f"{words} 2001:db8::/64")

"""Services: what is filled in, what goes with a type, and what an update may change.

Source: `pkg/apis/core/v1/defaults.go`, `pkg/registry/core/service/strategy.go`,
`pkg/registry/core/service/storage/{storage,alloc}.go`, `pkg/apis/core/validation/validation.go`,
v1.36. The cluster has addresses of IPv4 alone. Which address or port of the nodes is free comes
from outside: a `ServiceNumbers` gives them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from planespec.spec.api.api_errors import invalid as refuse
from planespec.spec.api.changes.preparing import (
    drop_status,
    is_same,
    keep,
    keeping,
    validate_content,
    validate_new,
)
from planespec.spec.api.meta_updates import validate_core_meta_change
from planespec.spec.api.strategies import Json, Strategy
from planespec.spec.names import get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.validation.addresses import parse_address, validate_address
from planespec.spec.validation.field_errors import (
    Errors,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    required,
)
from planespec.spec.validation.value_rules import validate_label_key

_INSIDE = ("ClusterIP", "NodePort", "LoadBalancer")
_ADDRESS_MODES = ("Proxy", "VIP")
_ONCE = "may not change once set"
_HOUR = 10800
"""Seconds for which a client stays with a pod where nothing else is said: three hours."""


def _default(data: Json) -> None:
    spec = data.setdefault("spec", {})
    spec["sessionAffinity"] = spec.get("sessionAffinity") or "None"
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        config = spec.setdefault("sessionAffinityConfig", {})
        config.setdefault("clientIP", {}).setdefault("timeoutSeconds", _HOUR)
    spec["type"] = spec.get("type") or "ClusterIP"
    for port in spec.get("ports") or ():
        port["protocol"] = port.get("protocol") or "TCP"
        if not port.get("targetPort"):
            port["targetPort"] = port.get("port", 0)
    if _is_open(spec):
        spec["externalTrafficPolicy"] = spec.get("externalTrafficPolicy") or "Cluster"
    if spec["type"] in _INSIDE:
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
        for ingress in (data.get("status") or {}).get("loadBalancer", {}).get("ingress") or ():
            if ingress.get("ip"):
                ingress.setdefault("ipMode", "VIP")


def _is_open(spec: Json) -> bool:
    """Say whether it is reached from outside. Source: ExternallyAccessible."""
    kind = spec.get("type")
    return kind in ("NodePort", "LoadBalancer") or (
        kind == "ClusterIP" and bool(spec.get("externalIPs"))
    )


def _has_address(spec: Json) -> bool:
    return spec.get("type") in _INSIDE


def _has_node_ports(spec: Json) -> bool:
    return spec.get("type") in ("NodePort", "LoadBalancer")


def _is_given_node_ports(spec: Json) -> bool:
    """Source: shouldAllocateNodePorts."""
    is_balanced = spec.get("type") == "LoadBalancer"
    return spec.get("type") == "NodePort" or (
        is_balanced and spec.get("allocateLoadBalancerNodePorts", True)
    )


def _list_node_ports(spec: Json) -> set[int]:
    return {each.get("nodePort") or 0 for each in spec.get("ports") or ()} - {0}


def _has_health_port(spec: Json) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


@dataclass(frozen=True)
class ServiceNumbers:
    """Gives what is free."""

    address: Callable[[], str]
    """A cluster address."""
    port: Callable[[str], int]
    """A port of the nodes, for the field of this path."""

    def begin_update(self, data: Json, old: Json) -> None:
        """Keep what was given, and give what is missing. Raises ApiError.

        Source: beginUpdate of `pkg/registry/core/service/storage`.
        """
        spec, was = data["spec"], old["spec"]
        _patch_allocated(spec, was)
        _match_addresses(spec, was)
        self._allocate(data, spec)

    def _allocate(self, data: Json, spec: Json) -> None:
        if _has_address(spec):
            self._give_addresses(data, spec)
        if _is_given_node_ports(spec):
            for index, port in enumerate(spec.get("ports") or ()):
                if not port.get("nodePort"):
                    port["nodePort"] = self.port(f"spec.ports[{index}].nodePort")
        if _has_health_port(spec) and not spec.get("healthCheckNodePort"):
            spec["healthCheckNodePort"] = self.port("spec.healthCheckNodePort")

    def _give_addresses(self, data: Json, spec: Json) -> None:
        """Source: initIPFamilyFields, allocClusterIPs."""
        if spec.get("ipFamilyPolicy") == "RequireDualStack":
            words = "this cluster is not configured for dual-stack services"
            error = invalid("spec.ipFamilyPolicy", "RequireDualStack", words)
            raise refuse("Service", data["metadata"]["name"], [error])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
        spec["ipFamilies"] = spec.get("ipFamilies") or ["IPv4"]
        if not spec.get("clusterIPs"):
            spec["clusterIP"] = self.address()
            spec["clusterIPs"] = [spec["clusterIP"]]


def _patch_allocated(spec: Json, was: Json) -> None:
    """Source: patchAllocatedValues."""
    if _has_address(was) and _has_address(spec):
        if not spec.get("clusterIP"):
            keep(spec, was, ("clusterIP",))
        if not spec.get("clusterIPs"):
            keep(spec, was, ("clusterIPs",))
    if _has_node_ports(was) and _has_node_ports(spec):
        _patch_node_ports(spec, was)
    if _has_health_port(was) and _has_health_port(spec) and not spec.get("healthCheckNodePort"):
        keep(spec, was, ("healthCheckNodePort",))


def _patch_node_ports(spec: Json, was: Json) -> None:
    """A port that is called as before has its port of the nodes again."""
    ports, before = spec.get("ports") or [], was.get("ports") or []
    used = _list_node_ports(spec) & _list_node_ports(was)
    known = {each.get("name", ""): each.get("nodePort", 0) for each in before}
    for port in ports:
        number = known.get(port.get("name", ""), 0)
        if not port.get("nodePort") and number and number not in used:
            port["nodePort"] = number
            used.add(number)


def _match_addresses(spec: Json, was: Json) -> None:
    """Change the list of addresses with the one address. Source: normalizeClusterIPs."""
    address, before = spec.get("clusterIP", ""), was.get("clusterIP", "")
    if was.get("clusterIPs") and not spec.get("clusterIPs") and address == before:
        keep(spec, was, ("clusterIPs",))
    if address != before and is_same(spec.get("clusterIPs"), was.get("clusterIPs")):
        spec.pop("clusterIPs", None)
        if address:
            spec["clusterIPs"] = [address]


def _prepare(data: Json, old: Json) -> None:
    """Source: PrepareForUpdate, dropTypeDependentFields."""
    keep(data, old, ("status",))
    spec, was = data["spec"], old["spec"]
    if _has_address(was) and not _has_address(spec):
        for names in (("clusterIP", "clusterIPs"), ("ipFamilies",), ("ipFamilyPolicy",)):
            _drop_same(spec, was, *names)
    if _has_node_ports(was) and not _has_node_ports(spec):
        is_old = _list_node_ports(was) >= _list_node_ports(spec)
        for port in spec.get("ports") or () if is_old else ():
            port.pop("nodePort", None)
    if _has_health_port(was) and not _has_health_port(spec):
        _drop_same(spec, was, "healthCheckNodePort")
    if was.get("type") == "LoadBalancer" != spec.get("type"):
        _drop_same(spec, was, "allocateLoadBalancerNodePorts")
        _drop_same(spec, was, "loadBalancerClass")
    if _has_address(was) and not _has_address(spec):
        _drop_same(spec, was, "internalTrafficPolicy")
    if _is_open(was) and not _is_open(spec):
        _drop_same(spec, was, "externalTrafficPolicy")
    if spec.get("type") != "LoadBalancer" and (data.get("status") or {}).get("loadBalancer"):
        data["status"] = {**data["status"], "loadBalancer": {}}


def _drop_same(spec: Json, was: Json, *names: str) -> None:
    """Drop fields that were filled in before, unless the writer changed them as well."""
    if all(is_same(spec.get(name), was.get(name)) for name in names):
        for name in names:
            spec.pop(name, None)


def _validate(data: Json, old: Json) -> Errors:
    """Source: ValidateServiceUpdate.

    The class of a balancer is looked at here, and once more with the content.
    """
    yield from validate_core_meta_change(data, old)
    spec, was = data["spec"], old["spec"]
    if "ExternalName" not in (spec["type"], was.get("type")):
        headless = [each.get("clusterIPs") == ["None"] for each in (spec, was)]
        if not all(headless):
            yield from _validate_addresses(spec, was)
        if not any(headless):
            yield from _validate_families(spec, was)
    value, is_balancer = spec.get("loadBalancerClass"), spec["type"] == "LoadBalancer"
    if is_balancer and was.get("type") == "LoadBalancer" and value != was.get("loadBalancerClass"):
        yield invalid("spec.loadBalancerClass", value, _ONCE)
    if value is not None and is_balancer:
        yield from validate_label_key("spec.loadBalancerClass", value)
    elif value is not None:
        yield forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'")
    yield from validate_content(data)


def _validate_addresses(spec: Json, was: Json) -> Errors:
    """Source: validateUpgradeDowngradeClusterIPs."""
    values, before = spec.get("clusterIPs") or [], was.get("clusterIPs") or []
    if before and not values:
        yield invalid("spec.clusterIPs[0]", None, "primary clusterIP can not be unset")
    kept = len(before) if len(before) == len(values) else min(1, len(before), len(values))
    for index in range(kept):
        if values[index] != before[index]:
            yield invalid(f"spec.clusterIPs[{index}]", values, _ONCE)
    yield from _validate_release(spec, len(values), len(before), "clusterIP")


def _validate_families(spec: Json, was: Json) -> Errors:
    """Upstream shows addresses where the number of families changes.

    Source: validateUpgradeDowngradeIPFamilies.
    """
    path, addresses = "spec.ipFamilies[0]", spec.get("clusterIPs") or None
    values, before = spec.get("ipFamilies") or [], was.get("ipFamilies") or []
    if len(before) == len(values):
        for value, held in zip(values, before, strict=True):
            if value != held:
                yield invalid(path, values, _ONCE)
        return
    if len(before) > len(values) and not addresses:
        yield invalid(path, values or None, "primary ipFamily can not be unset")
    if values and before and values[0] != before[0]:
        yield invalid(path, addresses, _ONCE)
    yield from _validate_release(spec, len(values), len(before), "ipFamily")


def _validate_release(spec: Json, count: int, before: int, name: str) -> Errors:
    policy = spec.get("ipFamilyPolicy")
    if count == 1 < before and policy != "SingleStack":
        words = f"must be set to 'SingleStack' when releasing the secondary {name}"
        yield invalid("spec.ipFamilyPolicy", policy, words)


def _validate_status(data: Json, old: Json) -> Errors:
    """Source: ValidateServiceStatusUpdate, ValidateLoadBalancerStatus."""
    yield from validate_core_meta_change(data, old)
    ingress = View(data, "").view("status").view("loadBalancer").views("ingress")
    if ingress and data["spec"]["type"] != "LoadBalancer":
        words = "may only be used when `spec.type` is 'LoadBalancer'"
        yield forbidden("status.loadBalancer.ingress", words)
        return
    for each in ingress:
        yield from _validate_ingress(each)


def _validate_ingress(ingress: View) -> Errors:
    address, name, mode = map(ingress.text, ("ip", "hostname", "ipMode"))
    if address:
        yield from validate_address(ingress.path("ip"), address)
    if address and not ingress.has("ipMode"):
        yield required(ingress.path("ipMode"), "must be specified when `ip` is set")
    elif ingress.has("ipMode") and not address:
        yield forbidden(ingress.path("ipMode"), "may not be specified when `ip` is not set")
    elif ingress.has("ipMode") and mode not in _ADDRESS_MODES:
        yield not_supported(ingress.path("ipMode"), mode, _ADDRESS_MODES)
    if name:
        yield from each_invalid(ingress.path("hostname"), name, get_dns1123_subdomain_errors(name))
        if parse_address(name):
            words = "must be a DNS name, not an IP address"
            yield invalid(ingress.path("hostname"), name, words)


SERVICE = Strategy(
    group="",
    version="v1",
    kind="Service",
    plural="services",
    returns_deleted=True,
    default=_default,
    prepare_create=drop_status,
    validate_create=validate_new,
    prepare_update=_prepare,
    validate_update=_validate,
)
SERVICE_STATUS = replace(SERVICE, prepare_update=keeping("spec"), validate_update=_validate_status)

"""bridge: a pair for each container, its end on the host a port of a bridge.

Source: containernetworking/plugins v1.9, `plugins/main/bridge/bridge.go`; what a kernel without
VLAN filtering of bridges refuses: Linux, `net/bridge/br_private.h`. Left out: `vlanTrunk`,
`macspoofchk` and kernels with VLAN filtering.
"""

from dataclasses import dataclass, replace
from ipaddress import ip_address

from planespec.spec.network.chained.delegated_ipam import (
    ask_status,
    check_given,
    give_addresses,
    has_ipam,
    read_previous,
    take_addresses,
)
from planespec.spec.network.chained.interface_setup import (
    Node,
    NoNamespaceError,
    check_addresses,
    check_routes,
    configure,
    drop_masquerade,
    make_pair,
    open_namespace,
    open_own,
    set_masquerade,
    take_down,
)
from planespec.spec.network.chained.network_links import (
    HOST,
    NO_MAC,
    UNSUPPORTED,
    Link,
)
from planespec.spec.network.chained.plugin_results import PluginResult, ToldAddress, ToldInterface
from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.ip_addresses import Address, Subnet, next_address
from planespec.spec.network.ipam_config import Route, read_arguments
from planespec.spec.network.plugin_call import PluginCall

_MOST_VLAN = 4094
_WIDE = 16
"""Bytes of the mask of a default route that the plugin adds, whatever its family."""


@dataclass(frozen=True, slots=True)
class BridgeConfig:
    """What the plugin is told."""

    bridge: str
    is_gateway: bool
    is_default: bool
    takes_ipam: bool
    mtu: int
    vlan: int
    mac: str
    has_interface: bool


def read_bridge_config(call: PluginCall) -> BridgeConfig:
    """Read the configuration of a call; raises PluginError."""
    config = call.config
    vlan = config.integer("vlan") or 0
    if not 0 <= vlan <= _MOST_VLAN:
        raise PluginError(f"invalid VLAN ID {vlan} (must be between 0 and {_MOST_VLAN})")
    asked = read_arguments(call.arguments, {"MAC": str}).get("MAC", "")
    mac = config.view("runtimeConfig").text("mac") or config.view("args").view("cni").text("mac")
    is_default = config.flag("isDefaultGateway")
    return BridgeConfig(
        config.text("bridge") if config.has("bridge") else "cni0",
        is_default or config.flag("isGateway"),
        is_default,
        has_ipam(call),
        config.integer("mtu") or 0,
        vlan,
        mac or asked,
        not config.flag("disableContainerInterface"),
    )


def add_bridge(node: Node, call: PluginCall) -> PluginResult:
    """Do ADD; raises PluginError, and leaves then what was done, but for the addresses."""
    config = read_bridge_config(call)
    if config.takes_ipam and not config.has_interface:
        raise PluginError("cannot use IPAM when DisableContainerInterface flag is set")
    if call.config.flag("hairpinMode") and call.config.flag("promiscMode"):
        raise PluginError("cannot set hairpin mode and promiscuous mode at the same time")
    own_mac = _ensure_bridge(node, call, config)
    open_own(node, call)
    peer, mac = _add_port(node, call, config)
    inside = ToldInterface(call.interface, mac, call.netns)
    result = PluginResult("1.1.0", (ToldInterface(config.bridge), ToldInterface(peer), inside))
    if config.takes_ipam:
        given = give_addresses(node, call).to_version("1.1.0")
        try:
            result = _set_addresses(node, call, config, own_mac, result, given)
        except PluginError:
            _release(node, call)
            raise
    elif config.has_interface:
        node.network.set_up(call.netns, call.interface)
    links = node.network.host.links
    told = (ToldInterface(name, _tell_mac(links[name])) for name in (config.bridge, peer))
    dns = call.config.view("dns").data or result.dns
    return replace(result, interfaces=(*told, inside), dns=dns)


def _release(node: Node, call: PluginCall) -> None:
    try:
        take_addresses(node, call)
    except PluginError:
        return


def _tell_mac(link: Link) -> str:
    return "" if link.mac == NO_MAC else link.mac


def _ensure_bridge(node: Node, call: PluginCall, config: BridgeConfig) -> str:
    """Make the bridge if it is not there and return its MAC address."""
    network, name = node.network, config.bridge
    failed = f'failed to create bridge "{name}": '
    if name not in network.host.links:
        if config.vlan:
            raise PluginError(f'{failed}could not add "{name}": {UNSUPPORTED}')
        network.add_bridge(name, config.mtu)
    link = network.host.links[name]
    if call.config.flag("promiscMode"):
        link.is_promiscuous = True
    if link.kind != "bridge":
        raise PluginError(f'{failed}"{name}" already exists but is not a bridge')
    network.set_up(HOST, name)
    return link.mac


def _add_port(node: Node, call: PluginCall, config: BridgeConfig) -> tuple[str, str]:
    peer, mac = make_pair(node, call, config.mtu, config.mac)
    node.network.enslave(peer, config.bridge)
    link = node.network.host.links[peer]
    link.is_hairpin = call.config.flag("hairpinMode")
    link.is_isolated = call.config.flag("portIsolation")
    if config.vlan:
        message = f'failed to setup vlan tag on interface "{peer}": {UNSUPPORTED}'
        raise PluginError(message)
    return peer, mac


def _set_addresses(
    node: Node,
    call: PluginCall,
    config: BridgeConfig,
    own_mac: str,
    result: PluginResult,
    given: PluginResult,
) -> PluginResult:
    """Configure the interface, and the bridge if it is the gateway; raises PluginError."""
    if not given.addresses:
        raise PluginError("IPAM plugin returned missing IP config")
    addresses = tuple(_complete(each, config) for each in given.addresses)
    routes = [(route, route.destination.bits // 8) for route in given.routes]
    if config.is_default:
        _add_defaults(routes, addresses)
    configure(node, call, result.interfaces, addresses, routes)
    if config.is_gateway:
        for family in (4, 6):
            for each in addresses:
                if each.address.address.version == family and each.gateway:
                    own = Subnet(each.gateway, each.address.length)
                    _ensure_address(node, call, config, own, own_mac)
    if call.config.flag("ipMasq"):
        set_masquerade(node, call, [each.address for each in addresses])
    made = tuple(route for route, _ in routes)
    return replace(result, addresses=addresses, routes=made, dns=given.dns)


def _complete(address: ToldAddress, config: BridgeConfig) -> ToldAddress:
    gateway: Address | None = address.gateway
    if gateway is None and config.is_gateway:
        gateway = next_address(address.address.first)
    return replace(address, interface=2, gateway=gateway)


def _add_defaults(routes: list[tuple[Route, int]], addresses: tuple[ToldAddress, ...]) -> None:
    """Add a default route of each family that has none with a gateway of its own."""
    found: set[int] = set()
    for each in addresses:
        family = each.address.address.version
        whole = Subnet(ip_address("0.0.0.0" if family == 4 else "::"), 0)
        stands = any(r.gateway and r.destination == whole for r, _ in routes)
        if family not in found and not stands:
            routes.append((Route(whole, each.gateway), _WIDE))
        found.add(family)


def _ensure_address(
    node: Node, call: PluginCall, config: BridgeConfig, own: Subnet, own_mac: str
) -> None:
    """Give the bridge an address of a gateway, and then the MAC address that it had."""
    link = node.network.host.links[config.bridge]
    for other in [e for e in link.addresses if e.address.version == own.address.version]:
        if other == own:
            return
        if own.bits == 32 or other.contains(own.address) or own.contains(other.address):
            if not call.config.flag("forceAddress"):
                told = f'"{link.name}" already has an IP address different from {own}'
                raise PluginError(f"failed to set bridge addr: {told}")
            link.addresses.remove(other)
    node.network.add_address(HOST, link.name, own)
    if own_mac == NO_MAC:
        # Go's netlink reads no MAC address where it is all zeros, and so sets none.
        message = "failed to set bridge addr: could not set bridge's mac: invalid argument"
        raise PluginError(message)
    link.mac, link.has_own_mac = own_mac, True


def delete_bridge(node: Node, call: PluginCall) -> None:
    """Do DEL: the interface goes, then the addresses; raises PluginError."""
    config = read_bridge_config(call)
    addresses: list[Subnet] = []
    try:
        if call.netns:
            path = open_namespace(node, call.netns)
            addresses = take_down(node, path, call.interface)
    except NoNamespaceError:
        addresses = []
    if config.takes_ipam:
        take_addresses(node, call)
        if call.config.flag("ipMasq"):
            drop_masquerade(node, call, addresses)


def ask_bridge(node: Node, call: PluginCall) -> None:
    """Do STATUS; raises PluginError where the plugin that gives addresses is not there."""
    if has_ipam(call):
        ask_status(call)


def check_bridge(node: Node, call: PluginCall) -> None:
    """Do CHECK; raises PluginError with the first that is not as ADD left it."""
    config = read_bridge_config(call)
    open_own(node, call)
    check_given(node, call)
    result = read_previous(call)
    if result is None:
        raise PluginError("Required prevResult missing")
    bridge = inside = ToldInterface("")
    for each in result.interfaces:
        if each.name == config.bridge:
            bridge = each
        elif each.name == call.interface and each.sandbox == call.netns:
            inside = each
    _check_bridge_link(node, call, bridge)
    if call.netns != inside.sandbox:
        told = f"doesn't match configured netns: {call.netns}"
        raise PluginError(f"Sandbox in prevResult {inside.sandbox} {told}")
    link = _check_inside(node, call, inside)
    others = [e for e in result.interfaces if e.name not in (bridge.name, inside.name)]
    if not any(_is_port(node, each, bridge.name, link) for each in others):
        raise PluginError(f"CNI veth created for bridge {config.bridge} was not found")
    check_addresses(node, call, result)
    check_routes(node, call, result.routes)


def _find_told(node: Node, path: str, told: ToldInterface) -> Link:
    if not told.name:
        raise PluginError("Interface name missing ")
    link = node.network.spaces[path].links.get(told.name)
    if link is None:
        raise PluginError(f"Interface name {told.name} not found")
    if path == HOST and told.sandbox:
        raise PluginError(f"Interface {told.name} should not be in sandbox")
    return link


def _check_bridge_link(node: Node, call: PluginCall, told: ToldInterface) -> None:
    link = _find_told(node, HOST, told)
    if link.kind != "bridge":
        raise PluginError(f"Interface {told.name} does not have link type of bridge")
    if told.mac and told.mac != _tell_mac(link):
        raise PluginError(f"Bridge interface {told.name} Mac doesn't match: {told.mac}")
    wanted = call.config.flag("promiscMode")
    if link.is_promiscuous != wanted:
        modes = [str(each).lower() for each in (wanted, link.is_promiscuous)]
        start = f"Bridge interface {told.name} configured Promisc Mode {modes[0]}"
        raise PluginError(f"{start} doesn't match current state: {modes[1]} ")


def _check_inside(node: Node, call: PluginCall, told: ToldInterface) -> Link:
    link = _find_told(node, call.netns, told)
    if link.kind != "veth":
        raise PluginError(f"Error: Container interface {link.name} not of type veth")
    if told.mac and told.mac != link.mac:
        start = f"Interface {told.name} Mac {told.mac} doesn't match container Mac"
        raise PluginError(f"{start}: {link.mac}")
    return link


def _is_port(node: Node, told: ToldInterface, bridge: str, inside: Link) -> bool:
    """Say whether an interface of the host is the other end of one, and a port of the bridge."""
    link = _find_told(node, HOST, told)
    if link.kind != "veth" or inside.peer != (HOST, link.name) or link.master != bridge:
        return False
    if told.mac and told.mac != link.mac:
        raise PluginError(f"Interface {told.name} Mac doesn't match: {told.mac} not found")
    return True

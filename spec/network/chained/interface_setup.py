"""What plugins that make interfaces share: pairs, addresses, routes, and the node around them.

Sources: containernetworking/plugins v1.9, `pkg/ip/link_linux.go`, `utils_linux.go`,
`ipmasq_iptables_linux.go`, `pkg/ipam/ipam_linux.go`, `pkg/ns/ns_linux.go`. Left out: how Go prints
an address that an interface has twice.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from planespec.spec.network.chained.network_links import (
    HOST,
    KernelError,
    Network,
    RouteEntry,
    is_default,
    name_network,
)
from planespec.spec.network.chained.packet_rules import (
    PacketRule,
    RulesError,
    Table,
    name_chain,
    print_comment,
    tell_attachment,
)
from planespec.spec.network.chained.plugin_results import PluginResult, ToldAddress, ToldInterface
from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.ip_addresses import Address, Subnet
from planespec.spec.network.ipam_config import Route
from planespec.spec.network.plugin_call import PluginCall

_MAC = re.compile(r"([0-9a-fA-F]{2})((:[0-9a-fA-F]{2})+|(-[0-9a-fA-F]{2})+)")
_MAC_LENGTHS = (6, 8, 20)
_MULTICAST = {4: "224.0.0.0/4", 6: "ff00::/8"}
_UNREACHABLE = {4: "network is unreachable", 6: "no route to host"}


@dataclass(slots=True)
class Node:
    """All that plugins read and change."""

    network: Network
    nat: dict[int, Table] = field(default_factory=lambda: {f: Table("nat", f) for f in (4, 6)})
    filter: dict[int, Table] = field(
        default_factory=lambda: {f: Table("filter", f) for f in (4, 6)}
    )
    stores: dict[str, dict[str, str]] = field(default_factory=dict)
    """Directories of host-local by path, with their files."""
    backups: dict[str, dict[str, object]] = field(default_factory=dict)
    """What tuning found, by the path of the file that holds it."""


class NoNamespaceError(PluginError):
    """A namespace that is not there."""


def open_namespace(node: Node, path: str) -> str:
    """Return the path of a namespace; raises NoNamespaceError where there is none."""
    if path == HOST or path not in node.network.spaces:
        raise NoNamespaceError(f'failed to Statfs "{path}": no such file or directory')
    return path


def open_own(node: Node, call: PluginCall) -> str:
    """Return the path of the namespace of a call, with the usual words where there is none."""
    try:
        return open_namespace(node, call.netns)
    except NoNamespaceError as error:
        raise PluginError(f'failed to open netns "{call.netns}": {error}') from error


def parse_mac(text: str) -> str:
    """Return a MAC address as Go prints it; raises PluginError."""
    parts = re.split("[:-]", text)
    if not _MAC.fullmatch(text) or len(parts) not in _MAC_LENGTHS:
        raise PluginError(f"address {text}: invalid MAC address")
    return ":".join(parts).lower()


def make_pair(node: Node, call: PluginCall, mtu: int, mac: str = "") -> tuple[str, str]:
    """Make the pair of a call and return the name of its end on the host and the MAC inside."""
    network = node.network
    peer = network.chance.draw_veth(call.netns, call.interface)
    try:
        own = parse_mac(mac) if mac else ""
        link = network.add_pair(call.netns, call.interface, peer, mtu)
    except PluginError as error:
        raise PluginError(f"failed to make veth pair: {error}") from error
    except KernelError as error:
        told = f'container veth name ("{call.interface}") peer provided ("{peer}")'
        raise PluginError(f"{told} already exists") from error
    link.mac = own or link.mac
    network.set_up(HOST, peer)
    return peer, link.mac


def configure(
    node: Node,
    call: PluginCall,
    interfaces: Sequence[ToldInterface],
    addresses: Iterable[ToldAddress],
    routes: Iterable[tuple[Route, int]],
) -> None:
    """Give the interface of a call its addresses and routes, and bring it up.

    A route comes with the length of its mask in bytes, which is told of where it is refused.
    """
    network, path, name = node.network, call.netns, call.interface
    gateways: dict[int, Address] = {}
    for each in addresses:
        if each.interface is None:
            continue
        if interfaces[each.interface].name != name:
            message = f'failed to add IP addr {each.to_json()} to "{name}"'
            raise PluginError(f"{message}: invalid interface index")
        try:
            network.add_address(path, name, each.address)
        except KernelError as error:
            message = f'failed to add IP addr {each.to_json()} to "{name}": {error}'
            raise PluginError(message) from error
        if each.gateway:
            gateways.setdefault(each.gateway.version, each.gateway)
    network.set_up(path, name)
    for route, mask in routes:
        gateway = route.gateway or gateways.get(route.destination.address.version)
        try:
            add_route(node, call, name_network(route.destination), gateway)
        except KernelError as error:
            told = f"{_tell_network(route.destination, mask)} via {gateway or '<nil>'} dev {name}"
            more = {"priority": 0, "scope": 0, "table": 0} | dict(route.more)
            scope = {0: "universe", 253: "link", 254: "host"}.get(more["scope"], more["scope"])
            rest = f"metric {more['priority']} (Scope: {scope}, Table: {more['table']})"
            raise PluginError(f"failed to add route '{told} {rest}': {error}") from error


def add_route(node: Node, call: PluginCall, network: str, gateway: Address | None) -> None:
    """Add a route over the interface of a call beside others; raises KernelError."""
    space = node.network.spaces[call.netns]
    link = space.links[call.interface]
    if gateway and not any(each.contains(gateway) for each in link.addresses):
        raise KernelError(_UNREACHABLE[gateway.version])
    space.add_route(RouteEntry(network, call.interface, gateway), alone=False)


def _tell_network(subnet: Subnet, mask: int) -> str:
    """Return what Go prints of a network whose mask has some bytes."""
    bits = (1 << subnet.bits) - (1 << subnet.rest)
    digits = f"{bits:0{subnet.bits // 4}x}"
    if mask * 2 > len(digits):
        digits = f"{'0' * 20}ffff{digits}"
    return f"{{{subnet.address} {digits}}}"


def check_addresses(node: Node, call: PluginCall, result: PluginResult) -> None:
    """Raise PluginError unless the interface has the addresses of a result, with their routes."""
    space = node.network.spaces[call.netns]
    for each in result.addresses:
        link = space.links.get(call.interface)
        if link is None:
            raise PluginError(f"Cannot find container link {call.interface}")
        if each.address not in link.addresses:
            message = f"Failed to match addr {each.address} on interface {call.interface}"
            raise PluginError(message)
        if not space.find_routes(name_network(each.address)):
            gateway = each.gateway or "<nil>"
            message = f"Failed to find Gateway {gateway} for interface {call.interface}"
            raise PluginError(message)


def check_routes(node: Node, call: PluginCall, routes: Iterable[Route]) -> None:
    """Raise PluginError unless the namespace has routes; of a default route any will do."""
    space = node.network.spaces[call.netns]
    for route in routes:
        network = name_network(route.destination)
        found = space.find_routes(network)
        if route.gateway and not is_default(network):
            found = [each for each in found if each.gateway == route.gateway]
        if not found:
            raise PluginError(f"Expected Route {_tell_route(route)} not found in routing table")


def _tell_route(route: Route) -> str:
    subnet = route.destination
    bits = (1 << subnet.bits) - (1 << subnet.rest)
    more: dict[str, object] = {"mtu": 0, "advmss": 0, "priority": 0}
    more |= {"table": "<nil>", "scope": "<nil>"} | dict(route.more)
    mask = f"{bits:0{subnet.bits // 4}x}"
    start = f"{{Dst:{{IP:{subnet.address} Mask:{mask}}} GW:{route.gateway or '<nil>'}"
    rest = f"MTU:{more['mtu']} AdvMSS:{more['advmss']} Priority:{more['priority']}"
    return f"{start} {rest} Table:{more['table']} Scope:{more['scope']}}}"


def take_down(node: Node, path: str, name: str) -> list[Subnet]:
    """Take away an interface and return the addresses that it had; none where it is not there."""
    space = node.network.spaces[path]
    if name not in space.links:
        return []
    addresses = list(space.links[name].addresses)
    try:
        node.network.remove(path, name)
    except KernelError as error:
        raise PluginError(f'failed to delete "{name}": {error}') from error
    return [each for each in addresses if not each.address.is_loopback]


def set_masquerade(node: Node, call: PluginCall, addresses: Iterable[Subnet]) -> None:
    """Let traffic from addresses leave under the address of the node."""
    network = call.config.text("name")
    chain, comment = name_chain(network, call.container), _comment(call)
    for each in addresses:
        family = each.address.version
        table = node.nat[family]
        table.ensure_chain(chain)
        inside = f"-d {name_network(each)} {comment} -j ACCEPT"
        table.add(chain, PacketRule(inside, ()))
        rest = f"! -d {_MULTICAST[family]} {comment} -j MASQUERADE"
        table.add(chain, PacketRule(rest, ()))
        table.add("POSTROUTING", PacketRule(_from(each, comment, chain), ()))


def drop_masquerade(node: Node, call: PluginCall, addresses: Iterable[Subnet]) -> None:
    """Undo `set_masquerade`; raises PluginError while another address needs the chain."""
    chain, comment = name_chain(call.config.text("name"), call.container), _comment(call)
    failed = []
    for each in addresses:
        table = node.nat[each.address.version]
        table.delete("POSTROUTING", _from(each, comment, chain))
        table.clear_chain(chain)
        try:
            table.delete_chain(chain)
        except RulesError as error:
            failed.append(str(error))
    if failed:
        raise PluginError("\n".join(failed))


def _comment(call: PluginCall) -> str:
    told = tell_attachment(call.config.text("name"), call.container)
    return f"-m comment --comment {print_comment(told)}"


def _from(address: Subnet, comment: str, chain: str) -> str:
    return f"-s {address.address}/{address.bits} {comment} -j {chain}"

"""ptp: a pair for each container, with the gateway's address on the end on the host.

Source: containernetworking/plugins v1.9, `plugins/main/ptp/ptp.go`. Left out: how Go prints what
is refused of an address without a gateway, or of two with one.
"""

from dataclasses import replace

from planespec.spec.network.chained.delegated_ipam import (
    ask_status,
    check_given,
    give_addresses,
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
    KernelError,
    RouteEntry,
    name_network,
)
from planespec.spec.network.chained.plugin_results import PluginResult, ToldAddress, ToldInterface
from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.ip_addresses import Subnet
from planespec.spec.network.plugin_call import PluginCall


def add_ptp(node: Node, call: PluginCall) -> PluginResult:
    """Do ADD; raises PluginError, and leaves then what was done, but for the addresses."""
    given = give_addresses(node, call).to_version("1.1.0")
    if not given.addresses:
        # Upstream sets no error that its clean-up looks at: what was given stays.
        raise PluginError("IPAM plugin returned missing IP config")
    try:
        return _set_up(node, call, given)
    except PluginError:
        _release(node, call)
        raise


def _release(node: Node, call: PluginCall) -> None:
    try:
        take_addresses(node, call)
    except PluginError:
        return


def _set_up(node: Node, call: PluginCall, given: PluginResult) -> PluginResult:
    open_own(node, call)
    peer, mac = make_pair(node, call, call.config.integer("mtu") or 0)
    inside = ToldInterface(call.interface, mac, call.netns)
    outside = ToldInterface(peer, node.network.host.links[peer].mac)
    addresses = tuple(replace(each, interface=1) for each in given.addresses)
    routes = [(route, route.destination.bits // 8) for route in given.routes]
    configure(node, call, (outside, inside), addresses, routes)
    for each in addresses:
        _lead_over_gateway(node, call, each)
    for each in addresses:
        _set_host_end(node, peer, each)
    if call.config.flag("ipMasq"):
        set_masquerade(node, call, [each.address for each in addresses])
    dns = call.config.view("dns").data or given.dns
    return replace(given, interfaces=(outside, inside), addresses=addresses, dns=dns)


def _lead_over_gateway(node: Node, call: PluginCall, told: ToldAddress) -> None:
    """Replace the route that came with an address by one over its gateway."""
    space, name = node.network.spaces[call.netns], call.interface
    network, source = name_network(told.address), told.address.address
    index = space.links[name].index
    own = [each for each in space.find_routes(network) if each.interface == name]
    if not own:
        start = f"{{Ifindex: {index} Dst: {network} Src: <nil>"
        rest = "Gw: <nil> Flags: [] Table: 0 Realm: 0}"
        raise PluginError(f"failed to delete route {start} {rest}: no such process")
    space.routes.remove(own[0])
    if told.gateway is None:
        raise PluginError(f"failed to add route over no gateway of {source}: invalid argument")
    whole = f"{told.gateway}/{told.address.bits}"
    for route in (
        RouteEntry(whole, name, None, source, is_connected=True),
        RouteEntry(network, name, told.gateway, source),
    ):
        try:
            space.add_route(route, alone=True)
        except KernelError as error:
            start = f"{{Ifindex: {index} Dst: {route.network} Src: {source}"
            rest = f"Gw: {route.gateway or '<nil>'} Flags: [] Table: 0 Realm: 0}}"
            raise PluginError(f"failed to add route {start} {rest}: {error}") from error


def _set_host_end(node: Node, peer: str, told: ToldAddress) -> None:
    if told.gateway is None:
        return
    own = Subnet(told.gateway, told.address.bits)
    try:
        node.network.add_address(HOST, peer, own)
    except KernelError as error:
        raise PluginError(f"failed to add IP addr ({own}) to veth: {error}") from error


def delete_ptp(node: Node, call: PluginCall) -> None:
    """Do DEL: the addresses go, then the interface; raises PluginError."""
    take_addresses(node, call)
    if not call.netns:
        return
    try:
        path = open_namespace(node, call.netns)
    except NoNamespaceError:
        return
    addresses = take_down(node, path, call.interface)
    if addresses and call.config.flag("ipMasq"):
        drop_masquerade(node, call, addresses)


def ask_ptp(node: Node, call: PluginCall) -> None:
    """Do STATUS; raises PluginError where no plugin gives addresses."""
    ask_status(call)


def check_ptp(node: Node, call: PluginCall) -> None:
    """Do CHECK; raises PluginError with the first that is not as ADD left it."""
    open_own(node, call)
    check_given(node, call)
    result = read_previous(call)
    if result is None:
        raise PluginError("ptp: Required prevResult missing")
    inside = ToldInterface("")
    for each in result.interfaces:
        if each.name == call.interface and each.sandbox == call.netns:
            inside = each
    if call.netns != inside.sandbox:
        told = f"doesn't match configured netns: {call.netns}"
        raise PluginError(f"Sandbox in prevResult {inside.sandbox} {told}")
    link = node.network.spaces[call.netns].links.get(inside.name)
    if link is None:
        told = f"Container Interface name in prevResult: {inside.name} not found"
        raise PluginError(f"ptp: {told}")
    if link.kind != "veth":
        raise PluginError(f"Error: Container interface {link.name} not of type veth/p2p")
    if inside.mac and inside.mac != link.mac:
        start = f"ptp: Interface {inside.name} Mac {inside.mac} doesn't match container Mac"
        raise PluginError(f"{start}: {link.mac}")
    check_addresses(node, call, result)
    check_routes(node, call, result.routes)

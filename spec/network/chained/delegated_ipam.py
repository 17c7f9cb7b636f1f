"""Plugins that give addresses, called by plugins that make interfaces: host-local and static.

Sources: containernetworking/cni v1.3, `pkg/invoke/delegate.go`; containernetworking/plugins v1.9,
`plugins/ipam/static/main.go`, `plugins/ipam/host-local/main.go`. Left out: dhcp.
"""

from planespec.spec.network.chained.interface_setup import Node
from planespec.spec.network.chained.plugin_results import PluginResult, ToldAddress, read_result
from planespec.spec.network.cni_errors import PluginError, is_at_least
from planespec.spec.network.host_local import (
    Attachment,
    is_known,
    release_all,
    start_adding,
)
from planespec.spec.network.ip_addresses import (
    Address,
    Subnet,
    parse_address,
    parse_subnet,
    read_address,
)
from planespec.spec.network.ipam_config import (
    IpamConfig,
    Route,
    make_result,
    read_arguments,
    read_ipam_config,
)
from planespec.spec.network.plugin_call import PluginCall
from planespec.spec.objects.view import View

PLUGIN_PATH = "/opt/cni/bin"
"""Where plugins are looked for."""
_HOST_LOCAL, _STATIC = "host-local", "static"


def find_plugin(name: str, known: object) -> None:
    """Raise PluginError unless there is a plugin of a name among those that are known."""
    if not name:
        raise PluginError("no plugin name provided")
    if not isinstance(known, (tuple, dict, frozenset)) or name not in known:
        raise PluginError(f'failed to find plugin "{name}" in path [{PLUGIN_PATH}]')


def give_addresses(node: Node, call: PluginCall) -> PluginResult:
    """Let the plugin of a configuration give addresses; raises PluginError."""
    kind = _find_kind(call)
    if kind == _STATIC:
        return _give_static(call)
    config, path, owner = _read_local(call)
    if config.resolv_conf:
        raise PluginError(f"open {config.resolv_conf}: no such file or directory")
    adding = start_adding(config, owner)
    while not adding.is_done:
        adding, left = next(iter(adding.go_on(node.stores.get(path, {}))))
        node.stores[path] = left
    if adding.error is not None:
        raise adding.error
    return read_result(make_result(config, adding.given, {}))


def take_addresses(node: Node, call: PluginCall) -> None:
    """Let the plugin of a configuration take addresses back; raises PluginError."""
    if _find_kind(call) == _HOST_LOCAL:
        config, path, owner = _read_local(call)
        node.stores[path] = release_all(config, node.stores.get(path, {}), owner)


def check_given(node: Node, call: PluginCall) -> None:
    """Raise PluginError unless the plugin of a configuration finds what it gave."""
    if _find_kind(call) == _STATIC:
        _check_static(call)
        return
    _, path, owner = _read_local(call)
    if not is_known(node.stores.get(path, {}), owner):
        told = f"Failed to find address added by container {owner.container}"
        raise PluginError(f"host-local: {told}")


def ask_status(call: PluginCall) -> None:
    """Ask the plugin of a configuration whether it is ready, as all are that there are.

    Raises PluginError where there is none.
    """
    _find_kind(call)


def has_ipam(call: PluginCall) -> bool:
    """Say whether a configuration names a plugin that gives addresses."""
    return bool(call.config.view("ipam").text("type"))


def _find_kind(call: PluginCall) -> str:
    kind = call.config.view("ipam").text("type")
    find_plugin(kind, (_HOST_LOCAL, _STATIC))
    return kind


def _read_local(call: PluginCall) -> tuple[IpamConfig, str, Attachment]:
    config = read_ipam_config(call.config, call.arguments)
    owner = Attachment(call.container, call.interface)
    return config, f"{config.data_dir}/{config.network}", owner


def _give_static(call: PluginCall) -> PluginResult:
    addresses = _read_static(call)
    ipam = call.config.view("ipam")
    routes = tuple(
        Route(_need_subnet(each.text("dst"), "dst"), read_address(each.text("gw")))
        for each in ipam.views("routes")
    )
    told = tuple(ToldAddress(address, gateway) for address, gateway in addresses)
    result = PluginResult("1.1.0", (), told, routes, ipam.view("dns").data)
    return result.to_version(call.config.text("cniVersion"))


def _read_static(call: PluginCall) -> list[tuple[Subnet, Address | None]]:
    """Return the addresses of a configuration of static; raises PluginError."""
    given = read_arguments(call.arguments, {"IP": str, "GATEWAY": str})
    asked = [_need_subnet(each.strip(), "ip") for each in given.get("IP", "").split(",") if each]
    gateways = [_need_gateway(each) for each in given.get("GATEWAY", "").split(",") if each]
    found = _read_own(call.config.view("ipam"))
    found += [(each, next(filter(each.contains, gateways), None)) for each in asked]
    own = call.config.view("args").view("cni").texts("ips")
    for texts in (own, call.config.view("runtimeConfig").texts("ips")):
        if texts:
            found = [(_need_entry(each), None) for each in texts]
    families = [address.address.version for address, _ in found]
    version = call.config.text("cniVersion")
    if max(families.count(4), families.count(6)) > 1 and not is_at_least(version, "0.3.0"):
        message = f"CNI version {version} does not support more than 1 address per family"
        raise PluginError(message)
    return found


def _read_own(ipam: View) -> list[tuple[Subnet, Address | None]]:
    found = []
    for each in ipam.views("addresses"):
        address = _need_subnet(each.text("address"), "address")
        found.append((address, read_address(each.text("gateway"))))
    return found


def _need_subnet(text: str, name: str) -> Subnet:
    subnet = parse_subnet(text)
    if subnet is None:
        told = f"the '{name}' field is expected to be in CIDR notation, got: '{text}'"
        raise PluginError(told)
    return subnet


def _need_entry(text: str) -> Subnet:
    subnet = parse_subnet(text)
    if subnet is None:
        raise PluginError(f"an entry in the 'ips' field is NOT in CIDR notation, got: '{text}'")
    return subnet


def _need_gateway(text: str) -> Address:
    address = parse_address(text.strip())
    if address is None:
        raise PluginError(f"invalid gateway address: {text}")
    return address


def _check_static(call: PluginCall) -> None:
    addresses = _read_static(call)
    result = read_previous(call)
    if result is None:
        raise PluginError("Required prevResult missing")
    for address, gateway in addresses:
        for told in result.addresses:
            if told.address.address == address.address:
                if gateway and gateway != told.gateway:
                    message = f"static: Failed to match addr {told.address.address} on interface"
                    raise PluginError(f"{message} {call.interface}")
                break


def read_previous(call: PluginCall) -> PluginResult | None:
    """Return the result of the plugin before, or of ADD, that a call is given."""
    if not call.config.has("prevResult"):
        return None
    version = call.config.text("cniVersion")
    return read_result(call.config.view("prevResult").data, version or "0.1.0")

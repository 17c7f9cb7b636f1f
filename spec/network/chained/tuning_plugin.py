"""tuning: sysctls, MAC address, MTU and modes of a container's interface, put back by DEL.

Sources: containernetworking/plugins v1.9, `plugins/meta/tuning/tuning.go`; Linux,
`Documentation/networking/ip-sysctl.rst`. Left out: `txQLen`, an allow list of sysctls, and
sysctls but those of an interface under `net/ipv4/conf` and `net/ipv6/conf` and some others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from planespec.spec.network.chained.delegated_ipam import read_previous
from planespec.spec.network.chained.interface_setup import (
    Node,
    NoNamespaceError,
    open_namespace,
    parse_mac,
)
from planespec.spec.network.chained.network_links import Link, Namespace
from planespec.spec.network.chained.plugin_results import PluginResult
from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.ipam_config import read_arguments
from planespec.spec.network.plugin_call import PluginCall

_ROOT = "/proc/sys/"
_OF_ALL = {"net/ipv4/ip_forward", "net/ipv4/tcp_syncookies", "net/core/somaxconn"}
_OF_INTERFACE = {
    *("accept_local", "accept_redirects", "accept_source_route", "arp_accept", "arp_announce"),
    *("arp_filter", "arp_ignore", "arp_notify", "forwarding", "log_martians", "proxy_arp"),
    *("route_localnet", "rp_filter", "secure_redirects", "send_redirects", "disable_ipv6"),
    *("accept_ra", "accept_dad", "mtu"),
}


@dataclass(frozen=True, slots=True)
class TuningConfig:
    """What the plugin is told."""

    sysctls: Mapping[str, str]
    mac: str
    mtu: int
    promiscuous: bool
    all_multicast: bool | None
    backup: str
    """The path of the file that keeps what was there before."""


def read_tuning_config(call: PluginCall) -> TuningConfig:
    """Read the configuration of a call; raises PluginError."""
    config, more = call.config, call.config.view("args").view("cni")
    asked = read_arguments(call.arguments, {"MAC": str}).get("MAC", "")
    mac = config.view("runtimeConfig").text("mac") or asked or config.text("mac")
    multicast = next((each for each in (more, config) if each.has("allmulti")), None)
    folder = config.text("dataDir") or "/run/cni/tuning"
    return TuningConfig(
        config.text_map("sysctl") | more.text_map("sysctl"),
        more.text("mac") if more.has("mac") else mac,
        (more if more.has("mtu") else config).integer("mtu") or 0,
        (more if more.has("promisc") else config).flag("promisc"),
        multicast.flag("allmulti") if multicast else None,
        f"{folder}/{call.container}_{call.interface}.json",
    )


def add_tuning(node: Node, call: PluginCall) -> PluginResult:
    """Do ADD; raises PluginError, and leaves then what was set."""
    config = read_tuning_config(call)
    result = read_previous(call)
    if result is None:
        raise PluginError("Required prevResult missing")
    space = node.network.spaces[open_namespace(node, call.netns)]
    for key, value in config.sysctls.items():
        space.sysctls[_find_sysctl(space, call, key)] = value
    modes = config.mac, config.mtu, config.promiscuous
    if any(modes) or config.all_multicast is not None:
        link = _find_link(space, call)
        node.backups[config.backup] = _back_up(link, config)
        _set_modes(link, config)
    version = call.config.text("cniVersion")
    if config.mac:
        result = result.to_version("1.1.0")
        told = tuple(
            replace(each, mac=config.mac) if each.name == call.interface else each
            for each in result.interfaces
        )
        result = replace(result, interfaces=told)
    return result.to_version(version)


def _find_link(space: Namespace, call: PluginCall) -> Link:
    link = space.links.get(call.interface)
    if link is None:
        raise PluginError(f'failed to get "{call.interface}": Link not found')
    return link


def _find_sysctl(space: Namespace, call: PluginCall, key: str) -> str:
    """Return the path of a sysctl under `/proc/sys`; raises PluginError where there is none."""
    path = key.replace(".", "/").replace("IFNAME", call.interface, 1)
    if not path.startswith("net/"):
        raise PluginError(f'invalid net sysctl key: "{path}"')
    parts = path.split("/")
    conf = parts[:3] in (["net", "ipv4", "conf"], ["net", "ipv6", "conf"]) and len(parts) == 5
    known = conf and parts[3] in {*space.links, "all", "default"} and parts[4] in _OF_INTERFACE
    if not known and path not in _OF_ALL:
        raise PluginError(f"open {_ROOT}{path}: no such file or directory")
    return path


def _back_up(link: Link, config: TuningConfig) -> dict[str, object]:
    kept: dict[str, object] = {}
    if config.mac:
        kept["mac"] = link.mac
    if config.promiscuous:
        kept["promisc"] = link.is_promiscuous
    if config.mtu:
        kept["mtu"] = link.mtu
    if config.all_multicast is not None:
        kept["allmulti"] = link.takes_all_multicast
    return kept


def _set_modes(link: Link, config: TuningConfig) -> None:
    if config.mac:
        try:
            link.mac = parse_mac(config.mac)
        except PluginError as error:
            raise PluginError(f"invalid args {config.mac} for MAC addr: {error}") from error
    if config.promiscuous:
        link.is_promiscuous = True
    link.mtu = config.mtu or link.mtu
    if config.all_multicast is not None:
        link.takes_all_multicast = config.all_multicast


def delete_tuning(node: Node, call: PluginCall) -> None:
    """Do DEL: the interface gets back what it had; nothing that fails there is told."""
    config = read_tuning_config(call)
    try:
        space = node.network.spaces[open_namespace(node, call.netns)]
    except NoNamespaceError:
        return
    link = space.links.get(call.interface)
    if link is None or config.backup not in node.backups:
        return
    kept = node.backups.pop(config.backup)
    for name, value in kept.items():
        if name == "mac":
            link.mac = str(value)
        elif name == "mtu" and isinstance(value, int):
            link.mtu = value
        elif name == "promisc":
            link.is_promiscuous = bool(value)
        else:
            link.takes_all_multicast = bool(value)


def check_tuning(node: Node, call: PluginCall) -> None:
    """Do CHECK; raises PluginError with the first that is not as it was set."""
    config = read_tuning_config(call)
    if read_previous(call) is None:
        raise PluginError("Required prevResult missing")
    space = node.network.spaces[open_namespace(node, call.netns)]
    for key, value in config.sysctls.items():
        path = _find_sysctl(space, call, key)
        current = space.sysctls.get(path, "0")
        if value != current:
            told = f"configured value of {_ROOT}{path} is {value}, current value is {current}"
            raise PluginError(f"Error: Tuning {told}")
    name = call.interface
    if name not in space.links:
        raise PluginError(f"Cannot find container link {name}")
    link = space.links[name]
    if config.mac and config.mac != link.mac:
        told = f"configured Ethernet of {name} is {config.mac}, current value is {link.mac}"
        raise PluginError(f"Error: Tuning {told}")
    if config.promiscuous != link.is_promiscuous:
        wanted = str(config.promiscuous).lower()
        told = f"configured promisc is {wanted}, current value is {int(link.is_promiscuous)}"
        raise PluginError(f"Error: Tuning link {name} {told}")
    if config.mtu and config.mtu != link.mtu:
        told = f"configured MTU of {name} is {config.mtu}, current value is {link.mtu}"
        raise PluginError(f"Error: Tuning {told}")
    _check_multicast(config, link)


def _check_multicast(config: TuningConfig, link: Link) -> None:
    wanted = config.all_multicast
    if wanted is not None and wanted != link.takes_all_multicast:
        told = f"configured all-multicast mode of {link.name} is {str(wanted).lower()}"
        current = str(link.takes_all_multicast).lower()
        raise PluginError(f"Error: Tuning {told}, current value is {current}")

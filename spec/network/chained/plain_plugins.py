"""loopback, and firewall with its iptables backend.

Sources: containernetworking/plugins v1.9, `plugins/main/loopback/loopback.go`,
`plugins/meta/firewall/firewall.go` and `iptables.go`. Left out: the firewalld and nftables
backends, `ingressPolicy` beside `open`.
"""

from planespec.spec.network.chained.delegated_ipam import read_previous
from planespec.spec.network.chained.interface_setup import (
    Node,
    NoNamespaceError,
    open_namespace,
)
from planespec.spec.network.chained.network_links import LOOPBACK, NO_MAC
from planespec.spec.network.chained.packet_rules import PacketRule, print_comment
from planespec.spec.network.chained.plugin_results import PluginResult, ToldAddress, ToldInterface
from planespec.spec.network.cni_errors import SUPPORTED_VERSIONS, PluginError
from planespec.spec.network.plugin_call import PluginCall

_FORWARD, _ADMIN = "CNI-FORWARD", "CNI-ADMIN"


def add_loopback(node: Node, call: PluginCall) -> PluginResult:
    """Do ADD of loopback: `lo` comes up, whatever interface is asked for."""
    previous = read_previous(call)
    path = open_namespace(node, call.netns)
    node.network.set_up(path, LOOPBACK)
    if previous is not None:
        return previous
    told = []
    for family in (4, 6):
        addresses = node.network.spaces[path].links[LOOPBACK].addresses
        own = [each for each in addresses if each.address.version == family]
        for each in own:
            if not each.address.is_loopback:
                message = "loopback interface found with non-loopback address"
                raise PluginError(f'{message} "{each.address}"')
        told += [ToldAddress(each, None, 0) for each in own[:1]]
    interface = ToldInterface(LOOPBACK, NO_MAC, call.netns)
    # A result without a version counts as one of the newest.
    version = call.config.text("cniVersion") or SUPPORTED_VERSIONS[-1]
    return PluginResult(version, (interface,), tuple(told), has_newest_form=True)


def delete_loopback(node: Node, call: PluginCall) -> None:
    """Do DEL of loopback: `lo` goes down."""
    if not call.netns:
        return
    try:
        node.network.set_down(open_namespace(node, call.netns), LOOPBACK)
    except NoNamespaceError:
        return


def check_loopback(node: Node, call: PluginCall) -> None:
    """Do CHECK of loopback; raises PluginError."""
    path = open_namespace(node, call.netns)
    if not node.network.spaces[path].links[LOOPBACK].is_up:
        raise PluginError("loopback interface is down")


def add_firewall(node: Node, call: PluginCall) -> PluginResult:
    """Do ADD of firewall: traffic of the container's addresses is let through."""
    result = read_previous(call)
    if result is None:
        raise PluginError("missing prevResult from earlier plugin")
    for family, rules in _make_rules(result):
        if rules:
            table = node.filter[family]
            own, admin = _make_entries(call)
            table.ensure_chain(_FORWARD)
            table.ensure_chain(_find_admin(call))
            table.add("FORWARD", own, first=True)
            table.add(_FORWARD, admin, first=True)
            for rule in rules:
                table.add(_FORWARD, rule)
    return result.to_version("1.1.0").to_version(call.config.text("cniVersion"))


def delete_firewall(node: Node, call: PluginCall) -> None:
    """Do DEL of firewall: the rules of the container's addresses go, whoever else has these."""
    result = read_previous(call)
    for family, rules in _make_rules(result or PluginResult("1.1.0")):
        for rule in rules:
            node.filter[family].delete(_FORWARD, rule.printed)


def check_firewall(node: Node, call: PluginCall) -> None:
    """Do CHECK of firewall; raises PluginError."""
    result = read_previous(call)
    if result is None:
        raise PluginError("missing prevResult from earlier plugin")
    for family, rules in _make_rules(result):
        table = node.filter[family]
        if not rules:
            continue
        own, admin = _make_entries(call)
        table.ensure_chain(_FORWARD)
        table.ensure_chain(_find_admin(call))
        for chain, rule in (("FORWARD", own), (_FORWARD, admin)):
            if not table.contains(chain, rule):
                raise PluginError(f"expected {chain} rule [{' '.join(rule.given)}] not found")
        for rule in rules:
            if not table.contains(_FORWARD, rule):
                raise PluginError(f"expected rule [{' '.join(rule.given)}] not found")


def _find_admin(call: PluginCall) -> str:
    return call.config.text("iptablesAdminChainName") or _ADMIN


def _make_entries(call: PluginCall) -> tuple[PacketRule, PacketRule]:
    """Return the rules that lead to the plugin's chain, and from it to the administrator's."""
    made = []
    for comment, chain in (
        ("CNI firewall plugin rules", _FORWARD),
        ("CNI firewall plugin admin overrides", _find_admin(call)),
    ):
        printed = f"-m comment --comment {print_comment(comment)} -j {chain}"
        made.append(PacketRule(printed, ("-m", "comment", "--comment", comment, "-j", chain)))
    return made[0], made[1]


def _make_rules(result: PluginResult) -> list[tuple[int, list[PacketRule]]]:
    """Return the rules for the addresses of a result, by family."""
    made: dict[int, list[PacketRule]] = {4: [], 6: []}
    for each in result.addresses:
        own = f"{each.address.address}/{each.address.bits}"
        for text in (
            f"-d {own} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            f"-s {own} -j ACCEPT",
        ):
            made[each.address.address.version].append(PacketRule(text, tuple(text.split(" "))))
    return list(made.items())

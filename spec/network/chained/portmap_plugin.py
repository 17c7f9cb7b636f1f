"""portmap: ports of the host that lead to a container, with the iptables backend.

Source: containernetworking/plugins v1.9, `plugins/meta/portmap/main.go`, `portmap_iptables.go`,
`chain.go` and `utils.go`. Left out: the nftables backend, `conditionsV4` and `conditionsV6`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from planespec.spec.network.chained.delegated_ipam import read_previous
from planespec.spec.network.chained.interface_setup import Node
from planespec.spec.network.chained.network_links import name_network
from planespec.spec.network.chained.packet_rules import (
    PacketRule,
    RulesError,
    Table,
    name_chain,
    print_comment,
    tell_attachment,
    trim_comment,
)
from planespec.spec.network.chained.plugin_results import PluginResult
from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.ip_addresses import Address, Subnet, parse_address
from planespec.spec.network.plugin_call import PluginCall

_ENTRY, _MARK, _MASQUERADE = "CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-SETMARK", "CNI-HOSTPORT-MASQ"
_MARK_BIT, _MARK_BITS = 13, 32
_PORTS = 1 << 16
_PORTS_OF_A_RULE = 15


@dataclass(frozen=True, slots=True)
class PortMapping:
    """A port of the host that leads to one of a container."""

    host_port: int
    container_port: int
    protocol: str
    host_address: str = ""


@dataclass(frozen=True, slots=True)
class PortmapConfig:
    """What the plugin is told."""

    ports: tuple[PortMapping, ...]
    marks: bool
    """Whether traffic that needs it is marked to be masqueraded."""
    marks_all: bool
    mark_bit: int
    own_mark_chain: str
    previous: PluginResult | None
    addresses: tuple[Subnet, ...]
    """The container's first address of each family, IPv4 before IPv6."""


def read_portmap_config(call: PluginCall) -> PortmapConfig:
    """Read the configuration of a call; raises PluginError."""
    config = call.config
    previous = read_previous(call)
    bit = config.integer("markMasqBit")
    if bit is not None and config.has("externalSetMarkChain"):
        raise PluginError("Cannot specify externalSetMarkChain and markMasqBit")
    if bit is not None and not 0 <= bit < _MARK_BITS:
        raise PluginError("MasqMarkBit must be between 0 and 31")
    ports = []
    for each in config.view("runtimeConfig").views("portMappings"):
        inner, outer = each.integer("containerPort") or 0, each.integer("hostPort") or 0
        if inner <= 0:
            raise PluginError(f"Invalid container port number: {inner}")
        if outer <= 0:
            raise PluginError(f"Invalid host port number: {outer}")
        ports.append(PortMapping(outer, inner, each.text("protocol"), each.text("hostIP")))
    return PortmapConfig(
        tuple(ports),
        config.flag("snat") if config.has("snat") else True,
        config.flag("masqAll"),
        _MARK_BIT if bit is None else bit,
        config.text("externalSetMarkChain"),
        previous,
        _find_addresses(previous, call.interface) if previous else (),
    )


def _find_addresses(result: PluginResult, interface: str) -> tuple[Subnet, ...]:
    found: dict[int, Subnet] = {}
    for each in result.addresses:
        index = each.interface
        if index is not None and 0 <= index < len(result.interfaces):
            told = result.interfaces[index]
            if told.name != interface or not told.sandbox:
                continue
        found.setdefault(each.address.address.version, each.address)
    return tuple(found[family] for family in sorted(found))


def add_portmap(node: Node, call: PluginCall) -> PluginResult:
    """Do ADD; raises PluginError, and leaves then the rules that were made."""
    config = _read(call)
    if config.previous is None:
        raise PluginError("must be called as chained plugin")
    for address in config.addresses if config.ports else ():
        table = node.nat[address.address.version]
        _set_common_chains(table, config)
        try:
            _set_own_chain(table, call, config, address)
        except RulesError as error:
            raise PluginError(f"unable to setup DNAT: {error}") from error
    return config.previous.to_version(call.config.text("cniVersion"))


def _read(call: PluginCall) -> PortmapConfig:
    try:
        return read_portmap_config(call)
    except PluginError as error:
        raise PluginError(f"failed to parse config: {error}") from error


def _set_common_chains(table: Table, config: PortmapConfig) -> None:
    if config.marks and not config.own_mark_chain:
        bit = f"{1 << config.mark_bit:#x}"
        comment = print_comment("CNI portfwd masquerade mark")
        table.ensure_chain(_MARK)
        marking = f"-m comment --comment {comment} -j MARK --set-xmark {bit}/{bit}"
        table.add(_MARK, PacketRule(marking, ()))
        table.ensure_chain(_MASQUERADE)
        table.add(_MASQUERADE, PacketRule(f"-m mark --mark {bit}/{bit} -j MASQUERADE", ()))
        comment = print_comment("CNI portfwd requiring masquerade")
        entry = f"-m comment --comment {comment} -j {_MASQUERADE}"
        table.add("POSTROUTING", PacketRule(entry, ()), first=True)
    table.ensure_chain(_ENTRY)
    for chain in ("PREROUTING", "OUTPUT"):
        table.add(chain, PacketRule(f"-m addrtype --dst-type LOCAL -j {_ENTRY}", ()))


def _set_own_chain(table: Table, call: PluginCall, config: PortmapConfig, address: Subnet) -> None:
    chain = _name_own(call)
    table.ensure_chain(chain)
    for rule in _make_rules(config, address):
        table.add(chain, rule)
    for rule in _make_entries(call, config):
        table.add(_ENTRY, rule)


def _name_own(call: PluginCall) -> str:
    return name_chain(call.config.text("name"), call.container, "DN-")


def _make_entries(call: PluginCall, config: PortmapConfig) -> list[PacketRule]:
    """Return the rules that lead to a container's chain: one for at most 15 ports."""
    chain = _name_own(call)
    told = tell_attachment(call.config.text("name"), call.container)
    comment = trim_comment(f"dnat {told}")
    made = []
    for protocol in sorted({each.protocol for each in config.ports}):
        ports = [each.host_port for each in config.ports if each.protocol == protocol]
        for start in range(0, len(ports), _PORTS_OF_A_RULE):
            part = ports[start : start + _PORTS_OF_A_RULE]
            listed = ",".join(map(str, part))
            match = f"-m comment --comment {print_comment(comment)} -m multiport"
            printed = f"-p {protocol} {match} --dports {listed} -j {chain}"
            given: tuple[str, ...] = ("-m", "comment", "--comment", comment, "-m", "multiport")
            given = (*given, "-p", protocol, "--destination-ports", listed, "-j", chain)
            bad = next((str(each) for each in part if each >= _PORTS), "")
            made.append(PacketRule(printed, given, bad))
    return made


def _make_rules(config: PortmapConfig, address: Subnet) -> list[PacketRule]:
    """Return the rules of a container's chain: marks before what they mark."""
    family = address.address.version
    made = []
    for port in config.ports:
        host = parse_address(port.host_address)
        if port.host_address and (host.version if host else 6) != family:
            continue
        only = host if host is not None and not host.is_unspecified else None
        for source in _list_sources(config, address) if config.marks else ():
            target = config.own_mark_chain or _MARK
            made.append(_make_rule(port, only, source, ("-j", target)))
        inside = str(address.address) if family == 4 else f"[{address.address}]"
        target = f"{inside}:{port.container_port}"
        made.append(_make_rule(port, only, "", ("-j", "DNAT", "--to-destination", target)))
    return made


def _list_sources(config: PortmapConfig, address: Subnet) -> Sequence[str]:
    family = address.address.version
    if config.marks_all:
        return ("0.0.0.0/0" if family == 4 else "::/0",)
    return (str(address), "127.0.0.1") if family == 4 else (str(address),)


def _make_rule(
    port: PortMapping, only: Address | None, source: str, rest: tuple[str, ...]
) -> PacketRule:
    """Return a rule for traffic to a port of the host, from a source if there is one.

    A port that is too high is refused but for UDP, for which it is cut to 16 bits.
    """
    number = port.host_port
    printed = f"-p {port.protocol} -m {port.protocol} --dport {number % _PORTS}"
    given: tuple[str, ...] = ("-p", port.protocol, "--dport", str(number))
    if only is not None:
        printed = f"-d {only}/{only.max_prefixlen} {printed}"
        given = (*given, "-d", port.host_address)
    if source:
        if not source.endswith("/0"):
            printed = f"-s {_print_source(source)} {printed}"
        given = (*given, "-s", source)
    is_bad = number >= _PORTS and port.protocol != "udp"
    bad = str(number) if is_bad else ""
    return PacketRule(f"{printed} {' '.join(rest)}", (*given, *rest), bad)


def _print_source(source: str) -> str:
    address, _, length = source.partition("/")
    parsed = parse_address(address)
    assert parsed is not None
    return name_network(Subnet(parsed, int(length or parsed.max_prefixlen)))


def delete_portmap(node: Node, call: PluginCall) -> None:
    """Do DEL: the container's chain goes, if ports are told."""
    if not _read(call).ports:
        return
    chain = _name_own(call)
    for table in node.nat.values():
        table.clear_chain(chain)
        for printed in table.leading_to(_ENTRY, chain):
            table.delete(_ENTRY, printed)
        table.delete_chain(chain)


def check_portmap(node: Node, call: PluginCall) -> None:
    """Do CHECK; raises PluginError where a rule is not there."""
    config = read_portmap_config(call)
    if config.previous is None:
        raise PluginError("Required prevResult missing")
    for address in config.addresses if config.ports else ():
        family = address.address.version
        try:
            _check_chain(node.nat[family], call, config, address)
        except PluginError as error:
            raise PluginError(f"could not check ipv{family} dnat: {error}") from error


def _check_chain(table: Table, call: PluginCall, config: PortmapConfig, address: Subnet) -> None:
    chain = _name_own(call)
    if not table.has_chain(chain):
        raise PluginError(f"chain {chain} not found in iptables table {table.name}")
    for where, rules, left_out in (
        (chain, _make_rules(config, address), 0),
        (_ENTRY, _make_entries(call, config), 2),
    ):
        for rule in rules:
            if not _is_there(table, where, rule):
                given = (each.given[: len(each.given) - left_out] for each in rules)
                told = " ".join(f"[{' '.join(each)}]" for each in given)
                message = f"rule [{told}] in chain {where} not found in table {table.name}"
                raise PluginError(message)


def _is_there(table: Table, chain: str, rule: PacketRule) -> bool:
    try:
        return table.contains(chain, rule)
    except RulesError:
        return False

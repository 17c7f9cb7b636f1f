"""The configuration of host-local: ranges, addresses that are asked for, routes, resolv.conf.

Fields are read in the order in which they stand, so that the first that is wrong is reported.
Source: containernetworking/plugins v1.9, `plugins/ipam/host-local/backend/allocator/config.go`;
containernetworking/cni v1.3, `pkg/types/args.go`. Left out: fields of the wrong JSON type.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from planespec.spec.network.address_ranges import (
    AddressRange,
    RangeSet,
    check_set,
    do_overlap,
    make_range,
)
from planespec.spec.network.cni_errors import PluginError, is_at_least
from planespec.spec.network.ip_addresses import (
    Address,
    Subnet,
    read_address,
    read_requested,
    read_subnet,
)
from planespec.spec.objects.view import View
from planespec.spec.quantity.amount import quote

Value = TypeVar("Value")

_TRUE, _FALSE = {"1", "true"}, {"0", "false"}


@dataclass(frozen=True, slots=True)
class Route:
    """A route that a result carries; `more` are its numbers beside destination and gateway."""

    destination: Subnet
    gateway: Address | None = None
    more: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class IpamConfig:
    """What host-local is told."""

    network: str
    version: str
    data_dir: str
    ranges: tuple[RangeSet, ...]
    requested: tuple[Address, ...]
    """Addresses that are asked for, each once."""
    routes: tuple[Route, ...]
    resolv_conf: str


@dataclass(slots=True)
class _RawRange:
    """A range as it stands in the configuration."""

    subnet: Subnet | None = None
    start: Address | None = None
    end: Address | None = None
    gateway: Address | None = None

    def read(self, name: str, view: View) -> None:
        """Read a field, if it is one of a range; raises PluginError."""
        if name == "subnet":
            self.subnet = read_subnet(view.text(name))
        elif name == "rangeStart":
            self.start = read_address(view.text(name))
        elif name == "rangeEnd":
            self.end = read_address(view.text(name))
        elif name == "gateway":
            self.gateway = read_address(view.text(name))

    def complete(self) -> AddressRange:
        """Return the range; raises PluginError."""
        if self.subnet is None:
            raise PluginError("IP <nil> not v4 nor v6")
        return make_range(self.subnet, self.start, self.end, self.gateway)


@dataclass(slots=True)
class _Raw:
    """What was read of a configuration so far."""

    own: _RawRange = field(default_factory=_RawRange)
    ranges: list[list[_RawRange]] = field(default_factory=list)
    extra_ranges: list[list[_RawRange]] = field(default_factory=list)
    args: list[Address | None] = field(default_factory=list)
    capabilities: list[Address | None] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)


def read_ipam_config(config: View, arguments: str) -> IpamConfig:
    """Read what is on standard input and in CNI_ARGS; raises PluginError in upstream's words.

    ObjectError where a field has the wrong type, which no plugin's words are known for.
    """
    raw = _Raw()
    for name in config.data:
        if name == "ipam":
            _read_ipam(config.view(name), raw)
        elif name == "runtimeConfig":
            _read_capabilities(config.view(name), raw)
        elif name == "args":
            raw.args = [
                read_requested(text) for text in config.view(name).view("cni").texts("ips")
            ]
    if not config.has("ipam"):
        raise PluginError("IPAM config missing 'ipam' key")
    requested = [*_read_arguments(arguments), *raw.args, *raw.capabilities]
    if None in requested:
        raise PluginError("cannot understand ip: IP <nil> not v4 nor v6")
    ipam = config.view("ipam")
    return IpamConfig(
        config.text("name"),
        config.text("cniVersion"),
        ipam.text("dataDir"),
        _check_ranges(_order_ranges(raw), config.text("cniVersion")),
        tuple(dict.fromkeys(each for each in requested if each is not None)),
        tuple(raw.routes),
        ipam.text("resolvConf"),
    )


def _read_ipam(ipam: View, raw: _Raw) -> None:
    for name in ipam.data:
        if name == "ranges":
            raw.ranges = _read_sets(ipam, name)
        elif name == "routes":
            raw.routes = [_read_route(each) for each in ipam.views(name)]
        else:
            raw.own.read(name, ipam)


def _read_capabilities(runtime: View, raw: _Raw) -> None:
    for name in runtime.data:
        if name == "ips":
            raw.capabilities = [read_requested(text) for text in runtime.texts(name)]
        elif name == "ipRanges":
            raw.extra_ranges = _read_sets(runtime, name)


def _read_sets(view: View, name: str) -> list[list[_RawRange]]:
    sets = []
    for index, each in enumerate(view.items(name)):
        inner = View({"": each}, f"{view.path(name)}[{index}]")
        sets.append([_read_range(part) for part in inner.views("")])
    return sets


def _read_range(view: View) -> _RawRange:
    found = _RawRange()
    for name in view.data:
        found.read(name, view)
    return found


def _read_route(view: View) -> Route:
    destination, gateway = Subnet(read_subnet("0.0.0.0/0").address, 0), None
    for name in view.data:
        if name == "dst":
            destination = read_subnet(view.text(name))
        elif name == "gw":
            gateway = read_address(view.text(name))
    names = ("mtu", "advmss", "priority", "table", "scope")
    numbers = tuple((name, view.integer(name) or 0) for name in names if view.has(name))
    return Route(destination, gateway, numbers)


def _order_ranges(raw: _Raw) -> list[list[_RawRange]]:
    own = [[raw.own]] if raw.own.subnet is not None else []
    return [*raw.extra_ranges, *own, *raw.ranges]


def _check_ranges(sets: Sequence[Sequence[_RawRange]], version: str) -> tuple[RangeSet, ...]:
    if not sets:
        raise PluginError("no IP ranges specified")
    made = [_make_set(index, each) for index, each in enumerate(sets)]
    families = [each[0].start.version for each in made]
    if max(families.count(4), families.count(6)) > 1 and not is_at_least(version, "0.3.0"):
        message = f"CNI version {version} does not support more than 1 address per family"
        raise PluginError(message)
    for index, one in enumerate(made):
        for other in range(index + 1, len(made)):
            if do_overlap(one, made[other]):
                raise PluginError(f"range set {index} overlaps with {other}")
    return tuple(made)


def _make_set(index: int, parts: Sequence[_RawRange]) -> RangeSet:
    try:
        if not parts:
            raise PluginError("empty range set")
        ranges: list[AddressRange] = []
        for part in parts:
            ranges.append(part.complete())
            if ranges[-1].start.version != ranges[0].start.version:
                raise PluginError("mixed address families")
        return check_set(ranges)
    except PluginError as error:
        raise PluginError(f"invalid range set {index}: {error}") from error


def _read_arguments(arguments: str) -> list[Address]:
    """Return the address that CNI_ARGS asks for, if it does; raises PluginError."""
    asked = read_arguments(arguments, {"IP": read_requested}).get("IP")
    return [asked] if asked else []


def read_arguments(
    arguments: str, known: Mapping[str, Callable[[str], Value]]
) -> dict[str, Value]:
    """Read CNI_ARGS with a reader for each name that a plugin knows; raises PluginError."""
    found: dict[str, Value] = {}
    ignores, unknown = False, []
    for pair in arguments.split(";") if arguments else []:
        parts = pair.split("=")
        if len(parts) != 2:
            raise PluginError(f"ARGS: invalid pair {quote(pair)}")
        name, value = parts
        try:
            if name in known:
                found[name] = known[name](value)
            elif name == "IgnoreUnknown":
                ignores = _read_boolean(value)
            else:
                unknown.append(pair)
        except PluginError as error:
            message = f"ARGS: error parsing value of pair {quote(pair)}: {error}"
            raise PluginError(message) from error
    if unknown and not ignores:
        raise PluginError(f"ARGS: unknown args [{' '.join(map(quote, unknown))}]")
    return found


def _read_boolean(value: str) -> bool:
    if value.lower() not in _TRUE | _FALSE:
        raise PluginError(f"boolean unmarshal error: invalid input {value.lower()}")
    return value.lower() in _TRUE


Given = tuple[tuple[Address, AddressRange], ...]
"""Addresses that were given, one of each set, with the ranges that they are of."""


def make_result(config: IpamConfig, given: Given, dns: Mapping[str, object]) -> dict[str, object]:
    """Return what ADD prints, in the form of the configuration's CNI version."""
    version = config.version or "0.1.0"
    if not is_at_least(version, "0.3.0"):
        return _make_old_result(config, given, dns, version)
    result: dict[str, object] = {"cniVersion": version, "ips": [_tell_ip(*each) for each in given]}
    if config.routes:
        result["routes"] = [_tell_route(each, each.more) for each in config.routes]
    if is_at_least(version, "1.0.0"):
        return result | ({"dns": dict(dns)} if dns else {})
    ips = [{"version": str(a.version)} | _tell_ip(a, of) for a, of in given]
    return result | {"ips": ips, "dns": dict(dns)}


def _make_old_result(
    config: IpamConfig, given: Given, dns: Mapping[str, object], version: str
) -> dict[str, object]:
    """Return a result of 0.1.0 or 0.2.0: the first address of each family with its routes."""
    result: dict[str, object] = {"cniVersion": version}
    for family in (4, 6):
        found = [each for each in given if each[0].version == family]
        if found:
            told = _tell_ip(*found[0])
            part = {"ip": told["address"], "gateway": told["gateway"]}
            routes = [
                _tell_route(r) for r in config.routes if r.destination.address.version == family
            ]
            result[f"ip{family}"] = part | ({"routes": routes} if routes else {})
    return result | {"dns": dict(dns)}


def _tell_ip(address: Address, of: AddressRange) -> dict[str, object]:
    return {"address": f"{address}/{of.subnet.length}", "gateway": str(of.gateway)}


def _tell_route(route: Route, more: tuple[tuple[str, int], ...] = ()) -> dict[str, object]:
    gateway = {"gw": str(route.gateway)} if route.gateway else {}
    return {"dst": str(route.destination), **gateway, **dict(more)}

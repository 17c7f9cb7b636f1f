"""Results of plugins: what they say of interfaces, addresses and routes, in each CNI version.

Source: containernetworking/cni v1.3, `pkg/types/020`, `pkg/types/040`, `pkg/types/100`,
`pkg/types/internal/convert.go` and `create.go`. Left out: fields of 1.1.0 that no plugin here
fills (`mtu`, `socketPath`, `pciID`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from planespec.spec.network.cni_errors import SUPPORTED_VERSIONS, PluginError, is_at_least
from planespec.spec.network.ip_addresses import Address, Subnet, read_address, read_subnet
from planespec.spec.network.ipam_config import Route
from planespec.spec.objects.view import View

_OLD, _MIDDLE, _NEW = "old", "middle", "new"
_NUMBERS = ("mtu", "advmss", "priority", "table", "scope")


@dataclass(frozen=True, slots=True)
class ToldInterface:
    """An interface of a result; without a sandbox it is one of the host."""

    name: str
    mac: str = ""
    sandbox: str = ""

    def to_json(self) -> dict[str, object]:
        """Return it as every version has it."""
        told = {"name": self.name, "mac": self.mac, "sandbox": self.sandbox}
        return {name: value for name, value in told.items() if value or name == "name"}


@dataclass(frozen=True, slots=True)
class ToldAddress:
    """An address of a result; `interface` counts the interfaces of the result from 0."""

    address: Subnet
    gateway: Address | None = None
    interface: int | None = None
    family: str | None = None
    """What a result of 0.3.0 to 0.4.0 said of its family; None where it was not read of one."""

    @property
    def told_family(self) -> str:
        """What a result of 0.3.0 to 0.4.0 says of its family."""
        return str(self.address.address.version) if self.family is None else self.family

    def to_json(self) -> dict[str, object]:
        """Return it as versions from 1.0.0 on have it."""
        told: dict[str, object] = {"address": str(self.address)}
        if self.interface is not None:
            told["interface"] = self.interface
        return told | ({"gateway": str(self.gateway)} if self.gateway else {})


@dataclass(frozen=True, slots=True)
class PluginResult:
    """A result in the form of its version; "" is a version too, of no form."""

    version: str
    interfaces: tuple[ToldInterface, ...] = ()
    addresses: tuple[ToldAddress, ...] = ()
    routes: tuple[Route, ...] = ()
    dns: Mapping[str, object] = field(default_factory=dict)
    has_newest_form: bool = False
    """Whether it is in the form of the newest version, whatever version it says."""

    def to_version(self, version: str) -> "PluginResult":
        """Return it in the form of a version; raises PluginError where there is none."""
        version = version or "0.1.0"
        if version == self.version:
            return self
        if not {version, self.version} <= set(SUPPORTED_VERSIONS):
            message = f"no converter for CNI result version {self.version} to {version}"
            raise PluginError(message)
        if _form(self.version) == _form(version):
            return replace(self, version=version, has_newest_form=False)
        made = replace(self, version=version) if _form(version) != _OLD else self._cut(version)
        addresses = tuple(replace(each, family=None) for each in made.addresses)
        return replace(made, addresses=addresses, has_newest_form=False)

    def _cut(self, version: str) -> "PluginResult":
        """Return what a version holds that knows one address of each family; PluginError if none.

        Of which family an address is, a result of 0.3.0 to 0.4.0 says itself, and may say nothing.
        """
        first: dict[str, ToldAddress] = {}
        for each in self.addresses:
            family = each.told_family
            if family in ("4", "6"):
                first.setdefault(family, replace(each, interface=None))
        if not first:
            raise PluginError("cannot convert: no valid IP addresses")
        routes = tuple(
            Route(each.destination, each.gateway)
            for each in self.routes
            if str(each.destination.address.version) in first
        )
        return replace(
            self, version=version, interfaces=(), addresses=tuple(first.values()), routes=routes
        )

    def to_json(self) -> dict[str, object]:
        """Return it as a plugin prints it."""
        form = _NEW if self.has_newest_form else _form(self.version)
        if form == _OLD:
            return self._tell_old()
        told: dict[str, object] = {"cniVersion": self.version} if self.version else {}
        parts = {
            "interfaces": [each.to_json() for each in self.interfaces],
            "ips": [_tell_address(each, form) for each in self.addresses],
            "routes": [tell_route(each) for each in self.routes],
        }
        told |= {name: part for name, part in parts.items() if part}
        return told | ({"dns": dict(self.dns)} if self.dns or form == _MIDDLE else {})

    def _tell_old(self) -> dict[str, object]:
        told: dict[str, object] = {"cniVersion": self.version}
        for each in self.addresses:
            family = each.address.address.version
            part: dict[str, object] = {"ip": str(each.address)}
            part |= {"gateway": str(each.gateway)} if each.gateway else {}
            routes = [r for r in self.routes if r.destination.address.version == family]
            part |= {"routes": [tell_route(r) for r in routes]} if routes else {}
            told[f"ip{family}"] = part
        return told | {"dns": dict(self.dns)}


def read_result(told: Mapping[str, object], version: str | None = None) -> PluginResult:
    """Read a result that is in the form of a version, its own if none is given.

    Raises PluginError for a version that there is not.
    """
    view = View(dict(told))
    version = version or view.text("cniVersion") or "0.1.0"
    if version not in SUPPORTED_VERSIONS:
        raise PluginError(f'unsupported CNI result version "{version}"')
    dns = view.view("dns").data
    if _form(version) == _OLD:
        return _read_old(view, version, dns)
    middle = _form(version) == _MIDDLE
    return PluginResult(
        version,
        tuple(
            ToldInterface(each.text("name"), each.text("mac"), each.text("sandbox"))
            for each in view.views("interfaces")
        ),
        tuple(_read_address(each, middle=middle) for each in view.views("ips")),
        tuple(_read_route(each) for each in view.views("routes")),
        dns,
    )


def _read_address(view: View, *, middle: bool) -> ToldAddress:
    return ToldAddress(
        read_subnet(view.text("address")),
        read_address(view.text("gateway")),
        view.integer("interface"),
        view.text("version") if middle else None,
    )


def _read_route(view: View) -> Route:
    numbers = tuple((name, view.integer(name) or 0) for name in _NUMBERS if view.has(name))
    return Route(read_subnet(view.text("dst")), read_address(view.text("gw")), numbers)


def _read_old(view: View, version: str, dns: Mapping[str, object]) -> PluginResult:
    addresses, routes = [], []
    for name in ("ip4", "ip6"):
        if view.has(name):
            part = view.view(name)
            gateway = read_address(part.text("gateway"))
            addresses.append(ToldAddress(read_subnet(part.text("ip")), gateway))
            routes += [_read_route(each) for each in part.views("routes")]
    return PluginResult(version, (), tuple(addresses), tuple(routes), dns)


def tell_route(route: Route) -> dict[str, object]:
    """Return a route as every version has it."""
    gateway = {"gw": str(route.gateway)} if route.gateway else {}
    return {"dst": str(route.destination), **gateway, **dict(route.more)}


def _tell_address(address: ToldAddress, form: str) -> dict[str, object]:
    if form == _NEW:
        return address.to_json()
    return {"version": address.told_family} | address.to_json()


def _form(version: str) -> str:
    if version not in SUPPORTED_VERSIONS or is_at_least(version, "1.0.0"):
        return _NEW
    return _MIDDLE if is_at_least(version, "0.3.0") else _OLD

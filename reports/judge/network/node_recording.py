"""A node as chain lines of `cni` recordings tell it: links, routes, rules, queues, files.

Names and addresses that upstream draws at random are recorded as `veth#N`, `mac#N`, `CNI-#N`,
`CNI-DN#N` and `bwp#N`. Those of chains and of `bwp` devices are hashes that we know: they are
taken for each other where they first stand in the same place.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from planespec.spec.network.chained.bandwidth_plugin import SHAPED, tell_burst
from planespec.spec.network.chained.interface_setup import Node
from planespec.spec.network.chained.network_links import (
    HOST,
    Link,
    Namespace,
    RouteEntry,
    is_default,
)
from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.ip_addresses import parse_address, read_subnet
from planespec.spec.objects.view import ObjectError, View

_ROOT = "/netns/"
_HASHED = re.compile(r"CNI-(?:DN-)?[0-9a-f]{20,}|bwp[0-9a-f]{12}")
_NUMBERED = re.compile(r"CNI-(?:DN)?#\d+|bwp#\d+")
_PEER = re.compile(r'peer provided \("([^"]+)"\)')
_PARTS = ("store", "cache", "host", "ns", "routes")


def find_space(name: str) -> str:
    """Return the path of a namespace that is recorded by its name."""
    return f"{_ROOT}{name}"


@dataclass(slots=True)
class RecordedNames:
    """Which recorded name stands for which of ours."""

    theirs: dict[str, str] = field(default_factory=dict)

    def bind(self, ours: str, recorded: str) -> None:
        """Take names for each other that stand in the same places of two texts."""
        pairs = zip(_HASHED.findall(ours), _NUMBERED.findall(recorded), strict=False)
        for own, other in pairs:
            same_kind = own.startswith(other.partition("#")[0])
            if own not in self.theirs and other not in self.theirs.values() and same_kind:
                self.theirs[own] = other

    def find_own(self, recorded: str) -> str:
        """Return our name for a recorded one."""
        return next((own for own, other in self.theirs.items() if other == recorded), recorded)

    def rename(self, ours: object) -> object:
        """Return a JSON value of ours with the recorded names."""
        if isinstance(ours, str):
            return _HASHED.sub(lambda found: self.theirs.get(found[0], found[0]), ours)
        if isinstance(ours, dict):
            return {name: self.rename(value) for name, value in ours.items()}
        return [self.rename(each) for each in ours] if isinstance(ours, list) else ours


@dataclass(slots=True)
class RecordedChance:
    """Takes from a recorded step what is drawn at random, if it can have been drawn."""

    names: RecordedNames = field(default_factory=RecordedNames)
    used: set[str] = field(default_factory=set)
    """Names and MAC addresses that were drawn before."""
    lowest: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    """MAC addresses that were seen to be the lowest of some."""
    after: View = field(default_factory=lambda: View({}))
    answer: View = field(default_factory=lambda: View({}))
    bridges: dict[str, str] = field(default_factory=dict)
    """MAC addresses of bridges as recorded after the step."""

    def draw_veth(self, namespace: str, interface: str) -> str:
        """Return the only new name on the host, or that of an error."""
        fresh = [name for name in self._list_host("veth") if name not in self.used]
        told = _PEER.findall(" ".join(map(str, self.answer.data.values())))
        fresh += [name for name in told if name not in self.used]
        return self._use(fresh[0] if fresh else f"veth?{len(self.used)}")

    def draw_mac(self, namespace: str, interface: str) -> str:
        """Return what is recorded of an interface, as it was first told."""
        links = self.after.views("host")
        if namespace != HOST:
            links = self.after.view("ns").views(namespace.removeprefix(_ROOT))
        elif _HASHED.fullmatch(interface) and interface not in self.names.theirs:
            fresh = [n for n in self._list_host("ifb") if n not in self.names.theirs.values()]
            if fresh:
                self.names.theirs[interface] = fresh[0]
        own = self.names.theirs.get(interface, interface)
        macs = [*self._find_told(namespace, own)]
        macs += [each.text("mac") for each in links if each.text("if") == own]
        others = self._find_port_macs() if own in self.bridges else set()
        fresh = [mac for mac in macs if mac not in self.used and mac not in others]
        return self._use(fresh[0] if fresh else f"mac?{len(self.used)}")

    def find_lowest(self, macs: Collection[str]) -> str:
        """Return the lowest as far as it is known, else the one that is told or recorded."""
        open_ones = sorted(mac for mac in macs if not self._is_beaten(mac, macs))
        told = [mac for name in self.bridges for mac in self._find_told(HOST, name)]
        recorded = [mac for mac in (*told, *self.bridges.values()) if mac in open_ones]
        found = (recorded or open_ones)[0]
        if recorded:
            self.lowest.append((found, frozenset(macs)))
        return found

    def _is_beaten(self, mac: str, macs: Collection[str]) -> bool:
        """Say whether another of some MAC addresses is known to be lower."""
        reached, waiting = set(), [mac]
        while waiting:
            current = waiting.pop()
            for low, others in self.lowest:
                if current in others and low != current and low not in reached:
                    reached.add(low)
                    waiting.append(low)
        return any(each in reached for each in macs)

    def _find_told(self, namespace: str, interface: str) -> list[str]:
        """Return the MAC addresses that results of the step tell of an interface."""
        found = []
        for call in self.answer.views("calls"):
            found += [
                each.text("mac")
                for each in call.view("stdout").views("interfaces")
                if (each.text("sandbox"), each.text("name")) == (namespace, interface)
            ]
        return found

    def _find_port_macs(self) -> set[str]:
        links = self.after.views("host")
        return {each.text("mac") for each in links if each.text("if") not in self.bridges}

    def _list_host(self, kind: str) -> list[str]:
        return [e.text("if") for e in self.after.views("host") if e.data.get("kind") == kind]

    def _use(self, drawn: str) -> str:
        self.used.add(drawn)
        return drawn


def tell_node(node: Node, cache: Collection[str], *, with_rules: bool) -> dict[str, object]:
    """Return a node as it is recorded; rules and queues only where they are."""
    spaces = {path.removeprefix(_ROOT): space for path, space in node.network.spaces.items()}
    host = spaces.pop("")
    files = {
        f"{path.rpartition('/')[2]}/{name}": held.replace("\r\n", "\n")
        for path, store in node.stores.items()
        for name, held in store.items()
    }
    told: dict[str, object] = {
        "store": files,
        "cache": sorted(f"results/{name}" for name in cache),
        "host": _tell_links(host),
        "ns": {name: _tell_links(space) for name, space in spaces.items()},
        "routes": {name: _tell_routes(space) for name, space in spaces.items()},
    }
    if with_rules:
        told["nat"] = node.nat[4].print_all()
        told["qdisc"] = _tell_queues(host)
    return told


def _tell_links(space: Namespace) -> list[dict[str, object]]:
    return [_tell_link(space.links[name]) for name in sorted(space.links)]


def _tell_link(link: Link) -> dict[str, object]:
    told: dict[str, object] = {"if": link.name, "up": link.is_up, "mtu": link.mtu}
    told |= {"kind": link.kind, "addr": [str(each) for each in link.addresses]}
    if link.master:
        told |= {"master": link.master, "hairpin": link.is_hairpin}
        told["isolated"] = link.is_isolated
    # A port of a bridge takes all frames.
    if link.is_promiscuous or link.master:
        told["promisc"] = 1
    return told | {"mac": link.mac}


def _tell_routes(space: Namespace) -> list[dict[str, object]]:
    """Return the IPv4 routes in the order of the kernel's table."""
    own = [each for each in space.routes if each.family == 4]
    made: list[dict[str, object]] = []
    for each in sorted(own, key=_order_of):
        subnet = read_subnet(each.network)
        network = str(subnet.address) if subnet.length == subnet.bits else each.network
        told: dict[str, object] = {"dst": "default" if is_default(each.network) else network}
        told |= {"gateway": str(each.gateway)} if each.gateway else {}
        made.append(told | {"dev": each.interface})
    return made


def _order_of(route: RouteEntry) -> tuple[int, int]:
    subnet = read_subnet(route.network)
    return int(subnet.address), -subnet.length


def _tell_queues(host: Namespace) -> list[list[object]]:
    return sorted(
        (
            [link.name, kind, rate, tell_burst(rate, ticks)]
            if kind == SHAPED
            else _plain(link, kind)
        )
        for link in host.links.values()
        for kind, rate, ticks in link.queues
    )


def _plain(link: Link, kind: str) -> list[object]:
    return [link.name, kind, None, None]


def order_parts(after: Mapping[str, object]) -> dict[str, object]:
    """Return a node as it is recorded with links and queues by name.

    Upstream lists them by names that are not recorded; a namespace that is not there is left out.
    """
    view = View(dict(after)).needing(*_PARTS)
    gone = {name for name, links in view.view("ns").data.items() if links is None}
    told = dict(after)
    told["host"] = sorted((e.data for e in view.views("host")), key=lambda e: str(e.get("if")))
    for part in ("ns", "routes"):
        told[part] = {
            name: value for name, value in view.view(part).data.items() if name not in gone
        }
    if "qdisc" in after:
        told["qdisc"] = sorted(
            (list(e) for e in view.items("qdisc") if isinstance(e, list)), key=str
        )
        told["nat"] = view.texts("nat")
    return told


def take_over(node: Node, names: RecordedNames, after: View) -> None:
    """Make a node what is recorded, where it is told; what is not told stays.

    Raises ObjectError for an address that is none.
    """
    try:
        _take_over(node, names, after)
    except PluginError as error:
        raise ObjectError(".after", str(error)) from error


def _take_over(node: Node, names: RecordedNames, after: View) -> None:
    _take_links(node.network.host, names, after.views("host"))
    for name, links in after.view("ns").data.items():
        path = find_space(name)
        if links is None:
            node.network.spaces.pop(path, None)
            continue
        space = node.network.spaces.setdefault(path, Namespace())
        _take_links(space, names, after.view("ns").views(name))
        own = [_read_route(each) for each in after.view("routes").views(name)]
        live = {link.name for link in space.links.values() if link.is_up and _has_six(link)}
        kept = [r for r in space.routes if r.family == 6 and r.interface in live]
        space.routes = [*own, *kept]
    _take_files(node, after)


def _has_six(link: Link) -> bool:
    return any(each.address.version == 6 for each in link.addresses)


def list_links(names: RecordedNames, told: list[View]) -> dict[str, View]:
    """Return recorded links by our names."""
    return {names.find_own(each.text("if")): each for each in told}


def _take_links(space: Namespace, names: RecordedNames, told: list[View]) -> None:
    links = list_links(names, told)
    for name in [name for name in space.links if name not in links]:
        del space.links[name]
    for name, each in links.items():
        link = space.links.setdefault(name, Link(name, 0))
        link.kind = each.text("kind") or None if each.has("kind") else None
        link.is_up, link.mtu = each.flag("up"), each.integer("mtu") or 0
        link.addresses = [read_subnet(text) for text in each.texts("addr")]
        link.mac, link.master = each.text("mac"), each.text("master")
        link.is_hairpin, link.is_isolated = each.flag("hairpin"), each.flag("isolated")
        link.is_promiscuous = each.has("promisc") and not link.master


def _read_route(told: View) -> RouteEntry:
    text = told.text("dst")
    network = "0.0.0.0/0" if text == "default" else text if "/" in text else f"{text}/32"
    gateway = parse_address(told.text("gateway"))
    return RouteEntry(network, told.text("dev"), gateway, None, gateway is None)


def _take_files(node: Node, after: View) -> None:
    files = after.view("store")
    for store in node.stores.values():
        store.clear()
    for path in files.data:
        folder, _, name = path.partition("/")
        text = files.text(path).replace("\n", "\r\n")
        node.stores.setdefault(f"/d/ipam/{folder}", {})[name] = text

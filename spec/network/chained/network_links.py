"""Network namespaces of a node: their links, the addresses of these, and routes.

What Linux does of its own accord is here: a bridge takes the lowest MAC address and the lowest
MTU of its ports, a link that goes takes its routes along, an address brings a route.
Sources: Linux, `net/bridge/br_if.c`, `br_stp_if.c`, `net/ipv4/fib_trie.c`, `fib_frontend.c`,
`net/ipv6/addrconf.c`. Left out: link-local addresses and routes of the host, which no plugin
reads.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Protocol

from planespec.spec.network.ip_addresses import Address, Subnet, read_subnet

NO_MAC = "00:00:00:00:00:00"
LOOPBACK, HOST = "lo", ""
"""The interface that every namespace has; the path that stands for the host's namespace."""
_USUAL_MTU, _LOOPBACK_MTU = 1500, 65536
EXISTS, UNSUPPORTED = "file exists", "operation not supported"


class KernelError(Exception):
    """What the kernel refuses, in Go's words for its error number."""


class Chance(Protocol):
    """What upstream draws at random, or leaves to what is drawn."""

    def draw_veth(self, namespace: str, interface: str) -> str:
        """Return a new name for the host's end of a pair."""

    def draw_mac(self, namespace: str, interface: str) -> str:
        """Return a new MAC address for an interface that is about to be there."""

    def find_lowest(self, macs: Collection[str]) -> str:
        """Return the lowest of some MAC addresses, at least one."""


@dataclass(frozen=True, slots=True)
class RouteEntry:
    """A route of a namespace; without a gateway its network is on the link."""

    network: str
    interface: str
    gateway: Address | None = None
    source: Address | None = None
    is_connected: bool = False
    """Whether it came with an address."""

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.network else 4


@dataclass(slots=True)
class Link:
    """An interface."""

    name: str
    index: int
    kind: str | None = None
    mac: str = NO_MAC
    mtu: int = _USUAL_MTU
    is_up: bool = False
    addresses: list[Subnet] = field(default_factory=list)
    peer: tuple[str, str] | None = None
    """The namespace and the name of the other end of a pair."""
    master: str = ""
    is_hairpin: bool = False
    is_isolated: bool = False
    is_promiscuous: bool = False
    takes_all_multicast: bool = False
    queues: list[tuple[str, int, int]] = field(default_factory=list)
    """What shapes its traffic: kind, rate in bytes, and burst in ticks; 0 where it has none."""
    has_own_mac: bool = True
    """False for a bridge whose MAC address is that of a port."""


@dataclass(slots=True)
class Namespace:
    """A network namespace."""

    links: dict[str, Link] = field(default_factory=dict)
    routes: list[RouteEntry] = field(default_factory=list)
    """In the order in which they are looked at, of one network."""
    last_index: int = 1
    sysctls: dict[str, str] = field(default_factory=dict)
    """What was set, by path under `net/`."""

    def __post_init__(self) -> None:
        if LOOPBACK not in self.links:
            self.links[LOOPBACK] = Link(LOOPBACK, 1, mtu=_LOOPBACK_MTU)

    def take_index(self) -> int:
        """Return the index of the next link."""
        self.last_index += 1
        return self.last_index

    def find_routes(self, network: str) -> list[RouteEntry]:
        """Return the routes to a network."""
        return [each for each in self.routes if each.network == network]

    def add_route(self, route: RouteEntry, *, alone: bool) -> None:
        """Add a route; `alone` refuses one to a network to which there is another.

        Without it the new one goes before the others, unless it is the same as one of them.
        """
        others = self.find_routes(route.network)
        if alone and others:
            raise KernelError(EXISTS)
        if any(_is_same(route, each) for each in others):
            raise KernelError(EXISTS)
        self.routes.insert(0, route)

    def drop_routes(self, interface: str, family: int = 0) -> None:
        """Take away the routes over a link, all or those of a family."""
        self.routes = [
            r for r in self.routes if r.interface != interface or family not in (0, r.family)
        ]


def _is_same(route: RouteEntry, other: RouteEntry) -> bool:
    shape = (route.interface, route.gateway, route.source, route.is_connected)
    return shape == (other.interface, other.gateway, other.source, other.is_connected)


def name_network(subnet: Subnet) -> str:
    """Return the network of an address with a prefix."""
    return f"{subnet.first}/{subnet.length}"


@dataclass(slots=True)
class Network:
    """The namespaces of a node, by path; the host's is that of `HOST`."""

    chance: Chance
    spaces: dict[str, Namespace] = field(default_factory=lambda: {HOST: Namespace()})

    @property
    def host(self) -> Namespace:
        """The namespace of the host."""
        return self.spaces[HOST]

    def add_bridge(self, name: str, mtu: int) -> None:
        """Make a bridge on the host."""
        if name in self.host.links:
            raise KernelError(EXISTS)
        mac = self.chance.draw_mac(HOST, name)
        index = self.host.take_index()
        self.host.links[name] = Link(
            name, index, "bridge", mac, mtu or _USUAL_MTU, has_own_mac=False
        )

    def add_pair(self, path: str, name: str, peer: str, mtu: int) -> Link:
        """Make a pair of which one end is in a namespace and the other on the host."""
        space = self.spaces[path]
        if name in space.links:
            raise KernelError(EXISTS)
        mtu = mtu or _USUAL_MTU
        mac = self.chance.draw_mac(HOST, peer)
        self.host.links[peer] = Link(
            peer, self.host.take_index(), "veth", mac, mtu, peer=(path, name)
        )
        mac = self.chance.draw_mac(path, name)
        space.links[name] = Link(name, space.take_index(), "veth", mac, mtu, peer=(HOST, peer))
        return space.links[name]

    def add_ifb(self, name: str, mtu: int) -> None:
        """Make a device that takes over the traffic of another."""
        if name in self.host.links:
            raise KernelError(EXISTS)
        mac = self.chance.draw_mac(HOST, name)
        self.host.links[name] = Link(name, self.host.take_index(), "ifb", mac, mtu, is_up=True)

    def remove(self, path: str, name: str) -> None:
        """Take away a link, with its other end if it has one."""
        space = self.spaces[path]
        if name == LOOPBACK:
            raise KernelError(UNSUPPORTED)
        link = space.links.pop(name)
        space.drop_routes(name)
        own = [path for path in space.sysctls if f"/conf/{name}/" in path]
        for path in own:
            del space.sysctls[path]
        if link.master:
            self._settle(link.master)
        if link.peer and link.peer[1] in self.spaces.get(link.peer[0], Namespace()).links:
            self.remove(*link.peer)

    def remove_space(self, path: str) -> list[str]:
        """Take away a namespace and return the links of the host that will go with it.

        The kernel takes them away later, at a moment of its own.
        """
        space = self.spaces.pop(path)
        ends = [link.peer[1] for link in space.links.values() if link.peer]
        for link in self.host.links.values():
            if link.name in ends:
                link.peer = None
        return ends

    def enslave(self, name: str, bridge: str) -> None:
        """Make a link of the host a port of a bridge."""
        self.host.links[name].master = bridge
        self._settle(bridge)

    def find_ports(self, bridge: str) -> Iterator[Link]:
        """Yield the ports of a bridge."""
        return (each for each in self.host.links.values() if each.master == bridge)

    def _settle(self, bridge: str) -> None:
        """Give a bridge the MTU and the MAC address that its ports let it have."""
        link = self.host.links.get(bridge)
        if link is None:
            return
        ports = list(self.find_ports(bridge))
        link.mtu = min((each.mtu for each in ports), default=_USUAL_MTU)
        if not link.has_own_mac:
            macs = {each.mac for each in ports}
            link.mac = self.chance.find_lowest(macs) if macs else NO_MAC

    def set_up(self, path: str, name: str) -> None:
        """Bring a link up, with what the kernel adds to it then."""
        space = self.spaces[path]
        link = space.links[name]
        if link.is_up:
            return
        link.is_up = True
        if name == LOOPBACK:
            link.addresses = [read_subnet("127.0.0.1/8"), read_subnet("::1/128")]
        elif path != HOST:
            for address in link.addresses:
                _connect(space, link, address)

    def set_down(self, path: str, name: str) -> None:
        """Take a link down: its routes go, and its IPv6 addresses of loopback."""
        space = self.spaces[path]
        link = space.links[name]
        link.is_up = False
        space.drop_routes(name)
        if name == LOOPBACK:
            link.addresses = [each for each in link.addresses if each.address.version == 4]

    def add_address(self, path: str, name: str, address: Subnet) -> None:
        """Give a link an address; KernelError where it has it."""
        space = self.spaces[path]
        link = space.links[name]
        if address in link.addresses:
            raise KernelError(EXISTS)
        link.addresses.append(address)
        link.addresses.sort(key=lambda each: each.address.version)
        if link.is_up and path != HOST:
            _connect(space, link, address)


def _connect(space: Namespace, link: Link, address: Subnet) -> None:
    """Add the route that comes with an address, after those that there are."""
    if address.length == address.bits:
        return
    route = RouteEntry(name_network(address), link.name, None, address.address, True)
    if not any(_is_same(route, each) for each in space.routes):
        space.routes.append(route)


def is_default(network: str) -> bool:
    """Say whether a network is everything."""
    return ip_network(network).prefixlen == 0

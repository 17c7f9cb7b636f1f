"""Addresses and subnets as Go's `net` reads and prints them.

An IPv4 address in IPv6 form is the IPv4 address. Sources: Go's `net.ParseIP`, `net.ParseCIDR`;
containernetworking/plugins v1.9, `pkg/ip/ip.go`.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from planespec.spec.network.cni_errors import PluginError

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Subnet:
    """An address, not masked, and the length of its prefix."""

    address: Address
    length: int

    @property
    def bits(self) -> int:
        """Bits of an address of its family: 32 or 128."""
        return self.address.max_prefixlen

    @property
    def first(self) -> Address:
        """The address of the network."""
        return self._make(int(self.address) >> self.rest << self.rest)

    @property
    def last(self) -> Address:
        """The last address to be given: of IPv4 the one before the broadcast address."""
        last = int(self.address) | ((1 << self.rest) - 1)
        return self._make(last - (self.bits == 32))

    @property
    def rest(self) -> int:
        """Bits after the prefix."""
        return self.bits - self.length

    def contains(self, address: Address) -> bool:
        """Say whether an address of the same family lies in the network."""
        same = address.version == self.address.version
        return same and int(address) >> self.rest == int(self.address) >> self.rest

    def _make(self, number: int) -> Address:
        return IPv4Address(number) if self.bits == 32 else IPv6Address(number)

    def __str__(self) -> str:
        return f"{self.address}/{self.length}"


def parse_address(text: str) -> Address | None:
    """Return the address that a text is, or None."""
    if "%" in text:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def parse_subnet(text: str) -> Subnet | None:
    """Return the address with a prefix that a text is, or None."""
    host, slash, length = text.partition("/")
    address = parse_address(host)
    if address is None or not slash or not length.isascii() or not length.isdecimal():
        return None
    # `::ffff:10.0.0.1/120` counts its prefix in IPv6, of which Go keeps the last 32 bits.
    bits = 128 if ":" in host else 32
    if int(length) > bits or (bits > address.max_prefixlen and int(length) < 96):
        return None
    return Subnet(address, int(length) - (bits - address.max_prefixlen))


def read_address(text: str) -> Address | None:
    """Read an address of a configuration; empty is None. Raises PluginError in Go's words."""
    if not text:
        return None
    address = parse_address(text)
    if address is None:
        raise PluginError(f"invalid IP address: {text}")
    return address


def read_subnet(text: str) -> Subnet:
    """Read a subnet of a configuration; raises PluginError in Go's words."""
    subnet = parse_subnet(text)
    if subnet is None:
        raise PluginError(f"invalid CIDR address: {text}")
    return subnet


def read_requested(text: str) -> Address | None:
    """Read an address, be it with a prefix, that is asked for; raises PluginError."""
    if not text:
        return None
    subnet = parse_subnet(text) if "/" in text else None
    address = subnet.address if subnet else None if "/" in text else parse_address(text)
    if address is None:
        raise PluginError(f"invalid IP address {text}")
    return address


def next_address(address: Address) -> Address:
    """Return the address after one; raises OverflowError after the last of its family."""
    number = int(address) + 1
    if number >= 1 << address.max_prefixlen:
        raise OverflowError("no address comes after the last")
    return IPv4Address(number) if address.version == 4 else IPv6Address(number)

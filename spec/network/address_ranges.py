"""Ranges of addresses that host-local gives from, and the order in which it tries them.

Source: containernetworking/plugins v1.9, `plugins/ipam/host-local/backend/allocator/range.go`,
`range_set.go` and `allocator.go` (`GetIter`, `Next`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.ip_addresses import Address, Subnet, next_address


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Addresses from `start` to `end`, both included, but for the gateway."""

    subnet: Subnet
    start: Address
    end: Address
    gateway: Address

    def contains(self, address: Address) -> bool:
        """Say whether an address lies in the range, the gateway too."""
        return self.subnet.contains(address) and self.start <= address <= self.end  # type: ignore[operator]

    def overlaps(self, other: "AddressRange") -> bool:
        """Say whether the two share an address."""
        ends = self.contains(other.start) or self.contains(other.end)
        return ends or other.contains(self.start) or other.contains(self.end)

    def __str__(self) -> str:
        return f"{self.start}-{self.end}"


def make_range(
    subnet: Subnet, start: Address | None, end: Address | None, gateway: Address | None
) -> AddressRange:
    """Complete a range; raises PluginError for a subnet or an end that will not do."""
    if subnet.length > subnet.bits - 2:
        raise PluginError(f"Network {subnet} too small to allocate from")
    if subnet.address != subnet.first:
        told = f"For a subnet mask of length {subnet.length} the network address is {subnet.first}"
        raise PluginError(f"Network has host bits set. {told}")
    low = subnet.contains(start) if start else True
    if start and (not low or (end and end.version == start.version and start > end)):  # type: ignore[operator]
        raise PluginError(f"RangeStart {start} not in network {subnet}")
    first = next_address(subnet.first)
    begin = start or first
    if end and not (subnet.contains(end) and end >= begin):  # type: ignore[operator]
        raise PluginError(f"RangeEnd {end} not in network {subnet}")
    return AddressRange(subnet, begin, end or subnet.last, gateway or first)


RangeSet = tuple[AddressRange, ...]
"""Ranges of one family, of which one address is given."""


def check_set(ranges: Sequence[AddressRange]) -> RangeSet:
    """Return ranges as a set; raises PluginError where they do not make one."""
    if len({each.start.version for each in ranges}) > 1:
        raise PluginError("mixed address families")
    for index, one in enumerate(ranges):
        for other in ranges[index + 1 :]:
            if one.overlaps(other):
                raise PluginError(f"subnets {one} and {other} overlap")
    return tuple(ranges)


def find_range(ranges: RangeSet, address: Address) -> AddressRange | None:
    """Return the range of a set in which an address lies, if there is one."""
    return next((each for each in ranges if each.contains(address)), None)


def do_overlap(one: RangeSet, other: RangeSet) -> bool:
    """Say whether two sets share an address."""
    return any(a.overlaps(b) for a in one for b in other)


def print_set(ranges: RangeSet) -> str:
    """Return a set as messages have it."""
    return ",".join(map(str, ranges))


def iterate(ranges: RangeSet, last: Address | None) -> Iterator[tuple[Address, AddressRange]]:
    """Yield the addresses of a set once round from the one after `last`, without gateways.

    It ends before the address with which it began. That is the one after `last`, so that `last`
    itself comes last; without it, or where it lies in no range, the first of the set.
    """
    found = find_range(ranges, last) if last else None
    if found is None or last is None:
        index, current = 0, ranges[0].start
    else:
        index, current = _advance(ranges, ranges.index(found), last)
    start = current
    while True:
        if current != ranges[index].gateway:
            yield current, ranges[index]
        index, current = _advance(ranges, index, current)
        if current == start:
            return


def _advance(ranges: RangeSet, index: int, current: Address) -> tuple[int, Address]:
    if current != ranges[index].end:
        return index, next_address(current)
    index = (index + 1) % len(ranges)
    return index, ranges[index].start

"""host-local: addresses given and taken back, a file for each in a directory of its network.

A file is named after its address and holds the container and the interface; `last_reserved_ip.N`
holds the last address that was given of the Nth set of ranges. The directory is locked while an
address is looked for and while those of a container are released, not for a whole ADD: `Adding`
goes from one moment without the lock to the next.

Source: containernetworking/plugins v1.9, `plugins/ipam/host-local/main.go`,
`backend/allocator/allocator.go` and `backend/disk/backend.go`. Left out: disks that fail.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations

from planespec.spec.network.address_ranges import AddressRange, find_range, iterate, print_set
from planespec.spec.network.cni_errors import PluginError
from planespec.spec.network.ip_addresses import Address, parse_address
from planespec.spec.network.ipam_config import Given, IpamConfig

LAST_RESERVED = "last_reserved_ip."
BREAK = "\r\n"
"""Between container and interface; a file of an old version holds the container alone."""

Directory = Mapping[str, str]
"""Files by name, with what they hold."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An interface of a container."""

    container: str
    interface: str

    @property
    def text(self) -> str:
        """What the file of its address holds."""
        return self.container.strip() + BREAK + self.interface


def release(files: Directory, owner: Attachment) -> dict[str, str]:
    """Return the directory without the addresses of an attachment.

    Only where it has none are those released that an old version gave to its container.
    """
    for text in (owner.text, owner.container.strip()):
        left = {name: held for name, held in files.items() if held.strip() != text}
        if len(left) < len(files):
            return left
    return dict(files)


def is_known(files: Directory, owner: Attachment) -> bool:
    """Say whether CHECK finds some address of an attachment, or of its container alone."""
    return any(held.strip() in (owner.text, owner.container.strip()) for held in files.values())


def find_addresses(files: Directory, owner: Attachment) -> Iterator[Address]:
    """Yield the addresses of an attachment, in the order of their files' names."""
    mine = (owner.text, owner.container.strip())
    for name in sorted(name for name, held in files.items() if held.strip() in mine):
        address = parse_address(name)
        if address:
            yield address


def reserve(
    files: Directory, owner: Attachment, address: Address, index: int
) -> dict[str, str] | None:
    """Return the directory with an address given of a set; None where it is taken."""
    if str(address) in files:
        return None
    return {**files, str(address): owner.text, f"{LAST_RESERVED}{index}": str(address)}


@dataclass(frozen=True, slots=True)
class Adding:
    """An ADD between two moments at which it holds the lock."""

    config: IpamConfig
    owner: Attachment
    wanted: tuple[Address, ...]
    """Addresses that are asked for and were not given so far."""
    given: Given = ()
    error: PluginError | None = None
    releases: int = 0
    """How often it still releases all that the attachment has, before it fails."""
    is_done: bool = False

    def go_on(self, files: Directory) -> Iterable[tuple["Adding", dict[str, str]]]:
        """Yield what can come of the next time that it holds the lock.

        Of several addresses that are asked for in one set, upstream takes any.
        """
        if self.error is not None:
            done = replace(self, releases=self.releases - 1, is_done=self.releases == 1)
            yield done, release(files, self.owner)
            return
        ranges = self.config.ranges[len(self.given)]
        fitting: list[Address | None] = [a for a in self.wanted if find_range(ranges, a)]
        for address in fitting or [None]:
            rest = tuple(each for each in self.wanted if each != address)
            try:
                found, left = self._give(files, address)
                following = replace(self, wanted=rest, given=(*self.given, found))
                yield from ((each, left) for each in following._check_wanted())
            except PluginError as error:
                message = f"failed to allocate for range {len(self.given)}: {error}"
                yield replace(self, wanted=rest)._fail(message), dict(files)

    def _fail(self, message: str) -> "Adding":
        """Return it as it fails, after a release for each set of which it was given one."""
        count = len(self.given)
        return replace(self, error=PluginError(message), releases=count, is_done=not count)

    def _check_wanted(self) -> Iterator["Adding"]:
        """Yield it as it goes on; after the last set nothing that is asked for may be left.

        Upstream names what is left in any order.
        """
        if len(self.given) < len(self.config.ranges):
            yield self
        elif not self.wanted:
            yield replace(self, is_done=True)
        else:
            for order in permutations(self.wanted):
                left = " ".join(map(str, order))
                yield self._fail(f"failed to allocate all requested IPs: {left}")

    def _give(
        self, files: Directory, wanted: Address | None
    ) -> tuple[tuple[Address, AddressRange], dict[str, str]]:
        """Give an address of the next set; raises PluginError."""
        index = len(self.given)
        ranges = self.config.ranges[index]
        if wanted is not None:
            return self._give_wanted(files, wanted)
        for address in find_addresses(files, self.owner):
            if find_range(ranges, address):
                told = f"{address} has been allocated to {self.owner.container}"
                raise PluginError(f"{told}, duplicate allocation is not allowed")
        last = parse_address(files.get(f"{LAST_RESERVED}{index}", ""))
        for address, of in iterate(ranges, last):
            left = reserve(files, self.owner, address, index)
            if left is not None:
                return (address, of), left
        raise PluginError(f"no IP addresses available in range set: {print_set(ranges)}")

    def _give_wanted(
        self, files: Directory, wanted: Address
    ) -> tuple[tuple[Address, AddressRange], dict[str, str]]:
        """Give an address that is asked for, though the attachment may have another already."""
        index = len(self.given)
        ranges = self.config.ranges[index]
        of = find_range(ranges, wanted)
        if of is None:
            raise PluginError(f"{wanted} not in range set {print_set(ranges)}")
        if wanted == of.gateway:
            raise PluginError(f"requested ip {wanted} is subnet's gateway")
        left = reserve(files, self.owner, wanted, index)
        if left is None:
            told = f"is not available in range set {print_set(ranges)}"
            raise PluginError(f"requested IP address {wanted} {told}")
        return (wanted, of), left


def start_adding(config: IpamConfig, owner: Attachment) -> Adding:
    """Return an ADD that has not held the lock so far."""
    return Adding(config, owner, config.requested)


def release_all(config: IpamConfig, files: Directory, owner: Attachment) -> dict[str, str]:
    """Return the directory after a DEL, which releases once for each set of ranges."""
    left = dict(files)
    for _ in config.ranges:
        left = release(left, owner)
    return left

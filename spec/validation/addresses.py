"""Rules for addresses and CIDRs.

Source: `apimachinery/pkg/util/validation/ip.go`, v1.36.
"""

import ipaddress
import re
from collections.abc import Iterable

from planespec.spec.validation.field_errors import Errors, each_invalid, invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_address(value: str) -> Address | None:
    """Read an address as upstream's ParseIPSloppy does: zeros before a part are allowed."""
    parts = value.split(".")
    if ":" not in value and all(re.fullmatch("[0-9]+", part) for part in parts):
        value = ".".join(part.lstrip("0") or "0" for part in parts)
    try:
        return None if "%" in value else ipaddress.ip_address(value)
    except ValueError:
        return None


def get_address_errors(value: str, *, canonical: bool = False) -> list[str]:
    """Check an address. Source: IsValidIPForLegacyField, IsValidIP."""
    address = parse_address(value)
    if address is None:
        return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
    if _has_zeros(value, address):
        return ["must not have leading 0s"]
    if _is_mapped(address):
        return ["must not be an IPv4-mapped IPv6 address"]
    if canonical and value != str(address):
        return [f'must be in canonical form ("{address}")']
    return []


def validate_address(field: str, value: str, *, canonical: bool = False) -> Errors:
    """Yield an error for each rule that an address breaks."""
    return each_invalid(field, value, get_address_errors(value, canonical=canonical))


def parse_network(value: str) -> Network | None:
    """Read a CIDR, be it with bits beyond its length; None where it is none."""
    text, slash, length = value.partition("/")
    address = parse_address(text)
    if address is None or not slash or not re.fullmatch("[0-9]+", length):
        return None
    if int(length) > address.max_prefixlen:
        return None
    return ipaddress.ip_network((address, int(length)), strict=False)


def validate_cidr(field: str, value: str, *, canonical: bool = False) -> Errors:
    """Check a CIDR. Source: IsValidCIDRForLegacyField, IsValidCIDR."""
    network, (text, _, length) = parse_network(value), value.partition("/")
    address = parse_address(text)
    if network is None or address is None:
        example = "(e.g. 10.9.8.0/24 or 2001:db8::/64)"
        yield invalid(field, value, f"must be a valid CIDR value, {example}")
    elif _has_zeros(text, address) or length != str(int(length)):
        yield invalid(field, value, "must not have leading 0s in IP or prefix length")
    elif _is_mapped(address):
        yield invalid(field, value, "must not have an IPv4-mapped IPv6 address")
    elif address != network.network_address:
        yield invalid(field, value, "must not have bits set beyond the prefix length")
    elif canonical and value != str(network):
        yield invalid(field, value, f'must be in canonical form ("{network}")')


def _has_zeros(value: str, address: Address) -> bool:
    return address.version == 4 and value != str(address)


def _is_mapped(address: Address) -> bool:
    return isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None


def is_dual_stack(values: Iterable[str]) -> bool:
    """Say whether addresses or CIDRs are of both families. Source: IsDualStackIPStrings."""
    return {":" in value for value in values} == {True, False}

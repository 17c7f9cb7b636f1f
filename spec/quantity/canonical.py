"""The canonical form of a quantity: the largest suffix without a fraction.

Source: `apimachinery/pkg/api/resource/{quantity,amount,suffix}.go`, `CanonicalizeBytes`.
"""

from enum import StrEnum

from planespec.spec.quantity.amount import INT64_MIN, divide_away, power_of_ten


class Format(StrEnum):
    """Which family of suffixes a quantity was written with and is printed with."""

    DECIMAL_EXPONENT = "DecimalExponent"
    BINARY_SI = "BinarySI"
    DECIMAL_SI = "DecimalSI"


DECIMAL_SUFFIXES = {
    "n": -9,
    "u": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
    "E": 18,
}
"""Suffix to power of ten; there is no capital K and nothing below nano."""

BINARY_SUFFIXES = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
"""Suffix to power of two."""

_DECIMAL_BY_POWER = {power: suffix for suffix, power in DECIMAL_SUFFIXES.items()}
_BINARY_BY_POWER = {power: suffix for suffix, power in BINARY_SUFFIXES.items()}


def compute_canonical_text(unscaled: int, exponent: int, is_big: bool, style: Format) -> str:
    """Print unscaled * 10**exponent in the given format.

    A binary quantity between -1024 and 1024, or with a fraction, is printed in decimal. Beyond
    the largest suffix upstream prints the number without any ("1000E" gives "1"), and so do we.
    """
    if unscaled == 0:
        return "0"
    if style is Format.BINARY_SI:
        whole = _get_whole(unscaled, exponent)
        if whole is not None and not -1024 < whole < 1024:
            return _print_binary(whole, is_big)
        style = Format.DECIMAL_SI
    return _print_decimal(unscaled, exponent, style)


def _get_whole(unscaled: int, exponent: int) -> int | None:
    """Return the number when it is an integer, else None."""
    if exponent >= 0:
        return unscaled * power_of_ten(exponent)
    whole, exact = divide_away(unscaled, power_of_ten(-exponent))
    return whole if exact else None


def _print_decimal(unscaled: int, exponent: int, style: Format) -> str:
    while unscaled % 10 == 0:
        unscaled //= 10
        exponent += 1
    padding = exponent % 3
    mantissa, exponent = unscaled * power_of_ten(padding), exponent - padding
    if style is Format.DECIMAL_SI:
        return f"{mantissa}{_DECIMAL_BY_POWER.get(exponent, '')}"
    return f"{mantissa}e{exponent}" if exponent else f"{mantissa}"


def _print_binary(whole: int, is_big: bool) -> str:
    power = 0
    # Go cannot negate the least int64, so upstream finds no factor of 1024 in it.
    if is_big or whole != INT64_MIN:
        while whole % 1024 == 0:
            whole //= 1024
            power += 10
    return f"{whole}{_BINARY_BY_POWER.get(power, '')}"

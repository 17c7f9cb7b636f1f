"""The quantity type: an exact decimal number that remembers how it was written."""

from dataclasses import dataclass
from enum import StrEnum

from planespec.spec.quantity.amount import (
    INT64_MIN,
    MAX_DIGITS,
    compare_numbers,
    divide_away,
    fits_int64,
    get_big_scaled,
    get_int64_scaled,
    power_of_ten,
    wrap_int64,
)


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


class QuantityError(ValueError):
    """A text is not a quantity, or a number is too long; messages for texts are upstream's."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Quantity:
    """unscaled * 10**exponent, written in `format`; immutable.

    Upstream keeps small numbers as an int64 and others as a big decimal. The number is the same,
    but `value` and `milli_value` overflow differently, so `is_big` records which one it is.
    Source: `apimachinery/pkg/api/resource/quantity.go`.
    """

    unscaled: int
    exponent: int
    is_big: bool
    format: Format
    text: str | None = None
    """The text it was parsed from where upstream prints that unchanged, else None."""

    @property
    def value(self) -> int:
        """The number rounded away from zero to an integer; outside int64 as upstream leaves it."""
        return self.scaled_value(0)

    @property
    def milli_value(self) -> int:
        """The number times 1000, rounded away from zero; outside int64 as upstream leaves it."""
        return self.scaled_value(-3)

    def scaled_value(self, scale: int) -> int:
        """Return the number in units of 10**scale, rounded away from zero, as an int64."""
        if self.is_big:
            return get_big_scaled(self.unscaled, self.exponent, scale)
        return get_int64_scaled(self.unscaled, self.exponent, scale)

    def rounded_up(self, scale: int) -> "Quantity":
        """Return the number rounded away from zero to a multiple of 10**scale."""
        if self.exponent >= scale:
            return self
        unscaled, _ = divide_away(self.unscaled, power_of_ten(scale - self.exponent))
        return Quantity(unscaled, scale, self.is_big, self.format)

    @property
    def sign(self) -> int:
        """-1, 0 or 1."""
        return (self.unscaled > 0) - (self.unscaled < 0)

    @property
    def is_zero(self) -> bool:
        """Whether the number is 0."""
        return self.unscaled == 0

    def compare(self, other: "Quantity") -> int:
        """Return -1, 0 or 1 as the number is less than, equal to or greater than the other's."""
        return compare_numbers(self.unscaled, self.exponent, other.unscaled, other.exponent)

    def __add__(self, other: "Quantity") -> "Quantity":
        style = other.format if self.is_zero else self.format
        if not (self.is_big or other.is_big):
            return _add_small(self, other.unscaled, other.exponent, style)
        return _add_big(self, other.unscaled, other.exponent, style)

    def __sub__(self, other: "Quantity") -> "Quantity":
        style = other.format if self.is_zero else self.format
        if not (self.is_big or other.is_big):
            return _add_small(self, wrap_int64(-other.unscaled), other.exponent, style)
        return _add_big(self, -other.unscaled, other.exponent, style)

    def __eq__(self, other: object) -> bool:
        return self.compare(other) == 0 if isinstance(other, Quantity) else NotImplemented

    def __lt__(self, other: "Quantity") -> bool:
        return self.compare(other) < 0

    def __le__(self, other: "Quantity") -> bool:
        return self.compare(other) <= 0

    def __gt__(self, other: "Quantity") -> bool:
        return self.compare(other) > 0

    def __ge__(self, other: "Quantity") -> bool:
        return self.compare(other) >= 0

    def __hash__(self) -> int:
        unscaled, exponent = self.unscaled, self.exponent
        while unscaled and unscaled % 10 == 0:
            unscaled, exponent = unscaled // 10, exponent + 1
        return hash((unscaled, exponent if unscaled else 0))

    def __str__(self) -> str:
        if self.text is not None:
            return self.text
        return compute_canonical_text(self.unscaled, self.exponent, self.is_big, self.format)

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"


ZERO = Quantity(0, 0, False, Format.DECIMAL_SI)
"""The number 0."""


def _add_small(left: Quantity, unscaled: int, exponent: int, style: Format) -> Quantity:
    """Add two int64 amounts; an overflow at the common scale makes the sum a big decimal."""
    if unscaled == 0:
        return Quantity(left.unscaled, left.exponent, False, style)
    if left.unscaled == 0:
        return Quantity(unscaled, exponent, False, style)
    first, second, low = _align(left.unscaled, left.exponent, unscaled, exponent)
    total = first + second
    is_big = not (fits_int64(first) and fits_int64(second) and fits_int64(total))
    return Quantity(total, low, is_big, style)


def _add_big(left: Quantity, unscaled: int, exponent: int, style: Format) -> Quantity:
    first, second, low = _align(left.unscaled, left.exponent, unscaled, exponent)
    return Quantity(first + second, low, True, style)


def _align(left: int, left_exponent: int, right: int, right_exponent: int) -> tuple[int, int, int]:
    """Bring two numbers to the lower of their exponents, which comes third."""
    low = min(left_exponent, right_exponent)
    if max(left_exponent, right_exponent) - low > 2 * MAX_DIGITS:
        raise QuantityError(f"a quantity of more than {MAX_DIGITS} digits is not evaluated")
    left *= power_of_ten(left_exponent - low)
    return left, right * power_of_ten(right_exponent - low), low

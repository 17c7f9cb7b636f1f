"""Reading a quantity, as `ParseQuantity` of `apimachinery/pkg/api/resource/quantity.go` does.

The scanner accepts more than the documented grammar ("+", "." and "Ki" are zero), and so do we.
"""

from dataclasses import dataclass
from functools import lru_cache

from planespec.spec.quantity.amount import (
    INT64_MAX,
    MAX_DIGITS,
    divide_away,
    fits_int64,
    power_of_ten,
)
from planespec.spec.quantity.quantity import (
    BINARY_SUFFIXES,
    DECIMAL_SUFFIXES,
    ZERO,
    Format,
    Quantity,
    QuantityError,
)

_DIGITS = frozenset("0123456789")
_SUFFIX_LETTERS = frozenset("eEinumkKMGTP")
_NANO = -9
_INT64_DIGITS = 18
"""Decimal digits that always fit an int64 (upstream `maxInt64Factors`)."""
_FORMAT_WRONG = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_NUMBER_WRONG = "unable to parse numeric part of quantity"
_SUFFIX_WRONG = "unable to parse quantity's suffix"


@dataclass(frozen=True, slots=True)
class _Scanned:
    """The parts of a quantity's text; `whole` has no leading zeros."""

    is_negative: bool
    number: str
    whole: str
    fraction: str
    suffix: str


def read_quantity(value: object) -> Quantity:
    """Read a quantity from plain JSON: a string, a number, or null (zero).

    Space around the text is dropped, as upstream's JSON decoder does. Raises QuantityError for
    any other type and for text that is no quantity.
    """
    if isinstance(value, str):
        return parse_quantity(value.strip())
    if value is None:
        return ZERO
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QuantityError(f"a quantity is a string or a number, not {type(value).__name__}")
    return parse_quantity(repr(value))


@lru_cache(maxsize=65536)
def parse_quantity(text: str) -> Quantity:
    """Parse a quantity such as "1500m", "2Gi" or "1e3".

    Fractions below one nano are rounded away from zero to one nano; a binary quantity above
    2**63 - 1 is capped there. Raises QuantityError with upstream's message.
    """
    if not text:
        raise QuantityError(_FORMAT_WRONG)
    parts = _scan(text)
    base, power, style = _interpret_suffix(parts.suffix)
    small = _parse_small(parts, base, power, style, text)
    return small if small is not None else _parse_big(parts, base, power, style)


def _scan(text: str) -> _Scanned:
    """Cut the text into sign, digits, fraction and suffix (`parseQuantityString`)."""
    start = 1 if text[0] in "+-" else 0
    is_negative = text[0] == "-"
    first = _skip(text, start, {"0"})
    if first == len(text):
        return _Scanned(is_negative, "0", "0", "", "")
    dot = _skip(text, first, _DIGITS)
    whole, fraction, end = text[first:dot], "", dot
    if text[dot : dot + 1] == ".":
        end = _skip(text, dot + 1, _DIGITS)
        fraction = text[dot + 1 : end]
    last = _skip(text, end, _SUFFIX_LETTERS)
    if text[last : last + 1] in ("+", "-"):
        last += 1
    if _skip(text, last, _DIGITS) != len(text):
        raise QuantityError(_FORMAT_WRONG)
    return _Scanned(is_negative, text[:end], whole or "0", fraction, text[end:])


def _skip(text: str, position: int, letters: frozenset[str] | set[str]) -> int:
    while position < len(text) and text[position] in letters:
        position += 1
    return position


def _interpret_suffix(suffix: str) -> tuple[int, int, Format]:
    """Return base, power and format of a suffix (`suffix.go`, `interpret`)."""
    if suffix in DECIMAL_SUFFIXES:
        return 10, DECIMAL_SUFFIXES[suffix], Format.DECIMAL_SI
    if suffix in BINARY_SUFFIXES:
        return 2, BINARY_SUFFIXES[suffix], Format.BINARY_SI
    digits = suffix[2:] if suffix[1:2] in ("+", "-") else suffix[1:]
    if suffix[0] not in "eE" or not digits or not _DIGITS.issuperset(digits):
        raise QuantityError(_SUFFIX_WRONG)
    if len(digits.lstrip("0")) > 19 or not fits_int64(int(suffix[1:])):
        raise QuantityError(_SUFFIX_WRONG)
    # Upstream converts to int32 without a check.
    return 10, _wrap_int32(int(suffix[1:])), Format.DECIMAL_EXPONENT


def _wrap_int32(number: int) -> int:
    return (number + 2**31) % 2**32 - 2**31


def _parse_small(
    parts: _Scanned, base: int, power: int, style: Format, text: str
) -> Quantity | None:
    """Take upstream's fast path: an int64 mantissa and a power of ten, or None."""
    digits = len(parts.whole) + len(parts.fraction)
    if base == 10:
        exponent = _wrap_int32(power - len(parts.fraction))
        mantissa, spare = 1, _INT64_DIGITS - digits
    else:
        exponent, mantissa, spare = 0, 1 << power, 15 - digits - power * 3 // 10 - 1
    if spare < 0 or exponent < _NANO or (base == 2 and parts.fraction):
        return None
    number = int(parts.whole + parts.fraction)
    if not fits_int64(number * mantissa):
        return None
    unscaled = -number * mantissa if parts.is_negative else number * mantissa
    kept = text if _is_printed_unchanged(parts, number, exponent, style, text) else None
    return Quantity(unscaled, exponent, False, style, kept)


def _is_printed_unchanged(
    parts: _Scanned, number: int, exponent: int, style: Format, text: str
) -> bool:
    """Say whether upstream keeps the text as the canonical form, sign and zeros included."""
    if text == "0":
        return True
    if style is Format.BINARY_SI:
        return number & 7 != 0
    digits = parts.whole + parts.fraction
    return exponent % 3 == 0 and not digits.endswith("000") and digits[0] != "0"


def _parse_big(parts: _Scanned, base: int, power: int, style: Format) -> Quantity:
    """Take upstream's slow path: an unbounded decimal, rounded to nano and capped."""
    unsigned = parts.number.lstrip("+-")
    digits = unsigned.replace(".", "")
    if not digits:
        raise QuantityError(_NUMBER_WRONG)
    exponent = -len(parts.fraction)
    if len(digits) > MAX_DIGITS or power > MAX_DIGITS:
        raise QuantityError(f"a quantity of more than {MAX_DIGITS} digits is not evaluated")
    unscaled = int(digits) if base == 10 else int(digits) << power
    exponent = exponent + power if base == 10 else exponent
    unscaled, exponent = _round_to_nano(unscaled, max(exponent, -3 * MAX_DIGITS))
    if style is Format.BINARY_SI:
        unscaled, exponent, style = _cap_binary(unscaled, exponent)
    return Quantity(-unscaled if parts.is_negative else unscaled, exponent, True, style)


def _round_to_nano(unscaled: int, exponent: int) -> tuple[int, int]:
    """Bring a number to the scale of nano, rounding up; zero keeps its scale."""
    if unscaled == 0:
        return 0, exponent
    if exponent >= _NANO:
        return unscaled * power_of_ten(exponent - _NANO), _NANO
    return divide_away(unscaled, power_of_ten(_NANO - exponent))[0], _NANO


def _cap_binary(unscaled: int, exponent: int) -> tuple[int, int, Format]:
    """Cap a binary number at the largest int64; one below 1 becomes a decimal one."""
    if unscaled == 0:
        return 0, exponent, Format.BINARY_SI
    if unscaled > INT64_MAX * power_of_ten(-exponent):
        return INT64_MAX, 0, Format.BINARY_SI
    style = Format.DECIMAL_SI if unscaled < power_of_ten(-exponent) else Format.BINARY_SI
    return unscaled, exponent, style

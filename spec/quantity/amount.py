"""64-bit amounts and text as Go has them: int64 arithmetic, and what `strconv` reads.

Source: `apimachinery/pkg/api/resource/{math,amount,scale_int}.go`, v1.36.
"""

import re

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)

MAX_DIGITS = 1000
"""Longest number evaluated. Upstream sets no bound and computes "1e999999999" for minutes."""

_WRAPPING_SHIFTS = frozenset({1, 2, 3, 6, 9})
"""Powers of ten upstream multiplies by in one step; an overflow of these wraps."""


def power_of_ten(places: int) -> int:
    """Return 10**places for places >= 0, as an int."""
    return int(10**places)


def fits_int64(number: int) -> bool:
    """Say whether a signed 64-bit integer can hold the number."""
    return INT64_MIN <= number <= INT64_MAX


def wrap_int64(number: int) -> int:
    """Return the number modulo 2**64 in the range of int64, as Go's arithmetic leaves it."""
    return (number + 2**63) % 2**64 - 2**63


def compare_numbers(left: int, left_exponent: int, right: int, right_exponent: int) -> int:
    """Return -1, 0 or 1 for two numbers of the form unscaled * 10**exponent, exactly."""
    if left_exponent != right_exponent and left and right and (left > 0) == (right > 0):
        gap = left_exponent - right_exponent
        if abs(gap) > 5 * MAX_DIGITS:
            return 1 if (gap > 0) == (left > 0) else -1
        left, right = left * power_of_ten(max(gap, 0)), right * power_of_ten(max(-gap, 0))
    return (left > right) - (left < right)


def divide_away(number: int, divisor: int) -> tuple[int, bool]:
    """Divide by a positive divisor, rounding away from zero; the second part says "exact"."""
    quotient, remainder = divmod(abs(number), divisor)
    rounded = quotient + (1 if remainder else 0)
    return (rounded if number >= 0 else -rounded), remainder == 0


def shift_left_int64(number: int, places: int) -> int:
    """Multiply an int64 by 10**places; on overflow give what `positiveScaleInt64` leaves.

    Upstream ignores the overflow flag: shifts by 1, 2, 3, 6 and 9 places wrap, all others
    give 0 ("50E" has the value 0).
    """
    if number == 0:
        return 0
    if places > 37 and places not in _WRAPPING_SHIFTS:
        return 0
    shifted = number * power_of_ten(places)
    if fits_int64(shifted):
        return shifted
    if places in _WRAPPING_SHIFTS and number != INT64_MIN:
        return wrap_int64(shifted)
    return 0


def get_int64_scaled(value: int, exponent: int, wanted: int) -> int:
    """Return value * 10**exponent in units of 10**wanted, rounded away from zero."""
    if exponent >= wanted:
        return shift_left_int64(value, exponent - wanted)
    if wanted - exponent > 20:
        return (value > 0) - (value < 0)
    return divide_away(value, power_of_ten(wanted - exponent))[0]


def get_big_scaled(unscaled: int, exponent: int, wanted: int) -> int:
    """Return unscaled * 10**exponent in units of 10**wanted, as `scaledValue` does for big ones.

    A result outside int64 wraps. Upstream takes its short cut for every number below 2**63,
    huge negative ones included ("-1Ei" has the value 0), and there a remainder adds one after
    Go has rounded towards zero.
    """
    places = wanted - exponent
    if places == 0:
        return _low64(unscaled)
    if places < 0:
        factor = power_of_ten(-places) if places >= -18 else INT64_MIN
        return wrap_int64(_low64(unscaled) * factor)
    divisor = power_of_ten(places)
    if unscaled < INT64_MAX and places < 19:
        low = _low64(unscaled)
        quotient = abs(low) // divisor * (1 if low >= 0 else -1)
        return quotient + (1 if low % divisor else 0)
    quotient, remainder = divmod(unscaled, divisor)
    return wrap_int64(_low64(quotient) + (1 if remainder else 0))


def _low64(number: int) -> int:
    """Return what `big.Int.Int64` gives: the low 64 bits of the magnitude, then the sign."""
    low = wrap_int64(abs(number) % 2**64)
    return low if number >= 0 else wrap_int64(-low)


# Numbers and strings read and quoted as Go's `strconv` does.


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n"}
_ESCAPES |= {"\r": "\\r", "\t": "\\t", "\v": "\\v"}


def parse_int64(text: str) -> int | None:
    """Read a decimal int64 with an optional sign (`ParseInt(text, 10, 64)`), else None."""
    if not re.fullmatch("[+-]?[0-9]+", text) or len(text.lstrip("+-0")) > 19:
        return None
    number = int(text)
    return number if fits_int64(number) else None


def explain_atoi(text: str) -> str:
    """What `Atoi` says of a text that `parse_int64` does not read."""
    is_number = re.fullmatch("[+-]?[0-9]+", text)
    why = "value out of range" if is_number else "invalid syntax"
    return f"strconv.Atoi: parsing {quote(text)}: {why}"


def quote(text: str) -> str:
    """Quote text as `%q` prints it."""
    return '"' + "".join(_quote_letter(letter) for letter in text) + '"'


def _quote_letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    code = ord(letter)
    if letter.isprintable():
        return letter
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

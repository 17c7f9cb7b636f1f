"""Interval arithmetic: the range of an int expression from the ranges of its operands.

An open end (None, unbounded ints of the symbolic engine) makes the result open at both ends where
that is the honest answer. Bounded results must fit 64 bits; `fits_word` tells.
"""

from collections.abc import Iterable
from itertools import product

from planespec.checker.ir.types import Int

LOWEST, HIGHEST = -(2**63), 2**63 - 1
"""What a signed 64-bit word holds."""

OPEN = Int(None, None)


def fits_word(range_: Int) -> bool:
    """Whether every value fits a signed 64-bit word (open ranges are not stored in words)."""
    if not range_.is_bounded:
        return True
    low, high = range_.bounds
    return low >= LOWEST and high <= HIGHEST


def hull(*ranges: Int) -> Int:
    """The least range that contains all of them."""
    lows = [r.low for r in ranges]
    highs = [r.high for r in ranges]
    low = None if None in lows else min(v for v in lows if v is not None)
    high = None if None in highs else max(v for v in highs if v is not None)
    return Int(low, high)


def contains(outer: Int, inner: Int) -> bool:
    """Whether every value of `inner` is one of `outer`."""
    return hull(outer, inner) == outer


def add(a: Int, b: Int) -> Int:
    """Range of a + b."""
    low = None if a.low is None or b.low is None else a.low + b.low
    high = None if a.high is None or b.high is None else a.high + b.high
    return Int(low, high)


def negate(a: Int) -> Int:
    """Range of -a."""
    return Int(None if a.high is None else -a.high, None if a.low is None else -a.low)


def subtract(a: Int, b: Int) -> Int:
    """Range of a - b."""
    return add(a, negate(b))


def multiply(a: Int, b: Int) -> Int:
    """Range of a * b."""
    if not (a.is_bounded and b.is_bounded):
        return OPEN
    return _of(x * y for x, y in product(a.bounds, b.bounds))


def floor_divide(a: Int, b: Int) -> Int:
    """Range of a // b over the divisors that are not 0 (0 is a model error)."""
    if not (a.is_bounded and b.is_bounded):
        return OPEN
    divisors = _divisors(b)
    return _of(x // y for x, y in product(a.bounds, divisors)) if divisors else Int(0, 0)


def modulo(a: Int, b: Int) -> Int:
    """Range of a % b over the divisors that are not 0; the sign is the divisor's."""
    if not (a.is_bounded and b.is_bounded):
        return OPEN
    low, high = b.bounds
    if low > 0 and a.bounds[0] >= 0 and a.bounds[1] < low:
        return a
    return Int(min(0, low + 1), max(0, high - 1))


def absolute(a: Int) -> Int:
    """Range of abs(a)."""
    if not a.is_bounded:
        return Int(0, None)
    low, high = a.bounds
    return Int(0 if low <= 0 <= high else min(abs(low), abs(high)), max(abs(low), abs(high)))


def least(*ranges: Int) -> Int:
    """Range of min(...)."""
    return _pointwise(list(ranges), smallest=True)


def greatest(*ranges: Int) -> Int:
    """Range of max(...)."""
    return _pointwise(list(ranges), smallest=False)


def repeated(a: Int, times: int) -> Int:
    """Range of a sum of at most `times` values of `a`, the empty sum included."""
    low = None if a.low is None else min(0, a.low * times)
    high = None if a.high is None else max(0, a.high * times)
    return Int(low, high)


def _pointwise(ranges: list[Int], smallest: bool) -> Int:
    pick = min if smallest else max
    lows, highs = [r.low for r in ranges], [r.high for r in ranges]
    low = None if None in lows else pick(v for v in lows if v is not None)
    high = None if None in highs else pick(v for v in highs if v is not None)
    return Int(low, high)


def _divisors(b: Int) -> list[int]:
    """The divisors at which a quotient is extreme: both ends and those next to 0."""
    low, high = b.bounds
    return [d for d in {low, high, -1, 1} if d != 0 and low <= d <= high]


def _of(values: Iterable[int]) -> Int:
    known = list(values)
    return Int(min(known), max(known))

"""Sharing out a number of seats fairly between classes that have bounds.

Every class gets the same proportion of its target, except where a bound of its own holds it. The
proportion is found by walking the bounds in ascending order, all in 64-bit floating point and in
upstream's order of operations, so that results are equal to the last bit.

Source: `apiserver/pkg/util/flowcontrol/conc_alloc.go`, v1.36.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MIN_TARGET = 0.001
"""A smaller target counts as this one, so that nothing is divided by zero."""
EPSILON = 0.0000001
"""How far sums may be off before they count as too small or too large."""
MAX_FLOAT32 = float.fromhex("0x1.fffffep127")
PLAIN_DIGITS = 21
"""Go prints a number with more digits before the point with an exponent."""


class AllocationError(ValueError):
    """No allocation exists; the message is upstream's."""


@dataclass(frozen=True, slots=True)
class SeatClass:
    """One class that wants seats: what it aims at, and the least and most it may get."""

    target: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Allocation:
    """What each class gets, and the proportion of its target that an unbounded class gets."""

    seats: tuple[float, ...]
    fair_proportion: float


@dataclass(frozen=True, slots=True)
class _Relative:
    """A class with its bounds as proportions of its target, which is never zero."""

    target: float
    lower: float
    upper: float


def allocate(required: int, classes: Sequence[SeatClass]) -> Allocation:
    """Give out exactly `required` seats; raises AllocationError when that is impossible.

    A class needs `target >= lower >= 0` and `upper >= lower`.
    """
    if required < 0:
        raise AllocationError("negative sums are not supported")
    relative = [_measure(index, item) for index, item in enumerate(classes)]
    low, high = sum(item.lower for item in classes), sum(item.upper for item in classes)
    _check_sums(required, low, high, relative)
    if required == 0:
        return Allocation(tuple(0.0 for _ in classes), 0.0)
    if low - required > -EPSILON:
        least = min([MAX_FLOAT32, *(item.lower for item in relative)])
        return Allocation(tuple(item.lower for item in classes), least)
    if required - high > -EPSILON:
        most = max([0.0, *(item.upper for item in relative)])
        return Allocation(tuple(item.upper for item in classes), most)
    return _allocate_between(required, low, classes, relative)


def _measure(index: int, item: SeatClass) -> _Relative:
    lower, upper, target = (print_number(each) for each in (item.lower, item.upper, item.target))
    if item.lower < 0:
        message = f"lower bound {index} is {lower} but negative lower bounds are not allowed"
        raise AllocationError(message)
    if item.target < item.lower:
        message = f"target {index} is {target}, which is below its lower bound of {lower}"
        raise AllocationError(message)
    if item.upper < item.lower:
        message = f"upper bound {index} is {upper} but should not be less than the lower bound"
        raise AllocationError(f"{message} {lower}")
    divisor = max(item.target, MIN_TARGET)
    return _Relative(divisor, item.lower / divisor, item.upper / divisor)


def _check_sums(required: int, low: float, high: float, relative: Sequence[_Relative]) -> None:
    largest = max([0.0, *(item.lower for item in relative)])
    if largest > 1:
        excess = print_number(largest - 1)
        message = f"lbRange.max-1={excess}, which is impossible because lbRange.max can not be"
        raise AllocationError(f"{message} greater than 1")
    if low - required > EPSILON:
        message = f"lower bounds sum to {print_number(low)}, which is higher than the required sum"
        raise AllocationError(f"{message} of {required}")
    if required - high > EPSILON:
        message = f"upper bounds sum to {print_number(high)}, which is lower than the required sum"
        raise AllocationError(f"{message} of {required}")


def _allocate_between(
    required: int, low: float, classes: Sequence[SeatClass], relative: Sequence[_Relative]
) -> Allocation:
    target_sum = 0.0
    for item in relative:
        target_sum += item.target
    proportion = required / target_sum
    if max(item.lower for item in relative) <= proportion <= min(item.upper for item in relative):
        return Allocation(tuple(item.target * proportion for item in relative), proportion)
    proportion = _find_proportion(required, low, relative)
    seats = (
        max(item.lower, min(item.upper, proportion * scaled.target))
        for item, scaled in zip(classes, relative, strict=True)
    )
    return Allocation(tuple(seats), proportion)


def _find_proportion(required: int, low: float, relative: Sequence[_Relative]) -> float:
    """Raise the proportion from bound to bound until the seats add up.

    `sensitive` is the sum of the targets of the classes that are held by no bound at present.
    """
    bounds = _sort_bounds(relative)
    proportion = min(item.lower for item in relative)
    so_far, sensitive, count = low, 0.0, 0
    change, count_change, position = 0.0, 0, 0
    while so_far < required:
        while True:
            sensitive, count = sensitive + change, count + count_change
            if position >= len(bounds):
                message = "impossible: ran out of bounds to consider in bound-constrained problem"
                raise AllocationError(message)
            bound, change, count_change = bounds[position]
            position += 1
            if bound > proportion:
                break
        if count == 0:
            proportion = bound
            continue
        following = proportion + (required - so_far) / sensitive
        if following <= bound:
            return following
        so_far += (bound - proportion) * sensitive
        proportion = bound
    return proportion


def _sort_bounds(relative: Sequence[_Relative]) -> list[tuple[float, float, int]]:
    """The bounds ascending, each with what passing it adds to the free targets and their number.

    Upstream's sort keeps the order of equal bounds for up to six classes. Beyond, their order
    there decides only in which order equal bounds add to a sum, its last bits.
    """
    bounds = []
    for item in relative:
        bounds += [(item.lower, item.target, 1), (item.upper, -item.target, -1)]
    return sorted(bounds, key=lambda bound: bound[0])


def print_number(value: float) -> str:
    """Print a number as Go's `%v` does: the shortest digits, an exponent for very large ones."""
    shortest = repr(float(value))
    mantissa, _, power = shortest.partition("e")
    mantissa = mantissa.removesuffix(".0")
    if not power:
        return mantissa
    if 0 < int(power) < PLAIN_DIGITS:
        return str(int(value))
    return f"{mantissa}e{power[0]}{power[1:].zfill(2)}"


def round_away(value: float) -> int:
    """Round to the nearest integer, halves away from zero, as Go's `math.Round` does."""
    whole = int(value)
    if abs(value - whole) >= 0.5:
        whole += 1 if value > 0 else -1
    return whole

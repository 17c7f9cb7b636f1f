"""z3 divides as Python does: `//` floors and `%` has the sign of the divisor."""

from collections.abc import Callable
from typing import Any

import pytest
import z3

from planespec.checker.engines.symbolic import logic

TOPS = range(-7, 8)
DIVISORS = (-4, -3, -2, -1, 1, 2, 3, 4)
PAIRS: list[tuple[Callable[[Any, Any], Any], Callable[[int, int], int]]] = [
    (logic.modulo, lambda a, b: a % b),
    (logic.floor_divide, lambda a, b: a // b),
]


def settled(term: Any, **values: int) -> int:
    pairs = [(z3.Int(name), z3.IntVal(value)) for name, value in values.items()]
    return int(z3.simplify(z3.substitute(term, *pairs)).as_long())


@pytest.mark.parametrize(("ours", "pythons"), PAIRS, ids=["modulo", "floor_divide"])
def test_by_a_known_divisor(
    ours: Callable[[Any, Any], Any], pythons: Callable[[int, int], int]
) -> None:
    for b in DIVISORS:
        term = ours(z3.Int("a"), b)
        assert [settled(term, a=a) for a in TOPS] == [pythons(a, b) for a in TOPS], b


@pytest.mark.parametrize(("ours", "pythons"), PAIRS, ids=["modulo", "floor_divide"])
def test_by_an_unknown_divisor(
    ours: Callable[[Any, Any], Any], pythons: Callable[[int, int], int]
) -> None:
    term = ours(z3.Int("a"), z3.Int("b"))
    for b in DIVISORS:
        assert [settled(term, a=a, b=b) for a in TOPS] == [pythons(a, b) for a in TOPS], b


@pytest.mark.parametrize(("ours", "pythons"), PAIRS, ids=["modulo", "floor_divide"])
def test_of_a_known_number_and_of_two(
    ours: Callable[[Any, Any], Any], pythons: Callable[[int, int], int]
) -> None:
    for a in TOPS:
        term = ours(a, z3.Int("b"))
        assert [settled(term, b=b) for b in DIVISORS] == [pythons(a, b) for b in DIVISORS], a
        assert [ours(a, b) for b in DIVISORS] == [pythons(a, b) for b in DIVISORS], a

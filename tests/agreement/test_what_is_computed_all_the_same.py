"""What does not change an answer is computed by CPython, and goes wrong where it cannot be."""

import comparison
import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.outcome import Verdict
from planespec.checker.run import check

MODEL = '''
"""Nobody is the owner, so that what the owner has is a model error."""

from typing import Annotated

from planespec.checker.lang import (
    Array, Bag, Domain, Model, Range, Size, Sort, action, each, record, sort,
)

Digit = Annotated[int, Range(0, 1)]


class Unit(Sort):
    """A unit."""


@record
class Point:
    """A record."""

    n: Digit


class Random(Model):
    """Units that have something."""

    units: Domain[Unit] = sort(1)
    deadlock = False

    owner: Unit | None = None
    held: Array[Unit, set[Digit]] = each({0})
    digit: Array[Unit, Digit] = each(0)
    log: Array[Unit, Annotated[list[Digit], Size(2)]] = each([])
    point: Array[Unit, Point] = each(Point(0))
    n: Digit = 0

    @action
    def look(self) -> None:
        """Asks."""
        if EXPRESSION:
            self.n = 1
'''
EXPRESSIONS = (
    "self.digit[self.owner] in []",
    "self.digit[self.owner] not in set()",
    "[].count(self.digit[self.owner]) == 0",
    "sorted(self.held[self.owner]).count(2) == 0",
    "self.log[self.owner].count(7) == 0",
    "Bag(self.log[self.owner]).count(7) == 0",
    "7 not in self.log[self.owner]",
    "self.digit[self.owner] is not None",
    "self.digit[self.owner] != None",
    "isinstance(self.digit[self.owner], int)",
    "isinstance(self.point[self.owner], Point)",
    "(self.digit[self.owner], 1)[1] == 1",
    "(self.digit[self.owner], 1, True)[1:] == (1, True)",
    "len((self.digit[self.owner], 2)) == 2",
    "all(True for _ in self.held[self.owner])",
    "not any(False for _ in self.held[self.owner])",
    "self.log[self.owner] * 0 == []",
    "[self.digit[self.owner]] * 0 == []",
    "not bool(range(5, self.digit[self.owner]))",
    "bool(self.point[self.owner])",
)


def refused(text: str) -> str:
    """The model with an expression whose computation is a model error."""
    return MODEL.replace("EXPRESSION", text)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_what_cannot_be_computed_is_an_error_whatever_comes_out(text: str) -> None:
    instance = comparison.instance_of(refused(text))
    assert instance is not None
    assert check(instance, "python", Options()).verdict is Verdict.VIOLATED
    assert comparison.assert_same_steps(instance) > 0


@pytest.mark.parametrize("engine", ["native", "symbolic"])
def test_engines_know_such_an_error(engine: str) -> None:
    for text in EXPRESSIONS[::4]:
        instance = comparison.instance_of(refused(text))
        assert instance is not None
        options = Options(budget=Budget(depth=1))
        assert check(instance, engine, options).verdict is Verdict.VIOLATED


def test_a_range_is_true_where_it_is_not_empty() -> None:
    for text, is_true in (("bool(range(5, 0))", False), ("bool(range(self.n, 1))", True)):
        instance = comparison.instance_of(refused(text))
        assert instance is not None
        outcome = check(instance, "native", Options(check_deadlock=False))
        assert outcome.statistics.distinct == 1 + is_true

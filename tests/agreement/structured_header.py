"""What every random model of structured data begins with: its types, variables and helpers."""

HEADER = '''"""A random model of structured data."""

from enum import Enum, IntEnum
from typing import Annotated

from planespec.checker.lang import (
    Array, Bag, Domain, Model, Range, Size, Sort, action, among, choose, constraint, each,
    enabled, given, initial, invariant, reachable, record, replace, require, sort, step_constraint,
    step_invariant, terminal,
)


class Unit(Sort):
    """Something."""


class Colour(Enum):
    """Something else."""

    RED = "red"
    BLUE = "blue"


class Grade(IntEnum):
    """Something in an order."""

    LOW = 1
    TOP = 2

    def is_top(self) -> bool:
        """Whether nothing is above."""
        return self is Grade.TOP


Digit = Annotated[int, Range(0, 1)]


@record
class Ask:
    """Someone asks."""

    of: Unit
    value: Digit

    def of_all(self) -> set[Digit]:
        """What it is about."""
        return {self.value}


@record
class Tell:
    """Someone tells."""

    of: Unit
    seen: frozenset[Digit]
    colour: Colour = Colour.RED
    marks: Array[Unit, bool] = each(False)

    def of_all(self) -> set[Digit]:
        """What it is about."""
        return set(self.seen)


Message = Ask | Tell


class Random(Model):
    """Whatever was drawn."""

    units: Domain[Unit] = sort(2)

    number: Annotated[int, Range(-2, 3)] = 1
    flag: bool = False
    owner: Unit | None = None
    held: Array[Unit, set[Digit]] = each({0})
    table: Array[Unit, Array[Colour, Digit]] = each(each(0))
    box: Annotated[set[Message], Size(2)] = set()
    pool: Annotated[Bag[Ask], Size(2)] = Bag()
    log: Annotated[list[Message], Size(2)] = []
    last: Message | None = None
    grade: Grade = Grade.LOW
    pair: tuple[Digit, bool] = (0, False)
    grid: Array[tuple[Unit, Colour], Digit] = each(0)

    def digit(self, n: int) -> Digit:
        """Any number as a digit."""
        return n % 2

    def total(self, u: Unit) -> int:
        """What a unit holds."""
        return sum(self.held[u]) + self.table[u][Colour.BLUE]

    def put(self, m: Message) -> None:
        """Into the box, where there is room."""
        if len(self.box) < 2 or m in self.box:
            self.box.add(m)
'''

"""A random model of structured data."""

from enum import Enum, IntEnum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    choose,
    each,
    enabled,
    record,
    require,
    sort,
    step_invariant,
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

    deadlock = False

    @action
    def step0(self, u: Unit, d: Digit) -> None:
        """Drawn."""
        c = choose(range(-1, 2))
        if all(
            a7 <= b8
            for a7, b8 in zip(sorted(self.held[Unit(0)]), sorted(self.held[u]), strict=True)
        ):
            self.number = (self.number + 2) % 4
        else:
            self.box.clear()
        self.table[u] = each((len(self.log)) % 2)
        if len(self.log) < 2:
            self.log.append(Ask(Unit(1), self.digit(len(self.log))))
        self.table[Unit(1)][Colour.BLUE] = (self.table[Unit(1)][Colour.BLUE] + 1) % 2

    @action
    def step1(self, d: Digit, a: Ask = among("pool")) -> None:
        """Drawn."""
        for v252 in range(2):
            self.held[Unit(1)] = {(len(self.pool)) % 2, (a.value) % 2}
        self.put(Tell(Unit(1), frozenset(self.held[Unit(1)] | self.held[Unit(0)])))
        x313 = len(sorted(self.held[Unit(1)])[::2])
        self.table[Unit(0)][Colour.RED] = self.digit(self.pool.count(a))
        self.flag = not self.flag

    @action
    def step2(self, u: Unit, h: Digit = among("held[u]")) -> None:
        """Drawn."""
        require(
            not enabled(self.step1, a=Ask(u, (self.pool.count(Ask(u, self.digit(-1 // 3)))) % 2))
        )
        c = choose(self.units)
        self.table[c] = self.table[c]
        if len(self.pool) < 2:
            self.pool.add(Ask(Unit(0), self.digit(-1)))
        if (len(self.log) < len(self.box) <= self.number) or (len(self.box) > 0):
            self.table[Unit(0)][Colour.RED] = self.digit(-1)
        self.number = (self.number + 1) % 4

    @step_invariant
    def step_rule(self, before: "Random") -> bool:
        """Drawn."""
        return (
            (
                any(
                    a629 < b630
                    for a629, b630 in zip(
                        sorted(self.held[Unit(1)]), sorted(self.held[Unit(0)]), strict=True
                    )
                )
                or enabled(self.step2)
            )
            or ((0 - before.number) in self.held[Unit(1)])
            or (sorted(self.held[Unit(1)]) < sorted(self.held[Unit(0)]))
        )

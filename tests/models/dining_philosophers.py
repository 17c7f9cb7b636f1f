"""Dining philosophers by Chandy and Misra (TLA+ Examples, DiningPhilosophers).

Forks are clean or dirty; a philosopher hands a dirty fork to the neighbour, clean, and eats with
two clean ones, which makes them dirty.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Model,
    Range,
    action,
    constant,
    each,
    initial,
    invariant,
    mutant,
    record,
    replace,
    require,
)

Seat = Annotated[int, Range(1, "seats")]


class At(Enum):
    """What a philosopher does next."""

    LOOP = "Loop"
    EAT = "Eat"
    THINK = "Think"


@record
class Fork:
    """Who holds a fork, and whether it has been cleaned since somebody ate with it."""

    holder: Seat
    clean: bool


class DiningPhilosophers(Model):
    """Fork p lies at the left of philosopher p, fork p + 1 at the right."""

    seats: int = constant(5, at_least=2, at_most=6)
    careless: bool = mutant("A philosopher eats with two forks whether they are clean or not.")

    forks: Array[Seat, Fork] = each(Fork(1, False))
    at: Array[Seat, At] = each(At.LOOP)
    hungry: Array[Seat, bool] = each(True)

    def left(self, p: int) -> int:
        """The neighbour at the left."""
        return self.seats if p == 1 else p - 1

    def right(self, p: int) -> int:
        """The neighbour at the right; also the fork at the right."""
        return 1 if p == self.seats else p + 1

    def can_eat(self, p: int) -> bool:
        """Whether a philosopher holds both forks and both are clean."""
        one = self.forks[p]
        other = self.forks[self.right(p)]
        return one.holder == p and other.holder == p and one.clean and other.clean

    @initial
    def lay_forks(self) -> None:
        """Each fork is held by the neighbour with the lower number."""
        for p in range(1, self.seats + 1):
            self.forks[p] = Fork(1 if p == 2 else p, False)

    @action
    def loop(self, p: Seat) -> None:
        """Hand one dirty fork on, then eat, think or wait."""
        require(self.at[p] == At.LOOP)
        eats = self.can_eat(p)
        if self.forks[p].holder == p and not self.forks[p].clean:
            self.forks[p] = Fork(self.left(p), True)
        elif self.forks[self.right(p)].holder == p and not self.forks[self.right(p)].clean:
            self.forks[self.right(p)] = Fork(self.right(p), True)
        if not self.hungry[p]:
            self.at[p] = At.THINK
        elif eats or self.careless:
            self.at[p] = At.EAT

    @action
    def think(self, p: Seat) -> None:
        """Thinking makes hungry."""
        require(self.at[p] == At.THINK)
        self.hungry[p] = True
        self.at[p] = At.LOOP

    @action
    def eat(self, p: Seat) -> None:
        """Eating makes both forks dirty."""
        require(self.at[p] == At.EAT)
        self.hungry[p] = False
        self.forks[p] = replace(self.forks[p], clean=False)
        self.forks[self.right(p)] = replace(self.forks[self.right(p)], clean=False)
        self.at[p] = At.LOOP

    @invariant
    def exclusive_access(self) -> bool:
        """Neighbours never eat at the same time."""
        return all(
            not (self.at[p] == At.EAT and self.at[self.right(p)] == At.EAT)
            for p in range(1, self.seats + 1)
        )

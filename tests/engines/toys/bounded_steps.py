"""Walks on a grid whose steps are bounded: by their length, and upwards where one stands."""

from typing import Annotated, Self

from planespec.checker.lang import (
    Fairness,
    Model,
    Range,
    action,
    always_eventually,
    constant,
    initial,
    invariant,
    mutant,
    reachable,
    require,
    step_constraint,
    step_invariant,
)

Place = Annotated[int, Range(0, 5)]


class Grid(Model):
    """Steps to the right are short; from the first two columns none goes up."""

    longest: int = constant(2, at_least=0, at_most=5)
    below: bool = mutant("A place is forbidden.")
    beside: bool = mutant("A place is forbidden that only a long step leads to.")
    deadlock = False
    x: Place = 0
    y: Place = 0

    @action(fair=Fairness.WEAK)
    def right(self, by: Place) -> None:
        """Any number of places to the right."""
        require(by > 0 and self.x + by <= 5)
        self.x += by

    @action(fair=Fairness.WEAK)
    def up(self) -> None:
        """One place up."""
        require(self.y < 5)
        self.y += 1

    @action(fair=Fairness.WEAK)
    def home(self) -> None:
        """Back to where it began."""
        require(self.x == 5 and self.y == 5)
        self.x, self.y = 0, 0

    @step_constraint
    def short_steps(self, before: Self) -> bool:
        """Steps to the right are short."""
        return self.x - before.x <= self.longest

    @step_constraint
    def up_on_the_right(self, before: Self, column: Annotated[int, Range(1, 2)]) -> bool:
        """Nobody goes up in these columns."""
        return before.x != column or self.y == before.y

    @invariant
    def stays_out(self) -> bool:
        """The forbidden places are not come to."""
        return not (self.below and (self.x, self.y) == (4, 3)) and not (
            self.beside and (self.x, self.y) == (5, 0)
        )

    @step_invariant
    def one_way_at_a_time(self, before: Self) -> bool:
        """Not right and up at once."""
        return self.x <= before.x or self.y == before.y

    @reachable
    def corner(self) -> bool:
        """The far corner."""
        return self.x == 5 and self.y == 5

    @always_eventually
    def comes_home(self) -> bool:
        """It comes home again and again; a step that is cut off may lead elsewhere."""
        return self.x == 0 and self.y == 0

    @always_eventually
    def goes_far(self) -> bool:
        """Broken where the walk can stay: nothing is enabled that is kept."""
        return self.x == 5


class Failing(Grid):
    """The bound itself goes wrong."""

    @step_constraint
    def short_steps(self, before: Self) -> bool:
        """Division by zero where nothing moves to the right from the third column."""
        return 4 // (before.x + self.y - 3) != 9


class TwoStarts(Model):
    """Two ways to begin, of which one may not go to the first place."""

    deadlock = False
    place: Place = 0

    @initial
    def begin(self, at: bool) -> None:
        """At the first place or the second."""
        self.place = 1 if at else 0

    @action
    def go(self, to: Annotated[int, Range(2, 3)]) -> None:
        """On to another place."""
        require(self.place < 2)
        self.place = to

    @action
    def finish(self) -> None:
        """To the end."""
        require(self.place in (2, 3))
        self.place = 4

    @step_constraint
    def not_from_the_first(self, before: Self) -> bool:
        """From the first place nobody goes to the third."""
        return before.place != 0 or self.place != 2

    @invariant
    def never_ends(self) -> bool:
        """Broken at the end."""
        return self.place != 4


class NoWayBack(Model):
    """A step back would make a circle."""

    deadlock = False
    place: Place = 0

    @action(fair=Fairness.WEAK)
    def go(self) -> None:
        """To the second place."""
        require(self.place == 0)
        self.place = 1

    @action
    def back(self) -> None:
        """And back."""
        require(self.place == 1)
        self.place = 0

    @action(fair=Fairness.WEAK)
    def on(self) -> None:
        """On to the third."""
        require(self.place == 1)
        self.place = 2

    @step_constraint
    def forward(self, before: Self) -> bool:
        """Nobody goes back."""
        return self.place > before.place

    @always_eventually
    def arrives(self) -> bool:
        """The third place is come to."""
        return self.place == 2

"""Models with one wide step, and instances of them for the tests in this folder."""

from typing import Annotated

from planespec.checker.budget import Budget, Options
from planespec.checker.instance import Instance
from planespec.checker.lang import (
    Array,
    Model,
    Range,
    action,
    choose,
    constant,
    each,
    initial,
    invariant,
    require,
)

Value = Annotated[int, Range(0, "top")]
Key = Annotated[int, Range(0, 39)]


class Wide(Model):
    """One state has nearly `top` successors."""

    top: int = constant(30_000_000, at_least=1)
    bad: int = constant(0)
    deadlock = False
    x: Value = 0

    @action
    def pick(self) -> None:
        """Pick a number."""
        require(self.x == 0)
        self.x = choose(range(1, self.top))

    @invariant
    def not_bad(self) -> bool:
        """The bad number is not picked."""
        return self.x != self.bad or self.x == 0


class Rare(Model):
    """Very many combinations of parameters, of which none is enabled."""

    deadlock = False
    x: bool = False

    @action
    def never(
        self, a: Annotated[int, Range(0, 9_999)], b: Annotated[int, Range(0, 9_998)]
    ) -> None:
        """Not enabled, as one finds out slowly."""
        found = 0
        for i in range(300):
            found = (found * 31 + i + a + b) % 997
        cubes = (a * a * a + b * b * b) % 9  # never 4
        require(found % 2 + 2 * cubes == 9)
        self.x = True


class ManyBeginnings(Model):
    """There are more initial states than anyone can count."""

    deadlock = False
    a: Array[Key, bool] = each(False)

    @initial
    def any_of_them(self) -> None:
        """Each bit by itself."""
        for k in range(40):
            self.a[k] = choose((False, True))

    @action
    def go(self) -> None:
        """Set a bit."""
        self.a[3] = True


def wide(**constants: int) -> Instance:
    """The wide model with some constants."""
    return Instance(Wide, constants)


def within(workers: int = 1, **limits: float) -> Options:
    """Options with these limits of the budget."""
    return Options(workers=workers, budget=Budget(**limits))  # type: ignore[arg-type]

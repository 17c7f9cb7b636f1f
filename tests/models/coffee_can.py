"""The coffee can problem (TLA+ Examples, CoffeeCan/CoffeeCan, 100 beans).

Two beans are drawn again and again; their colours say which bean goes back. Nobody acts by plan,
and still the last bean is known from the first can: the number of white beans keeps its parity.
"""

from typing import Annotated, Self

from planespec.checker.lang import (
    Model,
    Range,
    action,
    constant,
    initial,
    mutant,
    record,
    replace,
    require,
    step_invariant,
)

Count = Annotated[int, Range(0, "beans")]


@record
class Can:
    """How many beans of each colour there are."""

    black: Count
    white: Count


class CoffeeCan(Model):
    """Every can of up to so many beans, and what becomes of it."""

    beans: int = constant(100, at_least=1)
    one_stays_white: bool = mutant("Of two white beans one is kept, and no black one added.")

    can: Can = Can(1, 0)

    @initial
    def fill(self, black: Count, white: Count) -> None:
        """Fill the can with at least one bean."""
        require(1 <= black + white <= self.beans)
        self.can = Can(black, white)

    def count(self) -> int:
        """How many beans there are."""
        return self.can.black + self.can.white

    @action
    def draw_two_black(self) -> None:
        """One of two black beans goes back."""
        require(self.count() > 1 and self.can.black >= 2)
        self.can = replace(self.can, black=self.can.black - 1)

    @action
    def draw_two_white(self) -> None:
        """A black bean takes the place of two white ones."""
        require(self.count() > 1 and self.can.white >= 2)
        if self.one_stays_white:
            self.can = replace(self.can, white=self.can.white - 1)
        else:
            self.can = Can(self.can.black + 1, self.can.white - 2)

    @action
    def draw_one_of_each(self) -> None:
        """The white bean goes back."""
        require(self.count() > 1 and self.can.black >= 1 and self.can.white >= 1)
        self.can = replace(self.can, black=self.can.black - 1)

    @action
    def keep_the_last(self) -> None:
        """Nothing more happens when one bean is left."""
        require(self.count() == 1)

    @step_invariant
    def beans_never_come_back(self, before: Self) -> bool:
        """The number of beans does not grow."""
        return self.count() <= before.count()

    @step_invariant
    def white_keeps_its_parity(self, before: Self) -> bool:
        """The number of white beans stays odd, or stays even."""
        return self.can.white % 2 == before.can.white % 2

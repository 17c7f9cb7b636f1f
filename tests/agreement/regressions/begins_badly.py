"""An error in one initial action and a broken invariant after another are both found before any
step; the solver counted the error as a step."""

from typing import Annotated

from planespec.checker.lang import Model, Range, action, initial, invariant


class Random(Model):
    """Two ways to begin, both bad."""

    n: Annotated[int, Range(0, 3)] = 0

    @initial
    def in_order(self) -> None:
        """Breaks the invariant."""
        self.n = 3

    @initial
    def out_of_range(self) -> None:
        """Goes wrong."""
        self.n += 7

    @action
    def wait(self) -> None:
        """Nothing."""

    @invariant
    def small(self) -> bool:
        """A bound."""
        return self.n < 3

"""Several initial actions are ways to begin; the symbolic engine ran them one after another."""

from typing import Annotated

from planespec.checker.lang import Model, Range, action, initial, invariant


class Random(Model):
    """Two ways."""

    n: Annotated[int, Range(0, 3)] = 0

    @initial
    def one(self) -> None:
        """One more."""
        self.n += 1

    @initial
    def two(self) -> None:
        """Two more."""
        self.n += 2

    @action
    def back(self) -> None:
        """The other one."""
        self.n = 3 - self.n

    @invariant
    def below_three(self) -> bool:
        """Both ways together would make three."""
        return self.n < 3

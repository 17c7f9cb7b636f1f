"""Terminal predicates are asked in turn up to the first that is true or goes wrong; the solver
took one that is true for enough, wherever it stood."""

from typing import Annotated

from planespec.checker.lang import Model, Range, Size, action, require, terminal


class Random(Model):
    """The first predicate reads an element that is not there, the second is true."""

    row: Annotated[list[Annotated[int, Range(0, 2)]], Size(2)] = []

    @action
    def fill(self) -> None:
        """One more."""
        require(len(self.row) < 2)
        self.row.append(1)

    @terminal
    def third_is_small(self) -> bool:
        """The third element."""
        return self.row[2] < 2

    @terminal
    def two(self) -> bool:
        """It is full."""
        return len(self.row) == 2

"""A terminal predicate that cannot be judged was a model error in every state for the native
engine, which then stopped: CPython asks it only where no action is enabled."""

from typing import Annotated

from planespec.checker.lang import Model, Range, Size, action, require, terminal


class Random(Model):
    """The predicate reads an element that is not there."""

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

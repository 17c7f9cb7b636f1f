"""A constraint that cannot be judged was no model error for two engines: native where the model
claims nothing else, and symbolic, which took it for false."""

from typing import Annotated

from planespec.checker.lang import Model, Range, Size, action, constraint


class Random(Model):
    """The constraint reads an element that is not there."""

    row: Annotated[list[Annotated[int, Range(0, 2)]], Size(2)] = [1]

    @action
    def empty(self) -> None:
        """Nothing left to look at."""
        self.row.clear()

    @constraint
    def first_is_small(self) -> bool:
        """The first element."""
        return self.row[0] < 2

"""A reachable property that cannot be judged was not holding for the native engine and a model
error for the others, which went on asking after it had been reached."""

from typing import Annotated

from planespec.checker.lang import Model, Range, Size, action, constraint, reachable


class Random(Model):
    """The properties read an element that is not always there."""

    row: Annotated[list[Annotated[int, Range(0, 2)]], Size(2)] = [1]
    other: Annotated[list[Annotated[int, Range(0, 2)]], Size(2)] = [1]

    @action
    def empty(self) -> None:
        """Nothing left to look at."""
        self.row.clear()

    @action
    def drop(self) -> None:
        """The other has nothing left either."""
        self.other.clear()

    @reachable
    def first_is_one(self) -> bool:
        """Reached at once, so that nobody asks again."""
        return self.row[0] == 1

    @reachable
    def other_is_two(self) -> bool:
        """Never reached, and not always to be judged."""
        return self.other[0] == 2

    @constraint
    def something_left(self) -> bool:
        """States outside are judged all the same."""
        return len(self.other) > 0

"""A set of a small type with a Size: the symbolic engine let it grow beyond."""

from typing import Annotated

from planespec.checker.lang import Model, Range, Size, action


class Random(Model):
    """Grows by one element."""

    few: Annotated[set[Annotated[int, Range(0, 3)]], Size(2)] = set()

    @action
    def add(self, n: Annotated[int, Range(0, 3)]) -> None:
        """The third one does not fit."""
        self.few.add(n)

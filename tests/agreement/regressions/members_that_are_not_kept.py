"""`&=`, `-=` and `^=` with members that the set could not hold: compiled code refused them even
where none of them stays."""

from typing import Annotated

from planespec.checker.lang import Model, Range, Size, action, choose


class Random(Model):
    """Sets of small numbers meet larger ones."""

    held: set[Annotated[int, Range(0, 1)]] = {0, 1}
    few: Annotated[set[Annotated[int, Range(0, 3)]], Size(2)] = {0, 1}

    @action
    def keep(self) -> None:
        """Keep what is small."""
        c = choose(range(3))
        self.held &= {c, 2}

    @action
    def drop(self) -> None:
        """Drop what may not be there."""
        c = choose(range(4))
        self.held -= {c, 3}

    @action
    def update(self) -> None:
        """The same by name."""
        self.held.intersection_update({1, 5})

    @action
    def swap(self) -> None:
        """Three members against two; what is left has room again, or not."""
        c = choose(range(4))
        self.few ^= {0, 1, c}

"""A member that could never be in a collection hid that the collection cannot be computed."""

from typing import Annotated

from planespec.checker.lang import Array, Domain, Model, Range, Sort, action, each, require, sort


class Unit(Sort):
    """Something."""


Digit = Annotated[int, Range(0, 1)]


class Random(Model):
    """Nobody owns anything, so that what the owner holds is a model error."""

    units: Domain[Unit] = sort(1)
    deadlock = False

    owner: Unit | None = None
    held: Array[Unit, set[Digit]] = each({0})
    n: Digit = 0

    @action
    def look_among(self) -> None:
        """For a number that no digit is."""
        require(-1 not in self.held[self.owner])
        self.n = 1

    @action
    def look_in_a_range(self) -> None:
        """That ends nowhere."""
        require(-1 not in range(0, len(self.held[self.owner])))
        self.n = 1

    @action
    def count_among(self) -> None:
        """A number that no digit is."""
        require(sorted(self.held[self.owner]).count(2) == 0)
        self.n = 1

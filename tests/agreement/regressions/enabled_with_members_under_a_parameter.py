"""CPython looked for a variable of the name `held[u]` when it asked for `take`."""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    among,
    each,
    enabled,
    invariant,
    sort,
)

Digit = Annotated[int, Range(0, 1)]


class Unit(Sort):
    """A unit."""


class Random(Model):
    """Units that hold digits."""

    units: Domain[Unit] = sort(2)
    held: Array[Unit, set[Digit]] = each({0})
    deadlock = False

    @action
    def take(self, u: Unit, h: Digit = among("held[u]")) -> None:
        """A unit loses a digit."""
        self.held[u].remove(h)

    @invariant
    def some_can_be_taken(self) -> bool:
        """The last digit cannot be taken."""
        return enabled(self.take, h=0) or enabled(self.take, Unit(1))

"""Two paths of two steps; at the end of each something may be wrong with a reachable property.

The first path comes first in canonical order, so that a counterexample which goes that way for no
reason shows itself.
"""

from typing import Annotated

from planespec.checker.lang import (
    Model,
    Range,
    action,
    constant,
    invariant,
    reachable,
    require,
    terminal,
)


class GoesWrong(Model):
    """`seen_at` is where the reachable property is true, `wrong_at` where it cannot be judged."""

    seen_at: int = constant(1, at_least=0, at_most=9)
    wrong_at: int = constant(3, at_least=0, at_most=9)
    bad_at: int = constant(4, at_least=0, at_most=9)
    x: Annotated[int, Range(0, 5)] = 0

    @action
    def left(self) -> None:
        """To 1, and from there to 3."""
        require(self.x == 0 or self.x == 1)
        self.x = 1 if self.x == 0 else 3

    @action
    def right(self) -> None:
        """To 2, and from there to 4."""
        require(self.x == 0 or self.x == 2)
        self.x = 2 if self.x == 0 else 4

    @terminal
    def ended(self) -> bool:
        """At an end."""
        return self.x >= 3

    @invariant
    def good(self) -> bool:
        """Is not where it is bad."""
        return self.x != self.bad_at

    @reachable
    def seen(self) -> bool:
        """Is there, or goes wrong."""
        return self.x == self.seen_at + 0 * (1 // (self.x - self.wrong_at))

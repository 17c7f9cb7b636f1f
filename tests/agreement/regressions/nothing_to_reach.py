"""Without an initial state inside the constraint, a property that is never reached stopped the
native engine."""

from typing import Annotated

from planespec.checker.lang import Model, Range, action, constraint, reachable


class Random(Model):
    """Every state is outside."""

    n: Annotated[int, Range(0, 3)] = 0

    @action
    def grow(self) -> None:
        """One more."""
        self.n = (self.n + 1) % 4

    @constraint
    def nowhere(self) -> bool:
        """Holds in no state."""
        return self.n > 5

    @reachable
    def two(self) -> bool:
        """Out of reach."""
        return self.n == 2

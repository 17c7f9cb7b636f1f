"""A counter that breaks most of what is claimed of it, each at another depth."""

from typing import Annotated

from planespec.checker.lang import (
    Model,
    Range,
    action,
    eventually,
    invariant,
    mutant,
    reachable,
    require,
    step_invariant,
)


class Faulty(Model):
    """Counts."""

    count: Annotated[int, Range(0, 8)] = 0
    flag: bool = False
    runaway: bool = mutant("It leaves its range.")

    @action
    def up(self) -> None:
        """One more."""
        require(self.count < 6 or self.runaway)
        self.count += 1

    @action
    def mark(self) -> None:
        """Sets the flag, once."""
        require(self.count == 2 and not self.flag)
        self.flag = True

    @invariant
    def small(self) -> bool:
        """At most 4."""
        return self.count <= 4

    @invariant
    def tiny(self) -> bool:
        """At most 1."""
        return self.count <= 1

    @invariant
    def fine(self) -> bool:
        """At most 7."""
        return self.count <= 7

    @invariant
    def wrong(self) -> bool:
        """Goes wrong."""
        return 10 // (5 - self.count) >= 0 if self.count >= 5 else True

    @step_invariant
    def unflagged(self, before: "Faulty") -> bool:
        """Never flagged."""
        return not (self.flag and not before.flag)

    @step_invariant
    def grows(self, before: "Faulty") -> bool:
        """Grows."""
        return self.count >= before.count

    @reachable
    def seven(self) -> bool:
        """7."""
        return self.count == 7

    @reachable
    def three(self) -> bool:
        """3."""
        return self.count == 3

    @eventually
    def starts(self) -> bool:
        """Is 0."""
        return self.count == 0

    @eventually
    def moves(self) -> bool:
        """Leaves 0."""
        return self.count > 0

    @eventually
    def ends(self) -> bool:
        """Reaches 6."""
        return self.count == 6

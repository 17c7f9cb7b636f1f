"""Small models whose walks come to an end, or never begin, each in its own way."""

from typing import Annotated

from planespec.checker.lang import (
    Model,
    Range,
    action,
    among,
    constant,
    constraint,
    initial,
    invariant,
    require,
    step_invariant,
    terminal,
)

Count = Annotated[int, Range(0, 3)]


class Ends(Model):
    """Counts to three and is done."""

    deadlock = False
    n: Count = 0

    @action
    def up(self) -> None:
        """Count."""
        require(self.n < 3)
        self.n += 1


class EndsWell(Ends):
    """The end is a terminal state."""

    deadlock = True

    @terminal
    def done(self) -> bool:
        """All is counted."""
        return self.n == 3


class Stuck(Ends):
    """The end is a deadlock."""

    deadlock = True


class WrongTerminal(Ends):
    """Whether the end is terminal is a model error."""

    deadlock = True

    @terminal
    def done(self) -> bool:
        """Divides by nothing."""
        return 1 // (self.n - 3) == 1


class BadAtTheEnd(Ends):
    """Breaks a requirement in the last state before the end."""

    @invariant
    def never_three(self) -> bool:
        """Three is not reached."""
        return self.n < 3


class BadStart(Model):
    """Only some of the initial states lead to the step that is wrong."""

    deadlock = False
    n: Count = 0

    @initial
    def begin(self, n: Count) -> None:
        """Any number."""
        self.n = n

    @action
    def up(self) -> None:
        """Count."""
        require(self.n < 3)
        self.n += 1

    @step_invariant
    def from_two_only(self, before: "BadStart") -> bool:
        """Three is not reached from two."""
        return before.n != 2


class Fenced(Model):
    """What lies beyond the constraint would be a model error."""

    n: Count = 0

    @action
    def up(self) -> None:
        """Count, with no guard."""
        self.n += 1

    @constraint
    def small(self) -> bool:
        """Stop at one."""
        return self.n <= 1


class WrongConstraint(Fenced):
    """The constraint itself goes wrong."""

    @constraint
    def wrong(self) -> bool:
        """Divides by nothing."""
        return 1 // (self.n - 1) <= 1


class StuckAtOnce(Model):
    """Nothing is enabled in the initial state."""

    n: Count = 0

    @action
    def up(self) -> None:
        """Never."""
        require(self.n > 0)
        self.n += 1


class WrongAtOnce(Model):
    """The first step is a model error."""

    n: Count = 0

    @action
    def down(self) -> None:
        """Leave the range."""
        self.n -= 1


class WrongInitial(Model):
    """An initial action is a model error."""

    n: Count = 0

    @initial
    def begin(self, n: Count) -> None:
        """Leaves the range for one of the values."""
        self.n = n + 1

    @action
    def stay(self) -> None:
        """Nothing."""


class Unborn(Model):
    """Has no initial state."""

    n: Count = 0

    @initial
    def begin(self) -> None:
        """Never."""
        require(self.n > 0)

    @action
    def stay(self) -> None:
        """Nothing."""


class Idle(Model):
    """One action has no instance, the other is never enabled."""

    deadlock = False
    box: set[Count] = set()
    n: Count = 0
    limit: int = constant(0)

    @action
    def take(self, c: Count = among("box")) -> None:
        """There is nothing in the box."""
        self.n = c

    @action
    def never(self) -> None:
        """Not with this constant."""
        require(self.limit > 0)


class Clashing(Model):
    """Actions with names that the machine has for itself."""

    n: Count = 0

    @action
    def start_again(self) -> None:
        """Back."""
        self.n = 0

    @action
    def start_again_(self) -> None:
        """Back once more."""
        self.n = 0

    @action
    def teardown(self) -> None:
        """On."""
        require(self.n < 3)
        self.n += 1

"""Models with unbounded numbers for the tests of proofs."""

from typing import Annotated

from planespec.checker.lang import (
    Integer,
    Model,
    Nat,
    Range,
    action,
    assumption,
    initial,
    invariant,
    lemma,
    mutant,
    require,
    step_invariant,
)


class Twins(Model):
    """Two numbers that move together; what is claimed of one needs the other."""

    apart: bool = mutant("The second moves by more.")

    deadlock = False

    x: Nat = 0
    y: Integer = 0

    @action
    def move(self, by: Nat) -> None:
        """Any distance."""
        self.x += by
        self.y += by + 1 if self.apart else by

    @action
    def swap(self) -> None:
        """The first takes the place of the second."""
        require(self.y >= 0)
        self.x = self.y

    @lemma
    def together(self) -> bool:
        """They are in one place."""
        return self.x == self.y

    @invariant
    def second_is_not_negative(self) -> bool:
        """The second is at 0 or beyond."""
        return self.y >= 0

    @invariant
    def second_never_exceeds(self) -> bool:
        """The second is nowhere beyond the first."""
        return self.y <= self.x

    @step_invariant
    def never_back(self, before: "Twins") -> bool:
        """Numbers only grow."""
        return self.x >= before.x


class Ring(Model):
    """Counts 0, 1, 2, 0; claims to avoid 5, which only states out of the ring lead to."""

    n: Annotated[int, Range(0, 5)] = 0

    @action
    def count(self) -> None:
        """Round the ring; beyond it 3 -> 4 -> 5."""
        self.n = 0 if self.n == 2 else min(self.n + 1, 5)

    @invariant
    def not_five(self) -> bool:
        """Five is never reached."""
        return self.n != 5


class Overflow(Model):
    """Leaves its range after three steps."""

    n: Annotated[int, Range(0, 3)] = 0

    @action
    def count(self) -> None:
        """One more."""
        self.n += 1


class Anywhere(Model):
    """Begins at 0; from other even numbers too, where its assumption allows."""

    n: Integer = 0

    @initial
    def begin(self) -> None:
        """At 0."""
        self.n = 0

    @action
    def add(self) -> None:
        """Two more."""
        self.n += 2

    @assumption
    def even(self) -> bool:
        """Even numbers only."""
        return self.n % 2 == 0

    @invariant
    def small(self) -> bool:
        """Below seven."""
        return self.n < 7 or self.n > 100

    @invariant
    def stays_even(self) -> bool:
        """Even."""
        return self.n % 2 == 0


class Factoring(Model):
    """Asks the solver for the factors of a large number."""

    deadlock = False

    a: Nat = 0
    b: Nat = 0
    c: Nat = 0

    @action
    def guess(self, a: Nat, b: Nat, c: Nat) -> None:
        """Any three numbers."""
        require(a > 1 and b > 1 and c > 1)
        self.a = a
        self.b = b
        self.c = c

    @invariant
    def no_cubes(self) -> bool:
        """Fermat, for the third power."""
        cubes = self.a * self.a * self.a + self.b * self.b * self.b
        return self.a == 0 or cubes != self.c * self.c * self.c


class Evens(Model):
    """Counts by twos from 0: the lemma is kept by every step, but false at the beginning."""

    deadlock = False

    n: Nat = 0

    @action
    def count(self) -> None:
        """Two more."""
        self.n += 2

    @lemma
    def odd(self) -> bool:
        """The number is odd."""
        return self.n % 2 == 1

    @invariant
    def not_a_thousand(self) -> bool:
        """The number is not 1000."""
        return self.n != 1000


class Dominoes(Model):
    """Each piece falls after the one before: of the helpers, each needs the one before."""

    deadlock = False

    x: bool = False
    y: bool = False
    z: bool = False

    @action
    def fall(self) -> None:
        """All move on by one."""
        self.z = self.z or self.y
        self.y = self.y or self.x
        self.x = True

    @lemma
    def first_stands(self) -> bool:
        """Not kept."""
        return not self.x

    @lemma
    def second_stands(self) -> bool:
        """Kept while the first stands."""
        return not self.y

    @invariant
    def third_stands(self) -> bool:
        """Kept while the second stands."""
        return not self.z

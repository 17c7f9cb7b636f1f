"""One solver, its clock, and answers that keep Unknown apart from unsatisfiable."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import z3

from planespec.checker.budget import Budget
from planespec.checker.engines.symbolic import logic as l
from planespec.checker.interrupts import raise_pending


class GaveUpError(Exception):
    """The solver did not decide; the message says why (time, memory, its own)."""


@dataclass(slots=True)
class Clock:
    """Wall time for all queries of one task together; `seconds` None is no limit."""

    seconds: float | None
    started: float = 0.0
    share_ends: float | None = None

    def __post_init__(self) -> None:
        self.started = self.started or time.monotonic()

    @staticmethod
    def of(budget: Budget) -> "Clock":
        """The clock of a budget, which may run already."""
        begun = budget.begun()
        if begun.seconds is None or begun.deadline is None:
            return Clock(None)
        return Clock(begun.seconds, begun.deadline - begun.seconds)

    @contextmanager
    def share(self, part: float, most: float | None = None) -> Iterator[None]:
        """Let what follows use only a part of the time that is left, and `most` seconds."""
        now = time.monotonic()
        ends = [] if most is None else [now + most]
        if self.seconds is not None:
            ends.append(now + part * max(self.seconds - (now - self.started), 0.0))
        self.share_ends = min(ends, default=None)
        try:
            yield
        finally:
            self.share_ends = None

    def left_milliseconds(self) -> int | None:
        """What is left; raises GaveUpError when nothing is."""
        now = time.monotonic()
        ends = [] if self.seconds is None else [self.started + self.seconds]
        if self.share_ends is not None:
            ends.append(self.share_ends)
        if not ends:
            return None
        left = min(ends) - now
        if left <= 0:
            raise GaveUpError(self.spent())
        return max(1, int(left * 1000))

    def look(self) -> None:
        """Raise what is to end the work, if anything is."""
        raise_pending()
        self.left_milliseconds()

    def spent(self) -> str:
        """The reason to give when the time is over."""
        return (
            "its share of time" if self.seconds is None else f"time budget of {self.seconds:g} s"
        )


class Query:
    """A solver with named assumptions."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.solver = z3.SimpleSolver()  # z3.Solver() first tries tactics that do not pay here
        self.names: dict[str, Any] = {}
        self.trivial = False

    def add(self, *conditions: l.Truth) -> None:
        """Assert without a name; raises as `satisfiable` where the time is over."""
        self.clock.look()
        self.solver.add(*[l.term(c) for c in conditions])

    def assume(self, name: str, condition: l.Truth) -> None:
        """Assert under a name that `core` may give back."""
        label = z3.Bool(f"use:{name}")
        self.names[name] = label
        self.solver.add(z3.Implies(label, l.term(condition)))

    def satisfiable(self, *extra: l.Truth, names: Iterable[str] | None = None) -> Any | None:
        """A z3 model of everything asserted, the named assumptions and `extra`, or None.

        Raises GaveUpError when the solver does not decide, KeyboardInterrupt when it was told to.
        """
        if any(c is False for c in extra):
            self.trivial = True
            return None
        self.trivial = False
        raise_pending()
        left = self.clock.left_milliseconds()
        if left is not None:
            self.solver.set("timeout", left)
        wanted = self.names if names is None else names
        labels = [self.names[n] for n in wanted]
        try:
            answer = self.solver.check(*labels, *[l.term(c) for c in extra])
        except z3.Z3Exception as error:
            raise _stopped(str(error), self.clock) from None
        if answer == z3.sat:
            return self.solver.model()
        if answer == z3.unsat:
            return None
        raise _stopped(self.solver.reason_unknown(), self.clock)

    def core(self) -> set[str]:
        """Names of the assumptions in the last unsatisfiable core."""
        if self.trivial:
            return set()
        found = {x.get_id() for x in self.solver.unsat_core()}
        return {n for n, label in self.names.items() if label.get_id() in found}


def _stopped(text: str, clock: Clock) -> BaseException:
    """Why a query has no answer; z3 keeps Ctrl-C from Python while it works, and says so."""
    if text in ("timeout", "canceled") and (clock.seconds or clock.share_ends) is not None:
        return GaveUpError(clock.spent())
    if "interrupt" in text or text == "canceled":
        return KeyboardInterrupt()
    return GaveUpError(f"the solver answers unknown: {text}")

"""One solver, its clock, and answers that keep Unknown apart from unsatisfiable."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import z3

from planespec.checker.symbolic import logic as l


class GaveUpError(Exception):
    """The solver did not decide; the message says why (time, memory, interruption, its own)."""


@dataclass(slots=True)
class Clock:
    """Wall time for all queries of one task together; `seconds` None is no limit."""

    seconds: float | None
    started: float = 0.0
    share_ends: float | None = None

    def __post_init__(self) -> None:
        self.started = time.perf_counter()

    @contextmanager
    def share(self, part: float) -> Iterator[None]:
        """Let what follows use only a part of the time that is left."""
        now = time.perf_counter()
        left = self.seconds - (now - self.started) if self.seconds is not None else None
        self.share_ends = None if left is None else now + part * max(left, 0.0)
        try:
            yield
        finally:
            self.share_ends = None

    def left_milliseconds(self) -> int | None:
        """What is left; raises GaveUpError when nothing is."""
        if self.seconds is None:
            return None
        now = time.perf_counter()
        left = self.seconds - (now - self.started)
        if self.share_ends is not None:
            left = min(left, self.share_ends - now)
        if left <= 0:
            raise GaveUpError(f"time budget of {self.seconds:g} s")
        return max(1, int(left * 1000))


class Query:
    """A solver with named assumptions."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.solver = z3.Solver()
        self.names: dict[str, Any] = {}

    def add(self, *conditions: l.Truth) -> None:
        """Assert without a name."""
        self.solver.add(*[l.term(c) for c in conditions])

    def assume(self, name: str, condition: l.Truth) -> None:
        """Assert under a name that `core` may give back."""
        label = z3.Bool(f"use:{name}")
        self.names[name] = label
        self.solver.add(z3.Implies(label, l.term(condition)))

    def satisfiable(self, *extra: l.Truth, names: Iterable[str] | None = None) -> Any | None:
        """A z3 model of everything asserted, the named assumptions and `extra`, or None.

        Raises GaveUpError when the solver does not decide.
        """
        left = self.clock.left_milliseconds()
        if left is not None:
            self.solver.set("timeout", left)
        wanted = self.names if names is None else names
        labels = [self.names[n] for n in wanted]
        try:
            answer = self.solver.check(*labels, *[l.term(c) for c in extra])
        except z3.Z3Exception as error:
            raise GaveUpError(_reason(str(error), self.clock)) from None
        if answer == z3.sat:
            return self.solver.model()
        if answer == z3.unsat:
            return None
        raise GaveUpError(_reason(self.solver.reason_unknown(), self.clock))

    def core(self) -> set[str]:
        """Names of the assumptions in the last unsatisfiable core."""
        found = {str(x) for x in self.solver.unsat_core()}
        return {n for n, label in self.names.items() if str(label) in found}


def _reason(text: str, clock: Clock) -> str:
    if text in ("timeout", "canceled") and clock.seconds is not None:
        return f"time budget of {clock.seconds:g} s"
    if "interrupt" in text or text == "canceled":
        return "interrupted"
    return f"the solver answers unknown: {text}"

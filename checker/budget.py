"""What a search may use, how it tells how far it is, and the text that names what limited it."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from types import FrameType
from typing import Any

from planespec.checker.interrupts import GRACE_SECONDS
from planespec.checker.ir import types


def count_processors() -> int:
    """The processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS cannot tell which of them a process may use


class Spent(Exception):  # noqa: N818 - a budget that is spent is no error
    """A budget is used up; the text says which."""


TRACE_SECONDS = 0.5
"""How much later than its budget a search may end, to make the trace of what it found."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The numbers so far: generated, distinct, states left to expand, depth, seconds."""

    generated: int
    distinct: int
    left: int
    depth: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits; None is none. A search that meets one ends as Unknown with the numbers so far.

    `depth` is different: it is a bound (in steps from an initial state) that the verdict names.
    `memory` counts bytes of the state store, `seconds` wall time from the start of the task, all
    its phases together: `deadline` is where it ends on the clock `time.monotonic`.
    """

    depth: int | None = None
    states: int | None = None
    seconds: float | None = None
    memory: int | None = None
    deadline: float | None = field(default=None, compare=False, repr=False)

    def begun(self) -> "Budget":
        """The same limits with the clock running; the budget itself where it runs already."""
        if self.seconds is None or self.deadline is not None:
            return self
        return replace(self, deadline=time.monotonic() + self.seconds)

    def within(self, seconds: float) -> "Budget":
        """The same limits with at most `seconds` from now on, and no more than are left."""
        ends = time.monotonic() + seconds
        if self.deadline is not None:
            ends = min(ends, self.deadline)
        return replace(self, seconds=min(seconds, self.seconds or seconds), deadline=ends)

    def for_trace(self) -> "Budget":
        """A little more time, to tell what was found by the end; nothing else is limited."""
        if self.seconds is None or self.deadline is None:
            return Budget()
        return Budget(seconds=self.seconds, deadline=self.deadline + TRACE_SECONDS)

    def look_at_clock(self) -> None:
        """Raise Spent when the time is over."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise Spent(self.spent_seconds)

    @property
    def spent_seconds(self) -> str:
        """What to say when the time is over."""
        return f"the budget of {self.seconds:g} seconds is spent"

    def look_at_states(self, states: int) -> None:
        """Raise Spent when that many states are all there may be."""
        if self.states is not None and states >= self.states:
            raise Spent(f"the budget of {self.states:,} states is spent")


@dataclass(frozen=True, slots=True)
class Options:
    """How to search. `requirements` None means all that the model claims.

    `anywhere` lets the symbolic engine begin in every state that the model's assumptions allow.
    `expected` are the seconds that another search of the instance took: native code is optimised
    at once where they are many.
    """

    requirements: tuple[str, ...] | None = None
    check_deadlock: bool = True
    workers: int = 1
    symmetry: bool = False
    anywhere: bool = False
    budget: Budget = Budget()
    on_progress: Callable[[Progress], None] | None = None
    expected: float = 0.0


def bound_text(constants: Mapping[str, Any], budget: Budget, cut: Mapping[str, int]) -> str:
    """Constants, depth bound and what each bound cut off: `servers=3, terms=2; depth 5 cut 12`.

    Sorts, as domains or as types, are given by their size.
    """
    parts = [", ".join(f"{name}={_text(value)}" for name, value in constants.items())]
    if budget.depth is not None and "depth" not in cut:
        parts.append(f"depth {budget.depth} cut nothing")
    for name, count in sorted(cut.items(), reverse=True):
        label = f"depth {budget.depth}" if name == "depth" else name
        parts.append(f"{label} cut {count:,}")
    return "; ".join(part for part in parts if part)


def _text(value: Any) -> str:
    if isinstance(value, types.Sort):
        return str(value.size)
    if isinstance(value, tuple):
        return str(len(value))
    if isinstance(value, bool):
        return str(value).lower()
    return value.name if isinstance(value, Enum) else str(value)


SOON = 0.02
"""Seconds after which an alarm that rang at a bad moment rings again."""

BESIDE_US = frozenset({"hypothesis", "networkx", "numpy", "scipy", "z3", "llvmlite", "_pytest"})


class Overdue(BaseException):
    """The time was over a while ago; no Exception, so that no model takes it for an error."""


@contextmanager
def alarmed(budget: Budget) -> Iterator[None]:
    """Raise Spent where the work goes on though the budget of time was spent a while ago.

    Only in the main thread, and where nobody else uses the alarm clock of the process.
    """
    main = threading.current_thread() is threading.main_thread()
    used = signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL
    if budget.deadline is None or not main or used:
        yield
        return
    signal.signal(signal.SIGALRM, _ring)
    left = max(budget.deadline - time.monotonic(), 0.0)
    try:
        signal.setitimer(signal.ITIMER_REAL, left + GRACE_SECONDS, GRACE_SECONDS)
        yield
    except Overdue:
        raise Spent(budget.spent_seconds) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _ring(number: int, frame: FrameType | None) -> None:
    if _is_heard_in(frame):
        raise Overdue
    signal.setitimer(signal.ITIMER_REAL, SOON, GRACE_SECONDS)


def _is_heard_in(frame: FrameType | None) -> bool:
    """Whether what is raised here ends the work, and is not printed and dropped.

    Python drops what callbacks raise (of weak references, of the garbage collector); those that
    run in the midst of a model are of the standard library or of a package beside us.
    """
    name = frame.f_globals.get("__name__", "") if frame else ""
    package = str(name).partition(".")[0]
    return package not in sys.stdlib_module_names and package not in BESIDE_US

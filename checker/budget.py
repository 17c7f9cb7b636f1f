"""What a search may use, and how it tells the user how far it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace


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
    """

    requirements: tuple[str, ...] | None = None
    check_deadlock: bool = True
    workers: int = 1
    symmetry: bool = False
    anywhere: bool = False
    budget: Budget = Budget()
    on_progress: Callable[[Progress], None] | None = None

"""What an engine answers: a verdict with its bound, the evidence, and the numbers.

Values in states are *frozen* and the same in every engine: bool, int, enum members, elements of
sorts, None, record instances, `frozenset` for sets, `tuple` for sequences and (in key order)
arrays, and for bags a tuple of the copies in canonical order. A state is a tuple of the values of
the variables in declaration order.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from planespec.checker.ir.nodes import Position

Value = Any
State = tuple[Value, ...]


class Verdict(Enum):
    """The four answers; there is no other."""

    HOLDS = "Holds"
    PROVED = "Proved"
    VIOLATED = "Violated"
    UNKNOWN = "Unknown"


class ViolationKind(Enum):
    """What went wrong; decides the exit code."""

    SAFETY = "safety"
    STEP = "step"
    DEADLOCK = "deadlock"
    LIVENESS = "liveness"
    UNREACHED = "unreached"
    ERROR = "model error"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trace: the action, its parameters and choices by name, the state after it."""

    action: str
    arguments: tuple[tuple[str, Value], ...]
    state: State


@dataclass(frozen=True, slots=True)
class Trace:
    """A behaviour from an initial state; `loop` is the state index the last step returns to.

    Index 0 is the initial state, index k the state after step k.
    """

    variables: tuple[str, ...]
    initial: State
    steps: tuple[Step, ...]
    loop: int | None = None

    @property
    def states(self) -> tuple[State, ...]:
        """All states, the initial one first."""
        return (self.initial, *(s.state for s in self.steps))


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken property and the shortest behaviour that breaks it.

    For a model error the last step of the trace is missing: `action` and `arguments` say which
    step from the last state goes wrong, `message` and `at` how and where. For a property with
    parameters `arguments` are the first values for which it is broken.
    """

    kind: ViolationKind
    property: str
    trace: Trace
    message: str = ""
    at: Position | None = None
    action: str = ""
    arguments: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class ActionCount:
    """How often an action was taken, and how many states it found.

    A state that several actions lead to in its level is counted for the first of them as declared,
    so that the numbers do not depend on who came first.
    """

    generated: int
    distinct: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of a search. `generated` counts initial states and every enabled instance.

    `depth` counts levels, the initial states being level 1; `left` counts states found but not yet
    expanded; `cut` counts what a bound cut off: under "depth" the states that were not expanded,
    under "constraint" the steps, and ways to begin, to states outside of one.
    """

    generated: int = 0
    distinct: int = 0
    depth: int = 0
    left: int = 0
    actions: dict[str, ActionCount] = field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    cut: dict[str, int] = field(default_factory=dict)
    levels: tuple[int, ...] = ()
    bits_per_state: int = 0
    bytes_per_state: float = 0.0
    collision_probability: float = 0.0
    search_seconds: float = 0.0
    compile_seconds: float = 0.0

    @property
    def never_enabled(self) -> tuple[str, ...]:
        """Actions that were never taken, in declaration order."""
        return tuple(name for name, count in self.actions.items() if count.generated == 0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to `check` for one instance of a model.

    `bound` names everything the verdict is limited by. `reached` tells for every `reachable`
    property the depth (in steps) of its first witness, or None. `reason` says why a verdict is
    Unknown. `requirements` are the ids that were judged; `held` those of them that were judged
    everywhere within the bound and not broken, whatever else is. `complete` says that the search
    saw all there is within the bound. `others` are violations beside the first, where more than
    one was looked for. `notes` say what did not go as asked and has no bearing on the verdict,
    such as a cache that cannot be written.
    """

    verdict: Verdict
    engine: str
    bound: str
    statistics: Statistics
    requirements: tuple[str, ...] = ()
    violation: Violation | None = None
    reached: dict[str, int | None] = field(default_factory=dict)
    reason: str = ""
    workers: int = 1
    symmetry: tuple[str, ...] = ()
    interrupted: bool = False
    notes: tuple[str, ...] = ()
    complete: bool = False
    held: tuple[str, ...] = ()
    others: tuple[Violation, ...] = ()

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All that is broken, in the order it was found."""
        return (() if self.violation is None else (self.violation,)) + self.others

    def verdict_on(self, id_: str) -> Verdict:
        """What is known of one requirement: another one that is broken takes nothing from it."""
        if any(violation.property == id_ for violation in self.violations):
            return Verdict.VIOLATED
        if id_ in self.held:
            return Verdict.HOLDS
        settled = self.verdict in (Verdict.HOLDS, Verdict.PROVED) and id_ in self.requirements
        return self.verdict if settled else Verdict.UNKNOWN

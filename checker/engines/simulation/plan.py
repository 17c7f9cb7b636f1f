"""What a simulation is asked to do, and what it saw."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from planespec.checker.budget import Budget
from planespec.checker.outcome import Outcome


class End(IntEnum):
    """Why a walk ended; the numbers stand in the rows of the native engine."""

    ABANDONED = 0
    """A budget or Ctrl-C ended it."""
    DEPTH = 1
    """It took as many steps as a walk may."""
    FINISHED = 2
    """A state has no successor, and may have none."""
    OUTSIDE = 3
    """Every successor lies outside a constraint."""
    DEADLOCK = 4
    """A state has no successor, and should have one."""
    EVENT = 5
    """A successor breaks something, or computing it goes wrong."""


VIOLATING = (End.DEADLOCK, End.EVENT)


@dataclass(slots=True)
class Numbers:
    """What the walks saw. `judged` counts initial states and successors of states on walks.

    `offered` and `taken` count, action by action, successors computed and steps gone. `reached`
    counts the walks that saw a `reachable` property, `first` names the first of them. `distinct`
    tells how many of the judged states differ (None where a walk went wrong), `exact` whether
    that is more than an estimate.
    """

    walks: int = 0
    steps: int = 0
    judged: int = 0
    deepest: int = 0
    ended: dict[End, int] = field(default_factory=dict)
    offered: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    distinct: int | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How to walk. Walks `first` to `first + walks - 1` of a seed, each of at most `depth` steps.

    `swarm` lets each walk use a random half of the actions. Of the budget, `states` (judged) and
    `seconds` count. `on_progress` is given the numbers so far and the seconds they took.
    """

    seed: int
    walks: int = 10_000
    depth: int = 100
    first: int = 0
    swarm: bool = False
    workers: int = 1
    requirements: tuple[str, ...] | None = None
    check_deadlock: bool = True
    budget: Budget = field(default_factory=Budget)
    on_progress: Callable[[Numbers, float], None] | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """What an engine found: the numbers, and the least number of a walk that goes wrong."""

    engine: str
    numbers: Numbers
    violating: int | None
    reason: str
    interrupted: bool
    search_seconds: float
    compile_seconds: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulated:
    """The answer: an outcome as of `check`, never Holds, and what is special to walks.

    `walk` is the walk that found the violation and `steps` its length before it was shortened;
    `not_judged` are promises, which no finite walk can break.
    """

    outcome: Outcome
    plan: Plan
    numbers: Numbers
    walk: int | None = None
    steps: int = 0
    not_judged: tuple[str, ...] = ()

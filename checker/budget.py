"""What a search may use, and how it tells the user how far it is."""

from collections.abc import Callable
from dataclasses import dataclass


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
    `memory` counts bytes of the state store, `seconds` wall time from the start of the search.
    """

    depth: int | None = None
    states: int | None = None
    seconds: float | None = None
    memory: int | None = None


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

"""What a judgement of promises needs of a finished search, whichever engine made it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from planespec.checker.liveness.fair import Unit
from planespec.checker.liveness.graph import Array, Graph
from planespec.checker.outcome import State, Value


class NotJudged(Exception):  # noqa: N818 - a limit that was met is no error
    """The state graph cannot be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an edge's number stands for: an action, or one instance of it by its parameters."""

    action: str
    values: tuple[Value, ...] | None = None


@dataclass(frozen=True, slots=True)
class Space:
    """A state graph with the truths of predicates.

    `truths` has for each promise one truth array for each of its predicates; `wrong` the nodes
    where judging one goes wrong. `origins` is indexed by the number on an edge; `units` are those
    numbers that are fair.
    """

    graph: Graph
    truths: dict[str, tuple[Array, ...]]
    origins: tuple[Origin, ...]
    units: tuple[Unit, ...]
    state: Callable[[int], State]
    wrong: dict[str, int] = field(default_factory=dict)

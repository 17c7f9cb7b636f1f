"""What a judgement of promises needs of a finished search, whichever engine made it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import prod

from planespec.checker.engines.liveness.fair_graphs import Array, Graph, Unit
from planespec.checker.engines.python.judging import Arguments
from planespec.checker.lang.properties import Claim
from planespec.checker.outcome import State, Value


class NotJudged(Exception):  # noqa: N818 - a limit that was met is no error
    """The state graph cannot be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an edge's number stands for: an action, or one instance of it by its parameters."""

    action: str
    values: tuple[Value, ...] | None = None


MOST_CASES = 256
"""Choices of the parameters of one promise that are judged."""


def choices_of(claim: Claim) -> list[Arguments]:
    """Every choice of a promise's parameters, by name; raises NotJudged for too many."""
    ranges = [values for _, _, values in claim.parameters]
    count = prod(map(len, ranges))
    if count > MOST_CASES:
        raise NotJudged(
            f"{claim.id} has {count:,} choices of its parameters; at most {MOST_CASES} are judged"
        )
    names = [name for name, _, _ in claim.parameters]
    return [tuple(zip(names, values, strict=True)) for values in product(*ranges)]


@dataclass(frozen=True, slots=True)
class Case:
    """A promise for one choice of its parameters, and where each of its predicates is true.

    `wrong` is a node where judging it goes wrong.
    """

    values: Arguments
    truths: tuple[Array, ...]
    wrong: int | None = None


@dataclass(frozen=True, slots=True)
class Space:
    """A state graph with the truths of predicates.

    `cases` has those of each promise, one for a promise without parameters. `origins` is indexed
    by the number on an edge; `units` are those numbers that are fair. `known` tells for each node
    whether all its steps are edges; one that is not was cut off, or is the last node, which stands
    for all that was.
    """

    graph: Graph
    cases: dict[str, tuple[Case, ...]]
    origins: tuple[Origin, ...]
    units: tuple[Unit, ...]
    state: Callable[[int], State]
    known: Array

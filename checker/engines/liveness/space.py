"""What a judgement of promises needs of a finished search, whichever engine made it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from planespec.checker.engines.liveness.assumptions import FOLLOWED, MOST_FOLLOWED, Given
from planespec.checker.engines.liveness.fair_graphs import Array, Graph, Unit
from planespec.checker.engines.python.judging import Arguments
from planespec.checker.instance import Instance
from planespec.checker.ir.system import Fair
from planespec.checker.lang.properties import Claim
from planespec.checker.outcome import State, Value


class NotJudged(Exception):  # noqa: N818 - a limit that was met is no error
    """The state graph cannot be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an edge's number stands for: an action, with those values of some parameters."""

    action: str
    values: Arguments = ()


def told_apart(fair: Iterable[Fair], action: str) -> frozenset[str]:
    """The parameters of an action whose values some condition tells apart."""
    return frozenset(name for f in fair if action in f.actions for name in f.each)


def units_of(fair: Sequence[Fair], origins: Iterable[Origin]) -> tuple[Unit, ...]:
    """The fairness conditions among numbered origins, in the order of their first numbers.

    What is no origin was never enabled, and fairness asks nothing of it.
    """
    found: dict[tuple[int, tuple[Value, ...]], list[int]] = {}
    for number, origin in enumerate(origins):
        given = dict(origin.values)
        for k, one in enumerate(fair):
            if origin.action in one.actions:
                values = tuple(given[name] for name in one.each)
                found.setdefault((k, values), []).append(number)
    units = [Unit(tuple(numbers), fair[k].fairness) for (k, _), numbers in found.items()]
    return tuple(sorted(units, key=lambda unit: unit.numbers))


def given_to(instance: Instance, space: "Space", claim: Claim, case: "Case") -> list[Given]:
    """What a promise is made under, for its own values of the parameters that it shares.

    Raises NotJudged where too much of it would have to be followed.
    """
    values = dict(case.values)
    found = [
        (assumed.kind, one.truths)
        for assumed in instance.assumed_by((claim,))
        for one in space.cases[assumed.id]
        if all(values.get(name, value) == value for name, value in one.values)
    ]
    count = sum(kind in FOLLOWED for kind, _ in found)
    if count > MOST_FOLLOWED:
        raise NotJudged(
            f"{claim.id} assumes {count} promises that owe something on the way; at most "
            f"{MOST_FOLLOWED} are followed at once"
        )
    return found


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

"""What a judgement of promises needs of a finished search; the graph as CPython makes it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np

from planespec.checker.budget import Options
from planespec.checker.engines.liveness.fair_graphs import (
    FOLLOWED,
    MOST_FOLLOWED,
    Array,
    Given,
    Graph,
    Unit,
)
from planespec.checker.engines.python.judging import Arguments, Fault
from planespec.checker.engines.python.reference_search import Search
from planespec.checker.engines.python.stepping import Stepper
from planespec.checker.instance import Instance
from planespec.checker.ir.system import Fair
from planespec.checker.lang.data.order import show
from planespec.checker.lang.model import load
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
    """The fairness conditions among numbered origins, in an order that numbers do not decide.

    What is no origin was never enabled, and fairness asks nothing of it.
    """
    found: dict[tuple[int, tuple[Value, ...]], list[int]] = {}
    for number, origin in enumerate(origins):
        given = dict(origin.values)
        for k, one in enumerate(fair):
            if origin.action in one.actions:
                values = tuple(given[name] for name in one.each)
                found.setdefault((k, values), []).append(number)
    order = sorted(found, key=lambda unit: (unit[0], [show(value) for value in unit[1]]))
    return tuple(Unit(tuple(found[k, values]), fair[k].fairness) for k, values in order)


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

    `wrong` has the nodes where judging it goes wrong.
    """

    values: Arguments
    truths: tuple[Array, ...]
    wrong: tuple[int, ...] = ()


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


# The state graph as CPython runs the model: slow, for small models and for tests.


def python_space(instance: Instance, options: Options, claims: tuple[Claim, ...]) -> Space:
    """Search again and keep the edges; raises NotJudged when the search ends early."""
    search = Search(instance, options)
    search.explore()
    if search.reason:
        raise NotJudged(search.reason)
    states = list(search.parents)
    number = {state: n for n, state in enumerate(states)}
    expanded = len(states) - (search.levels[-1] if search.cut.get("depth") else 0)
    numbering = Numbering(instance)
    edges = []
    stepper = Stepper(instance)
    stepper.tick = search.look_at_clock
    for source, state in enumerate(states[:expanded]):
        for action, values, _, after in stepper.expand(state):
            assert not isinstance(after, Fault), "a search that holds has no model error"
            cut = search.judge.cut_step(state, after) is not None
            target = len(states) if cut else number.get(after, len(states))
            edges.append((source, target, numbering.number(action, values)))
    table = np.array(edges, np.int64).reshape(-1, 3)
    starts: list[Any] = [taken[3] for taken in stepper.start()]
    begun = dict.fromkeys(number.get(state, len(states)) for state in starts)
    known = np.arange(len(states) + bool(search.cut)) < expanded
    first = np.array(list(begun), np.int64)
    graph = Graph(len(known), table[:, 0], table[:, 1], table[:, 2], first)
    cases = {c.id: _cases(instance, states, c, len(known)) for c in claims}
    return Space(graph, cases, numbering.origins, numbering.units, lambda n: states[n], known)


class Numbering:
    """Numbers for actions, and for their instances where fairness tells those apart."""

    def __init__(self, instance: Instance) -> None:
        self.fair = instance.fair
        self.actions = instance.actions
        apart = [told_apart(self.fair, a.name) for a in self.actions]
        self._apart = [
            [k for k, p in enumerate(a.parameters) if p.name in names]
            for a, names in zip(self.actions, apart, strict=True)
        ]
        self.known: dict[tuple[int, tuple[Any, ...]], int] = {}

    def number(self, action: int, values: tuple[Any, ...]) -> int:
        """The number of an instance of an action."""
        told = tuple(values[k] for k in self._apart[action])
        return self.known.setdefault((action, told), len(self.known))

    @property
    def origins(self) -> tuple[Origin, ...]:
        """What each number stands for."""
        return tuple(self._origin(action, told) for action, told in self.known)

    def _origin(self, action: int, told: tuple[Any, ...]) -> Origin:
        info = self.actions[action]
        names = [info.parameters[k].name for k in self._apart[action]]
        return Origin(info.name, tuple(zip(names, told, strict=True)))

    @property
    def units(self) -> tuple[Unit, ...]:
        """The fairness conditions among the numbers."""
        return units_of(self.fair, self.origins)


def _cases(instance: Instance, states: list[State], claim: Claim, nodes: int) -> tuple[Case, ...]:
    """The truths of a promise for every choice of its parameters; false where nothing is known."""
    return tuple(_case(instance, states, claim, nodes, values) for values in choices_of(claim))


def _case(
    instance: Instance, states: list[State], claim: Claim, nodes: int, values: Arguments
) -> Case:
    view, wrong = instance.new(), dict[int, None]()
    truths = tuple(np.zeros(nodes, bool) for _ in claim.predicates)
    given = [value for _, value in values]
    for node, state in enumerate(states):
        load(view, state)
        for truth, predicate in zip(truths, claim.predicates, strict=True):
            try:
                truth[node] = predicate(view, *given) is True
            except Exception:
                wrong[node] = None
                load(view, state)
    return Case(values, truths, tuple(wrong))

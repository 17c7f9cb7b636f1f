"""The state graph as CPython runs the model: slow, for small models and for tests."""

from typing import Any

import numpy as np

from planespec.checker.budget import Options
from planespec.checker.engines.liveness.fair_graphs import Graph, Unit
from planespec.checker.engines.liveness.space import Case, NotJudged, Origin, Space, choices_of
from planespec.checker.engines.python.judging import Arguments, Fault
from planespec.checker.engines.python.reference_search import Search
from planespec.checker.engines.python.stepping import Stepper
from planespec.checker.instance import Instance
from planespec.checker.ir.system import Fairness
from planespec.checker.lang.model import load
from planespec.checker.lang.properties import Claim
from planespec.checker.outcome import State


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
            target = number.get(after, len(states))
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
    """Numbers for actions, and for their instances where those are fair by themselves."""

    def __init__(self, instance: Instance) -> None:
        self.actions = instance.actions
        self.known: dict[tuple[int, tuple[Any, ...] | None], int] = {}

    def number(self, action: int, values: tuple[Any, ...]) -> int:
        """The number of an instance of an action."""
        info = self.actions[action]
        alone = info.per_instance and info.fairness is not Fairness.NONE
        return self.known.setdefault((action, values if alone else None), len(self.known))

    @property
    def origins(self) -> tuple[Origin, ...]:
        """What each number stands for."""
        return tuple(Origin(self.actions[a].name, values) for a, values in self.known)

    @property
    def units(self) -> tuple[Unit, ...]:
        """The fairness conditions among the numbers."""
        pairs = ((n, self.actions[a].fairness) for (a, _), n in self.known.items())
        return tuple(Unit(n, fairness) for n, fairness in pairs if fairness is not Fairness.NONE)


def _cases(instance: Instance, states: list[State], claim: Claim, nodes: int) -> tuple[Case, ...]:
    """The truths of a promise for every choice of its parameters; false where nothing is known."""
    return tuple(_case(instance, states, claim, nodes, values) for values in choices_of(claim))


def _case(
    instance: Instance, states: list[State], claim: Claim, nodes: int, values: Arguments
) -> Case:
    view, wrong = instance.new(), None
    truths = tuple(np.zeros(nodes, bool) for _ in claim.predicates)
    given = [value for _, value in values]
    for node, state in enumerate(states):
        load(view, state)
        for truth, predicate in zip(truths, claim.predicates, strict=True):
            try:
                truth[node] = predicate(view, *given) is True
            except Exception:
                wrong = node if wrong is None else wrong
                load(view, state)
    return Case(values, truths, wrong)

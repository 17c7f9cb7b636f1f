"""The state graph as CPython runs the model: slow, for small models and for tests."""

from typing import Any

import numpy as np

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.ir.system import Fairness
from planespec.checker.lang.model import load
from planespec.checker.lang.requirements import Claim
from planespec.checker.liveness.fair import Unit
from planespec.checker.liveness.graph import Graph
from planespec.checker.liveness.space import NotJudged, Origin, Space
from planespec.checker.outcome import State
from planespec.checker.python.events import Fault
from planespec.checker.python.search import Search
from planespec.checker.python.stepping import Stepper


def python_space(instance: Instance, options: Options, claims: tuple[Claim, ...]) -> Space:
    """Search again and keep the edges; raises NotJudged when the search ends early."""
    search = Search(instance, options)
    search.explore()
    if search.reason:
        raise NotJudged(search.reason)
    states = list(search.parents)
    number = {state: n for n, state in enumerate(states)}
    numbering = Numbering(instance)
    edges = []
    stepper = Stepper(instance)
    stepper.tick = search.look_at_clock
    for source, state in enumerate(states):
        for action, values, _, after in stepper.expand(state):
            assert not isinstance(after, Fault), "a search that holds has no model error"
            edges.append((source, number[after], numbering.number(action, values)))
    table = np.array(edges, np.int64).reshape(-1, 3)
    begun: dict[Any, None] = dict.fromkeys(t[3] for t in stepper.start())
    first = np.array([number[state] for state in begun], np.int64)
    graph = Graph(len(states), table[:, 0], table[:, 1], table[:, 2], first)
    truths, wrong = _truths(instance, states, claims)
    return Space(graph, truths, numbering.origins, numbering.units, lambda n: states[n], wrong)


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


def _truths(
    instance: Instance, states: list[State], claims: tuple[Claim, ...]
) -> tuple[dict[str, tuple[Any, ...]], dict[str, int]]:
    view = instance.new()
    wrong: dict[str, int] = {}
    found = {c.id: tuple(np.zeros(len(states), bool) for _ in c.predicates) for c in claims}
    for node, state in enumerate(states):
        load(view, state)
        for claim in claims:
            for truth, predicate in zip(found[claim.id], claim.predicates, strict=True):
                try:
                    truth[node] = predicate(view) is True
                except Exception:
                    wrong.setdefault(claim.id, node)
                    load(view, state)
    return found, wrong

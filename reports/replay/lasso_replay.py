"""Is the lasso of a trace a fair behaviour that breaks a promise?

The states of the trace are taken as a small state graph, with one more node for everything that is
not on it: what is enabled in a state is judged by all its successors, and a behaviour may stay on
the states of the trace alone.
"""

from dataclasses import replace

import numpy as np

from planespec.checker.engines.liveness.fair_graphs import Array, Graph
from planespec.checker.engines.liveness.lasso import broken
from planespec.checker.engines.liveness.space import Case, Numbering, Space, choices_of, given_to
from planespec.checker.engines.python.judging import Arguments, Fault
from planespec.checker.engines.python.stepping import Stepper
from planespec.checker.instance import LIVENESS, Instance
from planespec.checker.lang.model import load
from planespec.checker.lang.properties import Claim
from planespec.checker.outcome import State, Trace, Violation, ViolationKind


def broken_promise(
    instance: Instance, trace: Trace, loop: int, requirements: tuple[str, ...] | None
) -> Violation | None:
    """The first promise that a fair behaviour through the states of the trace breaks, if any."""
    states = list(dict.fromkeys(trace.states))
    graph, numbering = _graph(instance, states)
    for claim in instance.claims(*LIVENESS):
        if requirements is not None and claim.id not in requirements:
            continue
        cases = {
            c.id: tuple(Case(v, _truths(instance, c, states, v)) for v in choices_of(c))
            for c in instance.with_assumed((claim,))
        }
        known = np.arange(graph.nodes) < len(states)
        space = Space(graph, cases, (), numbering.units, states.__getitem__, known)
        for case in cases[claim.id]:
            given = given_to(instance, space, claim, case)
            values, truths = case.values, case.truths
            if broken(graph, claim.kind, truths, numbering.units, given=given) is not None:
                whole = replace(trace, loop=loop)
                kind, text, at = ViolationKind.LIVENESS, claim.statement, claim.at
                return Violation(kind, claim.id, whole, text, at, arguments=values)
    return None


def _graph(instance: Instance, states: list[State]) -> tuple[Graph, Numbering]:
    number = {state: n for n, state in enumerate(states)}
    elsewhere, numbering, stepper = len(states), Numbering(instance), Stepper(instance)
    edges = [
        (source, number.get(after, elsewhere), numbering.number(action, values))
        for source, state in enumerate(states)
        for action, values, _, after in stepper.expand(state)
        if not isinstance(after, Fault)
    ]
    table = np.array(edges, np.int64).reshape(-1, 3)
    first = np.array([0], np.int64)
    return Graph(elsewhere + 1, table[:, 0], table[:, 1], table[:, 2], first), numbering


def _truths(
    instance: Instance, claim: Claim, states: list[State], values: Arguments
) -> tuple[Array, ...]:
    """Of each predicate in each state; elsewhere nothing is owed."""
    given = [value for _, value in values]
    view = instance.new()
    rows = []
    for place, predicate in enumerate(claim.predicates):
        row = []
        for state in states:
            load(view, state)
            row.append(predicate(view, *given) is True)
        rows.append(np.array([*row, place == len(claim.predicates) - 1], bool))
    return tuple(rows)

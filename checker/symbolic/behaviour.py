"""Behaviours of unknown states, and reading one of them from a z3 model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from planespec.checker.ir.system import System
from planespec.checker.outcome import State, Step, Trace
from planespec.checker.symbolic import logic as l
from planespec.checker.symbolic.decode import Decoder
from planespec.checker.symbolic.transition import SymbolicState, Taken, Transition


@dataclass(slots=True)
class Behaviour:
    """Unknown states in a row; `links[n]` holds a truth for each way from state n to the next."""

    states: list[SymbolicState]
    links: list[list[tuple[Taken, Any]]] = field(default_factory=list)

    @property
    def last(self) -> SymbolicState:
        """The state at the end."""
        return self.states[-1]


def link(transition: Transition, ways: Sequence[Taken], after: SymbolicState, label: str) -> Any:
    """Tell the ways into `after` apart: the ways with a truth each, and what the truths mean."""
    named = [(way, z3.Bool(f"{label}:{n}")) for n, way in enumerate(ways)]
    meaning = [
        l.implies(truth, l.both(way.enabled, transition.equal(after, way.after)))
        for way, truth in named
    ]
    return named, l.both(l.any_of(truth for _, truth in named), *meaning)


class Reader:
    """Reads states, steps and traces of one system from one z3 model."""

    def __init__(self, system: System, model: Any) -> None:
        self.variables = system.variables
        self.decoder = Decoder(model)

    def state(self, state: SymbolicState) -> State:
        """A frozen state."""
        return tuple(self.decoder.value(x.type, state[x.name]) for x in self.variables)

    def arguments(self, way: Taken) -> tuple[tuple[str, Any], ...]:
        """Parameters and choices of a step, by name."""
        return tuple((n, self.decoder.value(x, value)) for n, (x, value) in way.picked.items())

    def trace(self, behaviour: Behaviour, more: tuple[Taken, ...] = ()) -> Trace:
        """The behaviour as a trace, with `more` steps whose states are their own."""
        states = [self.state(s) for s in behaviour.states]
        steps = []
        for ways, after in zip(behaviour.links, states[1:], strict=True):
            way = next(w for w, truth in ways if self.decoder.truth(truth))
            steps.append(Step(way.action, self.arguments(way), after))
        steps += [Step(w.action, self.arguments(w), self.state(w.after)) for w in more]
        return Trace(tuple(x.name for x in self.variables), states[0], tuple(steps))

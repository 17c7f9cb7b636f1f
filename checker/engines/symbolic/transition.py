"""A model as formulas: unknown states, initial states, steps, and behaviours made of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.engines.symbolic.execution import Run
from planespec.checker.engines.symbolic.unknowns import Decoder, Unknowns, identical
from planespec.checker.ir import types as t
from planespec.checker.ir.system import Action, Property, PropertyKind, System
from planespec.checker.outcome import State, Step, Trace

SymbolicState = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """One action from one state: when it is enabled, when it goes wrong, and what comes after.

    `picked` are the unknowns for its parameters and choices, with their types, by name.
    """

    action: str
    enabled: l.Truth
    error: l.Truth
    after: SymbolicState
    picked: dict[str, tuple[t.Type, Any]]


class Transition:
    """Formulas of a system; all unknowns of one object have different names."""

    def __init__(self, system: System, tick: Callable[[], None] = lambda: None) -> None:
        """`tick` is called often while formulas are made, and may raise."""
        self.system, self.tick = system, tick
        self.unknowns = Unknowns()
        self.types = {x.name: x.type for x in system.variables}
        self.constraints = system.of_kind(PropertyKind.CONSTRAINT)
        self.step_constraints = system.of_kind(PropertyKind.STEP_CONSTRAINT)

    def state(self, label: str) -> tuple[SymbolicState, l.Truth]:
        """An unknown state, and the condition that its values are in their types."""
        pairs = {n: self.unknowns.fresh(f"{label}.{n}", x) for n, x in self.types.items()}
        conditions = (condition for _, condition in pairs.values())
        return {n: value for n, (value, _) in pairs.items()}, l.all_of(conditions)

    def run(self, state: SymbolicState, before: SymbolicState | None = None) -> Run:
        """A run that begins in `state`."""
        run = Run(self.system.functions, state, self.unknowns.fresh, before, self.system.asked)
        run.ev.tick = self.tick
        return run

    def initials(self) -> list[Taken]:
        """The ways to begin: each initial action after the defaults, or the defaults alone."""
        run = self.run({n: v.zero(x) for n, x in self.types.items()})
        run.block(self.system.defaults)
        if not self.system.initial:
            return [Taken("", True, run.error, run.state, {})]
        return [self.taken(action, run.state) for action in self.system.initial]

    def taken(self, action: Action, state: SymbolicState) -> Taken:
        """The action from `state`, for all its parameters and choices at once."""
        run = self.run(state)
        run.bind(action.parameters)
        run.block(action.body)
        error = l.both(run.error, run.assumed)
        return Taken(action.name, run.enabled, error, run.state, run.picked)

    def steps(self, state: SymbolicState) -> Iterator[Taken]:
        """Every action from `state`, in declaration order."""
        return (self.taken(a, state) for a in self.system.actions)

    def equal(self, a: SymbolicState, b: SymbolicState) -> l.Truth:
        """The two states are the same, slot by slot."""
        return l.all_of(identical(x, a[n], b[n]) for n, x in self.types.items())

    def holds(
        self, property_: Property, state: SymbolicState, before: SymbolicState | None = None
    ) -> tuple[l.Truth, l.Truth]:
        """Whether the first predicate of the property is true, and whether judging goes wrong."""
        run = self.run(state, before)
        run.block(property_.predicates[0].body)
        return (False if run.result is None else run.result), run.error

    def fails(
        self, property_: Property, state: SymbolicState, before: SymbolicState | None = None
    ) -> l.Truth:
        """Whether the property is false, or judging it goes wrong."""
        holds, error = self.holds(property_, state, before)
        return l.either(l.no(holds), error)

    def has(self, property_: Property, state: SymbolicState) -> l.Truth:
        """Whether the property is true and judging it goes well."""
        return l.no(self.fails(property_, state))

    def expanded(self, state: SymbolicState) -> l.Truth:
        """Whether a search goes on from the state: it is inside every constraint."""
        return l.all_of(self.has(p, state) for p in self.constraints)

    def kept(self, before: SymbolicState, after: SymbolicState) -> l.Truth:
        """Whether a search goes on after a step: it is inside every constraint on steps."""
        fails = (self.fails(p, after, before) for p in self.step_constraints)
        return l.no(l.any_of(fails))

    def assumed(self, state: SymbolicState) -> l.Truth:
        """What the model's assumptions say of a state to begin in."""
        return l.all_of(self.has(p, state) for p in self.system.of_kind(PropertyKind.ASSUMPTION))


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

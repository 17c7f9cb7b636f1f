"""A model as formulas: what a state is, what the initial states are, what a step is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from planespec.checker.ir import types as t
from planespec.checker.ir.system import Action, Property, PropertyKind, System
from planespec.checker.symbolic import logic as l
from planespec.checker.symbolic import values as v
from planespec.checker.symbolic.execution import Run
from planespec.checker.symbolic.unknowns import Unknowns, identical

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

    def assumed(self, state: SymbolicState) -> l.Truth:
        """What the model's assumptions say of a state to begin in."""
        return l.all_of(self.has(p, state) for p in self.system.of_kind(PropertyKind.ASSUMPTION))

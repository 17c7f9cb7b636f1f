"""A model as formulas: what a state is, what the initial states are, what a step is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planespec.checker.ir import types as t
from planespec.checker.ir.system import Action, Property, PropertyKind, System
from planespec.checker.symbolic import logic as l
from planespec.checker.symbolic.execution import Run
from planespec.checker.symbolic.unknowns import Unknowns, identical

SymbolicState = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Instance:
    """One action from one state: when it is enabled, when it goes wrong, and what comes after.

    `picked` are the unknowns for its parameters and choices, with their types, by name.
    """

    action: Action
    enabled: l.Truth
    error: l.Truth
    after: SymbolicState
    picked: dict[str, tuple[t.Type, Any]]


class Transition:
    """Formulas of a system; all unknowns of one object have different names."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.unknowns = Unknowns()
        self.types = {x.name: x.type for x in system.variables}

    def state(self, label: str) -> tuple[SymbolicState, l.Truth]:
        """An unknown state, and the condition that its values are in their types."""
        pairs = {n: self.unknowns.fresh(f"{label}.{n}", x) for n, x in self.types.items()}
        return {n: value for n, (value, _) in pairs.items()}, l.all_of(
            c for _, c in pairs.values()
        )

    def run(self, state: SymbolicState, before: SymbolicState | None = None) -> Run:
        """A run that begins in `state`."""
        return Run(self.system.functions, state, self.unknowns.fresh, before)

    def initial(self) -> tuple[SymbolicState, l.Truth, l.Truth]:
        """A state with the conditions that it is initial and that making it goes wrong."""
        from planespec.checker.symbolic.values import zero

        run = self.run({n: zero(x) for n, x in self.types.items()})
        run.block(self.system.defaults)
        for action in self.system.initial:
            run.leaving = [False]
            run.bind(action.parameters)
            run.block(action.body)
        error = l.both(run.error, run.assumed)
        return run.state, run.enabled, error

    def instance(self, action: Action, state: SymbolicState) -> Instance:
        """The action from `state`, for all its parameters and choices at once."""
        run = self.run(state)
        run.bind(action.parameters)
        run.block(action.body)
        error = l.both(run.error, run.assumed)
        return Instance(action, run.enabled, error, run.state, run.picked)

    def instances(self, state: SymbolicState) -> Iterator[Instance]:
        """Every action from `state`, in declaration order."""
        return (self.instance(a, state) for a in self.system.actions)

    def equal(self, a: SymbolicState, b: SymbolicState) -> l.Truth:
        """The two states are the same, slot by slot."""
        return l.all_of(identical(x, a[n], b[n]) for n, x in self.types.items())

    def holds(
        self, property_: Property, state: SymbolicState, before: SymbolicState | None = None
    ) -> tuple[l.Truth, l.Truth]:
        """Whether the first predicate of the property is true, and whether judging goes wrong."""
        run = self.run(state, before)
        predicate = property_.predicates[0]
        run.block(predicate.body)
        return (False if run.result is None else run.result), run.error

    def assumptions(self, state: SymbolicState) -> l.Truth:
        """What the model's assumptions and constraints say of a state."""
        kinds = (PropertyKind.ASSUMPTION, PropertyKind.CONSTRAINT)
        return l.all_of(self.holds(p, state)[0] for p in self.system.of_kind(*kinds))

"""A model as formulas: unknown states, initial states, steps, and behaviours made of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import z3

from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.engines.symbolic.decode import Decoder
from planespec.checker.engines.symbolic.execution import Run
from planespec.checker.ir import types as t
from planespec.checker.ir.system import Action, Property, PropertyKind, System
from planespec.checker.outcome import State, Step, Trace


class Unknowns:
    """Makes unknowns; names are unique within one object, so that models are reproducible."""

    def __init__(self) -> None:
        self.count = 0

    def fresh(self, name: str, type_: t.Type) -> tuple[Any, l.Truth]:
        """An unknown of the type, with the condition that it is a value of it."""
        conditions: list[l.Truth] = []

        def make(part: t.Type) -> Any:
            self.count += 1
            label = f"{name}!{self.count}"
            if isinstance(part, t.Bool):
                return z3.Bool(label)
            assert isinstance(part, t.Int)
            if part.is_bounded and t.cardinality(part) == 0:
                return part.low  # meant nowhere: `well_formed` keeps it from being used
            number = z3.Int(label)
            conditions.append(l.within(number, part.low, part.high))
            return number

        value = v.leaf(type_, make)
        return value, l.both(*conditions, well_formed(type_, value))


def well_formed(type_: t.Type, value: Any) -> l.Truth:
    """What the parts of a value owe each other: the used slots of a set are distinct."""
    match type_:
        case t.Sort(size=0):
            return False
        case t.Option(inner):
            return _where(value.present, inner, value.value)
        case t.Record(fields=fields):
            types = (f for _, f in fields)
            return l.all_of(map(well_formed, types, value.values))
        case t.Union(variants):
            cases = enumerate(zip(variants, value.variants, strict=True))
            return l.all_of(_where(l.equal(value.tag, n), x, part) for n, (x, part) in cases)
        case t.Array(_, element):
            return l.all_of(well_formed(element, x) for x in value.values)
        case t.Seq(element):
            parts = enumerate(value.values)
            return l.all_of(_where(l.less(n, value.length), element, x) for n, x in parts)
        case t.Set(element) | t.Bag(element) if isinstance(value, v.Slots):
            inside = l.all_of(_where(u, element, x) for u, x in v.slots(value))
            return l.both(inside, _distinct(type_, value))
        case t.Set(_, capacity) if capacity is not None and capacity < len(value.present):
            return l.at_most(l.total(map(l.as_number, value.present)), capacity)
    return True


def _where(used: l.Truth, type_: t.Type, value: Any) -> l.Truth:
    """A part that is used is well formed; one that is not need not be where its type is empty."""
    part = well_formed(type_, value)
    return l.implies(used, part) if part is not True and _lacks_values(type_) else part


@cache
def _lacks_values(type_: t.Type) -> bool:
    """Whether a type, or a part of it, has no values: a sort without elements."""
    match type_:
        case t.Sort(size=0):
            return True
        case t.Record(fields=fields):
            return any(_lacks_values(part) for _, part in fields)
        case t.Union(variants):
            return any(map(_lacks_values, variants))
    parts = [getattr(type_, name, None) for name in ("value", "inner", "element")]
    return any(_lacks_values(part) for part in parts if isinstance(part, t.Type))


def _distinct(type_: t.Set | t.Bag, value: v.Slots) -> l.Truth:
    if isinstance(type_, t.Bag):
        return True
    places = list(v.slots(value))
    return l.all_of(
        l.no(l.both(u, w, v.same(type_.element, x, y)))
        for n, (u, x) in enumerate(places)
        for w, y in places[:n]
    )


def identical(type_: t.Type, a: Any, b: Any) -> l.Truth:
    """Equality slot by slot: implies `values.same`, and costs less where `a` is free to follow."""
    match type_:
        case t.Array(_, element):
            return l.all_of(
                identical(element, x, y) for x, y in zip(a.values, b.values, strict=True)
            )
        case t.Set(element) | t.Bag(element) if isinstance(a, v.Slots):
            pairs = zip(v.slots(a), v.slots(b), strict=True)
            return l.all_of(
                l.both(l.same(u, w), l.either(l.no(u), identical(element, x, y)))
                for (u, x), (w, y) in pairs
            )
        case t.Seq(element):
            parts = enumerate(zip(a.values, b.values, strict=True))
            rest = [
                l.either(l.at_most(a.length, n), identical(element, x, y)) for n, (x, y) in parts
            ]
            return l.both(l.equal(a.length, b.length), *rest)
    return v.same(type_, a, b)


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
        run = Run(self.system.functions, state, self.unknowns.fresh, before)
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

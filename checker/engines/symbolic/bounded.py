"""Bounded model checking: is there a bad behaviour of n steps, for n = 0, 1, 2, ...?

One solver is kept for all lengths; what is learnt about short behaviours serves the longer ones
(Biere, Cimatti, Clarke and Zhu, TACAS 1999). As lengths are tried in order, the first behaviour
found is a shortest one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import z3

from planespec.checker.engines.python import Event, explain, judge_initial
from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic.solving import Clock, GaveUpError, Query
from planespec.checker.engines.symbolic.transition import (
    Behaviour,
    Reader,
    SymbolicState,
    Taken,
    Transition,
    link,
)
from planespec.checker.engines.symbolic.unknowns import embed, identical
from planespec.checker.instance import Instance
from planespec.checker.ir.system import Property, PropertyKind, System
from planespec.checker.outcome import Trace, Violation, ViolationKind
from planespec.checker.unbounded import unbounded_parameters

MOST_GUESSES = 2_000


class Deadlocks:
    """Looks for states without a successor; raises GaveUpError after too many guesses."""

    def __init__(self, transition: Transition, clock: Clock) -> None:
        self.transition, self.clock = transition, clock

    def find(
        self, query: Query, state: SymbolicState, ways: Sequence[Taken], inside: l.Truth = True
    ) -> Reader | None:
        """A model of the query in which `state` has no successor, or None.

        `inside` tells whether a search goes on from the state.
        """
        query.solver.push()
        try:
            query.add(self._may_not_stop(state), self.transition.expanded(state), inside)
            return self._guess(query, state, ways)
        finally:
            query.solver.pop()

    def _guess(self, query: Query, state: SymbolicState, ways: Sequence[Taken]) -> Reader | None:
        query.add(*[l.no(l.either(w.enabled, w.error)) for w in ways if not w.picked])
        for _ in range(MOST_GUESSES):
            model = query.satisfiable()
            if model is None:
                return None
            reader = Reader(self.transition.system, model)
            instance = self._enabled(reader, state, ways)
            if instance is None:
                return reader
            query.add(l.no(instance))
        raise GaveUpError(f"no decision on deadlock after {MOST_GUESSES} guesses")

    def _enabled(
        self, reader: Reader, state: SymbolicState, ways: Sequence[Taken]
    ) -> l.Truth | None:
        """An instance that is enabled in the guessed state, as a condition on the state."""
        frozen = reader.state(state)
        pairs = zip(self.transition.types.items(), frozen, strict=True)
        same = l.all_of(identical(x, state[n], embed(x, value)) for (n, x), value in pairs)
        for way in (w for w in ways if w.picked):
            query = Query(self.clock)
            query.add(same)
            found = query.satisfiable(l.either(way.enabled, way.error))
            if found is not None:
                return _fixed(found, way)
        return None

    def _may_not_stop(self, state: SymbolicState) -> l.Truth:
        stops: l.Truth = False
        open_: l.Truth = True  # none of the predicates so far is true or goes wrong
        for property_ in self.transition.system.of_kind(PropertyKind.TERMINAL):
            holds, error = self.transition.holds(property_, state)
            stops = l.either(stops, l.both(open_, l.both(holds, l.no(error))))
            open_ = l.both(open_, l.no(l.either(holds, error)))
        return l.no(stops)


def _fixed(model: z3.ModelRef, way: Taken) -> l.Truth:
    """Whether the action is enabled with the parameters and choices it has in the model."""
    condition = l.term(l.either(way.enabled, way.error))
    leaves = [leaf for _, value in way.picked.values() for leaf in _unknowns(value)]
    return z3.substitute(condition, *[(x, model.eval(x, model_completion=True)) for x in leaves])


def _unknowns(value: object) -> list[z3.ExprRef]:
    """The z3 constants that a symbolic value is made of."""
    if isinstance(value, z3.ExprRef):
        return [value]
    if isinstance(value, tuple):
        return [x for part in value for x in _unknowns(part)]
    fields = getattr(value, "__slots__", ())
    return [x for name in fields for x in _unknowns(getattr(value, name))]


@dataclass(frozen=True, slots=True)
class Bad:
    """What is wrong at the end of a behaviour; a model error leaves out the step that fails."""

    kind: ViolationKind
    property: str
    trace: Trace
    action: str = ""
    arguments: tuple[tuple[str, Any], ...] = ()


class Unrolling:
    """Behaviours of a system, one step longer with each call of `lengthen`.

    Raises GaveUpError when the solver or the clock does.
    """

    def __init__(
        self,
        system: System,
        judged: Sequence[Property],
        clock: Clock,
        *,
        anywhere: bool = False,
        errors: bool = True,
    ) -> None:
        """`anywhere` begins in every state that the assumptions allow, not in the initial ones;
        `errors` reports model errors of actions."""
        self.system, self.judged, self.errors = system, judged, errors
        self.transition = Transition(system, clock.look)
        self.query = Query(clock)
        self.deadlocks = Deadlocks(self.transition, clock)
        self.starts = [] if anywhere else self.transition.initials()
        first, typed = self.transition.state("s0")
        self.query.add(typed)
        self.behaviour = Behaviour([first])
        if anywhere:
            self.query.add(self.transition.assumed(first))
        else:
            _, meaning = link(self.transition, self.starts, first, "begin")
            self.query.add(meaning)
        self.ways: list[Taken] = []
        self.sought = system.of_kind(PropertyKind.REACHABLE)

    def bad_start(self) -> Bad | None:
        """An initial state that is broken, or a way to begin that goes wrong."""
        for start in self.starts if self.errors else ():
            query = Query(self.query.clock)
            model = query.satisfiable(start.error)
            if model is not None:
                reader = Reader(self.system, model)
                names = tuple(x.name for x in self.system.variables)
                trace = Trace(names, reader.state(start.after), ())
                return Bad(ViolationKind.ERROR, "", trace, start.action, reader.arguments(start))
        return self._bad_state()

    def deadlock(self) -> Bad | None:
        """A behaviour of the present length that cannot go on."""
        last, inside = self.behaviour.last, self._inside()
        reader = self.deadlocks.find(self.query, last, self._ways(), inside)
        if reader is None:
            return None
        trace = reader.trace(self.behaviour)
        for terminal in self.system.of_kind(PropertyKind.TERMINAL):
            if reader.decoder.truth(self.transition.holds(terminal, self.behaviour.last)[1]):
                return Bad(ViolationKind.ERROR, terminal.id, trace)
        return Bad(ViolationKind.DEADLOCK, "deadlock", trace)

    def lengthen(self) -> Bad | None:
        """One step more, and what is wrong with it or after it."""
        ways = self._ways()
        self.query.add(self._inside())
        for way in ways if self.errors else ():
            model = self.query.satisfiable(way.error)
            if model is not None:
                reader = Reader(self.system, model)
                trace = reader.trace(self.behaviour)
                return Bad(ViolationKind.ERROR, "", trace, way.action, reader.arguments(way))
        number = len(self.behaviour.states)
        after, typed = self.transition.state(f"s{number}")
        named, meaning = link(self.transition, ways, after, f"step{number}")
        self.query.add(typed, meaning)
        self.behaviour.states.append(after)
        self.behaviour.links.append(named)
        self.ways = []
        return self._bad_step() or self._bad_state()

    def reaches(self, property_: Property) -> bool:
        """Whether a behaviour of the present length ends in a state with the property."""
        condition = self.transition.has(property_, self.behaviour.last)
        return self.query.satisfiable(condition) is not None

    def goes_on(self) -> bool:
        """Whether there is a behaviour of the present length at all."""
        return self.query.satisfiable() is not None

    def _inside(self) -> l.Truth:
        """Whether a search goes on from the last state: it, and the step to it, are kept."""
        kept = True
        if len(self.behaviour.states) > 1:
            kept = self.transition.kept(*self.behaviour.states[-2:])
        return l.both(self.transition.expanded(self.behaviour.last), kept)

    def _ways(self) -> list[Taken]:
        if not self.ways:
            self.ways = list(self.transition.steps(self.behaviour.last))
        return self.ways

    def _bad_step(self) -> Bad | None:
        before, after = self.behaviour.states[-2:]
        for property_ in (p for p in self.judged if p.kind is PropertyKind.STEP):
            bad = self._judge(property_, *self.transition.holds(property_, after, before))
            if bad is not None:
                return bad
        for property_ in self.transition.step_constraints if self.errors else ():
            _, error = self.transition.holds(property_, after, before)
            bad = self._judge(property_, True, error)
            if bad is not None:
                return bad
        return None

    def _bad_state(self) -> Bad | None:
        for property_ in (p for p in self.judged if p.kind is not PropertyKind.STEP):
            bad = self._judge(property_, *self.transition.holds(property_, self.behaviour.last))
            if bad is not None:
                return bad
        return self._misjudged() if self.errors else None

    def _misjudged(self) -> Bad | None:
        """A state in which a constraint, or what is still sought, cannot be judged."""
        for property_ in (*self.sought, *self.system.of_kind(PropertyKind.CONSTRAINT)):
            _, error = self.transition.holds(property_, self.behaviour.last)
            bad = self._judge(property_, True, error)
            if bad is not None:
                return bad
        return None

    def _judge(self, property_: Property, holds: l.Truth, error: l.Truth) -> Bad | None:
        model = self.query.satisfiable(l.either(l.no(holds), error))
        if model is None:
            return None
        reader = Reader(self.system, model)
        trace = reader.trace(self.behaviour)
        if reader.decoder.truth(error):
            return Bad(ViolationKind.ERROR, property_.id, trace)
        is_step = property_.kind is PropertyKind.STEP
        kind = ViolationKind.STEP if is_step else ViolationKind.SAFETY
        return Bad(kind, property_.id, trace)


# From what the solver found to a violation as every engine reports it.


def violation_of(instance: Instance, bad: Bad) -> Violation:
    """The violation, with the message and place that CPython gives for it where it can."""
    message, at = "", None
    claim = next((c for c in instance.requirements if c.id == bad.property), None)
    if claim is not None:
        message, at = claim.statement, claim.at
    if bad.kind is ViolationKind.DEADLOCK:
        message = "no action is enabled"
    event = _event(instance, bad) if bad.kind is ViolationKind.ERROR else None
    action, arguments = bad.action, bad.arguments
    if event is not None:
        message, at = event.message, event.at
        arguments = event.arguments if action else ()
    elif bad.kind is ViolationKind.ERROR:
        message = "the model goes wrong here"
    return Violation(
        kind=bad.kind,
        property=bad.property,
        trace=bad.trace,
        message=message,
        at=at,
        action=action,
        arguments=arguments,
    )


def _event(instance: Instance, bad: Bad) -> Event | None:
    """The same model error found by running the model; None where it has unbounded parameters."""
    if unbounded_parameters(instance):
        return None
    at_start = bad.action in {a.name for a in instance.initial}
    events = _events(instance, bad.trace, in_step=bool(bad.action), at_start=at_start)
    for event in events:
        if (
            event.kind is ViolationKind.ERROR
            and event.property == bad.property
            and (event.action == bad.action or not bad.action)
        ):
            return event
    return None


def _events(instance: Instance, trace: Trace, *, in_step: bool, at_start: bool) -> list[Event]:
    if not trace.steps and (not in_step or at_start):
        return [e for e in judge_initial(instance) if (e.state is None) == in_step]
    if not in_step:
        before = trace.states[-2]
        return [e for e in explain(instance, before) if e.state == trace.states[-1]]
    return [e for e in explain(instance, trace.states[-1]) if e.state is None]

"""States in which no action is enabled, for any value of its parameters and choices.

That no value enables an action is a universal statement. It is found by guessing: the solver
offers a state in which the instances seen so far are not enabled; if another instance is, that
one is remembered and the solver asked again.
"""

from collections.abc import Sequence

import z3

from planespec.checker.ir.system import PropertyKind
from planespec.checker.symbolic import logic as l
from planespec.checker.symbolic.behaviour import Reader
from planespec.checker.symbolic.decode import embed
from planespec.checker.symbolic.solving import Clock, GaveUpError, Query
from planespec.checker.symbolic.transition import SymbolicState, Taken, Transition
from planespec.checker.symbolic.unknowns import identical

MOST_GUESSES = 2_000


class Deadlocks:
    """Looks for states without a successor; raises GaveUpError after too many guesses."""

    def __init__(self, transition: Transition, clock: Clock) -> None:
        self.transition, self.clock = transition, clock

    def find(self, query: Query, state: SymbolicState, ways: Sequence[Taken]) -> Reader | None:
        """A model of the query in which `state` has no successor, or None."""
        query.solver.push()
        try:
            query.add(self._may_not_stop(state), self.transition.expanded(state))
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

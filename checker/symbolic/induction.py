"""Proof by induction and k-induction, with the smallest set of helpers that carries it.

A set of state requirements is inductive when initial states have them all and every step from
states that have them all (k states in a row, for k-induction) keeps them. The largest inductive
subset of the candidates is found by dropping those that a step breaks until none is dropped
(Houdini: Flanagan and Leino, FME 2001). If the goal is left, it holds in every reachable state;
the unsatisfiable cores then say which of the others the proof really uses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from planespec.checker.ir.system import Property, System
from planespec.checker.outcome import State, Step, Trace
from planespec.checker.symbolic import logic as l
from planespec.checker.symbolic.decode import Decoder
from planespec.checker.symbolic.solving import Clock, Query
from planespec.checker.symbolic.transition import Instance, SymbolicState, Transition


@dataclass(frozen=True, slots=True)
class StepCounterexample:
    """States that have all helpers, and a step to one that breaks `broken` (a CTI).

    The first state need not be reachable. `excluded_by` are lemmas and requirements that are false
    in one of the states before the step: proving one of them would rule this behaviour out.
    """

    broken: str
    trace: Trace
    excluded_by: tuple[str, ...] = ()


@dataclass(slots=True)
class Proof:
    """What came of it. `counterexample` is None when `goal` is proved.

    `initial` marks a real violation: an initial state (or one within k steps of it) is broken.
    """

    goal: str
    k: int
    proved: bool
    helpers: tuple[str, ...] = ()
    counterexample: StepCounterexample | None = None
    initial: bool = False
    dropped: tuple[str, ...] = field(default=())


class Induction:
    """Obligations of one system; raises GaveUpError when the solver or the clock does."""

    def __init__(self, system: System, clock: Clock, k: int = 1) -> None:
        self.system, self.clock, self.k = system, clock, k
        self.transition = Transition(system)
        self.names = tuple(x.name for x in system.variables)

    def prove(self, goal: Property, helpers: Sequence[Property]) -> Proof:
        """Prove `goal` with whichever of `helpers` are needed and hold themselves."""
        initial = self._broken_from_start(goal)
        if initial is not None:
            return Proof(goal.id, self.k, False, counterexample=initial, initial=True)
        started = [h for h in helpers if self._broken_from_start(h) is None]
        dropped = [h.id for h in helpers if h not in started]
        candidates = [goal, *started]
        while True:
            broken = self._first_broken(candidates)
            if broken is None:
                break
            property_, found = broken
            if property_ is goal:
                found = self._hint(found, [h for h in helpers if h.id in dropped])
                return Proof(goal.id, self.k, False, (), found, dropped=tuple(dropped))
            dropped.append(property_.id)
            candidates.remove(property_)
        used = self._needed(goal, candidates)
        return Proof(goal.id, self.k, True, tuple(h.id for h in used), dropped=tuple(dropped))

    def model_error(self, helpers: Sequence[Property]) -> StepCounterexample | None:
        """A step from a state with all `helpers` that is a model error; None proves there is none.

        The helpers must be inductive.
        """
        state, typed = self.transition.state("s")
        for action in self.system.actions:
            query = Query(self.clock)
            query.add(typed, self.transition.assumptions(state))
            query.add(*[self.transition.holds(h, state)[0] for h in helpers])
            instance = self.transition.instance(action, state)
            model = query.satisfiable(instance.error)
            if model is not None:
                decoder = Decoder(model)
                step = self._step(decoder, instance, state)
                trace = Trace(self.names, self._state(decoder, state), (step,))
                return StepCounterexample("model error", trace)
        return None

    def _broken_from_start(self, goal: Property) -> StepCounterexample | None:
        """A real behaviour of fewer than k steps that breaks the property."""
        state, initial, _ = self.transition.initial()
        query = Query(self.clock)
        query.add(initial, self.transition.assumptions(state))
        return self._along(query, goal, state, self.k - 1, [])

    def _along(
        self,
        query: Query,
        goal: Property,
        state: SymbolicState,
        steps: int,
        history: list[tuple[Instance, SymbolicState]],
    ) -> StepCounterexample | None:
        holds, error = self.transition.holds(goal, state)
        model = query.satisfiable(l.either(l.no(holds), error))
        if model is not None:
            return StepCounterexample(goal.id, self._trace(Decoder(model), history, state))
        if steps == 0:
            return None
        for instance in self.transition.instances(state):
            after, typed = self.transition.state(f"i{len(history) + 1}")
            query.solver.push()
            query.add(instance.enabled, typed, self.transition.equal(after, instance.after))
            found = self._along(query, goal, after, steps - 1, [*history, (instance, state)])
            query.solver.pop()
            if found is not None:
                return found
        return None

    def _first_broken(
        self, candidates: Sequence[Property]
    ) -> tuple[Property, StepCounterexample] | None:
        """The last candidate that a step breaks: helpers are dropped before the goal."""
        for property_ in reversed(candidates):
            found, _ = self._step_breaks(property_, candidates)
            if found is not None:
                return property_, found
        return None

    def _step_breaks(
        self, goal: Property, assumed: Sequence[Property]
    ) -> tuple[StepCounterexample | None, set[str]]:
        """A counterexample to induction, or None and the assumptions that exclude any."""
        query = Query(self.clock)
        state, history = self._chain(query, assumed)
        used: set[str] = set()
        for action in self.system.actions:
            instance = self.transition.instance(action, state)
            holds, error = self.transition.holds(goal, instance.after)
            query.solver.push()
            query.add(instance.enabled)
            model = query.satisfiable(l.either(l.no(holds), error))
            if model is None:
                used |= query.core()
            query.solver.pop()
            if model is not None:
                decoder = Decoder(model)
                trace = self._trace(decoder, [*history, (instance, state)], instance.after)
                return StepCounterexample(goal.id, trace), set()
        return None, used

    def _chain(
        self, query: Query, assumed: Sequence[Property]
    ) -> tuple[SymbolicState, list[tuple[Instance, SymbolicState]]]:
        """k states in a row that have everything assumed; the last of them, and the steps."""
        state, typed = self.transition.state("s0")
        query.add(typed, self.transition.assumptions(state))
        places = [state]
        history: list[tuple[Instance, SymbolicState]] = []
        for n in range(1, self.k):
            after, typed = self.transition.state(f"s{n}")
            query.add(typed, self.transition.assumptions(after))
            instances = list(self.transition.instances(state))
            query.add(
                l.any_of(
                    l.both(x.enabled, self.transition.equal(after, x.after)) for x in instances
                )
            )
            history.append((_unnamed(instances), state))
            places.append(after)
            state = after
        for property_ in assumed:
            holds = l.all_of(self.transition.holds(property_, p)[0] for p in places)
            query.assume(property_.id, holds)
        return state, history

    def _needed(self, goal: Property, candidates: Sequence[Property]) -> list[Property]:
        """Helpers the proof of the goal uses, theirs included; none can be left out."""
        by_id = {p.id: p for p in candidates}
        used = self._closure(goal, by_id)
        for name in sorted(used - {goal.id}):
            fewer = {n: by_id[n] for n in used if n != name}
            if self._first_broken(list(fewer.values())) is None:
                used = self._closure(goal, fewer)
        return [p for p in candidates if p.id in used and p is not goal]

    def _closure(self, goal: Property, by_id: dict[str, Property]) -> set[str]:
        open_, used = {goal.id}, {goal.id}
        while open_:
            _, core = self._step_breaks(by_id[open_.pop()], list(by_id.values()))
            open_ |= core - used
            used |= core
        return used

    def _hint(self, found: StepCounterexample, others: Sequence[Property]) -> StepCounterexample:
        from planespec.checker.symbolic.decode import embed

        states = found.trace.states[:-1]
        hints = []
        for property_ in others:
            for frozen in states:
                pairs = zip(self.system.variables, frozen, strict=True)
                state = {x.name: embed(x.type, value) for x, value in pairs}
                if self.transition.holds(property_, state)[0] is False:
                    hints.append(property_.id)
                    break
        return StepCounterexample(found.broken, found.trace, tuple(hints))

    def _trace(
        self,
        decoder: Decoder,
        history: Sequence[tuple[Instance, SymbolicState]],
        last: SymbolicState,
    ) -> Trace:
        places = [*(s for _, s in history), last]
        states = [self._state(decoder, p) for p in places]
        steps = [
            Step(s.action, s.arguments, states[n + 1])
            for n, s in enumerate(self._step(decoder, i, x) for i, x in history)
        ]
        return Trace(self.names, states[0], tuple(steps))

    def _step(self, decoder: Decoder, instance: Instance, state: SymbolicState) -> Step:
        picked = instance.picked.items()
        arguments = tuple((n, decoder.value(x, value)) for n, (x, value) in picked)
        return Step(instance.action.name, arguments, self._state(decoder, state))

    def _state(self, decoder: Decoder, state: SymbolicState) -> State:
        return tuple(decoder.value(x.type, state[x.name]) for x in self.system.variables)


def _unnamed(instances: list[Instance]) -> Instance:
    """Stands for whichever action was taken; the trace names the first for want of a better."""
    return Instance(instances[0].action, True, False, instances[0].after, {})

"""Proof by induction and k-induction, with the smallest set of helpers that carries it.

A set of state requirements is inductive when every behaviour of fewer than k steps has them all
and every step after k states in a row that have them all keeps them (Sheeran, Singh and Stalmarck,
FMCAD 2000). The largest inductive subset of the candidates is found by dropping those that a step
breaks until none is dropped (Houdini: Flanagan and Leino, FME 2001).
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic.solving import Clock, GaveUpError, Query
from planespec.checker.engines.symbolic.transition import Behaviour, Reader, Transition, link
from planespec.checker.ir.system import Property, PropertyKind, System
from planespec.checker.outcome import Trace

ERRORS = "model-errors"
"""The obligation that no step from a reachable state goes wrong."""


@dataclass(frozen=True, slots=True)
class Broken:
    """States in a row that have everything assumed, and a step that breaks `goal`.

    The first state need not be reachable. For a model error the failing step is `action`.
    """

    goal: str
    trace: Trace
    action: str = ""
    arguments: tuple[tuple[str, object], ...] = ()


class Induction:
    """The step of the induction; raises GaveUpError when the solver or the clock does."""

    def __init__(self, system: System, clock: Clock, k: int = 1) -> None:
        self.system, self.clock, self.k = system, clock, k
        self.transition = Transition(system, clock.look)
        self.behaviour, self.formulas = self._chain()
        self.ways = list(self.transition.steps(self.behaviour.last))
        self.query = Query(clock)
        self.query.add(*self.formulas)
        self.broken_after: dict[tuple[str, int], l.Truth] = {}
        self.cores: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
        self.too_weak: defaultdict[str, list[frozenset[str]]] = defaultdict(list)

    def _chain(self) -> tuple[Behaviour, list[l.Truth]]:
        """k unknown states in a row, all of which a search would expand."""
        first, typed = self.transition.state("s0")
        behaviour, formulas = Behaviour([first]), [typed, self.transition.expanded(first)]
        for n in range(1, self.k):
            ways = list(self.transition.steps(behaviour.last))
            after, typed = self.transition.state(f"s{n}")
            named, meaning = link(self.transition, ways, after, f"step{n}")
            kept = self.transition.kept(behaviour.last, after)
            behaviour.states.append(after)
            behaviour.links.append(named)
            formulas += [typed, meaning, self.transition.expanded(after), kept]
        return behaviour, formulas

    def largest(self, candidates: Sequence[Property]) -> list[Property]:
        """The largest subset that is inductive, in the same order."""
        kept = list(candidates)
        settled = False
        while not settled:
            settled = True
            for property_ in reversed(tuple(kept)):
                if not self._keeps(property_, kept):
                    kept.remove(property_)
                    settled = False
        return kept

    def _keeps(self, property_: Property, assumed: Sequence[Property]) -> bool:
        """Whether steps keep it; what the solver cannot decide in its share of time is dropped."""
        try:
            with self.clock.share(0.25):
                return self._core(property_, assumed) is not None
        except GaveUpError:
            self.clock.left_milliseconds()
            return False

    def ask(
        self, goal: Property | None, assumed: Sequence[Property]
    ) -> tuple[Broken | None, set[str]]:
        """`breaks`, or `goes_wrong` where the goal is None; the answer is remembered."""
        broken, used = self.goes_wrong(assumed) if goal is None else self.breaks(goal, assumed)
        id_ = ERRORS if goal is None else goal.id
        if broken is None:
            self.cores[id_].append(frozenset(used))
        else:
            self.too_weak[id_].append(frozenset(p.id for p in assumed))
        return broken, used

    def breaks(
        self, goal: Property, assumed: Iterable[Property]
    ) -> tuple[Broken | None, set[str]]:
        """A step that breaks the goal, or None and the assumptions that rule any out."""
        used: set[str] = set()
        names = self._assume(assumed)
        for number, way in enumerate(self.ways):
            bad = l.both(way.enabled, self._broken(goal, number))
            model = self.query.satisfiable(bad, names=names)
            if model is not None:
                trace = Reader(self.system, model).trace(self.behaviour, (way,))
                return Broken(goal.id, trace), set()
            used |= self.query.core()
        return None, used

    def _broken(self, goal: Property, number: int) -> l.Truth:
        """Whether the goal fails after a way, or over it."""
        if (goal.id, number) not in self.broken_after:
            before = self.behaviour.last if goal.kind is PropertyKind.STEP else None
            found = self.transition.fails(goal, self.ways[number].after, before)
            self.broken_after[goal.id, number] = found
        return self.broken_after[goal.id, number]

    def _assume(self, assumed: Iterable[Property]) -> list[str]:
        """Make the properties known to the solver, of every state before the last step."""
        names = []
        for property_ in assumed:
            names.append(property_.id)
            if property_.id not in self.query.names:
                states = self.behaviour.states
                holds = l.all_of(self.transition.has(property_, s) for s in states)
                self.query.assume(property_.id, holds)
        return names

    def goes_wrong(self, assumed: Iterable[Property]) -> tuple[Broken | None, set[str]]:
        """A step that is a model error, or None and the assumptions that rule any out."""
        used: set[str] = set()
        names = self._assume(assumed)
        for way in self.ways:
            model = self.query.satisfiable(way.error, names=names)
            if model is not None:
                reader = Reader(self.system, model)
                trace = reader.trace(self.behaviour)
                return Broken(ERRORS, trace, way.action, reader.arguments(way)), set()
            used |= self.query.core()
        broken, more = self._misjudges(names)
        return broken, used | more

    def _misjudges(self, names: list[str]) -> tuple[Broken | None, set[str]]:
        """A state in which judging a requirement goes wrong."""
        state, used = self.behaviour.last, set[str]()
        for property_ in self.system.of_kind(PropertyKind.ALWAYS, PropertyKind.LEMMA):
            error = self.transition.holds(property_, state)[1]
            model = self.query.satisfiable(error, names=names)
            if model is not None:
                return Broken(ERRORS, Reader(self.system, model).trace(self.behaviour)), set()
            used |= self.query.core()
        return None, used

    def needed(self, goal: Property | None, proved: Sequence[Property]) -> list[Property]:
        """Helpers that the proof of the goal (None: no model error) uses, theirs included.

        None of them can be left out. Where time runs out, more than needed may be given. Helpers
        that carry each other would stay, so that none at all is tried first.
        """
        by_id = {p.id: p for p in proved}
        with contextlib.suppress(GaveUpError):
            if self._carries(goal, [p for p in proved if p is goal]):
                return []
        used = self._closure(goal, by_id)
        for name in sorted(used):
            if goal is not None and name == goal.id:
                continue
            fewer = {n: p for n, p in by_id.items() if n in used and n != name}
            try:
                if self._carries(goal, list(fewer.values())):
                    used = self._closure(goal, fewer)
            except GaveUpError:
                break
        return [p for p in proved if p.id in used and p is not goal]

    def _carries(self, goal: Property | None, assumed: Sequence[Property]) -> bool:
        """Whether the assumed ones are inductive with the goal, and enough for it."""
        return all(self._core(p, assumed) is not None for p in (goal, *assumed))

    def _closure(self, goal: Property | None, by_id: dict[str, Property]) -> set[str]:
        """Everything in the cores of the goal, and in the cores of what is in them."""
        assumed = list(by_id.values())
        used: set[str] = set()
        waiting = [goal]
        while waiting:
            core = self._core(waiting.pop(), assumed) or frozenset()
            waiting += [p for p in assumed if p.id in core - used]
            used |= core
        return used

    def _core(self, goal: Property | None, assumed: Sequence[Property]) -> frozenset[str] | None:
        """Assumptions that keep steps from breaking the goal (None: from going wrong), or None.

        What was found before is not asked again: what fewer carry more do, and what breaks in
        spite of more breaks in spite of fewer.
        """
        id_, names = ERRORS if goal is None else goal.id, frozenset(p.id for p in assumed)
        for core in self.cores[id_]:
            if core <= names:
                return core
        if any(names <= weak for weak in self.too_weak[id_]):
            return None
        broken, used = self.ask(goal, assumed)
        return frozenset(used) if broken is None else None

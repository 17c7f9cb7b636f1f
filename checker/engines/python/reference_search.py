"""Breadth-first search, level by level, with the numbers every engine agrees on."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from math import inf
from sys import getsizeof
from time import monotonic
from typing import Any

from planespec.checker.budget import Options, Progress, Spent
from planespec.checker.engines.python.judging import Event, Fault, Judge
from planespec.checker.engines.python.orbits import TooAlike, orbit_of
from planespec.checker.engines.python.stepping import Stepper, Taken, Twin, step_of
from planespec.checker.instance import Instance
from planespec.checker.outcome import (
    ActionCount,
    State,
    Statistics,
    Step,
    Trace,
    ViolationKind,
)

CHECK_EVERY = 64
"""States between two looks at the clock."""

CLOCK_EVERY = 1024
"""Steps between two looks at the clock, as one state may have millions of successors."""

ENTRY = 400
"""Bytes a stored state costs beside its values: table entries, link to its parent."""


@dataclass(frozen=True, slots=True)
class Found:
    """An event, the state it was found at, and the step from there that it is about."""

    event: Event
    source: State | None
    step: Step | None = None


class Search:
    """One breadth-first search; `explore` runs it, the attributes hold what it found."""

    def __init__(self, instance: Instance, options: Options) -> None:
        self.instance = instance
        self.options = replace(options, budget=options.budget.begun())
        self.most = 1.1 * (options.budget.states or inf)
        self.stepper, self.judge = Stepper(instance), Judge(instance, options.requirements)
        self.stepper.tick = self.look_at_clock
        self.twin = Twin(instance, self.stepper)
        self.parents: dict[State, tuple[State | None, Taken]] = {}
        self.seen: set[Hashable] = set()
        self.orbit: Callable[[State], Hashable] | None = None
        if options.symmetry and instance.symmetric_sorts:
            self.orbit = orbit_of(instance, self.look_at_clock)
        self.levels: list[int] = []
        self.generated, self.left = 0, 0
        self.taken = [0] * len(instance.actions)
        self.new = [0] * len(instance.actions)
        self.least: dict[Hashable, int] = {}
        self.unchanged = list(range(len(instance.variables)))
        self.cut: dict[str, int] = {}
        self.reached: dict[str, int | None] = {c.id: None for c in self.judge.reachable}
        self.pending = list(self.judge.reachable)
        self.found: Found | None = None
        self.reason = ""
        self.started = monotonic()
        self.seconds = 0.0

    def explore(self) -> None:
        """Search until everything is seen, something is found, or a budget is spent."""
        try:
            level = self._first_level()
            while level and self.found is None and not self._at_depth_bound(level):
                level = self._expand_level(level)
            self.left = 0 if self.found is None else len(level)
        except (Spent, TooAlike) as spent:
            self.reason = str(spent)
        finally:
            self.seconds = monotonic() - self.started

    def _first_level(self) -> list[State]:
        level: list[State] = []
        self.levels.append(0)
        for taken in self.stepper.start():
            self._arrive(None, taken, level)
        if not level:
            self.levels.pop()
        self.left = len(level)
        return level

    def _at_depth_bound(self, level: list[State]) -> bool:
        depth = self.options.budget.depth
        if depth is None or len(self.levels) <= depth:
            return False
        self.cut["depth"] = len(level)
        return True

    def _expand_level(self, level: list[State]) -> list[State]:
        following: list[State] = []
        deadlock: Found | None = None
        self.levels.append(0)
        self.least = {}
        self.pending = [c for c in self.pending if self.reached[c.id] is None]
        for number, state in enumerate(level):
            self.left = len(level) - number + len(following)
            if number % CHECK_EVERY == 0:
                self.look_at_clock()
            enabled = False
            for taken in self.stepper.expand(state):
                enabled = True
                self._arrive(state, taken, following)
            if not enabled and deadlock is None:
                deadlock = self._deadlock(state)
            self.twin.compare(state)
            self.options.budget.look_at_states(len(self.seen))
        for number in self.least.values():
            self.new[number] += 1
        if not following:
            self.levels.pop()
        self.found = deadlock or self.found
        return following

    def _deadlock(self, state: State) -> Found | None:
        if not (self.options.check_deadlock and self.instance.check_deadlock):
            return None
        allowed = self.judge.is_terminal(state)
        if isinstance(allowed, Event):
            return Found(allowed, state)
        if allowed:
            return None
        event = Event(ViolationKind.DEADLOCK, "deadlock", "no action is enabled", None)
        return Found(event, state)

    def _arrive(self, source: State | None, taken: Taken, level: list[State]) -> None:
        number, _, _, after = taken
        if isinstance(after, Fault):
            event = Event(ViolationKind.ERROR, "", after.message, after.at)
            self._report(event, source, taken)
            return
        self.generated += 1
        if self.generated % CLOCK_EVERY == 0:
            self.look_at_clock()
        if source is not None:
            self.taken[number] += 1
            if self.unchanged and after is not source:
                self._note_changes(source, after)
            if self.found is None and self.judge.steps:
                self._report(self.judge.step(source, after), source, taken)
            if self.judge.step_constraints and self._is_cut_step(source, taken, after):
                self._judge(source, taken, after)
                return
        key = self.orbit(after) if self.orbit else after
        if key in self.seen:
            if number < self.least.get(key, -1):
                self.least[key] = number
            return
        self._judge(source, taken, after)
        if self.judge.constraints and self._is_cut(source, taken, after):
            return
        self.seen.add(key)
        self.parents[after] = (source, taken)
        self.levels[-1] += 1
        level.append(after)
        if len(self.seen) > self.most:
            self.options.budget.look_at_states(len(self.seen))
        if source is not None:
            self.least[key] = number

    def _judge(self, source: State | None, taken: Taken, state: State) -> None:
        if self.found is None:
            self._report(self.judge.state(state), source, taken)
        for claim in self.pending:
            answer = self.judge.reaches(claim, state)
            if isinstance(answer, Event):
                self._report(answer, source, taken)
            elif answer and self.reached[claim.id] is None:
                self.reached[claim.id] = len(self.levels) - 1

    def _is_cut(self, source: State | None, taken: Taken, state: State) -> bool:
        outside = self.judge.cut(state)
        if isinstance(outside, Event):
            self._report(outside, source, taken)
        elif outside is not None:
            self.cut["constraint"] = self.cut.get("constraint", 0) + 1
            return True
        return False

    def _is_cut_step(self, source: State, taken: Taken, after: State) -> bool:
        outside = self.judge.cut_step(source, after)
        if isinstance(outside, Event):
            self._report(outside, source, taken)
        elif outside is not None:
            self.cut["step constraint"] = self.cut.get("step constraint", 0) + 1
            return True
        return False

    def _report(self, event: Event | None, source: State | None, taken: Taken | None) -> None:
        if event is None or self.found is not None:
            return
        step = None
        if taken is not None:
            fault = isinstance(taken[3], Fault)
            event = event if fault else _with_state(event, taken[3])
            step = step_of(self.instance, taken, initial=source is None)
        self.found = Found(event, source, step)

    def _note_changes(self, before: State, after: State) -> None:
        self.unchanged = [i for i in self.unchanged if before[i] == after[i]]

    def look_at_clock(self) -> None:
        """Tell how far the search is; raises Spent where time or memory are used up."""
        spent, budget = monotonic() - self.started, self.options.budget
        if self.options.on_progress is not None:
            depth = len(self.levels)
            self.options.on_progress(
                Progress(self.generated, len(self.seen), self.left, depth, spent)
            )
        budget.look_at_clock()
        if budget.memory is not None and self.bytes_per_state() * len(self.seen) > budget.memory:
            raise Spent(f"the budget of {budget.memory:,} bytes is spent (estimated)")

    def trace(self, last: State | None, step: Step | None) -> Trace:
        """The behaviour that leads to a stored state, and one step more."""
        steps: list[Step] = [] if step is None else [step]
        while last is not None:
            source, taken = self.parents[last]
            steps.append(step_of(self.instance, taken, initial=source is None))
            last = source
        steps.reverse()
        names = self.instance.variables
        if not steps:
            return Trace(names, self.instance.binding.defaults, ())
        return Trace(names, steps[0].state, tuple(steps[1:]))

    def bytes_per_state(self) -> float:
        """Rough memory of a stored state, from the size of the first one."""
        first = next(iter(self.parents), None)
        return 0.0 if first is None else float(_size(first) + ENTRY)

    def statistics(self) -> Statistics:
        """The numbers so far."""
        names, actions = self.instance.variables, self.instance.actions
        counts = zip(actions, self.taken, self.new, strict=True)
        return Statistics(
            generated=self.generated,
            distinct=len(self.seen),
            depth=len(self.levels),
            left=self.left,
            actions={a.name: ActionCount(taken, new) for a, taken, new in counts},
            unchanged=tuple(names[i] for i in self.unchanged),
            cut=dict(sorted(self.cut.items(), reverse=True)),
            levels=tuple(self.levels),
            bytes_per_state=self.bytes_per_state(),
            search_seconds=self.seconds,
        )


def _with_state(event: Event, state: Any) -> Event:
    return Event(event.kind, event.property, event.message, event.at, state=state)


def _size(value: Any) -> int:
    size = getsizeof(value)
    if isinstance(value, tuple | frozenset):
        size += sum(map(_size, value))
    return size

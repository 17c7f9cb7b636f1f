"""Simulates an instance with an engine, and makes shorter what was found."""

from collections import deque
from dataclasses import dataclass, replace

from planespec.checker.budget import Budget, Spent, bound_text
from planespec.checker.engines.python.judging import Event, Fault, Judge
from planespec.checker.engines.python.stepping import Stepper, Taken, step_of
from planespec.checker.engines.simulation import walking
from planespec.checker.engines.simulation.plan import Plan, Simulated, Walked
from planespec.checker.engines.simulation.walking import StepJudge
from planespec.checker.errors import ConfigurationError, SystemRefusal
from planespec.checker.front import compile_system
from planespec.checker.instance import JUDGED, LIVENESS, Instance
from planespec.checker.outcome import (
    Outcome,
    State,
    Statistics,
    Trace,
    Verdict,
    Violation,
    ViolationKind,
)
from planespec.checker.unbounded import refuse_unbounded, unbounded_variables

# Makes the behaviour that a random walk found shorter, without searching for another one.
#
# Two things are tried, again and again until neither helps. *Shortcuts*: the shortest way from
# the beginning to the end through states of the walk alone, which cuts every loop between equal
# states. *Leaving out*: runs of steps, long ones first, are dropped where the rest can still be
# taken as it stands (delta debugging, Zeller 1999) and ends in the same violation. What remains
# need not be a shortest counterexample: `check` finds those.


MOST_STEPS = 50_000
"""Steps that may be tried; a number rather than a time, so that the result is always the same."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A behaviour that goes wrong: the initial step, what follows, and what it ends in.

    `wrong` is the step the event is about; a deadlock has none.
    """

    steps: tuple[Taken, ...]
    event: Event
    wrong: Taken | None

    @property
    def length(self) -> int:
        """Steps after the initial state, the one that goes wrong included."""
        return len(self.steps) + (self.wrong is not None) - 1


class Shortener:
    """Shortens behaviours of one instance; `tried` counts the steps that were run for it."""

    def __init__(self, instance: Instance, ids: tuple[str, ...] | None) -> None:
        self.stepper = Stepper(instance)
        self.judge = Judge(instance, ids)
        self.events = StepJudge(self.judge)
        self.tried = 0
        self._known: dict[State, list[Taken]] = {}

    def shorten(self, behaviour: Behaviour) -> Behaviour:
        """The behaviour with as much left out as was found to be idle."""
        while behaviour.steps and self.tried < MOST_STEPS:
            shorter = self._without_idle(self._shortcut(behaviour))
            if shorter.length == behaviour.length:
                return shorter
            behaviour = shorter
        return behaviour

    def _shortcut(self, behaviour: Behaviour) -> Behaviour:
        """The shortest way to the last state through states of the behaviour."""
        states = {taken[3] for taken in behaviour.steps}
        first, last = behaviour.steps[0], behaviour.steps[-1][3]
        came: dict[State, Taken] = {first[3]: first}  # type: ignore[dict-item]
        before: dict[State, State] = {}
        queue: deque[State] = deque(came)
        while queue and last not in came and self.tried < MOST_STEPS:
            state = queue.popleft()
            for taken in self._expand(state):
                after = taken[3]
                if isinstance(after, Fault) or after not in states or after in came:
                    continue
                if self.events.event(state, taken) is None:
                    came[after], before[after] = taken, state
                    queue.append(after)
        if isinstance(last, Fault) or last not in came:
            return behaviour
        return Behaviour(tuple(_way(came, before, last)), behaviour.event, behaviour.wrong)

    def _expand(self, state: State) -> list[Taken]:
        if state not in self._known:
            self._known[state] = list(self.stepper.expand(state))
            self.tried += len(self._known[state])
        return self._known[state]

    def _without_idle(self, behaviour: Behaviour) -> Behaviour:
        """Leave out runs of steps, half of the behaviour first and single steps last."""
        size = max(len(behaviour.steps) // 2, 1)
        while size and self.tried < MOST_STEPS:
            start = max(len(behaviour.steps) - size, 1)
            while start >= 1 and self.tried < MOST_STEPS:
                kept = (*behaviour.steps[:start], *behaviour.steps[start + size :])
                found = self._rerun(behaviour, kept) if len(kept) < len(behaviour.steps) else None
                behaviour = found or behaviour
                start -= size
            size //= 2
        return behaviour

    def _rerun(self, behaviour: Behaviour, steps: tuple[Taken, ...]) -> Behaviour | None:
        """Take the steps one after the other; a behaviour where they end in the same violation."""
        taken, done = steps[0], [steps[0]]
        wanted = list(steps[1:]) + ([behaviour.wrong] if behaviour.wrong is not None else [])
        for step in wanted:
            state = taken[3]
            assert not isinstance(state, Fault)
            again = self._again(state, step)
            if again is None:
                return None
            event = self.events.event(state, again)
            if event is not None:
                same = behaviour.wrong is not None and _alike(event, behaviour.event)
                return Behaviour(tuple(done), event, again) if same else None
            if self.events.outside[again[3]]:  # type: ignore[index]
                return None
            taken = again
            done.append(taken)
        return self._end_of(behaviour, done)

    def _end_of(self, behaviour: Behaviour, done: list[Taken]) -> Behaviour | None:
        """The behaviour, where its last state has no successor as that of the one before."""
        last = done[-1][3]
        if behaviour.wrong is not None or isinstance(last, Fault) or self._expand(last):
            return None
        event = self.events.deadlock(last)
        return (
            Behaviour(tuple(done), event, None)
            if event and _alike(event, behaviour.event)
            else None
        )

    def _again(self, state: State, step: Taken) -> Taken | None:
        """The same instance with the same choices from another state, where it is enabled."""
        found = None
        for taken in self.stepper.instance_steps(state, step[0], step[1]):
            self.tried += 1
            if found is None and taken[2] == step[2]:
                found = taken
        return found


def _way(came: dict[State, Taken], before: dict[State, State], last: State) -> list[Taken]:
    way = [came[last]]
    while last in before:
        last = before[last]
        way.append(came[last])
    return way[::-1]


def _alike(one: Event, other: Event) -> bool:
    """Whether two events are the same violation; a model error is known by its place."""
    return (one.kind, one.property, one.at) == (other.kind, other.property, other.at)


ENGINES = ("auto", "python", "native")


def simulate(instance: Instance, engine: str, plan: Plan) -> Simulated:
    """Take the walks of a plan; the verdict is Violated or Unknown, and never Holds.

    `auto` compiles the model, unless it has numbers without a bound. Raises ConfigurationError for
    an unknown engine or requirement, for promises asked for by name and for a model without
    initial states, InputError for what is outside the language, SystemRefusal when the native
    engine is asked for and cannot be loaded.
    """
    promises = _promises(instance, plan)
    if plan.budget.memory is not None:
        raise ConfigurationError("a simulation stores no states: --budget memory limits nothing")
    refuse_unbounded(instance, "native" if engine == "native" else "python")
    plan = replace(plan, budget=plan.budget.begun())
    compile_system(instance)
    plan = replace(plan, check_deadlock=plan.check_deadlock and instance.check_deadlock)
    walked = _walk(instance, engine, plan)
    if _is_empty(walked):
        raise instance.nowhere_to_begin()
    behaviour, steps = None, 0
    if walked.violating is not None:
        try:
            behaviour, steps = _explain(instance, plan, walked.violating)
        except (KeyboardInterrupt, Spent) as stop:
            interrupted = isinstance(stop, KeyboardInterrupt)
            why = "interrupted" if interrupted else str(stop)
            reason = f"{why} while walk {walked.violating}, which goes wrong, was explained"
            walked = replace(walked, reason=reason, interrupted=interrupted)
    outcome = _outcome(instance, plan, walked, behaviour)
    return Simulated(outcome, plan, walked.numbers, walked.violating, steps, promises)


def _promises(instance: Instance, plan: Plan) -> tuple[str, ...]:
    """Ids of the promises that are left unjudged; raises when they were asked for."""
    promises = tuple(c.id for c in instance.judged(plan.requirements) if c.kind in LIVENESS)
    if promises and plan.requirements is not None:
        raise ConfigurationError(
            f"{', '.join(promises)}: no walk of finite length breaks a promise; "
            "`planespec check` judges promises"
        )
    return promises


def _walk(instance: Instance, engine: str, plan: Plan) -> Walked:
    if engine not in ENGINES:
        raise ConfigurationError(
            f"there is no engine {engine!r} for walks; the engines are {', '.join(ENGINES)}"
        )
    if engine == walking.NAME or unbounded_variables(instance):
        return walking.run(instance, plan)
    try:
        return _walk_natively(instance, plan)
    except SystemRefusal as refusal:
        if engine != "auto":
            raise
        slow = walking.run(instance, plan)
        return replace(slow, notes=(*slow.notes, f"{refusal}; walked without it, slowly"))


def _walk_natively(instance: Instance, plan: Plan) -> Walked:
    try:
        from planespec.checker.engines.native.host import random_walks
    except (ImportError, OSError) as error:
        raise SystemRefusal(f"engine native cannot be loaded: {error}") from error
    return random_walks.run(instance, plan)


def _explain(instance: Instance, plan: Plan, number: int) -> tuple[Behaviour, int]:
    """Take the walk again under CPython, and make what it found shorter."""
    budget = plan.budget.for_trace()
    alone = replace(plan, first=number, walks=1, budget=budget, on_progress=None)
    walk = walking.Walker(instance, alone).walk(number)
    if walk.event is None:
        raise AssertionError(f"native code found walk {number} wrong, CPython does not")
    behaviour = Behaviour(tuple(walk.steps), walk.event, walk.wrong)
    try:
        shortener = Shortener(instance, plan.requirements)
        shortener.stepper.tick = budget.look_at_clock
        return shortener.shorten(behaviour), behaviour.length
    except (KeyboardInterrupt, Spent):  # a behaviour that is longer than it need be will do
        return behaviour, behaviour.length


def _outcome(
    instance: Instance, plan: Plan, walked: Walked, behaviour: Behaviour | None
) -> Outcome:
    judged = instance.judged(plan.requirements)
    bound = bound_text(instance.constants, Budget(), {})
    length = f"walks of up to {plan.depth:,} steps"
    return Outcome(
        verdict=Verdict.UNKNOWN if behaviour is None else Verdict.VIOLATED,
        engine=walked.engine,
        bound=f"{bound}; {length}" if bound else length,
        statistics=Statistics(
            search_seconds=walked.search_seconds, compile_seconds=walked.compile_seconds
        ),
        requirements=tuple(c.id for c in judged if c.kind in JUDGED),
        violation=None if behaviour is None else _violation(instance, behaviour),
        reason="" if behaviour is not None else walked.reason or "random walks prove nothing",
        workers=plan.workers if walked.engine != walking.NAME else 1,
        interrupted=walked.interrupted,
        notes=walked.notes,
    )


def _is_empty(walked: Walked) -> bool:
    """Whether the walks began nowhere."""
    stopped = walked.violating is not None or walked.interrupted or walked.reason
    return not walked.numbers.judged and not stopped


def _violation(instance: Instance, behaviour: Behaviour) -> Violation:
    event, wrong = behaviour.event, behaviour.wrong
    inside = wrong is not None and not isinstance(wrong[3], Fault)
    steps = [step_of(instance, taken) for taken in behaviour.steps[1:]]
    first = behaviour.steps[0] if behaviour.steps else None
    if inside and wrong is not None:
        first, steps = (first, [*steps, step_of(instance, wrong)]) if first else (wrong, steps)
    start = first[3] if first else instance.binding.defaults
    assert not isinstance(start, Fault)
    failing = step_of(instance, wrong, initial=first is None) if wrong and not inside else None
    return Violation(
        kind=event.kind,
        property=event.property,
        trace=Trace(instance.variables, start, tuple(steps)),
        message=event.message,
        at=event.at,
        action=failing.action if failing and event.kind is ViolationKind.ERROR else "",
        arguments=failing.arguments if failing else (),
    )

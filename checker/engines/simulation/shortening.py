"""Makes the behaviour that a random walk found shorter, without searching for another one.

Two things are tried, again and again until neither helps. *Shortcuts*: the shortest way from the
beginning to the end through states of the walk alone, which cuts every loop between equal states.
*Leaving out*: runs of steps, long ones first, are dropped where the rest can still be taken as it
stands (delta debugging, Zeller 1999) and ends in the same violation. What remains need not be a
shortest counterexample: `check` finds those.
"""

from collections import deque
from dataclasses import dataclass

from planespec.checker.engines.python.judging import Event, Fault, Judge
from planespec.checker.engines.python.stepping import Stepper, Taken
from planespec.checker.engines.simulation.walking import StepJudge
from planespec.checker.instance import Instance
from planespec.checker.outcome import State

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

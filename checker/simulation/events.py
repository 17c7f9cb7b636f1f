"""What one step of a walk breaks, by running model code: the reference for compiled walks."""

from dataclasses import replace

from planespec.checker.lang.requirements import Claim
from planespec.checker.outcome import State, ViolationKind
from planespec.checker.python.events import Event, Fault
from planespec.checker.python.judging import Judge
from planespec.checker.python.stepping import Taken


class StepJudge:
    """Judges steps, and remembers the states that were found in order."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.outside: dict[State, bool] = {}
        """For every state that breaks nothing whether it lies outside a constraint."""

    def event(self, source: State | None, taken: Taken) -> Event | None:
        """The first thing that is wrong with a step, or with an initial state (source None)."""
        after = taken[3]
        if isinstance(after, Fault):
            return Event(ViolationKind.ERROR, "", after.message, after.at)
        broken = self._judge.step(source, after) if source is not None else None
        if broken is None and after not in self.outside:
            broken = self._of_state(after)
        return None if broken is None else replace(broken, state=after)

    def _of_state(self, state: State) -> Event | None:
        broken = self._judge.state(state)
        if broken is not None:
            return broken
        outside = self._judge.cut(state)
        if isinstance(outside, Event):
            return outside
        self.outside[state] = outside is not None
        return None

    def seen(self, claim: Claim, state: State) -> bool | Event:
        """Whether a state has a `reachable` property, or the model error in it."""
        answer = self._judge.reaches(claim, state)
        return replace(answer, state=state) if isinstance(answer, Event) else answer

    def deadlock(self, state: State) -> Event | None:
        """A state without successors where there should be some, or one that cannot be judged."""
        terminal = self._judge.is_terminal(state)
        if isinstance(terminal, Event):
            return terminal
        if terminal:
            return None
        return Event(ViolationKind.DEADLOCK, "deadlock", "no action is enabled", None)

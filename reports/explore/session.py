"""A behaviour under construction: where it is, what is enabled there, what it breaks."""

from collections.abc import Iterator
from dataclasses import dataclass

from planespec.checker.engines.python.judging import Event, Judge
from planespec.checker.engines.python.stepping import Stepper, Taken, step_of
from planespec.checker.engines.simulation.walking import StepJudge
from planespec.checker.instance import Instance
from planespec.checker.outcome import State, Step, Trace
from planespec.reports.text.trace_text import Change, changes


@dataclass(frozen=True, slots=True)
class Option:
    """A step that can be taken, by its number from 1. `event` is what it would break.

    `changes` is what it changes; `step.state` is empty for a step that goes wrong.
    """

    number: int
    step: Step
    changes: tuple[Change, ...]
    event: Event | None

    @property
    def goes_wrong(self) -> bool:
        """Whether computing the step is a model error, so that there is no state after it."""
        return not self.step.state and self.event is not None


class Session:
    """Steps through an instance; before the first step the options are the initial states."""

    def __init__(self, instance: Instance, ids: tuple[str, ...] | None = None) -> None:
        """Begin in the initial state where there is one alone."""
        self.instance = instance
        self.stepper, self.judge = Stepper(instance), Judge(instance, ids)
        self.single = [Judge(instance, (c.id,)) for c in (*self.judge.always, *self.judge.steps)]
        self.taken: list[Step] = []
        self.options: list[Option] = []
        self.restart()

    @property
    def state(self) -> State | None:
        """The state the behaviour has come to; None before it has begun."""
        return self.taken[-1].state if self.taken else None

    @property
    def before(self) -> State | None:
        """The state before the last step; None in an initial state."""
        return self.taken[-2].state if len(self.taken) > 1 else None

    @property
    def steps(self) -> int:
        """Steps taken since the initial state."""
        return max(len(self.taken) - 1, 0)

    @property
    def trace(self) -> Trace:
        """The behaviour so far; there must be an initial state."""
        first, *rest = self.taken
        return Trace(self.instance.variables, first.state, tuple(rest))

    def restart(self) -> None:
        """Back to the choice of an initial state, or to the only one.

        Raises ConfigurationError where there is none.
        """
        self.taken = []
        self._list()
        if not self.options:
            raise self.instance.nowhere_to_begin()
        if len(self.options) == 1 and not self.options[0].goes_wrong:
            self.take(self.options[0])

    def take(self, option: Option) -> None:
        """Go on with one of the options, which must lead to a state."""
        self.taken.append(option.step)
        self._list()

    def back(self, steps: int) -> int:
        """Take back as many of the last steps as there are; returns how many."""
        taken = min(steps, self.steps)
        if taken:
            del self.taken[-taken:]
            self._list()
        return taken

    def broken(self) -> Iterator[Event]:
        """Everything that the state, or the step to it, breaks; also a deadlock."""
        state, before = self.state, self.before
        if state is None:
            return
        for judge in self.single:
            event = judge.step(before, state) if before is not None else None
            event = event or judge.state(state)
            if event is not None:
                yield event
        if not self.options and self.instance.check_deadlock:
            event = StepJudge(self.judge).deadlock(state)
            if event is not None:
                yield event

    def outside(self) -> str:
        """The constraint that the state lies outside of, or nothing."""
        if self.state is None:
            return ""
        step = self.before is not None and self.judge.cut_step(self.before, self.state)
        cut = step or self.judge.cut(self.state)
        return cut if isinstance(cut, str) else ""

    def reached(self) -> list[str]:
        """Ids of the `reachable` properties that hold in the state."""
        state = self.state
        if state is None:
            return []
        return [c.id for c in self.judge.reachable if self.judge.reaches(c, state) is True]

    def _list(self) -> None:
        state = self.state
        found = self.stepper.start() if state is None else self.stepper.expand(state)
        judge = StepJudge(self.judge)
        self.options = [
            self._option(number, taken, judge) for number, taken in enumerate(found, 1)
        ]

    def _option(self, number: int, taken: Taken, judge: StepJudge) -> Option:
        source = self.state
        step = step_of(self.instance, taken, initial=source is None)
        return Option(number, step, tuple(self._changes(step)), judge.event(source, taken))

    def _changes(self, step: Step) -> Iterator[Change]:
        source = self.state if self.taken else self.instance.binding.defaults
        assert source is not None
        if step.state:
            for name, old, new in zip(self.instance.variables, source, step.state, strict=True):
                yield from changes(self.instance.types[name], old, new, name)

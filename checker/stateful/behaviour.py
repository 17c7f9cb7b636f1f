"""One behaviour of a model, taken step by step by CPython and by native code side by side."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from planespec.checker.engines.python.judging import Event, Fault, Judge
from planespec.checker.engines.python.stepping import Stepper, step_of
from planespec.checker.front import compile_system
from planespec.checker.instance import ActionInfo, Instance, ParameterInfo
from planespec.checker.ir.types import Int
from planespec.checker.outcome import State, Step, Trace, Violation, ViolationKind
from planespec.checker.unbounded import unbounded_parameters, unbounded_variables

if TYPE_CHECKING:
    from planespec.checker.engines.native.host.build import Probe

DEADLOCK = "deadlock"

NUMBERS = 3
"""Parameters that range over all numbers are walked from 0, or from minus this, to this."""


class Walk:
    """A behaviour under way. `begin` picks an initial state, `take` a step from `enabled`.

    A state outside a constraint is judged and not left, as in a search. A parameter that ranges
    over all numbers takes those of `NUMBERS`; native code walks along where every number has a
    bound. Raises ConfigurationError for a model without an initial state.
    """

    def __init__(self, instance: Instance, *, native: bool) -> None:
        self.instance = instance
        self.stepper, self.judge = Stepper(_listable(instance)), Judge(instance)
        self.probe = _probe(instance) if native and not _is_unbounded(instance) else None
        self.starts, self._wrong_start = _starts(instance)
        if not self.starts and self._wrong_start is None:
            raise instance.nowhere_to_begin()
        self.steps: list[Step] = []
        self.initial: State = self.starts[0].state if self.starts else instance.binding.defaults
        self.state = self.initial
        self._enabled: dict[str, list[Step]] | None = None
        self._cut: str | Event | None = None
        self._fault: tuple[Step, Fault] | None = None

    def begin(self, number: int) -> Violation | None:
        """Start, also again, in an initial state; says what it breaks.

        A model error in any initial action is told whatever the number.
        """
        self.steps, self._enabled, self._cut = [], None, None
        if self._wrong_start is not None:
            return self._goes_wrong(*self._wrong_start)
        self.initial = self.state = self.starts[number].state
        return self._violation(None, self.judge.state(self.state))

    def enabled(self, action: str) -> Sequence[Step]:
        """Enabled steps of an action from here, in canonical order; none outside a constraint."""
        if self._enabled is None:
            self._enabled = self._expand()
        return self._enabled.get(action, [])

    def take(self, step: Step) -> Violation | None:
        """Take a step; says what the step or the new state breaks, or what goes wrong from it."""
        before, self.state = self.state, step.state
        self.steps.append(step)
        self._enabled = None
        event = self.judge.step(before, self.state) or self.judge.state(self.state)
        self._cut = self.judge.cut_step(before, self.state)
        return self._violation(step, event) or self.ahead()

    def ahead(self) -> Violation | None:
        """A model error in some instance from here, or a deadlock."""
        outside = self._cut or self.judge.cut(self.state)
        if outside is not None:
            self._enabled = {}
            return self._violation(None, outside) if isinstance(outside, Event) else None
        self._enabled = self._expand()
        if self._fault is not None:
            return self._goes_wrong(*self._fault)
        return None if self._enabled else self._deadlock()

    def trace(self) -> Trace:
        """The behaviour so far."""
        return Trace(self.instance.variables, self.initial, tuple(self.steps))

    def _deadlock(self) -> Violation | None:
        if not self.instance.check_deadlock:
            return None
        terminal = self.judge.is_terminal(self.state)
        if isinstance(terminal, Event):
            return self._violation(None, terminal)
        if terminal:
            return None
        text = "no action is enabled"
        return Violation(ViolationKind.DEADLOCK, DEADLOCK, self.trace(), text)

    def _goes_wrong(self, step: Step, fault: Fault) -> Violation:
        kind, at, trace = ViolationKind.ERROR, fault.at, self.trace()
        return Violation(kind, "", trace, fault.message, at, step.action, step.arguments)

    def _expand(self) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {}
        reached: list[State | None] = []
        self._fault = None
        for taken in self.stepper.expand(self.state):
            step, after = step_of(self.instance, taken), taken[3]
            if isinstance(after, Fault):
                self._fault = self._fault or (step, after)
                reached.append(None)
            else:
                found.setdefault(step.action, []).append(step)
                reached.append(after)
        self._compare(reached)
        return found

    def _compare(self, reached: list[State | None]) -> None:
        if self.probe is None:
            return
        from planespec.checker.engines.native.host.build import ROOM

        native = [s.state for s in self.probe.successors(self.state)]
        if native != reached[:ROOM]:
            raise AssertionError(
                f"the engines disagree about the successors of {self.state}: "
                f"CPython finds {reached}, native code finds {native}"
            )

    def _violation(self, step: Step | None, event: Event | None) -> Violation | None:
        if event is None:
            return None
        message = event.message if step is None else f"{event.message} (after {step.action})"
        return Violation(event.kind, event.property, self.trace(), message, event.at)


@lru_cache(maxsize=16)
def _probe(instance: Instance) -> "Probe":
    """The compiled model; imported late, so that a walk without it needs no LLVM."""
    from planespec.checker.engines.native.host.build import SOON, Probe

    return Probe(compile_system(instance), level=SOON)


@lru_cache(maxsize=16)
def _starts(instance: Instance) -> tuple[list[Step], tuple[Step, Fault] | None]:
    """The initial states, repeated ones included, and the first that goes wrong."""
    starts: list[Step] = []
    for taken in Stepper(_listable(instance)).start():
        step, after = step_of(instance, taken, initial=True), taken[3]
        if isinstance(after, Fault):
            return [], (step, after)
        starts.append(step)
    return starts, None


def _is_unbounded(instance: Instance) -> bool:
    return bool(unbounded_variables(instance) or unbounded_parameters(instance))


def _listable(instance: Instance) -> Instance:
    """The instance with a few numbers for each parameter that ranges over all of them."""
    if not unbounded_parameters(instance):
        return instance
    made = copy(instance)
    made.initial = tuple(map(_with_numbers, instance.initial))
    made.actions = tuple(map(_with_numbers, instance.actions))
    return made


def _with_numbers(action: ActionInfo) -> ActionInfo:
    return replace(action, parameters=tuple(map(_of_numbers, action.parameters)))


def _of_numbers(parameter: ParameterInfo) -> ParameterInfo:
    type_ = parameter.type
    if parameter.among is not None or not isinstance(type_, Int) or type_.is_bounded:
        return parameter
    low = type_.low if type_.low is not None else min(-NUMBERS, (type_.high or 0) - NUMBERS)
    high = type_.high if type_.high is not None else max(NUMBERS, low + NUMBERS)
    return replace(parameter, type=Int(low, high))

"""One behaviour of a model, taken step by step by CPython and by native code side by side."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.outcome import State, Step, Trace, Violation, ViolationKind
from planespec.checker.python.events import Event, Fault
from planespec.checker.python.judging import Judge
from planespec.checker.python.stepping import Stepper, arguments_of

if TYPE_CHECKING:
    from planespec.checker.native.probe import Probe

DEADLOCK = "deadlock"


class Walk:
    """A behaviour under way. `begin` picks an initial state, `take` a step from `enabled`."""

    def __init__(self, instance: Instance, *, native: bool) -> None:
        self.instance = instance
        self.stepper, self.judge = Stepper(instance), Judge(instance)
        self.probe = _probe(instance) if native else None
        self.starts = list(instance.initial_states())
        if not self.starts:
            raise instance.nowhere_to_begin()
        self.steps: list[Step] = []
        self.initial: State = self.starts[0].state if self.starts else ()
        self.state = self.initial
        self._enabled: dict[str, list[Step]] | None = None
        self._fault: tuple[Step, Fault] | None = None

    def begin(self, number: int) -> Violation | None:
        """Start in an initial state; says what it breaks."""
        self.initial = self.state = self.starts[number].state
        return self._violation(None, self.judge.state(self.state))

    def enabled(self, action: str) -> Sequence[Step]:
        """Enabled steps of an action from here, in canonical order."""
        if self._enabled is None:
            self._enabled = self._expand()
        return self._enabled.get(action, [])

    def take(self, step: Step) -> Violation | None:
        """Take a step; says what the step or the new state breaks, or what goes wrong from it."""
        before, self.state = self.state, step.state
        self.steps.append(step)
        self._enabled = None
        event = self.judge.step(before, self.state) or self.judge.state(self.state)
        return self._violation(step, event) or self._ahead()

    def trace(self) -> Trace:
        """The behaviour so far."""
        return Trace(self.instance.variables, self.initial, tuple(self.steps))

    def _ahead(self) -> Violation | None:
        """A model error in some instance from here, or a deadlock."""
        self._enabled = self._expand()
        if self._fault is not None:
            step, fault = self._fault
            kind, at = ViolationKind.ERROR, fault.at
            trace = self.trace()
            return Violation(kind, "", trace, fault.message, at, step.action, step.arguments)
        if not self._enabled and self.instance.check_deadlock:
            terminal = self.judge.is_terminal(self.state)
            if terminal is False:
                text = "no action is enabled"
                return Violation(ViolationKind.DEADLOCK, DEADLOCK, self.trace(), text)
        return None

    def _expand(self) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {}
        reached: list[State | None] = []
        self._fault = None
        for number, values, choices, after in self.stepper.expand(self.state):
            info = self.instance.actions[number]
            arguments = arguments_of(info, values, choices)
            if isinstance(after, Fault):
                self._fault = self._fault or (Step(info.name, arguments, ()), after)
                reached.append(None)
            else:
                found.setdefault(info.name, []).append(Step(info.name, arguments, after))
                reached.append(after)
        self._compare(reached)
        return found

    def _compare(self, reached: list[State | None]) -> None:
        if self.probe is None:
            return
        native = [s.state for s in self.probe.successors(self.state)]
        if native != reached:
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
    from planespec.checker.native.probe import Probe

    return Probe(compile_system(instance))

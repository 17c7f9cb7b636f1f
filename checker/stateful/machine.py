"""A Hypothesis state machine made from any model.

Each action of the model is a rule; its precondition is that some instance of it is enabled, and a
run draws one of the enabled instances. What a message-consuming action may take is read from the
state itself (`among`), so nothing that is gone is ever offered. After every step the requirements
are judged, and the native code of the model must offer exactly the successors that CPython finds.
With an adapter a real system takes every step too, and what it shows must be what the model says.

A failure prints as the list of rule calls that leads to it, which is a runnable program: an
instance is a number, its place among the enabled instances of the action in canonical order.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from planespec.checker.errors import ConfigurationError, did_you_mean
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.lang.data.tables import TableValue
from planespec.checker.lang.model import Model
from planespec.checker.outcome import Step, Violation, ViolationKind
from planespec.checker.stateful.adapter import AdapterError, Naming, NotResetError
from planespec.checker.stateful.adapter_calls import call_text
from planespec.checker.stateful.behaviour import Walk
from planespec.checker.stateful.driven_system import System
from planespec.checker.unbounded import refuse_endless, unbounded_parameters

Answered = TypeVar("Answered")
Report = Callable[[Violation], str]
"""Told of a violation; returns a line for the failure's message, such as where a file is."""

NOT_RESET = "an earlier walk began as the model does: reset() leaves something behind"


class RequirementBrokenError(AssertionError):
    """A walk reached a state or took a step that breaks a requirement of the model."""


class DisagreementError(RequirementBrokenError):
    """A real system shows what no outcome of the model's step has."""


class ModelMachine(RuleBasedStateMachine):
    """Base of the machines that `machine` makes; `planespec_walk` is where the run is."""

    planespec_instance: Instance
    planespec_actions: tuple[str, ...]
    planespec_began: set[int]
    """Initial states, as drawn, in which the real system has begun like the model."""
    planespec_native = True
    planespec_report: Report | None = None
    planespec_adapter: Any = None

    def __init__(self) -> None:
        __tracebackhide__ = True
        super().__init__()
        kind = type(self)
        self.planespec_system: System | None = None
        self.planespec_defect = ""
        self.planespec_walk = Walk(kind.planespec_instance, native=kind.planespec_native)
        if kind.planespec_adapter is not None:
            instance = kind.planespec_instance
            actions = [a for a in instance.actions if a.name in kind.planespec_actions]
            made = kind.planespec_adapter[0]
            self.planespec_system = _asked(lambda: System(instance, made, actions))

    def planespec_begin(self, instance: int) -> None:
        """Begin, also again, in an initial state, together with the real system."""
        __tracebackhide__ = True
        walk, system, message = self.planespec_walk, self.planespec_system, ""
        if system is not None and walk.starts:
            answer = _asked(lambda: system.begin(walk.starts, walk.starts[instance]))
            if self._planespec_is_left_behind(instance, answer.message):
                self._planespec_leave()
            else:
                instance, message = walk.starts.index(answer.step), answer.message
        self._planespec_judge(walk.begin(instance) or walk.ahead(), message)

    def planespec_take(self, options: Sequence[Step], instance: int) -> None:
        """Take one of the steps, let the real system take it, and judge."""
        __tracebackhide__ = True
        step, message = options[instance], ""
        note(f"# {self._planespec_call(step)}")
        if self.planespec_system is not None:
            system = self.planespec_system
            answer = _asked(lambda: system.take(options, step))
            step, message = answer.step, answer.message
            if answer.decided:
                note(f"# the system decided: {answer.decided}")
        self._planespec_judge(self.planespec_walk.take(step), message)

    def _planespec_is_left_behind(self, instance: int, message: str) -> bool:
        """Whether this beginning was in agreement before, and is not now.

        The walk goes on without the system and fails when it ends: an end where there was none
        before is what Hypothesis would report, as inconsistent draws, in the place of the reason.
        """
        if not message:
            self.planespec_began.add(instance)
        elif instance in self.planespec_began:
            self.planespec_defect = f"{message}\n  {NOT_RESET}"
        return bool(self.planespec_defect)

    def _planespec_call(self, step: Step) -> str:
        if self.planespec_system is not None:
            return self.planespec_system.text(step)
        return call_text(Naming(self.planespec_walk.instance), step.action, step.arguments)

    def _planespec_judge(self, violation: Violation | None, disagreement: str) -> None:
        """A defect of the model is told before a disagreement with it."""
        __tracebackhide__ = True
        error = RequirementBrokenError
        if violation is None and disagreement:
            error, trace = DisagreementError, self.planespec_walk.trace()
            violation = Violation(ViolationKind.STEP, "adapter", trace, disagreement)
        if violation is not None:
            self.planespec_defect = ""
            raise error(self._planespec_message(violation))

    def _planespec_message(self, violation: Violation) -> str:
        report = type(self).planespec_report
        where = "" if report is None else f"\n{report(violation)}"
        what = violation.message
        if violation.action:
            naming = Naming(self.planespec_walk.instance)
            call = call_text(naming, violation.action, violation.arguments)
            what = f"{call} goes wrong: {what}"
        if violation.at is not None:
            what = f"{what} ({violation.at.file}:{violation.at.line})"
        return f"{violation.property or 'model error'}: {what}{where}"

    def teardown(self) -> None:
        """Let the real system go."""
        __tracebackhide__ = True
        self._planespec_leave()
        if self.planespec_defect:
            raise NotResetError(self.planespec_defect)

    def _planespec_leave(self) -> None:
        system, self.planespec_system = self.planespec_system, None
        if system is not None:
            system.close()


def machine(
    model: type[Model],
    *,
    mutant: str | None = None,
    native: bool = True,
    adapter: Any = None,
    skip: Sequence[str] = (),
    report: Report | None = None,
    **constants: Any,
) -> type[ModelMachine]:
    """A RuleBasedStateMachine that walks `model` with the given constants.

    Use it as any Hypothesis machine: `TestElection = machine(Election, servers=3).TestCase`, or
    `run_state_machine_as_test(machine(...))`. A walk that comes to an end, where no action is
    enabled or outside a constraint, begins again. `native` walks the compiled model in step;
    `adapter` drives a real system beside it (see `stateful.system` and docs/hypothesis.md), or is
    a class or function that makes one for each run; `skip` names actions that are never taken;
    `report` is told of a violation. Raises ConfigurationError for wrong constants, mutants or
    names of actions and InputError for a model outside the language.
    """
    instance = Instance(model, constants, mutant)
    return machine_of(instance, native=native, adapter=adapter, skip=skip, report=report)


def machine_of(
    instance: Instance,
    *,
    native: bool = True,
    adapter: Any = None,
    skip: Sequence[str] = (),
    report: Report | None = None,
) -> type[ModelMachine]:
    """The machine of an instance that is already made; see `machine`."""
    actions = _taken(instance, skip)
    if not unbounded_parameters(instance):
        refuse_endless(compile_system(instance))
    members: dict[str, Any] = {
        "planespec_instance": instance,
        "planespec_actions": actions,
        "planespec_began": set(),
        "planespec_native": native,
        "planespec_report": None if report is None else staticmethod(report),
        "planespec_adapter": None if adapter is None else (adapter,),
        "initial_state": _begin(),
        "start_again": _start_again(),
    }
    for action in actions:
        name = _rule_name(action, members)
        members[name] = _rule(action, name)
    return type(f"{instance.name}Machine", (ModelMachine,), members)


def _taken(instance: Instance, skip: Sequence[str]) -> tuple[str, ...]:
    names = [action.name for action in instance.actions]
    for name in [skip] if isinstance(skip, str) else skip:
        if name not in names:
            near = did_you_mean(name, names)
            known = ", ".join(names) or "none"
            text = f"skip: {instance.name} has no action {name!r}; its actions are {known}"
            raise ConfigurationError(f"{text}{near}")
    return tuple(name for name in names if name not in skip)


def _asked(ask: Callable[[], Answered]) -> Answered:
    """What the system answers; where it went wrong inside the reader is of no use to a user."""
    __tracebackhide__ = True
    try:
        return ask()
    except AdapterError as error:
        raise error.with_traceback(None) from None


def _begin() -> Any:
    """The initial state is drawn first; with one initial state there is nothing to draw."""

    @initialize(instance=_starts())
    def initial_state(self: ModelMachine, instance: int) -> None:
        __tracebackhide__ = True
        note(f"# {type(self).__name__} = machine({_call(type(self))})")
        self.planespec_begin(instance)

    return initial_state


def _start_again() -> Any:
    """Where a walk has ended it goes on from an initial state, so that there is always a rule."""

    @precondition(lambda self: not any(map(self.planespec_walk.enabled, self.planespec_actions)))
    @rule(instance=_starts())
    def start_again(self: ModelMachine, instance: int) -> None:
        __tracebackhide__ = True
        note("# the walk has ended and begins again")
        self.planespec_begin(instance)

    return start_again


def _starts() -> st.SearchStrategy[int]:
    return st.runner().flatmap(lambda m: _numbers(len(m.planespec_walk.starts)))


def _call(kind: type[ModelMachine]) -> str:
    """How the machine at hand is made, for the program that a failure prints."""
    instance = kind.planespec_instance
    parts = [instance.name]
    if kind.planespec_adapter is not None:
        parts.append(f"adapter={getattr(kind.planespec_adapter[0], '__name__', '...')}")
    for name, value in instance.constants.items():
        given = value.plain if isinstance(value, TableValue) else value
        parts.append(f"{name}={len(given) if isinstance(given, tuple) else given}")
    if instance.mutant is not None:
        parts.append(f"mutant={instance.mutant!r}")
    skipped = tuple(a.name for a in instance.actions if a.name not in kind.planespec_actions)
    if skipped:
        parts.append(f"skip={skipped!r}")
    return ", ".join(parts)


def _rule_name(action: str, members: dict[str, Any]) -> str:
    """The action's own name, unless there is another use for it."""
    while hasattr(ModelMachine, action) or action in members:
        action += "_"
    return action


def _rule(action: str, name: str) -> Any:
    def act(self: ModelMachine, instance: int) -> None:
        __tracebackhide__ = True
        self.planespec_take(self.planespec_walk.enabled(action), instance)

    act.__name__ = act.__qualname__ = name
    options = st.runner().flatmap(lambda m: _numbers(len(m.planespec_walk.enabled(action))))
    return precondition(lambda self: bool(self.planespec_walk.enabled(action)))(
        rule(instance=options)(act)
    )


def _numbers(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, max(count, 1) - 1)


__all__ = ["DisagreementError", "ModelMachine", "RequirementBrokenError", "machine", "machine_of"]

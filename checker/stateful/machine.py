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
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from planespec.checker.instance import Instance
from planespec.checker.lang.model import Model
from planespec.checker.outcome import Step, Violation, ViolationKind
from planespec.checker.stateful.walk import Walk

Report = Callable[[Violation], str]
"""Told of a violation; returns a line for the failure's message, such as where a file is."""


class RequirementBrokenError(AssertionError):
    """A walk reached a state or took a step that breaks a requirement of the model."""


class ModelMachine(RuleBasedStateMachine):
    """Base of the machines that `machine` makes; `planespec_walk` is where the run is."""

    planespec_instance: Instance
    planespec_native = True
    planespec_report: Report | None = None
    planespec_adapter: Callable[[], Any] | None = None

    def __init__(self) -> None:
        super().__init__()
        kind = type(self)
        self.planespec_walk = Walk(kind.planespec_instance, native=kind.planespec_native)
        make = kind.planespec_adapter
        self.planespec_system = None if make is None else make()

    def planespec_take(self, options: Sequence[Step], instance: int) -> None:
        """Take one of the steps, let the real system take it, and judge."""
        step = options[instance]
        note(f"# {step.action}({', '.join(f'{n}={v!r}' for n, v in step.arguments)})")
        violation = self.planespec_walk.take(step)
        if violation is None and self.planespec_system is not None:
            violation = self._planespec_beside(step)
        if violation is not None:
            raise RequirementBrokenError(self._planespec_message(violation))

    def _planespec_beside(self, step: Step) -> Violation | None:
        """What the real system shows must be the state the model is in, as far as it shows it."""
        assert self.planespec_system is not None
        shown = self.planespec_system.apply(step)
        names = self.planespec_walk.instance.variables
        for name, value in (shown or {}).items():
            expected = self.planespec_walk.state[names.index(name)]
            if value != expected:
                message = f"the system shows {name} = {value!r}, the model has {expected!r}"
                return Violation(
                    ViolationKind.STEP, "adapter", self.planespec_walk.trace(), message
                )
        return None

    def _planespec_message(self, violation: Violation) -> str:
        report = type(self).planespec_report
        where = "" if report is None else f"\n{report(violation)}"
        return f"{violation.property or 'model error'}: {violation.message}{where}"

    def teardown(self) -> None:
        """Let the real system go."""
        if self.planespec_system is not None and hasattr(self.planespec_system, "close"):
            self.planespec_system.close()


def machine(
    model: type[Model],
    *,
    mutant: str | None = None,
    native: bool = True,
    adapter: Callable[[], Any] | None = None,
    report: Report | None = None,
    **constants: Any,
) -> type[ModelMachine]:
    """A RuleBasedStateMachine that walks `model` with the given constants.

    Use it as any Hypothesis machine: `TestElection = machine(Election, servers=3).TestCase`, or
    `run_state_machine_as_test(machine(...))`. `native` walks the compiled model in step;
    `adapter` makes an object whose `apply(step)` carries a step out in a real system and returns
    the variables it shows; `report` is told of a violation. Raises ConfigurationError for wrong
    constants or mutants and InputError for a model outside the language.
    """
    instance = Instance(model, constants, mutant)
    return machine_of(instance, native=native, adapter=adapter, report=report)


def machine_of(
    instance: Instance,
    *,
    native: bool = True,
    adapter: Callable[[], Any] | None = None,
    report: Report | None = None,
) -> type[ModelMachine]:
    """The machine of an instance that is already made; see `machine`."""
    members: dict[str, Any] = {
        "planespec_instance": instance,
        "planespec_native": native,
        "planespec_report": None if report is None else staticmethod(report),
        "planespec_adapter": None if adapter is None else staticmethod(adapter),
        "initial_state": _begin(),
    }
    for action in instance.actions:
        members[_rule_name(action.name)] = _rule(action.name)
    return type(f"{instance.name}Machine", (ModelMachine,), members)


def _begin() -> Any:
    """The initial state is drawn first; with one initial state there is nothing to draw."""

    @initialize(instance=st.runner().flatmap(lambda m: _numbers(len(m.planespec_walk.starts))))
    def initial_state(self: ModelMachine, instance: int) -> None:
        note(f"# {type(self).__name__} = machine({_call(self.planespec_walk.instance)})")
        violation = self.planespec_walk.begin(instance)
        if violation is not None:
            raise RequirementBrokenError(self._planespec_message(violation))

    return initial_state


def _call(instance: Instance) -> str:
    """How the machine at hand is made, for the program that a failure prints."""
    parts = [instance.name]
    for name, value in instance.constants.items():
        parts.append(f"{name}={len(value) if isinstance(value, tuple) else value}")
    if instance.mutant is not None:
        parts.append(f"mutant={instance.mutant!r}")
    return ", ".join(parts)


def _rule_name(action: str) -> str:
    """The action's own name, unless Hypothesis has another use for it."""
    return f"{action}_" if hasattr(ModelMachine, action) or action == "initial_state" else action


def _rule(name: str) -> Any:
    def act(self: ModelMachine, instance: int) -> None:
        self.planespec_take(self.planespec_walk.enabled(name), instance)

    act.__name__ = act.__qualname__ = _rule_name(name)
    options = st.runner().flatmap(lambda m: _numbers(len(m.planespec_walk.enabled(name))))
    return precondition(lambda self: bool(self.planespec_walk.enabled(name)))(
        rule(instance=options)(act)
    )


def _numbers(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, max(count, 1) - 1)


__all__ = ["ModelMachine", "RequirementBrokenError", "machine", "machine_of"]

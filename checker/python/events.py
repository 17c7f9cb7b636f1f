"""What can go wrong at a state or a step, found by running model code."""

from dataclasses import dataclass
from typing import Any

from planespec.checker.ir.nodes import Position
from planespec.checker.lang.errors import ModelError
from planespec.checker.lang.places import error_position
from planespec.checker.outcome import State, ViolationKind

Arguments = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A model error: what went wrong and the deepest line of model code it went wrong in."""

    message: str
    at: Position | None


@dataclass(frozen=True, slots=True)
class Event:
    """A broken property, or a model error, at a step.

    `state` is the state after the step, None where the action itself went wrong. For a deadlock
    there is no step.
    """

    kind: ViolationKind
    property: str
    message: str
    at: Position | None
    action: str = ""
    arguments: Arguments = ()
    state: State | None = None


def fault_of(error: Exception) -> Fault:
    """Read an exception that left model code."""
    at = error_position(error.__traceback__)
    if isinstance(error, ModelError):
        return Fault(str(error), at)
    if isinstance(error, AssertionError):
        # The first line alone: under pytest the message is followed by an explanation.
        said = str(error).partition("\n")[0]
        return Fault(f"assertion failed: {said}" if said else "assertion failed", at)
    if isinstance(error, KeyError):
        return Fault(f"KeyError: there is no key {error}", at)
    return Fault(f"{type(error).__name__}: {error}", at)

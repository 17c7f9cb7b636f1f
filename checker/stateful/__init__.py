"""Walk a model and a real system in step."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from planespec.checker.stateful.adapter import Adapter, AdapterError, MisfitError, StateAdapter

if TYPE_CHECKING:
    from planespec.checker.stateful.model_machine import (
        DisagreementError,
        ModelMachine,
        RequirementBrokenError,
        machine,
        machine_of,
    )
    from planespec.checker.stateful.recording import NotABehaviourError, follow

WHERE = {
    **dict.fromkeys(("NotABehaviourError", "follow"), "recording"),
    **dict.fromkeys(
        ("DisagreementError", "ModelMachine", "RequirementBrokenError", "machine", "machine_of"),
        "model_machine",
    ),
}
"""What is imported when it is asked for: tables need the forms alone, and not Hypothesis."""


def __getattr__(name: str) -> Any:
    if name not in WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{WHERE[name]}"), name)
    globals()[name] = found
    return found


__all__ = [
    "Adapter",
    "AdapterError",
    "DisagreementError",
    "MisfitError",
    "ModelMachine",
    "NotABehaviourError",
    "RequirementBrokenError",
    "StateAdapter",
    "follow",
    "machine",
    "machine_of",
]

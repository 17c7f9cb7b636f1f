"""Walk a model and a real system in step."""

from planespec.checker.stateful.adapter import Adapter, AdapterError, MisfitError, StateAdapter
from planespec.checker.stateful.machine import (
    DisagreementError,
    ModelMachine,
    RequirementBrokenError,
    machine,
    machine_of,
)
from planespec.checker.stateful.recording import NotABehaviourError, follow

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

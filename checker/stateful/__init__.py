"""Walk a model and a real system in step."""

from planespec.checker.stateful.adapter import Adapter
from planespec.checker.stateful.machine import (
    ModelMachine,
    RequirementBrokenError,
    machine,
    machine_of,
)

__all__ = ["Adapter", "ModelMachine", "RequirementBrokenError", "machine", "machine_of"]

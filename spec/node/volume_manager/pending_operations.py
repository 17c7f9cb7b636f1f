"""Operations on volumes that run, so that no two run on the same (`nestedPendingOperations`).

Left out: exponential back-off after errors, and operations of several nodes.
Source: `pkg/volume/util/nestedpendingoperations/nestedpendingoperations.go`, v1.36.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from planespec.spec.node.volume_manager.volume_plugin import VolumeError


@dataclass(frozen=True, slots=True)
class VolumeEvent:
    """An event about a pod or a claim."""

    type: str
    reason: str
    message: str


class OperationError(VolumeError):
    """An operation that failed; the text is for logs."""

    def __init__(self, simple: str, detailed: str, reason: str = "") -> None:
        """`simple` is what the event of this reason tells, where there is one."""
        super().__init__(detailed)
        self.event = VolumeEvent("Warning", reason, simple) if reason else None


@dataclass(frozen=True, slots=True, eq=False)
class VolumeOperation:
    """An operation that runs until it is finished."""

    kind: str
    volume: str
    """The unique name."""
    pod: str
    """The pod for which it was started, empty where there is none."""
    is_for_pod: bool
    """Whether others may run on the volume for other pods meanwhile."""
    run: Callable[[], list[VolumeEvent]]
    """Does it; returns what is told of it, and raises OperationError where it fails."""


@dataclass(slots=True)
class PendingOperations:
    """What runs on one node."""

    running: list[VolumeOperation] = field(default_factory=list)

    def is_pending(self, volume: str, pod: str = "") -> bool:
        """Say whether something runs on a volume that would be in the way of this pod.

        The empty pod stands for the volume as a whole: all is in its way, and it is in all's.
        """
        return any(
            each.volume == volume and (not pod or not each.is_for_pod or each.pod == pod)
            for each in self.running
        )

    def start(self, operation: VolumeOperation) -> bool:
        """Start an operation, unless another is in its way."""
        if self.is_pending(operation.volume, operation.pod if operation.is_for_pod else ""):
            return False
        self.running.append(operation)
        return True

    def finish(self, operation: VolumeOperation) -> list[VolumeEvent]:
        """Do what a running operation does, and end it; OperationError where it fails."""
        self.running.remove(operation)
        return operation.run()

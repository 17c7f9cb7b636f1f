"""What a plugin answers: a code, the reasons in order, and the plugin that said so.

Source: `staging/src/k8s.io/kube-scheduler/framework/interface.go`, Code and Status.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Code(StrEnum):
    """Outcome of one plugin for one pod, or for one pod and one node; upstream's spelling."""

    SUCCESS = "Success"
    SKIP = "Skip"
    """The plugin has nothing to say about this pod: its Filter or Score is not called."""
    UNSCHEDULABLE = "Unschedulable"
    """Not now; removing pods may help, so preemption considers the node."""
    UNRESOLVABLE = "UnschedulableAndUnresolvable"
    """Not now, and removing pods cannot help."""
    ERROR = "Error"
    """The object is such that the plugin cannot decide; the pod stays pending."""


@dataclass(frozen=True, slots=True)
class Status:
    """A code with its reasons; `plugin` is empty where no single plugin decided."""

    code: Code
    reasons: tuple[str, ...] = ()
    plugin: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the pod passes."""
        return self.code is Code.SUCCESS

    @property
    def is_rejected(self) -> bool:
        """Whether the pod is turned away, in either of the two ways."""
        return self.code in (Code.UNSCHEDULABLE, Code.UNRESOLVABLE)

    def by(self, plugin: str) -> "Status":
        """Return the same status signed by `plugin`."""
        return replace(self, plugin=plugin)


SUCCESS = Status(Code.SUCCESS)
SKIP = Status(Code.SKIP)


def unschedulable(*reasons: str) -> Status:
    """Return a rejection that removing pods may cure."""
    return Status(Code.UNSCHEDULABLE, reasons)


def unresolvable(*reasons: str) -> Status:
    """Return a rejection that removing pods cannot cure."""
    return Status(Code.UNRESOLVABLE, reasons)


def error(*reasons: str) -> Status:
    """Return an internal error of a plugin."""
    return Status(Code.ERROR, reasons)

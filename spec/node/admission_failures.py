"""Why a kubelet does not take a pod: a resource runs short, or another predicate fails.

Source: `pkg/kubelet/lifecycle/predicate.go`, v1.36.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InsufficientResource:
    """A resource of which too little is left; CPU in thousandths, all else in whole units."""

    resource: str
    requested: int
    """What the pod asks for; 1 of `pods`."""
    used: int
    """What the pods on the node ask for."""
    capacity: int
    """What the node may give."""

    @property
    def missing(self) -> int:
        """How much has to become free for the pod."""
        return self.requested - (self.capacity - self.used)

    @property
    def description(self) -> str:
        """What is wrong, without the amounts."""
        return f"Insufficient {self.resource}"

    @property
    def reason(self) -> str:
        """The reason in the status of the pod that is turned away."""
        return f"OutOf{self.resource}"

    @property
    def message(self) -> str:
        """The message in the status of the pod that is turned away."""
        return (
            f"Node didn't have enough resource: {self.resource}, requested: {self.requested}, "
            f"used: {self.used}, capacity: {self.capacity}"
        )


@dataclass(frozen=True, slots=True)
class PredicateFailure:
    """Any other predicate that fails; killing pods does not help."""

    predicate: str
    description: str

    @property
    def reason(self) -> str:
        """The reason in the status of the pod that is turned away."""
        return self.predicate

    @property
    def message(self) -> str:
        """The message in the status of the pod that is turned away."""
        return f"Predicate {self.predicate} failed: {self.description}"


AdmissionFailure = InsufficientResource | PredicateFailure

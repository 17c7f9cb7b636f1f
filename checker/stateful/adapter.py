"""How a real system is driven: actions in, observations out."""

from typing import Protocol, TypeVar

ActionT = TypeVar("ActionT", contravariant=True)
ObservationT = TypeVar("ObservationT", covariant=True)


class Adapter(Protocol[ActionT, ObservationT]):
    """A real system that a suite drives beside a model.

    An adapter only carries out and reports; what an observation must be is the model's affair.
    An outcome that could not be learned, such as a request lost in a crash, is an observation
    too.
    """

    def apply(self, action: ActionT) -> ObservationT:
        """Do one thing to the real system and return what was observed."""

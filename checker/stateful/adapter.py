"""How a real system is driven: actions in, observations out."""

from typing import Any, Protocol, TypeVar

from planespec.checker.errors import ExitCode, PlanespecError
from planespec.checker.lang.data.public_forms import FormError

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


class StateAdapter(Protocol):
    """An adapter with a method for each action of the model, which cannot be written here.

    The method has the action's name (or `do_` and that name) and gets its arguments by name. An
    adapter may also have `reset()`, which puts the system into an initial state, `close()`, and
    `names`, from a sort to what its elements are called in the system.
    """

    def state(self) -> Any:
        """What the system shows: variables of the model by name, as a dict or an object."""


class AdapterError(PlanespecError):
    """What an adapter is or gives fits no form; says nothing about the system or the model."""

    exit_code = ExitCode.CONFIGURATION


class MisfitError(AdapterError, FormError):
    """A value that an adapter gives is none of the model's: the place, the value, the forms."""

    def __init__(self, place: str, what: str, accepted: str) -> None:
        shown = f"the adapter shows what the model cannot read: {place}"
        FormError.__init__(self, shown, what, accepted)


class NotResetError(AdapterError):
    """A walk began in agreement and a later one does not: something is left behind."""

"""What is judged: operations with call and return, and the object as a pure step function."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from operator import eq
from typing import Generic, TypeVar

StateT = TypeVar("StateT", bound=Hashable)
InputT = TypeVar("InputT")
OutputT = TypeVar("OutputT")


@dataclass(frozen=True)
class Operation(Generic[InputT, OutputT]):
    """One operation of a history; times are integers of any unit, the same for all.

    `returned` None means the outcome is unknown: the operation may have taken effect at any
    time after its call, or never, and `output` says nothing.
    """

    client: int
    input: InputT
    output: OutputT | None
    called: int
    returned: int | None

    def __post_init__(self) -> None:
        if self.returned is not None and self.returned < self.called:
            raise ValueError(f"returns at {self.returned}, before its call at {self.called}")

    @property
    def is_unknown(self) -> bool:
        """Say whether the operation may have taken effect or not."""
        return self.returned is None


def _never(_: object) -> bool:
    return False


@dataclass(frozen=True)
class SequentialModel(Generic[StateT, InputT, OutputT]):
    """The object when operations come one at a time.

    `step` gives the next state and the answer, changes nothing and draws no chance; states are
    compared and hashed. `accepts(answer, observed)` says whether an observed output is one that
    the answer allows; the default is equality. `is_read(input)` may say of an input that it
    changes no state whatever; such an operation is placed as soon as it fits, for if an order
    exists then one with it in this place does too.
    """

    initial: StateT
    step: Callable[[StateT, InputT], tuple[StateT, OutputT]]
    accepts: Callable[[OutputT, OutputT], bool] = eq
    is_read: Callable[[InputT], bool] = _never

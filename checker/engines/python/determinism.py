"""Finds models that do not behave the same each time they are asked."""

from planespec.checker.engines.python.judging import Fault
from planespec.checker.engines.python.stepping import BackwardStepper, Stepper, Taken
from planespec.checker.errors import LanguageError
from planespec.checker.instance import Instance
from planespec.checker.ir.nodes import Position
from planespec.checker.lang.declarations import position_of
from planespec.checker.outcome import State

FIRST = 32
"""So many states are all run twice; after them one in EVERY."""

EVERY = 512

ALLOWED = (
    "actions that depend on the state alone; the order of a set, global variables, random numbers "
    "and the clock are no part of it"
)


class Twin:
    """Runs a sample of the states again, with sets walked the other way round, and compares."""

    def __init__(self, instance: Instance, stepper: Stepper) -> None:
        self.instance, self._first = instance, stepper
        self._second: BackwardStepper | None = None
        self._count = 0

    def compare(self, state: State) -> None:
        """Run a state twice if it is in the sample; raises LanguageError on a difference."""
        self._count += 1
        if self._count > FIRST and self._count % EVERY:
            return
        if self._second is None:
            self._second = BackwardStepper(self.instance)
            self._second.tick = self._first.tick
        first, second = list(self._first.expand(state)), list(self._second.expand(state))
        for one, other in zip(first, second, strict=False):
            if _essence(one) != _essence(other):
                raise self._error(one if one[:2] <= other[:2] else other)
        if len(first) != len(second):
            longer = first if len(first) > len(second) else second
            raise self._error(longer[min(len(first), len(second))])

    def _error(self, taken: Taken) -> LanguageError:
        action = self.instance.actions[taken[0]]
        at: Position = position_of(action.function)
        return LanguageError(
            f"action {action.name} is not deterministic: run twice from one state it gave "
            "different successors",
            file=at.file,
            line=at.line,
            allowed=ALLOWED,
        )


def _essence(taken: Taken) -> object:
    number, values, choices, after = taken
    end = after.at if isinstance(after, Fault) else after
    return number, values, choices, end

"""Guards and nondeterminism inside actions: `require`, `choose`, and the odometer behind it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dis import get_instructions
from functools import cache
from sys import _getframe
from types import CodeType
from typing import Any, TypeVar

from planespec.checker.errors import ModelError, NotEnabled
from planespec.checker.lang.data.containers import Array, Bag, StateSet
from planespec.checker.lang.data.order import loose_key

T = TypeVar("T")


def require(condition: bool) -> None:
    """A guard: where the condition is false the action is not enabled and nothing has happened."""
    if not condition:
        raise NotEnabled


def choose(options: Iterable[T]) -> T:
    """Nondeterminism: the action has one successor for each of the options, in canonical order.

    Without options the action is not enabled. Outside an engine use `choosing(0, 2, ...)` to say
    which option each call takes; raises ModelError when nothing says it.
    """
    answering = active_chooser.get()
    if answering is None:
        raise ModelError("choose() was called outside an engine; wrap the call in choosing(...)")
    found = ordered(options)
    if not found:
        raise NotEnabled
    return answering.pick(found)  # type: ignore[no-any-return]


class Odometer:
    """Runs an action once for each combination of its choices, the last choice fastest."""

    __slots__ = ("_position", "_sizes", "_taken", "named", "rank")

    def __init__(self, rank: Callable[[type], int] | None = None) -> None:
        """`rank` gives the place of a record class in the unions of the model."""
        self.rank = rank
        self.named: list[tuple[str, Any]] = []
        self._taken: list[int] = []
        self._sizes: list[int] = []
        self._position = 0

    def pick(self, options: Sequence[Any]) -> Any:
        """The option of this run; a call after the remembered ones takes the first."""
        place = self._position
        self._position = place + 1
        if place == len(self._taken):
            self._taken.append(0)
            self._sizes.append(len(options))
        if self._taken[place] >= len(options):
            raise ModelError("the options of choose() differ between two runs of one step")
        chosen = options[self._taken[place]]
        self.named.append((_assigned_name(_getframe(2)), chosen))
        return chosen

    def advance(self) -> bool:
        """Set the next combination; False when all have been run."""
        self._position = 0
        if not self._taken:
            return False
        if self.named:
            self.named = []
        while self._taken and self._taken[-1] + 1 >= self._sizes[-1]:
            self._taken.pop()
            self._sizes.pop()
        if self._taken:
            self._taken[-1] += 1
        return bool(self._taken)


class Script:
    """Takes given options by number: what `choosing` installs."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        self.numbers = iter(numbers)
        self.rank = None

    def pick(self, options: Sequence[Any]) -> Any:
        """The option with the next number; raises ModelError when there is none."""
        number = next(self.numbers, None)
        if number is None or not 0 <= number < len(options):
            raise ModelError(f"choosing() has no number for a choice among {options}")
        return options[number]


active_chooser: ContextVar[Odometer | Script | None] = ContextVar("chooser", default=None)
"""Who answers `choose` now."""


@contextmanager
def chooser(active: Odometer | Script) -> Iterator[None]:
    """Let `active` answer every `choose` inside the block."""
    token = active_chooser.set(active)
    try:
        yield
    finally:
        active_chooser.reset(token)


@contextmanager
def choosing(*numbers: int) -> Iterator[None]:
    """Let each `choose` in the block take the option with the next of these numbers (from 0)."""
    with chooser(Script(numbers)):
        yield


def ordered(options: Iterable[Any]) -> Sequence[Any]:
    """The options in canonical order: sets and bags (distinct members) ascending, others as is."""
    if isinstance(options, StateSet):
        return sorted(options, key=options.key)
    if isinstance(options, Bag):
        return options.distinct()
    if isinstance(options, set | frozenset):
        active = active_chooser.get()
        return sorted(options, key=loose_key(active.rank if active else None))
    if isinstance(options, Array):
        return list(options.values())
    return options if isinstance(options, range | tuple | list) else list(options)


def _assigned_name(frame: Any) -> str:
    return _name_after(frame.f_code, frame.f_lasti)


@cache
def _name_after(code: CodeType, offset: int) -> str:
    """Local that receives the result of the call at `offset`; "choice" when it is not a local."""
    following = (i for i in get_instructions(code) if i.offset > offset)
    first = next(following, None)
    if first is None or first.opname != "STORE_FAST":
        return "choice"
    return str(first.argval)

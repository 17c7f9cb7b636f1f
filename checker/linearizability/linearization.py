"""The search for a linearization, and what is judged: operations on a pure step function."""

import time
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from enum import Enum
from operator import eq
from typing import Generic, TypeVar

# What is judged: operations with call and return, and the object as a pure step function.


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


HEAD = 0
CLOCK_EVERY = 256
"""Steps of the model between two looks at the clock."""


class Verdict(Enum):
    """Ok and Illegal are certain; Unknown means that a limit ended the search."""

    OK = "Ok"
    ILLEGAL = "Illegal"
    UNKNOWN = "Unknown"


@dataclass(frozen=True)
class Limits:
    """What a search may use: steps of the model, wall seconds; None is no limit."""

    steps: int | None = 2_000_000
    seconds: float | None = 60.0


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Blocked(Generic[InputT, OutputT]):
    """An operation that could not come next, and what the model would have answered."""

    operation: Operation[InputT, OutputT]
    answer: OutputT


@dataclass(frozen=True)
class Result(Generic[StateT, InputT, OutputT]):
    """The verdict and its evidence.

    `order` is a linearization when the verdict is Ok, else the longest partial one found (most
    operations of known outcome); `state` is the state after it. `blocked` lists what could have
    come next after the longest partial one but had another answer in the model.
    """

    verdict: Verdict
    order: tuple[Operation[InputT, OutputT], ...]
    state: StateT
    blocked: tuple[Blocked[InputT, OutputT], ...] = ()
    steps: int = 0
    reason: str = ""


def check(
    model: SequentialModel[StateT, InputT, OutputT],
    history: list[Operation[InputT, OutputT]],
    limits: Limits = DEFAULT_LIMITS,
) -> Result[StateT, InputT, OutputT]:
    """Search for a linearization of the whole history.

    Operations of unknown outcome are tried at every moment after their call and also left out.
    Two operations of which one returns at the very time the other is called are concurrent.
    """
    return _Search(model, history, limits).run()


class _Search(Generic[StateT, InputT, OutputT]):
    """One search: the entries still to be placed as a doubly linked list, and the path taken."""

    def __init__(
        self,
        model: SequentialModel[StateT, InputT, OutputT],
        history: list[Operation[InputT, OutputT]],
        limits: Limits,
    ) -> None:
        self.model, self.history, self.limits = model, history, limits
        self.state = model.initial
        self.done = 0
        self.path: list[tuple[int, StateT]] = []
        self.seen: set[tuple[int, StateT]] = set()
        self.left = sum(not operation.is_unknown for operation in history)
        self.steps = 0
        self.started = time.monotonic()
        self.fewest_left = self.left + 1
        self.best: list[int] = []
        self.best_state = model.initial
        self._link()

    def _link(self) -> None:
        """Lay out the entries in order of time, calls before returns of the same time."""
        events = [(op.called, 0, i) for i, op in enumerate(self.history)]
        events += [
            (op.returned, 1, i) for i, op in enumerate(self.history) if op.returned is not None
        ]
        events.sort()
        count = len(events) + 2
        self.next: list[int] = [*range(1, count), 0]
        self.previous: list[int] = [0, *range(count - 1)]
        self.operation_of = [-1, *(index for _, _, index in events), -1]
        self.is_return = [False, *(kind == 1 for _, kind, _ in events), True]
        self.call_entry: list[int] = [0] * len(self.history)
        self.return_entry: list[int] = [0] * len(self.history)
        for entry, (_, kind, index) in enumerate(events, start=1):
            (self.return_entry if kind else self.call_entry)[index] = entry

    def run(self) -> Result[StateT, InputT, OutputT]:
        """Place operations until all of known outcome are placed, or no order is left."""
        entry = self.next[HEAD]
        while self.left:
            if self.is_return[entry]:
                self._note_longest()
                if not self.path:
                    return self._partial(Verdict.ILLEGAL)
                entry = self._take_back()
                continue
            if reason := self._exhausted():
                self._note_longest()
                return self._partial(Verdict.UNKNOWN, reason)
            entry = self.next[HEAD] if self._place(entry) else self.next[entry]
        order = tuple(self.history[index] for index, _ in self.path)
        return Result(Verdict.OK, order, self.state, steps=self.steps)

    def _place(self, entry: int) -> bool:
        """Let the operation called at this entry come next, if the model and memory allow it."""
        index = self.operation_of[entry]
        operation = self.history[index]
        after, answer = self.model.step(self.state, operation.input)
        self.steps += 1
        if not self._is_allowed(operation, after, answer):
            return False
        key = (self.done | 1 << index, after)
        if key in self.seen:
            return False
        self.seen.add(key)
        self.path.append((index, self.state))
        self.done, self.state = key
        self.left -= not operation.is_unknown
        self._lift(index)
        return True

    def _is_allowed(
        self, operation: Operation[InputT, OutputT], after: StateT, answer: OutputT
    ) -> bool:
        if operation.output is None or operation.is_unknown:
            # Without an effect, leaving an unknown operation out is the same as placing it.
            return not operation.is_unknown or after != self.state
        return self.model.accepts(answer, operation.output)

    def _take_back(self) -> int:
        """Undo the last placement that was a choice and return the entry to try after it.

        A read that fits is no choice. With only such left, the end of the list is returned.
        """
        while self.path:
            index, self.state = self.path.pop()
            self.done &= ~(1 << index)
            self.left += not self.history[index].is_unknown
            self._unlift(index)
            if not self.model.is_read(self.history[index].input):
                return self.next[self.call_entry[index]]
        return len(self.next) - 1

    def _lift(self, index: int) -> None:
        for entry in (self.call_entry[index], self.return_entry[index]):
            if entry:
                self.next[self.previous[entry]] = self.next[entry]
                self.previous[self.next[entry]] = self.previous[entry]

    def _unlift(self, index: int) -> None:
        for entry in (self.return_entry[index], self.call_entry[index]):
            if entry:
                self.next[self.previous[entry]] = entry
                self.previous[self.next[entry]] = entry

    def _note_longest(self) -> None:
        if self.left < self.fewest_left:
            self.fewest_left = self.left
            self.best = [index for index, _ in self.path]
            self.best_state = self.state

    def _exhausted(self) -> str:
        limits = self.limits
        if limits.steps is not None and self.steps >= limits.steps:
            return f"the limit of {limits.steps:,} steps was reached"
        if limits.seconds is None or self.steps % CLOCK_EVERY:
            return ""
        over = time.monotonic() - self.started >= limits.seconds
        return f"the limit of {limits.seconds:g} s was reached" if over else ""

    def _partial(self, verdict: Verdict, reason: str = "") -> Result[StateT, InputT, OutputT]:
        order = tuple(self.history[index] for index in self.best)
        blocked = tuple(
            Blocked(operation, self.model.step(self.best_state, operation.input)[1])
            for operation in self._candidates()
        )
        return Result(verdict, order, self.best_state, blocked, self.steps, reason)

    def _candidates(self) -> list[Operation[InputT, OutputT]]:
        """List the operations of known outcome that could come next after the longest order."""
        placed = set(self.best)
        rest = [op for i, op in enumerate(self.history) if i not in placed]
        deadline = min((op.returned for op in rest if op.returned is not None), default=0)
        return [op for op in rest if not op.is_unknown and op.called <= deadline]


def partition_by_keys(
    history: Iterable[Operation[InputT, OutputT]],
    keys_of: Callable[[InputT], Collection[Hashable]],
) -> list[list[Operation[InputT, OutputT]]]:
    """Split a history into the smallest parts of which no operation touches two.

    `keys_of` names every key an operation reads or writes; one that names none
    forms a part of its own.
    """
    operations = list(history)
    leader: dict[Hashable, Hashable] = {}
    for operation in operations:
        keys = list(keys_of(operation.input))
        for key in keys:
            leader[_find(leader, key)] = _find(leader, keys[0])
    parts: dict[Hashable, list[Operation[InputT, OutputT]]] = {}
    for number, operation in enumerate(operations):
        keys = list(keys_of(operation.input))
        name = ("key", _find(leader, keys[0])) if keys else ("none", number)
        parts.setdefault(name, []).append(operation)
    return list(parts.values())


def check_parts(
    model: SequentialModel[StateT, InputT, OutputT],
    parts: list[list[Operation[InputT, OutputT]]],
    limits: Limits = DEFAULT_LIMITS,
) -> Result[StateT, InputT, OutputT]:
    """Check each part on its own and return the worst result, Illegal before Unknown.

    The limits hold for each part. Of an empty list the result is Ok.
    """
    worst: Result[StateT, InputT, OutputT] | None = None
    for part in parts:
        result = check(model, part, limits)
        if result.verdict is Verdict.ILLEGAL:
            return result
        if worst is None or result.verdict is Verdict.UNKNOWN:
            worst = result
    return worst or check(model, [], limits)


def _find(leader: dict[Hashable, Hashable], key: Hashable) -> Hashable:
    while leader.setdefault(key, key) != key:
        key = leader[key]
    return key

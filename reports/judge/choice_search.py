"""A bounded search over choices: depth first, each state entered once at a position.

A recording shows what was done, not what was chosen unseen. A state at a position of it leads,
by each choice that is open there, to another state at that position or a later one. The search
follows the first choice and keeps the others; where none leads on it goes back to the last that
was left. It is exhausted, or its bound is reached: then nothing is known about what is left.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

StateT = TypeVar("StateT")


class BoundReachedError(Exception):
    """A bound ended a search that found nothing so far; says which."""


@dataclass(slots=True)
class Budget:
    """How many states may be left by a search, or by several that share it."""

    states: int
    left: int = field(init=False)

    def __post_init__(self) -> None:
        """Begin with everything."""
        self.left = self.states

    def spend(self) -> None:
        """Count one state; BoundReachedError when there is none left."""
        if not self.left:
            raise BoundReachedError(f"the limit of {self.states:,} states was reached")
        self.left -= 1


@dataclass(slots=True)
class ChoiceSearch(Generic[StateT]):
    """The states that wait to be followed, the last of them first."""

    go_on: Callable[[int, StateT], Iterable[tuple[int, StateT]]]
    """Where the choices that are open to a state at a position lead, the likeliest first; it
    may change the state, which is not used again."""
    identify: Callable[[StateT], Hashable] | None = None
    """All that what follows depends on; without it no two states are taken for the same."""
    budget: Budget | None = None
    """None where the choices are few by themselves."""
    waiting: list[tuple[int, StateT]] = field(default_factory=list)
    _entered: set[tuple[int, Hashable]] = field(default_factory=set)

    def put(self, position: int, state: StateT) -> None:
        """Let a state be followed next, if none like it was entered at the position."""
        if self.identify is not None:
            entry = (position, self.identify(state))
            if entry in self._entered:
                return
            self._entered.add(entry)
        self.waiting.append((position, state))

    def put_last(self, position: int, state: StateT) -> None:
        """Let a state be followed when no other is left."""
        self.waiting.insert(0, (position, state))

    def reach(self, position: int) -> StateT | None:
        """Return the first state at `position` or beyond, or None when no choice leads there.

        It goes on waiting, so that the same is found again, and a further position from it.
        BoundReachedError when the budget is spent before.
        """
        while self.waiting:
            at, state = self.waiting[-1]
            if at >= position:
                return state
            if self.budget is not None:
                self.budget.spend()
            self.waiting.pop()
            for following, after in reversed(list(self.go_on(at, state))):
                self.put(following, after)
        return None

    def take(self, position: int) -> StateT | None:
        """Return what `reach` does, which no longer waits then: the next time it is another."""
        found = self.reach(position)
        if found is not None:
            self.waiting.pop()
        return found

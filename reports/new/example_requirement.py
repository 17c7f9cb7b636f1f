"""A requirement with a number, and a small model that claims it: replace both by yours.

The requirement is a predicate on what can be observed, so that a state of any model that has this
shape satisfies it, and so does a record of a real system.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Protocol

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    constant,
    each,
    instance,
    mutant,
    reachable,
    require,
    sort,
)
from planespec.spec.requirement import requirement


class Usage(Protocol):
    """What is asked of each place."""

    @property
    def used(self) -> Mapping[Any, int]:
        """How much is in use at each place."""

    @property
    def room(self) -> int:
        """How much each place has."""


@requirement("EXAMPLE-1", source="say where it is written")
def nothing_is_overfull(state: Usage) -> bool:
    """No place has more in use than it has room for."""
    return all(used <= state.room for used in state.used.values())


class Place(Sort):
    """Something with room."""


class Example(Model):
    """Places that fill up."""

    instances = [instance("small"), instance("larger", places=3, room=3)]
    requires = [nothing_is_overfull]

    places: Domain[Place] = sort(2, at_least=1, at_most=4, symmetric=True)
    room: int = constant(2, at_least=1, at_most=5)

    unchecked: bool = mutant("Something is placed without a look at the room.")

    deadlock = False

    used: Array[Place, Annotated[int, Range(0, "room + 1")]] = each(0)

    @action
    def fill(self, p: Place) -> None:
        """One more is placed."""
        require(self.used[p] < self.room + (1 if self.unchecked else 0))
        self.used[p] += 1

    @reachable
    def is_full(self) -> bool:
        """A place is full."""
        return any(self.used[p] == self.room for p in self.places)

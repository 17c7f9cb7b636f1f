"""What people write, in one small model without model errors: TLC counts its states too."""

from enum import Enum
from typing import Annotated, assert_never

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    choose,
    each,
    given,
    invariant,
    require,
    sort,
)


class Node(Sort):
    """A node."""


class Gear(Enum):
    """How fast."""

    SLOW = 1
    FAST = 3

    @property
    def other(self) -> "Gear":
        """The other gear."""
        return Gear.FAST if self is Gear.SLOW else Gear.SLOW

    def takes(self, load: int) -> bool:
        """Whether it is not too fast for a load."""
        return load < self.value


Small = Annotated[int, Range(0, 2)]


class Phrases(Model):
    """Lists and sets in every way."""

    nodes: Domain[Node] = sort(2)
    deadlock = False

    gear: Gear = Gear.SLOW
    row: Annotated[list[Small], Size(3)] = [1]
    held: Array[Node, set[Small]] = each({0})
    leader: Node | None = None
    pair: tuple[Small, bool] = (0, False)

    @action
    def shift(self) -> None:
        """The other gear, where it takes the row."""
        require(self.gear.other.takes(len(self.row)))
        self.gear = self.gear.other

    @action
    def fill(self, x: Small) -> None:
        """A slice is stored, or the row begins again."""
        if self.row < [1, x]:
            self.row[1:] = [x] * (self.gear.value // 2)
        else:
            self.row[:] = []

    @action
    def elect(self) -> None:
        """The node that holds the greatest leads; it holds one thing more."""
        x = choose({*self.held[Node(0)], 2})
        self.leader = max(self.nodes, key=lambda n: (x in self.held[n], n))
        self.held[given(self.leader)].add(x)

    @action
    def settle(self) -> None:
        """The only thing that a leader holds goes into the pair."""
        leader = given(self.leader)
        require(len(self.held[leader]) == 1)
        (x,) = self.held[leader]
        self.pair = (x, len(set().union(*self.held.values())) > 1)
        self.leader = None

    @action
    def drop(self, n: Node) -> None:
        """A node drops what is in the pair; the last of the row goes."""
        self.held[n].discard(self.pair[0])
        require(len(self.held[n]) > 0 and len(self.row) > 0)
        rest = list(self.row)
        rest[-1] = self.pair[0]
        del rest[0]
        self.row = rest

    @invariant
    def is_known(self, n: Node) -> bool:
        """Each gear is known, and what is held is in order."""
        match self.gear:
            case Gear.SLOW:
                return True
            case Gear.FAST:
                held = sorted(self.held[n])
                return all(a <= b for a, b in zip(held, sorted(held), strict=True))
            case _:
                assert_never(self.gear)

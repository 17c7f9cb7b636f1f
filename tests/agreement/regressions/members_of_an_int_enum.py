"""Members of an IntEnum are numbers for CPython: engines took one number for the other."""

from enum import IntEnum

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Sort,
    action,
    each,
    invariant,
    require,
    sort,
)


class Node(Sort):
    """A node."""


class Level(IntEnum):
    """Not numbered as they stand."""

    LOW = 2
    MID = 0
    TOP = 5


class Random(Model):
    """Levels rise."""

    nodes: Domain[Node] = sort(2)
    level: Array[Node, Level] = each(Level.LOW)
    links: set[tuple[Node, Node]] = set()

    @action
    def rise(self, n: Node, to: Level) -> None:
        """To a higher level."""
        require(to > self.level[n])
        self.level[n] = to

    @action
    def link(self, a: Node, b: Node) -> None:
        """Elements of sorts compared."""
        require(a < b and self.level[a] == max(self.level.values()))
        self.links.add((b, a))

    @invariant
    def low(self, n: Node) -> bool:
        """Broken for the second node first."""
        return self.level[n] + n < 6

    @invariant
    def unlinked(self) -> bool:
        """Broken when both are at the top."""
        return sum(self.level[a] for a, b in self.links) < 5

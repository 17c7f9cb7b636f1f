"""Sorts and collections without elements, a record without fields, the ends of 64 bits."""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    choose,
    each,
    invariant,
    record,
    require,
    sort,
)


class Node(Sort):
    """There is none."""


@record
class A:
    """It has no values."""

    to: Node


@record
class B:
    """It has one value."""

    to: Node | None = None
    who: frozenset[Node] = frozenset()


@record
class E:
    """No fields."""


class Random(Model):
    """Everything over nothing."""

    nodes: Domain[Node] = sort(0, at_least=0)
    deadlock = False
    on: Array[Node, bool] = each(False)
    grid: Array[Node, Array[Node, Node | None]] = each(each(None))
    who: Node | None = None
    u: A | B = B()
    e: E = E()
    es: set[E] = set()
    s: set[Node] = set()
    us: set[A | B] = set()
    bag: Annotated[Bag[Node], Size(2)] = Bag()
    row: Annotated[list[Node], Size(2)] = []
    none: Annotated[list[bool], Size(0)] = []
    noset: Annotated[set[bool], Size(0)] = set()
    nobag: Annotated[Bag[bool], Size(0)] = Bag()
    rowu: Annotated[list[A | B], Size(1)] = []
    one: Annotated[int, Range(0, 0)] = 0
    big: Annotated[int, Range(-9223372036854775808, 9223372036854775807)] = 0
    n: Annotated[int, Range(0, 3)] = 0

    @action
    def flip(self, a: Node) -> None:
        """An element would be turned over."""
        self.on[a] = not self.on[a]
        self.u = A(a)

    @action
    def inc(self) -> None:
        """Count where all and none are on."""
        require(
            self.n < 3
            and all(self.on[a] for a in self.nodes)
            and not any(self.on[a] for a in self.nodes)
        )
        self.n += 1
        self.us.add(B())
        self.rowu = [B()]
        for a in self.nodes:
            self.on[a] = True
        self.on = {a: not self.on[a] for a in self.nodes}
        self.es.add(E())

    @action
    def pick(self) -> None:
        """Nothing can be chosen."""
        require(self.n < 3)
        self.who = choose(self.nodes)
        self.n += 1

    @action
    def pick2(self) -> None:
        """Nor from an empty set."""
        self.who = choose(self.s)
        self.n += 1

    @action
    def among_(self, b: Node = among("row")) -> None:
        """Nor from an empty list."""
        self.n += 1

    @action
    def least(self) -> None:
        """From end to end."""
        require(self.n == 3)
        self.big = -9223372036854775808 if self.big == 9223372036854775807 else 9223372036854775807

    @action
    def dec(self) -> None:
        """Count on."""
        self.n = (self.n + 1 + len(self.nodes) + sum(1 for a in self.nodes) + len(self.none)) % 4

    @invariant
    def i(self) -> bool:
        """Nobody is there."""
        return (
            self.who is None
            and len(self.s) == 0
            and not isinstance(self.u, A)
            and max((1 for a in self.nodes), default=0) == 0
        )

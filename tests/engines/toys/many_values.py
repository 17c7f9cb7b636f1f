"""Sets of a union with 97 values, whose encodings have gaps: they are numbered without them."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    choose,
    invariant,
    record,
    require,
    sort,
)


class Node(Sort):
    """A node."""


class Kind(Enum):
    """A kind."""

    A = 1
    B = 2
    C = 3


@record
class Small:
    """Four values."""

    to: Node | None = None


@record
class Vote:
    """81 values."""

    a: Node
    b: Node
    k: Kind
    n: Annotated[int, Range(-1, 1)]


@record
class Many:
    """Twelve values."""

    a: Node
    k: Kind | None


Message = Small | Vote | Many


class Messages(Model):
    """All that is done with sets, for a few steps."""

    nodes: Domain[Node] = sort(3, symmetric=True)
    deadlock = False
    msgs: set[Message] = set()
    other: set[Message] = {Small()}
    few: Annotated[set[Message], Size(2)] = set()
    last: Message | None = None
    n: Annotated[int, Range(0, 4)] = 0
    steps: Annotated[int, Range(0, 3)] = 0

    @action
    def send(self, a: Node, b: Node, k: Kind) -> None:
        """Add one."""
        require(self.steps < 3)
        self.steps += 1
        require(len(self.msgs) < 2)
        self.msgs.add(Vote(a, b, k, -1))

    @action
    def small(self, a: Node | None) -> None:
        """Add some."""
        require(self.steps < 3)
        self.steps += 1
        require(len(self.msgs) < 2)
        self.msgs |= {Small(a), Many(a, None)} if a is not None else {Small()}

    @action
    def receive(self, m: Message = among("msgs")) -> None:
        """Replace one."""
        require(self.steps < 3)
        self.steps += 1
        self.last = m
        match m:
            case Vote(a=x, b=y, k=kind):
                self.msgs.remove(m)
                self.msgs.add(Many(y, kind))
                self.other = {v for v in self.other if not isinstance(v, Vote)} | {
                    Vote(y, x, kind, 1)
                }
            case Small() | Many() as rest:
                self.msgs.discard(rest)
                self.other ^= {rest}

    @action
    def ops(self) -> None:
        """Meet, differ, choose."""
        require(self.steps < 3)
        self.steps += 1
        require(len(self.other) > 0 and self.n < 2)
        x = choose(self.other - self.msgs)
        self.other = (self.other & {x}) | self.few
        self.n += 1

    @action
    def keep(self) -> None:
        """Filter."""
        require(self.steps < 3)
        self.steps += 1
        self.few = {m for m in self.other if isinstance(m, Small | Many)}

    @invariant
    def ok(self) -> bool:
        """Sizes, subsets, equality."""
        return len(self.msgs | self.other) <= len(self.msgs) + len(self.other) and (
            self.msgs <= self.other
            or not self.msgs.isdisjoint(self.other)
            or self.msgs != self.other
        )

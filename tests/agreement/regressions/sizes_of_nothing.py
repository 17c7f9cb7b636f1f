"""N."""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    Fairness,
    Model,
    Range,
    Size,
    Sort,
    action,
    always_eventually,
    among,
    choose,
    compose,
    constant,
    constraint,
    each,
    eventually,
    initial,
    invariant,
    leads_to,
    mutant,
    reachable,
    record,
    replace,
    require,
    sort,
    step_invariant,
    terminal,
)


class Node(Sort):
    """N."""


@record
class A:
    """A."""

    to: Node


@record
class B:
    """B."""

    to: Node | None = None
    who: frozenset[Node] = frozenset()


@record
class E:
    """E."""


class Random(Model):
    """M."""

    size: int = constant(0, at_least=0)
    nodes: Domain[Node] = sort("size", at_least=0) if False else sort(0, at_least=0)
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
        """F."""
        self.on[a] = not self.on[a]
        self.u = A(a)

    @action
    def inc(self) -> None:
        """I."""
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
        self.on = {a: True for a in self.nodes}
        self.es.add(E())

    @action
    def pick(self) -> None:
        """I."""
        require(self.n < 3)
        b = choose(self.nodes)
        self.n += 1

    @action
    def pick2(self) -> None:
        """I."""
        b = choose(self.s)
        self.n += 1

    @action
    def among_(self, b: Node = among("row")) -> None:
        """I."""
        self.n += 1

    @action
    def least(self) -> None:
        """I."""
        require(self.n == 3)
        self.big = -9223372036854775808 if self.big == 9223372036854775807 else 9223372036854775807

    @action
    def dec(self) -> None:
        """D."""
        self.n = (self.n + 1 + len(self.nodes) + sum(1 for a in self.nodes) + len(self.none)) % 4

    @invariant
    def i(self) -> bool:
        """I."""
        return (
            self.who is None
            and len(self.s) == 0
            and not isinstance(self.u, A)
            and max((1 for a in self.nodes), default=0) == 0
        )

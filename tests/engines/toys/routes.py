"""What nodes know of the way to each other: maps whose keys are tuples."""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    constant,
    each,
    invariant,
    mutant,
    reachable,
    require,
    sort,
    table,
)


class Node(Sort):
    """A node."""


class Kind(Enum):
    """How a message goes."""

    SLOW = "slow"
    FAST = "fast"


Hops = Annotated[int, Range(0, "most")]


class Routes(Model):
    """Nodes tell each other how far they are from one another."""

    nodes: Domain[Node] = sort(2, symmetric=True)
    most: int = constant(2, at_least=1)
    forgets: bool = mutant("A node forgets its way back.")
    deadlock = False

    links: Annotated[set[tuple[Node, Node]], Size(2)] = set()
    hops: Array[tuple[Node, Node], Hops] = each(0)
    inbox: Array[tuple[Node, Kind], Annotated[set[Hops], Size(1)]] = each(set())

    @action
    def link(self, a: Node, b: Node) -> None:
        """Two nodes are linked."""
        require(a != b and len(self.links) < 2)
        self.links.add((a, b))

    @action
    def send(self, kind: Kind, link: tuple[Node, Node] = among("links")) -> None:
        """The hops of a link are told to its end."""
        _, to = link
        require(len(self.inbox[to, kind]) == 0)
        self.inbox[to, kind].add(self.hops[link])

    @action
    def receive(self, n: Node, kind: Kind, told: Hops = among("inbox[n, kind]")) -> None:
        """A node learns the way to every other."""
        self.inbox[n, kind].remove(told)
        require(told < self.most)
        for (a, b), known in self.hops.items():
            if b == n and a != n and known <= told:
                self.hops[a, b] = told + 1
        if self.forgets:
            self.hops = self.hops | {(n, n): 1}

    @action
    def level(self) -> None:
        """All are as far as the farthest."""
        farthest = max(self.hops.values())
        require(farthest > 0)
        self.hops = {(a, b): farthest if a != b else 0 for a in self.nodes for b in self.nodes}

    @invariant
    def nobody_is_far_from_itself(self, n: Node) -> bool:
        """No node has a way to itself."""
        return self.hops[n, n] == 0

    @invariant
    def what_is_told_is_known(self) -> bool:
        """Nothing is told that is farther than anything known."""
        return all(h <= max(self.hops) for told in self.inbox.values() for h in told)

    @reachable
    def all_are_far(self) -> bool:
        """Every node is far from every other."""
        return sum(v for (a, b), v in self.hops.items() if a != b) == 4


class Costs(Model):
    """A walk whose cost is given as data."""

    nodes: Domain[Node] = sort(3)
    cost: Array[tuple[Node, Node], int] = table([[0, 1, 2], [1, 0, 1], [2, 1, 0]])
    at: Node | None = None
    spent: Annotated[int, Range(0, 9)] = 0

    @action
    def go(self, to: Node) -> None:
        """Go where it costs something."""
        here = self.at
        if here is not None:
            require(self.cost[here, to] > 0 and self.spent + self.cost[here, to] <= 6)
            self.spent += self.cost[here, to]
        self.at = to

    deadlock = False

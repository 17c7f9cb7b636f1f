"""Pods are bound to the nodes of a cluster that is given as data, and move where links lead.

What is known of the cluster are constant tables: what the nodes hold and where they stand, what
the pods ask for and in which order they come, and between which nodes a pod may move. Written for
planespec: no other specification has tables of every kind.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    among,
    each,
    invariant,
    mutant,
    reachable,
    record,
    require,
    sort,
    table,
)

Amount = Annotated[int, Range(0, 9)]

PENALTY = {False: 0, True: 1}
"""What a node has to keep free beside a pod that has no wish, or has one."""


class Node(Sort):
    """A node."""


class Pod(Sort):
    """A pod, which is bound to a node once."""


class Zone(Enum):
    """Where a node stands, as its label says it."""

    EAST = "eu-east-1"
    WEST = "eu-west-1"


@record
class Wish:
    """What a pod asks for, and where it wants to be, if it cares."""

    cpu: Amount
    zone: Zone | None = None


class PodPlacement(Model):
    """Pods come in a certain order and are bound where they fit."""

    nodes: Domain[Node] = sort(3)
    pods: Domain[Pod] = sort(4)
    capacity: Array[Node, int] = table([5, 8, 6], check="max(capacity) <= 9")
    zone: Array[Node, Zone] = table({"node0": "eu-east-1", "node1": "eu-west-1", "node2": "WEST"})
    wish: Array[Pod, Wish] = table(
        [{"cpu": 3}, {"cpu": 2, "zone": "eu-west-1"}, {"cpu": 3, "zone": "EAST"}, {"cpu": 2}]
    )
    reaches: Array[Zone, frozenset[Zone]] = table({"EAST": ["WEST"], "WEST": ["EAST", "WEST"]})
    links: set[tuple[Node, Node]] = table([["node0", "node1"], ["node1", "node2"], [2, 0]])
    order: list[Pod] = table([2, 0, 1, 3])
    forgets_wishes: bool = mutant("A pod moves wherever a link leads.")
    deadlock = False

    home: Array[Pod, Node | None] = each(None)
    free: Array[Node, Annotated[int, Range(0, "max(capacity)")]] = capacity
    come: Annotated[int, Range(0, "len(order)")] = 0

    @action
    def bind(self, n: Node) -> None:
        """The next pod is bound to a node that suits it."""
        require(self.come < len(self.order))
        p = self.order[self.come]
        require(self.suits(p, n))
        self.home[p] = n
        self.free[n] -= self.wish[p].cpu
        self.come += 1

    @action
    def move(self, p: Pod, link: tuple[Node, Node] = among("links")) -> None:
        """A pod moves along a link."""
        old, new = link
        require(self.home[p] == old)
        require(self.forgets_wishes or self.suits(p, new))
        require(self.zone[new] in self.reaches[self.zone[old]])
        require(self.free[new] >= self.wish[p].cpu)
        self.home[p] = new
        self.free[old] += self.wish[p].cpu
        self.free[new] -= self.wish[p].cpu

    def suits(self, p: Pod, n: Node) -> bool:
        """Whether a node has room for a pod and stands where the pod wants to be."""
        wish = self.wish[p]
        room = self.free[n] >= wish.cpu + PENALTY[wish.zone is not None]
        return room and (wish.zone is None or wish.zone == self.zone[n])

    @invariant
    def nothing_is_taken_twice(self, n: Node) -> bool:
        """What the pods of a node ask for and what is free make up what it has."""
        taken = sum(self.wish[p].cpu for p in self.pods if self.home[p] == n)
        return taken + self.free[n] == self.capacity[n]

    @invariant
    def wishes_are_met(self, p: Pod) -> bool:
        """A pod is where it wants to be."""
        wish, home = self.wish[p], self.home[p]
        return home is None or wish.zone is None or self.zone[home] == wish.zone

    @reachable
    def all_bound(self) -> bool:
        """Every pod has a node."""
        return all(home is not None for home in self.home)

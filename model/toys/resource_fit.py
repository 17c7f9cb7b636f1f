"""Pods on nodes, with amounts that know no bound: what a node has is never promised twice.

The scheduler's rule NodeResourcesFit with one resource, for every capacity and every request.
Left out: everything else that keeps a pod off a node, and more than one resource.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Nat,
    Sort,
    action,
    each,
    instance,
    invariant,
    mutant,
    no_recording,
    require,
    sort,
)


class Node(Sort):
    """A machine that runs pods."""


class Pod(Sort):
    """Something that asks for an amount of the resource."""


class ResourceFit(Model):
    """Nodes join with any capacity, pods arrive with any request, the scheduler binds them."""

    held_to = no_recording("a toy that shows a proof")

    nodes: Domain[Node] = sort(2, at_least=1)
    pods: Domain[Pod] = sort(3, at_least=1)

    stale_check: bool = mutant("The scheduler looks at the pods it has heard of, not at all.")

    deadlock = False

    capacity: Array[Node, Nat] = each(0)
    request: Array[Pod, Nat] = each(0)
    bound: Array[Pod, Node | None] = each(None)
    heard: Array[Pod, Node | None] = each(None)
    """What the scheduler's cache says of each pod."""

    @action
    def join(self, n: Node, amount: Nat) -> None:
        """An empty node states its capacity."""
        require(all(self.bound[p] != n for p in self.pods))
        self.capacity[n] = amount

    @action
    def arrive(self, p: Pod, amount: Nat) -> None:
        """A pod that is not bound states its request."""
        require(self.bound[p] is None)
        self.request[p] = amount

    @action
    def hear(self, p: Pod) -> None:
        """The scheduler's cache learns where a pod is."""
        self.heard[p] = self.bound[p]

    @action
    def bind(self, p: Pod, n: Node) -> None:
        """The scheduler binds a pod to a node that has room for it."""
        require(self.bound[p] is None)
        used = self.heard_used(n) if self.stale_check else self.used(n)
        require(used + self.request[p] <= self.capacity[n])
        self.bound[p] = n

    @action
    def finish(self, p: Pod) -> None:
        """A pod ends and gives back what it had."""
        self.bound[p] = None

    def used(self, n: Node) -> int:
        """What the pods bound to a node ask for together."""
        return sum(self.request[p] for p in self.pods if self.bound[p] == n)

    def heard_used(self, n: Node) -> int:
        """The same, as far as the scheduler has heard."""
        return sum(self.request[p] for p in self.pods if self.heard[p] == n)

    @invariant
    def no_node_is_overfull(self) -> bool:
        """The pods on a node never ask for more than it has."""
        return all(self.used(n) <= self.capacity[n] for n in self.nodes)

    instances = [
        instance("small", nodes=5, pods=8),
    ]

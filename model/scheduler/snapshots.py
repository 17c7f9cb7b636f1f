"""The incremental snapshot: only what changed since the last one is copied.

Every entry of the cache has a generation, taken from one counter for all, so that it grows with
every change whatever its node. A snapshot copies the entries with a generation above its own.
Source: `pkg/scheduler/backend/cache/cache.go`, UpdateSnapshot; `node_info.go`, nextGeneration.
Left out: what an entry holds (its pods are a number here), and the order of the node tree.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    action,
    constant,
    each,
    instance,
    mutant,
    no_recording,
    reachable,
    record,
    require,
    sort,
)
from planespec.model.scheduler.scheduler_types import Node
from planespec.spec.scheduling.requirements.bindings import snapshot_is_cache

Generation = Annotated[int, Range(0, "changes")]


@record
class NodeInfo:
    """An entry: how many pods there are on the node."""

    pods: Annotated[int, Range(0, "max_pods")]


class Snapshots(Model):
    """Cache, generations and snapshot."""

    held_to = no_recording(
        "the cache is inside the scheduler, and what it copies was not recorded"
    )

    nodes: Domain[Node] = sort(2, at_least=1, at_most=4, symmetric=True)
    max_pods: int = constant(1, at_least=1, at_most=9)
    changes: int = constant(4, at_least=1, at_most=20)
    """How often the cache changes: a bound."""

    generations_restart: bool = mutant(
        "Every entry counts its own generations, from the beginning.", issue="#63262"
    )
    removed_stays: bool = mutant("A node that is not in the cache any more stays in the snapshot.")
    pods_change_quietly: bool = mutant("A pod on a node does not count as a change of its entry.")

    deadlock = False

    cache: Array[Node, NodeInfo | None] = each(None)
    generation: Array[Node, Generation] = each(0)
    count: Generation = 0
    """The generation of the last change."""
    snapshot: Array[Node, NodeInfo | None] = each(None)
    copied: Generation = 0
    """The generation up to which the snapshot has copied."""
    updated: bool = True

    requires = [snapshot_is_cache]

    @action
    def add_node(self, n: Node) -> None:
        """A node joins, or joins again."""
        require(self.cache[n] is None)
        self.change(n)
        self.cache[n] = NodeInfo(0)
        if self.generations_restart:
            self.generation[n] = 1

    @action
    def remove_node(self, n: Node) -> None:
        """A node without pods leaves; its entry goes with it."""
        require(self.cache[n] is not None and self.pods_on(n) == 0)
        self.change(n)
        self.cache[n] = None

    @action
    def add_pod(self, n: Node) -> None:
        """A pod takes room on a node."""
        require(self.cache[n] is not None and self.pods_on(n) < self.max_pods)
        self.change(n)
        self.cache[n] = NodeInfo(self.pods_on(n) + 1)

    @action
    def remove_pod(self, n: Node) -> None:
        """A pod gives its room back."""
        require(self.pods_on(n) > 0)
        self.change(n)
        self.cache[n] = NodeInfo(self.pods_on(n) - 1)

    @action
    def update_snapshot(self) -> None:
        """A cycle begins: copy what is newer than the snapshot, drop what is gone."""
        require(not self.updated)
        for n in self.nodes:
            if self.cache[n] is None:
                if not self.removed_stays:
                    self.snapshot[n] = None
            elif self.generation[n] > self.copied:
                self.snapshot[n] = self.cache[n]
        self.copied = max(self.copied, max(self.generation[n] for n in self.nodes))
        self.updated = True

    def pods_on(self, n: Node) -> int:
        """How many pods the cache has on a node."""
        entry = self.cache[n]
        return 0 if entry is None else entry.pods

    def change(self, n: Node) -> None:
        """An entry changes and gets the next generation."""
        require(self.count < self.changes)
        self.count += 1
        self.updated = False
        if self.generations_restart:
            self.generation[n] += 1
        elif not (self.pods_change_quietly and self.cache[n] is not None):
            self.generation[n] = self.count

    @reachable
    def joined_again(self) -> bool:
        """A node is in the snapshot that was there before, and left."""
        return self.updated and any(
            self.snapshot[n] is not None and self.generation[n] >= 3 for n in self.nodes
        )

    instances = [
        instance("defaults"),
        instance("two-nodes", nodes=2, changes=8, max_pods=2),
        instance("three-nodes", nodes=3, changes=6),
    ]

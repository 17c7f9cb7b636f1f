"""State graphs as arrays, and where in them a behaviour can stay for ever and be fair."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planespec.checker.ir.system import Fairness

Array = Any


@dataclass(frozen=True, slots=True)
class Graph:
    """A state graph: nodes `0..nodes-1`, edges as three arrays of one length.

    `action` numbers the fairness units (an action, or one instance of it where fairness is per
    instance). Edges from a node to itself are steps that change nothing; every node may also
    stutter, which no edge says.
    """

    nodes: int
    source: Array
    target: Array
    action: Array
    initial: Array

    def changing(self) -> Array:
        """Which edges change the state: only these count as taking an action (TLA's <A>_vars)."""
        return self.source != self.target

    def within(self, keep: Array) -> "Graph":
        """The graph without the edges that touch nodes outside `keep` (a truth a node)."""
        inside = keep[self.source] & keep[self.target]
        edges = (self.source[inside], self.target[inside], self.action[inside])
        return Graph(self.nodes, *edges, self.initial)

    def enabled(self, unit: int) -> Array:
        """For each node whether a changing step of the unit leaves it."""
        answer = np.zeros(self.nodes, bool)
        answer[self.source[(self.action == unit) & self.changing()]] = True
        return answer

    def reachable_from(self, start: Array) -> Array:
        """For each node whether it can be reached from the nodes in the truth array `start`."""
        seen = start.copy()
        order = np.argsort(self.source, kind="stable")
        targets = self.target[order]
        first = np.searchsorted(self.source[order], np.arange(self.nodes + 1))
        frontier = np.flatnonzero(start)
        while len(frontier):
            found = np.unique(targets[ranges(first[frontier], first[frontier + 1])])
            frontier = found[~seen[found]]
            seen[frontier] = True
        return seen

    def components(self) -> Array:
        """For each node the number of its strongly connected component."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        weights = np.ones(len(self.source), np.int8)
        shape = (self.nodes, self.nodes)
        matrix = csr_array((weights, (self.source, self.target)), shape=shape)
        return connected_components(matrix, directed=True, connection="strong")[1]


def ranges(starts: Array, ends: Array) -> Array:
    """The numbers of all half-open ranges one after another."""
    lengths = ends - starts
    total = int(lengths.sum())
    if total == 0:
        return np.empty(0, np.int64)
    offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    return np.arange(total) + offsets


@dataclass(frozen=True, slots=True)
class Unit:
    """A fairness condition: the number that edges carry, and how fair it is."""

    number: int
    fairness: Fairness


def fair_traps(graph: Graph, keep: Array, units: Sequence[Unit]) -> list[Array]:
    """Maximal fair traps inside the nodes of `keep`, as sorted arrays of nodes.

    Only one trap need be found for a counterexample, but all are given, in the order of their
    least node, so that the answer does not depend on the numbering of components.
    """
    weak = [u for u in units if u.fairness is Fairness.WEAK]
    strong = [u for u in units if u.fairness is Fairness.STRONG]
    enabled = {u.number: graph.enabled(u.number) for u in (*weak, *strong)}
    waiting, found = [keep], []
    while waiting:
        inside = waiting.pop()
        sub = graph.within(inside)
        label = sub.components()
        count = int(label.max()) + 1 if len(label) else 0
        alive = np.zeros(count, bool)
        alive[label[inside]] = True
        taken = {u.number: _taken(sub, label, u.number, count) for u in (*weak, *strong)}
        for unit in weak:
            everywhere = _everywhere(label, inside, enabled[unit.number], count)
            alive &= taken[unit.number] | ~everywhere
        spoiled, again = _spoiled(label, inside, strong, enabled, taken, alive)
        if again.any():
            waiting.append(again)
        alive &= ~spoiled
        found += _members(label, inside, alive)
    return sorted(found, key=lambda nodes: int(nodes[0]))


def _taken(graph: Graph, label: Array, unit: int, count: int) -> Array:
    """For each component whether a changing step of the unit stays inside it."""
    answer = np.zeros(count, bool)
    inside = label[graph.source] == label[graph.target]
    chosen = inside & (graph.action == unit) & graph.changing()
    answer[label[graph.source[chosen]]] = True
    return answer


def _everywhere(label: Array, inside: Array, enabled: Array, count: int) -> Array:
    """For each component whether the unit is enabled in all of its nodes."""
    answer = np.ones(count, bool)
    answer[label[inside & ~enabled]] = False
    return answer


def _spoiled(
    label: Array,
    inside: Array,
    strong: Sequence[Unit],
    enabled: dict[int, Array],
    taken: dict[int, Array],
    alive: Array,
) -> tuple[Array, Array]:
    """Components that break strong fairness, and their nodes where no broken unit is enabled."""
    spoiled = np.zeros(len(alive), bool)
    again = np.zeros(len(label), bool)
    blamed = np.zeros(len(label), bool)
    for unit in strong:
        bad = alive & ~taken[unit.number]
        somewhere = np.zeros(len(alive), bool)
        somewhere[label[inside & enabled[unit.number]]] = True
        bad &= somewhere
        spoiled |= bad
        blamed |= bad[label] & inside & enabled[unit.number]
    again |= spoiled[label] & inside & ~blamed
    return spoiled, again


def _members(label: Array, inside: Array, alive: Array) -> list[Array]:
    nodes = np.flatnonzero(inside & alive[label])
    order = np.argsort(label[nodes], kind="stable")
    nodes = nodes[order]
    cuts = np.flatnonzero(np.diff(label[nodes])) + 1
    return [part for part in np.split(nodes, cuts) if len(part)]

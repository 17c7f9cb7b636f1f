"""State graphs as arrays, and the part of them that a broken promise can live in."""

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any


@dataclass(frozen=True, slots=True)
class Graph:
    """A state graph: nodes `0..nodes-1`, edges as three arrays of one length.

    `action` numbers what is taken: an action, or those of its instances that fairness tells from
    the others. Edges from a node to itself are steps that change nothing; every node may also
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

    def carrying(self, numbers: tuple[int, ...]) -> Array:
        """Which edges have one of the numbers."""
        if len(numbers) == 1:
            return self.action == numbers[0]
        return np.isin(self.action, numbers)

    def enabled(self, numbers: tuple[int, ...]) -> Array:
        """For each node whether a changing step with one of the numbers leaves it."""
        answer = np.zeros(self.nodes, bool)
        answer[self.source[self.carrying(numbers) & self.changing()]] = True
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

"""State graphs as arrays: where a behaviour stays for ever, is fair and keeps what is assumed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planespec.checker.ir.system import Fairness, PropertyKind

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


@dataclass(frozen=True, slots=True)
class Unit:
    """A fairness condition: the numbers of the edges that keep it, and how fair they are."""

    numbers: tuple[int, ...]
    fairness: Fairness


def fair_traps(graph: Graph, keep: Array, units: Sequence[Unit]) -> list[Array]:
    """Maximal fair traps inside the nodes of `keep`, as sorted arrays of nodes.

    Only one trap need be found for a counterexample, but all are given, in the order of their
    least node, so that the answer does not depend on the numbering of components.
    """
    weak = [u for u in units if u.fairness is Fairness.WEAK]
    strong = [u for u in units if u.fairness is Fairness.STRONG]
    enabled = {u.numbers: graph.enabled(u.numbers) for u in (*weak, *strong)}
    waiting, found = [keep], []
    while waiting:
        inside = waiting.pop()
        sub = graph.within(inside)
        label = sub.components()
        count = int(label.max()) + 1 if len(label) else 0
        alive = np.zeros(count, bool)
        alive[label[inside]] = True
        taken = {u.numbers: _taken(sub, label, u.numbers, count) for u in (*weak, *strong)}
        for unit in weak:
            everywhere = _everywhere(label, inside, enabled[unit.numbers], count)
            alive &= taken[unit.numbers] | ~everywhere
        spoiled, again = _spoiled(label, inside, strong, enabled, taken, alive)
        if again.any():
            waiting.append(again)
        alive &= ~spoiled
        found += _members(label, inside, alive)
    return sorted(found, key=lambda nodes: int(nodes[0]))


def _taken(graph: Graph, label: Array, numbers: tuple[int, ...], count: int) -> Array:
    """For each component whether a changing step with one of the numbers stays inside it."""
    answer = np.zeros(count, bool)
    inside = label[graph.source] == label[graph.target]
    chosen = inside & graph.carrying(numbers) & graph.changing()
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
    enabled: dict[tuple[int, ...], Array],
    taken: dict[tuple[int, ...], Array],
    alive: Array,
) -> tuple[Array, Array]:
    """Components that break strong fairness, and their nodes where no broken unit is enabled."""
    spoiled = np.zeros(len(alive), bool)
    again = np.zeros(len(label), bool)
    blamed = np.zeros(len(label), bool)
    for unit in strong:
        bad = alive & ~taken[unit.numbers]
        somewhere = np.zeros(len(alive), bool)
        somewhere[label[inside & enabled[unit.numbers]]] = True
        bad &= somewhere
        spoiled |= bad
        blamed |= bad[label] & inside & enabled[unit.numbers]
    again |= spoiled[label] & inside & ~blamed
    return spoiled, again


def _members(label: Array, inside: Array, alive: Array) -> list[Array]:
    nodes = np.flatnonzero(inside & alive[label])
    order = np.argsort(label[nodes], kind="stable")
    nodes = nodes[order]
    cuts = np.flatnonzero(np.diff(label[nodes])) + 1
    return [part for part in np.split(nodes, cuts) if len(part)]


# What a behaviour must keep for a promise to be made of it, followed in the graph itself.
#
# What is to be true again and again, or from some point on, is asked of the part of the graph
# where a behaviour stays. Other assumptions owe something on the way: each doubles the graph, and
# a node then knows whether something is owed.


Given = tuple[PropertyKind, tuple[Array, ...]]
"""An assumption: its kind, and where each of its predicates is true."""

FOLLOWED = (PropertyKind.EVENTUALLY, PropertyKind.LEADS_TO, PropertyKind.LEADS_TO_ALWAYS)
"""Kinds that owe something on the way."""

MOST_FOLLOWED = 8
"""Assumptions of such kinds that are followed at once."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A graph whose nodes know what the assumptions owe; all of them are reachable.

    `base` has for each node that of the graph it was made from. A behaviour keeps the assumptions
    when it stays in `kept` from some point on and comes to each of `marks` again and again.
    """

    graph: Graph
    base: Array
    kept: Array
    marks: tuple[Array, ...]

    def traps(self, keep: Array, units: Sequence[Unit]) -> list[Array]:
        """Where in `keep` a fair behaviour that keeps the assumptions can stay."""
        found = fair_traps(self.graph, keep & self.kept, units)
        return [trap for trap in found if all(mark[trap].any() for mark in self.marks)]


def followed(graph: Graph, given: Sequence[Given]) -> Followed:
    """The graph as it is where no assumption has to be followed."""
    base = np.arange(graph.nodes)
    kept = np.ones(graph.nodes, bool)
    marks: list[Array] = []
    for kind, truths in given:
        owed = np.zeros(len(base), bool)
        if kind in FOLLOWED:
            graph, owed, old = _doubled(graph, kind, tuple(t[base] for t in truths))
            base, kept, marks = base[old], kept[old], [mark[old] for mark in marks]
        match kind:
            case PropertyKind.ALWAYS_EVENTUALLY:
                marks.append(truths[0][base])
            case PropertyKind.EVENTUALLY_ALWAYS:
                kept = kept & truths[0][base]
            case PropertyKind.EVENTUALLY:
                kept = kept & owed
            case PropertyKind.LEADS_TO:
                marks.append(~owed)
            case PropertyKind.LEADS_TO_ALWAYS:
                kept = kept & (~owed | truths[1][base])
            case _:
                raise ValueError(f"{kind} is no promise")
    return Followed(graph, base, kept, tuple(marks))


def _entered(kind: PropertyKind, bit: bool, truths: tuple[Array, ...]) -> Array:
    """What each node knows when a behaviour comes to it with `bit`: entering twice is as once."""
    if kind is PropertyKind.LEADS_TO:
        return (truths[0] | bit) & ~truths[1]
    return truths[0] | bit


def _doubled(
    graph: Graph, kind: PropertyKind, truths: tuple[Array, ...]
) -> tuple[Graph, Array, Array]:
    """The reachable part of the graph times a bit, the bit of each node, and its old node."""
    n = graph.nodes
    enters = [_entered(kind, bit, truths) for bit in (False, True)]
    source = np.concatenate([graph.source, graph.source + n])
    target = np.concatenate([graph.target + n * enter[graph.target] for enter in enters])
    action = np.concatenate([graph.action, graph.action])
    whole = Graph(2 * n, source, target, action, graph.initial + n * enters[0][graph.initial])
    first = np.zeros(2 * n, bool)
    first[whole.initial] = True
    seen = whole.reachable_from(first)
    number = np.cumsum(seen) - 1
    there = seen[source]
    edges = (number[source[there]], number[target[there]], action[there])
    nodes = np.flatnonzero(seen)
    return Graph(len(nodes), *edges, number[whole.initial]), nodes >= n, nodes % n

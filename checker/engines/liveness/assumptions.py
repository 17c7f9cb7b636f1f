"""What a behaviour must keep for a promise to be made of it, followed in the graph itself.

What is to be true again and again, or from some point on, is asked of the part of the graph where
a behaviour stays. Other assumptions owe something on the way: each doubles the graph, and a node
then knows whether something is owed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planespec.checker.engines.liveness.fair_graphs import Array, Graph, Unit, fair_traps
from planespec.checker.ir.system import PropertyKind

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

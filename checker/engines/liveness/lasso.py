"""Is a promise kept on every fair behaviour? If not, a stem and a cycle that break it."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from planespec.checker.engines.liveness.fair_graphs import Array, Given, Graph, Unit, followed
from planespec.checker.ir.system import Fairness, PropertyKind

Edge = tuple[int, int, int]
"""Source, target, fairness unit."""


@dataclass(frozen=True, slots=True)
class Lasso:
    """`stem` leads from an initial node to `knot`; `cycle` leads from there back to it.

    An empty cycle is stuttering in `knot` for ever.
    """

    start: int
    stem: tuple[Edge, ...]
    knot: int
    cycle: tuple[Edge, ...]

    def on(self, base: Array) -> "Lasso":
        """The same behaviour on another graph: `base` has the node there of each node here."""
        stem, cycle = (
            tuple((int(base[a]), int(base[b]), number) for a, b, number in edges)
            for edges in (self.stem, self.cycle)
        )
        return Lasso(int(base[self.start]), stem, int(base[self.knot]), cycle)


class Walker:
    """Finds shortest ways in a graph, the first in the order of edges."""

    def __init__(self, graph: Graph) -> None:
        order = np.argsort(graph.source, kind="stable")
        self.target, self.action = graph.target[order], graph.action[order]
        self.first = np.searchsorted(graph.source[order], np.arange(graph.nodes + 1))

    def edges(self, node: int) -> list[Edge]:
        """Edges out of a node."""
        span = range(int(self.first[node]), int(self.first[node + 1]))
        return [(node, int(self.target[k]), int(self.action[k])) for k in span]

    def way(
        self, starts: Sequence[int], goal: Callable[[int], bool], allowed: Array
    ) -> tuple[int, list[Edge]] | None:
        """A shortest way from one of `starts` to a goal through allowed nodes, and its start."""
        parent: dict[int, Edge | None] = dict.fromkeys(starts)
        queue = deque(starts)
        while queue:
            node = queue.popleft()
            if goal(node):
                return _unwind(parent, node)
            for edge in self.edges(node):
                if edge[1] not in parent and allowed[edge[1]]:
                    parent[edge[1]] = edge
                    queue.append(edge[1])
        return None


def _unwind(parent: dict[int, Edge | None], node: int) -> tuple[int, list[Edge]]:
    way: list[Edge] = []
    edge = parent[node]
    while edge is not None:
        way.append(edge)
        node = edge[0]
        edge = parent[node]
    return node, way[::-1]


def lasso(
    graph: Graph,
    begin: Array,
    allowed: Array,
    traps: Sequence[Array],
    units: Sequence[Unit],
    marks: Sequence[Array],
) -> Lasso:
    """Follow the graph to a node of `begin`, on through `allowed` into a trap and round it.

    An initial node of `begin` is where the stem begins; else the way there is free. The cycle goes
    through a node of each of `marks`, of which every trap has one, and closes at one of the first.
    """
    walker = Walker(graph)
    owner = np.full(graph.nodes, -1)
    for number, trap in enumerate(traps):
        owner[trap] = number
    goal = (owner >= 0) & marks[0]
    useful = _leading_to(graph.within(allowed), goal) & begin & allowed
    everywhere = np.ones(graph.nodes, bool)
    there = walker.way([int(n) for n in graph.initial], _holds(useful), everywhere)
    assert there is not None, "a trap that no behaviour reaches"
    start, stem = there
    node = stem[-1][1] if stem else start
    on = walker.way([node], _holds(goal), allowed)
    assert on is not None, "a trap that no behaviour reaches"
    stem += on[1]
    knot = stem[-1][1] if stem else start
    inside = owner == owner[knot]
    cycle = _round(graph, walker, knot, inside, units)
    for mark in marks[1:]:
        if not any(mark[n] for n in (knot, *(e[1] for e in cycle))):
            cycle += _detour(walker, knot, mark, inside)
    return Lasso(start, tuple(stem), knot, tuple(cycle))


def _detour(walker: Walker, knot: int, mark: Array, inside: Array) -> list[Edge]:
    """From the knot to a node of the mark and back."""
    there = _to(walker, knot, _holds(mark), inside)
    return [*there, *_to(walker, there[-1][1], lambda n: n == knot, inside)]


def _leading_to(graph: Graph, goal: Array) -> Array:
    back = Graph(graph.nodes, graph.target, graph.source, graph.action, graph.initial)
    return back.reachable_from(goal)


def _round(
    graph: Graph, walker: Walker, knot: int, inside: Array, units: Sequence[Unit]
) -> list[Edge]:
    """A closed walk from `knot` inside the trap that keeps every fairness condition."""
    cycle: list[Edge] = []
    node = knot
    for unit in units:
        if any(e[2] in unit.numbers and e[0] != e[1] for e in cycle):
            continue
        off = ~graph.enabled(unit.numbers) & inside
        if unit.fairness is Fairness.WEAK and off.any():
            visited = {knot, *(e[1] for e in cycle)}
            if any(off[n] for n in visited):
                continue
            cycle += _to(walker, node, _holds(off), inside)
        elif _takes(graph, unit, inside):
            cycle += _take(walker, node, unit, inside)
        node = cycle[-1][1] if cycle else node
    if node != knot:
        cycle += _to(walker, node, lambda n: n == knot, inside)
    elif not cycle and int(inside.sum()) > 1:
        cycle = _away_and_back(walker, knot, inside)
    return cycle


def _holds(nodes: Array) -> Callable[[int], bool]:
    return lambda node: bool(nodes[node])


def _takes(graph: Graph, unit: Unit, inside: Array) -> bool:
    chosen = graph.carrying(unit.numbers) & graph.changing()
    return bool((inside[graph.source[chosen]] & inside[graph.target[chosen]]).any())


def _to(walker: Walker, node: int, goal: Callable[[int], bool], inside: Array) -> list[Edge]:
    found = walker.way([node], goal, inside)
    assert found is not None, "a trap is strongly connected"
    return found[1]


def _take(walker: Walker, node: int, unit: Unit, inside: Array) -> list[Edge]:
    def step(n: int) -> Edge | None:
        return next(
            (e for e in walker.edges(n) if e[2] in unit.numbers and e[1] != n and inside[e[1]]),
            None,
        )

    way = _to(walker, node, lambda n: step(n) is not None, inside)
    edge = step(way[-1][1] if way else node)
    assert edge is not None
    return [*way, edge]


def _away_and_back(walker: Walker, knot: int, inside: Array) -> list[Edge]:
    away = next(e for e in walker.edges(knot) if e[1] != knot and inside[e[1]])
    return [away, *_to(walker, away[1], lambda n: n == knot, inside)]


def broken(
    graph: Graph,
    kind: PropertyKind,
    truths: tuple[Array, ...],
    units: tuple[Unit, ...],
    known: Array | None = None,
    given: Sequence[Given] = (),
) -> Lasso | None:
    """A fair behaviour that breaks the promise, or None.

    `truths` are those of `p`, or of `p` and `q` for a leads-to; every node must be reachable. A
    behaviour is sought among the nodes of `known` alone, of which all steps are edges, and it
    keeps what is `given`.
    """
    under = followed(graph, given)
    graph = under.graph
    truths = tuple(truth[under.base] for truth in truths)
    begin, allowed = _owing(graph, kind, truths)
    if known is not None:
        allowed = allowed & known[under.base]
    keep = graph.within(allowed).reachable_from(begin & allowed)
    traps = under.traps(keep, units)
    knots = np.ones(graph.nodes, bool)
    if kind in (PropertyKind.EVENTUALLY_ALWAYS, PropertyKind.LEADS_TO_ALWAYS):
        knots = ~truths[-1]
        traps = [trap for trap in traps if knots[trap].any()]
    if not traps:
        return None
    return lasso(graph, begin, allowed, traps, units, (knots, *under.marks)).on(under.base)


def is_empty(graph: Graph, units: tuple[Unit, ...], given: Sequence[Given]) -> bool:
    """Whether no fair behaviour keeps what is given: a promise under it says nothing."""
    under = followed(graph, given)
    return not under.traps(np.ones(under.graph.nodes, bool), units)


def is_open(graph: Graph, kind: PropertyKind, truths: tuple[Array, ...], known: Array) -> bool:
    """Whether a behaviour that leaves the nodes of `known` might break the promise elsewhere.

    What is promised once is kept by all that follows a state that has it.
    """
    if known.all():
        return False
    if kind is not PropertyKind.EVENTUALLY:
        return True
    begin, owing = _owing(graph, kind, truths)
    return bool((graph.within(owing).reachable_from(begin & owing) & ~known).any())


def _owing(graph: Graph, kind: PropertyKind, truths: tuple[Array, ...]) -> tuple[Array, Array]:
    """Where a behaviour may begin to owe, and where it owes."""
    everywhere = np.ones(graph.nodes, bool)
    match kind:
        case PropertyKind.EVENTUALLY:
            first = np.zeros(graph.nodes, bool)
            first[graph.initial] = True
            return first, ~truths[0]
        case PropertyKind.ALWAYS_EVENTUALLY:
            return everywhere, ~truths[0]
        case PropertyKind.EVENTUALLY_ALWAYS:
            return everywhere, everywhere
        case PropertyKind.LEADS_TO:
            return truths[0], ~truths[1]
        case PropertyKind.LEADS_TO_ALWAYS:
            return truths[0], everywhere
    raise ValueError(f"{kind} is no promise")

"""Is a promise kept on every fair behaviour? If not, a stem and a cycle that break it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from planespec.checker.engines.liveness.fair_graphs import (
    Array,
    Given,
    Graph,
    Unit,
    followed,
    ranges,
)
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


@dataclass(frozen=True, slots=True)
class Order:
    """The canonical order, which the arrays of a graph need not have: each engine has its own.

    `edge` is the place of the first of several edges out of one node, `start` that of the first of
    several initial nodes.
    """

    edge: Callable[[Sequence[Edge]], int] = lambda _: 0
    start: Callable[[Sequence[int]], int] = lambda _: 0

    def under(self, base: Array) -> "Order":
        """The order of another graph: `base` has the node here of each node there."""
        return Order(
            lambda edges: self.edge([(int(base[a]), int(base[b]), n) for a, b, n in edges]),
            lambda nodes: self.start([int(base[n]) for n in nodes]),
        )


class Walker:
    """Finds shortest ways in a graph, the first of them in the canonical order."""

    def __init__(self, graph: Graph, order: Order) -> None:
        forth = np.argsort(graph.source, kind="stable")
        self.target, self.action = graph.target[forth], graph.action[forth]
        self.first = np.searchsorted(graph.source[forth], np.arange(graph.nodes + 1))
        back = np.argsort(graph.target, kind="stable")
        self.comes_from = graph.source[back]
        self.entered = np.searchsorted(graph.target[back], np.arange(graph.nodes + 1))
        self.order = order

    def edges(self, node: int) -> list[Edge]:
        """Edges out of a node."""
        span = range(int(self.first[node]), int(self.first[node + 1]))
        return [(node, int(self.target[k]), int(self.action[k])) for k in span]

    def first_of(self, edges: Sequence[Edge]) -> Edge:
        """The first of several edges out of one node."""
        return edges[self.order.edge(edges) if len(edges) > 1 else 0]

    def way(self, starts: Sequence[int], goal: Array, allowed: Array) -> tuple[int, list[Edge]]:
        """A shortest way from one of `starts` to a goal through allowed nodes, and its start.

        There must be one.
        """
        far = self._distances(starts, goal, allowed)
        near = [n for n in starts if far[n] >= 0]
        near = [n for n in near if far[n] == min(far[m] for m in near)]
        start = node = near[self.order.start(near) if len(near) > 1 else 0]
        way: list[Edge] = []
        while far[node] > 0:
            on = [e for e in self.edges(node) if allowed[e[1]] and far[e[1]] == far[node] - 1]
            way.append(self.first_of(on))
            node = way[-1][1]
        return start, way

    def _distances(self, starts: Sequence[int], goal: Array, allowed: Array) -> Array:
        """How far each node is from a goal, up to the nearest start; -1 for all others."""
        far = np.full(len(goal), -1)
        asked = np.zeros(len(goal), bool)
        asked[list(starts)] = True
        frontier, steps = np.flatnonzero(goal & (allowed | asked)), 0
        while len(frontier):
            far[frontier] = steps
            if asked[frontier].any():
                break
            spans = ranges(self.entered[frontier], self.entered[frontier + 1])
            found = np.unique(self.comes_from[spans])
            frontier = found[(far[found] < 0) & (allowed[found] | asked[found])]
            steps += 1
        return far


def lasso(
    graph: Graph,
    begin: Array,
    allowed: Array,
    traps: Sequence[Array],
    units: Sequence[Unit],
    marks: Sequence[Array],
    order: Order,
) -> Lasso:
    """Follow the graph to a node of `begin`, on through `allowed` into a trap and round it.

    An initial node of `begin` is where the stem begins; else the way there is free. The cycle goes
    through a node of each of `marks`, of which every trap has one, and closes at one of the first.
    """
    walker = Walker(graph, order)
    owner = np.full(graph.nodes, -1)
    for number, trap in enumerate(traps):
        owner[trap] = number
    goal = (owner >= 0) & marks[0]
    useful = _leading_to(graph.within(allowed), goal) & begin & allowed
    everywhere = np.ones(graph.nodes, bool)
    start, stem = walker.way([int(n) for n in graph.initial], useful, everywhere)
    stem += walker.way([stem[-1][1] if stem else start], goal, allowed)[1]
    knot = stem[-1][1] if stem else start
    inside = owner == owner[knot]
    cycle = _round(graph, walker, knot, inside, units)
    for mark in marks[1:]:
        if not any(mark[n] for n in (knot, *(e[1] for e in cycle))):
            cycle += _detour(walker, knot, mark, inside)
    return Lasso(start, tuple(stem), knot, tuple(cycle))


def _detour(walker: Walker, knot: int, mark: Array, inside: Array) -> list[Edge]:
    """From the knot to a node of the mark and back."""
    there = _to(walker, knot, mark, inside)
    return [*there, *_home(walker, there[-1][1], knot, inside)]


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
            cycle += _to(walker, node, off, inside)
        elif _takes(graph, unit, inside):
            cycle += _take(graph, walker, node, unit, inside)
        node = cycle[-1][1] if cycle else node
    if node != knot:
        cycle += _home(walker, node, knot, inside)
    elif not cycle and int(inside.sum()) > 1:
        cycle = _away_and_back(walker, knot, inside)
    return cycle


def _takes(graph: Graph, unit: Unit, inside: Array) -> bool:
    return len(_takers(graph, unit, inside)) > 0


def _takers(graph: Graph, unit: Unit, inside: Array) -> Array:
    """The nodes inside from which a changing step of the unit stays inside."""
    chosen = graph.carrying(unit.numbers) & graph.changing()
    chosen &= inside[graph.source] & inside[graph.target]
    return graph.source[chosen]


def _to(walker: Walker, node: int, goal: Array, inside: Array) -> list[Edge]:
    return walker.way([node], goal & inside, inside)[1]


def _home(walker: Walker, node: int, knot: int, inside: Array) -> list[Edge]:
    goal = np.zeros(len(inside), bool)
    goal[knot] = True
    return _to(walker, node, goal, inside)


def _take(graph: Graph, walker: Walker, node: int, unit: Unit, inside: Array) -> list[Edge]:
    goal = np.zeros(graph.nodes, bool)
    goal[_takers(graph, unit, inside)] = True
    way = _to(walker, node, goal, inside)
    on = walker.edges(way[-1][1] if way else node)
    taken = [e for e in on if e[2] in unit.numbers and e[1] != e[0] and inside[e[1]]]
    return [*way, walker.first_of(taken)]


def _away_and_back(walker: Walker, knot: int, inside: Array) -> list[Edge]:
    away = walker.first_of([e for e in walker.edges(knot) if e[1] != knot and inside[e[1]]])
    return [away, *_home(walker, away[1], knot, inside)]


def broken(
    graph: Graph,
    kind: PropertyKind,
    truths: tuple[Array, ...],
    units: tuple[Unit, ...],
    known: Array | None = None,
    given: Sequence[Given] = (),
    order: Order = Order(),
) -> Lasso | None:
    """A fair behaviour that breaks the promise, or None.

    `truths` are those of `p`, or of `p` and `q` for a leads-to; every node must be reachable. A
    behaviour is sought among the nodes of `known` alone, of which all steps are edges, and it
    keeps what is `given`; `order` chooses among those that serve as well.
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
    marks, order = (knots, *under.marks), order.under(under.base)
    return lasso(graph, begin, allowed, traps, units, marks, order).on(under.base)


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

"""Toy graphs given by their edges, judged like the state graph of a model."""

from collections.abc import Iterable

import numpy as np

from planespec.checker.engines.liveness.fair_graphs import Graph, Unit
from planespec.checker.engines.liveness.lasso import Lasso, broken
from planespec.checker.ir.system import Fairness, PropertyKind

Edge = tuple[int, int, int]


def graph(nodes: int, edges: Iterable[Edge], initial: tuple[int, ...] = (0,)) -> Graph:
    """A graph of edges (source, target, action)."""
    source, target, action = np.array(list(edges), np.int64).reshape(-1, 3).T
    return Graph(nodes, source, target, action, np.array(initial))


def where(nodes: int, *true: int) -> np.ndarray:
    """A predicate that is true in the given nodes."""
    truth = np.zeros(nodes, bool)
    truth[list(true)] = True
    return truth


def weak(*actions: int) -> tuple[Unit, ...]:
    return tuple(Unit(a, Fairness.WEAK) for a in actions)


def strong(*actions: int) -> tuple[Unit, ...]:
    return tuple(Unit(a, Fairness.STRONG) for a in actions)


def eventually(g: Graph, goal: Iterable[int], units: tuple[Unit, ...] = ()) -> Lasso | None:
    return _checked(g, PropertyKind.EVENTUALLY, (where(g.nodes, *goal),), units)


def again_and_again(g: Graph, goal: Iterable[int], units: tuple[Unit, ...] = ()) -> Lasso | None:
    return _checked(g, PropertyKind.ALWAYS_EVENTUALLY, (where(g.nodes, *goal),), units)


def for_good(g: Graph, goal: Iterable[int], units: tuple[Unit, ...] = ()) -> Lasso | None:
    return _checked(g, PropertyKind.EVENTUALLY_ALWAYS, (where(g.nodes, *goal),), units)


def leads_to(
    g: Graph, asked: Iterable[int], goal: Iterable[int], units: tuple[Unit, ...] = ()
) -> Lasso | None:
    truths = (where(g.nodes, *asked), where(g.nodes, *goal))
    return _checked(g, PropertyKind.LEADS_TO, truths, units)


def _checked(
    g: Graph, kind: PropertyKind, truths: tuple[np.ndarray, ...], units: tuple[Unit, ...]
) -> Lasso | None:
    found = broken(g, kind, truths, units)
    if found is not None:
        assert_is_behaviour(g, found)
        assert_is_fair(g, found, units)
        assert_breaks(found, kind, truths)
    return found


def assert_is_behaviour(g: Graph, lasso: Lasso) -> None:
    """Every step is an edge and begins where the last one ended; the cycle comes back."""
    edges = set(zip(g.source.tolist(), g.target.tolist(), g.action.tolist(), strict=True))
    assert lasso.start in g.initial.tolist()
    here = lasso.start
    for edge in lasso.stem:
        assert edge in edges
        assert edge[0] == here
        here = edge[1]
    assert here == lasso.knot
    for edge in lasso.cycle:
        assert edge in edges
        assert edge[0] == here
        here = edge[1]
    assert here == lasso.knot


def assert_is_fair(g: Graph, lasso: Lasso, units: tuple[Unit, ...]) -> None:
    """Every unit is taken round the cycle, or not enabled as its fairness allows."""
    visited = {lasso.knot, *(e[1] for e in lasso.cycle)}
    taken = {e[2] for e in lasso.cycle if e[0] != e[1]}
    for unit in units:
        enabled = set(np.flatnonzero(g.enabled(unit.number)).tolist()) & visited
        if unit.fairness is Fairness.WEAK:
            assert unit.number in taken or enabled != visited
        else:
            assert unit.number in taken or not enabled


def assert_breaks(lasso: Lasso, kind: PropertyKind, truths: tuple[np.ndarray, ...]) -> None:
    """From some point on nothing promised is there; before it, something was owed."""
    goal = truths[-1]
    cycle = [lasso.knot, *(e[1] for e in lasso.cycle)]
    path = [lasso.start, *(e[1] for e in lasso.stem)]
    if kind is PropertyKind.EVENTUALLY_ALWAYS:
        assert not goal[cycle].all()
        return
    assert not goal[cycle].any()
    if kind is PropertyKind.EVENTUALLY:
        assert not goal[path].any()
    if kind is PropertyKind.LEADS_TO:
        owed = [n for n, node in enumerate(path) if truths[0][node] and not goal[path[n:]].any()]
        assert owed

"""Random small graphs: the judgement equals that of trying every set a behaviour can stay in."""

from itertools import combinations

import networkx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import eventually, graph, leads_to

from planespec.checker.ir.system import Fairness
from planespec.checker.liveness.fair import Unit
from planespec.checker.liveness.graph import Graph

NODES = 5

edges = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(0, 2)),
    max_size=12,
    unique=True,
)
fairness = st.lists(st.sampled_from(list(Fairness)), min_size=3, max_size=3)
some_nodes = st.sets(st.integers(0, NODES - 1))


def reachable_part(found: list[tuple[int, int, int]]) -> Graph:
    """The graph without what cannot be reached: a state graph has nothing else."""
    g = networkx.MultiDiGraph([(a, b) for a, b, _ in found])
    g.add_node(0)
    order = sorted(networkx.descendants(g, 0) | {0})
    number = {node: n for n, node in enumerate(order)}
    return graph(len(order), [(number[a], number[b], c) for a, b, c in found if a in number])


def can_stay(g: Graph, nodes: set[int], units: list[Unit]) -> bool:
    """Whether a behaviour can visit exactly these nodes again and again and be fair."""
    steps = [
        (a, b, c)
        for a, b, c in zip(g.source, g.target, g.action, strict=True)
        if a in nodes and b in nodes and a != b
    ]
    inner = networkx.MultiDiGraph([(a, b) for a, b, _ in steps])
    inner.add_nodes_from(nodes)
    if not networkx.is_strongly_connected(inner):
        return False
    taken = {c for _, _, c in steps}
    for unit in units:
        enabled = set(np.flatnonzero(g.enabled(unit.number))) & nodes
        blamed = enabled == nodes if unit.fairness is Fairness.WEAK else bool(enabled)
        if blamed and unit.number not in taken:
            return False
    return True


def is_broken(g: Graph, begin: set[int], owing: set[int], units: list[Unit]) -> bool:
    inner = networkx.MultiDiGraph()
    inner.add_nodes_from(owing)
    pairs = zip(g.source.tolist(), g.target.tolist(), strict=True)
    inner.add_edges_from((a, b) for a, b in pairs if a in owing and b in owing)
    there = set().union(*({n} | networkx.descendants(inner, n) for n in begin & owing), set())
    subsets = (set(c) for k in range(1, len(there) + 1) for c in combinations(sorted(there), k))
    return any(can_stay(g, s, units) for s in subsets)


@settings(max_examples=400, deadline=None)
@given(edges, fairness, some_nodes)
def test_eventually_agrees_with_trying_every_set(
    found: list[tuple[int, int, int]], fair: list[Fairness], goal: set[int]
) -> None:
    g = reachable_part(found)
    units = [Unit(n, f) for n, f in enumerate(fair) if f is not Fairness.NONE]
    goal = {n for n in goal if n < g.nodes}
    owing = set(range(g.nodes)) - goal
    answer = eventually(g, goal, tuple(units))
    assert (answer is not None) == is_broken(g, {0}, owing, units)


@settings(max_examples=400, deadline=None)
@given(edges, fairness, some_nodes, some_nodes)
def test_leads_to_agrees_with_trying_every_set(
    found: list[tuple[int, int, int]], fair: list[Fairness], asked: set[int], goal: set[int]
) -> None:
    g = reachable_part(found)
    units = [Unit(n, f) for n, f in enumerate(fair) if f is not Fairness.NONE]
    asked, goal = ({n for n in s if n < g.nodes} for s in (asked, goal))
    owing = set(range(g.nodes)) - goal
    answer = leads_to(g, asked, goal, tuple(units))
    assert (answer is not None) == is_broken(g, asked, owing, units)

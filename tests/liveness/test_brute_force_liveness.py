"""Random small graphs: the judgement equals that of trying every set a behaviour can stay in."""

from itertools import combinations

import networkx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import eventually, for_good, graph, leads_to, where

from planespec.checker.engines.liveness.fair_graphs import Graph, Unit
from planespec.checker.engines.liveness.lasso import broken, is_open
from planespec.checker.ir.system import Fairness, PropertyKind

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


@settings(max_examples=400, deadline=None)
@given(edges, fairness, some_nodes)
def test_for_good_agrees_with_trying_every_set(
    found: list[tuple[int, int, int]], fair: list[Fairness], goal: set[int]
) -> None:
    g = reachable_part(found)
    units = [Unit(n, f) for n, f in enumerate(fair) if f is not Fairness.NONE]
    goal = {n for n in goal if n < g.nodes}
    answer = for_good(g, goal, tuple(units))
    assert (answer is not None) == leaves_again_and_again(g, goal, units)


def leaves_again_and_again(g: Graph, goal: set[int], units: list[Unit]) -> bool:
    nodes = range(g.nodes)
    subsets = (set(c) for k in range(1, g.nodes + 1) for c in combinations(nodes, k))
    return any(can_stay(g, s, units) for s in subsets if s - goal)


PROMISES = [
    PropertyKind.EVENTUALLY,
    PropertyKind.ALWAYS_EVENTUALLY,
    PropertyKind.EVENTUALLY_ALWAYS,
    PropertyKind.LEADS_TO,
]


def is_broken_by_trying(
    kind: PropertyKind, g: Graph, asked: set[int], goal: set[int], units: list[Unit]
) -> bool:
    if kind is PropertyKind.EVENTUALLY_ALWAYS:
        return leaves_again_and_again(g, goal, units)
    everywhere = set(range(g.nodes))
    begin = {PropertyKind.EVENTUALLY: {0}, PropertyKind.LEADS_TO: asked}.get(kind, everywhere)
    return is_broken(g, begin, everywhere - goal, units)


@settings(max_examples=600, deadline=None)
@given(edges, fairness, some_nodes, some_nodes, some_nodes, st.sampled_from(PROMISES))
def test_what_is_said_of_a_part_of_a_graph_is_true_of_the_whole(
    found: list[tuple[int, int, int]],
    fair: list[Fairness],
    asked: set[int],
    goal: set[int],
    unknown: set[int],
    kind: PropertyKind,
) -> None:
    """The steps out of `unknown` are cut off; what they are, and lead to, is not looked at."""
    whole = reachable_part(found)
    units = [Unit(n, f) for n, f in enumerate(fair) if f is not Fairness.NONE]
    asked, goal = ({n for n in s if n < whole.nodes} for s in (asked, goal))
    kept = [(a, b, c) for a, b, c in edges_of(whole) if a not in unknown]
    part = graph(whole.nodes, kept)
    seen = part.reachable_from(where(whole.nodes, 0))
    known = seen & ~where(whole.nodes, *(n for n in unknown if n < whole.nodes))
    truths = [where(whole.nodes, *goal)]
    if kind is PropertyKind.LEADS_TO:
        truths.insert(0, where(whole.nodes, *asked))
    truth = is_broken_by_trying(kind, whole, asked, goal, units)
    if broken(part, kind, tuple(truths), tuple(units), known) is not None:
        assert truth
    elif not is_open(part, kind, tuple(truths), known | ~seen):
        assert not truth


def edges_of(g: Graph) -> list[tuple[int, int, int]]:
    columns = (g.source.tolist(), g.target.tolist(), g.action.tolist())
    return list(zip(*columns, strict=True))


def test_what_is_promised_once_and_kept_before_a_cut_holds() -> None:
    g = graph(3, [(0, 1, 0), (1, 2, 0)])
    known = where(3, 0, 1)
    unit = (Unit(0, Fairness.WEAK),)
    kept, owed = (where(3, 1),), (where(3, 2),)
    assert broken(g, PropertyKind.EVENTUALLY, kept, unit, known) is None
    assert not is_open(g, PropertyKind.EVENTUALLY, kept, known)
    assert is_open(g, PropertyKind.EVENTUALLY, (where(3),), known)
    assert is_open(g, PropertyKind.ALWAYS_EVENTUALLY, kept, known)
    assert not is_open(g, PropertyKind.EVENTUALLY, owed, known)


def test_a_fair_action_that_leads_out_of_a_part_is_enabled_there() -> None:
    g = graph(2, [(0, 1, 0)])
    weak = (Unit(0, Fairness.WEAK),)
    assert broken(g, PropertyKind.EVENTUALLY, (where(2),), weak, where(2, 0)) is None
    assert broken(g, PropertyKind.EVENTUALLY, (where(2),), (), where(2, 0)) is not None

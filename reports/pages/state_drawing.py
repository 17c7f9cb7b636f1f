"""The state graph of a small instance, laid out level by level so that it can be drawn."""

from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import Instance
from planespec.reports.formats.state_graphs import state_graph
from planespec.reports.pages.dossier import DrawnGraph, GraphEdge, GraphNode
from planespec.reports.text.wording import Subject

SWEEPS = 4
"""How often the order within levels is improved; more changes nothing the eye can see."""


def drawn_graph(instance: Instance, limit: int) -> DrawnGraph | None:
    """Nodes with places and edges; states outside a constraint lead nowhere.

    None where there are more than `limit` states, numbers without a bound, or a step that goes
    wrong.
    """
    try:
        found = state_graph(Subject(instance.name, instance, False), (), limit)
    except ConfigurationError:
        return None
    if not all(node.values for node in found.nodes):
        return None
    calls: dict[tuple[int, int], set[str]] = {}
    for edge in found.edges:
        calls.setdefault((edge.source, edge.target), set()).add(edge.call)
    places = _layout([node.level for node in found.nodes], list(calls))
    nodes = (
        GraphNode(node.text, node.level, x, y)
        for node, (x, y) in zip(found.nodes, places, strict=True)
    )
    edges = (GraphEdge(a, b, tuple(sorted(told))) for (a, b), told in sorted(calls.items()))
    return DrawnGraph(tuple(nodes), tuple(edges))


def _layout(levels: list[int], edges: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """A place for each node: its level downwards, near its neighbours sideways."""
    import networkx

    graph = networkx.DiGraph()
    for node in _ordered(levels, edges):
        graph.add_node(node, level=levels[node])
    graph.add_edges_from(edges)
    found = networkx.multipartite_layout(graph, subset_key="level", align="horizontal", scale=1)
    widest = max(levels.count(n) for n in set(levels))
    rows = sorted({float(y) for _, y in found.values()})
    columns = [float(x) for x, _ in found.values()]
    width = (max(columns) - min(columns)) or 1.0
    return [
        (
            round((float(found[n][0]) - min(columns)) / width * max(widest - 1, 0), 2),
            float(_nearest(rows, float(found[n][1]))),
        )
        for n in range(len(levels))
    ]


def _nearest(rows: list[float], y: float) -> int:
    return min(range(len(rows)), key=lambda n: abs(rows[n] - y))


def _ordered(levels: list[int], edges: list[tuple[int, int]]) -> list[int]:
    """The nodes so that those of one level stand in the order of their neighbours' mean place."""
    rank = {node: float(levels[:node].count(levels[node])) for node in range(len(levels))}
    near: dict[int, list[int]] = {node: [] for node in rank}
    for a, b in edges:
        if levels[a] != levels[b]:
            near[a].append(b)
            near[b].append(a)
    for _ in range(SWEEPS):
        for level in sorted(set(levels)):
            row = [n for n in rank if levels[n] == level]
            row.sort(key=lambda n: (_mean(rank, near[n], rank[n]), n))
            rank.update({n: place - (len(row) - 1) / 2 for place, n in enumerate(row)})
    return sorted(rank, key=lambda n: (levels[n], rank[n]))


def _mean(rank: dict[int, float], nodes: list[int], alone: float) -> float:
    return round(sum(rank[n] for n in nodes) / len(nodes), 6) if nodes else alone

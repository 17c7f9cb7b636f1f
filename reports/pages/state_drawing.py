"""The state graph of a small instance, laid out level by level so that it can be drawn."""

from collections import deque

from planespec.checker import values
from planespec.checker.errors import ModelError
from planespec.checker.instance import Instance
from planespec.checker.outcome import State
from planespec.reports.pages.dossier import DrawnGraph, GraphEdge, GraphNode
from planespec.reports.text.trace_text import show_call

SWEEPS = 4
"""How often the order within levels is improved; more changes nothing the eye can see."""


def state_graph(instance: Instance, limit: int) -> DrawnGraph | None:
    """Nodes with places and edges, or None when there are more than `limit` states."""
    try:
        found = _explore(instance, limit)
    except (ModelError, ValueError):  # a broken model, or numbers without a bound
        return None
    if found is None:
        return None
    level, steps = found
    number = {state: n for n, state in enumerate(level)}
    labels: dict[tuple[int, int], list[str]] = {}
    for before, call, after in steps:
        labels.setdefault((number[before], number[after]), []).append(call)
    places = _layout(list(level.values()), list(labels))
    nodes = (
        GraphNode(_text(instance, state), level[state], x, y)
        for state, (x, y) in zip(level, places, strict=True)
    )
    edges = (GraphEdge(a, b, tuple(sorted(set(c)))) for (a, b), c in sorted(labels.items()))
    return DrawnGraph(tuple(nodes), tuple(edges))


def _explore(
    instance: Instance, limit: int
) -> tuple[dict[State, int], list[tuple[State, str, State]]] | None:
    level = {step.state: 0 for step in instance.initial_states()}
    queue, steps = deque(level), []
    while queue:
        if len(level) > limit:
            return None
        state = queue.popleft()
        for step in instance.successors(state):
            steps.append((state, show_call(step.action, step.arguments), step.state))
            if step.state not in level:
                level[step.state] = level[state] + 1
                queue.append(step.state)
    return level, steps


def _text(instance: Instance, state: State) -> str:
    named = zip(instance.variables, state, strict=True)
    return ", ".join(f"{n} = {values.show(instance.types[n], v)}" for n, v in named)


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

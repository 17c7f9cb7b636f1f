"""The state graph of a small model as SVG: a circle for each state, levels downwards."""

from html import escape
from typing import Any

from markupsafe import Markup

from planespec.reports.wording import plural

Document = dict[str, Any]
STEP_X, STEP_Y, RADIUS, MARGIN = 62, 74, 13, 30
_Point = tuple[float, float]


def graph_svg(graph: Document) -> Markup:
    """The drawing; circles and lines tell their state and actions when pointed at."""
    nodes, edges = graph["nodes"], graph["edges"]
    places = [(MARGIN + STEP_X * n["x"], MARGIN + STEP_Y * n["y"]) for n in nodes]
    width = max(x for x, _ in places) + MARGIN
    height = max(y for _, y in places) + MARGIN
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    label = f"State graph: {plural(len(nodes), 'state')}, {plural(len(edges), 'edge')}"
    parts = [
        f'<svg class="graph" {size} role="img" aria-label="{label}">',
        *(_edge(edge, places) for edge in edges),
        *(_node(number, node, places[number]) for number, node in enumerate(nodes)),
        "</svg>",
    ]
    return Markup("\n".join(parts))  # every text in it is escaped above


def _node(number: int, node: Document, place: _Point) -> str:
    kind = "initial" if node["level"] == 0 else "later"
    return (
        f'<g class="node {kind}" tabindex="-1" data-text="{number}: {escape(node["text"])}">'
        f"<title>{number}: {escape(node['text'])}</title>"
        f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="{RADIUS}"/>'
        f'<text x="{place[0]:.1f}" y="{place[1] + 4:.1f}">{number}</text></g>'
    )


def _edge(edge: Document, places: list[_Point]) -> str:
    title = f"{edge['from']} to {edge['to']}: {', '.join(edge['actions'])}"
    path, head = _curve(places[edge["from"]], places[edge["to"]])
    return (
        f'<g class="edge"><title>{escape(title)}</title>'
        f'<path d="{path}"/><polygon points="{head}"/></g>'
    )


def _curve(start: _Point, end: _Point) -> tuple[str, str]:
    """A path from circle to circle, bent to one side so that two directions stay apart."""
    (x1, y1), (x2, y2) = start, end
    if start == end:
        return _loop(start)
    dx, dy = x2 - x1, y2 - y1
    length = (dx * dx + dy * dy) ** 0.5
    bend = 0.08 * length if dy > 0 else 0.22 * length
    cx, cy = (x1 + x2) / 2 - dy / length * bend, (y1 + y2) / 2 + dx / length * bend
    ax, ay = _towards(start, (cx, cy), RADIUS)
    bx, by = _towards(end, (cx, cy), RADIUS + 1)
    path = f"M{ax:.1f} {ay:.1f}Q{cx:.1f} {cy:.1f} {bx:.1f} {by:.1f}"
    return path, _head((cx, cy), (bx, by))


def _loop(at: _Point) -> tuple[str, str]:
    x, y = at
    path = f"M{x + 10:.1f} {y - 9:.1f}c22 -22 22 40 2 20"
    return path, _head((x + 22, y + 20), (x + 12, y + 9))


def _towards(start: _Point, end: _Point, by: float) -> _Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    return start[0] + dx / length * by, start[1] + dy / length * by


def _head(back: _Point, tip: _Point) -> str:
    dx, dy = tip[0] - back[0], tip[1] - back[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    feet = [(tip[0] - 7 * dx + 3 * s * dy, tip[1] - 7 * dy - 3 * s * dx) for s in (1, -1)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in [tip, *feet])

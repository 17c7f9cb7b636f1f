"""Drawings as SVG: state graphs, levels downwards, and sequence diagrams, time downwards."""

from collections.abc import Iterator
from html import escape

from markupsafe import Markup

from planespec.reports.pages.dossier import (
    Arrow,
    Diagram,
    DiagramRow,
    DrawnGraph,
    GraphEdge,
    GraphNode,
)
from planespec.reports.text.wording import plural

STEP_X, STEP_Y, RADIUS, MARGIN = 62, 74, 13, 30
_Point = tuple[float, float]


def graph_svg(graph: DrawnGraph) -> Markup:
    """The drawing; circles and lines tell their state and actions when pointed at."""
    nodes, edges = graph.nodes, graph.edges
    places = [(MARGIN + STEP_X * n.x, MARGIN + STEP_Y * n.y) for n in nodes]
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


def _node(number: int, node: GraphNode, place: _Point) -> str:
    kind = "initial" if node.level == 0 else "later"
    return (
        f'<g class="node {kind}" tabindex="-1" data-text="{number}: {escape(node.text)}">'
        f"<title>{number}: {escape(node.text)}</title>"
        f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="{RADIUS}"/>'
        f'<text x="{place[0]:.1f}" y="{place[1] + 4:.1f}">{number}</text></g>'
    )


def _edge(edge: GraphEdge, places: list[_Point]) -> str:
    title = f"{edge.source} to {edge.target}: {', '.join(edge.actions)}"
    path, head = _curve(places[edge.source], places[edge.target])
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


LINE = 170
"""Pixels between lifelines."""
ROW = 54
TOP = 56
"""Pixels between steps; boxes take 24 of them, labels stand in the rest."""


def sequence_svg(sequence: Diagram) -> Markup:
    """The drawing; a row carries the number of the state it leads to in `data-state`."""
    lifelines, rows = sequence.lifelines, sequence.rows
    last = max([len(rows), *(arrow.received for arrow in sequence.arrows)])
    width, height = LINE * len(lifelines), TOP + ROW * last + 26
    parts = [
        f'<svg class="sequence" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="Messages of {plural(len(rows), "step")}">',
        *(_lifeline(n, name, height) for n, name in enumerate(lifelines)),
        *(_arrow(arrow) for arrow in sequence.arrows),
        *_labels(sequence.arrows),
        *(_box(row) for row in rows),
        "</svg>",
    ]
    return Markup("\n".join(part for part in parts if part))  # every text in it is escaped above


def _x(line: int) -> int:
    return LINE * line + LINE // 2


def _y(row: int) -> int:
    return TOP + ROW * (row - 1) + ROW // 2


def _lifeline(number: int, name: str, height: int) -> str:
    x = _x(number)
    return (
        f'<line class="lifeline" x1="{x}" y1="34" x2="{x}" y2="{height - 8}"/>'
        f'<text class="actor" x="{x}" y="22">{escape(name)}</text>'
    )


def _box(row: DiagramRow) -> str:
    x, y = _x(row.line), _y(row.state)
    text = row.label if len(row.label) <= 19 else row.label[:18] + "…"
    half = 8 + 4 * len(text)
    return (
        f'<g class="event" data-state="{row.state}">'
        f"<title>Step {row.state}: {escape(row.label)}</title>"
        f'<rect x="{x - half}" y="{y - 12}" width="{2 * half}" height="24" rx="5"/>'
        f'<text x="{x}" y="{y + 4}">{escape(text)}</text>{_sends(row, x, y)}</g>'
    )


def _sends(row: DiagramRow, x: int, y: int) -> str:
    """What the step sends that nobody takes: the first, and how many more."""
    if not row.sends:
        return ""
    more = f" +{len(row.sends) - 1}" if len(row.sends) > 1 else ""
    return f'<text class="sends" x="{x}" y="{y + 25}">{escape(row.sends[0] + more)}</text>'


def _ends(arrow: Arrow) -> tuple[float, float, float, float]:
    """Where the line begins and ends; it stays clear of the boxes at both ends."""
    x1, y1 = _x(arrow.source), _y(arrow.sent) + 12
    x2, y2 = _x(arrow.target), _y(arrow.received) - 13
    return x1, y1, x2, max(y2, y1 + 4)


def _arrow(arrow: Arrow) -> str:
    x1, y1, x2, y2 = _ends(arrow)
    reach = abs(x2 - x1) + abs(y2 - y1) or 1.0
    # The head points along the line: its feet are 8 pixels back and 4 to either side.
    dx, dy = (x2 - x1) / reach, (y2 - y1) / reach
    length = (dx * dx + dy * dy) ** 0.5
    dx, dy = dx / length, dy / length
    feet = [(x2 - 9 * dx + 4 * s * dy, y2 - 9 * dy - 4 * s * dx) for s in (1, -1)]
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(x2, y2), *feet])
    title = f"{arrow.label}, {arrow.fate}"
    return (
        f'<g class="arrow {arrow.fate}" data-state="{arrow.received}">'
        f"<title>{escape(title)}</title>"
        f'<line x1="{x1}" y1="{y1}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        f'<polygon points="{head}"/></g>'
    )


def _labels(arrows: tuple[Arrow, ...]) -> Iterator[str]:
    """One text for each arrow, between the rows so that no box hides it, and not on another."""
    used: list[tuple[float, float, float]] = []
    for arrow in arrows:
        text = arrow.label + (" ✕" if arrow.fate == "lost" else "")
        half = 3.5 * len(text)
        spots = list(_spots(arrow))
        free = [spot for spot in spots if not _collides(used, spot, half)]
        x, y = (free or spots)[0]
        used.append((x, y, half))
        yield (
            f'<text class="message {arrow.fate}" x="{x:.1f}" y="{y + 4:.1f}">{escape(text)}</text>'
        )


def _spots(arrow: Arrow) -> Iterator[tuple[float, float]]:
    """Points of the line where it passes from one row to the next, the middle ones first."""
    x1, y1, x2, y2 = _ends(arrow)
    rows = range(arrow.sent, max(arrow.received, arrow.sent + 1))
    for row in sorted(rows, key=lambda n: abs(2 * n - rows[0] - rows[-1])):
        y = TOP + ROW * row
        yield x1 + (x2 - x1) * (y - y1) / (y2 - y1), y


def _collides(
    used: list[tuple[float, float, float]], spot: tuple[float, float], half: float
) -> bool:
    return any(y == spot[1] and abs(x - spot[0]) < half + other for x, y, other in used)

"""A message sequence diagram as SVG: a lifeline for each actor, time downwards.

Colours come from the classes of the page's style sheet, so that the drawing follows its theme.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from markupsafe import Markup

from planespec.reports.wording import plural

Document = dict[str, Any]
LINE = 170
"""Pixels between lifelines."""
ROW = 54
TOP = 56
"""Pixels between steps; boxes take 24 of them, labels stand in the rest."""


def sequence_svg(sequence: Document) -> Markup:
    """The drawing; a row carries the number of the state it leads to in `data-state`."""
    lifelines, rows = sequence["lifelines"], sequence["rows"]
    last = max([len(rows), *(arrow["to_row"] for arrow in sequence["arrows"])])
    width, height = LINE * len(lifelines), TOP + ROW * last + 26
    parts = [
        f'<svg class="sequence" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="Messages of {plural(len(rows), "step")}">',
        *(_lifeline(n, name, height) for n, name in enumerate(lifelines)),
        *(_arrow(arrow) for arrow in sequence["arrows"]),
        *_labels(sequence["arrows"]),
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


def _box(row: Document) -> str:
    x, y = _x(row["line"]), _y(row["state"])
    text = row["label"] if len(row["label"]) <= 19 else row["label"][:18] + "…"
    half = 8 + 4 * len(text)
    return (
        f'<g class="event" data-state="{row["state"]}">'
        f"<title>Step {row['state']}: {escape(row['label'])}</title>"
        f'<rect x="{x - half}" y="{y - 12}" width="{2 * half}" height="24" rx="5"/>'
        f'<text x="{x}" y="{y + 4}">{escape(text)}</text>{_sends(row, x, y)}</g>'
    )


def _sends(row: Document, x: int, y: int) -> str:
    """What the step sends that nobody takes: the first, and how many more."""
    if not row["sends"]:
        return ""
    more = f" +{len(row['sends']) - 1}" if len(row["sends"]) > 1 else ""
    return f'<text class="sends" x="{x}" y="{y + 25}">{escape(row["sends"][0] + more)}</text>'


def _ends(arrow: Document) -> tuple[float, float, float, float]:
    """Where the line begins and ends; it stays clear of the boxes at both ends."""
    x1, y1 = _x(arrow["from"]), _y(arrow["from_row"]) + 12
    x2, y2 = _x(arrow["to"]), _y(arrow["to_row"]) - 13
    return x1, y1, x2, max(y2, y1 + 4)


def _arrow(arrow: Document) -> str:
    x1, y1, x2, y2 = _ends(arrow)
    reach = abs(x2 - x1) + abs(y2 - y1) or 1.0
    # The head points along the line: its feet are 8 pixels back and 4 to either side.
    dx, dy = (x2 - x1) / reach, (y2 - y1) / reach
    length = (dx * dx + dy * dy) ** 0.5
    dx, dy = dx / length, dy / length
    feet = [(x2 - 9 * dx + 4 * s * dy, y2 - 9 * dy - 4 * s * dx) for s in (1, -1)]
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(x2, y2), *feet])
    title = f"{arrow['label']}, {arrow['fate']}"
    return (
        f'<g class="arrow {arrow["fate"]}" data-state="{arrow["to_row"]}">'
        f"<title>{escape(title)}</title>"
        f'<line x1="{x1}" y1="{y1}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        f'<polygon points="{head}"/></g>'
    )


def _labels(arrows: list[Document]) -> Iterator[str]:
    """One text for each arrow, between the rows so that no box hides it, and not on another."""
    used: list[tuple[float, float, float]] = []
    for arrow in arrows:
        text = arrow["label"] + (" ✕" if arrow["fate"] == "lost" else "")
        half = 3.5 * len(text)
        spots = list(_spots(arrow))
        free = [spot for spot in spots if not _collides(used, spot, half)]
        x, y = (free or spots)[0]
        used.append((x, y, half))
        yield (
            f'<text class="message {arrow["fate"]}" x="{x:.1f}" y="{y + 4:.1f}">'
            f"{escape(text)}</text>"
        )


def _spots(arrow: Document) -> Iterator[tuple[float, float]]:
    """Points of the line where it passes from one row to the next, the middle ones first."""
    x1, y1, x2, y2 = _ends(arrow)
    rows = range(arrow["from_row"], max(arrow["to_row"], arrow["from_row"] + 1))
    for row in sorted(rows, key=lambda n: abs(2 * n - rows[0] - rows[-1])):
        y = TOP + ROW * row
        yield x1 + (x2 - x1) * (y - y1) / (y2 - y1), y


def _collides(
    used: list[tuple[float, float, float]], spot: tuple[float, float], half: float
) -> bool:
    return any(y == spot[1] and abs(x - spot[0]) < half + other for x, y, other in used)

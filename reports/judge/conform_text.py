"""Results of a conformance run as text for people and as JSON for programs."""

import json
from collections.abc import Iterator
from itertools import islice

from tabulate import tabulate

from planespec.reports.judge.runner import ABSENT, Comparison, Tally, differences

FIELDS_SHOWN = 12
"""Differing fields printed of one case; the rest is counted."""
VALUE_WIDTH = 400
"""Characters printed of one value."""


def render_text(name: str, tally: Tally, *, verbose: bool = False) -> str:
    """Lay out the first disagreements, the counts by kind and the verdict line.

    `verbose` prints all that a judge has to say about a disagreement.
    """
    parts = [_render_disagreement(comparison, verbose) for comparison in tally.disagreements]
    hidden = tally.cases - tally.agree - len(tally.disagreements)
    if hidden:
        parts.append(f"({hidden} more disagreements are not shown; see --show)")
    parts.append(_render_counts(tally))
    parts.append(_render_verdict(name, tally))
    return "\n\n".join(parts)


def render_json(name: str, files: list[str], tally: Tally) -> str:
    """Return one JSON object: counts by kind, the first disagreements and the verdict."""
    return json.dumps(
        {
            "schema": "planespec/conform/1",
            "name": name,
            "verdict": _get_verdict(tally),
            "files": files,
            "cases": tally.cases,
            "agree": tally.agree,
            "kinds": {
                kind: {"cases": count.cases, "agree": count.agree}
                for kind, count in sorted(tally.kinds.items())
            },
            "disagreements": [_disagreement_as_json(item) for item in tally.disagreements],
        },
        indent=2,
    )


def _get_verdict(tally: Tally) -> str:
    if tally.interrupted:
        return "interrupted"
    return "agrees" if tally.cases and tally.agree == tally.cases else "disagrees"


def _render_verdict(name: str, tally: Tally) -> str:
    counts = f"{tally.agree:,} of {tally.cases:,} cases agree"
    if tally.interrupted:
        return f"{name}: interrupted, {counts} so far"
    return f"{name}: {_get_verdict(tally)}, {counts}"


def _render_counts(tally: Tally) -> str:
    rows = [
        (kind, f"{count.cases:,}", f"{count.agree:,}", f"{count.cases - count.agree:,}")
        for kind, count in sorted(tally.kinds.items())
    ]
    header = ("kind", "cases", "agree", "disagree")
    align = ("left", "right", "right", "right")
    return tabulate(rows, header, colalign=align if rows else None, disable_numparse=True)


def _render_disagreement(comparison: Comparison, verbose: bool) -> str:
    lines = [f"{comparison.where}: {comparison.kind} disagrees"]
    lines.append(f"  given     {_shown(comparison.given)}")
    found = differences(comparison.expected, comparison.actual)
    for difference in islice(found, FIELDS_SHOWN):
        lines.append(f"  {difference.field or 'answer'}")
        lines.append(f"    expected  {_shown(difference.expected)}")
        lines.append(f"    actual    {_shown(difference.actual)}")
    rest = _count(found)
    if rest:
        lines.append(f"  ({rest} more fields differ)")
    if comparison.explanation is not None:
        more = comparison.explanation.more
        lines += [f"  {line}" for line in comparison.explanation.lines]
        if verbose:
            lines += [f"  {line}" for line in more]
        elif more:
            lines.append(f"  ({len(more)} more lines with --verbose)")
    return "\n".join(lines)


def _disagreement_as_json(comparison: Comparison) -> dict[str, object]:
    found = differences(comparison.expected, comparison.actual)
    return {
        "kind": comparison.kind,
        "where": comparison.where,
        "given": comparison.given,
        "differences": [
            {"field": item.field}
            | ({} if item.expected is ABSENT else {"expected": item.expected})
            | ({} if item.actual is ABSENT else {"actual": item.actual})
            for item in found
        ],
    } | ({} if comparison.explanation is None else comparison.explanation.data)


def _shown(value: object) -> str:
    if value is ABSENT:
        return repr(value)
    text = json.dumps(value)
    return text if len(text) <= VALUE_WIDTH else text[:VALUE_WIDTH] + "..."


def _count(items: Iterator[object]) -> int:
    return sum(1 for _ in items)

"""The pages of the web report as Markdown: an index, and a page for each model and requirement."""

from collections.abc import Iterable, Iterator
from typing import Any

from tabulate import tabulate

from planespec.reports.dossier.matrix import Matrix, Row, matrix_of
from planespec.reports.dossier.mutants import columns_shown
from planespec.reports.dossier.names import model_slug, requirement_slug
from planespec.reports.wording import counted, plural, readable_constants

Document = dict[str, Any]
Lines = Iterator[str]
SHOWN = 3
"""Counterexamples of one model that a page shows, the shortest ones."""


def markdown_files(dossiers: list[Document]) -> dict[str, str]:
    """Every page by its path."""
    matrix = matrix_of(dossiers)
    pages = {"index.md": _page(_index(matrix, dossiers))}
    for dossier in dossiers:
        pages[f"models/{model_slug(dossier['model'])}.md"] = _page(_model(dossier))
    for row in matrix.rows:
        pages[f"requirements/{requirement_slug(row.key)}.md"] = _page(_requirement(row))
    return pages


def _page(lines: Iterable[str]) -> str:
    return "\n\n".join(line for line in lines if line) + "\n"


def _table(header: list[str], rows: Iterable[Iterable[Any]]) -> str:
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return tabulate(cells, header, tablefmt="pipe", disable_numparse=True) if cells else ""


def _index(matrix: Matrix, dossiers: list[Document]) -> Lines:
    yield "# Requirements and models"
    yield (
        "A verdict holds within the bound that its page names. The number beside it counts the "
        "mutants that the requirement noticed."
    )
    yield "## Models"
    rows = (
        (
            _link(d["model"], f"models/{model_slug(d['model'])}.md"),
            d["statement"],
            f"{sum(m['fate'] == 'killed' for m in d['mutants'])} of {len(d['mutants'])}",
        )
        for d in dossiers
    )
    yield _table(["model", "what it is", "mutants killed"], rows)
    yield "## Matrix"
    yield _table(
        ["requirement", "statement", *matrix.models],
        ([_row_link(row), row.claim["statement"], *_cells(matrix, row)] for row in matrix.rows),
    )


def _cells(matrix: Matrix, row: Row) -> Iterator[str]:
    for model in matrix.models:
        entry = row.entries.get(model)
        yield f"{entry.claim['verdict']} {len(entry.claim['killed'])}" if entry else ""


def _link(text: str, target: str) -> str:
    return f"[{text}]({target})"


def _row_link(row: Row) -> str:
    return _link(row.claim["id"], f"requirements/{requirement_slug(row.key)}.md")


def _model(dossier: Document) -> Lines:
    yield f"# {dossier['model']}"
    yield dossier["statement"]
    yield f"Written in `{dossier['file']}`."
    yield "## Requirements"
    claims = dossier["requirements"]
    header = ["id", "statement", "verdict", "mutants killed"]
    yield _table(
        header, ((c["id"], c["statement"], c["verdict"], len(c["killed"])) for c in claims)
    )
    yield "## Instances"
    header = ["constants", "engine", "verdict", "distinct states", "generated", "depth"]
    yield _table(header, _instances(dossier))
    yield "## Actions"
    yield _table(["action", "what happens", "generated", "new"], _actions(dossier))
    if dossier["reachable"]:
        yield "## Reachable states"
        yield _table(["name", "state", "first reached"], _witnesses(dossier))
    if dossier["mutants"]:
        yield "## Mutants"
        columns = columns_shown(dossier)
        yield _table(["mutant", "what it breaks", *columns, "fate"], _mutants(dossier, columns))


def _instances(dossier: Document) -> Iterator[tuple[Any, ...]]:
    for run in dossier["instances"]:
        constants = readable_constants(run["constants"])
        for answer in run["answers"]:
            numbers = _numbers(answer["statistics"])
            if answer["engine"] == "induction":
                numbers = ("any", "any", "any")
            yield constants, answer["engine"], answer["verdict"], *numbers
        if not run["answers"]:
            known = run["known"]
            yield constants, "catalogue, not run here", known["verdict"], *_numbers(known)


def _numbers(numbers: Document) -> tuple[str, str, str]:
    depth = str(numbers["depth"])
    return counted(numbers["distinct"]), counted(numbers["generated"]), depth


def _actions(dossier: Document) -> Iterator[tuple[Any, ...]]:
    for action in dossier["actions"]:
        most = max(action["coverage"], key=lambda c: c["generated"], default=None)
        counts = (counted(most["generated"]), counted(most["distinct"])) if most else ("", "")
        yield f"`{action['name']}`", action["statement"], *counts


def _witnesses(dossier: Document) -> Iterator[tuple[str, str, str]]:
    for witness in dossier["reachable"]:
        found = "; ".join(
            f"{readable_constants(r['constants'])}: "
            + ("not" if r["steps"] is None else f"after {plural(r['steps'], 'step')}")
            for r in witness["reached"]
        )
        yield f"`{witness['name']}`", witness["statement"], found


def _mutants(dossier: Document, columns: list[str]) -> Iterator[list[str]]:
    words = {"survived": "-", "unknown": "?", "model error": "error"}
    for mutant in dossier["mutants"]:
        ends = [mutant["requirements"].get(column) for column in columns]
        steps = [words.get(end["fate"], str(end["steps"])) if end else "" for end in ends]
        issue = f" ({mutant['issue']})" if mutant["issue"] else ""
        yield [f"`{mutant['name']}`", mutant["statement"] + issue, *steps, mutant["fate"]]


def _requirement(row: Row) -> Lines:
    claim = row.claim
    yield f"# {claim['id']}: {row.verdict}"
    yield claim["statement"]
    if claim["source"]:
        yield f"Source: {claim['source']}."
    if claim["at"]:
        yield f"Written at `{claim['at']['file']}:{claim['at']['line']}`."
    yield "## Evidence"
    rows = [
        (_link(model, f"../models/{model_slug(model)}.md"), e["engine"], e["verdict"], e["bound"])
        for model, entry in row.entries.items()
        for e in entry.claim["evidence"]
    ]
    yield _table(["model", "engine", "verdict", "bound"], rows) or "No engine was asked."
    yield "## Counterexamples"
    shown = [_trace(*found) for e in row.entries.values() for found in e.counterexamples[:SHOWN]]
    yield from shown or ["None was found."]


def _trace(title: str, constants: Document, violation: Document) -> str:
    """A step a line, with what it changed below it."""
    within = readable_constants(constants)
    lines = [f"### {title}, {plural(violation['steps'], 'step')}", ""]
    lines += [f"Within `{within}`.", ""] if within else []
    for number, state in enumerate(violation["view"]["states"] if "view" in violation else ()):
        lines.append(f"{number}. `{state['label']}`")
        lines += [f"   - `{c['place']}`: `{c['text']}`" for c in state["changes"]]
    if "view" in violation and violation["view"]["loop"] is not None:
        lines += ["", f"The last state is followed by state {violation['view']['loop']} again."]
    # A list that begins with 0 is numbered from 0 by every renderer.
    return "\n".join(lines)

"""The pages of the web report as Markdown: an index, and a page for each model and requirement."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from tabulate import tabulate

from planespec.reports.formats.outcome_json import Numbers
from planespec.reports.mutation import mark
from planespec.reports.pages.dossier import INDUCTION, Constants, Dossier, Known, Shown
from planespec.reports.pages.holding import HeldTo, holding_facts, holding_sentences
from planespec.reports.pages.shown import (
    Group,
    Matrix,
    Row,
    groups_of,
    is_sparse,
    kills,
    matrix_of,
    model_slug,
    mutant_summary,
    not_reached,
    requirement_slug,
    shown_bound,
    shown_constants,
    shown_end,
    shown_fate,
    shown_instance,
)
from planespec.reports.text.wording import counted, plural, readable_constants

Lines = Iterator[str]
SHOWN = 3
"""Counterexamples of one model that a page shows, the shortest ones."""


def markdown_files(dossiers: list[Dossier]) -> dict[str, str]:
    """Every page by its path."""
    matrix = matrix_of(dossiers)
    pages = {"index.md": _page(_index(matrix, dossiers))}
    for dossier in dossiers:
        pages[f"models/{model_slug(dossier.model)}.md"] = _page(_model(dossier))
    for row in matrix.rows:
        pages[f"requirements/{requirement_slug(row.key)}.md"] = _page(_requirement(row))
    return pages


def _page(lines: Iterable[str]) -> str:
    return "\n\n".join(line for line in lines if line) + "\n"


def _table(header: list[str], rows: Iterable[Iterable[Any]]) -> str:
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return tabulate(cells, header, tablefmt="pipe", disable_numparse=True) if cells else ""


def _index(matrix: Matrix, dossiers: list[Dossier]) -> Lines:
    yield "# Requirements and models"
    yield (
        "A verdict holds within the bound that its page names. The number beside it counts the "
        "mutants that the requirement noticed."
    )
    yield "## Models"
    rows = (
        (
            _link(d.model, f"models/{model_slug(d.model)}.md"),
            d.statement,
            mutant_summary(d),
        )
        for d in dossiers
    )
    yield _table(["model", "what it is", "mutants"], rows)
    for group in groups_of(matrix):
        yield f"## {group.title}"
        yield _table(
            ["requirement", "statement", *group.models],
            ([_row_link(row), row.claim.statement, *_cells(group, row)] for row in group.rows),
        )


def _cells(group: Group, row: Row) -> Iterator[str]:
    for model in group.models:
        entry = row.entries.get(model)
        yield f"{entry.claim.verdict} {kills(entry.claim)}" if entry else ""


def _link(text: str, target: str) -> str:
    return f"[{text}]({target})"


def _row_link(row: Row) -> str:
    return _link(row.claim.id, f"requirements/{requirement_slug(row.key)}.md")


def _model(dossier: Dossier) -> Lines:
    yield f"# {dossier.model}"
    yield dossier.statement
    yield f"Written in `{dossier.file}`."
    if dossier.constants:
        constants = readable_constants(dossier.constants)
        yield f"Constants, as they are unless a table names others: `{constants}`."
    if dossier.held_to:
        yield from _holding(dossier.held_to)
    yield "## Requirements"
    claims = dossier.requirements
    header = ["id", "statement", "verdict", "mutants killed"]
    yield _table(header, ((c.id, c.statement, c.verdict, kills(c)) for c in claims))
    yield "## Instances"
    header = ["instance", "engine", "verdict", "distinct states", "generated", "depth"]
    yield _table(header, _instances(dossier))
    yield "## Actions"
    yield _table(["action", "what happens", "generated", "new"], _actions(dossier))
    if dossier.reachable:
        yield "## Reachable states"
        yield _table(["name", "state", "first reached"], _witnesses(dossier))
    yield from _broken(dossier)
    yield from _wrong(dossier)


def _holding(document: HeldTo) -> Lines:
    """What holds a model, with where it is recorded and tested."""
    yield "## Held to"
    for sentence, recording in zip_longest(holding_sentences(document), document.recordings):
        yield f"{sentence[0].upper()}{sentence[1:]}."
        facts = holding_facts(recording) if recording else ()
        yield "\n".join(f"- {name}: `{text}`" for name, text in facts)


def _wrong(dossier: Dossier) -> Lines:
    """What is wrong with the model itself; requirements have it on their own pages, too."""
    found = [(run, v) for run in dossier.instances for v in run.violations]
    if found:
        yield "## What is wrong"
    for run, violation in found:
        name = violation.property or violation.kind
        if violation.wrong.has_trace:
            yield _trace(dossier, name, run.constants, violation)
        else:
            yield f"No reachable state has `{name}` within {readable_constants(run.constants)}."


def _instances(dossier: Dossier) -> Iterator[tuple[Any, ...]]:
    for run in dossier.instances:
        constants = shown_instance(dossier, run)
        for answer in run.answers:
            numbers = _numbers(answer.statistics)
            if answer.engine == INDUCTION:
                numbers = ("any", "any", "any")
            yield constants, answer.engine, answer.verdict, *numbers
        if not run.answers:
            known = run.known
            if known is None:
                yield constants, "not run", "", "", "", ""
            else:
                yield constants, "recorded", known.verdict, *_numbers(known)


def _numbers(numbers: Numbers | Known) -> tuple[str, str, str]:
    depth = str(numbers.depth)
    return counted(numbers.distinct), counted(numbers.generated), depth


def _actions(dossier: Dossier) -> Iterator[tuple[Any, ...]]:
    for action in dossier.actions:
        most = max(action.coverage, key=lambda c: c.generated, default=None)
        counts = (counted(most.generated), counted(most.distinct)) if most else ("", "")
        yield f"`{action.name}`", action.statement, *counts


def _witnesses(dossier: Dossier) -> Iterator[tuple[str, str, str]]:
    for witness in dossier.reachable:
        found = "; ".join(
            f"{shown_constants(dossier, r.constants)}: "
            + ("not" if r.steps is None else f"after {plural(r.steps, 'step')}")
            for r in witness.reached
        )
        yield f"`{witness.name}`", witness.statement, found or not_reached(witness)


def _broken(dossier: Dossier) -> Lines:
    """The mutants: a line each where all ends are known, else a matrix."""
    if dossier.mutants or dossier.asked_elsewhere:
        yield "## Mutants"
    if is_sparse(dossier):
        header = ["mutant", "what it breaks", "dies for", "steps", "constants", "fate"]
        yield _table(header, _ends(dossier))
    elif dossier.mutants:
        columns = dossier.columns
        yield _table(["mutant", "what it breaks", *columns, "fate"], _mutants(dossier, columns))
    for other, names in dossier.asked_elsewhere.items():
        verb = "is" if len(names) == 1 else "are"
        yield f"{plural(len(names), 'mutant')} of this model {verb} asked about in {other}."


def _ends(dossier: Dossier) -> Iterator[tuple[Any, ...]]:
    for mutant in dossier.mutants:
        issue = f" ({mutant.issue})" if mutant.issue else ""
        known, constants = mutant.known, shown_constants(dossier, mutant.constants)
        assert known is not None, "a line each only where every end is known"
        text, end_known = mutant.statement + issue, shown_end(mutant)
        yield f"`{mutant.name}`", text, known.requirement, known.steps, constants, end_known
        for end in mutant.also:
            within = shown_constants(dossier, end.constants)
            yield "", "", end.requirement, end.steps, within, "recorded"


def _mutants(dossier: Dossier, columns: list[str]) -> Iterator[list[str]]:
    for mutant in dossier.mutants:
        ends = [mutant.requirements.get(column) for column in columns]
        steps = [mark(end) for end in ends]
        issue = f" ({mutant.issue})" if mutant.issue else ""
        yield [f"`{mutant.name}`", mutant.statement + issue, *steps, shown_fate(mutant)]


def _requirement(row: Row) -> Lines:
    claim = row.claim
    yield f"# {claim.id}: {row.verdict}"
    yield claim.statement
    if claim.source:
        yield f"Source: {claim.source}."
    if len(claim.levels) > 1:
        yield f"Judged on: {', '.join(claim.levels)}."
    if claim.at:
        yield f"Written at `{claim.at.file}:{claim.at.line}`."
    if claim.when:
        yield f"Claimed only when `{claim.when}`."
    yield "## Evidence"
    rows = [
        (
            _link(model, f"../models/{model_slug(model)}.md"),
            e.engine,
            e.verdict,
            shown_bound(entry.dossier, e),
        )
        for model, entry in row.entries.items()
        for e in entry.claim.evidence
    ]
    rows += [
        (_link(model, f"../models/{model_slug(model)}.md"), "recorded", verdict, constants)
        for model, entry in row.entries.items()
        for verdict, constants in _recorded(entry.dossier)
    ]
    yield _table(["model", "engine", "verdict", "bound"], rows) or "No engine was asked."
    yield "## Mutants"
    yield (
        _table(["mutant", "model", "steps", "constants", ""], _killed(row)) or "None dies for it."
    )
    yield "## Counterexamples"
    shown = [
        _trace(entry.dossier, *found)
        for entry in row.entries.values()
        for found in entry.counterexamples[:SHOWN]
    ]
    yield from shown or ["None was found."]


def _killed(row: Row) -> Iterator[tuple[Any, ...]]:
    """The mutants that die for a requirement, found in this report or recorded."""
    for model, entry in row.entries.items():
        by_name = {mutant.name: mutant for mutant in entry.dossier.mutants}
        for end in entry.claim.killed:
            within = shown_constants(entry.dossier, by_name[end.mutant].constants)
            yield f"`{end.mutant}`", model, end.steps, within, ""
        for known in entry.claim.recorded:
            within = shown_constants(entry.dossier, known.constants)
            yield f"`{known.mutant}`", model, known.steps, within, "recorded"


def _recorded(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """What is known of instances that were not run."""
    for run in dossier.instances:
        if run.recorded:
            yield run.recorded.verdict, shown_constants(dossier, run.constants)


def _trace(dossier: Dossier, title: str, constants: Constants, violation: Shown) -> str:
    """A step a line, with what it changed below it."""
    within = shown_constants(dossier, constants)
    lines = [f"### {title}, {plural(violation.steps, 'step')}", ""]
    lines += [f"Within `{within}`.", ""] if within else []
    for number, state in enumerate(violation.view.states if violation.view else ()):
        lines.append(f"{number}. `{state.label}`")
        lines += [f"   - `{c.place}`: `{c.text}`" for c in state.changes]
    if violation.view and violation.view.loop is not None:
        loop = violation.view.loop
        stays = loop == violation.steps
        again = (
            "stays as it is for ever" if stays else f"is state {loop} again, and so on for ever"
        )
        lines += ["", f"State {violation.steps} {again}."]
    lines += ["", violation.wrong.advice] if violation.wrong.advice else []
    # A list that begins with 0 is numbered from 0 by every renderer.
    return "\n".join(lines)

"""Renders the pages: an index with the matrix, one for each model, one for each requirement."""

from collections.abc import Callable
from functools import partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from planespec.reports.mutation import mark
from planespec.reports.pages.dossier import Dossier
from planespec.reports.pages.holding import holding_facts, holding_sentences
from planespec.reports.pages.shown import (
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
)
from planespec.reports.pages.svg import graph_svg, sequence_svg
from planespec.reports.text.wording import counted, plural, readable_constants

SHOWN = 3
"""Counterexamples of one model that a page shows in full, the shortest ones."""


def html_files(dossiers: list[Dossier]) -> dict[str, str]:
    """Every page by its path; each holds its own style and script."""
    environment = _environment()
    matrix = matrix_of(dossiers)
    render = partial(_render, environment, matrix=matrix, dossiers=dossiers)
    pages = {"index.html": render("index.html.j2", root="")}
    for dossier in dossiers:
        path = f"models/{model_slug(dossier.model)}.html"
        pages[path] = render("model.html.j2", root="../", dossier=dossier)
    for row in matrix.rows:
        path = f"requirements/{requirement_slug(row.key)}.html"
        pages[path] = render("requirement.html.j2", root="../", row=row)
    return pages


def _render(environment: Environment, template: str, matrix: Matrix, **names: Any) -> str:
    text = environment.get_template(template).render(matrix=matrix, **names)
    # Blank lines left by the control lines of a template say nothing.
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_FILTERS)
    environment.globals.update(
        style=_template("style.css"),
        script=_template("script.js"),
        sequence_svg=sequence_svg,
        graph_svg=graph_svg,
        first_of=_first_with_counterexample,
        most=SHOWN,
        groups_of=groups_of,
        is_sparse=is_sparse,
        holding_facts=holding_facts,
        holding_sentences=holding_sentences,
        kills=kills,
        mark=mark,
        not_reached=not_reached,
        mutant_summary=mutant_summary,
        shown_bound=shown_bound,
        shown_constants=shown_constants,
        shown_end=shown_end,
        shown_fate=shown_fate,
    )
    return environment


def _template(name: str) -> str:
    folder = files("planespec.reports.pages").joinpath("templates")
    return folder.joinpath(name).read_text(encoding="utf-8")


def _first_with_counterexample(row: Row) -> str:
    """The model whose first trace is open when the page is."""
    return next((model for model, entry in row.entries.items() if entry.counterexamples), "")


def _prose(text: str) -> Markup:
    """A sentence of a docstring, its words in backquotes as code."""
    parts = (escape(part) for part in text.split("`"))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts)
    )


def _css_class(verdict: str) -> str:
    return verdict.lower().replace(" ", "-")


def _breakable(name: str) -> Markup:
    """A dotted name that may be broken after its dots and underscores, in a narrow column."""
    return Markup(str(escape(name)).replace(".", ".<wbr>").replace("_", "_<wbr>"))


_FILTERS: dict[str, Callable[..., Any]] = {
    "breakable": _breakable,
    "constants": readable_constants,
    "counted": counted,
    "css": _css_class,
    "model_slug": model_slug,
    "plural": plural,
    "prose": _prose,
    "requirement_slug": requirement_slug,
}

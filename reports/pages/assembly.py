"""From dossiers to the files of a report, in the formats that were asked for."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from planespec.reports.files import with_manifest
from planespec.reports.pages.shown import model_slug

Document = dict[str, Any]
INDEX_SCHEMA = "planespec/report-index/1"
WIDTH, DEEPEST = 96, 10
"""Characters up to which a value stays on one line, and the level below which all do."""


def report_files(dossiers: list[Document], formats: tuple[str, ...]) -> dict[str, str]:
    """Every file by its path relative to the report's folder."""
    files: dict[str, str] = {}
    for format_ in formats:
        files |= FORMATS[format_](dossiers)
    return with_manifest(files)


def _html(dossiers: list[Document]) -> dict[str, str]:
    from planespec.reports.pages.site import html_files  # jinja2 is slow to load

    return html_files(dossiers)


def _markdown(dossiers: list[Document]) -> dict[str, str]:
    from planespec.reports.pages.markdown import markdown_files

    return markdown_files(dossiers)


def _json(dossiers: list[Document]) -> dict[str, str]:
    """One document for each model, and an index that names them with their verdicts."""
    files = {f"models/{model_slug(d['model'])}.json": _text(_published(d)) for d in dossiers}
    index = {"schema": INDEX_SCHEMA, "models": [_entry(dossier) for dossier in dossiers]}
    return {"index.json": _text(index), **files}


def _entry(dossier: Document) -> Document:
    return {
        "model": dossier["model"],
        "file": f"models/{model_slug(dossier['model'])}.json",
        "requirements": {claim["id"]: claim["verdict"] for claim in dossier["requirements"]},
        "mutants": {mutant["name"]: mutant["fate"] for mutant in dossier["mutants"]},
    }


def _published(dossier: Document) -> Document:
    """The dossier without what is only there to be drawn: the traces say it all."""
    made = copy.deepcopy(dossier)
    answers = [answer for run in made["instances"] for answer in run["answers"]]
    ends = [end for mutant in made["mutants"] for end in mutant["requirements"].values()]
    found = [end["violation"] for end in ends if end["violation"]]
    for answer in answers:
        found += [answer["violation"] or {}, *answer["violations"]]
    for violation in found:
        violation.pop("view", None)
    return made


def _junit(dossiers: list[Document]) -> dict[str, str]:
    from planespec.reports.formats.junit import junit_text

    return {"junit.xml": junit_text(dossiers)}


def _sarif(dossiers: list[Document]) -> dict[str, str]:
    from planespec.reports.formats.sarif_report import sarif_document

    return {"report.sarif": _text(sarif_document(dossiers))}


def _text(document: Document) -> str:
    return "\n".join(_lines(document, 0)) + "\n"


def _lines(value: Any, level: int) -> Iterator[str]:
    """JSON that is nested only as far as a reader of a diff wants: a step or a count in a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(flat) <= WIDTH or level >= DEEPEST:
        yield flat
        return
    items = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
    yield "{" if isinstance(value, dict) else "["
    for number, (key, item) in enumerate(items, 1):
        lines = list(_lines(item, level + 1))
        if key is not None:
            lines[0] = f"{json.dumps(key, ensure_ascii=False)}: {lines[0]}"
        lines[-1] += "," if number < len(items) else ""
        yield from (f" {line}" for line in lines)
    yield "}" if isinstance(value, dict) else "]"


FORMATS: dict[str, Callable[[list[Document]], dict[str, str]]] = {
    "html": _html,
    "markdown": _markdown,
    "json": _json,
    "junit": _junit,
    "sarif": _sarif,
}
"""What `--format` accepts, in the order the files are made."""

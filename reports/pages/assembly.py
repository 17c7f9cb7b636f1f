"""From dossiers to the files of a report, in the formats that were asked for."""

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from planespec.reports.files import plain, with_manifest
from planespec.reports.pages.dossier import Dossier
from planespec.reports.pages.shown import model_slug

INDEX_SCHEMA = "planespec/report-index/1"
WIDTH, DEEPEST = 96, 10
"""Characters up to which a value stays on one line, and the level below which all do."""
FORMATS = {
    "html": "pages.site",
    "markdown": "pages.markdown",
    "json": "pages.assembly",
    "junit": "formats.junit",
    "sarif": "formats.sarif_report",
}
"""What `--format` accepts, in the order the files are made, and the module of `NAME_files`.

A module is imported when its files are asked for: some load what is slow to load.
"""


def report_files(dossiers: list[Dossier], formats: tuple[str, ...]) -> dict[str, str]:
    """Every file by its path relative to the report's folder."""
    files: dict[str, str] = {}
    for format_ in formats:
        module = import_module(f"planespec.reports.{FORMATS[format_]}")
        write: Callable[[list[Dossier]], dict[str, str]] = getattr(module, f"{format_}_files")
        files |= write(dossiers)
    return with_manifest(files)


def json_files(dossiers: list[Dossier]) -> dict[str, str]:
    """One document for each model, and an index that names them with their verdicts."""
    files = {f"models/{model_slug(d.model)}.json": document_text(d.published) for d in dossiers}
    index = {"schema": INDEX_SCHEMA, "models": [_entry(dossier) for dossier in dossiers]}
    return {"index.json": document_text(index), **files}


def _entry(dossier: Dossier) -> dict[str, object]:
    return {
        "model": dossier.model,
        "file": f"models/{model_slug(dossier.model)}.json",
        "requirements": {claim.id: claim.verdict for claim in dossier.requirements},
        "mutants": {mutant.name: mutant.fate for mutant in dossier.mutants},
    }


def document_text(document: object) -> str:
    """JSON that is nested only as far as a reader of a diff wants: a step or a count in a line."""
    return "\n".join(_lines(plain(document), 0)) + "\n"


def _lines(value: Any, level: int) -> Iterator[str]:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list | tuple) or len(flat) <= WIDTH or level >= DEEPEST:
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

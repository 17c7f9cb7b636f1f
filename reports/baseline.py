"""The state-space baseline: verdicts and counts of every instance, in a file that is committed.

A change of a model or of the checker that was not meant to change what is reachable shows up as a
diff of this file. Times, engines and machines leave no trace in it.
"""

import json
from pathlib import Path
from typing import Any

from planespec.checker.errors import InputError
from planespec.checker.instance import Instance
from planespec.checker.lang import Model
from planespec.reports.catalogue import Entry, made
from planespec.reports.dossier.answers import Answers
from planespec.reports.json_text import read_json

Document = dict[str, Any]
SCHEMA = "planespec/baseline/1"


def measure(model: type[Model], entry: Entry, answers: Answers) -> list[Document]:
    """What the file says of one model: an object for each of its instances that is run.

    A model whose instances nobody wrote down is measured with its default constants.
    """
    named = [(known, made(model, known)) for known in entry.instances]
    if not named:
        return [_line(answers.evidence(Instance(model), None)[0])]
    return [
        _line(answers.evidence(instance, known)[0])
        for known, instance in named
        if answers.settings.slow or not known.slow
    ]


def _line(answer: Document) -> Document:
    numbers, violation = answer["statistics"], answer["violation"]
    return {
        "constants": answer["constants"],
        "verdict": answer["verdict"],
        "violated": violation and (violation["property"] or violation["kind"]),
        "steps": violation and violation["steps"],
        "bound": answer["bound"],
        "distinct": numbers["distinct"],
        "generated": numbers["generated"],
        "depth": numbers["depth"],
        "actions": {name: _counts(count) for name, count in numbers["actions"].items()},
        "reached": answer["reached"],
    }


def _counts(count: Document) -> str:
    """Both counts in one text, so that they stand in one line of the diff."""
    return f"{count['generated']} generated, {count['distinct']} new"


def read_baseline(path: Path) -> dict[str, list[Document]]:
    """The lines by model; raises InputError for a file that is no baseline."""
    if not path.exists():
        return {}
    document = read_json(path)
    models = document.get("models") if isinstance(document, dict) else None
    if not isinstance(models, dict) or document.get("schema") != SCHEMA:
        raise InputError("no baseline", file=path, allowed=f"a file with schema {SCHEMA}")
    for name, lines in models.items():
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
            raise InputError(f"no baseline: models.{name} is no list of objects", file=path)
    return models


def baseline_text(models: dict[str, list[Document]]) -> str:
    """The text of the file: models sorted, one line for each fact, so that a diff is short."""
    document = {"schema": SCHEMA, "models": dict(sorted(models.items()))}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

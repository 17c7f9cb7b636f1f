"""An answer of a run folder is taken only where it is a whole record; else it is found anew."""

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sample import BROKEN

from planespec.checker.budget import Budget, Options
from planespec.checker.cache import keep, read_kept
from planespec.checker.continuing import check_all
from planespec.checker.instance import Instance
from planespec.reports.input.catalogue import load_model
from planespec.reports.pages import answers
from planespec.reports.pages.answers import Answers
from planespec.reports.pages.dossier import Evidence
from planespec.reports.pages.saving import Saved, Settings

BY_NAME = ("actions", "cut", "reached", "not_applicable")
"""Objects whose keys are names, any of which may be there."""
OF_THE_MODEL = ("constants", "arguments", "states")
"""What has the type that a model gives it; `states` is a list of records in a view alone."""
OPEN = (*BY_NAME, *OF_THE_MODEL, "at")
"""Objects in which a key more is taken for a name, or is read past: places and changes."""

Path_ = tuple[str | int, ...]


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    (tmp_path / "broken.py").write_text(BROKEN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Instance(load_model("broken.py"))


def ask(instance: Instance) -> tuple[Evidence, Saved]:
    saved = Saved(Path("answers"))
    settings = Settings(budget=Budget(states=200))
    return Answers("broken.py", settings, saved).whole(instance, "python"), saved


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every place of a document that a record describes; of many alike the first."""
    yield path
    if path and path[-1] in OF_THE_MODEL and path[-2:-1] != ("view",):
        return
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(min(1, len(value))):
            yield from places(value[key], (*path, key))


def at(document: Any, path: Path_) -> Any:
    for key in path:
        document = document[key]
    return document


def damaged(document: Any) -> Iterator[tuple[str, Any]]:
    """The document with a value of another type, a key less or a key more, at every place."""
    for path in places(document):
        name, above = ".".join(map(str, path)), str(path[-2]) if path[1:] else ""
        if path:
            yield f"{name} is no record", changed(document, path, [[[0]]])
        if path and isinstance(path[-1], str) and path[-1] != "view" and above not in BY_NAME:
            yield f"{name} is gone", changed(document, path, None, gone=True)
        is_open = above == "changes" or path[-1:] in [(each,) for each in OPEN]
        if isinstance(at(document, path), dict) and not is_open:
            yield f"{name} has one more", changed(document, (*path, "more"), 1)


def changed(document: Any, path: Path_, value: Any, *, gone: bool = False) -> Any:
    made = copy.deepcopy(document)
    inner = at(made, path[:-1])
    if gone:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return made


def test_no_damaged_answer_is_taken(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    found = cache(lambda: check_all(instance, "python", Options(budget=Budget(states=200))))
    monkeypatch.setattr(answers, "check_all", lambda *_: found())  # searched once
    answer, saved = ask(instance)
    (path,) = Path("answers").iterdir()
    body, _ = read_kept(path)
    assert body is not None
    document = json.loads(body)
    assert document["violation"]["view"]["sequence"]["arrows"], "a sample with every record"
    tried = list(damaged(document))
    assert len(tried) > 150
    taken = []
    for what, other in tried:
        assert keep(path, json.dumps(other).encode()) == ""
        again, saved = ask(instance)
        assert again == answer
        taken += [what] if saved.found else []
        path.unlink()
    assert taken == []


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 5_000, b"null", b'"\\ud800"'])
def test_what_is_no_document_is_not_taken(instance: Instance, text: bytes) -> None:
    answer, _ = ask(instance)
    (path,) = Path("answers").iterdir()
    assert keep(path, text) == ""
    again, saved = ask(instance)
    assert (again, saved.found, saved.given) == (answer, 0, 1)


@pytest.mark.parametrize("value", [b'"\xff"', b"[" * 100_000, b"1e999999"])
def test_a_value_that_no_reader_takes_is_not_taken(instance: Instance, value: bytes) -> None:
    """Where a record says nothing of the type of a value."""
    answer, _ = ask(instance)
    (path,) = Path("answers").iterdir()
    body, _ = read_kept(path)
    assert body is not None
    assert keep(path, body.replace(b'"peers": 2', b'"peers": ' + value, 1)) == ""
    again, saved = ask(instance)
    assert (again, saved.found) == (answer, 0)


def test_a_whole_answer_is_read_as_it_was_given(instance: Instance) -> None:
    answer, _ = ask(instance)
    again, saved = ask(instance)
    assert (again, saved.found, saved.given) == (answer, 1, 0)

"""How lines of a controller's log become calls: tables of patterns, which are data.

A table has a `name`, the `form` of its lines (`text` or `json`) and `[[line]]` entries; the first
that fits a line counts. An entry has a `pattern` (for text) or `fields`, a table of patterns by
field (for JSON), whose named groups are values; `take` names fields whose values are taken as they
are, `set` gives values that no line says. `is` says what the line is.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pkgutil import get_data
from typing import Any

from planespec.checker.errors import InputError
from planespec.reports.input.json_text import JsonError, parse_json
from planespec.spec.objects.view import ObjectError, View

OWN = ("client_go", "controller_runtime")
"""The tables that come with planespec."""
MEANINGS = ("call", "request", "answered", "sent", "received", "heard", "stored", "restart")
VALUES = (
    *("verb", "url", "resource", "kind", "namespace", "name", "uid", "version", "seen", "code"),
    *("process", "body", "type"),
)
_FORMS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Entry:
    """One `[[line]]`."""

    meaning: str
    patterns: Mapping[str, re.Pattern[str]]
    """By field; under the empty name that of a whole line of text."""
    take: Mapping[str, str]
    given: Mapping[str, str]

    def match(self, line: Mapping[str, Any]) -> dict[str, str] | None:
        """The values of a line that fits."""
        found = dict(self.given)
        for name, pattern in self.patterns.items():
            value = _at(line, name)
            match = pattern.search(value) if isinstance(value, str) else None
            if match is None:
                return None
            found |= {n: v for n, v in match.groupdict().items() if v is not None}
        for name, path in self.take.items():
            value = _at(line, path)
            if isinstance(value, str | int) and not isinstance(value, bool):
                found.setdefault(name, str(value))
        return found


def _at(line: Mapping[str, Any], path: str) -> Any:
    value: Any = line.get(path) if path in line else line
    if path not in line:
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
    return value


@dataclass(frozen=True, slots=True)
class Adapter:
    """A table."""

    name: str
    is_json: bool
    entries: tuple[Entry, ...]

    def fit(self, text: str) -> tuple[str, dict[str, str]] | None:
        """What a line is, with its values; None where no entry fits."""
        line: Any = {"": text}
        if self.is_json:
            try:
                line = parse_json(text, halves=True) if text.startswith("{") else None
            except JsonError:
                return None
        if not isinstance(line, dict):
            return None
        for entry in self.entries:
            found = entry.match(line)
            if found is not None:
                return entry.meaning, found
        return None


def load_adapter(path: Path) -> Adapter:
    """Read a table from a file; raises InputError."""
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=path) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML: {error}", file=path) from None
    return _read_table(data, path)


def own_adapters() -> list[Adapter]:
    """The tables that come with planespec."""
    found = []
    for name in OWN:
        data = get_data(__package__, f"{name}.toml")
        assert data is not None, "it is part of the package"
        found.append(_read_table(tomllib.loads(data.decode("utf-8")), Path(f"{name}.toml")))
    return found


def _read_table(data: dict[str, Any], path: Path) -> Adapter:
    try:
        view = View(data)
        form = view.text("form") or "text"
        if form not in _FORMS:
            raise ObjectError("form", f"must be text or json, not {form[:40]!r}")
        lines = data.get("line")
        if not isinstance(lines, list) or not lines:
            raise ObjectError("line", "is missing: a table has entries [[line]]")
        entries = tuple(_read_entry(View(e, f"line[{n}]")) for n, e in enumerate(lines))
        for n, entry in enumerate(entries):
            if ("" in entry.patterns) is (form == "json"):
                raise ObjectError(
                    f"line[{n}]", f"needs {'fields' if form == 'json' else 'a pattern'}"
                )
        return Adapter(view.text("name") or path.stem, form == "json", entries)
    except ObjectError as error:
        raise InputError(str(error), file=path) from None


def _read_entry(view: View) -> Entry:
    meaning = view.text("is")
    if meaning not in MEANINGS:
        raise ObjectError(view.path("is"), f"must be one of {', '.join(MEANINGS)}")
    texts = _texts(view, "fields")
    if view.has("pattern"):
        texts |= {"": view.text("pattern")}
    if not texts:
        raise ObjectError(view.field, "needs a pattern, or fields")
    patterns = {name: _pattern(view, name, text) for name, text in texts.items()}
    named = [n for pattern in patterns.values() for n in pattern.groupindex]
    take, given = _texts(view, "take"), _texts(view, "set")
    for name in (*named, *take, *given):
        if name not in VALUES:
            raise ObjectError(view.field, f"{name!r} is no value; {', '.join(VALUES)}")
    return Entry(meaning, patterns, take, given)


def _texts(view: View, name: str) -> dict[str, str]:
    inner = View(view.data.get(name), view.path(name))
    return {key: inner.text(key) for key in inner.data}


def _pattern(view: View, name: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        place = view.path(name or "pattern")
        raise ObjectError(place, f"is no regular expression: {error}") from None

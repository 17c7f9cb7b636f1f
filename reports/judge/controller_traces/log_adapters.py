"""How lines of a controller's log become calls: tables of patterns, which are data.

A table has a `name`, the `form` of its lines (`text` or `json`) and `[[line]]` entries; the first
that fits a line counts. An entry has a `pattern` (for text) or `fields`, a table of patterns by
field (for JSON), whose named groups are values; `take` names fields whose values are taken as they
are, `set` gives values that no line says. `is` says what the line is.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from pkgutil import get_data
from typing import Any

from planespec.checker.errors import InputError
from planespec.checker.lang.trace_rules import CALLS, EVENTS, RESTART
from planespec.reports.input.json_text import JsonError, parse_json
from planespec.reports.judge.controller_traces.api_server_lines import resource_of
from planespec.reports.judge.controller_traces.trace_lines import Kind, TraceLine, read_version
from planespec.spec.api.authorization.url_attributes import UrlError, read_url
from planespec.spec.objects.view import ObjectError, View

OWN = ("client_go", "controller_runtime")
"""The tables that come with planespec."""
MEANINGS = ("call", "request", "answered", "sent", "received", "heard", "stored", "restart")
VALUES = (
    *("verb", "url", "resource", "kind", "namespace", "name", "uid", "version", "seen", "code"),
    *("process", "body", "type"),
)
_FORMS = ("text", "json")
_METHODS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


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


@dataclass(slots=True)
class LogReader:
    """Turns lines into calls; what was sent, answered and received belongs to one request."""

    adapter: Adapter
    file: str
    _open: TraceLine | None = None
    """The request that waits for its answer, or the call whose answer may be told yet."""
    _is_answered: bool = False
    _sent: dict[str, str] = field(default_factory=dict)

    def read(self, lines: Iterable[tuple[int, str]]) -> Iterator[TraceLine]:
        """Yield what lines tell; raises ValueError for a value that cannot be one."""
        for number, text in lines:
            fitting = self.adapter.fit(text)
            if fitting is None:
                continue
            meaning, values = fitting
            if meaning in ("answered", "sent", "received"):
                self._complete(meaning, values)
                continue
            yield from self._flush()
            line = _make_line(meaning, values, self.file, number)
            self._is_answered = meaning == "call"
            if line is not None and line.kind is Kind.CALL:
                body, self._sent = self._sent, {}
                self._open = _with_body(line, body) if body else line
            elif line is not None:
                yield line
        yield from self._flush()

    def _flush(self) -> Iterator[TraceLine]:
        if self._open is not None:
            yield self._open if self._is_answered else replace(self._open, code=0)
        self._open = None

    def _complete(self, meaning: str, values: dict[str, str]) -> None:
        if meaning == "sent" and (self._open is None or self._is_answered):
            self._sent = values  # client-go writes the body before the request
        elif self._open is not None and meaning == "sent":
            self._open = _with_body(self._open, values)
        elif self._open is not None and meaning == "answered":
            self._open, self._is_answered = replace(self._open, code=_code(values)), True
        elif self._open is not None:
            self._open = _with_answer(self._open, values)


def _code(values: Mapping[str, str]) -> int:
    text = values.get("code", "0")
    if not re.fullmatch("0|[1-5][0-9]{2}", text):
        raise ObjectError("code", f"must be a code of HTTP, not {text[:20]!r}")
    return int(text)


def _make_line(
    meaning: str, values: Mapping[str, str], file: str, number: int
) -> TraceLine | None:
    process = values.get("process", "")
    if meaning == "restart":
        return TraceLine(Kind.RESTART, file, number, RESTART, process=process)
    kind = Kind(meaning) if meaning in ("heard", "stored") else Kind.CALL
    verb = values.get("type" if kind is not Kind.CALL else "verb", values.get("verb", ""))
    verb = _METHODS.get(verb, verb)
    if verb not in (CALLS if kind is Kind.CALL else EVENTS):
        return None
    target = _target(values)
    if target is None:
        return None
    resource, namespace, name = target
    view = View(values)
    return TraceLine(
        kind,
        file,
        number,
        verb,
        resource,
        namespace,
        name,
        values.get("uid", ""),
        read_version(view, "seen"),
        read_version(view, "version"),
        _code(values) if kind is Kind.CALL else None,
        process,
    )


def _target(values: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Resource, namespace and name, from a URL where there is one; None for other paths."""
    if "url" in values:
        url = re.sub(r"^https?://[^/]*", "", values["url"])
        try:
            asked = read_url("GET", url)
        except UrlError:
            return None
        part = f"/{asked.subresource}" if asked.subresource else ""
        known = (f"{asked.resource}{part}", asked.namespace, asked.name)
        return known if asked.resource else None
    resource = values.get("resource") or resource_of(values.get("kind", ""))
    if resource in ("", "s"):
        return None
    return resource.partition(".")[0], values.get("namespace", ""), values.get("name", "")


def _read_body(values: Mapping[str, str]) -> View:
    """The object in a body; an empty one where the log cut it off."""
    try:
        found = parse_json(values.get("body", ""), halves=True)
    except JsonError:
        found = {}
    return View(found if isinstance(found, dict) else {})


def _metadata(body: View) -> View:
    meta = body.data.get("metadata")
    return View(meta if isinstance(meta, dict) else {})


def _with_body(line: TraceLine, values: Mapping[str, str]) -> TraceLine:
    body = _read_body(values)
    meta, limits = _metadata(body), body.data.get("preconditions")
    wanted = View(limits if isinstance(limits, dict) else {})
    return replace(
        line,
        name=line.name or meta.text("name"),
        generated=line.generated or meta.text("generateName"),
        uid=line.uid or wanted.text("uid") or meta.text("uid"),
        seen=line.seen
        or read_version(wanted, "resourceVersion")
        or read_version(meta, "resourceVersion"),
    )


def _with_answer(line: TraceLine, values: Mapping[str, str]) -> TraceLine:
    body = _read_body(values)
    meta = _metadata(body)
    if body.text("kind") == "Status" or line.verb == "delete" or not line.is_success:
        return line
    return replace(
        line,
        name=line.name or meta.text("name"),
        uid=line.uid or meta.text("uid"),
        version=line.version or read_version(meta, "resourceVersion"),
    )

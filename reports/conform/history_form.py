"""Histories in the forms of Jepsen and of Porcupine's test data: invocations and completions.

- EDN maps, in a vector or one after another, as in Jepsen's history.edn, and those of the
  key-value store in Porcupine (`:f :get`, `:put`, `:append` with `:key`)
- lines of Jepsen's log: `INFO  jepsen.util - 0 :invoke :write 3`, where lines of other loggers
  are passed over, and of its history.txt: `0 :invoke :write 3`

Sources: jepsen.history, github.com/anishathalye/porcupine (test_data, porcupine_test.go).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.conform.edn import Form, Reader, Symbol, freeze

TYPES = (":invoke", ":ok", ":fail", ":info")
_HEAD = r"(?:[A-Z]+\b.*?\bjepsen\.util\b(?:\s+-)?\s+)?"
_LINE = re.compile(_HEAD + r"(\S+)\s+(:\S+)\s+(:\S+)\s+(.*)")
_BARE = re.compile(r"(?:\d+|:nemesis)\s+:(?:invoke|ok|fail|info)\b")
_NEMESIS = Symbol(":nemesis")
_LEVEL = re.compile(r"(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a history: a process calls an operation, or hears what became of it."""

    line: int
    process: Form
    type: str
    f: str
    key: Form
    value: Form
    is_log: bool
    """Whether it comes from a log, where a failed comparison is told with its values."""


def read_events(path: Path, lines: list[tuple[int, str]]) -> Iterator[Event]:
    """Yield the events of clients in the numbered lines; those of the nemesis are passed over.

    Raises InputError with the line of what is no event.
    """
    first = next((text.strip() for _, text in lines if text.strip()), "")
    if _LEVEL.match(first) or _BARE.match(first):
        events = _read_log(path, lines)
    else:
        events = _read_edn(path, "\n".join(text for _, text in lines))
    for event in events:
        if event.process == _NEMESIS:
            continue
        if not isinstance(event.process, int):
            message = f"has :process {event.process}, which is neither a number nor :nemesis"
            raise InputError(message, file=path, line=event.line)
        yield event


def _read_log(path: Path, lines: list[tuple[int, str]]) -> Iterator[Event]:
    for number, text in lines:
        if "jepsen.util" not in text and not _BARE.match(text):
            if text.strip() and not _LEVEL.match(text):
                raise InputError("is no line of a log", file=path, line=number, text=text)
            continue
        found = _LINE.match(text)
        if not found or found[2] not in TYPES:
            expected = "PROCESS :invoke, :ok, :fail or :info, :FUNCTION and VALUE"
            raise InputError(f"does not hold {expected}", file=path, line=number, text=text)
        process, value = (Reader(found[n], path, number).read() for n in (1, 4))
        yield Event(number, process, found[2], found[3], None, freeze(value), True)


def _read_edn(path: Path, text: str) -> Iterator[Event]:
    reader = Reader(text, path)
    is_inside = reader.enter()
    while reader.has_more():
        if is_inside and reader.leave():
            is_inside = False
            continue
        line = reader.line
        yield _make_event(path, line, reader.read())
    if is_inside:
        raise InputError("[ is never closed", file=path, line=1)


def _make_event(path: Path, line: int, form: Form) -> Event:
    if not isinstance(form, dict):
        raise InputError("is no map of an operation", file=path, line=line)
    for name in (":process", ":type", ":f"):
        if name not in form:
            raise InputError(f"lacks {name}", file=path, line=line)
    if str(form[":type"]) not in TYPES:
        known = ", ".join(TYPES)
        raise InputError(f"has :type {form[':type']}; known: {known}", file=path, line=line)
    key, value = freeze(form.get(":key")), freeze(form.get(":value"))
    return Event(line, form[":process"], str(form[":type"]), str(form[":f"]), key, value, False)

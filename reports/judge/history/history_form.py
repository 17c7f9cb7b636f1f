"""Histories in the forms of Jepsen (EDN) and of Porcupine's test data, with lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planespec.checker.errors import InputError

_BLANK = re.compile(r"(?:[\s,]|;[^\n]*)*")
_ATOM = re.compile(r'[^\s,;()\[\]{}"]+')
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_CLOSERS = {"[": "]", "(": ")", "{": "}", "#{": "}"}
DEEPEST = 100
"""Levels of nesting that are read."""

Form = object


@dataclass(frozen=True, slots=True)
class Symbol:
    """A keyword, a symbol, a truth value or a number with a fraction, by its text."""

    text: str

    def __repr__(self) -> str:
        return self.text


class Reader:
    """Reads forms one after another from a text."""

    def __init__(self, text: str, path: Path, first_line: int = 1) -> None:
        self._text, self._path = text, path
        self._at = self._counted = self._discarding = 0
        self._line = first_line

    @property
    def line(self) -> int:
        """The line that is read next, counted from 1."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def has_more(self) -> bool:
        """Skip what is no form, and return whether one follows."""
        self._skip()
        while self._text.startswith("#_", self._at):
            self._at += 2
            self._discarding += 1
            self.read(self._discarding)
            self._discarding -= 1
            self._skip()
        return self._at < len(self._text)

    def enter(self) -> bool:
        """Step into a vector or list if one follows, so that its forms are read one by one."""
        if self.has_more() and self._text[self._at] in "[(":
            self._at += 1
            return True
        return False

    def leave(self) -> bool:
        """Step out of a vector or list if it ends here."""
        if self.has_more() and self._text[self._at] in "])":
            self._at += 1
            return True
        return False

    def read(self, depth: int = 0) -> Form:
        """Read one form; InputError with its line where there is none."""
        if depth > DEEPEST:
            raise self.refuse("is nested too deeply")
        if not self.has_more():
            raise self.refuse("ends in the middle of a form")
        for opener in ("#{", "{", "[", "("):
            if self._text.startswith(opener, self._at):
                return self._read_collection(opener, depth)
        if self._text[self._at] == '"':
            return self._read_string()
        if self._text[self._at] == "#":
            # A tag only names the type of what follows, such as a record.
            self._read_atom()
            return self.read(depth + 1)
        return _parse_atom(self._read_atom())

    def refuse(self, message: str) -> InputError:
        """Make the error for what stands here."""
        return InputError(message, file=self._path, line=self.line)

    def _skip(self) -> None:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at

    def _read_atom(self) -> str:
        found = _ATOM.match(self._text, self._at)
        if not found:
            raise self.refuse(f"has {self._text[self._at]!r} where a form is expected")
        self._at = found.end()
        return found[0]

    def _read_string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if not found:
            raise self.refuse("has a string that is never closed")
        self._at = found.end()
        return re.sub(r"\\(.)", lambda e: _ESCAPES.get(e[1], e[1]), found[1], flags=re.DOTALL)

    def _read_collection(self, opener: str, depth: int) -> Form:
        begun, closer = self.line, _CLOSERS[opener]
        self._at += len(opener)
        items: list[Form] = []
        while True:
            if not self.has_more():
                raise InputError(f"{opener} is never closed", file=self._path, line=begun)
            if self._text[self._at] == closer:
                self._at += 1
                break
            items.append(self.read(depth + 1))
        return self._collect(opener, items)

    def _collect(self, opener: str, items: list[Form]) -> Form:
        if opener == "#{":
            return frozenset(map(freeze, items))
        if opener != "{":
            return tuple(items)
        if len(items) % 2:
            raise self.refuse("has a map with a key and no value")
        return {str(key): value for key, value in zip(items[::2], items[1::2], strict=True)}


def freeze(form: Form) -> Form:
    """Return the form so that it can be compared and hashed."""
    if isinstance(form, dict):
        return frozenset((key, freeze(value)) for key, value in form.items())
    return tuple(map(freeze, form)) if isinstance(form, tuple) else form


def _parse_atom(text: str) -> Form:
    if text == "nil":
        return None
    if re.fullmatch(r"[+-]?\d{1,1000}N?", text):
        return int(text.rstrip("N"))
    return Symbol(text)


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

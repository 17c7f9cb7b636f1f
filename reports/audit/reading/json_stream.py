"""Reading JSON object by object, so that a list of any length needs memory for one item at a time.

The input is one value, or several one after the other. The items of a list object are yielded one
by one. An item that is not JSON is skipped by its brackets, and reading goes on behind it. Lines
that kubectl prints beside objects are yielded as remarks.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO

from planespec.reports.audit.reading.item import (
    LARGEST_OBJECT,
    LEFT_OUT,
    WATCHED,
    Item,
    NotJson,
    Oversized,
    Unread,
    guess_subject,
    list_doubled,
    make_watched,
)
from planespec.reports.audit.reading.side_text import LONGEST_REMARK, Remark, SideText
from planespec.reports.input.json_text import HALF, LONG_NUMBER, explain
from planespec.spec.cluster.cluster_requirements import Place

CHUNK = 4 * 1024 * 1024
"""Bytes read at a time."""


class Window:
    """The part of a stream around the reading position, and the line that position is on."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Begin at the start of the stream; a byte order mark is skipped."""
        self._stream = stream
        self._rest = b""
        self.text = ""
        self.position = 0
        self.dropped = 0
        """Characters before those of `text`."""
        self.is_ended = False
        self.is_valid = True
        """False once something was not UTF-8; such bytes then read as lone surrogates."""
        self._line, self._counted = 1, 0
        self.extend()
        if self.text.startswith("\ufeff"):
            self.position = 1

    def extend(self, size: int = CHUNK) -> None:
        """Drop what was read and decode more; sets `is_ended` where nothing is left."""
        self.line_at(self.position)
        data = self._stream.read(size)
        self.is_ended = not data
        decoded = self._decode(self._rest + data)
        self.text = self.text[self.position :] + decoded
        self.dropped += self.position
        self._counted, self.position = self._counted - self.position, 0

    def _decode(self, data: bytes) -> str:
        try:
            text, used = codecs.utf_8_decode(data, "strict", self.is_ended)
        except UnicodeDecodeError:
            self.is_valid = False
            text, used = codecs.utf_8_decode(data, "surrogateescape", self.is_ended)
        self._rest = data[used:]
        return text

    def line_at(self, position: int) -> int:
        """Return the line of a position of `text`; positions are asked for in order."""
        if position > self._counted:
            self._line += self.text.count("\n", self._counted, position)
            self._counted = position
        return self._line

    def jump(self, position: int, lines: int) -> None:
        """Move behind text of which the number of lines is known."""
        self._line = self.line_at(self.position) + lines
        self.position = self._counted = position

    def skip(self, characters: str = " \t\r\n") -> str:
        """Move over white space and the like; return the character found, "" at the end."""
        while True:
            text, position, end = self.text, self.position, len(self.text)
            while position < end and text[position] in characters:
                position += 1
            self.position = position
            if position < end:
                return text[position]
            if self.is_ended:
                return ""
            self.extend()

    def peek_line(self) -> str:
        """Return what is left of this line, or the beginning of it where it is long."""
        if len(self.text) - self.position < LONGEST_REMARK and not self.is_ended:
            self.extend()
        return self.text[self.position : self.position + LONGEST_REMARK].partition("\n")[0]

    def take_line(self) -> str:
        """Move to the next line; return what is left of this one."""
        while (end := self.text.find("\n", self.position)) < 0 and not self.is_ended:
            self.extend()
        end = len(self.text) if end < 0 else end + 1
        line, self.position = self.text[self.position : end], end
        return line


_MARK = re.compile(r'["\[\]{},]')
_STRING_END = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


_constants: list[str] = []
"""What the decoder met that is no JSON number, until somebody looks."""


def _note_constant(name: str) -> NotJson:
    _constants.append(name)
    return NotJson(name)


DECODER = json.JSONDecoder(parse_constant=_note_constant)
_WATCHING = json.JSONDecoder(parse_constant=_note_constant, object_pairs_hook=make_watched)


class JsonSyntaxError(ValueError):
    """The text at the position is no JSON value."""


class JsonStream:
    """One file of JSON."""

    lists = frozenset(("items",))
    """Members of a document of which the parts are yielded one by one."""
    largest = LARGEST_OBJECT
    """Characters; a larger value is not kept."""

    def __init__(self, file: str, stream: IO[bytes]) -> None:
        """Read from a binary stream; `file` is what places call it."""
        self._file, self._window = file, Window(stream)
        self._waiting: list[tuple[object, Place, tuple[tuple[str, int], ...]]] = []
        self._has_half = False
        self._side = SideText()

    def read(self) -> Iterator[Item | Unread | Remark]:
        """Yield the objects in order; a list that names its kind last is yielded at its end."""
        window = self._window
        try:
            while window.skip():
                if window.text[window.position] == "{":
                    yield from self._read_document()
                elif window.text[window.position] == "[":
                    yield from self._read_items("", "")
                    yield from self._release({})
                elif self._side.takes(window.peek_line()):
                    yield Remark(self._place(), window.take_line().strip())
                else:
                    place = self._place()
                    yield Item(self._value(), place)
        except JsonSyntaxError as error:
            yield Unread(self._place(), f"is not JSON: {error}; {LEFT_OUT}")

    def _place(self) -> Place:
        return Place(self._file, self._window.line_at(self._window.position))

    def _read_document(self) -> Iterator[Item | Unread]:
        """Read `{...}`; where a member is called items, what it lists is yielded as it is read."""
        window, place = self._window, self._place()
        members: dict[str, object] = {}
        repeated: list[str] = []
        has_items = False
        window.position += 1
        while (mark := window.skip(" \t\r\n,")) not in ("}", ""):
            # A bracket is left where it stands: behind what was cut off the next value begins.
            name = self._value() if mark not in ("{", "[") else None
            if not isinstance(name, str) or window.skip() != ":":
                raise JsonSyntaxError("expected a name and a colon")
            window.position += 1
            if name in self.lists and window.skip() == "[":
                has_items = True
                yield from self._read_items(
                    str(members.get("kind", "")),
                    str(members.get("apiVersion", "")),
                    is_known=name != "items",
                )
            else:
                repeated += [name] if name in members else []
                members[name] = self._value()
                repeated += list_doubled(members[name], name)
        if not window.skip():
            raise JsonSyntaxError("the object does not end")
        window.position += 1
        if has_items:
            yield from self._release(members)
            if str(members.get("kind", "")).endswith("List"):
                yield Item({**members, "items": []}, place)  # a list, even if it lists nothing
        else:
            twice = tuple((field, place.line) for field in repeated)
            yield Item(members, place, is_suspect=self._is_suspect(), repeated=twice)

    def _read_items(
        self, kind: str, version: str, *, is_known: bool = False
    ) -> Iterator[Item | Unread]:
        """Read the array at the position; `is_known` says that no kind is to be waited for."""
        window, is_known = self._window, is_known or bool(kind)
        kind = kind.removesuffix("List")
        window.position += 1
        while window.skip(" \t\r\n,") not in ("]", ""):
            place = self._place()
            try:
                value = self._item()
            except JsonSyntaxError as error:
                subject = guess_subject(self._skip_item())
                yield Unread(place, f"is not JSON: {error}", subject)
                continue
            twice = tuple((field, place.line) for field in list_doubled(value))
            if is_known or not isinstance(value, dict) or "kind" in value:
                yield Item(value, place, kind, version, self._is_suspect(), True, twice)
            else:
                self._waiting.append((value, place, twice))
        if not window.skip():
            raise JsonSyntaxError("the list does not end")
        window.position += 1

    def _item(self) -> object:
        """Read the item of a list at the position."""
        return self._value()

    def _release(self, members: dict[str, object]) -> Iterator[Item]:
        """Yield items without a kind, now that the kind of the list is known."""
        kind = str(members.get("kind", "")).removesuffix("List")
        for value, place, twice in self._waiting:
            version = str(members.get("apiVersion", ""))
            yield Item(value, place, kind, version, self._is_suspect(), True, twice)
        self._waiting = []

    def _is_suspect(self) -> bool:
        is_suspect = bool(_constants) or self._has_half or not self._window.is_valid
        _constants.clear()
        self._has_half = False
        return is_suspect

    def _value(self) -> object:
        """Read the value at the position; what is cut off by the window is read again, longer."""
        window, wanted = self._window, CHUNK
        window.skip()
        decoder = _WATCHING if window.dropped + window.position < WATCHED else DECODER
        while True:
            list_doubled(None)  # of an attempt that was cut off
            try:
                value, end = decoder.raw_decode(window.text, window.position)
            except RecursionError as error:
                raise JsonSyntaxError("it is nested too deeply") from error
            except ValueError as error:
                if window.is_ended or _is_certain(error, len(window.text)):
                    raise JsonSyntaxError(_explain(error)) from error
            else:
                # A number at the very end may go on.
                if end < len(window.text) or window.is_ended:
                    return self._accept(value, end)
            wanted *= 2
            window.extend(wanted)

    def _accept(self, value: object, end: int) -> object:
        window = self._window
        start, size, window.position = window.position, end - window.position, end
        # Most objects have no escape at all, and that is told quickly.
        escape = window.text.find("\\", start, end)
        if escape >= 0 and HALF.search(window.text, escape, end) is not None:
            self._has_half = True
        if size > self.largest:
            window.line_at(end)
            return Oversized(size)
        return value

    def _skip_item(self) -> str:
        """Move behind the item at the position, to a comma outside strings and brackets.

        The bracket that ends the list is left; a brace that closes nothing is taken, so that
        reading always gets on. Return its text, or none where it is longer than what is at hand.
        """
        window, depth = self._window, 0
        text, start = window.text, window.position
        while True:
            found = _MARK.search(window.text, window.position)
            if found is None:
                window.position = len(window.text)
                if not window.skip():
                    raise JsonSyntaxError("the list does not end")
                continue
            window.position = found.end()
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(found[0], 0)
            if found[0] == '"':
                self._skip_string()
            if depth < 0 and found[0] == "]":
                window.position -= 1
            if depth < 0 or (depth == 0 and found[0] in "}],"):
                return text[start : window.position] if text is window.text else ""

    def _skip_string(self) -> None:
        window = self._window
        while (found := _STRING_END.match(window.text, window.position)) is None:
            if window.is_ended:
                raise JsonSyntaxError("a string does not end")
            window.extend()
        window.position = found.end()


def _explain(error: ValueError) -> str:
    return explain(error) if isinstance(error, json.JSONDecodeError) else LONG_NUMBER


def _is_certain(error: ValueError, length: int) -> bool:
    """Say whether more text cannot mend the error: it is no string, and not at the end."""
    if not isinstance(error, json.JSONDecodeError):
        return True
    begun = error.doc[error.pos : error.pos + 1] == '"'
    is_open = begun and not _STRING_END.match(error.doc, error.pos + 1)
    return not is_open and error.pos < length - 16

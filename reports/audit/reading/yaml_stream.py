"""Reading YAML document by document, and the lists that kubectl prints item by item.

What cannot be read is left out up to the next document or item, and the rest is still read.
"""

import re
from collections.abc import Iterator
from typing import IO

from planespec.reports.audit.reading.documents import TEMPLATE, is_chart_template
from planespec.reports.audit.reading.item import (
    LARGEST_OBJECT,
    Item,
    Oversized,
    Unread,
    guess_subject,
)
from planespec.reports.audit.reading.side_text import LONGEST_REMARK, Remark, is_remark
from planespec.reports.audit.reading.yaml_values import Repeated, YamlError, read_document
from planespec.spec.cluster.cluster_requirements import Place

_SEPARATOR = re.compile(rb"---(\s|$)")
_END = re.compile(rb"\.\.\.(\s|$)")
_TOP_KEY = re.compile(r"[A-Za-z]")


class YamlStream:
    """One file of YAML."""

    def __init__(self, file: str, stream: IO[bytes]) -> None:
        """Read from a binary stream; `file` is what places call it."""
        self._file, self._stream = file, stream
        self._is_template = False
        self._listed: tuple[str, str] | None = None

    def _is_remark(self, line: bytes) -> bool:
        return is_remark(line[:LONGEST_REMARK].decode("utf-8", "replace"))

    def read(self) -> Iterator[Item | Unread | Remark]:
        """Yield the objects in order; the first template of Helm ends the file."""
        lines: list[bytes] = []
        start = 1
        for number, line in enumerate(self._stream, 1):
            if self._is_template:
                return
            if not any(map(bytes.strip, lines)) and self._is_remark(line):
                yield Remark(Place(self._file, number), line.decode("utf-8", "replace").strip())
            elif _SEPARATOR.match(line):
                yield from self._read_text(lines, start)
                rest = line[3:].strip()
                if rest and not rest.startswith(b"#"):
                    yield Unread(Place(self._file, number), "text follows the separator ---")
                lines, start = [b"\n"], number
            elif _END.match(line):
                yield from self._read_text(lines, start)
                lines, start = [], number + 1
            else:
                lines.append(line)
        yield from self._read_text(lines, start)

    def _read_text(self, lines: list[bytes], start: int) -> Iterator[Item | Unread]:
        try:
            text = b"".join(lines).decode("utf-8-sig").replace("\x85", " ")
        except UnicodeDecodeError as error:
            line = start + error.object[: error.start].count(b"\n")
            yield from self._read_broken_text(lines, start, line, error.reason)
            return
        parts = _split_list(text)
        if parts is None:
            yield from self._read_piece(text, start)
            return
        self._listed = _list_in(text)
        for offset, part in parts:
            yield from self._read_piece(part, start + offset)
        self._listed = None

    def _read_broken_text(
        self, lines: list[bytes], start: int, line: int, reason: str
    ) -> Iterator[Item | Unread]:
        """Leave out the item with the broken bytes where the document is a list."""
        text = b"".join(lines).decode("utf-8", "surrogateescape")
        parts = _split_list(text) or []
        if not parts:
            message = f"is not UTF-8 text: {reason}"
            yield Unread(Place(self._file, line), message, guess_subject(text))
        for offset, part in parts:
            if any("\udc80" <= character <= "\udcff" for character in part):
                place = Place(self._file, start + offset)
                yield Unread(place, f"is not UTF-8 text: {reason}", guess_subject(part))
            else:
                yield from self._read_piece(part, start + offset)

    def _read_piece(self, text: str, start: int) -> Iterator[Item | Unread]:
        place = Place(self._file, start)
        if len(text) > LARGEST_OBJECT and not text.lstrip().startswith("items"):
            yield Item(Oversized(len(text)), place)
            return
        try:
            value, lines, repeated = read_document(text)
        except YamlError as error:
            if is_chart_template(text):
                self._is_template = True
                yield Unread(place, TEMPLATE)
                return
            place = Place(self._file, start + error.line - 1)
            yield Unread(place, str(error), guess_subject(text), error.field)
            return
        if value is not None and is_chart_template(text, value):
            self._is_template = True
            yield Unread(place, TEMPLATE)
            return
        kind, version = self._listed or _list_of(value)
        for index, item in enumerate(_take_apart(value)):
            if item is not None:
                line = start + lines.get(id(item), 1) - 1
                place = Place(self._file, line)
                is_listed = item is not value or self._listed is not None
                twice = _list_repeated(
                    repeated, "" if item is value else f"items[{index}].", start
                )
                yield Item(item, place, kind, version, "\\u" in text, is_listed, twice)


def _list_repeated(
    repeated: list[Repeated], prefix: str, start: int
) -> tuple[tuple[str, int], ...]:
    """Return the fields of one object that stand twice, with their lines in the file."""
    return tuple(
        (each.field.removeprefix(prefix), start + each.line - 1)
        for each in repeated
        if each.field.startswith(prefix)
    )


def _take_apart(value: object) -> list[object]:
    """Return the items of a list object, or the value itself, as a list object without items."""
    items = value.get("items") if isinstance(value, dict) else value
    is_list = isinstance(value, list) or (
        isinstance(value, dict) and str(value.get("kind", "")).endswith("List")
    )
    if not is_list or not isinstance(items, list) or (not items and isinstance(value, dict)):
        return [value]
    return items


def _list_of(value: object) -> tuple[str, str]:
    """Return the kind and version that a list gives items which say none."""
    kind = value.get("kind") if isinstance(value, dict) and "items" in value else None
    if not isinstance(kind, str) or not isinstance(value, dict):
        return "", ""
    version = value.get("apiVersion")
    return kind.removesuffix("List"), version if isinstance(version, str) else ""


def _list_in(text: str) -> tuple[str, str]:
    """Return the same of a list that is read item by item."""
    found = [re.search(rf"(?m)^{name}: *(\S+) *$", text) for name in ("kind", "apiVersion")]
    kind, version = (each[1] if each else "" for each in found)
    return kind.removesuffix("List"), version


def _split_list(text: str) -> list[tuple[int, str]] | None:
    """Cut a list that kubectl printed into its items, with the line each begins on from 0.

    None where it is no such list, or has anchors, which may reach from item to item.
    """
    start = text.find("\nitems:\n")
    if start < 0 or not text.startswith("- ", start + 8) or re.search(r"[:-] [&*]\w", text):
        return None
    lines = text.split("\n")
    number = text.count("\n", 0, start) + 2
    parts: list[tuple[int, str]] = []
    current: list[str] = []
    for offset in range(number, len(lines)):
        line = lines[offset]
        if _TOP_KEY.match(line):
            break
        if line.startswith("- ") and current:
            parts.append((offset - len(current), "\n".join(current)))
            current = []
        current.append("  " + line[2:] if line.startswith("- ") else line)
    parts.append(
        (
            offset - len(current) if _TOP_KEY.match(line) else offset + 1 - len(current),
            "\n".join(current),
        )
    )
    return parts

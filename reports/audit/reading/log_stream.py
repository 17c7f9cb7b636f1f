"""Reading logs: values of JSON one after the other, however lines were broken or joined.

A value may stand on one line, be printed over many, follow another without a line between them, be
an item of a list, or stand behind what a log shipper puts before it. What cannot be read ends at
the next line on which a value can begin.
"""

import io
import re
from collections.abc import Iterator
from itertools import islice

from planespec.reports.audit.reading.envelopes import Envelopes, TextError, is_event
from planespec.reports.audit.reading.item import LARGEST_OBJECT, Item, Unread
from planespec.reports.audit.reading.json_stream import DECODER, JsonStream, JsonSyntaxError
from planespec.reports.audit.reading.side_text import Remark, cut_prefix, is_remark, read_part
from planespec.reports.input.json_text import JsonError, describe_rest, parse_json
from planespec.spec.cluster.cluster_requirements import Place

SNIFFED = 1 << 20
"""Bytes of a file that are looked at to say what it is."""
_SNIFFED_RECORDS = 200
_OPENINGS = ("{", "[", '"', "]")
"""What follows the bracket of a list of records; numbers begin a line that a shipper wrote."""


class LogStream(JsonStream):
    """One log."""

    lists = frozenset(("items", "events", "logEvents", "records", "Records", "entries"))
    largest = 1 << 30

    def read(self) -> Iterator[Item | Unread | Remark]:
        """Yield the records in order, lines of text among them as remarks."""
        window = self._window
        self._parts: dict[str, tuple[int, str]] = {}
        while mark := window.skip():
            start = self._place().line
            try:
                if mark == "{":
                    yield from self._read_record()
                elif mark == "[" and self._is_list():
                    yield from self._read_items("", "", is_known=True)
                else:
                    yield from self._read_line()
            except JsonSyntaxError as error:
                yield Unread(self._place()._replace(line=start), f"is not JSON: {error}")
                self._recover(start)
        for line, text in self._parts.values():
            place = self._place()._replace(line=line)
            yield Unread(place, f"is not JSON: {describe_rest('')}", text[:40])

    def _is_list(self) -> bool:
        rest = self._window.peek_line()[1:].lstrip()
        return not rest or rest.startswith(_OPENINGS)

    def _read_record(self) -> Iterator[Item | Unread]:
        """Read what begins here, at once where it ends on its line, else member by member."""
        window = self._window
        end = window.text.find("\n", window.position)
        last = window.text[max(end - 2, 0) : max(end, 0)].rstrip("\r")[-1:]
        if last == "}" and end - window.position <= LARGEST_OBJECT:
            try:
                value, stop = DECODER.raw_decode(window.text, window.position)
            except (ValueError, RecursionError):
                stop = -1
            if 0 <= stop <= end:
                place = self._place()
                yield Item(self._accept(value, stop), place, is_suspect=self._is_suspect())
                return
        yield from self._read_document()

    def _recover(self, start: int) -> None:
        """Go on at the next line, or behind a value over many lines where another begins."""
        window = self._window
        if self._place().line > start and self._is_beginning():
            return
        is_long = self._place().line > start
        window.take_line()
        while is_long and window.position < len(window.text) and not self._is_beginning():
            window.take_line()

    def _is_beginning(self) -> bool:
        window = self._window
        is_first = window.position == 0 or window.text[window.position - 1] == "\n"
        return is_first and window.text[window.position : window.position + 1] in ("{", "[")

    def _read_line(self) -> Iterator[Item | Unread | Remark]:
        """Read a line that begins with something other than a value."""
        place, line = self._place(), self._window.take_line()
        part = read_part(line)
        if part is not None:
            first, text = self._parts.pop(part.stream, (place.line, ""))
            text, place = text + part.text, place._replace(line=first)
            if not part.is_whole:
                self._parts[part.stream] = first, text
                return
            line = text
        try:
            yield Item(parse_json(line, halves=True), place, is_suspect="\\" in line)
        except JsonError:
            yield _read_prefixed(line, place, is_text=part is not None)


def _read_prefixed(line: str, place: Place, *, is_text: bool) -> Item | Unread | Remark:
    """Read a line with something before its value; a line without a value is a remark."""
    value = cut_prefix(line)
    if value:
        try:
            return Item(parse_json(value, halves=True), place, is_suspect="\\" in line)
        except JsonError as error:
            return Unread(place, str(error))
    if is_remark(line) or (is_text and not line.lstrip().startswith("{")):
        return Remark(place, line.strip())
    return Unread(place, f"is not JSON: {describe_rest(line)}")


def sniff_log(head: bytes) -> bool:
    """Say whether a file that begins like this is a log: it has events, or one object's history.

    What is in it decides, whatever the file is called.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[")) and b'{"' not in head:
        return _is_yaml_of_events(head)
    envelopes, seen = Envelopes(), dict[object, object]()
    for item in islice(LogStream("", io.BytesIO(head)).read(), _SNIFFED_RECORDS):
        if not isinstance(item, Item):
            continue
        try:
            records = [*envelopes.open(item.value)]
        except TextError:
            return True  # an event that cannot be read is one
        for record in records:
            if is_event(record):
                return True
            meta = record.get("metadata")
            if item.is_listed or not isinstance(meta, dict) or not meta.get("uid"):
                continue
            revision = meta.get("resourceVersion")
            if seen.setdefault(str(meta["uid"]), revision) != revision:
                return True
    return False


_IDENTITY = re.compile(rb"(?m)^  uid: (\S+)\s*$")
_REVISION = re.compile(rb"(?m)^  resourceVersion: (\S+)\s*$")


def _is_yaml_of_events(head: bytes) -> bool:
    """Say the same of YAML, by what stands at the beginning of lines."""
    lines = head.splitlines()
    seen: dict[bytes, bytes] = {}
    for document in re.split(rb"(?m)^---", head):
        identity, revision = (each.search(document) for each in (_IDENTITY, _REVISION))
        if identity and revision and seen.setdefault(identity[1], revision[1]) != revision[1]:
            return True
    if b"object:" in lines and any(line.startswith(b"type: ") for line in lines):
        return True
    return b"audit.k8s.io/" in head and any(
        line.strip(b"- ") in (b"kind: Event", b"kind: EventList") for line in lines
    )

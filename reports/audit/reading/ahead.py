"""Reading the documents of a file; of a large one in a second process, which interns them.

Decoding and taking objects apart is most of the work on a snapshot of a whole cluster, and needs
nothing of what is known of other objects. What is sent is small: what an object has in common with
others is sent once.
"""

import fcntl
import gc
import json
import marshal
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, Any

from planespec.checker.budget import count_processors
from planespec.reports.audit.reading.item import Apart, Item, Unread
from planespec.reports.audit.reading.json_stream import JsonStream
from planespec.reports.audit.reading.side_text import Remark, is_remark
from planespec.reports.audit.reading.stencils import Stencils, Traced
from planespec.reports.input.lines import GZIP_MAGIC
from planespec.spec.cluster.cluster_requirements import Place
from planespec.spec.objects.interning import (
    Common,
    Interner,
    ObjectKey,
    Stored,
    pack_values,
    put_together,
)

SMALLEST = 64 * 1024 * 1024
"""Bytes of a file from which on a second process pays."""
BATCH = 256
"""Objects sent at a time."""
_PIPE = 1024 * 1024
_NO_PART = -1
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from planespec.reports.audit.reading.ahead import send; send(sys.argv[2])"
)

SNIFFED_TEXT = 1 << 16
"""Bytes at the beginning of a file in which its first object is looked for."""

Piece = Item | Apart | Unread | Remark
"""What is read of a file: an object, whole or in parts, or something that is none."""
Row = tuple[int, str, str, bool, bool, bytes, tuple[int, ...]] | bytes
"""An object: line, kind and version of its list, and its parts by number; or anything, pickled."""


def read_documents(
    name: str, head: bytes, stream: IO[bytes], interner: Interner
) -> Iterator[Piece]:
    """Tell JSON from YAML by the first character: YAML that begins with a bracket is JSON too.

    Two brackets begin a template. Lines of text before it say nothing.
    """
    text = head[:SNIFFED_TEXT].decode("utf-8", "replace").removeprefix("\ufeff")
    lines = (line for line in text.splitlines() if line.strip() and not is_remark(line))
    start = next(lines, "").lstrip()
    if start.startswith(("{", "[")) and not start.startswith("{{"):
        if pays_ahead(name):
            return read_ahead(name, interner)
        return JsonStream(name, stream).read()
    # Imported late: most snapshots are JSON.
    from planespec.reports.audit.reading.yaml_stream import YamlStream

    return YamlStream(name, stream).read()


def pays_ahead(name: str) -> bool:
    """Say whether a second process pays: a large plain file, and a processor to run it on."""
    if not os.path.isfile(name) or os.path.getsize(name) < SMALLEST:
        return False
    if not sys.executable or count_processors() < 2:
        return False
    with open(name, "rb") as stream:
        return stream.read(2) != GZIP_MAGIC


def read_ahead(name: str, interner: Interner) -> Iterator[Piece]:
    """Yield what `JsonStream.read` yields of a file, objects put together of parts."""
    command = [sys.executable, "-c", _START, json.dumps(sys.path), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _PIPE)
        try:
            yield from _receive(name, process.stdout, interner)
        finally:
            process.kill()
            process.wait()


def _receive(name: str, stream: IO[bytes], interner: Interner) -> Iterator[Piece]:
    parts: list[Common | None] = []
    fresh = 0  # parts are numbered as they are met
    shared: dict[tuple[int, ...], list[Common | None]] = {}
    while size := int.from_bytes(stream.read(8), "little"):
        new, rows = marshal.loads(stream.read(size))
        parts += [interner.adopt(packed) for packed in new]
        parts.append(None)  # what _NO_PART stands for
        for row in rows:
            if isinstance(row, bytes):
                yield pickle.loads(row)  # of our own process
                continue
            line, kind, version, is_listed, is_odd, values, numbers = row
            own = shared.get(numbers)
            if own is None:
                own = [parts[number] for number in numbers]
                for number, part in zip(numbers, own, strict=True):
                    if number == fresh:
                        fresh += 1
                    elif part is not None:
                        part.is_shared = True
                if all(part is None or part.is_shared for part in own):
                    shared[numbers] = own
            stored = put_together(own, values, is_odd)
            yield Apart(stored, Place(name, line), kind, version, is_listed)
        parts.pop()
    if stream.read(1) != b".":
        place = Place(name, 1)
        yield Unread(place, "could not be read to its end: the process that reads it has ended")


def send(name: str) -> None:
    """Write what is read of a file to standard output; a dot tells that it is all."""
    gc.disable()  # nothing here has cycles
    with open(name, "rb") as stream:
        reader = _StencilStream(name, stream)
        sender = _Sender(sys.stdout.buffer, reader)
        for item in reader.read():
            sender.take(item)
    sender.flush()
    sys.stdout.buffer.write(bytes(8) + b".")


class _StencilStream(JsonStream):
    """A file of which objects that are like others are not decoded: they read as `Traced`."""

    def __init__(self, file: str, stream: IO[bytes]) -> None:
        super().__init__(file, stream)
        self.stencils = Stencils()
        self._start = 0

    def _item(self) -> object:
        window = self._window
        found = self.stencils.trace(window.text, window.position)
        if found is not None:
            window.jump(found.end, found.stencil.lines)
            return found
        self._start = window.dropped + window.position
        return self._value()

    def last_text(self) -> str:
        """Return the text of the item that was read last."""
        window = self._window
        return window.text[self._start - window.dropped : window.position]


class _Sender:
    """Takes objects apart, and sends each part once."""

    def __init__(self, stream: IO[bytes], reader: _StencilStream) -> None:
        self._stream, self._reader = stream, reader
        self._interner = Interner()
        self._numbers: dict[Common | None, int] = {None: _NO_PART}
        self._new: list[bytes] = []
        self._rows: list[Row] = []

    def take(self, item: Piece) -> None:
        """Send an item, sooner or later."""
        self._rows.append(self._take_apart(item) or pickle.dumps(item))
        if len(self._rows) >= BATCH:
            self.flush()

    def _take_apart(self, item: Piece) -> Row | None:
        """Return an object in parts; None for what only its reader can judge."""
        if isinstance(item, Item) and type(item.value) is Traced:
            traced, place = item.value, item.place
            packed, numbers = pack_values(traced.values), traced.stencil.parts
            return place.line, item.kind, item.version, True, False, packed, numbers
        if not isinstance(item, Item) or item.is_suspect or item.repeated:
            return None
        value: Any = item.value
        if not isinstance(value, dict) or not isinstance(value.get("metadata"), dict):
            return None
        kind = str(value.get("kind") or item.kind)
        if kind.endswith("List"):
            return None
        try:
            # Its kind says where such objects differ; its reader finds out who it is.
            stored = Stored(self._interner, ObjectKey("", kind, "", ""), "", value, None)
        except ValueError:
            return None
        parts, values, is_odd = stored.take_apart()
        numbers = tuple(self._number(part) for part in parts)
        place, listed = item.place, item.is_listed
        if listed and value.get("kind"):
            self._reader.stencils.learn(self._reader.last_text(), stored, numbers)
        return place.line, item.kind, item.version, listed, is_odd, values, numbers

    def _number(self, part: Common | None) -> int:
        number = self._numbers.get(part)
        if number is None:
            number = self._numbers[part] = len(self._numbers) - 1
            assert part is not None
            self._new.append(part.packed)
        return number

    def flush(self) -> None:
        """Send what has been taken."""
        message = marshal.dumps((self._new, self._rows))
        self._stream.write(len(message).to_bytes(8, "little") + message)
        self._new, self._rows = [], []

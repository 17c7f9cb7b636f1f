"""Reading the documents of a file; of a large one in a second process, which interns them.

Decoding and taking objects apart is most of the work on a snapshot of a whole cluster, and needs
nothing of what is known of other objects. What is sent is small: what an object has in common with
others is sent once.
"""

import fcntl
import json
import marshal
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, Any

from planespec.checker.budget import count_processors
from planespec.reports.audit.reading.item import Item, Unread
from planespec.reports.audit.reading.json_stream import JsonStream
from planespec.reports.audit.reading.side_text import Remark, is_remark
from planespec.reports.input.lines import GZIP_MAGIC
from planespec.spec.cluster.cluster_requirements import Place
from planespec.spec.objects.interning import Common, Interner, ObjectKey, Stored, Whole

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

Row = tuple[int, str, str, bool, bool, bytes, tuple[int, ...]] | bytes
"""An object: line, kind and version of its list, and its parts by number; or anything, pickled."""


def read_documents(
    name: str, head: bytes, stream: IO[bytes], interner: Interner
) -> Iterator[Item | Unread | Remark]:
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


def read_ahead(name: str, interner: Interner) -> Iterator[Item | Unread | Remark]:
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


def _receive(name: str, stream: IO[bytes], interner: Interner) -> Iterator[Item | Unread | Remark]:
    parts: list[Common | None] = []
    fresh = 0  # parts are numbered as they are met
    while size := int.from_bytes(stream.read(8), "little"):
        new, rows = marshal.loads(stream.read(size))
        parts += [interner.adopt(packed) for packed in new]
        parts.append(None)  # what _NO_PART stands for
        for row in rows:
            if isinstance(row, bytes):
                yield pickle.loads(row)  # of our own process
                continue
            line, kind, version, is_listed, is_odd, values, numbers = row
            own = [parts[number] for number in numbers]
            for number, part in zip(numbers, own, strict=True):
                if number == fresh:
                    fresh += 1
                elif part is not None:
                    part.is_shared = True
            whole = Whole(own, values, is_odd)
            yield Item(whole, Place(name, line), kind, version, is_listed=is_listed)
        parts.pop()
    if stream.read(1) != b".":
        place = Place(name, 1)
        yield Unread(place, "could not be read to its end: the process that reads it has ended")


def send(name: str) -> None:
    """Write what is read of a file to standard output; a dot tells that it is all."""
    sender = _Sender(sys.stdout.buffer)
    with open(name, "rb") as stream:
        for item in JsonStream(name, stream).read():
            sender.take(item)
    sender.flush()
    sys.stdout.buffer.write(bytes(8) + b".")


class _Sender:
    """Takes objects apart, and sends each part once."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._interner = Interner()
        self._numbers: dict[Common | None, int] = {None: _NO_PART}
        self._new: list[bytes] = []
        self._rows: list[Row] = []

    def take(self, item: Item | Unread | Remark) -> None:
        """Send an item, sooner or later."""
        self._rows.append(self._take_apart(item) or pickle.dumps(item))
        if len(self._rows) >= BATCH:
            self.flush()

    def _take_apart(self, item: Item | Unread | Remark) -> Row | None:
        """Return an object in parts; None for what only its reader can judge."""
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

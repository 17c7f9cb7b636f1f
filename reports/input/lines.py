"""Reading lines of files that may be broken, and recordings, with file and line in every error."""

import gzip
import io
import sys
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from planespec.checker.errors import InputError
from planespec.reports.input.json_text import JsonError, parse_json

GZIP_MAGIC = b"\x1f\x8b"
STDIN = "-"
BAD_GZIP = "no gzip, or cut off or damaged"


class BrokenLineError(ValueError):
    """A line that cannot be read; the message says why."""


def standard_input() -> IO[bytes]:
    """The bytes of standard input; nothing where it is closed, as a shell's `<&-` leaves it."""
    return io.BytesIO() if sys.stdin is None else sys.stdin.buffer


@contextmanager
def open_binary(name: str, stdin: IO[bytes]) -> Iterator[IO[bytes]]:
    """Open a file, or standard input for "-", and unpack gzip. Raises InputError."""
    try:
        with _open_raw(name, stdin) as stream:
            yield unpack(stream)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"cannot be unpacked: {BAD_GZIP}", file=name) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=name) from error


@contextmanager
def _open_raw(name: str, stdin: IO[bytes]) -> Iterator[IO[bytes]]:
    if name == STDIN:
        yield stdin
    else:
        with open(name, "rb") as stream:
            yield stream


MOST_PACKED = 3
"""How often a file may be packed by gzip."""


def unpack(stream: IO[bytes]) -> IO[bytes]:
    """The stream, or what gzip packed in it; what was packed and packed again, as Firehose does.

    Looking ahead rather than seeking back lets a pipe be read as well as a file.
    """
    unpacked: Any = stream
    for _ in range(MOST_PACKED):
        if not hasattr(unpacked, "peek") or unpacked.peek(2)[:2] != GZIP_MAGIC:
            break
        unpacked = gzip.GzipFile(fileobj=unpacked, mode="rb")
    if hasattr(unpacked, "peek") and unpacked.peek(2)[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
        return io.BufferedReader(io.BytesIO(_recode(unpacked.read())))
    return cast(IO[bytes], unpacked)


def _recode(data: bytes) -> bytes:
    """UTF-16, in which PowerShell writes what a command prints, as UTF-8; broken as it is."""
    try:
        return data.decode("utf-16").encode()
    except UnicodeError:
        return data


def look_ahead(stream: IO[bytes], size: int) -> tuple[bytes, IO[bytes]]:
    """The first `size` bytes of a stream, or all of them, and a stream that begins with them."""
    if isinstance(stream, io.BufferedReader) and _is_file(stream.raw):
        start = stream.tell()
        head = stream.read(size)
        stream.seek(start)
        return head, stream
    head = stream.read(size)
    return head, cast(IO[bytes], io.BufferedReader(_Kept(head, stream)))


def _is_file(raw: object) -> bool:
    return isinstance(raw, io.FileIO) and raw.seekable()


class _Kept(io.RawIOBase):
    """A stream of which a part was read already, from its beginning."""

    def __init__(self, begun: bytes, rest: IO[bytes]) -> None:
        self._begun, self._rest = begun, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._begun[: len(buffer)] or self._rest.read(len(buffer))
        self._begun = self._begun[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def parse_line(raw: bytes) -> dict[str, object]:
    """Read one JSON object; raises BrokenLineError."""
    try:
        value = parse_json(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BrokenLineError(f"is not UTF-8 text from byte {error.start} on") from error
    except JsonError as error:
        raise BrokenLineError(str(error)) from error
    if not isinstance(value, dict):
        raise BrokenLineError("is not a JSON object")
    return value


@contextmanager
def at(path: Path, line: int) -> Iterator[None]:
    """Turn a ValueError raised inside into an InputError that names the file and the line.

    So is an OverflowError: of a time, or a number of seconds, that no clock has.
    """
    try:
        yield
    except ValueError as error:
        raise InputError(str(error), file=path, line=line) from error
    except OverflowError as error:
        message = f"a number or a time is beyond all bounds ({error})"
        raise InputError(message, file=path, line=line) from error


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file with their numbers from 1, without the newline.

    A file that begins as gzip is unpacked whatever it is called. Raises InputError when the file
    cannot be opened, read, unpacked or decoded.
    """
    number = 0
    try:
        with _open_binary(path) as stream:
            for raw in stream:
                number += 1
                yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text from byte {error.start} of the line on"
        raise InputError(message, file=path, line=number) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        message = f"cannot be unpacked: {BAD_GZIP}"
        raise InputError(message, file=path, line=number + 1) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from error


def read_records(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the objects of a file of JSON lines with their line numbers; blank lines are skipped.

    Raises InputError for a line that is not one JSON object.
    """
    for number, text in read_lines(path):
        if text.strip():
            yield number, _parse_object(path, number, text)


@contextmanager
def _open_binary(path: Path) -> Iterator[Iterable[bytes]]:
    with path.open("rb") as stream:
        if stream.peek(2)[:2] != GZIP_MAGIC and path.suffix == ".gz":
            with gzip.open(stream) as unpacked:
                yield unpacked
        else:
            yield unpack(stream)


def _parse_object(path: Path, number: int, text: str) -> dict[str, object]:
    try:
        value = parse_json(text, halves=True)  # the real component answered those too
    except JsonError as error:
        raise error.at(path, number) from error
    if not isinstance(value, dict):
        raise InputError("is not a JSON object", file=path, line=number)
    return value

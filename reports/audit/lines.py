"""Reading lines of files that may be broken: each line is decoded by itself."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from planespec.checker.errors import InputError
from planespec.reports.json_text import JsonError, parse_json

GZIP_MAGIC = b"\x1f\x8b"
STDIN = "-"
BAD_GZIP = "no gzip, or cut off or damaged"


class BrokenLineError(ValueError):
    """A line that cannot be read; the message says why."""


@contextmanager
def open_binary(name: str, stdin: IO[bytes]) -> Iterator[IO[bytes]]:
    """Open a file, or standard input for "-", and unpack gzip. Raises InputError."""
    try:
        with _open_raw(name, stdin) as stream:
            # Looking ahead rather than seeking back lets a pipe be read as well as a file.
            packed = stream.peek(2)[:2] == GZIP_MAGIC if hasattr(stream, "peek") else False
            if packed:
                with gzip.open(stream) as unpacked:
                    yield cast(IO[bytes], unpacked)
            else:
                yield stream
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

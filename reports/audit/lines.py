"""Reading lines of files that may be broken: each line is decoded by itself."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NoReturn, cast

from planespec.checker.errors import InputError

GZIP_MAGIC = b"\x1f\x8b"
STDIN = "-"


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
        raise InputError(f"cannot be unpacked: {error}", file=name) from error
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
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise BrokenLineError(
            f"is not UTF-8 text: {error.reason} at byte {error.start}"
        ) from error
    except RecursionError as error:
        raise BrokenLineError("is nested too deeply") from error
    except ValueError as error:
        raise BrokenLineError(f"is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BrokenLineError("is not a JSON object")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")

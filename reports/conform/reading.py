"""Reading recordings: text and JSON lines, plain or gzip, with file and line in every error."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.audit.lines import BAD_GZIP
from planespec.reports.json_text import JsonError, parse_json

_GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def at(path: Path, line: int) -> Iterator[None]:
    """Turn a ValueError raised inside into an InputError that names the file and the line."""
    try:
        yield
    except ValueError as error:
        raise InputError(str(error), file=path, line=line) from error


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
                yield number, raw.decode("utf-8").rstrip("\r\n")
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
        # Looking ahead rather than seeking back lets a pipe be read as well as a file.
        if stream.peek(2)[:2] == _GZIP_MAGIC or path.suffix == ".gz":
            with gzip.open(stream) as unpacked:
                yield unpacked
        else:
            yield stream


def _parse_object(path: Path, number: int, text: str) -> dict[str, object]:
    try:
        value = parse_json(text, halves=True)  # the real component answered those too
    except JsonError as error:
        raise error.at(path, number) from error
    if not isinstance(value, dict):
        raise InputError("is not a JSON object", file=path, line=number)
    return value

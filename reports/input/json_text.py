"""JSON text of others: what cannot be read is said in our own words, with its line and column.

NaN and Infinity are refused, which Python reads and JSON does not have; so is half of a surrogate
pair, which stands for no character and cannot be written anywhere, unless somebody asks for it.
"""

import io
import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Any, NoReturn

from planespec.checker.errors import InputError

DEEPEST = 200
"""Levels of nesting that are read; no format has as many."""
SHOWN = 20
"""Characters of a text that are shown where it cannot be read."""
HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""An escape that stands for no character unless it is one of a pair."""
LONG_NUMBER = "a number has too many digits"


class JsonError(ValueError):
    """A text that is not JSON; `line` and `column` count from 1 and are None where unknown."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        """Keep the place beside the message."""
        super().__init__(message)
        self.message, self.line, self.column = message, line, column

    def at(self, file: Path, line: int | None = None) -> InputError:
        """The error that is reported; `line` is given where the text is one line of a file."""
        place = self.line if line is None else line
        return InputError(self.message, file=file, line=place, column=self.column)


class _ConstantError(ValueError):
    """NaN or Infinity."""


def parse_json(text: str, *, halves: bool = False) -> Any:
    """The value of a text, with `halves` also of surrogate pairs; raises JsonError."""
    value, end = decode_json(text, skip_space(text, 0), halves=halves)
    end = skip_space(text, end)
    if end < len(text):
        raise JsonError(f"is not JSON: {describe_rest(text[end:])}", *_place(text, end))
    return value


def skip_space(text: str, position: int) -> int:
    """Where something other than white space stands, from a position on."""
    found = _SPACES.match(text, position)
    return found.end() if found else position


def read_json(file: Path) -> Any:
    """The value in a file; raises InputError."""
    try:
        return parse_json(read_text(file))
    except JsonError as error:
        raise error.at(file) from None


def repeated_name(text: str) -> str | None:
    """A name that an object of a JSON text has twice; of its values Python keeps the last."""
    found: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                found.append(name)
            seen.add(name)

    json.loads(text, object_pairs_hook=look)
    return found[0] if found else None


def read_text(file: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 as PowerShell writes it; raises InputError."""
    try:
        data = file.read_bytes()
        encoding = "utf-16" if data[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8-sig"
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text from byte {error.start} on", file=file) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=file) from None


def decode_json(text: str, start: int = 0, *, halves: bool = False) -> tuple[Any, int]:
    """The value that begins at `start`, and where it ends; raises JsonError."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise JsonError(f"is not JSON: {explain(error)}", error.lineno, error.colno) from None
    except RecursionError:
        raise JsonError("is nested too deeply") from None
    except _ConstantError as error:
        raise JsonError(f"is not JSON: {error}") from None
    except ValueError:
        raise JsonError(f"is not JSON: {LONG_NUMBER}") from None
    if text.count("{", start, end) + text.count("[", start, end) > DEEPEST and _is_deep(value):
        raise JsonError("is nested too deeply")
    if not halves and HALF.search(text, start, end) and not _is_text(value):
        raise JsonError("holds half of a surrogate pair, which is no character")
    return value, end


def explain(error: json.JSONDecodeError) -> str:
    """Where a text stops being JSON; what the decoder calls it differs from version to version."""
    return describe_rest(error.doc[error.pos :])


_SPACES = re.compile(r"[ \t\r\n]*")


def describe_rest(rest: str) -> str:
    """What is wrong with a text, by what stands where it cannot be read any more."""
    if skip_space(rest, 0) == len(rest):
        return "it ends too early"
    return f"it cannot be read from {rest[:SHOWN]!r} on"


def _place(text: str, position: int) -> tuple[int, int]:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _refuse_constant(name: str) -> NoReturn:
    raise _ConstantError(f"{name} is not a JSON number")


def _is_deep(value: object) -> bool:
    """Whether a value has more levels than are read; without recursion, which has a limit too."""
    level: list[Any] = [value]
    depth = 0
    while level and depth < DEEPEST:
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [part for parts in inner for part in parts if isinstance(part, dict | list)]
        depth += 1
    return bool(level)


def _is_text(value: object) -> bool:
    """Whether all texts in a value can be encoded."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)

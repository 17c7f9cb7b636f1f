"""Where things stand in model files."""

import linecache
import os
import re
import sys
from types import TracebackType

from planespec.checker.ir.nodes import Position


def file_of(cls: type) -> str:
    """File a class was defined in; empty where there is none."""
    return str(getattr(sys.modules.get(cls.__module__), "__file__", "") or "")


def declared_at(cls: type, name: str) -> tuple[str | None, int | None, str | None]:
    """File, line and text of a declaration in a class body, as far as they can be found."""
    file = file_of(cls)
    lines = linecache.getlines(file)
    start = next((n for n, t in enumerate(lines) if _opens(t, cls.__name__)), None)
    if start is None:
        return file or None, None, None
    for number, text in enumerate(lines[start:], start + 1):
        if re.match(rf"\s+{re.escape(name)}\s*[:=]", text):
            return file, number, text.strip()
    return file, start + 1, lines[start].strip()


def _opens(text: str, name: str) -> bool:
    return re.match(rf"\s*class {re.escape(name)}\b", text) is not None


_CHECKER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARY = os.path.dirname(os.__file__)


def error_position(traceback: TracebackType | None) -> Position | None:
    """The deepest place of a traceback in model code: not the checker's, not the library's."""
    found = None
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if not name.startswith(("<", _CHECKER, _LIBRARY)):
            found = _position(traceback)
        traceback = traceback.tb_next
    return found


def _position(traceback: TracebackType) -> Position:
    code = traceback.tb_frame.f_code
    places = list(code.co_positions())
    line, end_line, column, end_column = places[traceback.tb_lasti // 2]
    line = line or traceback.tb_lineno
    start, end = (column or 0) + 1, (end_column or 0) + 1
    return Position(code.co_filename, line, start, end_line or line, end)

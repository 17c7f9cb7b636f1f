"""Source places as they stand in committed files: the same on every machine, from every folder."""

from importlib import import_module
from pathlib import Path
from typing import Any

from planespec.checker.ir.nodes import Position
from planespec.reports.wording import relative_path

_PACKAGES = ("spec", "model", "checker", "reports")


def portable_path(file: str | Path) -> str:
    """`model/raft/election.py` for a file of this project, else relative to the current folder.

    A file outside both begins with `../`: an absolute name belongs to one machine.
    """
    path = Path(file).resolve()
    for name in _PACKAGES:
        for root in import_module(f"planespec.{name}").__path__:
            if path.is_relative_to(Path(root).resolve()):
                return f"{name}/{path.relative_to(Path(root).resolve()).as_posix()}"
    return relative_path(path)


def place_document(at: Position | None) -> dict[str, Any] | None:
    """File, line and column, or None where nothing is known."""
    if at is None or not at.file:
        return None
    return {"file": portable_path(at.file), "line": at.line, "column": at.column}


def place_of_function(function: Any) -> dict[str, Any] | None:
    """Where a function is written, or None for one without source."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    return {"file": portable_path(code.co_filename), "line": code.co_firstlineno, "column": 1}

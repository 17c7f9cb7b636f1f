"""A set of generated files: written to a folder, or compared with what lies there."""

import difflib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from planespec.checker.errors import SystemRefusal

Files = Mapping[str, str]
"""Relative POSIX path to text."""

LONGEST_DIFF = 200
"""Lines of a diff that are shown; the rest is counted."""


MANIFEST = "files.txt"
"""Names what a report wrote, so that the next one removes nothing else."""


def dumps(document: object, indent: int | None = 2) -> str:
    """The text of a document made of records, objects and lists; keys stay in their order."""
    return json.dumps(plain(document), indent=indent, ensure_ascii=False)


def plain(document: object) -> Any:
    """The objects and lists that a document stands for."""
    from msgspec import to_builtins  # imported late: most commands print no document

    return to_builtins(document)


def write_output(path: Path, text: str) -> None:
    """Write a file the user asked for; raises SystemRefusal, which names it, where that fails.

    Whole or not at all: what was there before stays until the new text is complete.
    """
    try:
        write_whole(path, text)
    except OSError as error:
        raise SystemRefusal(f"{path}: cannot be written: {error.strerror or error}") from None


def write_whole(path: Path, text: str) -> None:
    """Write beside the file, then put it in its place; raises OSError.

    Pipes, devices, and files in a folder that cannot be written are written as they are.
    """
    path = path.resolve()
    if path.exists() and not (path.is_file() and os.access(path.parent, os.W_OK)):
        path.write_text(text, encoding="utf-8")
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text, encoding="utf-8")
        if path.exists():
            shutil.copymode(path, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def refuse_unwritable(folder: Path) -> None:
    """Make the folder now: what takes an hour must not find out at its end that it cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SystemRefusal(f"{folder}: cannot be written: {error.strerror or error}") from None


def write_files(folder: Path, files: Files) -> None:
    """Write every file, and remove those of the last report that this one does not have."""
    for name in stale_files(folder, files):
        (folder / name).unlink()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_output(path, text)


def with_manifest(files: Files) -> dict[str, str]:
    """The files and one more that names them."""
    return {**files, MANIFEST: "".join(f"{name}\n" for name in sorted(files))}


def stale_files(folder: Path, files: Files) -> list[str]:
    """What the last report wrote into the folder and this one does not write."""
    manifest = folder / MANIFEST
    names = _damaged_or_not(manifest).splitlines()
    gone = (name for name in names if name not in files)
    return [name for name in gone if _is_inside(folder, name) and (folder / name).is_file()]


def _is_inside(folder: Path, name: str) -> bool:
    """Whether a name leads to a place in the folder, links followed: no manifest is trusted."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        return False
    return (folder / path.parent).resolve().is_relative_to(folder.resolve())


def _damaged_or_not(path: Path) -> str:
    """The text of a file that somebody may have damaged; nothing where there is none."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def differences(folder: Path, files: Files) -> Iterator[str]:
    """A unified diff from the folder to the files, without line ends; nothing when equal."""
    for name in stale_files(folder, files):
        yield f"{name}: no longer generated"
    for name, text in sorted(files.items()):
        path = folder / name
        yield from text_difference(name, _damaged_or_not(path), text)


def text_difference(name: str, old: str, new: str) -> Iterator[str]:
    """The unified diff of one text, cut where it becomes too long to read."""
    if old == new:
        return
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), f"{name} (committed)", f"{name} (now)", lineterm=""
    )
    # A line of a page may hold a whole drawing.
    shown = [line if len(line) <= 200 else line[:197] + "..." for line in lines]
    yield from shown[:LONGEST_DIFF]
    if len(shown) > LONGEST_DIFF:
        yield f"... {len(shown) - LONGEST_DIFF} more lines of {name}"

"""Wording that every report shares, places in committed files, and what is said of the model."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from planespec.checker.instance import Instance
from planespec.checker.ir.nodes import Position
from planespec.checker.lang.data.tables import TableValue, brief
from planespec.checker.lang.presence import existence
from planespec.checker.lang.properties import Claim


def counted(number: int) -> str:
    """A number with thousands separated, as people read it."""
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    """`1 state`, `2 states`."""
    return f"{counted(number)} {noun}{'' if number == 1 else 's'}"


def readable_path(file: str | Path) -> str:
    """A file name as its author writes it: links resolved, relative where that is shorter.

    In a checkout the packages are reached through the links of `.pypath`, which no reader edits.
    """
    path = Path(file)
    if not path.exists():
        return str(file)
    resolved = path.resolve()
    try:
        return resolved.relative_to(Path(os.getcwd()).resolve()).as_posix()
    except ValueError:
        return str(resolved)


def relative_path(file: str | Path) -> str:
    """A file name relative to the current folder, whatever lies between, with slashes."""
    return Path(os.path.relpath(file)).as_posix()


def readable_position(position: Position) -> str:
    """`model/raft/election.py:41:9`."""
    return f"{readable_path(position.file)}:{position.line}:{position.column}"


def readable_constants(constants: Mapping[str, Any]) -> str:
    """`servers=3, loss=true`, as `-c` takes them; empty for a model without constants."""
    texts = constants_as_texts(constants_as_json(constants)).items()
    return ", ".join(f"{n}={v if isinstance(v, str) else brief(v)}" for n, v in texts)


def constant_as_json(value: Any) -> Any:
    """A constant as it is written after `-c NAME=`: a sort by its size, an enum by its member, a
    table by its values.
    """
    if isinstance(value, TableValue):
        return value.plain
    if isinstance(value, bool | dict | list) or type(value) is int:
        return value
    return len(value) if isinstance(value, tuple) else str(getattr(value, "name", value))


def constants_as_json(constants: Mapping[str, Any]) -> dict[str, Any]:
    """Constants as documents have them."""
    return {name: constant_as_json(value) for name, value in constants.items()}


def constants_as_texts(constants: Mapping[str, Any]) -> dict[str, Any]:
    """Constants as a command line gives them, for models, which read their own types.

    The values of a table stay what they are.
    """
    return {n: _constant_text(v) for n, v in constants.items()}


def _constant_text(value: Any) -> Any:
    if isinstance(value, dict | list):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


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


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file as documents name it: a portable path; line and column count from 1."""

    file: str
    line: int
    column: int


def portable_place(at: Position | None) -> Place | None:
    """File, line and column, or None where nothing is known."""
    if at is None or not at.file:
        return None
    return Place(portable_path(at.file), at.line, at.column)


def place_of_function(function: Any) -> Place | None:
    """Where a function is written, or None for one without source."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    return Place(portable_path(code.co_filename), code.co_firstlineno, 1)


# What a report says about the model that was checked.


@dataclass(frozen=True, slots=True)
class Subject:
    """An instance of a model under the name the user gave it.

    `target` is what `check` and `replay` accept as MODEL: a catalogue name or `file.py:Class`.
    """

    target: str
    instance: Instance
    check_deadlock: bool = True

    def claim(self, id_: str) -> Claim | None:
        """The property with an id, if the model has it."""
        return next((c for c in self.instance.requirements if c.id == id_), None)

    @property
    def not_applicable(self) -> dict[str, str]:
        """What the instance leaves out, with the reason: properties under a false condition."""
        return {id_: existence(c.when) for id_, c in self.instance.not_applicable.items()}

    def statement(self, id_: str) -> str:
        """The sentence a property stands for, or nothing when it has none."""
        claim = self.claim(id_)
        return claim.statement if claim else ""

"""Where functions come from: the file, the syntax tree and exact places in it.

Whole files are parsed, never the text of one function, so that the places of decorated, indented
and inherited methods are those of the file. Columns count characters from 1, as editors do.
"""

import ast
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from planespec.checker.errors import InputError
from planespec.checker.front.errors import LanguageError, refusal
from planespec.checker.ir.nodes import Position


@dataclass(frozen=True)
class SourceFile:
    """A parsed Python file; `shown` is the name that messages use."""

    shown: str
    lines: tuple[str, ...]
    tree: ast.Module

    @cached_property
    def functions(self) -> dict[tuple[str, int], ast.FunctionDef]:
        """Definitions by name and first line, which is that of the first decorator."""
        found = (n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef))
        return {(n.name, min([n.lineno, *(d.lineno for d in n.decorator_list)])): n for n in found}

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """The first class statement of each name."""
        found = [n for n in ast.walk(self.tree) if isinstance(n, ast.ClassDef)]
        return {n.name: n for n in reversed(found)}

    def position(self, node: ast.AST) -> Position:
        """The place of a node; nodes without one (a module) stand for the first line."""
        line = getattr(node, "lineno", 1)
        end_line = getattr(node, "end_lineno", None) or line
        column = self._column(line, getattr(node, "col_offset", 0))
        end_column = self._column(end_line, getattr(node, "end_col_offset", None) or 0)
        return Position(self.shown, line, column, end_line, end_column)

    def _column(self, line: int, offset: int) -> int:
        """Turn a byte offset, which `ast` gives, into a column."""
        if not 0 < line <= len(self.lines):
            return offset + 1
        return len(self.lines[line - 1].encode()[:offset].decode(errors="replace")) + 1

    def text(self, line: int) -> str:
        """The line without its indentation; empty outside the file."""
        return self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""

    def refusal(self, node: ast.AST, message: str, allowed: str) -> LanguageError:
        """The error for a node; the caller raises it."""
        at = self.position(node)
        return refusal(at, self.text(at.line), message, allowed)


@dataclass(frozen=True)
class FunctionSource:
    """A function as written: its syntax tree, its file and the Python function itself."""

    file: SourceFile
    node: ast.FunctionDef
    function: Callable[..., Any]


def shown_name(path: str) -> str:
    """The name of a file in messages: real, and relative when it is under the working folder."""
    real = os.path.realpath(path)
    relative = os.path.relpath(real)
    return real if relative.startswith(os.pardir) else relative


def source_file(path: str) -> SourceFile:
    """Read and parse a file; raises InputError when it cannot be read or parsed."""
    try:
        stamp = os.stat(path).st_mtime_ns
    except OSError as error:
        raise InputError(f"cannot read the source: {error.strerror}", file=path) from error
    return _parsed(path, stamp)


@lru_cache(maxsize=256)
def _parsed(path: str, stamp: int) -> SourceFile:
    try:
        text = Path(path).read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the source: {error}", file=shown_name(path)) from error
    except SyntaxError as error:
        raise InputError(
            error.msg, file=shown_name(path), line=error.lineno, column=error.offset
        ) from error
    return SourceFile(shown_name(path), tuple(text.split("\n")), tree)


def source_of(function: Callable[..., Any]) -> FunctionSource:
    """Find the definition of a Python function; raises InputError when there is none to read."""
    plain = inspect.unwrap(function)
    code = plain.__code__
    file = source_file(code.co_filename)
    node = file.functions.get((code.co_name, code.co_firstlineno))
    if node is not None:
        return FunctionSource(file, node, plain)
    raise InputError(
        f"cannot find the definition of {code.co_name}", file=file.shown, line=code.co_firstlineno
    )


def class_position(cls: type) -> Position:
    """The place of a class statement; the first line of its file when it cannot be told."""
    path = inspect.getsourcefile(cls)
    if path is None:
        return Position("", 1, 1, 1, 1)
    file = source_file(path)
    return file.position(file.classes.get(cls.__name__, file.tree))


def attribute_position(cls: type, name: str) -> Position:
    """The place where a class declares an attribute, else the place of the class."""
    path = inspect.getsourcefile(cls)
    if path is None:
        return Position("", 1, 1, 1, 1)
    file = source_file(path)
    node = file.classes.get(cls.__name__)
    for statement in node.body if node is not None else ():
        if _declares(statement, name):
            return file.position(statement)
    return class_position(cls)


def _declares(statement: ast.stmt, name: str) -> bool:
    if isinstance(statement, ast.AnnAssign):
        return isinstance(statement.target, ast.Name) and statement.target.id == name
    if isinstance(statement, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id == name for t in statement.targets)
    return False

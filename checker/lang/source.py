"""Where declarations and functions come from: the file, its syntax tree, exact places in it.

Whole files are parsed, never the text of one function, so that the places of decorated, indented
and inherited methods are those of the file. Columns count characters from 1, as editors do.
"""

import ast
import inspect
import os
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from planespec.checker.errors import InputError, LanguageError
from planespec.checker.ir.nodes import Position

MADE = "__planespec_made__"
"""Where a function that composition makes keeps its definition, which no file has."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef
"""What `def` makes."""


@dataclass(frozen=True)
class SourceFile:
    """A parsed Python file; `shown` is the name that messages use."""

    shown: str
    lines: tuple[str, ...]
    tree: ast.Module

    @cached_property
    def functions(self) -> dict[tuple[str, int], Definition]:
        """Definitions by name and first line, which is that of the first decorator."""
        found = (n for n in ast.walk(self.tree) if isinstance(n, Definition))
        return {(n.name, min([n.lineno, *(d.lineno for d in n.decorator_list)])): n for n in found}

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """The first class statement of each qualified name, as in `Cluster` or `f.<locals>.A`."""
        found: dict[str, ast.ClassDef] = {}
        _collect_classes(self.tree, "", found)
        return found

    @cached_property
    def bodies(self) -> dict[str, dict[str, list[ast.stmt]]]:
        """For each class the statements that give a name of its body a meaning, in order."""
        return {name: _declared(node) for name, node in self.classes.items()}

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
        return LanguageError(
            message,
            file=at.file,
            line=at.line,
            column=at.column,
            text=self.text(at.line),
            allowed=allowed,
        )


def _collect_classes(node: ast.AST, prefix: str, found: dict[str, ast.ClassDef]) -> None:
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.ClassDef):
            found.setdefault(prefix + inner.name, inner)
            _collect_classes(inner, f"{prefix}{inner.name}.", found)
        elif isinstance(inner, Definition):
            _collect_classes(inner, f"{prefix}{inner.name}.<locals>.", found)
        elif isinstance(inner, ast.stmt):
            _collect_classes(inner, prefix, found)


def _declared(cls: ast.ClassDef) -> dict[str, list[ast.stmt]]:
    found: dict[str, list[ast.stmt]] = {}
    for statement in cls.body:
        for name in _names(statement):
            found.setdefault(name, []).append(statement)
    return found


def _names(statement: ast.stmt) -> list[str]:
    if isinstance(statement, Definition | ast.ClassDef):
        return [statement.name]
    targets: list[ast.expr] = []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    elif isinstance(statement, ast.Assign):
        targets = statement.targets
    return [target.id for target in targets if isinstance(target, ast.Name)]


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
    outside = relative == os.pardir or relative.startswith(os.pardir + os.sep)
    return real if outside else relative


def source_file(path: str) -> SourceFile:
    """Read and parse a file; raises InputError when it cannot be read or parsed."""
    try:
        stamp = os.stat(path).st_mtime_ns
    except OSError as error:
        raise InputError(f"cannot read the source: {error.strerror}", file=path) from error
    return _parsed(path, stamp, shown_name(path))


@lru_cache(maxsize=256)
def _parsed(path: str, stamp: int, shown: str) -> SourceFile:
    try:
        with tokenize.open(path) as opened:  # in the encoding that the file itself declares
            text = opened.read()
        tree = ast.parse(text)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the source: {error}", file=shown) from error
    except SyntaxError as error:
        raise InputError(error.msg, file=shown, line=error.lineno, column=error.offset) from error
    return SourceFile(shown, tuple(text.split("\n")), tree)


def source_of(function: Callable[..., Any]) -> FunctionSource:
    """Find the definition of a Python function; raises LanguageError when there is none to read.

    A lambda has none, nor has a function that is made by `exec`; one made by `async def` is none
    of the language.
    """
    plain = inspect.unwrap(function)
    code = plain.__code__
    file = source_file(code.co_filename)
    made = getattr(plain, MADE, None)
    node = made or file.functions.get((code.co_name, code.co_firstlineno))
    if isinstance(node, ast.FunctionDef):
        return FunctionSource(file, node, plain)
    if node is not None:
        raise file.refusal(node, "async is not part of the language", "def")
    raise LanguageError(
        f"there is no definition of {code.co_name} to read",
        file=file.shown,
        line=code.co_firstlineno,
        column=1,
        text=file.text(code.co_firstlineno),
        allowed="a function written with def in a file",
    )

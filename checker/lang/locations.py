"""Where things stand in model files, and the errors that say so."""

import ast
import os
import sys
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any

from planespec.checker.errors import InputError, LanguageError
from planespec.checker.ir.nodes import Position
from planespec.checker.lang.source import Definition, SourceFile, source_file

NOWHERE = Position("", 1, 1, 1, 1)


def file_of(cls: type) -> str:
    """File a class was defined in; empty where there is none."""
    return str(getattr(sys.modules.get(cls.__module__), "__file__", "") or "")


def class_source(cls: type) -> SourceFile | None:
    """The parsed file of a class; None where there is none to read (an interactive session)."""
    path = file_of(cls)
    try:
        return source_file(path) if path else None
    except InputError:
        return None


def class_position(cls: type) -> Position:
    """The place of a class statement; the first line of its file when it cannot be told."""
    file = class_source(cls)
    return (
        NOWHERE if file is None else file.position(file.classes.get(cls.__qualname__, file.tree))
    )


def attribute_position(cls: type, name: str) -> Position:
    """The place where a class declares an attribute, else the place of the class."""
    file = class_source(cls)
    statements = file.bodies.get(cls.__qualname__, {}).get(name) if file is not None else None
    return file.position(statements[0]) if file and statements else class_position(cls)


def declared_at(cls: type, name: str) -> Position:
    """The place where a class or the one it has an attribute from declares it."""
    for owner in cls.__mro__:
        file = class_source(owner) if owner.__module__ != "builtins" else None
        if file is not None and name in file.bodies.get(owner.__qualname__, {}):
            return attribute_position(owner, name)
    return class_position(cls)


def refusal_in(cls: type, name: str, message: str, allowed: str) -> LanguageError:
    """The error for what the body of a class declares under a name, else for the class.

    Only a class that is not written in a file has no place.
    """
    file = class_source(cls)
    if file is None or cls.__qualname__ not in file.classes:
        shown = file.shown if file is not None else None
        return LanguageError(message, file=shown, allowed=allowed)
    statements = file.bodies[cls.__qualname__].get(name, [file.classes[cls.__qualname__]])
    return file.refusal(statements[-1], message, allowed)


def refusal_of(
    function: Callable[..., Any], message: str, allowed: str, parameter: str = ""
) -> LanguageError:
    """The error for a function, or for one of its parameters."""
    code = function.__code__
    try:
        file = source_file(code.co_filename)
    except InputError:
        return LanguageError(message, file=code.co_filename, allowed=allowed)
    node = file.functions.get((code.co_name, code.co_firstlineno))
    if node is None:
        return LanguageError(message, file=file.shown, line=code.co_firstlineno, allowed=allowed)
    return file.refusal(_parameter(node, parameter), message, allowed)


def _parameter(function: Definition, name: str) -> ast.AST:
    given = function.args
    extra = [a for a in (given.vararg, given.kwarg) if a is not None]
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *extra]
    return next((a for a in every if a.arg == name), function)


def here() -> Position:
    """The place in the model file that is being run now."""
    frame = sys._getframe(1)
    while frame.f_back is not None and not is_model_code(frame.f_code.co_filename):
        frame = frame.f_back
    return _position(frame.f_code, frame.f_lasti, frame.f_lineno)


def refusal_here(message: str, allowed: str) -> LanguageError:
    """The error for the line of the model file that is being run now."""
    return refusal_at(here(), message, allowed)


def refusal_at(at: Position, message: str, allowed: str) -> LanguageError:
    """The error for a place that was noted while the model file was run."""
    try:
        file = source_file(at.file)
    except InputError:
        return LanguageError(message, file=at.file, line=at.line, allowed=allowed)
    return LanguageError(
        message,
        file=file.shown,
        line=at.line,
        column=at.column,
        text=file.text(at.line),
        allowed=allowed,
    )


def refuse_twice(cls: type) -> None:
    """Refuse a class body that gives one name two meanings: Python would keep the last alone."""
    file = class_source(cls)
    found = file.bodies.get(cls.__qualname__, {}) if file is not None else {}
    for name, statements in found.items():
        if file is None or len(statements) < 2 or _is_one_thing(statements):
            continue
        first = file.position(statements[0]).line
        raise file.refusal(
            statements[-1],
            f"{name} is declared twice; what line {first} declares would be lost",
            "another name for one of them",
        )


def _is_one_thing(statements: list[ast.stmt]) -> bool:
    """Whether the later statements add to the first: the setter of a property, an overload."""
    later = [s for s in statements if isinstance(s, ast.FunctionDef)]
    return len(later) == len(statements) and any(
        isinstance(d, ast.Attribute) or (isinstance(d, ast.Name) and d.id == "overload")
        for s in later
        for d in s.decorator_list
    )


_CHECKER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARY = os.path.dirname(os.__file__)


def is_model_code(file: str) -> bool:
    """Whether a file is neither the checker's nor of the standard library."""
    if file.startswith(("<", _CHECKER)):
        return False
    installed = os.sep + "site-packages" + os.sep in file
    return installed or not file.startswith(_LIBRARY)


def error_position(traceback: TracebackType | None) -> Position | None:
    """The deepest place of a traceback in model code."""
    found = None
    while traceback is not None:
        if is_model_code(traceback.tb_frame.f_code.co_filename):
            code = traceback.tb_frame.f_code
            found = _position(code, traceback.tb_lasti, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _position(code: CodeType, instruction: int, number: int) -> Position:
    """The place of an instruction, on line `number` where the code does not say more."""
    places = list(code.co_positions())
    line, end_line, column, end_column = places[instruction // 2]
    line = line or number
    start, end = (column or 0) + 1, (end_column or 0) + 1
    return Position(code.co_filename, line, start, end_line or line, end)

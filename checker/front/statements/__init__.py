"""Statements: one handler for each kind; what has no handler is refused."""

import ast
from collections.abc import Callable
from typing import Any

from planespec.checker.errors import LanguageError
from planespec.checker.front.core.rewriting import hoisted
from planespec.checker.front.core.scope import Frame
from planespec.checker.ir.nodes import Stmt

Handler = Callable[[Frame, Any], bool]
HANDLERS: dict[type[ast.stmt], Handler] = {}
"""Each handler emits to `frame.block` and tells whether the block always leaves there."""

ALLOWED_STATEMENTS = (
    "assignments, if, for, match, require, assert, choose, return, break, continue, pass and calls"
)


def performs(*kinds: type[ast.stmt]) -> Callable[[Handler], Handler]:
    """Register a handler for kinds of statements."""

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            HANDLERS[kind] = handler
        return handler

    return register


def block(frame: Frame, statements: list[ast.stmt]) -> tuple[tuple[Stmt, ...], bool]:
    """Compile statements in order; tells whether control never reaches their end."""
    outer, frame.block = frame.block, []
    exits, before = False, None
    for node in statements:
        if exits and isinstance(before, ast.Match):
            break  # its cases take all there is: what follows is for readers
        if exits:
            raise frame.refusal(
                node, "this line is never reached", "no lines after a return or break"
            )
        exits, before = statement(frame, node), node
    made, frame.block = tuple(frame.block), outer
    return made, exits


def statement(frame: Frame, node: ast.stmt) -> bool:
    """Compile one statement into the current block."""
    handler = HANDLERS.get(type(node))
    if handler is None:
        message, allowed = REFUSED_STATEMENTS.get(
            type(node), ("this statement is not part of the language", ALLOWED_STATEMENTS)
        )
        raise frame.refusal(node, message, allowed)
    before, node = hoisted(node)
    for part in before:
        statement(frame, part)
    frame.clock += 1
    try:
        return handler(frame, node)
    except LanguageError as error:
        raise frame.placed(node, error) from None


REFUSED_STATEMENTS: dict[type[ast.stmt], tuple[str, str]] = {
    ast.While: ("a while loop may never end", "for over a finite domain, with break"),
    ast.Try: ("try is not part of the language", "if; errors of a model are reported"),
    ast.With: ("with is not part of the language", ALLOWED_STATEMENTS),
    ast.FunctionDef: (
        "a function inside a function is not part of the language",
        "a helper method or a function of the module",
    ),
    ast.ClassDef: (
        "a class inside a function is not part of the language",
        "a class of the module",
    ),
    ast.Import: (
        "an import inside a function is not part of the language",
        "an import at the top of the file",
    ),
    ast.ImportFrom: (
        "an import inside a function is not part of the language",
        "an import at the top of the file",
    ),
    ast.Global: ("global state is not part of the language", "a state variable of the model"),
    ast.Nonlocal: ("nonlocal state is not part of the language", "a state variable of the model"),
    ast.Raise: ("raise is not part of the language", "assert, or require for a guard"),
    ast.AsyncFor: ("async is not part of the language", "for over a finite domain"),
    ast.AsyncWith: ("async is not part of the language", ALLOWED_STATEMENTS),
    ast.AsyncFunctionDef: ("async is not part of the language", "a helper method"),
}

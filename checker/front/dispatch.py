"""The way from a syntax tree to an IR expression: one handler for each kind of node.

Handlers register themselves with `handles`; what has no handler is refused. `value` gives an
expression with its natural type, `coerce` the same in a wanted type.
"""

import ast
from collections.abc import Callable
from enum import Enum as PythonEnum
from typing import Any

from planespec.checker.errors import LanguageError
from planespec.checker.front.core.advice import described, wanted_value
from planespec.checker.front.core.building import (
    constant,
    convert,
    domain,
    none,
    number,
    optional,
    truth,
    unknown,
)
from planespec.checker.front.core.integers import as_number, is_numeric
from planespec.checker.front.core.scope import Bound, Frame, Known, Static, Values, View
from planespec.checker.front.core.type_relations import Never, convertible, fits
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.ranges import fits_word
from planespec.checker.ir.types import Bool, Int, Option, Sort, Span, Type, Union

Handler = Callable[[Frame, Any], Expr | Static]
HANDLERS: dict[type[ast.AST], Handler] = {}

ALLOWED_VALUES = (
    "bool, bounded int, enum members, sorts, None, records, sets, lists, Bag and Array"
)


def handles(*kinds: type[ast.AST]) -> Callable[[Handler], Handler]:
    """Register a handler for kinds of nodes."""

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            HANDLERS[kind] = handler
        return handler

    return register


def evaluate(frame: Frame, node: ast.expr) -> Expr | Static:
    """What an expression stands for: a value of the running model or something static."""
    handler = HANDLERS.get(type(node))
    if handler is None:
        message, allowed = REFUSED.get(
            type(node), ("this expression is not part of the language", ALLOWED_VALUES)
        )
        raise frame.refusal(node, message, allowed)
    try:
        found = handler(frame, node)
    except LanguageError as error:
        raise frame.placed(node, error) from None
    if isinstance(found, Expr) and isinstance(found.type, Int) and not fits_word(found.type):
        raise frame.refusal(
            node,
            f"this number may be anything in {found.type}, which 64 bits do not hold",
            "numbers within 64 bits; a range for a local that grows in a loop: x: Term = 0",
        )
    return found


def value(frame: Frame, node: ast.expr) -> Expr:
    """The value of an expression; refuses what is known at compile time only and is no value."""
    found = evaluate(frame, node)
    return found if isinstance(found, Expr) else as_value(frame, node, found)


def as_value(frame: Frame, node: ast.expr, found: Static) -> Expr:
    """A static thing as a value, where it is one: a constant or all values of a type."""
    at = frame.at(node)
    match found:
        case Values(type_):
            return domain(type_, at)
        case Known(constant_):
            from planespec.checker.front.core.constants import constant_value

            literal = constant_value(frame, node, constant_)
            if literal is not None:
                return literal
    raise frame.refusal(node, f"{describe(found)} is not a value", ALLOWED_VALUES)


def describe(found: Static) -> str:
    """A static thing in words."""
    match found:
        case View():
            return "the model itself"
        case Bound(function):
            return f"the helper {function.__name__}"
        case Known(object_):
            name = getattr(object_, "__name__", None)
            kind = type(object_).__name__
            return f"a value of {kind}" if name is None else f"the {kind} {name}"
    return "this"


def literal_scalar(frame: Frame, object_: Any, node: ast.AST) -> Expr | None:
    """A Python scalar as a constant; None where it is no scalar of the language."""
    at = frame.at(node)
    if object_ is None:
        return none(at)
    if isinstance(object_, bool):
        return truth(object_, at)
    if isinstance(object_, PythonEnum):
        type_ = frame.program.facts.resolve(type(object_))
        return constant(list(type(object_)).index(object_), type_, at)
    if type(object_) is int:
        return number(object_, at)
    return None


def coerce(frame: Frame, node: ast.AST, found: Expr, wanted: Type, why: str = "here") -> Expr:
    """The value in the wanted type; refuses types that do not go together.

    None where a value is needed is a model error (UNWRAP); a number outside the range as well.
    """
    have = found.type
    if isinstance(have, Option) and not isinstance(wanted, Option):
        return coerce(frame, node, unwrap(found), wanted, why)
    if isinstance(have, Union) and not isinstance(wanted, Union | Option):
        raise frame.refusal(
            node,
            f"{have} does not fit {wanted} {why}",
            "a value narrowed to one record with isinstance or match",
        )
    if isinstance(have, Span) and not isinstance(wanted, Span):
        raise frame.refusal(
            node, f"a range or domain is no value {why}", "set(...) or list(...) of it"
        )
    if not (fits(have, wanted) or convertible(have, wanted)):
        text = f"{described(have)} does not fit {wanted} {why}"
        raise frame.refusal(node, text, wanted_value(wanted))
    return convert(found, wanted)


def unwrap(found: Expr) -> Expr:
    """The value inside an Option; model error on None. Other values stay as they are."""
    if not isinstance(found.type, Option):
        return found
    content = found.args[0] if found.op is Op.SOME else optional(found)
    if content is not None:
        return content
    if isinstance(found.type.inner, Never):
        return unknown(found.at)
    return Expr(Op.UNWRAP, found.type.inner, (found,), found.at)


def present(frame: Frame, node: ast.AST, found: Expr) -> Expr:
    """See `unwrap`; a None written out is refused."""
    if found.op is Op.CONST and found.arg is None and isinstance(found.type, Option):
        raise frame.refusal(node, "None is no operand here", "a value; `is None` asks for None")
    return unwrap(found)


def truth_value(frame: Frame, node: ast.expr) -> Expr:
    """A condition: exactly a bool, since Python's truth of other values hides mistakes."""
    given = value(frame, node)
    found = unwrap(given)
    if isinstance(found.type, Never):
        return truth(False, found.at)
    if not isinstance(found.type, Bool):
        raise frame.refusal(
            node,
            f"a condition must be a bool, this is {described(given.type)}",
            "a comparison: len(xs) > 0, x is not None, n != 0",
        )
    return found


def integer(frame: Frame, node: ast.expr) -> Expr:
    """A number; bools, IntEnums and sorts that are not symmetric count as their numbers."""
    return as_integer(frame, node, value(frame, node))


def as_integer(frame: Frame, node: ast.AST, found: Expr) -> Expr:
    """See `integer`."""
    found = present(frame, node, found)
    match found.type:
        case Int() | Never():
            return found
        case Sort(name, symmetric=True):
            raise frame.refusal(
                node,
                f"{name} is symmetric: its elements have no numbers",
                f"== and != between elements, or sort(..., symmetric=False) for {name}",
            )
    if is_numeric(found.type):
        return as_number(found)
    raise frame.refusal(
        node, f"a number is needed here, this is {found.type}", "an int expression"
    )


REFUSED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lambda: ("lambda is not part of the language", "a helper method or function with types"),
    ast.JoinedStr: ("text is only allowed as the message of an assert", "enum members"),
    ast.NamedExpr: (
        "this `:=` may be skipped, or comes after a use of its name",
        "an assignment on a line before",
    ),
    ast.Starred: ("`*` is not part of the language", "each argument by itself"),
    ast.Await: ("await is not part of the language", "an action of its own"),
    ast.Yield: ("yield is not part of the language", "x = choose(...) for nondeterminism"),
    ast.YieldFrom: ("yield is not part of the language", "x = choose(...) for nondeterminism"),
    ast.GeneratorExp: (
        "a generator stands only inside all, any, sum, min, max, set, frozenset, list, tuple",
        "a list or set comprehension",
    ),
    ast.Slice: ("a slice stands only in xs[a:b]", "xs[a:b] on a list"),
}

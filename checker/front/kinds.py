"""What CPython tells apart and the IR does not: lists and tuples, and arrays without keys.

A list never equals a tuple, and the two are not concatenated. A sequence held in the state equals
both. Of a local it is not known which of the two it is.
"""

import ast

from planespec.checker.front.scope import Frame
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Seq, Tuple

LIST, TUPLE, STATE, UNKNOWN = "a list", "a tuple", "a list of the state", ""


def kind_of(node: ast.AST, found: Expr) -> str:
    """Whether a sequence is a list or a tuple under CPython, as far as its place tells."""
    if isinstance(found.type, Tuple):
        return TUPLE
    match node:
        case ast.List() | ast.ListComp() | ast.Call(func=ast.Name(id="list")):
            return LIST
        case ast.Tuple() | ast.Call(func=ast.Name(id="tuple")):
            return TUPLE
        case ast.Subscript(value=owner, slice=ast.Slice()):
            sliced = kind_of(owner, found.args[0]) if found.args else UNKNOWN
            return LIST if sliced == STATE else sliced
        case ast.BinOp(left=left, op=ast.Add()):
            joined = kind_of(left, found.args[0]) if found.args else UNKNOWN
            return LIST if joined == STATE else joined
    return _kind_of_place(found)


def _kind_of_place(found: Expr) -> str:
    while found.op in (Op.INDEX, Op.AT, Op.UNWRAP, Op.CONVERT):
        found = found.args[0]
    if found.op is Op.FIELD:
        return TUPLE
    return STATE if found.op in (Op.STATE, Op.BEFORE, Op.TABLE) else UNKNOWN


def refuse_two_kinds(
    frame: Frame, node: ast.AST, pairs: list[tuple[ast.AST, Expr]], what: str, *, equal: bool
) -> None:
    """Refuse a list beside a tuple; `equal` where a sequence of the state goes with both."""
    if not all(isinstance(found.type, Seq | Tuple) for _, found in pairs):
        return
    kinds = {kind_of(*pair) for pair in pairs} - {UNKNOWN}
    if equal:
        kinds -= {STATE}
    if TUPLE in kinds and len(kinds) == 2:
        (other,) = kinds - {TUPLE}
        message = f"{other} and a tuple are never {what} under CPython"
        raise frame.refusal(node, message, "list(...) or tuple(...) around one of them")


def stored_fills(node: ast.expr) -> set[int]:
    """The calls of `each` in a value that is stored in the state, where the keys are known."""
    match node:
        case ast.Call(func=ast.Name(id="each") | ast.Attribute(attr="each"), args=[inner]):
            return {id(node)} | stored_fills(inner)
        case ast.IfExp(body=yes, orelse=no):
            return stored_fills(yes) | stored_fills(no)
        case ast.DictComp(value=value):
            return stored_fills(value)
    return set()

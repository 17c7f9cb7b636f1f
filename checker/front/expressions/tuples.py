"""Fixed tuples, and what CPython tells apart and the IR does not: lists and tuples."""

import ast
from collections.abc import Sequence

from planespec.checker.front.core.building import convert
from planespec.checker.front.core.failing import once_computed
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import Never, row_of
from planespec.checker.front.dispatch import handles, value
from planespec.checker.ir.nodes import Expr, Op, Position
from planespec.checker.ir.types import Seq, Tuple
from planespec.checker.lang.data.records import tuple_of


@handles(ast.Tuple)
def tuple_literal(frame: Frame, node: ast.Tuple) -> Expr:
    """`(a, b)`; an empty one, and one with `*`, is a sequence."""
    from planespec.checker.front.expressions.displays import sequence_literal

    if not node.elts or any(isinstance(e, ast.Starred) for e in node.elts):
        found = sequence_literal(frame, node)
        assert isinstance(found, Expr)
        return found
    return tuple_value([value(frame, e) for e in node.elts], frame.at(node))


def tuple_value(parts: Sequence[Expr], at: Position) -> Expr:
    """The tuple of some values."""
    return Expr(Op.RECORD, tuple_of(p.type for p in parts), tuple(parts), at)


def parts(found: Expr) -> list[Expr]:
    """The values at the places of a tuple."""
    assert isinstance(found.type, Tuple)
    if found.op is Op.RECORD:
        return list(found.args)
    return [Expr(Op.FIELD, p, (found,), found.at, name) for name, p in found.type.fields]


def as_row(frame: Frame, node: ast.AST, found: Expr) -> Expr:
    """A tuple as the sequence of its parts; other values as they are."""
    if not isinstance(found.type, Tuple):
        return found
    row = row_of(found.type)
    if row is None:
        raise frame.refusal(
            node, f"the parts of {found.type} are of several types", "p, q = pair, or pair[0]"
        )
    return convert(found, row)


def at_constant(frame: Frame, node: ast.AST, found: Expr, index: ast.expr) -> Expr | None:
    """`pair[0]`: the part at a place that is known; None where it is not known."""
    if not isinstance(found.type, Tuple):
        return None
    key = value(frame, index)
    if key.op is not Op.CONST or type(key.arg) is not int:
        return None
    size = len(found.type.fields)
    if not -size <= key.arg < size:
        raise frame.refusal(node, f"{found.type} has {size} parts", "an index that it has")
    chosen = parts(found)[key.arg]
    return once_computed(_beside([chosen], found), chosen)


def some_parts(frame: Frame, found: Expr, part: ast.Slice) -> Expr | None:
    """`triple[1:]` of a tuple of several types: a tuple, where the ends are written out."""
    if not isinstance(found.type, Tuple) or row_of(found.type) is not None:
        return None
    ends = [None if e is None else value(frame, e) for e in (part.lower, part.upper, part.step)]
    if any(e is not None and e.op is not Op.CONST for e in ends):
        return None
    kept = parts(found)[slice(*(None if e is None else e.arg for e in ends))]
    return once_computed(_beside(kept, found), tuple_value(kept, found.at)) if kept else None


def _beside(kept: Sequence[Expr], found: Expr) -> list[Expr]:
    """The other parts of a tuple that is written out."""
    written = found.args if found.op is Op.RECORD else ()
    return [part for part in written if not any(part is one for one in kept)]


def is_tuple(found: Expr) -> bool:
    """Whether a value is a fixed tuple."""
    return isinstance(found.type, Tuple)


def is_row(found: Expr) -> bool:
    """Whether a value is a sequence, a fixed tuple of one type of parts included."""
    return isinstance(found.type, Seq | Never) or row_of(found.type) is not None


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

"""Parts of values: fields of records, and fixed tuples, which are records by place."""

import ast
from collections.abc import Iterable, Sequence
from functools import reduce

from planespec.checker.front.core.advice import GUARDED
from planespec.checker.front.core.building import (
    constant,
    convert,
    predicate,
    retagged,
    unknown,
    whole,
)
from planespec.checker.front.core.failing import once_computed
from planespec.checker.front.core.scope import PRESENT, Frame
from planespec.checker.front.core.type_relations import MismatchError, Never, join, row_of
from planespec.checker.front.dispatch import handles, unwrap, value
from planespec.checker.ir.nodes import Expr, Op, Position
from planespec.checker.ir.types import Enum, Option, Record, Seq, Sort, Tuple, Type, Union
from planespec.checker.lang.data.records import tuple_of
from planespec.checker.lang.presence import absent_field

# Fields of records and unions, and what is known about the variant of a union.


def field(frame: Frame, node: ast.AST, owner: Expr, name_: str) -> Expr:
    """A field of a record, or of those variants of a union that have it."""
    owner = unwrap(owner)
    match owner.type:
        case Never():
            return unknown(frame.at(node))
        case Record() as record:
            if name_ in dict(record.fields):
                return Expr(Op.FIELD, record.field_type(name_), (owner,), frame.at(node), name_)
            refuse_absent(frame, node, (record,), name_)
            raise frame.refusal(node, f"{record} has no field {name_}", _fields(record))
        case Union() as union:
            return _union_field(frame, node, owner, union, name_)
        case Enum() | Sort():
            raise frame.refusal(
                node,
                f".{name_} of {owner.type} is not part of the language",
                "the element itself, compared with == and !=",
            )
    raise frame.refusal(node, f"{owner.type} has no field {name_}", "fields of records")


def _union_field(frame: Frame, node: ast.AST, owner: Expr, union: Union, name_: str) -> Expr:
    """FIELD where all variants agree, PROJECT where one has it; else the reader must narrow."""
    at = frame.at(node)
    known = frame.narrowed.get(path_of(node.value)) if isinstance(node, ast.Attribute) else None
    if whole(owner) is not owner:
        known = frozenset(v.name for v in union.variants)
        owner = whole(owner)
        assert isinstance(owner.type, Union)
        union = owner.type
    having = [v for v in union.variants if name_ in dict(v.fields)]
    if known is not None:
        missing = [v for v in union.variants if v.name in known and v not in having]
        having = [v for v in having if v.name in known] if not missing else []
    possible = [v for v in union.variants if known is None or v.name in known]
    refuse_absent(frame, node, possible, name_)
    everywhere = len(having) == len(union.variants)
    types = {v.field_type(name_) for v in having}
    if everywhere and len(types) == 1:
        return Expr(Op.FIELD, types.pop(), (owner,), at, name_)
    joined = _joined([v.field_type(name_) for v in having])
    if joined is not None and (len(having) == 1 or everywhere or known is not None):
        return _of_variants(owner, having, name_, joined)
    raise frame.refusal(
        node,
        f"not every record of {union} has a field {name_} of one type",
        "isinstance(x, Record) or match first",
    )


def refuse_absent(frame: Frame, node: ast.AST, records: Iterable[Record], name_: str) -> None:
    """Refuse a field that one of the records has only under a condition that is false."""
    for record in records:
        reason = absent_field(record, name_)
        if reason:
            raise frame.refusal(node, f"{reason}, which is false", GUARDED)


def _joined(types: list[Type]) -> Type | None:
    try:
        return reduce(join, types) if types else None
    except MismatchError:
        return None


def _of_variants(owner: Expr, having: list[Record], name_: str, type_: Type) -> Expr:
    """The field by cases; the last variant is not asked for, so another one is a model error."""
    at = owner.at
    result: Expr | None = None
    for variant in reversed(having):
        part = Expr(Op.PROJECT, variant, (owner,), at, variant.name)
        got = convert(Expr(Op.FIELD, variant.field_type(name_), (part,), at, name_), type_)
        chosen = predicate(Op.IS, [owner], at, (variant.name,))
        result = got if result is None else Expr(Op.IF, type_, (chosen, got, result), at)
    assert result is not None, "a field of no variant"
    return result


def _fields(record: Record) -> str:
    return ", ".join(n for n, _ in record.fields) or "it has no fields"


def path_of(node: ast.expr) -> str:
    """The text by which what is known about a union is remembered."""
    return ast.unparse(node)


def narrow(frame: Frame, node: ast.expr, found: Expr) -> Expr:
    """A union known to be some of its records is the union of these or the one record that is
    left, an Option known to hold a value is it."""
    path = path_of(node)
    known = frame.narrowed.get(path)
    if path + PRESENT in frame.narrowed:
        found = unwrap(found)
    return found if known is None else _restricted(found, known)


def _restricted(found: Expr, known: frozenset[str]) -> Expr:
    if isinstance(found.type, Option):
        return _restricted_option(found, found.type.inner, known)
    if not isinstance(found.type, Union):
        return found
    kept = tuple(v for v in found.type.variants if v.name in known)
    if len(kept) == 1:
        return Expr(Op.PROJECT, kept[0], (found,), found.at, kept[0].name)
    return retagged(found, Union(kept)) if 0 < len(kept) < len(found.type.variants) else found


def _restricted_option(found: Expr, inner: Type, known: frozenset[str]) -> Expr:
    """None stays possible."""
    content = Expr(Op.UNWRAP, inner, (found,), found.at)
    some = _restricted(content, known)
    if some is content:
        return found
    type_, at = Option(some.type), found.at
    missing = predicate(Op.IS_NONE, [found], at)
    present = Expr(Op.SOME, type_, (some,), at)
    return Expr(Op.IF, type_, (missing, constant(None, type_, at), present), at)


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

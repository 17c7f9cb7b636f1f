"""Fields of records and unions, and what is known about the variant of a union."""

import ast
from collections.abc import Iterable
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
from planespec.checker.front.core.scope import PRESENT, Frame
from planespec.checker.front.core.type_relations import MismatchError, Never, join
from planespec.checker.front.dispatch import unwrap
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Enum, Option, Record, Sort, Type, Union
from planespec.checker.lang.presence import absent_field


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

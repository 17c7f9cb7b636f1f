"""Which bit of a mask stands for which element: its encoding, or its place among all values.

Encodings have gaps: three values of a field take two bits, and variants of a union have unlike
sizes. Where a mask over the encodings takes more words than one over the values, an element is
numbered by its place in their order. Everything here also computes with known numbers.
"""

from planespec.checker.engines.native.layout.llvm_text import Operand, Text
from planespec.checker.engines.native.layout.packing import (
    MaskShape,
    RecordShape,
    UnionShape,
    has_gaps,
    ranks,
    shape_of,
)
from planespec.checker.engines.native.layout.parts import decoded, encoded, variant_shift
from planespec.checker.ir.types import Option, Record, Set, Type, Union


def bit_of(t: Text, type_: Set, element: Operand) -> Operand:
    """The bit of an element in register form."""
    raw = encoded(t, type_.element, element)
    return rank(t, type_.element, raw) if _is_dense(type_) else raw


def element_at(t: Text, type_: Set, bit: Operand) -> Operand:
    """The element that a bit stands for, in register form."""
    raw = unrank(t, type_.element, bit) if _is_dense(type_) else bit
    return decoded(t, type_.element, raw)


def _is_dense(type_: Set) -> bool:
    shape = shape_of(type_)
    return isinstance(shape, MaskShape) and shape.dense


def rank(t: Text, type_: Type, raw: Operand) -> Operand:
    """The place of an encoding among those of all values, from 0."""
    if not has_gaps(type_):
        return raw
    match type_:
        case Option(inner):
            above = t.binary("add", rank(t, inner, t.binary("sub", raw, 1)), 1)
            return t.select(t.compare("eq", raw, 0), 0, above)
        case Record():
            return _rank_of_record(t, type_, raw)
        case Union():
            return _rank_of_union(t, type_, raw)
    raise AssertionError(f"encodings of {type_} have no gaps")


def _rank_of_record(t: Text, type_: Record, raw: Operand) -> Operand:
    shape = shape_of(type_)
    assert isinstance(shape, RecordShape)
    total: Operand = 0
    for (_, kind), (_, shift) in zip(type_.fields, shape.parts, strict=True):
        part = t.binary("and", t.binary("lshr", raw, shift), shape_of(kind).mask)
        total = t.binary("add", t.binary("mul", total, ranks(kind)), rank(t, kind, part))
    return total


def _rank_of_union(t: Text, type_: Union, raw: Operand) -> Operand:
    shape = shape_of(type_)
    assert isinstance(shape, UnionShape)
    tag = t.binary("lshr", raw, shape.payload)
    payload = t.binary("and", raw, (1 << shape.payload) - 1)
    result: Operand = 0
    first = 0
    for k, variant in enumerate(type_.variants):
        part = t.binary("lshr", payload, variant_shift(type_, k))
        own = t.binary("add", rank(t, variant, part), first)
        result = t.select(t.compare("eq", tag, k), own, result)
        first += ranks(variant)
    return result


def unrank(t: Text, type_: Type, number: Operand) -> Operand:
    """The encoding at a place among those of all values."""
    if not has_gaps(type_):
        return number
    match type_:
        case Option(inner):
            above = t.binary("add", unrank(t, inner, t.binary("sub", number, 1)), 1)
            return t.select(t.compare("eq", number, 0), 0, above)
        case Record():
            return _unrank_record(t, type_, number)
        case Union():
            return _unrank_union(t, type_, number)
    raise AssertionError(f"encodings of {type_} have no gaps")


def _unrank_record(t: Text, type_: Record, number: Operand) -> Operand:
    shape = shape_of(type_)
    assert isinstance(shape, RecordShape)
    raw: Operand = 0
    fields = [kind for _, kind in type_.fields]
    for kind, (_, shift) in reversed(list(zip(fields, shape.parts, strict=True))):
        number, within = t.divide(number, ranks(kind))
        raw = t.binary("or", raw, t.binary("shl", unrank(t, kind, within), shift))
    return raw


def _unrank_union(t: Text, type_: Union, number: Operand) -> Operand:
    shape = shape_of(type_)
    assert isinstance(shape, UnionShape)
    result: Operand = 0
    first = 0
    for k, variant in enumerate(type_.variants):
        part = unrank(t, variant, t.binary("sub", number, first))
        moved = t.binary("shl", part, variant_shift(type_, k))
        whole = t.binary("or", moved, k << shape.payload)
        result = t.select(t.compare("uge", number, first), whole, result)
        first += ranks(variant)
    return result

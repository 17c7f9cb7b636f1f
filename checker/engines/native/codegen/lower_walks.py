"""Loops over spans, collections and arrays."""

from collections.abc import Callable
from dataclasses import dataclass

from planespec.checker.engines.native.codegen import lower_collections as collections
from planespec.checker.engines.native.codegen import lower_lanes as lanes
from planespec.checker.engines.native.codegen.frame import Frame
from planespec.checker.engines.native.layout.llvm_text import Operand
from planespec.checker.engines.native.layout.packing import shape_of
from planespec.checker.engines.native.layout.parts import (
    decoded,
    element_at,
    lane,
    load,
    raw_bits,
    value_place,
)
from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Array, Bag, Int, Seq, Set, Span, Type, cardinality


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a loop: the element, its type, and the labels to continue and to break."""

    value: Operand
    type: Type
    following: str
    after: str


Body = Callable[[Round], None]


def element_type(type_: Type) -> Type:
    """Type of what a walk over `type_` yields."""
    match type_:
        case Span(element) | Set(element) | Bag(element) | Seq(element) | Array(_, element):
            return element
    raise SystemRefusal(f"the native engine cannot walk {type_}")


def walk(f: Frame, domain: Expr, body: Body, keep: bool = False) -> None:
    """Run `body` for each element in canonical order; `keep` copies a wide domain first."""
    if domain.op is Op.RANGE:
        low, high = f.value(domain.args[0]), f.value(domain.args[1])
        _count(f, low, high, element_type(domain.type), body)
        return
    if domain.op is Op.DOMAIN:
        element = element_type(domain.type)
        low = element.bounds[0] if isinstance(element, Int) else 0
        _count(f, low, low + cardinality(element), element, body)
        return
    value = f.value(domain)
    if keep and shape_of(domain.type).wide:
        value = collections.copied(f, domain.type, value).memory
    walk_value(f, domain.type, value, body)


def walk_value(f: Frame, type_: Type, value: Operand, body: Body) -> None:
    """Run `body` for each element of a collection or array in register form."""
    if isinstance(type_, Array):
        _walk_array(f, type_, value, body)
    elif collections.mask_of(type_) is None:
        _walk_lanes(f, type_, value, body)
    elif shape_of(type_).wide:
        _walk_wide_mask(f, type_, value, body)
    else:
        _walk_mask(f, type_, value, 0, body, "")


def _count(f: Frame, low: Operand, high: Operand, element: Type, body: Body) -> None:
    with f.text.counting(low, high) as (index, following, after):
        body(Round(index, element, following, after))


def _walk_array(f: Frame, type_: Array, value: Operand, body: Body) -> None:
    t, place = f.text, value_place(type_, value)
    with t.counting(0, cardinality(type_.key)) as (index, following, after):
        element = load(t, lane(t, place, type_.value, index))
        body(Round(element, type_.value, following, after))


def _walk_lanes(f: Frame, type_: Type, value: Operand, body: Body) -> None:
    t, shape = f.text, lanes.lanes_of(type_)
    element = element_type(type_)
    place = value_place(type_, value)
    if shape.count == 0:
        return
    sequence = isinstance(type_, Seq)
    assert isinstance(type_, Set | Bag | Seq)
    counted = sequence or shape.counted
    high: Operand = lanes.length(f, type_, value) if counted else shape.count
    with t.counting(0, high) as (index, following, after):
        # Sets and bags have their greatest element first: walk them from the end.
        k = index if sequence else t.binary("sub", t.binary("sub", high, 1), index)
        at = lane(t, place, element, k)
        if counted:
            body(Round(load(t, at), element, following, after))
        else:
            bits = raw_bits(t, at)
            t.leave_if(t.compare("eq", bits, 0), following)
            body(Round(decoded(t, element, bits, 1), element, following, after))


def _walk_wide_mask(f: Frame, type_: Type, value: Operand, body: Body) -> None:
    t = f.text
    outer = t.fresh("b")
    with t.counting(0, shape_of(type_).words) as (word, _, _):
        last = t.binary("sub", shape_of(type_).words - 1, word)
        bits = t.load(t.offset(str(value), last))
        _walk_mask(f, type_, bits, t.binary("shl", word, 6), body, outer)
    t.jump(outer)
    t.begin(outer)


def _walk_mask(
    f: Frame, type_: Type, bits: Operand, base: Operand, body: Body, leave: str
) -> None:
    """Walk the one bits of a word, lowest first; `base` is the number of bit 0."""
    t, element = f.text, element_type(type_)
    assert isinstance(type_, Set)
    left = t.slot()
    head, inside, after = (t.fresh("b") for _ in range(3))
    t.store(bits, left)
    t.jump(head)
    t.begin(head)
    rest = t.load(left)
    t.branch(t.compare("ne", rest, 0), inside, after)
    t.begin(inside)
    zeros = t.define(f"call i64 @llvm.cttz.i64(i64 {rest}, i1 true)")
    t.store(t.binary("and", rest, t.binary("sub", rest, 1)), left)
    found = element_at(t, type_, t.binary("add", zeros, base))
    body(Round(found, element, head, leave or after))
    t.jump(head)
    t.begin(after)

"""Expressions that build, ask or change collections and arrays, and calls."""

from planespec.checker.engines.native.codegen import lower_collections as collections
from planespec.checker.engines.native.codegen import lower_lanes as lanes
from planespec.checker.engines.native.codegen.frame import Frame, expression, truth
from planespec.checker.engines.native.codegen.lower_convert import (
    convert,
    misfit_goes_to,
    value_as,
)
from planespec.checker.engines.native.codegen.lower_expressions import data_place, view
from planespec.checker.engines.native.codegen.lower_walks import Round, walk, walk_value
from planespec.checker.engines.native.layout import parts
from planespec.checker.engines.native.layout.llvm_text import Condition, Operand
from planespec.checker.engines.native.layout.packing import shape_of
from planespec.checker.engines.native.layout.parts import Place, load
from planespec.checker.front.core.constants import is_written_out
from planespec.checker.ir.evaluate import value_of_constants
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Array, Bag, Seq, Set, Type, cardinality

BITWISE = {Op.UNION: "or", Op.INTERSECTION: "and", Op.SYMMETRIC_DIFFERENCE: "xor"}
LEAST_DATA = 4
"""Elements from which on a literal of constants is data instead of instructions."""


def is_data(e: Expr) -> bool:
    """Whether a literal is worth a place among the data of the module."""
    return len(e.args) >= LEAST_DATA and is_written_out(e)


@expression(Op.ARRAY)
def _array(f: Frame, e: Expr) -> Operand:
    assert isinstance(e.type, Array)
    if is_data(e):
        return load(f.text, data_place(f, e, value_of_constants(e)))
    place = collections.empty(f, e.type)
    for k, arg in enumerate(e.args):
        value = value_as(f, arg, e.type.value)
        parts.store(f.text, parts.lane(f.text, place, e.type.value, k), value)
    return load(f.text, place)


@expression(Op.FILL)
def _fill(f: Frame, e: Expr) -> Operand:
    assert isinstance(e.type, Array)
    t, value = f.text, value_as(f, e.args[0], e.type.value)
    count, kind = cardinality(e.type.key), shape_of(e.type)
    if not kind.wide:
        bits, whole = shape_of(e.type.value).bits, 0
        ones = sum(1 << (bits * k) for k in range(count)) if bits else whole
        return t.binary("mul", parts.encoded(t, e.type.value, value), ones)
    place = collections.empty(f, e.type)
    with t.counting(0, count) as (k, _, _):
        parts.store(t, parts.lane(t, place, e.type.value, k), value)
    return place.memory


@expression(Op.SET, Op.SEQ, Op.BAG)
def _literal(f: Frame, e: Expr) -> Operand:
    assert isinstance(e.type, Set | Seq | Bag)
    if is_data(e):
        return load(f.text, data_place(f, e, value_of_constants(e)))
    place = collections.empty(f, e.type)
    for arg in e.args:
        collections.add(f, place, value_as(f, arg, e.type.element))
    return load(f.text, place)


@expression(Op.LEN)
def _len(f: Frame, e: Expr) -> Operand:
    source = e.args[0].type
    if isinstance(source, Array):
        return cardinality(source.key)
    return collections.size(f, source, f.value(e.args[0]))


@truth(Op.IN)
def _in(f: Frame, e: Expr) -> Condition:
    element, domain = e.args
    whole = load(f.text, view(f, domain))
    wanted = _element(domain.type)
    if element.type == wanted:
        return collections.contains(f, domain.type, whole, f.value(element))
    return f.text.compare("ne", _if_it_fits(f, element, wanted, domain.type, whole), 0)


def _element(type_: Type) -> Type:
    assert isinstance(type_, Set | Bag | Seq)
    return type_.element


def _if_it_fits(f: Frame, element: Expr, wanted: Type, type_: Type, whole: Operand) -> Operand:
    """Copies of an element of another type; none when the collection cannot hold it."""
    t, result, after = f.text, f.text.slot(), f.text.fresh("b")
    t.store(0, result)
    value = f.value(element)
    with misfit_goes_to(f, after):
        fitting = convert(f, value, element.type, wanted)
    t.store(collections.count(f, type_, whole, fitting), result)
    t.jump(after)
    t.begin(after)
    return t.load(result)


@expression(Op.COUNT)
def _copies(f: Frame, e: Expr) -> Operand:
    whole = f.value(e.args[0])
    return _if_it_fits(f, e.args[1], _element(e.args[0].type), e.args[0].type, whole)


@expression(Op.UNION, Op.INTERSECTION, Op.DIFFERENCE, Op.SYMMETRIC_DIFFERENCE)
def _combine(f: Frame, e: Expr) -> Operand:
    left, right = e.args
    masks = all(collections.mask_of(x) is not None for x in (e.type, left.type, right.type))
    same = masks and left.type.element == right.type.element == e.type.element  # type: ignore[attr-defined]
    if same:
        return _combine_masks(f, e)
    a, b = f.value(left), f.value(right)
    result = collections.empty(f, e.type)
    if e.op is Op.UNION:
        _add_all(f, result, left.type, a, None)
        _add_all(f, result, right.type, b, None)
        return load(f.text, result)
    _add_all(f, result, left.type, a, (e.op is Op.INTERSECTION, right.type, b))
    if e.op is Op.SYMMETRIC_DIFFERENCE:
        _add_all(f, result, right.type, b, (False, left.type, a))
    return load(f.text, result)


Filter = tuple[bool, Type, Operand]


def _add_all(f: Frame, result: Place, type_: Type, value: Operand, keep: Filter | None) -> None:
    """Add the elements of a set; with a filter those whose membership of another is as asked."""
    t, wanted = f.text, _element(result.type)

    def add(turn: Round) -> None:
        if keep is not None:
            inside = member(f, turn, keep[1], keep[2])
            t.leave_if(t.negate(inside) if keep[0] else inside, turn.following)
        collections.add(f, result, convert(f, turn.value, turn.type, wanted))

    walk_value(f, type_, value, add)


def member(f: Frame, turn: Round, type_: Type, value: Operand) -> Condition:
    """Whether the element of this round is in another collection."""
    t, wanted = f.text, _element(type_)
    if turn.type == wanted:
        return collections.contains(f, type_, value, turn.value)
    result, after = t.slot(), t.fresh("b")
    t.store(0, result)
    with misfit_goes_to(f, after):
        fitting = convert(f, turn.value, turn.type, wanted)
    t.store(t.number(collections.contains(f, type_, value, fitting)), result)
    t.jump(after)
    t.begin(after)
    return t.compare("ne", t.load(result), 0)


def _combine_masks(f: Frame, e: Expr) -> Operand:
    t, shape = f.text, shape_of(e.type)
    a, b = f.value(e.args[0]), f.value(e.args[1])
    if not shape.wide:
        found = _combine_words(f, e.op, a, b)
        collections.check_capacity(f, e.type, found)
        return found
    place = f.temporary(e.type)
    for word in range(shape.words):
        x, y = t.load(t.offset(str(a), word)), t.load(t.offset(str(b), word))
        t.store(_combine_words(f, e.op, x, y), t.offset(place.memory, word))
    collections.check_capacity(f, e.type, place.memory)
    return place.memory


def _combine_words(f: Frame, op: Op, a: Operand, b: Operand) -> Operand:
    if op is Op.DIFFERENCE:
        return f.text.binary("and", a, f.text.binary("xor", b, -1))
    return f.text.binary(BITWISE[op], a, b)


@truth(Op.SUBSET)
def _subset(f: Frame, e: Expr) -> Condition:
    t, (left, right) = f.text, e.args
    a, b = f.value(left), f.value(right)
    mask = collections.mask_of(left.type)
    same = mask is not None and collections.mask_of(right.type) is not None
    if same and _element(left.type) == _element(right.type) and mask and not mask.wide:
        return t.compare("eq", _combine_words(f, Op.DIFFERENCE, a, b), 0)
    result = t.slot()
    t.store(1, result)

    def look(turn: Round) -> None:
        t.leave_if(member(f, turn, right.type, b), turn.following)
        t.store(0, result)
        t.jump(turn.after)
        t.begin(t.fresh("b"))

    walk_value(f, left.type, a, look)
    return t.compare("ne", t.load(result), 0)


@expression(Op.WITH)
def _with(f: Frame, e: Expr) -> Operand:
    place = collections.copied(f, e.type, value_as(f, e.args[0], e.type))
    collections.insert(f, place, value_as(f, e.args[1], _element(e.type)))
    return load(f.text, place)


@expression(Op.WITHOUT)
def _without(f: Frame, e: Expr) -> Operand:
    t, wanted = f.text, _element(e.type)
    place = collections.copied(f, e.type, value_as(f, e.args[0], e.type))
    value, after = f.value(e.args[1]), t.fresh("b")
    with misfit_goes_to(f, after):
        fitting = convert(f, value, e.args[1].type, wanted)
    collections.remove(f, place, fitting)
    t.jump(after)
    t.begin(after)
    return load(t, place)


@expression(Op.APPEND)
def _append(f: Frame, e: Expr) -> Operand:
    place = collections.copied(f, e.type, value_as(f, e.args[0], e.type))
    collections.append(f, place, value_as(f, e.args[1], _element(e.type)))
    return load(f.text, place)


@expression(Op.CONCAT)
def _concat(f: Frame, e: Expr) -> Operand:
    a, b = f.value(e.args[0]), f.value(e.args[1])
    place = collections.empty(f, e.type)
    _add_all(f, place, e.args[0].type, a, None)
    _add_all(f, place, e.args[1].type, b, None)
    return load(f.text, place)


@expression(Op.SLICE)
def _slice(f: Frame, e: Expr) -> Operand:
    t, source = f.text, e.args[0]
    assert isinstance(source.type, Seq)
    whole = f.value(source)
    used = lanes.length(f, source.type, whole)
    low, high = (_clamped(f, f.value(a), used) for a in e.args[1:])
    place, result = parts.value_place(source.type, whole), collections.empty(f, e.type)
    if source.type.capacity:
        with t.counting(low, high) as (k, _, _):
            element = lanes.get_lane(t, place, source.type.element, k)
            collections.append(
                f, result, convert(f, element, source.type.element, _element(e.type))
            )
    return load(t, result)


def _clamped(f: Frame, index: Operand, used: Operand) -> Operand:
    """A slice bound as Python takes it: negative from the end, then within the sequence."""
    t = f.text
    from_end = t.select(t.compare("slt", index, 0), t.binary("add", index, used), index)
    positive = t.select(t.compare("slt", from_end, 0), 0, from_end)
    return t.select(t.compare("sgt", positive, used), used, positive)


__all__ = ["member", "walk"]

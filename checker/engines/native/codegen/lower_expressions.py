"""Leaves, parts, numbers, truth, options, records and unions."""

from typing import Any

from planespec.checker.engines.native.codegen import lower_collections as collections
from planespec.checker.engines.native.codegen.frame import Frame, expression, truth
from planespec.checker.engines.native.codegen.lower_convert import (
    build_record,
    convert,
    equal,
    inject,
    join,
    none,
    project,
    some,
    value_as,
)
from planespec.checker.engines.native.layout import parts
from planespec.checker.engines.native.layout.coding import words_of
from planespec.checker.engines.native.layout.llvm_text import Condition, Operand, literal
from planespec.checker.engines.native.layout.packing import RecordShape, shape_of
from planespec.checker.engines.native.layout.parts import Place, load, value_place, write_whole
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Array, Int, Nothing, Option, Record, Seq, Type, Union

COMPARISONS = {Op.LT: "slt", Op.LE: "sle", Op.GT: "sgt", Op.GE: "sge"}
ARITHMETIC = {Op.ADD: "add", Op.SUB: "sub", Op.MUL: "mul"}
PARTS = frozenset({Op.STATE, Op.BEFORE, Op.TABLE, Op.INDEX, Op.FIELD, Op.AT})


def view(f: Frame, e: Expr) -> Place:
    """Where the value of an expression is, without loading more of it than needed."""
    if type(e) is Expr:
        if e.op in (Op.STATE, Op.BEFORE):
            type_, word, shift = f.module.layout.places[e.arg]
            pointer = f.state if e.op is Op.STATE else f.before
            return Place(type_, f.text.offset(pointer, word), shift)
        if e.op is Op.LOCAL and e.arg in f.locals:
            return f.locals[e.arg]
        if e.op is Op.TABLE:
            return table_place(f, e)
        if e.op is Op.INDEX and isinstance(e.args[0].type, Array):
            return element_place(f, e)
        if e.op is Op.FIELD and isinstance(e.args[0].type, Record):
            return parts.field(f.text, view(f, e.args[0]), e.arg)
        if e.op is Op.AT:
            return position_place(f, e)
    return value_place(e.type, f.value(e))


def table_place(f: Frame, e: Expr) -> Place:
    """A constant table: data of the module where it is wide, else a number."""
    return data_place(f, e, e.arg.value)


def data_place(f: Frame, e: Expr, value: Any) -> Place:
    """A known value: data of the module where it is wide, else a number."""
    words = words_of(e.type, value)
    if not shape_of(e.type).wide:
        return value_place(e.type, words[0])
    content = ", ".join(f"i64 {literal(word)}" for word in words)

    def data(name: str) -> str:
        kind = f"[{len(words)} x i64]"
        return f"{name} = private unnamed_addr constant {kind} [{content}], align 8\n"

    return Place(e.type, f.module.helper(("table", e.type, content), data))


def element_place(f: Frame, e: Expr) -> Place:
    """Place of an array's element; model error outside the keys."""
    array = view(f, e.args[0])
    assert isinstance(array.type, Array)
    key = value_as(f, e.args[1], array.type.key)
    return parts.element(f.text, array, key)


def position_place(f: Frame, e: Expr) -> Place:
    """Place of a sequence's element; model error outside the sequence."""
    t, sequence = f.text, view(f, e.args[0])
    if isinstance(sequence.type, Array):
        return parts.element(t, sequence, value_as(f, e.args[1], sequence.type.key))
    assert isinstance(sequence.type, Seq)
    used = collections.size(f, sequence.type, load(t, sequence))
    index = f.value(e.args[1])
    low = e.args[1].type.low if isinstance(e.args[1].type, Int) else 0
    if low is None or low < 0:
        shifted = t.binary("add", index, used)
        index = t.select(t.compare("slt", index, 0), shifted, index)
    f.fail_if(t.compare("uge", index, used))
    if sequence.type.capacity == 0:
        return f.temporary(e.type)  # never reached: every index is a model error
    return parts.lane(t, sequence, sequence.type.element, index)


def stable(f: Frame, place: Place) -> Place:
    """The value at a narrow place as a register."""
    return value_place(place.type, load(f.text, place))


@expression(Op.STATE, Op.BEFORE, Op.TABLE, Op.INDEX, Op.AT)
def _part(f: Frame, e: Expr) -> Operand:
    return load(f.text, view(f, e))


@expression(Op.FIELD)
def _field(f: Frame, e: Expr) -> Operand:
    source = e.args[0].type
    if not isinstance(source, Union):
        place = view(f, e)
        return convert(f, load(f.text, place), place.type, e.type)
    t, place = f.text, view(f, e.args[0])
    place = stable(f, place) if not shape_of(source).wide else place
    found = [parts.variant(t, place, k) for k in range(len(source.variants))]
    if shared_field(source, e.arg):
        part = parts.field(t, found[0], e.arg)
        return convert(f, load(t, part), part.type, e.type)
    result, tag = f.temporary(e.type), parts.tag(t, place)
    for k, variant in enumerate(found):
        with t.when(t.compare("eq", tag, k)):
            part = parts.field(t, variant, e.arg)
            write_whole(t, result, convert(f, load(t, part), part.type, e.type))
    return load(t, result)


def shared_field(union: Union, name: str) -> bool:
    """Whether a field lies at the same bits in every variant and has one type."""
    spots = set()
    for index, variant in enumerate(union.variants):
        shape = shape_of(variant)
        assert isinstance(shape, RecordShape)
        k = [n for n, _ in variant.fields].index(name)
        word, shift = shape.parts[k]
        at = shift + parts.variant_shift(union, index)
        spots.add((shape.wide, word, at, variant.fields[k][1]))
    return len(spots) == 1


@expression(Op.CONST)
def _const(f: Frame, e: Expr) -> Operand:
    if e.arg is None:
        return none(f, e.type) if isinstance(e.type, Option) else 0
    number = int(e.arg)
    if isinstance(e.type, Option):
        return some(f, number, e.type)
    return number


@expression(Op.LOCAL)
def _local(f: Frame, e: Expr) -> Operand:
    if e.arg in f.locals:
        place = f.locals[e.arg]
        return convert(f, load(f.text, place), place.type, e.type)
    value, type_ = f.bound[e.arg]
    return convert(f, value, type_, e.type)


@expression(Op.ADD, Op.SUB, Op.MUL)
def _arithmetic(f: Frame, e: Expr) -> Operand:
    a, b = f.value(e.args[0]), f.value(e.args[1])
    return f.text.binary(ARITHMETIC[e.op], a, b)


def _lowest(type_: Type) -> int | None:
    return type_.low if isinstance(type_, Int) else 0


@expression(Op.FLOORDIV, Op.MOD)
def _division(f: Frame, e: Expr) -> Operand:
    t, a, b = f.text, f.value(e.args[0]), f.value(e.args[1])
    if b == 0:
        f.fail_if(True)
        return 0
    if not isinstance(b, int):
        f.fail_if(t.compare("eq", b, 0))
    if isinstance(a, int) and isinstance(b, int):
        return a // b if e.op is Op.FLOORDIV else a % b
    lows = (_lowest(e.args[0].type), _lowest(e.args[1].type))
    if all(low is not None and low >= 0 for low in lows):
        return t.define(f"{'udiv' if e.op is Op.FLOORDIV else 'urem'} i64 {a}, {b}")
    rest = t.define(f"srem i64 {a}, {b}")
    opposite = t.compare("slt", t.binary("xor", rest, b), 0)
    adjust = t.both(t.compare("ne", rest, 0), opposite)
    if e.op is Op.MOD:
        return t.select(adjust, t.binary("add", rest, b), rest)
    quotient = t.define(f"sdiv i64 {a}, {b}")
    return t.binary("sub", quotient, t.number(adjust))


@expression(Op.ABS)
def _absolute(f: Frame, e: Expr) -> Operand:
    value = f.value(e.args[0])
    negative = f.text.compare("slt", value, 0)
    return f.text.select(negative, f.text.binary("sub", 0, value), value)


@expression(Op.MIN, Op.MAX)
def _extreme(f: Frame, e: Expr) -> Operand:
    name = "slt" if e.op is Op.MIN else "sgt"
    best = f.value(e.args[0])
    for arg in e.args[1:]:
        value = f.value(arg)
        best = f.text.select(f.text.compare(name, value, best), value, best)
    return best


@truth(Op.EQ)
def _equality(f: Frame, e: Expr) -> Condition:
    a, b = e.args
    for one, other in ((a, b), (b, a)):
        if isinstance(one.type, Nothing) and isinstance(other.type, Option):
            return parts.is_none(f.text, view(f, other))
    if a.type.is_scalar and b.type.is_scalar:
        return f.text.compare("eq", f.value(a), f.value(b))
    common = join(a.type, b.type)
    return equal(f, common, value_as(f, a, common), value_as(f, b, common))


@truth(Op.LT, Op.LE, Op.GT, Op.GE)
def _order(f: Frame, e: Expr) -> Condition:
    return f.text.compare(COMPARISONS[e.op], f.value(e.args[0]), f.value(e.args[1]))


@truth(Op.NOT)
def _not(f: Frame, e: Expr) -> Condition:
    return f.text.negate(f.condition(e.args[0]))


@truth(Op.AND, Op.OR)
def _junction(f: Frame, e: Expr) -> Condition:
    t = f.text
    if all(_is_cheap(a) for a in e.args[1:]):
        found = f.condition(e.args[0])
        for arg in e.args[1:]:
            other = f.condition(arg)
            found = t.both(found, other) if e.op is Op.AND else t.either(found, other)
        return found
    result, after = t.slot(), t.fresh("b")
    t.store(int(e.op is Op.OR), result)
    for arg in e.args[:-1]:
        condition = f.condition(arg)
        t.leave_if(t.negate(condition) if e.op is Op.AND else condition, after)
    t.store(t.number(f.condition(e.args[-1])), result)
    t.jump(after)
    t.begin(after)
    return t.compare("ne", t.load(result), 0)


CHEAP = frozenset({Op.CONST, Op.LOCAL, Op.STATE, Op.BEFORE, Op.FIELD, Op.EQ, Op.NE, Op.LT, Op.LE})
CHEAP |= {Op.GT, Op.GE, Op.NOT, Op.IS, Op.IS_NONE, Op.ADD, Op.SUB, Op.AND, Op.OR}


def _is_cheap(e: Expr) -> bool:
    """Whether evaluating costs a few instructions and cannot be a model error."""
    if type(e) is not Expr or shape_of_is_wide(e.type):
        return False
    if e.op is Op.INDEX and isinstance(e.args[0].type, Array):
        return e.args[1].type == e.args[0].type.key and all(_is_cheap(a) for a in e.args)
    return e.op in CHEAP and all(_is_cheap(a) for a in e.args)


def shape_of_is_wide(type_: Type) -> bool:
    """Whether values of the type are pointers."""
    return shape_of(type_).wide


@expression(Op.IF)
def _conditional(f: Frame, e: Expr) -> Operand:
    t, result = f.text, f.temporary(e.type)
    yes, no, after = t.fresh("b"), t.fresh("b"), t.fresh("b")
    t.branch(f.condition(e.args[0]), yes, no)
    for label, arg in ((yes, e.args[1]), (no, e.args[2])):
        t.begin(label)
        write_whole(t, result, value_as(f, arg, e.type))
        t.jump(after)
    t.begin(after)
    return load(t, result)


@expression(Op.SOME)
def _some(f: Frame, e: Expr) -> Operand:
    assert isinstance(e.type, Option)
    return some(f, value_as(f, e.args[0], e.type.inner), e.type)


@expression(Op.UNWRAP)
def _unwrap(f: Frame, e: Expr) -> Operand:
    place = view(f, e.args[0])
    if not isinstance(place.type, Option):
        return convert(f, load(f.text, place), place.type, e.type)
    if not shape_of(place.type).wide:
        place = stable(f, place)
    f.fail_if(parts.is_none(f.text, place))
    assert isinstance(place.type, Option)
    inner = load(f.text, parts.content(f.text, place))
    return convert(f, inner, place.type.inner, e.type)


@truth(Op.IS_NONE)
def _is_none(f: Frame, e: Expr) -> Condition:
    if isinstance(e.args[0].type, Nothing):
        return True
    if not isinstance(e.args[0].type, Option):
        return False
    return parts.is_none(f.text, view(f, e.args[0]))


@expression(Op.RECORD)
def _record(f: Frame, e: Expr) -> Operand:
    assert isinstance(e.type, Record)
    pairs = zip(e.args, e.type.fields, strict=True)
    return build_record(f, e.type, [value_as(f, a, kind) for a, (_, kind) in pairs])


@expression(Op.REPLACE)
def _replace(f: Frame, e: Expr) -> Operand:
    assert isinstance(e.type, Record)
    old = value_as(f, e.args[0], e.type)
    new = [value_as(f, a, e.type.field_type(n)) for n, a in zip(e.arg, e.args[1:], strict=True)]
    place = collections.copied(f, e.type, old)
    for name, value in zip(e.arg, new, strict=True):
        parts.store(f.text, parts.field(f.text, place, name), value)
    return load(f.text, place)


@expression(Op.INJECT)
def _inject(f: Frame, e: Expr) -> Operand:
    source = e.args[0].type
    assert isinstance(e.type, Union)
    if not isinstance(source, Record):
        return value_as(f, e.args[0], e.type)
    return inject(f, f.value(e.args[0]), source, e.type)


@truth(Op.IS)
def _is(f: Frame, e: Expr) -> Condition:
    source = e.args[0].type
    names = (e.arg,) if isinstance(e.arg, str) else tuple(e.arg)
    if isinstance(source, Record):
        return source.name in names
    assert isinstance(source, Union)
    tag, found = parts.tag(f.text, view(f, e.args[0])), False
    result: Condition = found
    for name in names:
        if any(v.name == name for v in source.variants):
            result = f.text.either(result, f.text.compare("eq", tag, source.index(name)))
    return result


@expression(Op.PROJECT)
def _project(f: Frame, e: Expr) -> Operand:
    source = e.args[0].type
    if isinstance(source, Record):
        return value_as(f, e.args[0], e.type)
    assert isinstance(source, Union)
    record = project(f, f.value(e.args[0]), source, e.arg)
    return convert(f, record, source.variants[source.index(e.arg)], e.type)


@expression(Op.CONVERT)
def _convert(f: Frame, e: Expr) -> Operand:
    return value_as(f, e.args[0], e.type)

"""Conversion between types, and equality."""

from collections.abc import Iterator
from contextlib import contextmanager

from planespec.checker.engines.native.codegen import lower_collections as collections
from planespec.checker.engines.native.codegen.frame import Frame
from planespec.checker.engines.native.codegen.lower_walks import Round, walk_value
from planespec.checker.engines.native.layout import parts
from planespec.checker.engines.native.layout.llvm_text import Condition, Operand, Text
from planespec.checker.engines.native.layout.packing import RecordShape, UnionShape, shape_of
from planespec.checker.engines.native.layout.parts import load, value_place, write_whole
from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.nodes import Expr
from planespec.checker.ir.types import (
    Array,
    Bag,
    Int,
    Nothing,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Type,
    Union,
    cardinality,
)


def value_as(f: Frame, expr: Expr, target: Type) -> Operand:
    """Evaluate and convert to `target`; model error where the value does not fit."""
    return convert(f, f.value(expr), expr.type, target)


def convert(f: Frame, value: Operand, source: Type, target: Type) -> Operand:
    """The same value in another type, both in register form."""
    if source == target:
        return value
    match source, target:
        case (_, Int()) if source.is_scalar:
            return _narrowed(f, value, source, target)
        case (Int(), Sort(size=size)):
            f.fail_if(f.text.compare("uge", value, size))
            return value
        case (Nothing(), Option()):
            return none(f, target)
        case (Option(), Option()):
            return _option_to_option(f, value, source, target)
        case (_, Option(inner)):
            return some(f, convert(f, value, source, inner), target)
        case (Option(inner), _):
            place = value_place(source, value)
            f.fail_if(parts.is_none(f.text, place))
            return convert(f, load(f.text, parts.content(f.text, place)), inner, target)
        case (Record(), Union()):
            return inject(f, value, source, target)
        case (Union(), _):
            return _from_union(f, value, source, target)
        case (Record(), Record()):
            return _record_to_record(f, value, source, target)
        case (Array(), Array()):
            return _array_to_array(f, value, source, target)
        case (Set() | Bag() | Seq(), Set() | Bag() | Seq()):
            return _collection_to_collection(f, value, source, target)
    if source.is_scalar and target.is_scalar and cardinality(source) <= cardinality(target):
        return value
    raise SystemRefusal(f"the native engine cannot turn {source} into {target}")


def _narrowed(f: Frame, value: Operand, source: Type, target: Int) -> Operand:
    low, high = target.bounds
    least, most = source.bounds if isinstance(source, Int) else (0, cardinality(source) - 1)
    if least < low or most > high:
        above = f.text.binary("sub", value, low)
        f.fail_if(f.text.compare("ugt", above, high - low) if low <= high else True)
    return value


def none(f: Frame, target: Type) -> Operand:
    """`None` as an option."""
    return collections.empty(f, target).memory if shape_of(target).wide else 0


def some(f: Frame, value: Operand, target: Option) -> Operand:
    """An option that holds a value of exactly its inner type."""
    t = f.text
    if not shape_of(target).wide:
        return t.binary("add", parts.encoded(t, target.inner, value), 1)
    place = collections.empty(f, target)
    t.store(1, place.memory)
    parts.store(t, parts.content(t, place), value)
    return place.memory


def _option_to_option(f: Frame, value: Operand, source: Option, target: Option) -> Operand:
    t, place = f.text, value_place(source, value)
    result = collections.copied(f, target, none(f, target))
    with t.when(t.negate(parts.is_none(t, place))):
        content = load(t, parts.content(t, place))
        write_whole(t, result, some(f, convert(f, content, source.inner, target.inner), target))
    return load(t, result)


def inject(f: Frame, value: Operand, source: Record, target: Union) -> Operand:
    """A record as one variant of a union."""
    t, index = f.text, target.index(source.name)
    variant = target.variants[index]
    value = convert(f, value, source, variant)
    shape = shape_of(target)
    assert isinstance(shape, UnionShape)
    if not shape.wide:
        moved = t.binary("shl", value, parts.variant_shift(target, index))
        return t.binary("or", moved, index << shape.payload)
    place = collections.empty(f, target)
    t.store(index, place.memory)
    parts.store(t, parts.variant(t, place, index), value)
    return place.memory


def project(f: Frame, value: Operand, source: Union, variant: str) -> Operand:
    """The record inside a union; model error on another variant."""
    place, index = value_place(source, value), source.index(variant)
    if len(source.variants) > 1:
        f.fail_if(f.text.compare("ne", parts.tag(f.text, place), index))
    return load(f.text, parts.variant(f.text, place, index))


def _from_union(f: Frame, value: Operand, source: Union, target: Type) -> Operand:
    if isinstance(target, Record):
        index = source.index(target.name)
        return convert(f, project(f, value, source, target.name), source.variants[index], target)
    if not isinstance(target, Union):
        raise SystemRefusal(f"the native engine cannot turn {source} into {target}")
    t, place = f.text, value_place(source, value)
    result = f.temporary(target)
    known, tag = {v.name for v in target.variants}, parts.tag(t, place)
    for index, variant in enumerate(source.variants):
        with t.when(t.compare("eq", tag, index)):
            if variant.name in known:
                content = load(t, parts.variant(t, place, index))
                write_whole(t, result, inject(f, content, variant, target))
            else:
                f.fail_if(True)
    return load(t, result)


def build_record(f: Frame, type_: Record, values: list[Operand]) -> Operand:
    """A record of field values in register form."""
    t, shape = f.text, shape_of(type_)
    assert isinstance(shape, RecordShape)
    if shape.wide:
        place = collections.empty(f, type_)
        for (name, _), value in zip(type_.fields, values, strict=True):
            parts.store(t, parts.field(t, place, name), value)
        return place.memory
    whole: Operand = 0
    for (_, kind), (_, shift), value in zip(type_.fields, shape.parts, values, strict=True):
        if shape_of(kind).bits:
            part = t.binary("shl", parts.encoded(t, kind, value), shift)
            whole = t.binary("or", whole, part)
    return whole


def _record_to_record(f: Frame, value: Operand, source: Record, target: Record) -> Operand:
    place = value_place(source, value)
    values = []
    for name, kind in target.fields:
        part = load(f.text, parts.field(f.text, place, name))
        values.append(convert(f, part, source.field_type(name), kind))
    return build_record(f, target, values)


def _array_to_array(f: Frame, value: Operand, source: Array, target: Array) -> Operand:
    t, place, result = f.text, value_place(source, value), collections.empty(f, target)
    with t.counting(0, cardinality(target.key)) as (k, _, _):
        element = load(t, parts.lane(t, place, source.value, k))
        element = convert(f, element, source.value, target.value)
        parts.store(t, parts.lane(t, result, target.value, k), element)
    return load(t, result)


def _collection_to_collection(f: Frame, value: Operand, source: Type, target: Type) -> Operand:
    if _same_mask(source, target):
        collections.check_capacity(f, target, value)
        return value
    result = collections.empty(f, target)
    wanted = target.element if isinstance(target, Set | Bag | Seq) else target

    def add(turn: Round) -> None:
        collections.add(f, result, convert(f, turn.value, turn.type, wanted))

    walk_value(f, source, value, add)
    return load(f.text, result)


def _same_mask(source: Type, target: Type) -> bool:
    if not (isinstance(source, Set) and isinstance(target, Set)):
        return False
    masks = collections.mask_of(source) is not None and collections.mask_of(target) is not None
    return masks and source.element == target.element


@contextmanager
def misfit_goes_to(f: Frame, label: str) -> Iterator[None]:
    """What would be a model error inside goes to `label` instead."""
    fail, used = f.fail, "fail" in f.used
    f.fail = label
    yield
    f.fail = fail
    if not used:
        f.used.discard("fail")


def equal(f: Frame, type_: Type, a: Operand, b: Operand) -> Condition:
    """Whether two values of one type are equal."""
    shape = shape_of(type_)
    if not shape.wide:
        return f.text.compare("eq", a, b)
    name = f.module.helper(("equal", shape.words), lambda n: _equal_words(n, shape.words))
    return f.text.define(f"call i1 {name}(ptr {a}, ptr {b})")


def _equal_words(name: str, words: int) -> str:
    t = Text(f"define internal i1 {name}(ptr %a, ptr %b) nounwind")
    with t.counting(0, words) as (k, _, _):
        same = t.compare("eq", t.load(t.offset("%a", k)), t.load(t.offset("%b", k)))
        with t.when(t.negate(same)):
            t.emit("ret i1 false")
            t.begin(t.fresh("b"))
    t.emit("ret i1 true")
    return t.finish()


def join(a: Type, b: Type) -> Type:
    """The least type that holds the values of both; raises SystemRefusal where there is none."""
    match a, b:
        case _ if a == b:
            return a
        case (Int(), Int()):
            return Int(min(a.bounds[0], b.bounds[0]), max(a.bounds[1], b.bounds[1]))
        case (Nothing(), Option()) | (Record(), Union()):
            return b
        case (Option(), Nothing()) | (Union(), Record()):
            return a
        case (Nothing(), _):
            return Option(b)
        case (_, Nothing()):
            return Option(a)
        case (Option(x), Option(y)) | (Option(x), y) | (x, Option(y)):
            return Option(join(x, y))
        case (Array(key, x), Array(_, y)):
            return Array(key, join(x, y))
        case (Seq(x, n), Seq(y, m)):
            return Seq(join(x, y), max(n, m))
        case (Bag(x, n), Bag(y, m)):
            return Bag(join(x, y), max(n, m))
        case (Set(x, k), Set(y, l)):
            return Set(join(x, y), None if k is None or l is None else max(k, l))
        case (Record(name, fields), Record(other, _)) if name == other:
            joined = tuple((n, join(t, b.field_type(n))) for n, t in fields)
            return Record(name, joined, a.python)
        case (Union(), Union()):
            return a if len(a.variants) >= len(b.variants) else b
    raise SystemRefusal(f"the native engine cannot compare {a} with {b}")

"""Parts of values while code is generated, and which bit of a mask stands for which element.

In registers an int is itself, other scalars are their number, a narrow composite is its encoding
and a wide value is a pointer. In memory everything is encoded (see `shapes`).
"""

from dataclasses import dataclass, replace

from planespec.checker.engines.native.layout.llvm_text import Condition, Operand, Text
from planespec.checker.engines.native.layout.packing import (
    WORD,
    LaneShape,
    MaskShape,
    RecordShape,
    UnionShape,
    has_gaps,
    ranks,
    shape_of,
)
from planespec.checker.ir.types import Array, Int, Option, Record, Set, Type, Union


@dataclass(frozen=True, slots=True)
class Place:
    """A value in memory at `pointer`, or, where that is None, within the register `raw`.

    Narrow values are `bits` wide (None: as wide as the type) from bit `shift` on, and hold the
    encoding plus `bias`.
    """

    type: Type
    pointer: str | None
    shift: Operand = 0
    raw: Operand = 0
    bias: int = 0
    bits: int | None = None

    @property
    def width(self) -> int:
        """Bits of a narrow place."""
        return shape_of(self.type).bits if self.bits is None else self.bits

    @property
    def memory(self) -> str:
        """The pointer of a place in memory."""
        assert self.pointer is not None
        return self.pointer


def encoded(t: Text, type_: Type, value: Operand) -> Operand:
    """Register form to encoding; wide values stay pointers."""
    return t.binary("sub", value, type_.bounds[0]) if isinstance(type_, Int) else value


def decoded(t: Text, type_: Type, raw: Operand, bias: int = 0) -> Operand:
    """Encoding plus `bias` to register form."""
    low = type_.bounds[0] if isinstance(type_, Int) else 0
    return t.binary("add", raw, low - bias)


def value_place(type_: Type, value: Operand) -> Place:
    """Place of a composite value in register form."""
    if shape_of(type_).wide:
        return Place(type_, str(value))
    return Place(type_, None, 0, value)


def load(t: Text, place: Place) -> Operand:
    """Register form of the value at a place; a wide value is not copied."""
    if shape_of(place.type).wide:
        return place.memory
    return decoded(t, place.type, raw_bits(t, place), place.bias)


def raw_bits(t: Text, place: Place) -> Operand:
    """The bits at a narrow place, bias included."""
    if place.width == 0:
        return 0
    word = place.raw if place.pointer is None else t.load(place.pointer)
    moved = t.binary("lshr", word, place.shift)
    if place.width == WORD or (place.pointer is None and place.bits is None):
        return moved
    return t.binary("and", moved, (1 << place.width) - 1)


def store(t: Text, place: Place, value: Operand) -> None:
    """Write a value in register form to a place in memory."""
    shape = shape_of(place.type)
    if shape.wide:
        t.copy(place.memory, str(value), shape.words)
        return
    store_bits(t, place, t.binary("add", encoded(t, place.type, value), place.bias))


def store_bits(t: Text, place: Place, raw: Operand) -> None:
    """Write bits, bias included, to a narrow place."""
    if place.width == 0:
        return
    if place.width == WORD:
        t.store(raw, place.memory)
        return
    hole = t.binary("shl", (1 << place.width) - 1, place.shift)
    kept = t.binary("and", t.load(place.memory), t.binary("xor", hole, -1))
    t.store(t.binary("or", kept, t.binary("shl", raw, place.shift)), place.memory)


def write_whole(t: Text, place: Place, value: Operand) -> None:
    """Write to a temporary of its own, whose other bits are free."""
    if shape_of(place.type).wide:
        store(t, place, value)
    else:
        t.store(encoded(t, place.type, value), place.memory)


def _part(t: Text, place: Place, type_: Type, word: Operand, shift: Operand) -> Place:
    """A part of a composite at a place."""
    if shape_of(place.type).wide:
        return Place(type_, t.offset(place.memory, word), shift)
    if place.bias:
        place = Place(place.type, None, 0, load(t, place))
    inner = t.binary("add", place.shift, shift)
    return replace(place, type=type_, shift=inner, bits=shape_of(type_).bits, bias=0)


def field(t: Text, place: Place, name: str) -> Place:
    """Field of a record."""
    assert isinstance(place.type, Record)
    shape = shape_of(place.type)
    assert isinstance(shape, RecordShape)
    k = [n for n, _ in place.type.fields].index(name)
    word, shift = shape.parts[k]
    return _part(t, place, place.type.fields[k][1], word, shift)


def lane(t: Text, place: Place, type_: Type, k: Operand) -> Place:
    """Lane `k`, counted from 0, of an array, sequence, bag or set in lanes."""
    shape = shape_of(place.type)
    assert isinstance(shape, LaneShape)
    if shape.element_words:
        at = t.binary("add", t.binary("mul", k, shape.element_words), int(shape.counted))
        return Place(type_, t.offset(place.memory, at))
    if not shape.wide:
        last = t.binary("sub", shape.count - 1, k)
        found = _part(t, place, type_, 0, t.binary("mul", last, shape.lane_bits))
        return replace(found, bits=shape.lane_bits, bias=shape.bias)
    word, within = t.divide(k, shape.per_word)
    last = t.binary("sub", shape.per_word - 1, within)
    shift = t.binary("mul", last, shape.lane_bits)
    pointer = t.offset(place.memory, t.binary("add", word, int(shape.counted)))
    return Place(type_, pointer, shift, 0, shape.bias, shape.lane_bits)


def element(t: Text, place: Place, key: Operand) -> Place:
    """Element of an array at a key in register form."""
    assert isinstance(place.type, Array)
    return lane(t, place, place.type.value, encoded(t, place.type.key, key))


def tag(t: Text, place: Place) -> Operand:
    """Tag of a union."""
    shape = shape_of(place.type)
    assert isinstance(shape, UnionShape)
    if shape.wide:
        return t.load(place.memory)
    whole = Place(place.type, None, 0, load(t, place))
    return t.binary("lshr", whole.raw, shape.payload) if shape.payload < WORD else 0


def variant(t: Text, place: Place, index: int) -> Place:
    """A union seen as its variant `index`."""
    assert isinstance(place.type, Union)
    return _part(t, place, place.type.variants[index], 1, variant_shift(place.type, index))


def variant_shift(union: Union, index: int) -> int:
    """Where the bits of variant `index` start in a union; 0 in a wide one."""
    shape = shape_of(union)
    assert isinstance(shape, UnionShape)
    return 0 if shape.wide else shape.payload - shape_of(union.variants[index]).bits


def content(t: Text, place: Place) -> Place:
    """What an option holds when it is not None."""
    assert isinstance(place.type, Option)
    inner = place.type.inner
    if shape_of(place.type).wide:
        return Place(inner, t.offset(place.memory, 1))
    return Place(inner, None, 0, t.binary("sub", load(t, place), 1))


def is_none(t: Text, place: Place) -> Condition:
    """Whether an option is None."""
    if shape_of(place.type).wide:
        return t.compare("eq", t.load(place.memory), 0)
    return t.compare("eq", load(t, place), 0)


# Which bit of a mask stands for which element: its encoding, or its place among all values.
#
# Encodings have gaps: three values of a field take two bits, and variants of a union have unlike
# sizes. Where a mask over the encodings takes more words than one over the values, an element is
# numbered by its place in their order. Everything here also computes with known numbers.


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

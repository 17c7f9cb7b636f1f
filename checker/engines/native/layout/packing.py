"""How many bits each type takes and where its parts lie.

A *narrow* value fits in one 64-bit word and is a number, its *encoding*; a wide value is a run of
whole words. No narrow part straddles a word. First parts lie in the higher bits, so that for
scalars, options, records, unions, arrays, sequences and sets of scalars in lanes the order of the
encodings is the canonical order of the values. Equal values have equal words.
"""

from dataclasses import dataclass
from functools import cache
from math import prod

from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Enum,
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

WORD = 64
ALL_ONES = (1 << WORD) - 1
LARGEST_MASK = 1 << 14


@dataclass(frozen=True, slots=True)
class Shape:
    """Size in words; `limit` is the greatest encoding of a narrow value, None for a wide one."""

    words: int
    limit: int | None

    @property
    def wide(self) -> bool:
        """Whether the value takes whole words instead of bits in one."""
        return self.limit is None

    @property
    def bits(self) -> int:
        """Bits of a narrow value; 0 for a type with one value; meaningless when wide."""
        return 0 if self.limit is None else self.limit.bit_length()

    @property
    def mask(self) -> int:
        """Ones on all bits of a narrow value."""
        return (1 << self.bits) - 1


@dataclass(frozen=True, slots=True)
class RecordShape(Shape):
    """`parts` gives word and shift of every field."""

    parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class UnionShape(Shape):
    """Narrow: the tag lies above `payload` bits. Wide: the tag is word 0, the variant follows.

    Variants begin at the top of the payload, so that fields they all begin with share their bits.
    """

    payload: int = 0


@dataclass(frozen=True, slots=True)
class LaneShape(Shape):
    """Elements side by side: arrays, sequences, bags, and sets with few members.

    A lane of `lane_bits` holds the encoding plus `bias`. Sets and bags have their greatest element
    first; with bias 1 an empty lane is 0 and all empty lanes come last. A sequence has its length
    above its lanes, from bit `length_shift` on. What takes several words and has a length, wide
    sequences and all collections of wide elements, keeps it in word 0 (`counted`).
    """

    count: int = 0
    lane_bits: int = 0
    bias: int = 0
    per_word: int = 0
    element_words: int = 0
    counted: bool = False
    length_shift: int | None = None


@dataclass(frozen=True, slots=True)
class MaskShape(Shape):
    """A set as one bit for each element; bit 0 is in the last word.

    An element's bit is its encoding or, where `dense`, its place among all values.
    """

    universe: int = 0
    dense: bool = False


@cache
def shape_of(type_: Type) -> Shape:
    """Shape of a finite type; raises SystemRefusal on what cannot be packed."""
    match type_:
        case Bool() | Enum() | Sort() | Nothing():
            return Shape(1, max(cardinality(type_) - 1, 0))
        case Int():
            return _int_shape(type_)
        case Option(inner):
            return _option_shape(shape_of(inner))
        case Record():
            return _record_shape(type_)
        case Union():
            return _union_shape(type_)
        case Array(key, value):
            return _array_shape(cardinality(key), shape_of(value))
        case Set():
            return _set_shape(type_)
        case Seq(element, capacity):
            return _sequence_shape(capacity, shape_of(element))
        case Bag(element, capacity):
            return _lanes_shape(capacity, shape_of(element))
    raise SystemRefusal(f"the native engine cannot store a value of type {type_}")


def _int_shape(type_: Int) -> Shape:
    if not type_.is_bounded:
        raise SystemRefusal(f"the native engine needs both ends of the range {type_}")
    low, high = type_.bounds
    if high - low > ALL_ONES:
        raise SystemRefusal(f"the range {type_} takes more than 64 bits")
    return Shape(1, max(high - low, 0))


def _option_shape(inner: Shape) -> Shape:
    if inner.limit is not None and inner.limit < ALL_ONES:
        return Shape(1, inner.limit + 1)
    return Shape(1 + inner.words, None)


def _record_shape(type_: Record) -> RecordShape:
    shapes = [shape_of(t) for _, t in type_.fields]
    if all(not s.wide for s in shapes) and sum(s.bits for s in shapes) <= WORD:
        return _narrow_record(shapes)
    parts: list[tuple[int, int]] = []
    word, free = -1, 0
    for shape in shapes:
        if shape.wide:
            parts.append((word + 1, 0))
            word, free = word + shape.words, 0
            continue
        if word < 0 or shape.bits > free:
            word, free = word + 1, WORD
        free -= shape.bits
        parts.append((word, free))
    return RecordShape(word + 1, None, tuple(parts))


def _narrow_record(shapes: list[Shape]) -> RecordShape:
    left, limit, parts = sum(s.bits for s in shapes), 0, []
    for shape in shapes:
        left -= shape.bits
        limit |= (shape.limit or 0) << left
        parts.append((0, left))
    return RecordShape(1, limit, tuple(parts))


def _union_shape(type_: Union) -> UnionShape:
    shapes = [shape_of(v) for v in type_.variants]
    tag_bits = (len(shapes) - 1).bit_length()
    if all(not s.wide for s in shapes):
        payload = max(s.bits for s in shapes)
        if payload + tag_bits <= WORD:
            last = (shapes[-1].limit or 0) << (payload - shapes[-1].bits)
            limit = ((len(shapes) - 1) << payload) | last
            return UnionShape(1, limit, payload)
    return UnionShape(1 + max(s.words for s in shapes), None)


def _array_shape(count: int, element: Shape) -> LaneShape:
    if element.wide:
        return LaneShape(count * element.words, None, count, 0, 0, 0, element.words)
    return _packed_lanes(count, element.bits, 0, element.limit or 0)


def _lanes_shape(capacity: int, element: Shape) -> LaneShape:
    if element.limit is None or element.limit == ALL_ONES:
        words = 1 + capacity * element.words
        return LaneShape(words, None, capacity, 0, 0, 0, element.words, True)
    return _packed_lanes(capacity, (element.limit + 1).bit_length(), 1, element.limit + 1)


def _sequence_shape(capacity: int, element: Shape) -> LaneShape:
    if element.wide:
        return _lanes_shape(capacity, element)
    bits, lanes = element.bits, capacity * element.bits
    if lanes + capacity.bit_length() <= WORD:
        full = sum((element.limit or 0) << (bits * k) for k in range(capacity))
        return LaneShape(
            1, full | capacity << lanes, capacity, bits, 0, max(capacity, 1), 0, False, lanes
        )
    per_word = WORD // bits
    words = 1 + -(-capacity // per_word)
    return LaneShape(words, None, capacity, bits, 0, per_word, 0, True)


def _packed_lanes(count: int, bits: int, bias: int, limit: int) -> LaneShape:
    per_word = count if bits == 0 else WORD // bits
    if count * bits <= WORD:
        full = sum(limit << (bits * k) for k in range(count))
        return LaneShape(1, full, count, bits, bias, per_word, 0)
    return LaneShape(-(-count // per_word), None, count, bits, bias, per_word, 0)


@cache
def ranks(type_: Type) -> int:
    """How many values a narrow type has; what has no gaps counts its encodings."""
    match type_:
        case Option(inner):
            return 1 + ranks(inner)
        case Record(_, fields):
            return prod(ranks(kind) for _, kind in fields)
        case Union(variants):
            return sum(map(ranks, variants))
    limit = shape_of(type_).limit
    assert limit is not None
    return limit + 1


def has_gaps(type_: Type) -> bool:
    """Whether some encodings up to the greatest of a narrow type stand for no value."""
    return ranks(type_) != (shape_of(type_).limit or 0) + 1


def _set_shape(type_: Set) -> Shape:
    mask = _mask_shape(type_.element)
    if type_.capacity is None or type_.capacity >= (mask.universe if mask else ALL_ONES):
        if mask is None or mask.universe > LARGEST_MASK:
            raise SystemRefusal(f"{type_} has too many possible members: give it a Size")
        return mask
    lanes = _lanes_shape(type_.capacity, shape_of(type_.element))
    lane_total = lanes.bits if not lanes.wide else lanes.words * WORD
    return mask if mask is not None and mask.universe <= lane_total else lanes


def _mask_shape(element: Type) -> MaskShape | None:
    """One bit for each encoding, or for each value where that saves words."""
    limit = shape_of(element).limit
    if limit is None:
        return None
    universe, values = limit + 1, ranks(element)
    if universe <= WORD:
        return MaskShape(1, (1 << universe) - 1, universe)
    if values <= WORD:
        return MaskShape(1, (1 << values) - 1, values, True)
    dense = -(-values // WORD) < -(-universe // WORD)
    universe = values if dense else universe
    return MaskShape(-(-universe // WORD), None, universe, dense)

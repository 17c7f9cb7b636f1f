"""Renaming the individuals of symmetric sorts inside values.

Array elements indexed by a sort move, values of the sort are mapped, sets and bags are put in
order again.
"""

from collections.abc import Collection
from dataclasses import dataclass

from planespec.checker.engines.native.codegen import lower_collections as collections
from planespec.checker.engines.native.codegen import lower_lanes as lanes
from planespec.checker.engines.native.codegen.frame import Frame
from planespec.checker.engines.native.codegen.lower_convert import build_record, inject, some
from planespec.checker.engines.native.codegen.lower_walks import Round, walk_value
from planespec.checker.engines.native.layout import parts as places
from planespec.checker.engines.native.layout.llvm_text import Operand
from planespec.checker.engines.native.layout.packing import RecordShape, shape_of
from planespec.checker.engines.native.layout.parts import (
    decoded,
    encoded,
    load,
    raw_bits,
    value_place,
    variant_shift,
    write_whole,
)
from planespec.checker.ir.types import Array, Bag, Option, Record, Seq, Set, Sort, Type, Union


@dataclass(frozen=True, slots=True)
class Spot:
    """An individual of `sort` in the bits from `shift` on."""

    shift: int
    sort: Sort

    @property
    def ones(self) -> int:
        """The bits of the spot."""
        return shape_of(self.sort).mask << self.shift


def spots_of(type_: Type, sorts: Collection[Sort]) -> tuple[Spot, ...] | None:
    """The spots of a narrow type; None where individuals are elsewhere too, or not always."""
    if shape_of(type_).wide:
        return None
    match type_:
        case Sort():
            return (Spot(0, type_),) if type_ in sorts else ()
        case Record():
            return _record_spots(type_, sorts)
        case Union():
            return _union_spots(type_, sorts)
    return () if not mentions(type_, sorts) else None


def _record_spots(type_: Record, sorts: Collection[Sort]) -> tuple[Spot, ...] | None:
    shape = shape_of(type_)
    assert isinstance(shape, RecordShape)
    found: list[Spot] = []
    for (_, kind), (_, shift) in zip(type_.fields, shape.parts, strict=True):
        inner = spots_of(kind, sorts)
        if inner is None:
            return None
        found += [Spot(shift + s.shift, s.sort) for s in inner]
    return tuple(found)


def _union_spots(type_: Union, sorts: Collection[Sort]) -> tuple[Spot, ...] | None:
    seen = set()
    for k, variant in enumerate(type_.variants):
        inner = spots_of(variant, sorts)
        if inner is None:
            return None
        move = variant_shift(type_, k)
        seen.add(tuple(Spot(move + s.shift, s.sort) for s in inner))
    return seen.pop() if len(seen) == 1 else None


def mentions(type_: Type, sorts: Collection[Sort]) -> bool:
    """Whether values of a type hold, or are indexed by, individuals of some of the sorts."""
    match type_:
        case Sort():
            return type_ in sorts
        case Record(_, fields):
            return any(mentions(t, sorts) for _, t in fields)
        case Union(variants):
            return any(mentions(v, sorts) for v in variants)
    parts = [getattr(type_, name, None) for name in ("key", "value", "inner", "element")]
    return any(mentions(p, sorts) for p in parts if isinstance(p, Type))


def relates(type_: Type, sorts: Collection[Sort]) -> bool:
    """Whether a value may say something about several individuals at once."""
    return _together(type_, sorts) > 1


def _together(type_: Type, sorts: Collection[Sort]) -> int:
    """The most individuals that one fact about a value names, 2 standing for more, too."""
    if not mentions(type_, sorts):
        return 0
    match type_:
        case Record(_, fields):
            return max(_together(t, sorts) for _, t in fields)
        case Union(variants):
            return max(_together(v, sorts) for v in variants)
        case Option(inner) | Seq(inner, _):
            return _together(inner, sorts)
        case Array(key, value):
            return mentions(key, sorts) + _together(value, sorts)
        case Set(element, _) | Bag(element, _):
            return _all_in(element, sorts)
    return 1


def _all_in(type_: Type, sorts: Collection[Sort]) -> int:
    """How many individuals are in a whole value, 2 standing for more, too."""
    match type_:
        case Record(_, fields):
            return sum(_all_in(t, sorts) for _, t in fields)
        case Union(variants):
            return max(_all_in(v, sorts) for v in variants)
        case Option(inner):
            return _all_in(inner, sorts)
        case Sort():
            return int(type_ in sorts)
    return 2 if mentions(type_, sorts) else 0


NETWORK_LANES = 6


@dataclass(frozen=True, slots=True)
class Renaming:
    """`offsets` tells for each sort where in `%maps` the new numbers of its individuals start."""

    offsets: dict[Sort, int]


def renamed(f: Frame, r: Renaming, type_: Type, value: Operand) -> Operand:
    """The renamed value, both in register form."""
    if not mentions(type_, r.offsets):
        return value
    if isinstance(type_, Record | Union) and spots_of(type_, r.offsets) is not None:
        return _respotted(f, r, type_, value)
    match type_:
        case Sort():
            return _mapped(f, r, type_, value)
        case Option():
            return _option(f, r, type_, value)
        case Record(_, fields):
            whole = value_place(type_, value)
            parts = [load(f.text, places.field(f.text, whole, n)) for n, _ in fields]
            pairs = zip(fields, parts, strict=True)
            return build_record(f, type_, [renamed(f, r, t, p) for (_, t), p in pairs])
        case Union():
            return _union(f, r, type_, value)
        case Array():
            return _array(f, r, type_, value)
    return _collection(f, r, type_, value)


def _mapped(f: Frame, r: Renaming, sort: Sort, value: Operand) -> Operand:
    at = f.text.binary("add", value, r.offsets[sort])
    return f.text.load(f.text.offset("%maps", at))


def _respotted(f: Frame, r: Renaming, type_: Type, value: Operand) -> Operand:
    """Replace the bits that hold individuals."""
    t, result = f.text, value
    for spot in spots_of(type_, r.offsets) or ():
        old = t.binary("and", t.binary("lshr", value, spot.shift), shape_of(spot.sort).mask)
        new = t.binary("shl", _mapped(f, r, spot.sort, old), spot.shift)
        result = t.binary("or", t.binary("and", result, ~spot.ones), new)
    return result


def _sorted_lanes(f: Frame, r: Renaming, type_: Set | Bag, value: Operand) -> Operand:
    """A few narrow lanes: rename each, then sort them by comparing pairs."""
    t, shape = f.text, lanes.lanes_of(type_)
    lane_bits = []
    for k in range(shape.count):
        raw = raw_bits(t, places.lane(t, value_place(type_, value), type_.element, k))
        new = renamed(f, r, type_.element, decoded(t, type_.element, raw, 1))
        biased = t.binary("add", encoded(t, type_.element, new), 1)
        lane_bits.append(t.select(t.compare("eq", raw, 0), 0, biased))
    for end in range(shape.count - 1, 0, -1):
        for k in range(end):
            a, b = lane_bits[k], lane_bits[k + 1]
            lane_bits[k] = t.define(f"call i64 @llvm.umax.i64(i64 {a}, i64 {b})")
            lane_bits[k + 1] = t.define(f"call i64 @llvm.umin.i64(i64 {a}, i64 {b})")
    whole: Operand = 0
    for bits in lane_bits:
        whole = t.binary("or", t.binary("shl", whole, shape.lane_bits), bits)
    return whole


def _is_network(r: Renaming, type_: Type) -> bool:
    """Whether lanes are few enough, and elements plain enough, to be sorted without branches."""
    if not isinstance(type_, Set | Bag) or collections.mask_of(type_) is not None:
        return False
    shape = lanes.lanes_of(type_)
    plain = isinstance(type_.element, Sort) or spots_of(type_.element, r.offsets) is not None
    return plain and not shape.wide and 0 < shape.count <= NETWORK_LANES


def _option(f: Frame, r: Renaming, type_: Option, value: Operand) -> Operand:
    t, place = f.text, value_place(type_, value)
    result = collections.copied(f, type_, value)
    with t.when(t.negate(places.is_none(t, place))):
        content = load(t, places.content(t, place))
        write_whole(t, result, some(f, renamed(f, r, type_.inner, content), type_))
    return load(t, result)


def _union(f: Frame, r: Renaming, type_: Union, value: Operand) -> Operand:
    t, place = f.text, value_place(type_, value)
    result, tag = collections.copied(f, type_, value), places.tag(f.text, place)
    for k, variant in enumerate(type_.variants):
        if mentions(variant, r.offsets):
            with t.when(t.compare("eq", tag, k)):
                record = load(t, places.variant(t, place, k))
                write_whole(t, result, inject(f, renamed(f, r, variant, record), variant, type_))
    return load(t, result)


def _array(f: Frame, r: Renaming, type_: Array, value: Operand) -> Operand:
    t, place, result = f.text, value_place(type_, value), collections.empty(f, type_)
    moves = mentions(type_.key, r.offsets)

    def turn(k: Operand) -> None:
        element = load(t, places.lane(t, place, type_.value, k))
        assert isinstance(type_.key, Sort) or not moves
        to = _mapped(f, r, type_.key, k) if isinstance(type_.key, Sort) and moves else k
        new = renamed(f, r, type_.value, element)
        places.store(t, places.lane(t, result, type_.value, to), new)

    with t.counting(0, _count(type_)) as (k, _, _):
        turn(k)
    return load(t, result)


def _count(type_: Array) -> int:
    shape = shape_of(type_)
    return int(getattr(shape, "count", 0))


def _collection(f: Frame, r: Renaming, type_: Type, value: Operand) -> Operand:
    if isinstance(type_, Set | Bag) and _is_network(r, type_):
        return _sorted_lanes(f, r, type_, value)
    result = collections.empty(f, type_)

    def add(one: Round) -> None:
        collections.add_new(f, result, renamed(f, r, one.type, one.value))

    walk_value(f, type_, value, add)
    return load(f.text, result)

"""Where a narrow value holds individuals of symmetric sorts, when that is the same in all values.

Such values are renamed, and seen by an individual, by replacing a few bits. Records and unions of
records whose individuals are plain fields at the same bits in every variant qualify.
"""

from collections.abc import Collection
from dataclasses import dataclass

from planespec.checker.ir.types import Array, Bag, Option, Record, Seq, Set, Sort, Type, Union
from planespec.checker.native.places import variant_shift
from planespec.checker.native.shapes import RecordShape, shape_of


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

"""Symbolic values of every type, built from truths and numbers.

bool: a truth. int, enum, sort: a number. `T | None`: `Maybe`. Record: `Fields`. Union: `Tagged`.
Array: `Table`, a value for each key. Set of a small type: `Members`, a truth for each element. Set
with a capacity and bag: `Slots`. Sequence: `Row`. Two states that are equal may be represented
differently only in slots that are not used.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from planespec.checker.engines.symbolic import logic as l
from planespec.checker.ir import types as t

Symbolic = Any


@dataclass(frozen=True, slots=True)
class Maybe:
    """An optional value; `value` means nothing where `present` is false."""

    present: l.Truth
    value: Symbolic


@dataclass(frozen=True, slots=True)
class Fields:
    """A record: its values in field order."""

    values: tuple[Symbolic, ...]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A union: which variant, and a value for each of them (one of which means something)."""

    tag: l.Number
    variants: tuple[Fields, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """An array: one value for each key in order."""

    values: tuple[Symbolic, ...]


@dataclass(frozen=True, slots=True)
class Members:
    """A set over a small type: for each value of the type whether it is in."""

    present: tuple[l.Truth, ...]


@dataclass(frozen=True, slots=True)
class Slots:
    """A set or bag of bounded size: places that are used or not, in no order."""

    used: tuple[l.Truth, ...]
    values: tuple[Symbolic, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A sequence: its length and its places; those past the length mean nothing."""

    length: l.Number
    values: tuple[Symbolic, ...]


MEMBERS_LIMIT = 64


def is_small(type_: t.Set) -> bool:
    """Whether a set is represented by a truth for each value that may be in it."""
    if type_.capacity is None:
        return True
    try:
        return t.cardinality(type_.element) <= MEMBERS_LIMIT
    except ValueError:
        return False


def leaf(type_: t.Type, make: Callable[[t.Type], Any]) -> Symbolic:
    """A value of `type_` whose truths and numbers are made by `make` (given Bool or Int types)."""
    match type_:
        case t.Bool() | t.Int():
            return make(type_)
        case t.Enum() | t.Sort():
            return make(t.Int(0, t.cardinality(type_) - 1))
        case t.Option(inner):
            return Maybe(make(t.Bool()), leaf(inner, make))
        case t.Record(fields=fields):
            return Fields(tuple(leaf(f, make) for _, f in fields))
        case t.Union(variants):
            tag = make(t.Int(0, len(variants) - 1))
            return Tagged(tag, tuple(leaf(v, make) for v in variants))
        case t.Nothing():
            return None
    return _collection(type_, make)


def _collection(type_: t.Type, make: Callable[[t.Type], Any]) -> Symbolic:
    match type_:
        case t.Array(key, value):
            return Table(tuple(leaf(value, make) for _ in t.members(key)))
        case t.Set(element) if is_small(type_):
            return Members(tuple(make(t.Bool()) for _ in every(element)))
        case t.Set(element, capacity) | t.Bag(element, capacity):
            assert capacity is not None, f"{type_} has no capacity"
            places = range(capacity)
            return Slots(
                tuple(make(t.Bool()) for _ in places), tuple(leaf(element, make) for _ in places)
            )
        case t.Seq(element, capacity):
            length = make(t.Int(0, capacity))
            return Row(length, tuple(leaf(element, make) for _ in range(capacity)))
    raise TypeError(f"{type_} has no symbolic values")


@cache
def every(type_: t.Type) -> tuple[Symbolic, ...]:
    """All values of a finite type, known, in the order of their numbers."""
    match type_:
        case t.Bool():
            return (False, True)
        case t.Int() | t.Enum() | t.Sort():
            return tuple(t.members(type_))
        case t.Option(inner):
            return (Maybe(False, zero(inner)), *(Maybe(True, x) for x in every(inner)))
        case t.Record(fields=fields):
            return tuple(Fields(parts) for parts in product(*(every(f) for _, f in fields)))
        case t.Union(variants):
            empty = tuple(zero(x) for x in variants)
            return tuple(
                Tagged(tag, (*empty[:tag], x, *empty[tag + 1 :]))
                for tag, variant in enumerate(variants)
                for x in every(variant)
            )
        case t.Set(element) if is_small(type_):
            choices = product((False, True), repeat=len(every(element)))
            limit = type_.capacity
            return tuple(Members(c) for c in choices if limit is None or sum(c) <= limit)
        case t.Array(key, value):
            places = len(list(t.members(key)))
            return tuple(Table(parts) for parts in product(every(value), repeat=places))
    raise TypeError(f"a set of {type_} needs a Size in proofs and symbolic search")


@cache
def _places(type_: t.Type) -> dict[Symbolic, int]:
    return {x: n for n, x in enumerate(every(type_))}


def place_of(type_: t.Type, value: Symbolic) -> int | None:
    """Which of `every` a value is; None where that depends on the state or is not seen at once."""
    return _places(type_).get(value) if _settled(value) else None


def _settled(value: Symbolic) -> bool:
    match value:
        case Maybe(present, inner):
            return l.known(present) and _settled(inner)
        case Fields(parts) | Table(parts) | Members(parts):
            return all(map(_settled, parts))
        case Tagged(tag, variants):
            return l.known(tag) and all(map(_settled, variants))
    return l.known(value)


def zero(type_: t.Type) -> Symbolic:
    """Any value, known; fills places that mean nothing."""

    def make(part: t.Type) -> Any:
        if isinstance(part, t.Bool):
            return False
        assert isinstance(part, t.Int)
        return part.low if part.low is not None else 0

    return leaf(type_, make)


def pick(condition: l.Truth, a: Symbolic, b: Symbolic) -> Symbolic:
    """`a` where the condition holds, else `b`; both of one type."""
    if l.known(condition):
        return a if condition else b
    if a is b:
        return a
    match a:
        case Maybe():
            return Maybe(
                l.choose_truth(condition, a.present, b.present), pick(condition, a.value, b.value)
            )
        case Fields():
            return Fields(_picks(condition, a.values, b.values))
        case Table():
            return Table(_picks(condition, a.values, b.values))
        case Tagged():
            tag = l.choose_number(condition, a.tag, b.tag)
            return Tagged(tag, _picks(condition, a.variants, b.variants))
        case Members():
            return Members(_picks(condition, a.present, b.present))
        case Slots():
            return Slots(_picks(condition, a.used, b.used), _picks(condition, a.values, b.values))
        case Row():
            length = l.choose_number(condition, a.length, b.length)
            return Row(length, _picks(condition, a.values, b.values))
        case None:
            return None
    if _is_truth(a) or _is_truth(b):
        return l.choose_truth(condition, a, b)
    return l.choose_number(condition, a, b)


def _is_truth(a: Any) -> bool:
    return isinstance(a, bool) or (not isinstance(a, int) and a.sort().name() == "Bool")


def _picks(condition: l.Truth, a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(pick(condition, x, y) for x, y in zip(a, b, strict=True))


def same(type_: t.Type, a: Symbolic, b: Symbolic) -> l.Truth:
    """Equality of two values of one type (ints: any ranges)."""
    match type_:
        case t.Bool():
            return l.same(a, b)
        case t.Int() | t.Enum() | t.Sort():
            return l.equal(a, b)
        case t.Option() if a.present is False or b.present is False:
            return l.no(a.present if b.present is False else b.present)
        case t.Option(inner):
            return l.both(
                l.same(a.present, b.present),
                l.either(l.no(a.present), same(inner, a.value, b.value)),
            )
        case t.Record(fields=fields):
            types = [f for _, f in fields]
            return l.all_of(map(same, types, a.values, b.values))
        case t.Union(variants):
            parts = [
                l.implies(l.equal(a.tag, n), same(v, a.variants[n], b.variants[n]))
                for n, v in enumerate(variants)
            ]
            return l.both(l.equal(a.tag, b.tag), *parts)
        case t.Nothing():
            return True
    return _same_collection(type_, a, b)


def _same_collection(type_: t.Type, a: Symbolic, b: Symbolic) -> l.Truth:
    match type_:
        case t.Array(_, value):
            return l.all_of(same(value, x, y) for x, y in zip(a.values, b.values, strict=True))
        case t.Set() if is_small(type_):
            return l.all_of(map(l.same, a.present, b.present))
        case t.Set() | t.Bag() if not any(map(_may_be, b.used)):
            return l.all_of(map(l.no, a.used))
        case t.Set(element) | t.Bag(element):
            both = (*slots(a), *slots(b))
            return l.all_of(
                l.implies(used, l.equal(copies(element, a, v), copies(element, b, v)))
                for used, v in both
            )
        case t.Seq(element):
            pairs = enumerate(zip(a.values, b.values, strict=False))
            parts = [l.implies(l.less(n, a.length), same(element, x, y)) for n, (x, y) in pairs]
            return l.both(l.equal(a.length, b.length), *parts)
    raise TypeError(f"values of {type_} cannot be compared")


def _may_be(a: l.Truth) -> bool:
    return a is not False


def slots(value: Slots) -> Iterator[tuple[l.Truth, Symbolic]]:
    """The places of a set or bag with whether they are used."""
    return zip(value.used, value.values, strict=True)


def copies(element: t.Type, value: Slots, sought: Symbolic) -> l.Number:
    """How often a value is in a bag (in a set: 0 or 1)."""
    return l.total(l.as_number(l.both(u, same(element, v, sought))) for u, v in slots(value))

"""Relations between types: the least common type, and whether one fits into another unchecked."""

from dataclasses import dataclass, replace
from functools import reduce
from math import prod

from planespec.checker.ir.ranges import contains, hull
from planespec.checker.ir.types import (
    MOST_MEMBERS,
    Array,
    Bag,
    Grid,
    Int,
    Option,
    Record,
    Seq,
    Set,
    Span,
    Tuple,
    Type,
    Union,
    cardinality,
    grid,
)
from planespec.checker.lang.data.records import parts_of, tuple_of
from planespec.checker.lang.resolve import FREE_SUBSETS

SUBSET_LIMIT = 64
"""Sets over at most so many values are always computed as subsets of them all.

Over more, up to `FREE_SUBSETS`, only those that may come to hold all the values are.
"""

CAPACITY_LIMIT = MOST_MEMBERS
"""The most elements a collection inside a computation may be able to have."""


@dataclass(frozen=True, slots=True)
class Never(Type):
    """Type of the elements of a literal that has none; gone when compilation ends."""

    def __str__(self) -> str:
        return "nothing known"


class MismatchError(Exception):
    """Two types have no common type."""


def set_of(element: Type, capacity: int) -> Set:
    """The set type of a computation: every subset where there are few values, else bounded."""
    if isinstance(element, Never):
        return Set(element, capacity)
    values = count(element)
    whole = values <= SUBSET_LIMIT or (values <= FREE_SUBSETS and capacity >= values)
    return Set(element, None if whole else capacity)


def count(type_: Type) -> int:
    """How many values a type has; unbounded and unknown types count as very many."""
    try:
        return cardinality(type_)
    except (ValueError, TypeError):
        return 1 << 80


def most_elements(type_: Type) -> int:
    """How many elements a walk over a value of the type has at most."""
    match type_:
        case Span(element) | Set(element, None):
            return count(element)
        case Set(element, int(capacity)):
            return min(count(element), capacity)
        case Bag(_, capacity) | Seq(_, capacity):
            return capacity
        case Grid():
            return prod(map(count, type_.keys))
        case Array(key, _):
            return count(key)
    return 0


def element_of(type_: Type) -> Type | None:
    """The type of the elements a walk over a value of the type yields; None for no collection."""
    match type_:
        case Grid():
            return type_.item
        case Span(element) | Set(element) | Bag(element) | Seq(element) | Array(_, element):
            return element
    return None


def join(a: Type, b: Type) -> Type:
    """The least type both fit into; raises MismatchError when there is none."""
    if a == b or isinstance(b, Never):
        return a
    match a, b:
        case Never(), _:
            return b
        case Int(), Int():
            return hull(a, b)
        case (Tuple(), _) | (_, Tuple()):
            return _join_tuples(a, b)
        case ((Record() | Union()), (Record() | Union())):
            return join_variants(a, b)
        case Option(x), Option(y):
            return Option(join(x, y))
        case Option(x), other:
            return Option(join(x, other))
        case other, Option(x):
            return Option(join(other, x))
    return _join_collections(a, b)


def _join_tuples(a: Type, b: Type) -> Type:
    """Place by place; a tuple beside a sequence is a sequence."""
    match a, b:
        case Option(), _:
            return Option(join(a.inner, b))
        case _, Option():
            return Option(join(a, b.inner))
        case Tuple(), Tuple() if len(a.fields) == len(b.fields):
            return tuple_of(map(join, parts_of(a), parts_of(b)))
    one, other = row_of(a), row_of(b)
    if one is None or other is None:
        raise MismatchError(f"{a} and {b}")
    return _join_collections(one, other)


def row_of(type_: Type) -> Seq | None:
    """The sequence type that holds a sequence or a tuple of parts of one type; None without."""
    if not isinstance(type_, Tuple):
        return type_ if isinstance(type_, Seq) else None
    try:
        none: Type = Never()
        return Seq(reduce(join, parts_of(type_), none), len(type_.fields))
    except MismatchError:
        return None


def _join_collections(a: Type, b: Type) -> Type:
    match a, b:
        case Set(x, m), Set(y, n):
            capacity = None if m is None or n is None else max(m, n)
            element = join(x, y)
            return Set(element, capacity) if capacity is not None else _subsets(element, a, b)
        case Bag(x, p), Bag(y, q):
            return Bag(join(x, y), max(p, q))
        case Seq(x, p), Seq(y, q):
            return Seq(join(x, y), max(p, q))
        case Array(), Array():
            return _join_arrays(a, b)
    raise MismatchError(f"{a} and {b}")


def _join_arrays(a: Array, b: Array) -> Array:
    """Of one type of keys; those of `each(value)` are not known."""
    if isinstance(a.key, Never):
        a, b = b, a
    if isinstance(b.key, Never):
        return with_item(a, join(item_of(a), b.value))
    if not _same_keys(a, b):
        raise MismatchError(f"{a} and {b}")
    return replace(a, value=join(a.value, b.value))


def _same_keys(a: Array, b: Array) -> bool:
    """Whether two maps have the same keys, tuples of the same length if any."""
    places = {one.places if isinstance(one, Grid) else 1 for one in (a, b)}
    return a.key == b.key and len(places) == 1


def item_of(type_: Array) -> Type:
    """The type of the value under a key, which may be a tuple."""
    return type_.item if isinstance(type_, Grid) else type_.value


def with_item(type_: Array, item: Type) -> Array:
    """The map with the same keys to values of another type."""
    return grid(type_.keys, item) if isinstance(type_, Grid) else Array(type_.key, item)


def _subsets(element: Type, a: Set, b: Set) -> Set:
    return set_of(element, max(most_elements(a), most_elements(b)))


def variants(type_: Type) -> tuple[Record, ...]:
    """The records a record or union type may be."""
    return type_.variants if isinstance(type_, Union) else (type_,)  # type: ignore[return-value]


def join_variants(a: Type, b: Type) -> Type:
    """The union of two record or union types; a record when they are the same one."""
    merged = tuple(dict.fromkeys((*variants(a), *variants(b))))
    if isinstance(b, Union) and set(merged) == set(b.variants):
        return b
    return merged[0] if len(merged) == 1 else Union(merged)


def fits(inner: Type, outer: Type) -> bool:
    """Whether every value of `inner` is, perhaps after wrapping, a value of `outer`."""
    if inner == outer or isinstance(inner, Never):
        return True
    match inner, outer:
        case Int(), Int():
            return contains(outer, inner)
        case Option(x), Option(y):
            return fits(x, y)
        case x, Option(y):
            return fits(x, y)
        case Tuple(), Tuple():
            return _same_length(inner, outer) and all(map(fits, parts_of(inner), parts_of(outer)))
        case Tuple(), Seq(element, capacity):
            room = len(inner.fields) <= capacity
            return room and all(fits(part, element) for part in parts_of(inner))
        case ((Record() | Union()), Union()):
            return set(variants(inner)) <= set(outer.variants)
    return _collection_fits(inner, outer)


def _collection_fits(inner: Type, outer: Type) -> bool:
    match inner, outer:
        case Set(x), Set(y, n):
            room = n is None or most_elements(inner) <= n
            return fits(x, y) and room
        case (Bag(x, m), Bag(y, n)) | (Seq(x, m), Seq(y, n)):
            return fits(x, y) and m <= n
        case Array(Never(), x), Array():
            return fits(x, item_of(outer))
        case Array(), Array():
            return _same_keys(inner, outer) and fits(inner.value, outer.value)
    return False


def convertible(inner: Type, outer: Type) -> bool:
    """Whether `inner` can become `outer` by a checked conversion of numbers and sizes."""
    try:
        joined = join(inner, outer)
    except MismatchError:
        return False
    return same_shape(joined, outer)


def same_shape(a: Type, b: Type) -> bool:
    """Whether two types differ in the ranges of numbers and the sizes of collections only."""
    match a, b:
        case Int(), Int():
            return True
        case Option(x), Option(y):
            return same_shape(x, y)
        case (Set(x), Set(y)) | (Bag(x), Bag(y)) | (Seq(x), Seq(y)):
            return same_shape(x, y)
        case Array(), Array():
            return _same_keys(a, b) and same_shape(a.value, b.value)
        case Tuple(), Tuple():
            return _same_length(a, b) and all(map(same_shape, parts_of(a), parts_of(b)))
    return a == b or isinstance(a, Never)


def _same_length(a: Tuple, b: Tuple) -> bool:
    return len(a.fields) == len(b.fields)


def is_mutable(type_: Type) -> bool:
    """Whether Python values of the type can change in place, so that two names may share one."""
    return isinstance(type_, Array | Set | Seq | Bag)


def may_change(type_: Type) -> bool:
    """Whether a value is such, or None."""
    return is_mutable(type_.inner if isinstance(type_, Option) else type_)


def has_parts_that_change(type_: Type) -> bool:
    """Whether elements of a collection can change in place."""
    plain = type_.inner if isinstance(type_, Option) else type_
    element = element_of(plain) if isinstance(plain, Array | Seq) else None
    return element is not None and may_change(element)


def mentions_never(type_: Type) -> bool:
    """Whether a part of the type is not known."""
    match type_:
        case Never():
            return True
        case Option(x) | Set(x) | Bag(x) | Seq(x) | Span(x):
            return mentions_never(x)
        case Array(k, x):
            return mentions_never(k) or mentions_never(x)
        case Tuple():
            return any(map(mentions_never, parts_of(type_)))
    return False

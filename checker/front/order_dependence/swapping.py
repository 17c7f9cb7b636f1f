"""Whether a value treats the elements of a symmetric sort alike.

It does where no exchange of two elements changes it; the exchanges of neighbours make all
permutations.
"""

from typing import Any

from planespec.checker.ir.frozen import order, variant_of
from planespec.checker.ir.types import (
    Array,
    Bag,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Type,
    Union,
    members,
)


def told_apart(type_: Type, value: Any) -> tuple[Sort, int, int] | None:
    """The first two elements of a symmetric sort that a frozen value does not treat alike."""
    for sort in sorted(symmetric_sorts(type_), key=str):
        for first in range(sort.size - 1):
            if swapped(type_, value, sort, first) != value:
                return sort, first, first + 1
    return None


def symmetric_sorts(type_: Type) -> set[Sort]:
    """The symmetric sorts that values of a type name or have keys of."""
    match type_:
        case Sort(symmetric=True):
            return {type_}
        case Option(inner) | Set(inner) | Seq(inner) | Bag(inner):
            return symmetric_sorts(inner)
        case Array(key, value):
            return symmetric_sorts(key) | symmetric_sorts(value)
        case Record(fields=fields):
            return set().union(*(symmetric_sorts(part) for _, part in fields))
        case Union(variants):
            return set().union(*map(symmetric_sorts, variants))
    return set()


def swapped(type_: Type, value: Any, sort: Sort, first: int) -> Any:
    """A frozen value in which an element and the next one have changed places."""

    def inside(part: Type, inner: Any) -> Any:
        return swapped(part, inner, sort, first)

    match type_:
        case Sort() if type_ == sort:
            return type(value)(_other(int(value), first))
        case Option(inner):
            return None if value is None else inside(inner, value)
        case Record(fields=fields):
            parts = {name: inside(part, getattr(value, name)) for name, part in fields}
            return type(value)(**parts)
        case Union():
            return inside(variant_of(type_, value), value)
        case Array(key, element):
            numbers = (
                _other(n, first) if key == sort else n for n in range(len(list(members(key))))
            )
            return tuple(inside(element, value[n]) for n in numbers)
        case Set(element):
            return frozenset(inside(element, member) for member in value)
        case Seq(element):
            return tuple(inside(element, member) for member in value)
        case Bag(element):
            return tuple(sorted((inside(element, m) for m in value), key=order(element)))
    return value


def _other(number: int, first: int) -> int:
    """The number of the element in whose place another one now is."""
    return {first: first + 1, first + 1: first}.get(number, number)

"""What a step changed, field by field: the readable half of a counterexample."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planespec.checker import values
from planespec.checker.ir import types as t
from planespec.checker.lang.shapes import decode


@dataclass(frozen=True, slots=True)
class Change:
    """One changed place of the state, such as `term[server0]`, and what happened there."""

    place: str
    text: str


def changes(type_: t.Type, before: Any, after: Any, place: str) -> Iterator[Change]:
    """Every smallest changed part of a value, in the order of its type."""
    if before == after:
        return
    match type_:
        case t.Array(key, value):
            for k, old, new in zip(keys(key), before, after, strict=True):
                yield from changes(value, old, new, f"{place}[{values.show(key, k)}]")
        case t.Record(_, fields):
            for name, field in fields:
                old, new = getattr(before, name), getattr(after, name)
                yield from changes(field, old, new, f"{place}.{name}")
        case t.Set(element, _):
            yield from _members(element, sorted_set(element, before - after), place, "loses")
            yield from _members(element, sorted_set(element, after - before), place, "gains")
        case t.Bag(element, _):
            yield from _members(element, surplus(before, after), place, "loses")
            yield from _members(element, surplus(after, before), place, "gains")
        case _:
            yield Change(place, f"{values.show(type_, before)} -> {values.show(type_, after)}")


def keys(type_: t.Type) -> list[Any]:
    """The frozen values of a finite scalar type, in order."""
    return [decode(type_, number) for number in t.members(type_)]


def sorted_set(element: t.Type, members: frozenset[Any]) -> list[Any]:
    """Members in canonical order."""
    return sorted(members, key=lambda member: values.canonical_key(element, member))


def _members(element: t.Type, members: list[Any], place: str, verb: str) -> Iterator[Change]:
    for member in members:
        yield Change(place, f"{verb} {values.show(element, member)}")


def surplus(many: tuple[Any, ...], few: tuple[Any, ...]) -> list[Any]:
    """Return the copies in `many` that `few` has no partner for, in order."""
    left = list(few)
    surplus = []
    for member in many:
        if member in left:
            left.remove(member)
        else:
            surplus.append(member)
    return surplus

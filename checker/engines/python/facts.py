"""What a state says about the individuals of symmetric sorts, as facts.

A *fact* is a shape, which names no individual, and the individuals it is about, in order:
`votes[n2]` holding `n1` is the shape "member of votes" about n2 and n1. Two states are the same up
to a renaming of individuals exactly where their facts are. Individuals are numbered through all
symmetric sorts; members of sets and bags whose own parts have no order are numbered after them.
"""

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from planespec.checker.ir import types

Fact = tuple[Hashable, tuple[int, ...]]
Walk = Callable[[Any, Hashable, tuple[int, ...], "Notes"], None]


class Notes:
    """The facts of one state as they are noted; `free` numbers the next anonymous member."""

    def __init__(self, free: int) -> None:
        self.facts: list[Fact] = []
        self.free = free

    def add(self, shape: Hashable, who: tuple[int, ...]) -> None:
        """Note a fact."""
        self.facts.append((shape, who))


def walk_of(type_: types.Type, offsets: dict[str, int]) -> Walk:
    """The function that notes the facts of a value at a place, about the keys that lead there.

    `offsets` has for each symmetric sort the number of its first individual.
    """
    if not mentions(type_, offsets):
        return lambda v, place, who, notes: notes.add((place, v), who)
    match type_:
        case types.Sort(name=name):
            start = offsets[name]
            return lambda v, place, who, notes: notes.add(place, (*who, start + int(v)))
        case types.Option(inner):
            return _option(walk_of(inner, offsets))
        case types.Record():
            return _record(type_, offsets)
        case types.Union(variants):
            return _union(variants, offsets)
        case types.Array(key, value):
            first = offsets.get(key.name) if isinstance(key, types.Sort) else None
            return _array(walk_of(value, offsets), first)
        case types.Seq(element, _):
            return _sequence(walk_of(element, offsets))
        case types.Set(element, _) | types.Bag(element, _):
            walk = walk_of(element, offsets)
            return _members(walk, _has_order(element, offsets))
    raise TypeError(f"{type_} holds no individuals")


def mentions(type_: types.Type, sorts: dict[str, int]) -> bool:
    """Whether values of the type hold, or are indexed by, individuals of some of the sorts."""
    match type_:
        case types.Sort(name=name):
            return name in sorts
        case types.Record(_, fields):
            return any(mentions(t, sorts) for _, t in fields)
        case types.Union(variants):
            return any(mentions(v, sorts) for v in variants)
    parts = [getattr(type_, name, None) for name in ("key", "value", "inner", "element")]
    return any(mentions(p, sorts) for p in parts if isinstance(p, types.Type))


def _has_order(type_: types.Type, sorts: dict[str, int]) -> bool:
    """Whether the individuals in a value stand in an order that no renaming changes."""
    if not mentions(type_, sorts):
        return True
    match type_:
        case types.Set() | types.Bag():
            return False
        case types.Array(key, value):
            return not mentions(key, sorts) and _has_order(value, sorts)
        case types.Record(_, fields):
            return all(_has_order(t, sorts) for _, t in fields)
        case types.Union(variants):
            return all(_has_order(v, sorts) for v in variants)
        case types.Option(inner) | types.Seq(inner, _):
            return _has_order(inner, sorts)
    return True


def _option(walk: Walk) -> Walk:
    def note(value: Any, place: Hashable, who: tuple[int, ...], notes: Notes) -> None:
        if value is None:
            notes.add((place, None), who)
        else:
            walk(value, (place, "some"), who, notes)

    return note


def _record(type_: types.Record, offsets: dict[str, int]) -> Walk:
    walks = [(name, walk_of(t, offsets)) for name, t in type_.fields]

    def note(value: Any, place: Hashable, who: tuple[int, ...], notes: Notes) -> None:
        for name, walk in walks:
            walk(getattr(value, name), (place, name), who, notes)

    return note


def _union(variants: tuple[types.Record, ...], offsets: dict[str, int]) -> Walk:
    walks = {v.python: (n, _record(v, offsets)) for n, v in enumerate(variants)}

    def note(value: Any, place: Hashable, who: tuple[int, ...], notes: Notes) -> None:
        number, walk = walks[type(value)]
        notes.add((place, "variant", number), who)
        walk(value, (place, number), who, notes)

    return note


def _array(walk: Walk, first: int | None) -> Walk:
    """The values by key; `first` is the number of the first key where those are individuals."""

    def note(value: Any, place: Hashable, who: tuple[int, ...], notes: Notes) -> None:
        for k, item in enumerate(value):
            if first is None:
                walk(item, (place, k), who, notes)
            else:
                walk(item, place, (*who, first + k), notes)

    return note


def _sequence(walk: Walk) -> Walk:
    def note(value: Any, place: Hashable, who: tuple[int, ...], notes: Notes) -> None:
        notes.add((place, "length", len(value)), who)
        for k, item in enumerate(value):
            walk(item, (place, k), who, notes)

    return note


def _members(walk: Walk, ordered: bool) -> Walk:
    """A member is one fact about all in it; or somebody itself, where those have no order."""

    def note(value: Any, place: Hashable, who: tuple[int, ...], notes: Notes) -> None:
        for member, copies in Counter(value).items():
            if ordered:
                inner = Notes(notes.free)
                walk(member, "", (), inner)
                shapes = tuple([shape for shape, _ in inner.facts])
                about = [w for _, part in inner.facts for w in part]
                notes.add((place, "in", copies, shapes), (*who, *about))
            else:
                me = notes.free
                notes.free += 1
                notes.add((place, "in", copies), (*who, me))
                walk(member, (place, "member"), (me,), notes)

    return note

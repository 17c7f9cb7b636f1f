"""The same value in another type, with an error where it does not fit."""

from typing import Any, Protocol

from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.ir import types as t


class Failing(Protocol):
    """Somewhere to report that Python would raise."""

    def fail_if(self, condition: l.Truth) -> None:
        """Note an error where the condition holds."""


def convert(ev: Failing, old: t.Type, new: t.Type, value: Any, *, checked: bool) -> Any:
    """`value` of type `old` as a value of `new`; `checked` reports what leaves a range."""
    if old == new:
        return value
    match old, new:
        case t.Int(), t.Int():
            if checked:
                ev.fail_if(l.no(l.within(value, new.low, new.high)))
            return value
        case ((t.Sort() | t.Int()), (t.Sort() | t.Int())):
            low, high = new.bounds if isinstance(new, t.Int) else (0, new.size - 1)
            if checked:
                ev.fail_if(l.no(l.within(value, low, high)))
            return value
        case t.Nothing(), t.Option(inner):
            return v.Maybe(False, v.zero(inner))
        case t.Option(a), t.Option(b):
            guarded = _Guarded(ev, value.present)
            return v.Maybe(value.present, convert(guarded, a, b, value.value, checked=checked))
        case t.Record(), t.Record():
            types = zip(old.fields, new.fields, value.values, strict=True)
            parts = (convert(ev, a, b, x, checked=checked) for (_, a), (_, b), x in types)
            return v.Fields(tuple(parts))
        case t.Array(_, a), t.Array(_, b):
            return v.Table(tuple(convert(ev, a, b, x, checked=checked) for x in value.values))
        case t.Seq(), t.Seq():
            return _row(ev, old, new, value, checked)
    return _unordered(ev, old, new, value, checked)


class _Guarded:
    def __init__(self, ev: Failing, condition: l.Truth) -> None:
        self.ev, self.condition = ev, condition

    def fail_if(self, condition: l.Truth) -> None:
        """Report only where the guard holds."""
        self.ev.fail_if(l.both(self.condition, condition))


def _row(ev: Failing, old: t.Seq, new: t.Seq, row: v.Row, checked: bool) -> v.Row:
    if checked:
        ev.fail_if(l.less(new.capacity, row.length))
    places = []
    for n in range(new.capacity):
        if n < len(row.values):
            guarded = _Guarded(ev, l.less(n, row.length))
            part = convert(guarded, old.element, new.element, row.values[n], checked=checked)
            places.append(part)
        else:
            places.append(v.zero(new.element))
    return v.Row(row.length, tuple(places))


def _unordered(ev: Failing, old: t.Type, new: t.Type, value: Any, checked: bool) -> Any:
    assert isinstance(old, t.Set | t.Bag), f"{old} does not convert to {new}"
    assert isinstance(new, t.Set | t.Bag), f"{old} does not convert to {new}"
    found = list(elements(old, value))
    parts = [
        (used, convert(_Guarded(ev, used), old.element, new.element, x, checked=checked))
        for used, x in found
    ]
    if isinstance(new, t.Set) and v.is_small(new):
        return small_set(ev, new, parts)
    assert new.capacity is not None
    if checked and new.capacity < len(parts):
        ev.fail_if(l.less(new.capacity, l.total(l.as_number(u) for u, _ in parts)))
    return compacted(new.element, new.capacity, parts)


def small_set(ev: Failing, type_: t.Set, parts: list[tuple[l.Truth, Any]]) -> v.Members:
    """The set of the used values; more of them than its capacity is an error."""
    element = type_.element
    hits: list[list[l.Truth]] = [[] for _ in v.every(element)]
    for used, value in parts:
        if used is False:
            continue
        place = v.place_of(element, value)
        for n, x in enumerate(v.every(element)) if place is None else ():
            hits[n].append(l.both(used, v.same(element, value, x)))
        if place is not None:
            hits[place].append(used)
    present = tuple(map(l.any_of, hits))
    if type_.capacity is not None and type_.capacity < min(len(parts), len(present)):
        ev.fail_if(l.less(type_.capacity, l.total(map(l.as_number, present))))
    return v.Members(present)


def elements(type_: t.Set | t.Bag, value: Any) -> list[tuple[l.Truth, Any]]:
    """The elements of a set or the copies in a bag, each with the condition that it is there."""
    if isinstance(value, v.Members):
        return list(zip(value.present, v.every(type_.element), strict=True))
    return list(v.slots(value))


def compacted(element: t.Type, capacity: int, parts: list[tuple[l.Truth, Any]]) -> v.Slots:
    """Slots that hold the used values; what does not fit is dropped (and was reported)."""
    if len(parts) <= capacity:
        free = capacity - len(parts)
        used = tuple(u for u, _ in parts) + (False,) * free
        return v.Slots(used, tuple(x for _, x in parts) + (v.zero(element),) * free)
    result_used: list[l.Truth] = [False] * capacity
    result = [v.zero(element)] * capacity
    for used, value in parts:
        waiting = used
        for n in range(capacity):
            here = l.both(waiting, l.no(result_used[n]))
            result[n] = v.pick(here, value, result[n])
            waiting = l.both(waiting, result_used[n])
            result_used[n] = l.either(result_used[n], here)
    return v.Slots(tuple(result_used), tuple(result))


def select(hits: list[l.Truth], values: tuple[Any, ...]) -> Any:
    """The value whose condition holds; the last where none does."""
    result = values[-1]
    for hit, value in zip(reversed(hits[:-1]), reversed(values[:-1]), strict=True):
        result = v.pick(hit, value, result)
    return result


def place_in(ev: Failing, row: v.Row, number: l.Number) -> l.Number:
    """Python's index into a sequence as a place from 0; one that does not exist is an error."""
    place = l.choose_number(l.less(number, 0), number + row.length, number)
    ev.fail_if(l.no(l.both(l.at_most(0, place), l.less(place, row.length))))
    return place

"""Meaning of the operations on sets, bags and sequences."""

from collections.abc import Callable
from typing import Any

from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.engines.symbolic.conversion import (
    Failing,
    compacted,
    elements,
    select,
    small_set,
)
from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Expr, Op

Combine = Callable[[l.Truth, l.Truth], l.Truth]


def is_in(type_: t.Type, collection: Any, sought: Any) -> l.Truth:
    """Whether a set, bag or sequence holds the value."""
    if isinstance(type_, t.Seq):
        return l.any_of(
            l.both(l.less(n, collection.length), v.same(type_.element, x, sought))
            for n, x in enumerate(collection.values)
        )
    assert isinstance(type_, t.Set | t.Bag)
    place = v.place_of(type_.element, sought) if isinstance(collection, v.Members) else None
    if place is not None:
        return collection.present[place]
    parts = elements(type_, collection)
    return l.any_of(l.both(u, v.same(type_.element, x, sought)) for u, x in parts)


def size(type_: t.Type, value: Any) -> l.Number:
    """Number of elements (in a bag: copies)."""
    if isinstance(type_, t.Array):
        return len(value.values)
    if isinstance(type_, t.Seq):
        return value.length
    used = value.present if isinstance(value, v.Members) else value.used
    return l.total(l.as_number(u) for u in used)


def literal_set(ev: Failing, type_: t.Set, parts: list[tuple[l.Truth, Any]]) -> Any:
    """The set of the used values; equal ones count once."""
    if v.is_small(type_):
        return small_set(ev, type_, parts)
    fresh: list[tuple[l.Truth, Any]] = []
    for used, value in parts:
        again = l.any_of(l.both(u, v.same(type_.element, x, value)) for u, x in fresh)
        fresh.append((l.both(used, l.no(again)), value))
    return bounded(ev, type_, fresh)


def bounded(ev: Failing, type_: t.Set | t.Bag, parts: list[tuple[l.Truth, Any]]) -> v.Slots:
    """Slots for distinct values (or copies); more than the capacity is an error."""
    capacity = len(parts) if type_.capacity is None else type_.capacity
    if len(parts) > capacity:
        ev.fail_if(l.less(capacity, l.total(l.as_number(u) for u, _ in parts)))
    return compacted(type_.element, capacity, parts)


def _set(ev: Failing, node: Expr, *values: Any) -> Any:
    assert isinstance(node.type, t.Set)
    return literal_set(ev, node.type, [(True, x) for x in values])


def _bag(ev: Failing, node: Expr, *values: Any) -> Any:
    assert isinstance(node.type, t.Bag)
    return bounded(ev, node.type, [(True, x) for x in values])


def row(ev: Failing, type_: t.Seq, parts: list[Any]) -> v.Row:
    """A sequence of known length."""
    ev.fail_if(len(parts) > type_.capacity)
    fill = [v.zero(type_.element)] * (type_.capacity - len(parts))
    return v.Row(len(parts), tuple((parts + fill)[: type_.capacity]))


def _seq(ev: Failing, node: Expr, *values: Any) -> v.Row:
    assert isinstance(node.type, t.Seq)
    return row(ev, node.type, list(values))


def _len(_: Failing, node: Expr, value: Any) -> l.Number:
    return size(node.args[0].type, value)


def _in(_: Failing, node: Expr, sought: Any, collection: Any) -> l.Truth:
    return is_in(node.args[1].type, collection, sought)


def _combine(keep_left: Combine, add_right: bool) -> Callable[..., Any]:
    """Elements of the left that `keep_left` keeps, then new ones of the right."""

    def compute(ev: Failing, node: Expr, a: Any, b: Any) -> Any:
        type_ = node.type
        assert isinstance(type_, t.Set)
        left, right = (elements(type_, x) for x in (a, b))
        parts = [(l.both(u, keep_left(u, is_in(type_, b, x))), x) for u, x in left]
        if add_right:
            parts += [(l.both(u, l.no(is_in(type_, a, x))), x) for u, x in right]
        if v.is_small(type_):
            return small_set(ev, type_, parts)
        return bounded(ev, type_, parts)

    return compute


def _members_combine(combine: Combine, slots: Callable[..., Any]) -> Callable[..., Any]:
    def compute(ev: Failing, node: Expr, a: Any, b: Any) -> Any:
        if isinstance(a, v.Members):
            return _within(ev, node.type, tuple(map(combine, a.present, b.present)))
        return slots(ev, node, a, b)

    return compute


def _within(ev: Failing, type_: t.Type, present: tuple[l.Truth, ...]) -> v.Members:
    assert isinstance(type_, t.Set)
    if type_.capacity is not None and type_.capacity < len(present):
        ev.fail_if(l.less(type_.capacity, l.total(map(l.as_number, present))))
    return v.Members(present)


def _with(ev: Failing, node: Expr, collection: v.Slots, new: Any) -> v.Slots:
    """A bag with one copy more; sets have a union for that."""
    assert isinstance(node.type, t.Bag)
    return bounded(ev, node.type, [*v.slots(collection), (True, new)])


def _without(_: Failing, node: Expr, collection: v.Slots, old: Any) -> v.Slots:
    """A bag with one copy less; sets have a difference for that."""
    assert isinstance(node.type, t.Bag)
    left, used = True, []
    for present, value in v.slots(collection):
        hit = l.both(present, v.same(node.type.element, value, old), left)
        used.append(l.both(present, l.no(hit)))
        left = l.both(left, l.no(hit))
    return v.Slots(tuple(used), collection.values)


def _concat(ev: Failing, node: Expr, a: v.Row, b: v.Row) -> v.Row:
    assert isinstance(node.type, t.Seq)
    capacity, empty = node.type.capacity, v.zero(node.type.element)
    length = a.length + b.length
    ev.fail_if(l.less(capacity, length))
    places = []
    for n in range(capacity):
        mine = a.values[n] if n < len(a.values) else empty
        theirs = _shifted(b, n - a.length, empty)
        places.append(v.pick(l.less(n, a.length), mine, theirs))
    return v.Row(length, tuple(places))


def _shifted(source: v.Row, place: l.Number, empty: Any) -> Any:
    if not source.values:
        return empty
    return select([l.equal(place, n) for n in range(len(source.values))], source.values)


def _slice(_: Failing, node: Expr, source: v.Row, low: l.Number, high: l.Number) -> v.Row:
    assert isinstance(node.type, t.Seq)
    start, end = (_clipped(x, source.length) for x in (low, high))
    length = l.choose_number(l.less(start, end), end - start, 0)
    empty = v.zero(node.type.element)
    places = [_shifted(source, start + n, empty) for n in range(node.type.capacity)]
    return v.Row(length, tuple(places))


def _clipped(number: l.Number, length: l.Number) -> l.Number:
    from_end = l.choose_number(l.less(number + length, 0), 0, number + length)
    over = l.choose_number(l.less(length, number), length, number)
    return l.choose_number(l.less(number, 0), from_end, over)


OPERATIONS: dict[Op, Callable[..., Any]] = {
    Op.SET: _set,
    Op.SEQ: _seq,
    Op.BAG: _bag,
    Op.LEN: _len,
    Op.IN: _in,
    Op.UNION: _members_combine(l.either, _combine(lambda _a, _b: True, add_right=True)),
    Op.INTERSECTION: _members_combine(l.both, _combine(lambda _a, b: b, add_right=False)),
    Op.DIFFERENCE: _members_combine(
        lambda a, b: l.both(a, l.no(b)), _combine(lambda _a, b: l.no(b), add_right=False)
    ),
    Op.WITH: _with,
    Op.WITHOUT: _without,
    Op.CONCAT: _concat,
    Op.SLICE: _slice,
}

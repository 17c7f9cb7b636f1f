"""Storing into a part of the state: the whole variable with one part replaced."""

from typing import Any

from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.symbolic import logic as l
from planespec.checker.symbolic import values as v
from planespec.checker.symbolic.expressions import Evaluator
from planespec.checker.symbolic.selection import place_in


def stored(ev: Evaluator, place: Expr, value: Any) -> tuple[str, Any]:
    """Name of the variable that `place` is part of, and its value after the store."""
    if place.op is Op.STATE:
        return place.arg, value
    container = place.args[0]
    old = ev.value(container)
    return stored(ev, container, _replaced(ev, place, old, value))


def _replaced(ev: Evaluator, place: Expr, old: Any, value: Any) -> Any:
    type_ = place.args[0].type
    match place.op:
        case Op.FIELD:
            assert isinstance(type_, t.Record)
            number = [n for n, _ in type_.fields].index(place.arg)
            return v.Fields((*old.values[:number], value, *old.values[number + 1 :]))
        case Op.INDEX:
            assert isinstance(type_, t.Array)
            hits = ev.index(type_.key, ev.key_number(type_.key, ev.value(place.args[1])))
            return v.Table(_where(hits, value, old.values))
    number = place_in(ev, old, ev.value(place.args[1]))
    hits = [l.equal(number, n) for n in range(len(old.values))]
    return v.Row(old.length, _where(hits, value, old.values))


def _where(hits: list[l.Truth], value: Any, old: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(v.pick(hit, value, x) for hit, x in zip(hits, old, strict=True))

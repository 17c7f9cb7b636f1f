"""Frozen values by type: checking, freezing, thawing, ordering, showing; shared by all engines.

The frozen forms are described in `checker.outcome`, the canonical order in `lang.order`.
"""

from typing import Any

from planespec.checker.ir import types
from planespec.checker.lang.data.containers import Home
from planespec.checker.lang.data.grids import grid_items, grid_keys
from planespec.checker.lang.data.order import key_of
from planespec.checker.lang.data.order import show as show_value
from planespec.checker.lang.data.shapes import decode, shape_of


def check(type_: types.Type, value: Any) -> str | None:
    """Why a value, frozen or not, is not of the type; None when it is. Ends "name ..."."""
    return shape_of(type_).fault(value)


def freeze(type_: types.Type, value: Any) -> Any:
    """The frozen form of a value of the type."""
    return shape_of(type_).freeze(value)


def thaw(type_: types.Type, frozen: Any, name: str = "value") -> Any:
    """A working form of a frozen value, outside any model; `name` is used in messages."""
    return shape_of(type_).thaw(frozen, Home(name, {}, set()))


def canonical_key(type_: types.Type, frozen: Any) -> Any:
    """Sort key of a frozen value: a total order on the values of the type."""
    return key_of(type_)(frozen)


def show(type_: types.Type, frozen: Any) -> str:
    """The text of a frozen value in traces; arrays show their keys."""
    match type_:
        case types.Grid(item=item):
            shown = map(show_value, grid_keys(type_))
            cells = zip(shown, grid_items(type_, frozen), strict=True)
            return "{" + ", ".join(f"{k}: {show(item, v)}" for k, v in cells) + "}"
        case types.Array(key, value):
            keys = [show_value(decode(key, n)) for n in types.members(key)]
            pairs = zip(keys, frozen, strict=True)
            return "{" + ", ".join(f"{k}: {show(value, v)}" for k, v in pairs) + "}"
        case types.Seq(element, _) | types.Bag(element, _):
            return "[" + ", ".join(show(element, v) for v in frozen) + "]"
        case types.Set(element, _):
            members = sorted(frozen, key=key_of(element))
            return "{" + ", ".join(show(element, v) for v in members) + "}"
        case types.Tuple(_, fields):
            return "(" + ", ".join(show(t, getattr(frozen, n)) for n, t in fields) + ")"
        case types.Record(name, fields):
            parts = (f"{n}={show(t, getattr(frozen, n))}" for n, t in fields)
            return f"{name}({', '.join(parts)})"
        case types.Union(variants):
            return show(next(v for v in variants if v.python is type(frozen)), frozen)
        case types.Option(inner) if frozen is not None:
            return show(inner, frozen)
    return show_value(frozen)

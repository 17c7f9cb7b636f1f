"""The canonical order of values, their text, and what is wrong with one."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from planespec.checker.ir import types
from planespec.checker.lang.data.records import FixedMap, field_names, is_record
from planespec.checker.lang.presence import conditions_of

Key = Callable[[Any], Any]


def key_of(type_: types.Type) -> Key:
    """A function from frozen values of the type to sort keys.

    Numbers by value, enums and sorts by number, None before all else, records by their fields from
    the first, unions by variant and then fields, arrays by their values from the first key,
    sequences and bags (copies ascending) by length and then elements, sets by their greatest
    member, then the next (so that a set of numbers sorts like its bit mask).
    """
    match type_:
        case types.Enum():
            numbers = {member: n for n, member in enumerate(type_.python)}
            return numbers.__getitem__
        case types.Option(inner):
            key = key_of(inner)
            return lambda v: (0,) if v is None else (1, key(v))
        case types.Record():
            return _record_key(type_)
        case types.Union(variants):
            keys = {v.python: (n, _record_key(v)) for n, v in enumerate(variants)}
            return lambda v: (keys[type(v)][0], keys[type(v)][1](v))
    return _collection_key(type_)


def _record_key(type_: types.Record) -> Key:
    parts = [(name, key_of(t)) for name, t in type_.fields]
    return lambda v: tuple([key(getattr(v, name)) for name, key in parts])


def _collection_key(type_: types.Type) -> Key:
    match type_:
        case types.Array(_, value):
            key = key_of(value)
            return lambda v: tuple(map(key, v))
        case types.Set(element, _):
            key = key_of(element)
            return lambda v: tuple(sorted(map(key, v), reverse=True))
        case types.Seq(element, _) | types.Bag(element, _):
            key = key_of(element)
            return lambda v: (len(v), tuple(map(key, v)))
    return int


def loose_key(rank: Callable[[type], int] | None = None) -> Key:
    """The same order for values whose type is not known, such as members of a local set.

    `rank` gives the place of a record class in the unions of the model.
    """

    def key(value: Any) -> Any:
        if value is None:
            return (0,)
        if isinstance(value, Enum):
            return (1, list(type(value)).index(value))
        if is_record(type(value)):
            parts = tuple(key(getattr(value, name)) for name in field_names(type(value)))
            return (1, rank(type(value)) if rank else 0, parts)
        if isinstance(value, set | frozenset):
            return (1, tuple(sorted(map(key, value), reverse=True)))
        if isinstance(value, tuple | list):
            return (1, len(value), tuple(map(key, value)))
        return (1, value)

    return key


def show(value: Any) -> str:
    """The text of a value in messages and traces; sets in canonical order.

    A field of a record that exists only under a condition is left out where it has its default.
    """
    if isinstance(value, Enum):
        return value.name
    if is_record(type(value)):
        parts = (f"{name}={show(getattr(value, name))}" for name in shown_fields(value))
        return f"{type(value).__name__}({', '.join(parts)})"
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(map(show, sorted(value, key=loose_key()))) + "}"
    if isinstance(value, FixedMap):
        return "{" + ", ".join(f"{show(k)}: {show(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return "(" + ", ".join(map(show, value)) + ")"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(show, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(k)}: {show(v)}" for k, v in value.items()) + "}"
    return repr(value)


def show_key(key: Any) -> str:
    """A key as it stands in brackets: of a tuple its parts."""
    text = show(key)
    return text[1:-1] if isinstance(key, tuple) and not isinstance(key, FixedMap) else text


def shown_fields(value: Any) -> list[str]:
    """The fields of a record that its text names."""
    conditions = conditions_of(type(value))
    default = {n: type(value).__dataclass_fields__[n].default for n in conditions}
    return [
        name
        for name in field_names(type(value))
        if name not in conditions or getattr(value, name) != default[name]
    ]


# What is wrong with a value that is no bool, number, enum member or element of a sort.


Fault = Callable[[Any], str | None]


def scalar_fault(type_: types.Type) -> Fault:
    """The function that says how a value is none of the type; it ends the sentence "name ..."."""
    match type_:
        case types.Int():
            return _int_fault(type_)
        case types.Sort():
            return _sort_fault(type_)
        case types.Bool():
            return lambda v: None if type(v) is bool else f" = {show(v)} is not a bool"
        case types.Nothing():
            return lambda v: None if v is None else f" = {show(v)} is not None"
    python = getattr(type_, "python", None)
    return lambda v: None if type(v) is python else f" = {show(v)} is not a {type_}"


def _int_fault(type_: types.Int) -> Fault:
    low = float("-inf") if type_.low is None else type_.low
    high = float("inf") if type_.high is None else type_.high

    def fault(value: Any) -> str | None:
        if type(value) is not int:
            return f" = {show(value)} is not an int"
        if low <= value <= high:
            return None
        return f" = {value} leaves {type_}"

    return fault


def _sort_fault(type_: types.Sort) -> Fault:
    python, size = type_.python, type_.size

    def fault(value: Any) -> str | None:
        if type(value) is not python:
            return f" = {show(value)} is not a {type_}"
        if 0 <= value < size:
            return None
        return f" = {show(value)} is none of the {size} elements of {type_}"

    return fault

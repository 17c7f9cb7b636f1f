"""Frozen values and types: numbers of scalars, fitting, canonical order.

Frozen values are those of `checker/outcome.py`. A scalar type without its Python class stands for
its numbers.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum as PythonEnum
from typing import Any

from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Enum,
    Int,
    Nothing,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Type,
    Union,
    cardinality,
)


class EvaluationError(Exception):
    """A model error: the expression has no value, or a value does not fit its type."""


def scalar(type_: Type, number: int) -> Any:
    """The frozen value that a number stands for (see `types.members`)."""
    match type_:
        case Bool():
            return bool(number)
        case Enum(_, members, python) if python is not None:
            return python[members[number]]
        case Sort(_, _, _, python) if python is not None:
            return python(number)
    return number


def number(type_: Type, value: Any) -> int:
    """The number of a frozen scalar."""
    if isinstance(type_, Enum) and isinstance(value, PythonEnum):
        return type_.members.index(value.name)
    return int(value)


def variant_of(union: Union, value: Any) -> Record:
    """The variant of a union that a record instance belongs to."""
    return union.variants[union.index(type(value).__name__)]


def fits(type_: Type, value: Any) -> bool:
    """Whether a frozen value, known to be of the right kind, is within the bounds of a type."""
    match type_:
        case Int(low, high):
            return (low is None or low <= value) and (high is None or value <= high)
        case Bool() | Enum() | Sort():
            return 0 <= number(type_, value) < cardinality(type_)
        case Option(inner):
            return value is None or fits(inner, value)
        case Nothing():
            return value is None
        case Record(_, fields):
            return value is not None and all(fits(t, getattr(value, n)) for n, t in fields)
        case Union(variants):
            known = type(value).__name__ in {v.name for v in variants}
            return known and fits(variant_of(type_, value), value)
    return _collection_fits(type_, value)


def _collection_fits(type_: Type, value: Any) -> bool:
    match type_:
        case Array(key, element):
            return len(value) == cardinality(key) and all(fits(element, v) for v in value)
        case Set(element, capacity):
            room = capacity is None or len(value) <= capacity
            return room and all(fits(element, v) for v in value)
        case Bag(element, capacity) | Seq(element, capacity):
            return len(value) <= capacity and all(fits(element, v) for v in value)
    raise TypeError(f"{type_} has no values of its own")


def order(type_: Type) -> Callable[[Any], Any]:
    """A sort key for frozen values of a type: the canonical order.

    Scalars by number, None first, records by fields, unions by variant and fields, arrays by
    values, sequences and bags by length and then elements, sets by their greatest member, then
    the next.
    """
    match type_:
        case Option(inner):
            key = order(inner)
            return lambda v: (0,) if v is None else (1, key(v))
        case Record(_, fields):
            keys = [(n, order(t)) for n, t in fields]
            return lambda v: tuple(k(getattr(v, n)) for n, k in keys)
        case Union(variants):
            ranks = {v.name: (k, order(v)) for k, v in enumerate(variants)}
            return lambda v: (ranks[type(v).__name__][0], ranks[type(v).__name__][1](v))
        case Array(_, element):
            inner_key = order(element)
            return lambda v: tuple(map(inner_key, v))
        case Set(element):
            member = order(element)
            return lambda v: tuple(sorted(map(member, v), reverse=True))
        case Bag(element) | Seq(element):
            each = order(element)
            return lambda v: (len(v), tuple(map(each, v)))
        case Nothing():
            return lambda v: 0
    return lambda v: number(type_, v)


def build(type_: Type, elements: list[Any]) -> Any:
    """A collection or array of elements, checked against its type."""
    match type_:
        case Set():
            value: Any = frozenset(elements)
        case Bag(element):
            value = tuple(sorted(elements, key=order(element)))
        case _:
            value = tuple(elements)
    return converted(type_, value)


def converted(type_: Type, value: Any) -> Any:
    """The value, if it fits the type; raises EvaluationError."""
    if not fits(type_, value):
        raise EvaluationError(f"{value} is outside {type_}")
    return value


def index_of(array: Type, key: Any) -> int:
    """Place of a key in the tuple that stands for an array; raises EvaluationError."""
    assert isinstance(array, Array)
    low = array.key.bounds[0] if isinstance(array.key, Int) else 0
    place = number(array.key, key) - low
    if not 0 <= place < cardinality(array.key):
        raise EvaluationError(f"{key} is not a key of {array}")
    return place


def position_of(length: int, index: int) -> int:
    """Python's position for an index into a sequence; raises EvaluationError."""
    if not -length <= index < length:
        raise EvaluationError(f"index {index} of a sequence of {length}")
    return index % length


def replaced(record: Any, **changes: Any) -> Any:
    """A record instance with some fields changed."""
    return replace(record, **changes)

"""Fixed tuples such as `tuple[Node, bool]`: records whose fields are their places.

Frozen they are named tuples, one class for each length, which equal the plain tuples of CPython.
"""

from collections import namedtuple
from collections.abc import Iterable
from functools import cache
from typing import Any

from planespec.checker.ir.types import Tuple, Type


def place(number: int) -> str:
    """The name of a place as a field."""
    return f"item{number}"


@cache
def tuple_class(length: int) -> Any:
    """The class of the frozen tuples of a length."""
    return namedtuple(f"Tuple{length}", [place(n) for n in range(length)])


def tuple_of(parts: Iterable[Type]) -> Tuple:
    """The type of the tuples with these parts."""
    parts = tuple(parts)
    fields = tuple((place(number), part) for number, part in enumerate(parts))
    return Tuple(f"tuple[{', '.join(map(str, parts))}]", fields, tuple_class(len(parts)))


def is_named_tuple(cls: Any) -> bool:
    """Whether a class is a `NamedTuple` of a model file."""
    named = isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")
    return named and bool(getattr(cls, "__annotations__", None))


def parts_of(type_: Tuple) -> tuple[Type, ...]:
    """The types of the places, in order."""
    return tuple(part for _, part in type_.fields)

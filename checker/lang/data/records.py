"""Values that never change: records, tuples as records, sorts, and maps inside records."""

from collections import namedtuple
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, fields
from dataclasses import replace as dataclass_replace
from functools import cache
from typing import Any, ClassVar, NoReturn, TypeVar, dataclass_transform

from planespec.checker.errors import ModelError
from planespec.checker.ir.types import Tuple, Type
from planespec.checker.lang.presence import WHEN, Only

R = TypeVar("R")

field_faults: ContextVar[Callable[[Any], str | None] | None] = ContextVar(
    "field_faults", default=None
)
"""What is wrong with the fields of a new record, as the constants of the model at work say it."""


@dataclass_transform(frozen_default=True)
def record(cls: type[R]) -> type[R]:
    """Make a class of annotated fields a record: immutable, hashable, compared by value.

    Field types are those of state variables but for the mutable ones: write `frozenset[T]` and
    `tuple[T, ...]` for collections. A value outside the type of its field is a model error where
    the record is made, if an engine runs the model, and else where it is stored in the state.
    """
    cls.__post_init__ = _check_fields  # type: ignore[attr-defined]
    conditions = _taken_off(cls)
    made = dataclass(frozen=True, slots=True)(cls)
    made.__planespec_record__ = True  # type: ignore[attr-defined]
    setattr(made, WHEN, conditions)
    return made


def _taken_off(cls: type) -> dict[str, str]:
    """The conditions of the fields, which keep their bare defaults."""
    found = {name: mark for name, mark in vars(cls).items() if isinstance(mark, Only)}
    for name, mark in found.items():
        setattr(cls, name, mark.value)
    return {name: mark.when for name, mark in found.items()}


def _check_fields(value: Any) -> None:
    for name in field_names(type(value)):
        given = getattr(value, name)
        if isinstance(given, dict):
            object.__setattr__(value, name, settled(given))
    fault_of = field_faults.get()
    fault = None if fault_of is None else fault_of(value)
    if fault is not None:
        raise ModelError(f"{type(value).__name__}{fault}")


def is_record(cls: Any) -> bool:
    """Whether `cls` is a class made by `record`."""
    return isinstance(cls, type) and "__planespec_record__" in vars(cls)


def field_names(cls: type) -> tuple[str, ...]:
    """Names of the fields of a record class, in order."""
    return tuple(f.name for f in fields(cls))


def replace(value: R, /, **changes: Any) -> R:
    """A copy of a record with some fields changed."""
    return dataclass_replace(value, **changes)  # type: ignore[type-var]


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


S = TypeVar("S")


class Sort(int):
    """Base of sorts: `class Server(Sort)`. An element is a number from 0 to the size less 1.

    A constant of the model gives the size: `servers: Domain[Server] = sort(3)`. Elements print as
    the lower-case name of the sort and the number: `server0`.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__.lower()}{int(self)}"

    __str__ = __repr__


class Domain(tuple[S, ...]):
    """All elements of a sort, in order: the value of a constant declared with `sort(...)`.

    It can be walked, has a `len`, and knows with `in` whether a value is one of its elements.
    """

    __slots__ = ()


def elements(sort: type[Sort], size: int) -> "Domain[Sort]":
    """The domain of a sort with `size` elements."""
    return Domain(sort(number) for number in range(size))


# Maps inside records, tuples and members of sets: immutable, hashable, compared by value.
#
# Frozen they are tuples of their values in the order of the keys, like the arrays of a state, in
# a class that knows the keys.


HOW = "replace(record, field=record.field | {key: value})"


class FixedMap(tuple[Any, ...]):
    """One value for each key of a finite type; walking it walks the values, as with an Array."""

    __slots__ = ()
    places: ClassVar[dict[Any, int]] = {}

    def __getitem__(self, key: Any) -> Any:
        """The value of a key; raises KeyError for what is none."""
        return tuple.__getitem__(self, self.places[key])

    def get(self, key: Any, default: Any = None) -> Any:
        """The value of a key."""
        place = self.places.get(key)
        return default if place is None else tuple.__getitem__(self, place)

    def keys(self) -> Iterable[Any]:
        """The keys, in order."""
        return self.places.keys()

    def values(self) -> tuple[Any, ...]:
        """The values, in the order of the keys."""
        return tuple(self)

    def items(self) -> list[tuple[Any, Any]]:
        """Pairs of key and value."""
        return list(zip(self.places, self, strict=True))

    def copy(self) -> "FixedMap":
        """The map itself: it never changes."""
        return self

    def __or__(self, other: Any) -> "FixedMap":
        """The map with other values for some keys; raises ModelError for what is no key."""
        if not isinstance(other, dict | FixedMap):
            return NotImplemented
        values = list(self)
        for key, value in other.items():
            if key not in self.places:
                raise ModelError(f"{key!r} is no key of this map")
            values[self.places[key]] = value
        return type(self)(values)

    def __eq__(self, other: object) -> bool:
        """By value: also with an Array of the state, and with a dict."""
        if isinstance(other, dict):
            return dict(self.items()) == other
        return tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = tuple.__hash__

    def __contains__(self, value: object) -> bool:
        raise TypeError("`in` says nothing about a map; write any(v == ... for v in map.values())")

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TypeError(f"a map in a record never changes; write {HOW}")

    def __add__(self, other: Any) -> NoReturn:
        raise TypeError("maps are not added")

    __radd__ = __mul__ = __rmul__ = __add__

    def __reduce__(self) -> Any:
        return map_of, (tuple(self.places), tuple(self))


@cache
def map_class(keys: tuple[Any, ...]) -> type[FixedMap]:
    """The class of the maps with these keys."""
    places = {key: place for place, key in enumerate(keys)}
    return type("FixedMap", (FixedMap,), {"__slots__": (), "places": places})


def map_of(keys: tuple[Any, ...], values: Iterable[Any]) -> FixedMap:
    """A map from the keys to the values."""
    return map_class(keys)(values)


def settled(value: Any) -> Any:
    """What a record holds for what it was given: a map for a dict, whatever its order."""
    if not isinstance(value, dict):
        return value
    from planespec.checker.lang.data.order import loose_key

    keys = tuple(sorted(value.keys(), key=loose_key()))
    return map_of(keys, [settled(value[key]) for key in keys])

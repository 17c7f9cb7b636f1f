"""The types of the language with all constants filled in.

A type is a value: two types are equal when their text is. Python classes that a type came from
ride along for decoding (`python`) and take no part in comparison. Every type but an unbounded
`Int` is finite; `cardinality` counts its values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import comb
from typing import Any

MOST_MEMBERS = 1 << 16
"""The largest Size of a collection."""


@dataclass(frozen=True, slots=True)
class Type:
    """Base of all types."""

    @property
    def is_scalar(self) -> bool:
        """Whether values of the type are single numbers with equality: bool, int, enum, sort."""
        return isinstance(self, Bool | Int | Enum | Sort)


@dataclass(frozen=True, slots=True)
class Bool(Type):
    """False or true."""

    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class Int(Type):
    """The integers `low..high`, both included; None is an open end (symbolic engine only)."""

    low: int | None
    high: int | None

    @property
    def is_bounded(self) -> bool:
        """Whether both ends are there."""
        return self.low is not None and self.high is not None

    @property
    def bounds(self) -> tuple[int, int]:
        """Both ends of a bounded range; raises ValueError on an open one."""
        if self.low is None or self.high is None:
            raise ValueError(f"{self} has an open end")
        return self.low, self.high

    def __str__(self) -> str:
        low = "-inf" if self.low is None else str(self.low)
        high = "inf" if self.high is None else str(self.high)
        return f"{low}..{high}"


@dataclass(frozen=True, slots=True)
class Enum(Type):
    """A Python enum; values are ordered as declared and numbered from 0."""

    name: str
    members: tuple[str, ...]
    python: Any = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Sort(Type):
    """`size` interchangeable or numbered individuals, numbered from 0."""

    name: str
    size: int
    symmetric: bool = False
    python: Any = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Option(Type):
    """`None` or a value of `inner`; written `inner | None`."""

    inner: Type

    def __str__(self) -> str:
        return f"{self.inner} | None"


@dataclass(frozen=True, slots=True)
class Record(Type):
    """Named fields; values are frozen and compared by value."""

    name: str
    fields: tuple[tuple[str, Type], ...]
    python: Any = field(default=None, compare=False, repr=False)

    def field_type(self, name: str) -> Type:
        """Type of field `name`; raises KeyError when there is none."""
        return dict(self.fields)[name]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Tuple(Record):
    """A fixed tuple: a record whose fields are its places; see `lang/tuples` for its values."""


@dataclass(frozen=True, slots=True)
class Union(Type):
    """One of several records; the tag is the place in `variants`."""

    variants: tuple[Record, ...]

    def index(self, name: str) -> int:
        """Tag of the variant called `name`; raises ValueError when there is none."""
        return [v.name for v in self.variants].index(name)

    def __str__(self) -> str:
        return " | ".join(v.name for v in self.variants)


@dataclass(frozen=True, slots=True)
class Array(Type):
    """A total map from a finite scalar type: one value for every key."""

    key: Type
    value: Type

    def __str__(self) -> str:
        return f"Array[{self.key}, {self.value}]"


@dataclass(frozen=True, slots=True)
class Grid(Array):
    """A total map whose keys are tuples of `places` scalars: an array of arrays, frozen as one.

    The model writes `x[a, b]`; in the IR, and in every engine, that is `x[a][b]`.
    """

    places: int = 2

    @property
    def keys(self) -> tuple[Type, ...]:
        """The types of the places of a key."""
        return self._split()[0]

    @property
    def item(self) -> Type:
        """The type of the value under a whole key."""
        return self._split()[1]

    def _split(self) -> tuple[tuple[Type, ...], Type]:
        found, value = [self.key], self.value
        for _ in range(self.places - 1):
            assert isinstance(value, Array)
            found.append(value.key)
            value = value.value
        return tuple(found), value

    def __str__(self) -> str:
        return f"Array[tuple[{', '.join(map(str, self.keys))}], {self.item}]"


def grid(keys: Sequence[Type], item: Type) -> Grid:
    """The map from tuples of such scalars, two or more, to values of a type."""
    for key in reversed(keys[1:]):
        item = Array(key, item)
    return Grid(keys[0], item, len(keys))


@dataclass(frozen=True, slots=True)
class Set(Type):
    """A finite set; at most `capacity` members, or any subset where it is None."""

    element: Type
    capacity: int | None = None

    def __str__(self) -> str:
        bound = "" if self.capacity is None else f", {self.capacity}"
        return f"set[{self.element}{bound}]"


@dataclass(frozen=True, slots=True)
class Bag(Type):
    """A finite multiset of at most `capacity` members, copies counted."""

    element: Type
    capacity: int

    def __str__(self) -> str:
        return f"Bag[{self.element}, {self.capacity}]"


@dataclass(frozen=True, slots=True)
class Seq(Type):
    """A finite sequence of at most `capacity` elements."""

    element: Type
    capacity: int

    def __str__(self) -> str:
        return f"list[{self.element}, {self.capacity}]"


@dataclass(frozen=True, slots=True)
class Nothing(Type):
    """The type of a bare `None`, and of a function that returns nothing."""

    def __str__(self) -> str:
        return "None"


@dataclass(frozen=True, slots=True)
class Span(Type):
    """What `for` and comprehensions walk that is not a stored value: a range or a whole type."""

    element: Type

    def __str__(self) -> str:
        return f"span of {self.element}"


Collection = Set | Bag | Seq


def members(type_: Type) -> Iterator[int]:
    """Numbers that stand for the values of a finite scalar type, in order.

    An int stands for itself, the others for their place: False 0, True 1, enum and sort from 0.
    """
    match type_:
        case Bool():
            return iter((0, 1))
        case Int():
            low, high = type_.bounds
            return iter(range(low, high + 1))
        case Enum():
            return iter(range(len(type_.members)))
        case Sort():
            return iter(range(type_.size))
    raise TypeError(f"{type_} is not a finite scalar type")


def cardinality(type_: Type) -> int:
    """How many values a finite type has; raises ValueError on an unbounded int."""
    match type_:
        case Bool():
            return 2
        case Int():
            low, high = type_.bounds
            return high - low + 1
        case Enum():
            return len(type_.members)
        case Sort():
            return type_.size
        case Option(inner):
            return cardinality(inner) + 1
        case Record():
            return _product(cardinality(t) for _, t in type_.fields)
        case Union(variants):
            return sum(cardinality(v) for v in variants)
        case Nothing():
            return 1
    return _collection_cardinality(type_)


def _collection_cardinality(type_: Type) -> int:
    match type_:
        case Array(key, value):
            return int(cardinality(value) ** cardinality(key))
        case Set(element, None):
            return int(2 ** cardinality(element))
        case Set(element, capacity):
            n = cardinality(element)
            return sum(comb(n, k) for k in range((capacity or 0) + 1))
        case Bag(element, capacity):
            n = cardinality(element)
            return sum(comb(n + k - 1, k) for k in range(capacity + 1))
        case Seq(element, capacity):
            n = cardinality(element)
            return int(sum(n**k for k in range(capacity + 1)))
    raise TypeError(f"{type_} has no values of its own")


def _product(numbers: Iterator[int]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result

"""Constant tables: values of any type that are the same in every state of an instance.

They are written in a class, given from Python or read from JSON, in any form that a person would
write; what does not fit is said with its file and field.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from planespec.checker.errors import ConfigurationError, InputError, PlanespecError
from planespec.checker.ir import types
from planespec.checker.ir.ranges import fits_word
from planespec.checker.lang.data.containers import FixedHome
from planespec.checker.lang.data.grids import grid_keys
from planespec.checker.lang.data.order import key_of, show
from planespec.checker.lang.data.public_forms import FormError, Forms
from planespec.checker.lang.data.public_names import NOTHING, PublicNames
from planespec.checker.lang.data.shapes import Each, decode, shape_of

OPEN_SIZE = -1
"""The size of a collection of a table that is not read yet."""

LONGEST = 40
"""Characters of a table that is shown in full."""


class UnfitError(Exception):
    """What was given for a table is no value of its type: the field, and what is accepted."""

    def __init__(self, text: str, accepted: str) -> None:
        super().__init__(text)
        self.accepted = accepted

    def given(self, model: str, value: Any) -> PlanespecError:
        """The error for a value that a run gave."""
        if isinstance(value, FromFile):
            return InputError(f"{model}, table {self}", file=value.file, allowed=self.accepted)
        return ConfigurationError(f"{model}, table {self}\n  allowed: {self.accepted}")


@dataclass(frozen=True, slots=True)
class FromFile:
    """What a file holds for a table."""

    value: Any
    file: str


@dataclass(frozen=True, slots=True)
class TableValue:
    """A table of an instance: its type, its frozen value, what model code reads, its origin."""

    type: types.Type
    value: Any
    shown: Any
    origin: str

    @property
    def plain(self) -> Any:
        """The value as JSON has it; a run that is given it has the same table."""
        return plain(self.type, self.value)

    @property
    def size(self) -> int:
        """How many values there are in its arrays, or members in its collection."""
        return sum(1 for _ in _leaves(self.type, self.value))

    def members(self) -> list[Any]:
        """What a parameter `among` the table ranges over, in order."""
        if isinstance(self.type, types.Seq):
            return list(self.value)
        assert isinstance(self.type, types.Set | types.Bag)
        return sorted(set(self.value), key=key_of(self.type.element))

    def __str__(self) -> str:
        return brief(self.plain)


def brief(value: Any) -> str:
    """A table in JSON form on a line: all of it, or a digest that tells it from others."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= LONGEST:
        return text
    digest = sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    return f"<{len(value)} entries, sha256 {digest[:12]}>"


def given_table(type_: types.Type, name: str, given: Any) -> TableValue:
    """The table of a value that a run gave; raises UnfitError."""
    if isinstance(given, FromFile):
        return read_table(type_, name, given.value, given.file)
    if isinstance(given, TableValue):
        return read_table(type_, name, given.plain, given.origin)
    return read_table(type_, name, given, "the run")


def read_table(type_: types.Type, name: str, given: Any, origin: str) -> TableValue:
    """The table of a value in any form that a person would write; raises UnfitError."""
    try:
        frozen = Forms(PublicNames()).read(type_, _spread(type_, given), name)
    except FormError as error:
        place = error.place.removeprefix("field ")
        raise UnfitError(f"{place}: {_worded(error.what)}", error.accepted) from None
    missing = next(_missing(type_, frozen, name), None)
    if missing is not None:
        raise UnfitError(
            f"{missing}: there is no value for this key", f"one for each {_keys(type_)}"
        )
    try:
        type_ = _closed(type_, [frozen])
    except UnfitError as error:
        raise UnfitError(f"{name}: {error}", error.accepted) from None
    shape = shape_of(type_)
    shown = shape.thaw(frozen, FixedHome(name, {}, set()))
    fault = shape.fault(shown)
    if fault is not None:
        raise UnfitError(f"{name}{fault}", f"a value of {type_}")
    return TableValue(type_, shape.freeze(shown), shown, origin)


def _worded(text: str) -> str:
    """A message without the ends and sizes of types that are not known yet."""
    return text.replace("-inf..inf", "int").replace(f", {OPEN_SIZE}]", "]")


def _keys(type_: types.Type) -> str:
    if isinstance(type_, types.Grid):
        return f"tuple[{', '.join(map(str, type_.keys))}]"
    return str(type_.key) if isinstance(type_, types.Array) else str(type_)


def _spread(type_: types.Type, given: Any) -> Any:
    """`each(value)` written out, in arrays of arrays too."""
    if not isinstance(type_, types.Array):
        return given
    if isinstance(type_, types.Grid) and isinstance(given, Each):
        return dict.fromkeys(grid_keys(type_), _spread(type_.item, given.value))
    if isinstance(type_, types.Grid) and isinstance(given, dict) and _has_pairs(given):
        return {key: _spread(type_.item, value) for key, value in dict.items(given)}
    if isinstance(given, Each):
        return [_spread(type_.value, given.value)] * types.cardinality(type_.key)
    if isinstance(given, list | tuple):
        return [_spread(type_.value, value) for value in given]
    if isinstance(given, dict):
        return {key: _spread(type_.value, value) for key, value in dict.items(given)}
    return given


def _has_pairs(given: dict[Any, Any]) -> bool:
    return all(isinstance(key, tuple) for key in dict.keys(given))


def _missing(type_: types.Type, frozen: Any, path: str) -> Iterator[str]:
    """The keys of arrays for which nothing was given."""
    if frozen is NOTHING:
        yield path
    elif isinstance(type_, types.Array):
        for number, value in zip(types.members(type_.key), frozen, strict=True):
            key = show(decode(type_.key, number))
            yield from _missing(type_.value, value, f"{path}[{key}]")


def _leaves(type_: types.Type, frozen: Any) -> Iterator[Any]:
    """The values in an array of arrays, or the members of a collection."""
    if isinstance(type_, types.Array):
        for value in frozen:
            yield from _leaves(type_.value, value)
    elif isinstance(type_, types.Collection):
        yield from frozen
    else:
        yield frozen


def _closed(type_: types.Type, found: list[Any]) -> types.Type:
    """The type with the range and size of what is there where it says none."""
    match type_:
        case types.Int(low, high) if not type_.is_bounded:
            numbers = found or [0]
            least = min(numbers) if low is None else low
            most = max(numbers) if high is None else high
            return _in_a_word(types.Int(least, max(least, most)))
        case types.Array(_, value):
            closed = _closed(value, [v for array in found for v in array])
            return replace(type_, value=closed)
        case types.Option(inner):
            return types.Option(_closed(inner, [v for v in found if v is not None]))
        case types.Set(element, capacity):
            return types.Set(_closed(element, _members(found)), _size(capacity, found))
        case types.Seq(element, capacity):
            return types.Seq(_closed(element, _members(found)), _size(capacity, found) or 0)
        case types.Bag(element, capacity):
            return types.Bag(_closed(element, _members(found)), _size(capacity, found) or 0)
        case types.Tuple():
            from planespec.checker.lang.data.records import parts_of, tuple_of

            columns = [[row[n] for row in found] for n in range(len(type_.fields))]
            return tuple_of(map(_closed, parts_of(type_), columns))
    return type_


def _in_a_word(found: types.Int) -> types.Int:
    if not fits_word(found):
        raise UnfitError(f"its numbers are {found}, which 64 bits do not hold", "smaller ones")
    return found


def _size(capacity: int | None, found: list[Any]) -> int | None:
    if capacity != OPEN_SIZE:
        return capacity
    size = max(map(len, found), default=0)
    if size > types.MOST_MEMBERS:
        most = f"at most {types.MOST_MEMBERS:,}, or an Array"
        raise UnfitError(f"a collection of it has {size:,} members", most)
    return size


def _members(found: list[Any]) -> list[Any]:
    return [member for collection in found for member in collection]


def plain(type_: types.Type, frozen: Any) -> Any:
    """A frozen value in the JSON form that `read_table` takes."""
    match type_:
        case types.Enum():
            return frozen.name
        case types.Sort():
            return repr(frozen)
        case types.Option(inner):
            return None if frozen is None else plain(inner, frozen)
        case types.Tuple(fields=fields):
            return [plain(part, value) for (_, part), value in zip(fields, frozen, strict=True)]
        case types.Record(fields=fields):
            return {name: plain(part, getattr(frozen, name)) for name, part in fields}
        case types.Union(variants):
            variant = next(v for v in variants if v.python is type(frozen))
            return {variant.name: plain(variant, frozen)}
    return _plain_collection(type_, frozen)


def _plain_collection(type_: types.Type, frozen: Any) -> Any:
    match type_:
        case types.Array(key, value):
            keys = (_key_text(key, decode(key, n)) for n in types.members(key))
            return {k: plain(value, v) for k, v in zip(keys, frozen, strict=True)}
        case types.Set(element):
            return [plain(element, v) for v in sorted(frozen, key=key_of(element))]
        case types.Seq(element) | types.Bag(element):
            return [plain(element, v) for v in frozen]
    return frozen


def _key_text(type_: types.Type, key: Any) -> str:
    text = str(plain(type_, key))
    return text.lower() if isinstance(type_, types.Bool) else text

"""Maps inside records, tuples and members of sets: immutable, hashable, compared by value.

Frozen they are tuples of their values in the order of the keys, like the arrays of a state, in a
class that knows the keys.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar, NoReturn

from planespec.checker.errors import ModelError

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

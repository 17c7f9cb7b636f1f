"""The mutable parts of a state under CPython: they check every change and tell where it is.

A container that belongs to a state has a *shape* (its type, compiled) and a *home* (the state
variable it is part of). What operators build from one (`a | b`, `xs + ys`, slices) is a plain set
or list. Storing a container copies it, so two places of the state never share one.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, NoReturn, SupportsIndex, TypeVar

from planespec.checker.errors import ModelError

if TYPE_CHECKING:
    from planespec.checker.lang.data.shapes import Shape

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class Home:
    """The state variable a container is part of; `changed` collects the names of changed ones."""

    __slots__ = ("changed", "name", "values")

    def __init__(self, name: str, values: dict[str, Any], changed: set[str]) -> None:
        """`values` is the namespace of the model: the root of all paths."""
        self.name, self.values, self.changed = name, values, changed

    def touch(self) -> None:
        """Note that the variable has changed."""
        self.changed.add(self.name)

    def path(self, part: object) -> str:
        """Where a container stands, such as `votes[server1]`; found only when it is printed."""
        from planespec.checker.lang.data.order import show_key

        def search(value: object, text: str) -> str | None:
            if value is part:
                return text
            pairs: Iterable[tuple[Any, Any]] = ()
            if isinstance(value, dict):
                pairs = value.items()
            elif isinstance(value, list):
                pairs = enumerate(value)
            hits = (search(inner, f"{text}[{show_key(key)}]") for key, inner in pairs)
            return next((hit for hit in hits if hit), None)

        return search(self.values.get(self.name), self.name) or self.name

    def refuse(self, part: object, fault: str) -> NoReturn:
        """Raise ModelError for a value that does not fit at `part`; `fault` ends the sentence."""
        raise ModelError(self.path(part) + fault)


class FixedHome(Home):
    """Where the parts of a constant table are: nothing of them changes."""

    __slots__ = ()

    def touch(self) -> None:
        """Refuse the change."""
        raise ModelError(f"{self.name} is a constant table, which never changes")


class Array(dict[K, V]):
    """A total map from a finite type: `self.term[server]`. Walking it walks its values."""

    __slots__ = ("_home", "_shape")
    _shape: "Shape"
    _home: Home

    def __setitem__(self, key: K, value: V) -> None:
        old = dict.__getitem__(self, key)
        self._home.touch()
        if old is value and self._shape.element.mutable:
            return  # the end of `self.votes[s] |= ...`: it changed in place
        fault = self._shape.element.fault(value)
        if fault is not None:
            from planespec.checker.lang.data.order import show_key

            self._home.refuse(self, f"[{show_key(key)}]{fault}")
        dict.__setitem__(self, key, self._shape.element.place(value, self._home))

    def __iter__(self) -> Iterator[V]:  # type: ignore[override]
        return iter(self.values())

    def __contains__(self, value: object) -> bool:
        raise TypeError("`in` says nothing about an Array; write any(v == ... for v in array)")

    def _fixed(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("an Array has one value for each key; store with array[key] = value")

    __delitem__ = _fixed
    __ior__ = _fixed
    clear = pop = popitem = setdefault = update = _fixed


class StateSet(set[T]):
    """A set held in the state."""

    __slots__ = ("_home", "_shape")
    _shape: "Shape"
    _home: Home

    @property
    def key(self) -> Callable[[Any], Any]:
        """Key function for the canonical order of the members."""
        return self._shape.element.key

    def add(self, member: T) -> None:
        """Add a member; raises ModelError when it is outside its type or the set is full."""
        member = _accepted(self, member)
        if member not in self:
            self._home.touch()
            self._room(len(self) + 1)
            super().add(member)

    def remove(self, member: T) -> None:
        """Take a member out; raises ModelError when it is not there."""
        if member not in self:
            from planespec.checker.lang.data.order import show

            self._home.refuse(self, f" has no member {show(member)} to remove")
        self._home.touch()
        super().remove(member)

    def discard(self, member: object) -> None:
        """Take a member out if it is there."""
        self._home.touch()
        super().discard(member)

    def clear(self) -> None:
        """Take all members out."""
        self._home.touch()
        super().clear()

    def update(self, *others: Iterable[T]) -> None:
        """Add all members of the others."""
        for other in others:
            for member in list(other):
                self.add(member)

    def pop(self) -> T:
        """Refused: which member would leave?"""
        raise TypeError("set.pop() takes any member; write x = choose(...) and remove(x)")

    def _only(self, members: set[T]) -> None:
        self._home.touch()
        super().clear()
        super().update(members)

    def __ior__(self, other: Any) -> "StateSet[T]":  # type: ignore[override,misc]
        self.update(_as_set(other))
        return self

    def __isub__(self, other: Any) -> "StateSet[T]":  # type: ignore[misc]
        self._only(self - _as_set(other))
        return self

    def __iand__(self, other: Any) -> "StateSet[T]":  # type: ignore[misc]
        self._only(self & _as_set(other))
        return self

    def __ixor__(self, other: Any) -> "StateSet[T]":  # type: ignore[override,misc]
        added = _as_set(other) - self
        self._only(self - _as_set(other))
        self.update(added)
        return self

    def difference_update(self, *others: Iterable[Any]) -> None:
        """Take out the members of the others."""
        self._only(self.difference(*others))

    def intersection_update(self, *others: Iterable[Any]) -> None:
        """Keep what the others have, too."""
        self._only(self.intersection(*others))

    def symmetric_difference_update(self, other: Iterable[T]) -> None:
        """Keep what one of the two has."""
        self ^= set(other)

    def _room(self, size: int) -> None:
        capacity = self._shape.capacity
        if capacity is not None and size > capacity:
            self._home.refuse(self, f" has {size} members, its size is {capacity}")

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self))


class BackwardSet(StateSet[T]):
    """A set walked the other way round: shows models that depend on the order of a set."""

    __slots__ = ()

    def __iter__(self) -> Iterator[T]:
        return reversed(list(super().__iter__()))


class StateList(list[T]):
    """A sequence held in the state."""

    __slots__ = ("_home", "_shape")
    _shape: "Shape"
    _home: Home

    def append(self, element: T) -> None:
        """Add an element at the end; raises ModelError when it does not fit."""
        self._home.touch()
        placed = self._placed(element, len(self))
        self._room(len(self) + 1)
        super().append(placed)

    def extend(self, elements: Iterable[T]) -> None:
        """Add elements at the end."""
        for element in list(elements):
            self.append(element)

    def __iadd__(self, elements: Iterable[T]) -> "StateList[T]":  # type: ignore[override,misc]
        self.extend(elements)
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            self._replace(index, list(value))
            return
        old = self[index]
        self._home.touch()
        if not (old is value and self._shape.element.mutable):
            super().__setitem__(index, self._placed(value, index))

    def _replace(self, part: slice, elements: list[T]) -> None:
        """Put elements in the place of a slice; raises ModelError where there is no room."""
        low, high, step = part.indices(len(self))
        if step != 1:
            raise TypeError("a slice with a step is not stored; write a loop with xs[i] = v")
        placed = [self._placed(element, low + n) for n, element in enumerate(elements)]
        self._room(len(self) - max(high - low, 0) + len(placed))
        super().__setitem__(slice(low, max(low, high)), placed)
        self._home.touch()

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        self._home.touch()
        super().__delitem__(index)

    def pop(self, index: SupportsIndex = -1) -> T:
        """Take an element out, the last one by default; raises ModelError when there is none."""
        self._home.touch()
        return super().pop(index)

    def clear(self) -> None:
        """Take all elements out."""
        self._home.touch()
        super().clear()

    def insert(self, index: SupportsIndex, element: T) -> None:
        """Add an element before a place; raises ModelError when it does not fit."""
        self._home.touch()
        placed = self._placed(element, int(index))
        self._room(len(self) + 1)
        super().insert(index, placed)

    def remove(self, element: T) -> None:
        """Take the first such element out; raises ModelError when there is none."""
        if element not in self:
            from planespec.checker.lang.data.order import show

            self._home.refuse(self, f" has no element {show(element)} to remove")
        self._home.touch()
        super().remove(element)

    def reverse(self) -> None:
        """Turn the order round."""
        self._home.touch()
        super().reverse()

    def sort(self, *, key: Any = None, reverse: bool = False) -> None:
        """Put the elements in order."""
        self._home.touch()
        super().sort(key=key, reverse=reverse)

    def __imul__(self, times: SupportsIndex) -> "StateList[T]":
        elements = list(self) * times
        self.clear()
        self.extend(elements)
        return self

    def _placed(self, value: Any, index: int) -> Any:
        fault = self._shape.element.fault(value)
        if fault is not None:
            self._home.refuse(self, f"[{index}]{fault}")
        return self._shape.element.place(value, self._home)

    def _room(self, size: int) -> None:
        capacity = self._shape.capacity
        if capacity is not None and size > capacity:
            self._home.refuse(self, f" has {size} elements, its size is {capacity}")

    def __eq__(self, other: object) -> bool:
        return super().__eq__(list(other) if isinstance(other, tuple) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self))


class Bag(Generic[T]):
    """A multiset: members with copies. `Bag()` is empty, `Bag([a, a])` has two copies of `a`."""

    __slots__ = ("_counts", "_home", "_shape")

    def __init__(self, members: Iterable[T] = ()) -> None:
        self._counts: dict[T, int] = {}
        self._shape: Shape | None = None
        self._home: Home | None = None
        for member in members:
            self._counts[member] = self._counts.get(member, 0) + 1

    def add(self, member: T) -> None:
        """Add one copy; raises ModelError when it is outside its type or the bag is full."""
        if self._shape is not None and self._home is not None:
            self._home.touch()
            member = _accepted(self, member)
            size, capacity = len(self) + 1, self._shape.capacity
            if capacity is not None and size > capacity:
                self._home.refuse(self, f" has {size} members, its size is {capacity}")
        self._counts[member] = self._counts.get(member, 0) + 1

    def remove(self, member: T) -> None:
        """Take one copy out; raises ModelError when there is none."""
        if member not in self._counts:
            from planespec.checker.lang.data.order import show

            text = f" has no member {show(member)} to remove"
            raise ModelError((self._home.path(self) if self._home else "bag") + text)
        self.discard(member)

    def discard(self, member: T) -> None:
        """Take one copy out if there is one."""
        if self._home is not None:
            self._home.touch()
        if member in self._counts:
            self._counts[member] -= 1
            if not self._counts[member]:
                del self._counts[member]

    def clear(self) -> None:
        """Take all copies out."""
        if self._home is not None:
            self._home.touch()
        self._counts.clear()

    def copy(self) -> "Bag[T]":
        """A bag of the same members that belongs to nobody."""
        return Bag(self)

    def count(self, member: T) -> int:
        """How many copies of the member there are."""
        return self._counts.get(member, 0)

    def distinct(self) -> list[T]:
        """The members without their copies, in canonical order."""
        from planespec.checker.lang.data.order import loose_key

        key = self._shape.element.key if self._shape is not None else loose_key()
        return sorted(self._counts, key=key)

    def __len__(self) -> int:
        return sum(self._counts.values())

    def __iter__(self) -> Iterator[T]:
        return (m for m, count in self._counts.items() for _ in range(count))

    def __contains__(self, member: object) -> bool:
        return member in self._counts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bag) and self._counts == other._counts

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Bag({list(self)})"


def _accepted(container: Any, member: Any) -> Any:
    element = container._shape.element
    fault = element.fault(member)
    if fault is not None:
        container._home.refuse(container, f": member{fault}")
    return member if element.plain else element.freeze(member)


def _as_set(other: Any) -> set[Any] | frozenset[Any]:
    if not isinstance(other, set | frozenset):
        raise TypeError(f"a set is needed, not {type(other).__name__}")
    return other

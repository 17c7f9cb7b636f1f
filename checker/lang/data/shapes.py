"""Shapes: a type compiled to the functions that check, copy, freeze and thaw its values.

A *frozen* value is immutable and hashable (see `checker.outcome`); a *thawed* one is what model
code works with. Where the two are the same the shape is `plain`.
"""

from collections.abc import Callable
from typing import Any

from planespec.checker.ir import types
from planespec.checker.lang.data.containers import Array, Bag, Home, StateList, StateSet
from planespec.checker.lang.data.order import Fault, Key, key_of, scalar_fault, show, show_key
from planespec.checker.lang.data.records import map_class
from planespec.checker.lang.presence import absent_defaults, conditions_of, existence


class Shape:
    """Base: a scalar.

    `fault(value)` ends the sentence "name ..." or is None for a value that fits; `freeze(value)`
    is the frozen form of a value that fits, `thaw(frozen, home)` the working form, part of the
    variable `home`. A shape that `maps` has maps in what is immutable: the states of other
    engines have plain tuples there, which `freeze` makes maps of.
    """

    plain = True
    mutable = False
    maps = False
    capacity: int | None = None
    element: "Shape"

    def __init__(self, type_: types.Type) -> None:
        self.type = type_
        self.fault: Fault = scalar_fault(type_)
        self.freeze: Callable[[Any], Any] = self._freeze
        self.thaw: Callable[[Any, Home], Any] = self._thaw
        self._key: Key | None = None

    @property
    def key(self) -> Key:
        """Key function of the canonical order."""
        if self._key is None:
            self._key = key_of(self.type)
        return self._key

    def _freeze(self, value: Any) -> Any:
        return value

    def _thaw(self, frozen: Any, home: Home) -> Any:
        return frozen

    def place(self, value: Any, home: Home) -> Any:
        """A copy of a value that fits, part of the variable `home`."""
        return value if self.plain else self.thaw(self.freeze(value), home)


class OptionShape(Shape):
    """None or a value."""

    def __init__(self, type_: types.Option, inner: Shape) -> None:
        self.inner = inner
        super().__init__(type_)
        self.plain, self.maps = self.inner.plain, self.inner.maps
        fault_of = self.inner.fault
        self.fault = lambda v: None if v is None else fault_of(v)

    def _freeze(self, value: Any) -> Any:
        return None if value is None else self.inner.freeze(value)

    def _thaw(self, frozen: Any, home: Home) -> Any:
        return None if frozen is None else self.inner.thaw(frozen, home)


class RecordShape(Shape):
    """A record, or one of several: fields are immutable, so thawed is frozen."""

    def __init__(self, type_: types.Record | types.Union) -> None:
        variants = type_.variants if isinstance(type_, types.Union) else (type_,)
        self.fields = {v.python: [(n, inside(t)) for n, t in v.fields] for v in variants}
        super().__init__(type_)
        shapes = [s for parts in self.fields.values() for _, s in parts]
        self.plain = all(s.plain for s in shapes)
        self.maps = any(s.maps for s in shapes)
        self.absent = {v.python: absent_defaults(v) for v in variants}
        self.fault = self._fault

    def _fault(self, value: Any) -> str | None:
        parts = self.fields.get(type(value))
        if parts is None:
            return f" = {show(value)} is not a value of {self.type}"
        for name, shape in parts:
            fault = shape.fault(getattr(value, name))
            if fault is not None:
                return f".{name}{fault}"
        for name, default in self.absent[type(value)].items():
            if getattr(value, name) != default:
                reason = existence(conditions_of(type(value))[name])
                return f".{name} = {show(getattr(value, name))}, and it {reason}"
        return None

    def _freeze(self, value: Any) -> Any:
        if self.plain:
            return value
        parts = self.fields[type(value)]
        return type(value)(**{name: s.freeze(getattr(value, name)) for name, s in parts})

    def settle(self, value: Any) -> None:
        """Give the maps of a new record their keys."""
        for name, shape in self.fields[type(value)]:
            if shape.maps:
                object.__setattr__(value, name, shape.freeze(getattr(value, name)))

    def _thaw(self, frozen: Any, home: Home) -> Any:
        return self._freeze(frozen) if self.maps else frozen


class TupleShape(Shape):
    """A fixed tuple; its parts are immutable, so thawed is frozen."""

    plain = False

    def __init__(self, type_: types.Tuple) -> None:
        self.parts = [inside(part) for _, part in type_.fields]
        super().__init__(type_)
        self.maps = any(s.maps for s in self.parts)
        self.fault = self._fault

    def _fault(self, value: Any) -> str | None:
        if not isinstance(value, tuple) or len(value) != len(self.parts):
            return f" = {show(value)} is not a {self.type}"
        for number, (part, shape) in enumerate(zip(value, self.parts, strict=True)):
            fault = shape.fault(part)
            if fault is not None:
                return f"[{number}]{fault}"
        return None

    def _freeze(self, value: Any) -> Any:
        made = self.type.python  # type: ignore[attr-defined]
        return made(*(s.freeze(part) for part, s in zip(value, self.parts, strict=True)))

    def _thaw(self, frozen: Any, home: Home) -> Any:
        return self._freeze(frozen) if self.maps else frozen


class ArrayShape(Shape):
    """A total map."""

    plain, mutable = False, True

    @staticmethod
    def _inner(type_: types.Array) -> Shape:
        return shape_of(type_.value)

    @staticmethod
    def _keys_of(type_: types.Array) -> tuple[Any, ...]:
        return tuple(decode(type_.key, n) for n in types.members(type_.key))

    def __init__(self, type_: types.Array) -> None:
        self.element = self._inner(type_)
        super().__init__(type_)
        self.maps = self.element.maps
        self.keys = self._keys_of(type_)
        self.fault = self._fault

    def _fault(self, value: Any) -> str | None:
        if isinstance(value, Each):
            fault = self.element.fault(value.value)
            return None if fault is None else f"[{show_key(self.keys[0])}]{fault}"
        if not isinstance(value, dict):
            return f" = {show(value)} is not a value for each {self.type.key}"  # type: ignore[attr-defined]
        if set(value.keys()) != set(self.keys):
            return f" = {show(value)} has not one value for each key"
        for key in self.keys:
            fault = self.element.fault(value[key])
            if fault is not None:
                return f"[{show_key(key)}]{fault}"
        return None

    def _freeze(self, value: Any) -> tuple[Any, ...]:
        if isinstance(value, Each):
            return (self.element.freeze(value.value),) * len(self.keys)
        if not isinstance(value, Array):
            value = {key: value[key] for key in self.keys}
        if self.element.plain:
            return tuple(value.values())
        return tuple(map(self.element.freeze, value.values()))

    def _thaw(self, frozen: Any, home: Home) -> Any:
        if not self.element.plain:
            frozen = [self.element.thaw(value, home) for value in frozen]
        made: Array[Any, Any] = Array(zip(self.keys, frozen, strict=True))
        made._shape, made._home = self, home
        return made


class MapShape(ArrayShape):
    """A total map in what is immutable; thawed is frozen."""

    mutable, maps = False, True

    def __init__(self, type_: types.Array) -> None:
        super().__init__(type_)
        self.maps = True
        self.made = map_class(self.keys)

    @staticmethod
    def _inner(type_: types.Array) -> Shape:
        return inside(type_.value)

    def _fault(self, value: Any) -> str | None:
        if isinstance(value, tuple) and len(value) == len(self.keys):
            value = dict(zip(self.keys, value, strict=True))
        return super()._fault(value)

    def _freeze(self, value: Any) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            value = dict(zip(self.keys, value, strict=True))
        return self.made(super()._freeze(value))

    def _thaw(self, frozen: Any, home: Home) -> Any:
        return self._freeze(frozen)


class SetShape(Shape):
    """A set; its members are frozen."""

    plain, mutable = False, True
    factory: type[StateSet[Any]] = StateSet

    def __init__(self, type_: types.Set) -> None:
        self.element, self.capacity = inside(type_.element), type_.capacity
        super().__init__(type_)
        self.maps = self.element.maps
        self.fault = self._fault

    def _fault(self, value: Any) -> str | None:
        if not isinstance(value, set | frozenset):
            return f" = {show(value)} is not a set"
        return _members_fault(value, len(value), self)

    def _freeze(self, value: Any) -> frozenset[Any]:
        return frozenset(value if self.element.plain else map(self.element.freeze, value))

    def _thaw(self, frozen: Any, home: Home) -> Any:
        made = self.factory(map(self.element.freeze, frozen) if self.maps else frozen)
        made._shape, made._home = self, home
        return made


class SeqShape(Shape):
    """A sequence."""

    plain, mutable = False, True

    def __init__(self, type_: types.Seq) -> None:
        self.element, self.capacity = shape_of(type_.element), type_.capacity
        super().__init__(type_)
        self.maps = self.element.maps
        self.fault = self._fault

    def _fault(self, value: Any) -> str | None:
        if not isinstance(value, list | tuple):
            return f" = {show(value)} is not a sequence"
        for index, element in enumerate(value):
            fault = self.element.fault(element)
            if fault is not None:
                return f"[{index}]{fault}"
        return _size_fault("elements", len(value), self)

    def _freeze(self, value: Any) -> tuple[Any, ...]:
        return tuple(value if self.element.plain else map(self.element.freeze, value))

    def _thaw(self, frozen: Any, home: Home) -> Any:
        if not self.element.plain:
            frozen = [self.element.thaw(value, home) for value in frozen]
        made: StateList[Any] = StateList(frozen)
        made._shape, made._home = self, home
        return made


class BagShape(Shape):
    """A bag; frozen as the tuple of its copies in canonical order."""

    plain, mutable = False, True

    def __init__(self, type_: types.Bag) -> None:
        self.element, self.capacity = inside(type_.element), type_.capacity
        super().__init__(type_)
        self.maps = self.element.maps
        self.fault = self._fault

    def _fault(self, value: Any) -> str | None:
        if not isinstance(value, Bag):
            return f" = {show(value)} is not a Bag"
        return _members_fault(value, len(value), self)

    def _freeze(self, value: Any) -> tuple[Any, ...]:
        return tuple(sorted(map(self.element.freeze, value), key=self.element.key))

    def _thaw(self, frozen: Any, home: Home) -> Any:
        made: Bag[Any] = Bag(map(self.element.freeze, frozen) if self.maps else frozen)
        made._shape, made._home = self, home
        return made


class Each:
    """The same value for every key: what `each(value)` returns."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"each({self.value!r})"


def shape_of(type_: types.Type) -> Shape:
    """Compile a type to its shape."""
    match type_:
        case types.Option():
            return OptionShape(type_, shape_of(type_.inner))
        case types.Tuple():
            return TupleShape(type_)
        case types.Record() | types.Union():
            return RecordShape(type_)
        case types.Grid():
            from planespec.checker.lang.data.grids import GridShape

            return GridShape(type_)
        case types.Array():
            return ArrayShape(type_)
        case types.Set():
            return SetShape(type_)
        case types.Seq():
            return SeqShape(type_)
        case types.Bag():
            return BagShape(type_)
    return Shape(type_)


def inside(type_: types.Type) -> Shape:
    """The shape of a type in what is immutable: an array there is a map that never changes."""
    match type_:
        case types.Array():
            return MapShape(type_)
        case types.Option():
            return OptionShape(type_, inside(type_.inner))
    return shape_of(type_)


def decode(type_: types.Type, number: int) -> Any:
    """The value of a finite scalar type that stands at `number` (an int stands for itself)."""
    match type_:
        case types.Bool():
            return bool(number)
        case types.Enum():
            return list(type_.python)[number]
        case types.Sort():
            return type_.python(number)
    return number


def _members_fault(value: Any, size: int, shape: Shape) -> str | None:
    for member in value:
        fault = shape.element.fault(member)
        if fault is not None:
            return f": member{fault}"
    return _size_fault("members", size, shape)


def _size_fault(what: str, size: int, shape: Shape) -> str | None:
    if shape.capacity is None or size <= shape.capacity:
        return None
    return f" has {size} {what}, its size is {shape.capacity}"

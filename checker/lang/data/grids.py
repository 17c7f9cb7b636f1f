"""Maps whose keys are tuples: one mapping under CPython, frozen as an array of arrays."""

from itertools import product
from math import prod
from typing import Any

from planespec.checker.ir import types
from planespec.checker.lang.data.containers import Home
from planespec.checker.lang.data.records import tuple_class
from planespec.checker.lang.data.shapes import ArrayShape, Shape, decode, shape_of


def grid_keys(type_: types.Grid) -> tuple[Any, ...]:
    """The keys of a map from tuples, in order: as tuples they print and are compared as such."""
    made = tuple_class(type_.places)
    parts = ([decode(key, n) for n in types.members(key)] for key in type_.keys)
    return tuple(made(*key) for key in product(*parts))


def grid_items(type_: types.Grid, frozen: Any) -> list[Any]:
    """The values of a frozen map from tuples, in the order of the keys."""
    for _ in range(type_.places - 1):
        frozen = [value for row in frozen for value in row]
    return list(frozen)


class GridShape(ArrayShape):
    """A total map from tuples: one mapping under CPython, frozen as an array of arrays."""

    @staticmethod
    def _inner(type_: types.Array) -> Shape:
        assert isinstance(type_, types.Grid)
        return shape_of(type_.item)

    @staticmethod
    def _keys_of(type_: types.Array) -> tuple[Any, ...]:
        assert isinstance(type_, types.Grid)
        return grid_keys(type_)

    def __init__(self, type_: types.Grid) -> None:
        super().__init__(type_)
        self.sizes = [types.cardinality(key) for key in type_.keys]
        self.nested = ArrayShape(types.Array(type_.key, type_.value))
        """The shape of the array of arrays: how the frozen value is walked key by key."""

    def _freeze(self, value: Any) -> tuple[Any, ...]:
        found = super()._freeze(value)
        for depth in range(len(self.sizes) - 1, 0, -1):
            size, rows = self.sizes[depth], prod(self.sizes[:depth])
            found = tuple(found[n * size : (n + 1) * size] for n in range(rows))
        return found

    def _thaw(self, frozen: Any, home: Home) -> Any:
        assert isinstance(self.type, types.Grid)
        return super()._thaw(grid_items(self.type, frozen), home)

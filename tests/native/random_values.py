"""Random types and frozen values of them, from a seed."""

import random
from dataclasses import make_dataclass
from typing import Any

from planespec.checker.engines.native.layout.packing import shape_of
from planespec.checker.errors import SystemRefusal
from planespec.checker.ir.frozen import order, scalar
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Enum,
    Int,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Type,
    Union,
    cardinality,
    members,
)

BOOL = Bool()
COLOUR = Enum("Colour", ("RED", "GREEN", "BLUE"))
NODE = Sort("Node", 3, symmetric=True)
KEY = Sort("Key", 2, symmetric=True)
WIDE = Int(-(1 << 40), 1 << 40)
SCALARS = [BOOL, COLOUR, NODE, KEY, Int(0, 3), Int(-2, 5), Int(7, 7), WIDE]


class ValueMaker:
    """Makes random types, and values of them."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.names = 0

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def type(self, depth: int, top: bool = False) -> Type:
        kinds = ["scalar"] if depth == 0 else ["scalar", "option", "record", "union", "array"]
        kinds += [] if depth == 0 else ["set", "sized", "seq"]
        kinds += ["bag"] if top else []  # the language has bags as whole variables only
        made = getattr(self, "_" + self.rng.choice(kinds))(depth - 1)
        assert isinstance(made, Type)
        return made

    def _scalar(self, _: int) -> Type:
        return self.rng.choice(SCALARS)

    def _option(self, depth: int) -> Type:
        inner = self.type(depth)
        return inner if isinstance(inner, Option) else Option(inner)

    def _record(self, depth: int) -> Record:
        fields = [(f"f{k}", self.type(depth)) for k in range(self.rng.randint(1, 3))]
        name = self.name("R")
        return Record(
            name, tuple(fields), make_dataclass(name, [n for n, _ in fields], frozen=True)
        )

    def _union(self, depth: int) -> Type:
        return Union(tuple(self._record(depth) for _ in range(self.rng.randint(2, 3))))

    def _array(self, depth: int) -> Type:
        return Array(self.rng.choice([BOOL, COLOUR, NODE, KEY, Int(-1, 3)]), self.type(depth))

    def _set(self, depth: int) -> Type:
        made = Set(self.type(min(depth, 1)))
        try:
            shape_of(made)
        except SystemRefusal:
            return Set(made.element, 2)
        return made

    def _sized(self, depth: int) -> Type:
        return Set(self.type(depth), self.rng.randint(0, 4))

    def _seq(self, depth: int) -> Type:
        return Seq(self.type(depth), self.rng.randint(0, 4))

    def _bag(self, depth: int) -> Type:
        return Bag(self.type(depth), self.rng.randint(0, 4))

    def value(self, type_: Type) -> Any:
        match type_:
            case Int(low, high):
                return self.rng.choice([low, high, self.rng.randint(low or 0, high or 0)])
            case Bool() | Enum() | Sort():
                return scalar(type_, self.rng.randrange(cardinality(type_)))
            case Option(inner):
                return None if self.rng.random() < 0.3 else self.value(inner)
            case Record(_, fields, python):
                return python(*[self.value(t) for _, t in fields])
            case Union(variants):
                return self.value(self.rng.choice(variants))
            case Array(key, element):
                return tuple(self.value(element) for _ in members(key))
        return self._collection(type_)

    def _collection(self, type_: Type) -> Any:
        assert isinstance(type_, Set | Bag | Seq)
        most = 4 if type_.capacity is None else type_.capacity
        values = [self.value(type_.element) for _ in range(self.rng.randint(0, most))]
        if isinstance(type_, Set):
            return frozenset(values)
        if isinstance(type_, Bag):
            values.sort(key=order(type_.element))
        return tuple(values)


def element_of(type_: Type) -> Type | None:
    """Element of what can be walked, else None."""
    match type_:
        case Set(element) | Bag(element) | Seq(element) | Array(_, element):
            return element
    return None

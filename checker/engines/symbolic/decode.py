"""From a z3 model to the frozen values of `checker.outcome`."""

from typing import Any

import z3

from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.engines.symbolic.conversion import elements
from planespec.checker.ir import types as t
from planespec.checker.values import canonical_key


class Decoder:
    """Reads values out of one model; what the model leaves open takes z3's default."""

    def __init__(self, model: Any) -> None:
        """`model` is not looked at where everything is known, and may then be None."""
        self.model = model

    def truth(self, value: Any) -> bool:
        """A truth."""
        if isinstance(value, bool):
            return value
        return bool(z3.is_true(self.model.eval(value, model_completion=True)))

    def number(self, value: Any) -> int:
        """A number."""
        if isinstance(value, int):
            return value
        return int(self.model.eval(value, model_completion=True).as_long())

    def value(self, type_: t.Type, value: Any) -> Any:
        """A value of any type."""
        match type_:
            case t.Bool():
                return self.truth(value)
            case t.Int():
                return self.number(value)
            case t.Enum():
                return list(type_.python)[self.number(value)]
            case t.Sort():
                return type_.python(self.number(value))
            case t.Option(inner):
                return self.value(inner, value.value) if self.truth(value.present) else None
            case t.Record(fields=fields):
                parts = zip(fields, value.values, strict=True)
                return type_.python(**{n: self.value(f, x) for (n, f), x in parts})
            case t.Union(variants):
                tag = self.number(value.tag)
                return self.value(variants[tag], value.variants[tag])
            case t.Nothing():
                return None
        return self._collection(type_, value)

    def _collection(self, type_: t.Type, value: Any) -> Any:
        match type_:
            case t.Array(_, element):
                return tuple(self.value(element, x) for x in value.values)
            case t.Seq(element):
                length = self.number(value.length)
                return tuple(self.value(element, x) for x in value.values[:length])
            case t.Set(element) | t.Bag(element):
                found = [
                    self.value(element, x) for u, x in elements(type_, value) if self.truth(u)
                ]
                if isinstance(type_, t.Set):
                    return frozenset(found)
                return tuple(sorted(found, key=lambda x: canonical_key(element, x)))
        raise TypeError(f"{type_} has no frozen values")


def frozen_of(type_: t.Type, value: Any) -> Any:
    """The frozen value of a known symbolic one."""
    return Decoder(None).value(type_, value)


def embed(type_: t.Type, frozen: Any) -> Any:
    """A frozen value as a known symbolic one."""
    match type_:
        case t.Bool():
            return bool(frozen)
        case t.Int() | t.Sort():
            return int(frozen)
        case t.Enum():
            return list(type_.python).index(frozen)
        case t.Option(inner):
            empty = frozen is None
            return v.Maybe(not empty, v.zero(inner) if empty else embed(inner, frozen))
        case t.Record(fields=fields):
            return v.Fields(tuple(embed(f, getattr(frozen, n)) for n, f in fields))
        case t.Union(variants):
            parts = [v.zero(x) for x in variants]
            tag = next(n for n, x in enumerate(variants) if isinstance(frozen, x.python))
            parts[tag] = embed(variants[tag], frozen)
            return v.Tagged(tag, tuple(parts))
    return _embed_collection(type_, frozen)


def _embed_collection(type_: t.Type, frozen: Any) -> Any:
    match type_:
        case t.Array(_, element):
            return v.Table(tuple(embed(element, x) for x in frozen))
        case t.Set(element) if v.is_small(type_):
            numbers = {embed(element, x) for x in frozen}
            return v.Members(tuple(n in numbers for n in v.every(element)))
        case t.Set(element, capacity) | t.Bag(element, capacity):
            assert capacity is not None
            items = [embed(element, x) for x in frozen]
            free = capacity - len(items)
            fill = (v.zero(element),) * free
            return v.Slots((True,) * len(items) + (False,) * free, (*items, *fill))
        case t.Seq(element, capacity):
            fill = (v.zero(element),) * (capacity - len(frozen))
            return v.Row(len(frozen), (*(embed(element, x) for x in frozen), *fill))
    raise TypeError(f"{type_} has no symbolic values")

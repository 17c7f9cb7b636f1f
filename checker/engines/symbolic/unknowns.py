"""Values that the solver is to find, and from its answer back to frozen values.

Whether an action is enabled is asked both ways, so that its parameters and choices cannot be left
to the solver as those of a step are: `Some` binds them. Where they have few values the formula is
written out for each; where they have many the solver is given a quantifier.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import z3

from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.engines.symbolic.conversion import elements
from planespec.checker.ir import types as t
from planespec.checker.values import canonical_key

MOST_WRITTEN = 1_024
"""Combinations of values for which a formula is written out."""


class Unknowns:
    """Makes unknowns; names are unique within one object, so that models are reproducible."""

    def __init__(self) -> None:
        self.count = 0

    def fresh(
        self, name: str, type_: t.Type, note: Callable[[Any, t.Type], None] | None = None
    ) -> tuple[Any, l.Truth]:
        """An unknown of the type, with the condition that it is a value of it.

        `note` is given every truth and number that it is made of, with its type.
        """
        conditions: list[l.Truth] = []

        def make(part: t.Type) -> Any:
            self.count += 1
            label = f"{name}!{self.count}"
            if isinstance(part, t.Bool):
                truth = z3.Bool(label)
                if note is not None:
                    note(truth, part)
                return truth
            assert isinstance(part, t.Int)
            if part.is_bounded and t.cardinality(part) == 0:
                return part.low  # meant nowhere: `well_formed` keeps it from being used
            number = z3.Int(label)
            if note is not None:
                note(number, part)
            conditions.append(l.within(number, part.low, part.high))
            return number

        value = v.leaf(type_, make)
        return value, l.both(*conditions, well_formed(type_, value))


def well_formed(type_: t.Type, value: Any) -> l.Truth:
    """What the parts of a value owe each other: the used slots of a set are distinct."""
    match type_:
        case t.Sort(size=0):
            return False
        case t.Option(inner):
            return _where(value.present, inner, value.value)
        case t.Record(fields=fields):
            types = (f for _, f in fields)
            return l.all_of(map(well_formed, types, value.values))
        case t.Union(variants):
            cases = enumerate(zip(variants, value.variants, strict=True))
            return l.all_of(_where(l.equal(value.tag, n), x, part) for n, (x, part) in cases)
        case t.Array(_, element):
            return l.all_of(well_formed(element, x) for x in value.values)
        case t.Seq(element):
            parts = enumerate(value.values)
            return l.all_of(_where(l.less(n, value.length), element, x) for n, x in parts)
        case t.Set(element) | t.Bag(element) if isinstance(value, v.Slots):
            inside = l.all_of(_where(u, element, x) for u, x in v.slots(value))
            return l.both(inside, _distinct(type_, value))
        case t.Set(_, capacity) if capacity is not None and capacity < len(value.present):
            return l.at_most(l.total(map(l.as_number, value.present)), capacity)
    return True


def _where(used: l.Truth, type_: t.Type, value: Any) -> l.Truth:
    """A part that is used is well formed; one that is not need not be where its type is empty."""
    part = well_formed(type_, value)
    return l.implies(used, part) if part is not True and _lacks_values(type_) else part


@cache
def _lacks_values(type_: t.Type) -> bool:
    """Whether a type, or a part of it, has no values: a sort without elements."""
    match type_:
        case t.Sort(size=0):
            return True
        case t.Record(fields=fields):
            return any(_lacks_values(part) for _, part in fields)
        case t.Union(variants):
            return any(map(_lacks_values, variants))
    parts = [getattr(type_, name, None) for name in ("value", "inner", "element")]
    return any(_lacks_values(part) for part in parts if isinstance(part, t.Type))


def _distinct(type_: t.Set | t.Bag, value: v.Slots) -> l.Truth:
    if isinstance(type_, t.Bag):
        return True
    places = list(v.slots(value))
    return l.all_of(
        l.no(l.both(u, w, v.same(type_.element, x, y)))
        for n, (u, x) in enumerate(places)
        for w, y in places[:n]
    )


def identical(type_: t.Type, a: Any, b: Any) -> l.Truth:
    """Equality slot by slot: implies `values.same`, and costs less where `a` is free to follow."""
    match type_:
        case t.Array(_, element):
            return l.all_of(
                identical(element, x, y) for x, y in zip(a.values, b.values, strict=True)
            )
        case t.Set(element) | t.Bag(element) if isinstance(a, v.Slots):
            pairs = zip(v.slots(a), v.slots(b), strict=True)
            return l.all_of(
                l.both(l.same(u, w), l.either(l.no(u), identical(element, x, y)))
                for (u, x), (w, y) in pairs
            )
        case t.Seq(element):
            parts = enumerate(zip(a.values, b.values, strict=True))
            rest = [
                l.either(l.at_most(a.length, n), identical(element, x, y)) for n, (x, y) in parts
            ]
            return l.both(l.equal(a.length, b.length), *rest)
    return v.same(type_, a, b)


_BOUND = Unknowns()


class Some:
    """Unknowns that are bound: what `holds` gives depends on none of them."""

    def __init__(self) -> None:
        self._numbers: list[tuple[Any, list[Any] | None]] = []

    def fresh(self, name: str, type_: t.Type) -> tuple[Any, l.Truth]:
        """An unknown, with the condition that it is a value of its type."""
        return _BOUND.fresh(f"some {name}", type_, self._note)

    def _note(self, unknown: Any, part: t.Type) -> None:
        values = None
        if isinstance(part, t.Bool):
            values = [z3.BoolVal(False), z3.BoolVal(True)]
        elif isinstance(part, t.Int) and part.is_bounded:
            low, high = part.bounds
            few = high - low < MOST_WRITTEN
            values = [z3.IntVal(n) for n in range(low, high + 1)] if few else None
        self._numbers.append((unknown, values))

    def holds(self, formula: l.Truth) -> l.Truth:
        """Whether the formula is true for some values of the unknowns."""
        written, left = [formula], []
        for unknown, values in self._numbers:
            if values is None or len(written) * len(values) > MOST_WRITTEN:
                left.append(unknown)
            else:
                written = [one for whole in written for one in _tried(whole, unknown, values)]
        bound = (one if l.known(one) or not left else z3.Exists(left, one) for one in written)
        return l.any_of(bound)


def _tried(formula: l.Truth, unknown: Any, values: list[Any]) -> list[l.Truth]:
    """The formula with each value for the unknown, but for those that are false."""
    if l.known(formula):
        return [formula] if formula else []
    made = [z3.simplify(z3.substitute(formula, (unknown, value))) for value in values]
    return [True if z3.is_true(one) else one for one in made if not z3.is_false(one)]


# From a z3 model to the frozen values of `checker.outcome`.


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

"""Values in public form, what elements of sorts are called in it, and the forms that are read.

A public value is what a person would write: lists, sets and dicts, members of enums, records,
None, and for an element of a sort its name.
"""

from dataclasses import replace
from typing import Any

from planespec.checker.ir import types as t
from planespec.checker.lang.data.grids import grid_items, grid_keys
from planespec.checker.lang.data.order import key_of
from planespec.checker.lang.data.order import show as show_value
from planespec.checker.lang.data.shapes import decode


class NoValue:
    """Stands in the frozen form of an array for a key that nothing is given for."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = NoValue()


class PublicNames:
    """What the elements of sorts are called: their own names, unless a subclass gives others."""

    hint = ""
    """What messages add where a name is none of a sort's elements."""

    def __init__(self) -> None:
        self._names: dict[t.Sort, list[Any]] = {}

    def names(self, sort: t.Sort) -> list[Any] | None:
        """Names of a sort's elements in their order; None where they have their own."""
        return self._names.get(sort)

    def public(self, type_: t.Type, frozen: Any, *, hashable: bool = False) -> Any:
        """The public form of a frozen value; `hashable` for what is inside a set or a record."""
        match type_:
            case t.Sort():
                return self._names[type_][frozen] if type_ in self._names else frozen
            case t.Option(inner):
                return None if frozen is None else self.public(inner, frozen, hashable=hashable)
            case t.Record():
                return self._record(type_, frozen)
            case t.Union(variants):
                found = next(v for v in variants if v.python is type(frozen))
                return self._record(found, frozen)
            case t.Grid():
                cells = zip(grid_keys(type_), grid_items(type_, frozen), strict=True)
                return {
                    tuple(map(self.public, type_.keys, k)): self.public(type_.item, v)
                    for k, v in cells
                }
            case t.Array(key, value):
                pairs = zip(keys(key), frozen, strict=True)
                return {self.public(key, k): self.public(value, v) for k, v in pairs}
            case t.Set(element, _):
                members = (self.public(element, v, hashable=True) for v in frozen)
                return frozenset(members) if hashable else set(members)
            case t.Seq(element, _) | t.Bag(element, _):
                copies = [self.public(element, v, hashable=hashable) for v in frozen]
                return tuple(copies) if hashable else copies
        return frozen

    def text(self, type_: t.Type, frozen: Any) -> str:
        """A value in messages, in the names of the system."""
        if frozen is NOTHING:
            return "nothing"
        match type_:
            case t.Array(key, value):
                pairs = zip(keys(key), frozen, strict=True)
                inner = ", ".join(f"{self.text(key, k)}: {self.text(value, v)}" for k, v in pairs)
                return f"{{{inner}}}"
            case t.Set(element, _):
                members = sorted(frozen, key=key_of(element))
                return f"{{{', '.join(self.text(element, m) for m in members)}}}"
        return show_value(self.public(type_, frozen))

    def key(self, type_: t.Type, frozen: Any) -> str:
        """A key in the path of a field: names without quotes."""
        public = self.public(type_, frozen)
        return public if isinstance(public, str) else show_value(public)

    def _record(self, record: t.Record, frozen: Any) -> Any:
        changed = {}
        for name, type_ in record.fields:
            value = getattr(frozen, name)
            public = self.public(type_, value, hashable=True)
            if public is not value and public != value:
                changed[name] = public
        if isinstance(frozen, tuple):
            return frozen._replace(**changed)  # type: ignore[attr-defined]
        return replace(frozen, **changed) if changed else frozen


def brief(value: Any) -> str:
    """The text of any value, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def keys(type_: t.Type) -> list[Any]:
    """The frozen values of a finite scalar type, in order."""
    return [decode(type_, number) for number in t.members(type_)]


TAGS = ("tag", "type", "kind")
"""Keys under which a dict may say which record of a union it is."""

MOST = 12
"""Names that a message lists."""


def accepted(naming: PublicNames, type_: t.Type) -> str:
    """What a message offers for a value that fits no form."""
    match type_:
        case t.Bool():
            return "True or False"
        case t.Int():
            return "a whole number"
        case t.Enum():
            values = _either([f"{m.name} ({m.value!r})" for m in type_.python])
            return f"a member of {type_}, its name or its value: {values}"
        case t.Sort():
            return _sort(naming, type_)
        case t.Option(inner):
            return f"None, or {accepted(naming, inner)}"
        case t.Tuple(_, places):
            parts = ", ".join(accepted(naming, part) for _, part in places)
            return f"a list or tuple of {len(places)}: {parts}"
        case t.Record(name, fields):
            names = ", ".join(n for n, _ in fields) or "no fields"
            return (
                f"a dict with {names}; a {name}, dataclass or object with these attributes; "
                "a tuple of their values in this order"
            )
    return _collection(naming, type_)


def _collection(naming: PublicNames, type_: t.Type) -> str:
    match type_:
        case t.Union(variants):
            names = _either([repr(v.name) for v in variants])
            keys_ = ", ".join(map(repr, TAGS))
            return f"a dict with its fields and, under one of {keys_}, one of {names}; or a record"
        case t.Array(key, value):
            also = "; a set of the keys that are True" if isinstance(value, t.Bool) else ""
            return (
                f"a dict from each {key} ({accepted(naming, key)}) to its value; "
                f"a list of the {t.cardinality(key)} values in order{also}"
            )
        case t.Set(element, _):
            return f"a set or list, each member once, of {accepted(naming, element)}"
        case t.Bag(element, _):
            return (
                "a list in any order, or a Counter or dict from member to number, of "
                f"{accepted(naming, element)}"
            )
        case t.Seq(element, _):
            return f"a list or tuple, in order, of {accepted(naming, element)}"
    return str(type_)


def _sort(naming: PublicNames, sort: t.Sort) -> str:
    names = naming.names(sort)
    if names is not None:
        return f"a name that the adapter gives to {sort}: {_either([repr(n) for n in names])}"
    elements = keys(sort)
    if not elements:
        return f"nothing, as {sort} has no elements"
    return (
        f"an element of {sort}, its text or its number: {_either([repr(e) for e in elements])}, "
        f"0 to {sort.size - 1}{naming.hint}"
    )


def _either(items: list[str]) -> str:
    more = f" and {len(items) - MOST} more" if len(items) > MOST else ""
    return ", ".join(items[:MOST]) + more

"""What elements of sorts are called in a real system; values in public form, and forms read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from planespec.checker.errors import did_you_mean
from planespec.checker.instance import Instance
from planespec.checker.ir import types as t
from planespec.checker.lang.data.order import key_of
from planespec.checker.lang.data.order import show as show_value
from planespec.checker.lang.data.shapes import decode
from planespec.checker.outcome import State
from planespec.checker.stateful.adapter import AdapterError, brief


class NoValue:
    """Stands in the frozen form of an array for a key that the system shows nothing for."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = NoValue()


class Naming:
    """Names of the elements of sorts, as an adapter's `names` gives them.

    `names` maps a sort (the class, or its name) to the names in the order of the elements, to a
    dict from element to name, or to a function. Raises AdapterError where they do not fit.
    """

    def __init__(self, instance: Instance, names: Any = None) -> None:
        self.instance = instance
        self._names: dict[t.Sort, list[Any]] = {}
        names = names() if callable(names) else names
        if not isinstance(names or {}, Mapping):
            raise AdapterError(f"names is {brief(names)}; accepted: a dict from sort to names")
        sorts = {name: s for s in instance.binding.sorts.values() for name in (s.python, s.name)}
        for key, given in (names or {}).items():
            if key not in sorts:
                known = sorted(s.name for s in instance.binding.sorts.values())
                near = did_you_mean(key, known) if isinstance(key, str) else ""
                text = f"the model has no sort {brief(key)}; its sorts: {', '.join(known)}"
                raise AdapterError(f"names: {text}{near}")
            self._names[sorts[key]] = _listed(sorts[key], given)

    def names(self, sort: t.Sort) -> list[Any] | None:
        """Names of a sort's elements in their order; None where the adapter gives none."""
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

    def state(self, frozen: State) -> SimpleNamespace:
        """A state whose variables are attributes in public form."""
        types = self.instance.types.items()
        pairs = zip(types, frozen, strict=True)
        return SimpleNamespace(**{name: self.public(type_, v) for (name, type_), v in pairs})

    def argument(self, value: Any) -> Any:
        """The public form of a value whose type is that of Python: an argument or a choice."""
        sort = self.instance.binding.sorts.get(type(value))
        if sort is not None:
            return self.public(sort, value)
        if hasattr(type(value), "__planespec_record__"):
            return self.public(self.instance.binding.resolver.resolve(type(value)), value)
        if isinstance(value, tuple | list | set | frozenset):
            return type(value)(map(self.argument, value))
        return value

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
        return replace(frozen, **changed) if changed else frozen


def keys(type_: t.Type) -> list[Any]:
    """The frozen values of a finite scalar type, in order."""
    return [decode(type_, number) for number in t.members(type_)]


def _listed(sort: t.Sort, given: Any) -> list[Any]:
    """One name for each element, all different."""
    if isinstance(given, Mapping):
        found = [given[element] for element in keys(sort) if element in given]
    elif callable(given):
        found = [given(element) for element in keys(sort)]
    elif isinstance(given, Sequence) and not isinstance(given, str):
        found = list(given[: sort.size])
    else:
        raise AdapterError(
            f"names of {sort.name}: {brief(given)} gives none\n"
            "  accepted: a list of names, a dict from element to name, a function of the element"
        )
    if len(found) < sort.size:
        raise AdapterError(_unfit(sort, given, f"it has {len(found)}"))
    try:
        different = len(set(found)) == sort.size
    except TypeError as error:
        raise AdapterError(_unfit(sort, given, str(error))) from None
    if not different:
        raise AdapterError(_unfit(sort, given, "two elements have one name"))
    return found


def _unfit(sort: t.Sort, given: Any, problem: str) -> str:
    return (
        f"names of {sort.name}: {brief(given)} does not name each of the {sort.size} elements "
        f"{', '.join(map(repr, keys(sort)))}: {problem}"
    )


TAGS = ("tag", "type", "kind")
"""Keys under which a dict may say which record of a union it is."""

MOST = 12
"""Names that a message lists."""


def accepted(naming: Naming, type_: t.Type) -> str:
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
        case t.Record(name, fields):
            names = ", ".join(n for n, _ in fields) or "no fields"
            return (
                f"a dict with {names}; a {name}, dataclass or object with these attributes; "
                "a tuple of their values in this order"
            )
    return _collection(naming, type_)


def _collection(naming: Naming, type_: t.Type) -> str:
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


def _sort(naming: Naming, sort: t.Sort) -> str:
    names = naming.names(sort)
    if names is not None:
        return f"a name that the adapter gives to {sort}: {_either([repr(n) for n in names])}"
    elements = keys(sort)
    if not elements:
        return f"nothing, as {sort} has no elements"
    return (
        f"an element of {sort}, its text or its number: {_either([repr(e) for e in elements])}, "
        f"0 to {sort.size - 1} (names of the system's own go into the adapter's `names`)"
    )


def _either(items: list[str]) -> str:
    more = f" and {len(items) - MOST} more" if len(items) > MOST else ""
    return ", ".join(items[:MOST]) + more

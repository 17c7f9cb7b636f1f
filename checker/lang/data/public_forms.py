"""Reads public values in any form a person would write, by the declared type.

What fits no form is a FormError. Whether a value is one that the model can have, such as a
number within its range, is no question of form: that is for the comparison to tell.
"""

import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any, NoReturn

from planespec.checker.errors import did_you_mean
from planespec.checker.ir import types as t
from planespec.checker.lang.data.order import key_of
from planespec.checker.lang.data.public_names import (
    NOTHING,
    TAGS,
    PublicNames,
    accepted,
    brief,
    keys,
)

PLAIN = (str, bytes, bytearray, int, float, complex, list, tuple, Set, Enum, type(None))
"""What has attributes and yet is no record."""


class FormError(Exception):
    """A value that fits no form of its type: the place, what is wrong, and what is accepted."""

    def __init__(self, place: str, what: str, accepted: str) -> None:
        super().__init__(f"{place}: {what}\n  accepted: {accepted}")
        self.place, self.what, self.accepted = place, what, accepted


class Forms:
    """Reads public values into frozen ones, with the names that the elements of sorts have."""

    error: type[FormError] = FormError
    """What is raised for a value that fits no form."""

    def __init__(self, naming: PublicNames) -> None:
        self.naming = naming
        self._texts: dict[t.Type, dict[str | None, Any]] = {}
        self._keys: dict[t.Type, dict[str, Any]] = {}

    def read(self, type_: t.Type, given: Any, path: str) -> Any:
        """The frozen value; raises FormError naming the field."""
        match type_:
            case t.Bool():
                return given if isinstance(given, bool) else self._misfit(type_, given, path)
            case t.Int():
                return self._int(type_, given, path)
            case t.Enum():
                return self._enum(type_, given, path)
            case t.Sort():
                return self._sort(type_, given, path)
            case t.Option(inner):
                return None if given is None else self._some(type_, inner, given, path)
            case t.Record():
                return self._record(type_, given, path)
            case t.Union():
                return self._union(type_, given, path)
        return self._collection(type_, given, path)

    def _some(self, type_: t.Option, inner: t.Type, given: Any, path: str) -> Any:
        if inner.is_scalar:
            try:
                return self.read(inner, given, path)
            except FormError:
                self._misfit(type_, given, path)
        return self.read(inner, given, path)

    def _int(self, type_: t.Int, given: Any, path: str) -> int:
        if isinstance(given, bool) or not hasattr(given, "__index__"):
            self._misfit(type_, given, path)
        return operator.index(given)

    def _enum(self, type_: t.Enum, given: Any, path: str) -> Any:
        if isinstance(given, type_.python):
            return given
        texts = [given.name, given.value] if isinstance(given, Enum) else [given]
        members = list(type_.python)
        for text in texts:
            exact = [m for m in members if _same(text, m.name) or _same(text, m.value)]
            plain = _plain(text)
            loose = [m for m in members if plain and plain in (_plain(m.name), _plain(m.value))]
            for found in (exact, loose):
                if len(found) == 1:
                    return found[0]
        return self._misfit(type_, given, path)

    def _sort(self, type_: t.Sort, given: Any, path: str) -> Any:
        names = self.naming.names(type_)
        if type(given) is type_.python and 0 <= given < type_.size:
            return given
        if names is None:
            return self._own_element(type_, given, path)
        for number, element in enumerate(keys(type_)):
            if _same(given, names[number]):
                return element
        return self._misfit(type_, given, path)

    def _own_element(self, type_: t.Sort, given: Any, path: str) -> Any:
        """The element with a number or with the text that it prints as."""
        if type(given) is int and 0 <= given < type_.size:
            return type_.python(given)
        if type_ not in self._texts:
            self._texts[type_] = {_plain(repr(element)): element for element in keys(type_)}
        found = self._texts[type_].get(_plain(given)) if isinstance(given, str) else None
        return self._misfit(type_, given, path) if found is None else found

    def _record(self, record: t.Record, given: Any, path: str, tag: str | None = None) -> Any:
        found = self._fields(record, given, path, tag)
        values = {}
        for name, type_ in record.fields:
            if name not in found and not isinstance(type_, t.Option):
                self._misfit(record, given, path, f"{brief(given)} has no field {name}")
            values[name] = self.read(type_, found.get(name), f"{path}.{name}")
        return record.python(**values)

    def _fields(self, record: t.Record, given: Any, path: str, tag: str | None) -> Any:
        names = [name for name, _ in record.fields]
        found = as_mapping(given)
        if found is None and isinstance(given, tuple | list) and len(given) == len(names):
            return dict(zip(names, given, strict=True))
        if found is None:
            if isinstance(given, PLAIN):
                self._misfit(record, given, path)
            return {name: getattr(given, name) for name in names if hasattr(given, name)}
        for name in found:
            if name not in names and name != tag and not _is_tag_of(record, name, found[name]):
                near = did_you_mean(name, names) if isinstance(name, str) else ""
                what = f"{brief(given)} has {brief(name)}, which is no field of {record}{near}"
                self._misfit(record, given, path, what)
        return found

    def _union(self, union: t.Union, given: Any, path: str) -> Any:
        variants = {_plain(v.name): v for v in union.variants}
        if isinstance(given, str):
            empty = variants.get(_plain(given))
            if empty is not None and not empty.fields:
                return empty.python()
        elif isinstance(given, Mapping):
            return self._tagged(union, variants, given, path)
        elif (found := variants.get(_plain(type(given).__name__))) is not None:
            return self._record(found, given, path)
        return self._misfit(union, given, path)

    def _tagged(self, union: t.Union, variants: Any, given: Mapping[Any, Any], path: str) -> Any:
        own = {name for v in union.variants for name, _ in v.fields}
        for tag in TAGS:
            if tag in given and tag not in own:
                found = variants.get(_plain(given[tag]))
                if found is None:
                    what = f"{brief(given[tag])} under {tag!r} is none of {union}"
                    self._misfit(union, given, path, what)
                if set(given) == {tag, "value"} and "value" not in own:
                    return self._record(found, given["value"], path)
                return self._record(found, given, path, tag)
        if len(given) == 1:
            [(name, value)] = given.items()
            if (found := variants.get(_plain(name))) is not None and name not in own:
                return self._record(found, {} if value is None else value, path)
        return self._misfit(union, given, path)

    def _collection(self, type_: t.Type, given: Any, path: str) -> Any:
        match type_:
            case t.Array():
                return self._array(type_, given, path)
            case t.Set(element, _):
                members = self._each(type_, element, given, path)
                if len(set(members)) < len(members):
                    what = f"{brief(given)} has a member twice, and a set has each once"
                    self._misfit(type_, given, path, what)
                return frozenset(members)
            case t.Bag(element, _):
                return tuple(sorted(self._copies(type_, given, path), key=key_of(element)))
            case t.Seq(element, _):
                if isinstance(given, Set):
                    self._misfit(type_, given, path)
                return tuple(self._each(type_, element, given, path))
        raise TypeError(f"{type_} has no public form")

    def _each(self, type_: t.Type, element: t.Type, given: Any, path: str) -> list[Any]:
        if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
            self._misfit(type_, given, path)
        return [self.read(element, item, f"{path}[{n}]") for n, item in enumerate(given)]

    def _copies(self, bag: t.Bag, given: Any, path: str) -> list[Any]:
        if not isinstance(given, Mapping):
            return self._each(bag, bag.element, given, path)
        counts: Counter[Any] = Counter()
        for member, count in given.items():
            if type(count) is not int or count < 0:
                what = f"{brief(count)} is not how many there are of {brief(member)}"
                self._misfit(bag, given, path, what)
            counts[self._key(bag.element, member, path)] += count
        return list(counts.elements())

    def _array(self, array: t.Array, given: Any, path: str) -> tuple[Any, ...]:
        wanted = keys(array.key)
        if isinstance(given, Mapping):
            return self._mapped(array, _nested(array, given), path)
        if isinstance(given, Set) and isinstance(array.value, t.Bool):
            true = [self._key(array.key, member, path) for member in given]
            return tuple(key in true for key in wanted)
        if isinstance(given, str | bytes | Set) or not isinstance(given, Iterable):
            self._misfit(array, given, path)
        items = list(given)
        if len(items) != len(wanted):
            what = f"{brief(given)} has {len(items)} values for {len(wanted)} keys"
            self._misfit(array, given, path, what)
        at = [f"{path}[{self.naming.key(array.key, key)}]" for key in wanted]
        return tuple(self.read(array.value, v, p) for v, p in zip(items, at, strict=True))

    def _mapped(self, array: t.Array, given: Mapping[Any, Any], path: str) -> tuple[Any, ...]:
        found: dict[Any, Any] = {}
        for name, value in given.items():
            key = self._key(array.key, name, path)
            if key in found:
                self._misfit(array, given, path, f"{brief(given)} has {brief(name)} twice")
            at = f"{path}[{self.naming.key(array.key, key)}]"
            found[key] = self.read(array.value, value, at)
        absent = None if isinstance(array.value, t.Option) else NOTHING
        return tuple(found.get(key, absent) for key in keys(array.key))

    def _key(self, type_: t.Type, given: Any, path: str) -> Any:
        """A key, or the text of one: JSON knows no other."""
        if isinstance(given, str) and isinstance(type_, t.Int | t.Bool | t.Enum | t.Sort):
            found = self._key_texts(type_).get(given.lower())
            if found is not None:
                return found
        try:
            return self.read(type_, given, path)
        except FormError:
            text = accepted(self.naming, type_)
            raise self.error(
                f"field {path}", f"{brief(given)} is no key", f"as key {text}"
            ) from None

    def _key_texts(self, type_: t.Type) -> dict[str, Any]:
        """The keys by the texts of those that are no texts themselves."""
        if type_ not in self._keys:
            found: dict[str, Any] = {}
            for key in keys(type_):
                public = self.naming.public(type_, key)
                value = public.value if isinstance(public, Enum) else public
                if not isinstance(value, str):
                    found.setdefault(str(value).lower(), key)
                if isinstance(type_, t.Sort) and public is key:
                    found.setdefault(str(int(key)), key)
            self._keys[type_] = found
        return self._keys[type_]

    def _misfit(self, type_: t.Type, given: Any, path: str, what: str = "") -> NoReturn:
        default = f"{brief(given)} ({type(given).__name__}) is no {type_}"
        raise self.error(f"field {path}", what or default, accepted(self.naming, type_))


def as_mapping(given: Any) -> Mapping[Any, Any] | None:
    """What says by itself which fields it has."""
    if isinstance(given, Mapping):
        return given
    if isinstance(given, SimpleNamespace):
        return vars(given)
    if is_dataclass(given) and not isinstance(given, type):
        return {f.name: getattr(given, f.name) for f in fields(given)}
    if isinstance(given, tuple) and hasattr(given, "_asdict"):
        return dict(given._asdict())
    return None


def attributes(given: Any, names: Iterable[str]) -> dict[str, Any]:
    """The attributes with these names that an object has."""
    return {name: getattr(given, name) for name in names if hasattr(given, name)}


def _nested(array: t.Array, given: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A dict with pairs as keys, as a dict of dicts."""
    pairs = [k for k in given if isinstance(k, tuple) and len(k) > 1]
    if not isinstance(array.value, t.Array) or len(pairs) < len(given):
        return given
    found: dict[Any, dict[Any, Any]] = {}
    for first, *rest in pairs:
        inner = rest[0] if len(rest) == 1 else tuple(rest)
        found.setdefault(first, {})[inner] = given[(first, *rest)]
    return found


def _is_tag_of(record: t.Record, name: Any, value: Any) -> bool:
    return name in TAGS and _plain(value) == _plain(record.name)


def _same(given: Any, other: Any) -> bool:
    return type(given) is type(other) and bool(given == other)


def _plain(text: Any) -> str | None:
    """A name without what styles of writing differ in: NOT_READY, not-ready, NotReady."""
    if not isinstance(text, str):
        return None
    return "".join(c for c in text.casefold() if c.isalnum())

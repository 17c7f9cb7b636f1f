"""Values with a schema: their fields, how two differ, one merged into another, parts taken out.

Source: `structured-merge-diff/v6/typed`: tofieldset.go, compare.go, merge.go, remove.go,
validate.go.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from planespec.spec.api.apply.field_sets import (
    FieldSet,
    Path,
    name_field,
    name_key,
    name_value,
    show_path,
    take_below,
)
from planespec.spec.schema.merge_types import KEY_DEFAULTS, MergeType

Json = Any
ABSENT = object()
"""Stands for a value that is not there; null is one that is."""
_ANY = MergeType("any")


class TypedError(ValueError):
    """A value does not fit its schema."""


def name_item(kind: MergeType, item: Json) -> str:
    """Return the path element of an item of a list that is a map or a set. Raises TypedError."""
    if not kind.keys:
        return name_value(item)
    if not isinstance(item, dict):
        words = "associative list with keys may not have"
        raise TypedError(
            f"{words} a null element" if item is None else f"{words} non-map elements"
        )
    definition = kind.items.definition if kind.items else ""
    defaults = KEY_DEFAULTS.get(definition, {})
    key = {}
    for name in kind.keys:
        if item.get(name) is None and name not in defaults:
            raise TypedError(
                "associative list with keys has an element that omits key field "
                f'"{name}" (and doesn\'t have default value)'
            )
        key[name] = defaults[name] if item.get(name) is None else item[name]
    return name_key(key)


def _find_below(kind: MergeType, name: str) -> MergeType:
    return kind.fields.get(name) or kind.values or _ANY


def _is_map(kind: MergeType, value: Json) -> bool:
    return kind.kind in ("map", "struct") or (kind.kind == "any" and isinstance(value, dict))


def _is_list(kind: MergeType, value: Json) -> bool:
    return kind.kind == "list" or (kind.kind == "any" and isinstance(value, list))


def _is_whole(kind: MergeType) -> bool:
    """Say whether a list or map has one owner; lists without a schema do."""
    return kind.is_atomic or (kind.kind == "any" and kind.items is None)


# Validation.


def check(kind: MergeType, value: Json) -> None:
    """Hold what is applied to the schema. Raises TypedError with all faults."""
    errors = [
        f"{show_path(path)}: {why}" if path else why for path, why in _check(kind, value, ())
    ]
    if len(errors) == 1:
        raise TypedError(errors[0])
    if errors:
        raise TypedError("\n".join(["errors:", *(f"  {each}" for each in errors)]))


def _check(kind: MergeType, value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if value is None or kind.kind == "any":
        return
    if kind.kind == "scalar":
        if isinstance(value, dict | list):
            yield path, "expected scalar"
    elif kind.kind == "list":
        yield from _check_list(kind, value, path)
    elif not isinstance(value, dict):
        yield path, "expected map"
    else:
        for name, each in value.items():
            if kind.kind == "struct" and name not in kind.fields:
                yield (*path, name_field(name)), "field not declared in schema"
            else:
                yield from _check(_find_below(kind, name), each, (*path, name_field(name)))


def _check_list(kind: MergeType, value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(value, list):
        yield path, "expected list"
        return
    seen = set()
    for index, item in enumerate(value):
        element = f"i:{index}"
        if not kind.is_atomic:
            try:
                element = name_item(kind, item)
            except TypedError as error:
                yield path, f"element {index}: {error}"
                continue
            if element in seen:
                yield path, f"duplicate entries for key {show_path((element,))}"
            seen.add(element)
        yield from _check(kind.items or _ANY, item, (*path, element))


# The fields of a value.


def list_fields(kind: MergeType, value: Json) -> FieldSet:
    """Return every field of a value that can have an owner. Source: ToFieldSet."""
    return frozenset(_list_fields(kind, value, ()))


def _list_fields(kind: MergeType, value: Json, path: Path) -> Iterator[Path]:
    if _is_map(kind, value):
        if _is_whole_map(kind):
            yield path
        for name, each in () if _is_whole_map(kind) else (value or {}).items():
            inner = (*path, name_field(name))
            yield from _list_fields(_find_below(kind, name), each, inner)
            is_empty = each is None or (isinstance(each, dict) and not each)
            if is_empty or name not in kind.fields:
                yield inner
    elif _is_list(kind, value):
        if _is_whole(kind):
            yield path
        for item in () if _is_whole(kind) else value or ():
            inner = (*path, name_item(kind, item))
            yield from _list_fields(kind.items or _ANY, item, inner)
            yield inner
    else:
        yield path


def _is_whole_map(kind: MergeType) -> bool:
    return kind.is_atomic


# Two values.


@dataclass
class Comparison:
    """The fields in which a later value differs from an earlier one."""

    removed: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)
    added: set[Path] = field(default_factory=set)


def compare_values(kind: MergeType, before: Json, after: Json) -> Comparison:
    """Return what differs between two values of a kind. Source: Compare."""
    found = Comparison()
    _compare(kind, before, after, (), found)
    return found


def _compare(kind: MergeType, before: Json, after: Json, path: Path, found: Comparison) -> None:
    some = before if after is ABSENT or after is None else after
    parts = _list_parts(kind, some)
    old, new = _open(before), _open(after)
    is_leaf = parts is None or not (old or new)
    if not is_leaf:
        assert parts is not None
        for element, type_, get in parts(kind, old, new):
            _compare(type_, get(old), get(new), (*path, element), found)
    if before is ABSENT:
        found.added.add(path)
    elif after is ABSENT:
        found.removed.add(path)
    elif is_leaf and before != after:
        found.modified.add(path)


def _open(value: Json) -> Json:
    return None if value is ABSENT or value is None else value


_Get = Callable[[Json], Json]
_Parts = Callable[[MergeType, Json, Json], Iterator[tuple[str, MergeType, _Get]]]


def _list_parts(kind: MergeType, value: Json) -> _Parts | None:
    """Return what goes through the parts of two values; None for a value with one owner."""
    if _is_map(kind, value):
        return None if _is_whole_map(kind) else _list_map_parts
    if _is_list(kind, value):
        return None if _is_whole(kind) else _list_item_parts
    return None


def _list_map_parts(
    kind: MergeType, old: Json, new: Json
) -> Iterator[tuple[str, MergeType, _Get]]:
    for name in {**(old or {}), **(new or {})}:

        def get(value: Json, name: str = name) -> Json:
            return value.get(name, ABSENT) if isinstance(value, dict) else ABSENT

        yield name_field(name), _find_below(kind, name), get


def _list_item_parts(
    kind: MergeType, old: Json, new: Json
) -> Iterator[tuple[str, MergeType, _Get]]:
    both = [*(old or ()), *(new or ())]
    for element in dict.fromkeys(name_item(kind, each) for each in both):

        def get(value: Json, element: str = element) -> Json:
            items = value if isinstance(value, list) else ()
            return next((each for each in items if name_item(kind, each) == element), ABSENT)

        yield element, kind.items or _ANY, get


# Merging.


def merge_values(kind: MergeType, left: Json, right: Json) -> Json:
    """Return the left value with what the right one says; ABSENT if nothing is left.

    Source: Merge with the rule that keeps the right side.
    """
    some = left if right is ABSENT or right is None else right
    parts = _list_parts(kind, some)
    if parts is None or not (_open(left) or _open(right)):
        return left if right is ABSENT else right
    if _is_list(kind, some):
        return _merge_lists(kind, _open(left) or [], _open(right) or []) or ABSENT
    merged = {}
    for element, type_, get in parts(kind, _open(left), _open(right)):
        value = merge_values(type_, get(left), get(right))
        if value is not ABSENT:
            merged[element[2:]] = value
    return merged or ABSENT


def _merge_lists(kind: MergeType, left: list[Json], right: list[Json]) -> list[Json]:
    """Merge lists that are maps or sets: the right side's order, others where they stood."""
    lefts = {name_item(kind, each): each for each in reversed(left)}
    rights = {name_item(kind, each): each for each in right}
    merger = _ListMerger(kind, lefts, rights)
    return merger.merge([(name_item(kind, each), each) for each in left], list(rights))


class _ListMerger:
    """Goes through two lists side by side. Source: visitListItems."""

    def __init__(self, kind: MergeType, lefts: dict[str, Json], rights: dict[str, Json]) -> None:
        self._type, self._lefts, self._rights = kind.items or _ANY, lefts, rights
        self._merged: list[Json] = []

    def merge(self, lefts: list[tuple[str, Json]], right: list[str]) -> list[Json]:
        """Return the merged items of two lists of elements; the left one has its items beside.

        An element that stands on the left several times keeps the value of each.
        """
        left = [name for name, _ in lefts]
        shared = [each for each in right if each in self._lefts]
        taken: set[str] = set()
        while left or right:
            if (
                left and right and left[0] != right[0] and self._is_out_of_turn(left[0], shared)
            ) or (left and left[0] in taken):
                left = left[1:]
            elif left and left[0] not in self._rights:
                self._add(lefts[-len(left)][1], ABSENT)
                left = left[1:]
            else:
                head, right = right[0], right[1:]
                if left and left[0] == head:
                    left = left[1:]
                self._take(head)
                taken.add(head)
                if shared and shared[0] == head:
                    shared = shared[1:]
        return self._merged

    def _is_out_of_turn(self, element: str, shared: list[str]) -> bool:
        """Say whether a shared item stands here that the right side has at another place."""
        return element in self._rights and bool(shared) and shared[0] != element

    def _take(self, element: str) -> None:
        self._add(self._lefts.get(element, ABSENT), self._rights.get(element, ABSENT))

    def _add(self, left: Json, right: Json) -> None:
        value = merge_values(self._type, left, right)
        if value is not ABSENT:
            self._merged.append(value)


# Taking fields out.


def remove_fields(kind: MergeType, value: Json, fields: FieldSet) -> Json:
    """Return a value without some fields; what is left empty is null. Source: RemoveItems."""
    if not fields:
        return value
    if _is_list(kind, value):
        if not isinstance(value, list) or _is_whole(kind):
            return None
        return _remove_items(kind, value, fields) or None
    if _is_map(kind, value):
        if not isinstance(value, dict) or _is_whole_map(kind):
            return None
        return _remove_from_map(kind, value, fields) or None
    return value


def _remove_items(kind: MergeType, value: list[Json], fields: FieldSet) -> list[Json]:
    kept = []
    for item in value:
        element = name_item(kind, item)
        if (element,) in fields:
            continue
        below = take_below(fields, element)
        kept.append(remove_fields(kind.items or _ANY, item, below) if below else item)
    return kept


def _remove_from_map(kind: MergeType, value: dict[str, Json], fields: FieldSet) -> Json:
    kept = {}
    for name, each in value.items():
        element = name_field(name)
        if (element,) in fields:
            continue
        below = take_below(fields, element)
        kept[name] = remove_fields(_find_below(kind, name), each, below) if below else each
    return kept


def with_named_fields(kind: MergeType, fields: FieldSet) -> FieldSet:
    """Add every field of a struct that has fields of the set below it.

    Source: EnsureNamedFieldsAreMembers.
    """
    added = set(fields)
    for path in fields:
        type_ = kind
        for index, element in enumerate(path[:-1]):
            is_field = element.startswith("f:")
            if is_field and element[2:] in type_.fields:
                added.add(path[: index + 1])
            below = type_.fields.get(element[2:]) if is_field else type_.items
            type_ = below or type_.values or _ANY
    return frozenset(added)

"""JSON patches (RFC 6902) and merge patches (RFC 7386), as the API server applies them.

Source: `gopkg.in/evanphx/json-patch.v4`, `patch.go` and `merge.go`. Where it differs from the
RFC: an index may be negative, counted from the end; an absent field of an object reads as null, so
that a `test` for null holds, `replace` adds it and `copy` copies null; the document as a whole can
only be tested and replaced.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

Json = Any


class PatchError(ValueError):
    """A patch is malformed or does not apply."""


def merge_patch(target: Json, patch: Json) -> Json:
    """Return the target after a merge patch; null removes a field."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    if not isinstance(target, dict):
        return prune_nulls(patch)
    merged = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def prune_nulls(value: Json) -> Json:
    """Return a value without fields that are null, in objects that lists hold as well."""
    if isinstance(value, dict):
        return {key: prune_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [prune_nulls(each) for each in value]
    return value


def json_patch(document: Json, operations: Json) -> Json:
    """Return the document after the operations, in order. Raises PatchError."""
    root = [copy.deepcopy(document)]
    for each in operations:
        name = each.get("op") if isinstance(each, Mapping) else None
        if not isinstance(name, str) or name not in _OPERATIONS:
            raise PatchError(f"Unexpected kind: {name}")
        _OPERATIONS[name](root, each)
    return root[0]


def _read_path(operation: Mapping[str, Json], name: str = "path") -> list[str]:
    """Return the parts of a path behind its first slash; what stands before is not looked at."""
    path = operation.get(name)
    if not isinstance(path, str):
        raise PatchError(f"operation, {name} is missing")
    return [each.replace("~1", "/").replace("~0", "~") for each in path.split("/")[1:]]


def _read_value(operation: Mapping[str, Json]) -> Json:
    return copy.deepcopy(operation.get("value"))


def _descend(root: list[Json], parts: list[str]) -> Json:
    """Return what holds the last part of a path; the whole document is held by nothing."""
    if not parts:
        raise PatchError("doc is missing path")
    place = root[0]
    for part in parts[:-1]:
        place = _get(place, part)
    if not isinstance(place, dict | list):
        raise PatchError("doc is missing path")
    return place


def _get(place: Json, part: str) -> Json:
    """Return a part; an absent field of an object is null."""
    if isinstance(place, dict):
        return place.get(part)
    if isinstance(place, list):
        return place[_read_index(part, len(place))]
    raise PatchError("doc is missing path")


def _read_index(part: str, length: int) -> int:
    """Return the index of an item that is there."""
    try:
        index = int(part)
    except ValueError as error:
        raise PatchError(f"{part} is no index") from error
    if not -length <= index < length:
        raise PatchError(f"Unable to access invalid index: {index}")
    return index % length


def _add(root: list[Json], operation: Mapping[str, Json]) -> None:
    _insert(root, _read_path(operation), _read_value(operation))


def _insert(root: list[Json], parts: list[str], value: Json) -> None:
    place, last = _descend(root, parts), parts[-1]
    if isinstance(place, dict):
        place[last] = value
    elif last == "-":
        place.append(value)
    else:
        place.insert(_read_index(last, len(place) + 1), value)


def _remove(root: list[Json], operation: Mapping[str, Json]) -> None:
    _take(root, _read_path(operation))


def _take(root: list[Json], parts: list[str]) -> None:
    place, last = _descend(root, parts), parts[-1]
    if isinstance(place, list):
        del place[_read_index(last, len(place))]
    elif last in place:
        del place[last]
    else:
        raise PatchError(f"Unable to remove nonexistent key: {last}")


def _replace(root: list[Json], operation: Mapping[str, Json]) -> None:
    """Set a part; an absent field of an object is added."""
    parts, value = _read_path(operation), _read_value(operation)
    if operation["path"] == "":
        if not isinstance(value, dict | list):
            raise PatchError("replace operation value must be object or array")
        root[0] = value
        return
    place, last = _descend(root, parts), parts[-1]
    place[last if isinstance(place, dict) else _read_index(last, len(place))] = value


def _move(root: list[Json], operation: Mapping[str, Json]) -> None:
    source = _read_path(operation, "from")
    value = _find(root, source)
    _take(root, source)
    _insert(root, _read_path(operation), value)


def _copy(root: list[Json], operation: Mapping[str, Json]) -> None:
    value = copy.deepcopy(_find(root, _read_path(operation, "from")))
    _insert(root, _read_path(operation), value)


def _find(root: list[Json], parts: list[str]) -> Json:
    return _get(_descend(root, parts), parts[-1])


def _test(root: list[Json], operation: Mapping[str, Json]) -> None:
    parts, wanted = _read_path(operation), operation.get("value")
    value = root[0] if operation["path"] == "" else _find(root, parts)
    if not equal(value, wanted):
        raise PatchError(f"testing value {operation['path']} failed")


def equal(one: Json, other: Json) -> bool:
    """Say whether two JSON values are written alike: true is not 1, and 1.0 is neither."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return type(one) is type(other) and bool(one == other)


_OPERATIONS: Mapping[str, Callable[[list[Json], Mapping[str, Json]], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}

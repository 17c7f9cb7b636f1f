"""JSON patches (RFC 6902) and merge patches (RFC 7386), as the API server applies them.

Source: `gopkg.in/evanphx/json-patch.v4`, `patch.go` and `merge.go`, with their messages. Where
it differs from the RFC: an index may be negative, counted from the end; a `test` for null holds
for an absent key.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Json = Any


class PatchError(ValueError):
    """A patch is malformed or does not apply."""


class _LostError(PatchError):
    """The place of an operation is not there; nothing is to be said beside that."""


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
    if not isinstance(operations, list):
        raise PatchError("a JSON patch is a list of operations")
    root = [copy.deepcopy(document)]
    for each in operations:
        name = each.get("op") if isinstance(each, Mapping) else None
        if not isinstance(name, str) or name not in _OPERATIONS:
            raise PatchError(f"Unexpected kind: {name}")
        _OPERATIONS[name](root, each)
    return root[0]


def _read_path(operation: Mapping[str, Json], name: str = "path") -> list[str]:
    path = operation.get(name)
    if not isinstance(path, str):
        raise PatchError(f"operation, {name} is missing")
    parts = path.split("/")
    if parts[0]:
        raise PatchError(f"{path} does not begin with a slash")
    return [each.replace("~1", "/").replace("~0", "~") for each in parts[1:]]


def _read_value(operation: Mapping[str, Json]) -> Json:
    return copy.deepcopy(operation.get("value"))


def _find_place(root: list[Json], parts: list[str], lost: str) -> Json:
    """Return what holds the last part of a path; `lost` is said where the path leads nowhere."""
    place = root[0]
    try:
        for part in parts[:-1]:
            place = _get(place, part)
    except PatchError:
        place = None
    if not isinstance(place, dict | list):
        raise _LostError(f"{lost}: {_MISSING}")
    return place


_MISSING, _BAD_INDEX = "missing value", "invalid index referenced"


def _get(place: Json, part: str) -> Json:
    if isinstance(place, dict) and part in place:
        return place[part]
    if isinstance(place, list):
        return place[_read_index(part, len(place))]
    raise PatchError(f"unable to get nonexistent key: {part}: {_MISSING}")


def _read_index(part: str, length: int) -> int:
    """Return the index of an item that is there."""
    try:
        index = int(part)
    except ValueError as error:
        raise PatchError(f'strconv.Atoi: parsing "{part}": invalid syntax') from error
    if not -length <= index < length:
        raise PatchError(f"Unable to access invalid index: {index}: {_BAD_INDEX}")
    return index % length


def _add(root: list[Json], operation: Mapping[str, Json]) -> None:
    parts, path = _read_path(operation), operation["path"]
    lost = f'add operation does not apply: doc is missing path: "{path}"'
    with _telling(f"error in add for path: '{path}'"):
        _insert(root, parts, _read_value(operation), lost)


@contextmanager
def _telling(where: str) -> Iterator[None]:
    """Put before an error what was being done; where a path leads nowhere, that alone is told."""
    try:
        yield
    except _LostError as error:
        raise PatchError(str(error)) from error
    except PatchError as error:
        raise PatchError(f"{where}: {error}") from error


def _insert(root: list[Json], parts: list[str], value: Json, lost: str) -> None:
    if not parts:
        root[0] = value
        return
    place, last = _find_place(root, parts, lost), parts[-1]
    if isinstance(place, dict):
        place[last] = value
    elif last == "-":
        place.append(value)
    else:
        index = _read_index(last, len(place) + 1)
        place.insert(index, value)


def _remove(root: list[Json], operation: Mapping[str, Json]) -> None:
    parts, path = _read_path(operation), operation["path"]
    lost = f'remove operation does not apply: doc is missing path: "{path}"'
    with _telling(f"error in remove for path: '{path}'"):
        _take(root, parts, lost)


def _take(root: list[Json], parts: list[str], lost: str) -> None:
    if not parts:
        raise PatchError("the whole document cannot be removed")
    place, last = _find_place(root, parts, lost), parts[-1]
    if isinstance(place, dict):
        if last not in place:
            raise PatchError(f"Unable to remove nonexistent key: {last}: {_MISSING}")
        del place[last]
    else:
        del place[_read_index(last, len(place))]


def _replace(root: list[Json], operation: Mapping[str, Json]) -> None:
    parts, value = _read_path(operation), _read_value(operation)
    if not parts:
        root[0] = value
        return
    words, path = "replace operation does not apply: doc is missing", operation["path"]
    place = _find_place(root, parts, f"{words} path: {path}")
    try:
        _get(place, parts[-1])
    except PatchError as error:
        raise PatchError(f"{words} key: {path}: {_MISSING}") from error
    key = parts[-1] if isinstance(place, dict) else _read_index(parts[-1], len(place))
    place[key] = value


def _move(root: list[Json], operation: Mapping[str, Json]) -> None:
    source, lost = _read_path(operation, "from"), "move operation does not apply: doc is missing"
    start = f"{lost} from path: {operation['from']}"
    with _telling(f"error in move for path: '{operation['from']}'"):
        value = _find(root, source, start)
        _take(root, source, start)
    with _telling(f"error in move for path: '{operation.get('path')}'"):
        end = f"{lost} destination path: {operation.get('path')}"
        _insert(root, _read_path(operation), value, end)


def _copy(root: list[Json], operation: Mapping[str, Json]) -> None:
    source, lost = _read_path(operation, "from"), "copy operation does not apply: doc is missing"
    with _telling(f"error in copy for from: '{operation['from']}'"):
        value = copy.deepcopy(_find(root, source, f"{lost} from path: {operation['from']}"))
    with _telling("error while adding value during copy"):
        end = f"{lost} destination path: {operation.get('path')}"
        _insert(root, _read_path(operation), value, end)


def _find(root: list[Json], parts: list[str], lost: str) -> Json:
    return _get(_find_place(root, parts, lost), parts[-1]) if parts else root[0]


def _test(root: list[Json], operation: Mapping[str, Json]) -> None:
    parts, wanted, path = _read_path(operation), operation.get("value"), operation["path"]
    lost = f"test operation does not apply: is missing path: {path}"
    place = _find_place(root, parts, lost) if parts else None
    with _telling(f"error in test for path: '{path}'"):
        value = place.get(parts[-1]) if isinstance(place, dict) else _find(root, parts, lost)
    if not equal(value, wanted):
        raise PatchError(f"testing value {path} failed: test failed")


def equal(one: Json, other: Json) -> bool:
    """Say whether two JSON values are the same; true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


_OPERATIONS: Mapping[str, Callable[[list[Json], Mapping[str, Json]], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}

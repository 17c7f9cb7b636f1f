"""JSON patches (RFC 6902) and merge patches (RFC 7386), as the API server applies them.

Source: `gopkg.in/evanphx/json-patch.v4`, `patch.go` and `merge.go`, whose words errors are told
in. Where it differs from the RFC: an index may be negative, counted from the end; an absent
field of an object reads as null, so that a `test` for null holds, `replace` adds it and `copy`
copies null; the document as a whole can only be tested and replaced.
"""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Json = Any

_MISSING, _BAD_INDEX = "missing value", "invalid index referenced"


class PatchError(ValueError):
    """A patch is malformed or does not apply."""


class TestFailedError(PatchError):
    """What a patch tests for is not so."""

    __test__ = False


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
    root = [copy.deepcopy(document)]
    for each in operations:
        name = each.get("op") if isinstance(each, Mapping) else None
        if not isinstance(name, str) or name not in _OPERATIONS:
            raise PatchError(f"Unexpected kind: {name if isinstance(name, str) else 'unknown'}")
        _OPERATIONS[name](root, each)
    return root[0]


def _read_path(operation: Mapping[str, Json], name: str = "path") -> list[str]:
    """Return the parts of a path behind its first slash; what stands before is not looked at."""
    path = operation.get(name)
    if not isinstance(path, str):
        raise PatchError(_tell_bad_path(operation, name))
    return [each.replace("~1", "/").replace("~0", "~") for each in path.split("/")[1:]]


def _tell_bad_path(operation: Mapping[str, Json], name: str) -> str:
    told = f"{operation['op']} operation failed to decode {name}"
    if operation["op"] in ("add", "remove") or (operation["op"], name) == ("copy", "path"):
        return f"{told}: {_MISSING}"
    if operation.get(name) is None:
        comma = "," if name == "from" else ""
        return f"{told}: operation{comma} missing {name} field: {_MISSING}"
    kinds = {bool: "bool", dict: "object", list: "array"}
    kind = kinds.get(type(operation[name]), "number")
    return f"{told}: json: cannot unmarshal {kind} into Go value of type string"


def _read_value(operation: Mapping[str, Json]) -> Json:
    return copy.deepcopy(operation.get("value"))


def _descend(root: list[Json], parts: list[str], lost: str) -> Json:
    """Return what holds the last part of a path; the whole document is held by nothing.

    `lost` is said where the path leads nowhere.
    """
    place = root[0] if parts else None
    try:
        for part in parts[:-1]:
            place = _get(place, part)
    except PatchError:
        place = None
    if not isinstance(place, dict | list):
        raise _LostError(f"{lost}: {_MISSING}")
    return place


@contextmanager
def _telling(where: str) -> Iterator[None]:
    """Put before an error what was being done; where a path leads nowhere, that alone is told."""
    try:
        yield
    except _LostError:
        raise
    except PatchError as error:
        raise PatchError(f"{where}: {error}") from error


def _get(place: Json, part: str) -> Json:
    """Return a part; an absent field of an object is null."""
    if isinstance(place, dict):
        return place.get(part)
    if isinstance(place, list):
        return place[_read_index(part, len(place))]
    raise PatchError("doc is missing path")


def _read_index(part: str, length: int) -> int:
    """Return the index of an item that is there."""
    if not _is_number(part):
        raise PatchError(_describe(part))
    index = int(part)
    if not -length <= index < length:
        raise PatchError(f"Unable to access invalid index: {index}: {_BAD_INDEX}")
    return index % length


def _is_number(part: str) -> bool:
    """Say whether Go reads a part as a number: no spaces, no underscores."""
    return re.fullmatch(r"[+-]?[0-9]+", part) is not None


def _describe(part: str) -> str:
    return f'strconv.Atoi: parsing "{part}": invalid syntax'


def _add(root: list[Json], operation: Mapping[str, Json]) -> None:
    parts, path = _read_path(operation), operation["path"]
    lost = f'add operation does not apply: doc is missing path: "{path}"'
    with _telling(f"error in add for path: '{path}'"):
        _insert(root, parts, _read_value(operation), lost)


def _insert(root: list[Json], parts: list[str], value: Json, lost: str) -> None:
    place, last = _descend(root, parts, lost), parts[-1]
    if isinstance(place, dict):
        place[last] = value
    elif last == "-":
        place.append(value)
    else:
        place.insert(_read_new_index(last, len(place) + 1), value)


def _read_new_index(part: str, length: int) -> int:
    """Return the index that an item is to have."""
    if not _is_number(part):
        raise PatchError(f"value was not a proper array index: '{part}': {_describe(part)}")
    return _read_index(part, length)


def _remove(root: list[Json], operation: Mapping[str, Json]) -> None:
    parts, path = _read_path(operation), operation["path"]
    lost = f'remove operation does not apply: doc is missing path: "{path}"'
    with _telling(f"error in remove for path: '{path}'"):
        _take(root, parts, lost)


def _take(root: list[Json], parts: list[str], lost: str) -> None:
    place, last = _descend(root, parts, lost), parts[-1]
    if isinstance(place, list):
        del place[_read_index(last, len(place))]
    elif last in place:
        del place[last]
    else:
        raise PatchError(f"Unable to remove nonexistent key: {last}: {_MISSING}")


def _replace(root: list[Json], operation: Mapping[str, Json]) -> None:
    """Set a part; an absent field of an object is added."""
    parts, value, path = _read_path(operation), _read_value(operation), operation["path"]
    if path == "":
        if not isinstance(value, dict | list):
            raise PatchError("replace operation value must be object or array")
        root[0] = value
        return
    words = "replace operation does not apply: doc is missing"
    place, last = _descend(root, parts, f"{words} path: {path}"), parts[-1]
    if isinstance(place, dict):
        place[last] = value
        return
    try:
        place[_read_index(last, len(place))] = value
    except PatchError as error:
        raise PatchError(f"{words} key: {path}: {_MISSING}") from error


def _move(root: list[Json], operation: Mapping[str, Json]) -> None:
    source, words = _read_path(operation, "from"), "move operation does not apply: doc is missing"
    start = f"{words} from path: {operation['from']}"
    with _telling(f"error in move for path: '{source[-1] if source else ''}'"):
        value = _find(root, source, start)
        _take(root, source, start)
    parts, path = _read_path(operation), operation["path"]
    with _telling(f"error in move for path: '{path}'"):
        _insert(root, parts, value, f"{words} destination path: {path}")


def _copy(root: list[Json], operation: Mapping[str, Json]) -> None:
    source, words = _read_path(operation, "from"), "copy operation does not apply: doc is missing"
    with _telling(f"error in copy for from: '{operation['from']}'"):
        value = copy.deepcopy(_find(root, source, f"{words} from path: {operation['from']}"))
    parts, path = _read_path(operation), operation["path"]
    with _telling("error while adding value during copy"):
        _insert(root, parts, value, f"{words} destination path: {path}")


def _find(root: list[Json], parts: list[str], lost: str) -> Json:
    return _get(_descend(root, parts, lost), parts[-1])


def _test(root: list[Json], operation: Mapping[str, Json]) -> None:
    parts, wanted, path = _read_path(operation), operation.get("value"), operation["path"]
    lost = f"test operation does not apply: is missing path: {path}"
    with _telling(f"error in test for path: '{path}'"):
        value = root[0] if path == "" else _find(root, parts, lost)
    if not equal(value, wanted):
        raise TestFailedError(f"testing value {path} failed: test failed")


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

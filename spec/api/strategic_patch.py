"""Strategic merge patches: lists of objects are merged by a key, and directives say the rest.

Source: `apimachinery/pkg/util/strategicpatch/patch.go` and `apimachinery/pkg/util/mergepatch`,
v1.36, in whose words errors are told.
"""

from typing import Any

from planespec.spec.api.json_patch import PatchError
from planespec.spec.schema.merge_types import MergeType

Json = Any
_DIRECTIVE, _RETAIN = "$patch", "$retainKeys"
_DELETE_LIST, _ORDER = "$deleteFromPrimitiveList/", "$setElementOrder/"
_UNTYPED = MergeType("any")
_BAD_FORMAT = "invalid patch format of"


class UnnamedPatchError(PatchError):
    """A fault that the API server has no name for: it answers 500."""


class RetainKeysError(PatchError):
    """A patch sets what its `$retainKeys` does not list; why is not told to clients."""


def strategic_merge_patch(kind: MergeType, target: Json, patch: Json) -> Json:
    """Return an object of a kind after a strategic merge patch. Raises PatchError."""
    if not isinstance(patch, dict):
        raise PatchError("a strategic merge patch is an object")
    return _merge_map(kind, target, patch)


def _merge_map(kind: MergeType, target: Json, patch: Json) -> Json:
    """Source: mergeMap."""
    directive = patch.get(_DIRECTIVE)
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    if directive == "delete":
        return {}
    if _DIRECTIVE in patch:
        raise _refuse_directive(patch)
    merged = _retain(dict(target or {}), patch)
    ordered = {key.removeprefix(_ORDER) for key in patch if key.startswith(_ORDER)}
    for key, value in patch.items():
        if key.startswith(_DELETE_LIST):
            name = key.removeprefix(_DELETE_LIST)
            if not isinstance(value, list):
                raise PatchError(f"{_BAD_FORMAT} primitive list")
            merged[name] = [each for each in merged.get(name) or () if each not in value]
    for name in ordered:
        _merge_in_order(kind, merged, name, patch)
    for key, value in patch.items():
        is_done = key in ordered or key in (_DIRECTIVE, _RETAIN)
        if not is_done and not key.startswith((_DELETE_LIST, _ORDER)):
            _merge_field(kind, merged, key, value)
    return merged


def _refuse_directive(patch: Json) -> UnnamedPatchError:
    """Source: ErrBadPatchType."""
    shown = _show(patch)
    return UnnamedPatchError(f"unknown patch type: {_show(patch[_DIRECTIVE])} in map: {shown}")


def _show(value: Json) -> str:
    """Print a value as Go's `%v` does."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{_show(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(_show, value))}]"
    names = {None: "<nil>", True: "true", False: "false"}
    return names[value] if value is None or isinstance(value, bool) else str(value)


def _retain(merged: dict[str, Json], patch: Json) -> dict[str, Json]:
    """Drop what `$retainKeys` does not list. Source: handleRetainKeysDirective."""
    if _RETAIN not in patch:
        return merged
    listed = patch[_RETAIN]
    if not isinstance(listed, list):
        raise PatchError(f"{_BAD_FORMAT} retainKeys")
    for key in patch:
        if not key.startswith("$") and key not in listed:
            raise RetainKeysError("patch content doesn't match retainKeys list")
    return {key: value for key, value in merged.items() if key in listed}


def _merge_field(kind: MergeType, merged: dict[str, Json], key: str, value: Json) -> None:
    if value is None:
        merged.pop(key, None)
        return
    below = kind.fields.get(key) or kind.values or _UNTYPED
    present = merged.get(key)
    if isinstance(value, dict):
        replaces = "replace" in below.patch_strategies
        is_map = isinstance(present, dict) and not replaces
        merged[key] = _merge_map(below, present if is_map else {}, value)
    elif isinstance(value, list) and "merge" in below.patch_strategies:
        merged[key] = _merge_list(below, present or [], value)
    else:
        merged[key] = value


def _merge_list(kind: MergeType, present: list[Json], patch: list[Json]) -> list[Json]:
    """Source: mergeSlice."""
    key = kind.merge_key
    if not key:
        return _arrange(_join(present, patch), patch, present, key)
    present, patch = _follow_directives(list(present), patch, key)
    merged = list(present)
    for each in patch:
        if not isinstance(each, dict) or key not in each:
            raise _miss_key(each, key)
        found = _find(merged, each, key)
        if found < 0:
            merged.append(_merge_map(kind.items or _UNTYPED, {}, each))
        else:
            merged[found] = _merge_map(kind.items or _UNTYPED, merged[found], each)
    return _arrange(merged, patch, present, key)


def _miss_key(item: Json, key: str) -> UnnamedPatchError:
    """Source: ErrNoMergeKey."""
    return UnnamedPatchError(f"map: {_show(item)} does not contain declared merge key: {key}")


def _join(present: list[Json], patch: list[Json]) -> list[Json]:
    joined: list[Json] = []
    for each in (*present, *patch):
        if each not in joined:
            joined.append(each)
    return joined


def _follow_directives(
    present: list[Json], patch: list[Json], key: str
) -> tuple[list[Json], list[Json]]:
    """Delete items, or take the patch for the list. Source: mergeSliceWithSpecialElements."""
    plain, replaces = [], False
    for each in patch:
        if not _is_directed(each):
            plain.append(each)
        elif each[_DIRECTIVE] == "replace":
            replaces = True
        elif each[_DIRECTIVE] == "merge":
            raise UnnamedPatchError("merging lists cannot yet be specified in the patch")
        elif each[_DIRECTIVE] != "delete":
            raise _refuse_directive(each)
        elif key not in each:
            raise _miss_key(each, key)
        else:
            present = [old for old in present if old.get(key) != each[key]]
    return (plain, []) if replaces else (present, plain)


def _identify(item: Json, key: str) -> Json:
    return item.get(key) if key and isinstance(item, dict) else item


def _find(items: list[Json], item: Json, key: str) -> int:
    """Return the place of the item with the same key; -1 where there is none."""
    wanted = _identify(item, key)
    places = (index for index, each in enumerate(items) if _identify(each, key) == wanted)
    return next(places, -1)


def _arrange(merged: list[Json], order: list[Json], present: list[Json], key: str) -> list[Json]:
    """Put items into the order of the patch, and the server's own where they stood.

    One of the server's comes before one of the patch only if both were there and it stood before;
    so what is new goes ahead. Source: normalizeElementOrder, mergeSortedSlice.
    """
    patched = [each for each in merged if _find(order, each, key) >= 0]
    rest = [each for each in merged if _find(order, each, key) < 0]
    patched.sort(key=lambda each: _find(order, each, key))
    rest.sort(key=lambda each: _find(present, each, key))
    arranged: list[Json] = []
    while patched and rest:
        place, other = _find(present, rest[0], key), _find(present, patched[0], key)
        arranged.append(rest.pop(0) if 0 <= place < other else patched.pop(0))
    return arranged + patched + rest


def _merge_in_order(kind: MergeType, merged: dict[str, Json], name: str, patch: Json) -> None:
    """Merge a list and follow `$setElementOrder`. Source: mergePatchIntoOriginal."""
    order, below = patch[_ORDER + name], kind.fields.get(name) or _UNTYPED
    key, present = below.merge_key, merged.get(name)
    added = patch.get(name)
    if not isinstance(order, list) or not isinstance(added, list | None):
        raise PatchError(f"{_BAD_FORMAT} setElementOrder list")
    if present is None and added is None:
        return
    _check_order(order, added or [], key)
    result = _merge_list(below, present or [], added) if added else list(present or ())
    merged[name] = _arrange(result, order, present or [], key)


def _check_order(order: list[Json], added: list[Json], key: str) -> None:
    """Items of a patch stand in its order. Source: validatePatchWithSetOrderList."""
    listed = iter([_identify(each, key) for each in order])
    for each in added:
        if not _is_directed(each) and _identify(each, key) not in listed:
            told = f"the order in patch list:\n{_show(added)}\n doesn't match {_ORDER[:-1]}"
            raise UnnamedPatchError(f"{told} list:\n{_show(order)}")


def _is_directed(item: Json) -> bool:
    return isinstance(item, dict) and _DIRECTIVE in item

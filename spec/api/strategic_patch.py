"""Strategic merge patches: lists of objects are merged by a key, and directives say the rest.

Source: `apimachinery/pkg/util/strategicpatch/patch.go`, v1.36.
"""

from typing import Any

from planespec.spec.api.json_patch import PatchError
from planespec.spec.schema.merge_types import MergeType

Json = Any
_DIRECTIVE, _RETAIN = "$patch", "$retainKeys"
_DELETE_LIST, _ORDER = "$deleteFromPrimitiveList/", "$setElementOrder/"
_UNTYPED = MergeType("any")


def strategic_merge_patch(kind: MergeType, target: Json, patch: Json) -> Json:
    """Return an object of a kind after a strategic merge patch. Raises PatchError."""
    if not isinstance(patch, dict):
        raise PatchError("a strategic merge patch is an object")
    return _merge_map(kind, target, patch)


def _merge_map(kind: MergeType, target: Json, patch: Json) -> Json:
    directive = patch.get(_DIRECTIVE)
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise PatchError(f"unrecognized patch directive: {directive}")
    merged = _retain(dict(target or {}), patch)
    for key, value in patch.items():
        if key.startswith(_DELETE_LIST):
            name = key.removeprefix(_DELETE_LIST)
            kept = [each for each in merged.get(name) or () if each not in value]
            merged[name] = kept
    for key, value in patch.items():
        if key in (_DIRECTIVE, _RETAIN) or key.startswith((_DELETE_LIST, _ORDER)):
            continue
        _merge_field(kind, merged, key, value)
    _put_in_order(kind, merged, patch)
    return merged


def _retain(merged: dict[str, Json], patch: Json) -> dict[str, Json]:
    """Drop what `$retainKeys` does not list. Source: handleRetainKeysDirective."""
    if _RETAIN not in patch:
        return merged
    listed = patch[_RETAIN]
    if not isinstance(listed, list):
        raise PatchError("invalid patch format of $retainKeys")
    for key in patch:
        if not key.startswith("$") and key not in listed:
            raise PatchError("keys in the patch are not all in $retainKeys")
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
    """Source: mergeSliceWithoutSpecialElements, mergeSliceWithSpecialElements."""
    if not kind.merge_key:
        return list(dict.fromkeys([*present, *patch]))
    if any(_is_directive(each, "replace") for each in patch):
        return [each for each in patch if not _is_directive(each, "replace")]
    key = kind.merge_key
    merged = list(present)
    for each in patch:
        if not isinstance(each, dict) or (key not in each and _DIRECTIVE not in each):
            raise PatchError(f"map: {each} does not contain declared merge key: {key}")
        found = next((i for i, old in enumerate(merged) if old.get(key) == each.get(key)), None)
        if _is_directive(each, "delete"):
            merged = [old for old in merged if old.get(key) != each.get(key)]
        elif found is None:
            merged.append(_merge_map(kind.items or _UNTYPED, {}, each))
        else:
            merged[found] = _merge_map(kind.items or _UNTYPED, merged[found], each)
    return _normalise(present, patch, merged, key)


def _is_directive(value: Json, name: str) -> bool:
    return isinstance(value, dict) and value.get(_DIRECTIVE) == name


def _normalise(present: list[Json], patch: list[Json], merged: list[Json], key: str) -> list[Json]:
    """Put items into the order of the server's list, new ones behind.

    Without `$setElementOrder` the patch's items come in the order of the patch, ahead of which
    stand those that the server had before the first of them. Source: normalizeElementOrder.
    """
    names = [each.get(key) for each in patch if isinstance(each, dict)]
    new = [each for each in merged if each.get(key) in names]
    rest = [each for each in merged if each.get(key) not in names]
    new.sort(key=lambda each: names.index(each.get(key)))
    places = {old.get(key): index for index, old in enumerate(present)}
    ordered: list[Json] = []
    while new and rest:
        first = places.get(new[0].get(key), len(present))
        if first < places.get(rest[0].get(key), len(present)):
            ordered.append(new.pop(0))
        else:
            ordered.append(rest.pop(0))
    return ordered + new + rest


def _put_in_order(kind: MergeType, merged: dict[str, Json], patch: Json) -> None:
    """Follow `$setElementOrder`: listed items in that order, others where the server had them."""
    for key, order in patch.items():
        name = key.removeprefix(_ORDER)
        if not key.startswith(_ORDER) or not isinstance(merged.get(name), list):
            continue
        by = (kind.fields.get(name) or _UNTYPED).merge_key
        wanted = [each.get(by) if isinstance(each, dict) else each for each in order]

        def place(item: Json, by: str = by, wanted: list[Json] = wanted) -> int:
            said = item.get(by) if isinstance(item, dict) else item
            return wanted.index(said) if said in wanted else len(wanted)

        merged[name] = sorted(merged[name], key=place)

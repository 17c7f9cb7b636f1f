"""Sets of fields, by their paths, and how they are written in `managedFields`.

A path is a tuple of elements as `FieldsV1` writes them: `f:name` for a field, `k:{...}` for the
item of a list that is a map, `v:...` for the item of a set. Source:
`structured-merge-diff/v6/fieldpath`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
FieldSet = frozenset[Path]
NO_FIELDS: FieldSet = frozenset()


def name_field(name: str) -> str:
    """Return the element of a field."""
    return f"f:{name}"


def name_key(key: Mapping[str, Any]) -> str:
    """Return the element of an item with this key, whose fields are sorted."""
    return "k:" + _write(dict(sorted(key.items())))


def name_value(value: Any) -> str:
    """Return the element of an item of a set."""
    return "v:" + _write(value)


def _write(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def make_set(*paths: str) -> FieldSet:
    """Return the set of fields with these dotted paths."""
    return frozenset(tuple(map(name_field, path.split("."))) for path in paths)


def subtract_below(fields: FieldSet, roots: FieldSet) -> FieldSet:
    """Return the fields that are neither in a set nor below one of it."""
    if not roots:
        return fields
    return frozenset(
        path
        for path in fields
        if not any(path[:length] in roots for length in range(1, len(path) + 1))
    )


def take_below(fields: FieldSet, element: str) -> FieldSet:
    """Return the paths below an element, without it."""
    return frozenset(path[1:] for path in fields if len(path) > 1 and path[0] == element)


def write_fields(fields: FieldSet) -> dict[str, Any]:
    """Return a set as `FieldsV1` has it: `.` where a field with others below it is in the set."""
    root: dict[str, Any] = {}
    for path in fields:
        node = root
        for element in path:
            node = node.setdefault(element, {})
        node["."] = {}
    return _drop_dots(root)


def _drop_dots(node: dict[str, Any]) -> dict[str, Any]:
    if node.keys() == {"."}:
        return {}
    names = sorted(node.keys() - {"."}, key=_rank)
    dot: dict[str, Any] = {".": {}} if "." in node else {}
    return dot | {name: _drop_dots(node[name]) for name in names}


def read_fields(written: Mapping[str, Any]) -> FieldSet:
    """Read a set from `FieldsV1`."""
    return frozenset(_read(written, ()))


def _read(node: Mapping[str, Any], path: Path) -> Iterator[Path]:
    for name, below in node.items():
        if name == ".":
            yield path
        elif below:
            yield from _read(below, (*path, name))
        else:
            yield (*path, name)


def show_path(path: Path) -> str:
    """Print a path as messages do: .spec.containers[name="c"].image."""
    return "".join(map(_show_element, path))


def _show_element(element: str) -> str:
    kind, _, rest = element.partition(":")
    if kind == "f":
        return f".{rest}"
    if kind == "k":
        keys = ",".join(f"{name}={_write(value)}" for name, value in json.loads(rest).items())
        return f"[{keys}]"
    return f"[={rest}]" if kind == "v" else f"[{rest}]"


def in_order(fields: Iterable[Path]) -> list[Path]:
    """Return paths as a set goes through them: members of a node, then what is below."""
    listed = set(fields)
    return list(_walk(listed, ()))


def _walk(fields: set[Path], prefix: Path) -> Iterator[Path]:
    depth = len(prefix)
    below = [path for path in fields if path[:depth] == prefix]
    members = {path for path in below if len(path) == depth + 1}
    yield from sorted(members, key=lambda path: _rank(path[-1]))
    heads = {path[depth] for path in below if len(path) > depth + 1}
    for head in sorted(heads, key=_rank):
        yield from _walk({path for path in below if len(path) > depth + 1}, (*prefix, head))


def _rank(element: str) -> tuple[Any, ...]:
    """Order elements as PathElement.Less: fields, then keys, values and indexes."""
    kind, _, rest = element.partition(":")
    if kind == "f":
        return 0, rest
    if kind == "k":
        return 1, [(name, _rank_value(value)) for name, value in json.loads(rest).items()]
    return "fkvi".index(kind), _rank_value(json.loads(rest))


def _rank_value(value: Any) -> tuple[int, Any]:
    """Order scalars as value.Compare: numbers, texts, booleans, null."""
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 0, value
    return (1, value) if isinstance(value, str) else (4, _write(value))

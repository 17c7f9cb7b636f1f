"""The line a field stands on: what a finding names is looked up in the file, if it still is there.

Places are those of objects; that of a field is sought only for what is told. A field that is
missing is where the object around it begins. Upstream names some fields by other paths than those
they have.
"""

import re
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from planespec.checker.errors import InputError
from planespec.reports.input.lines import open_binary, standard_input
from planespec.spec.cluster.cluster_requirements import Place, Violation, place_of

LARGEST = 64 << 20
"""Bytes of a file that is read once more."""
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+)')
_WINDOWS = (400, 5_000, 200_000)
"""Lines within which an object of JSON is taken to end."""
_BOOLEANS = {"true": ("yes", "on", "y", "true"), "false": ("no", "off", "n", "false")}
"""How YAML may spell keys that are read as booleans."""
_ENDS = ("---", "...")


class _Found(NamedTuple):
    depth: int
    """How many steps of the path are there."""
    line: int
    """From 0, counted from where the object begins."""


def locate_field(violation: Violation) -> Place | None:
    """Return where the field of a violation stands, or its object where that is not known."""
    place = place_of(violation)
    if place is None or not violation.field:
        return place
    try:
        lines = _read_lines(place.file)
        found = _find(lines, place.line - 1, violation.field) if lines else None
    except (IndexError, ValueError, RecursionError):
        return place
    return place if found is None else place._replace(line=place.line + found.line)


@lru_cache(maxsize=4)
def _read_lines(name: str) -> list[str]:
    """Return the lines of a file; none of one that is too large, or no plain file."""
    path = Path(name)
    if not path.is_file() or path.stat().st_size > LARGEST:
        return []
    try:
        with open_binary(name, standard_input()) as stream:
            content = stream.read(LARGEST + 1)
    except (InputError, OSError):
        return []
    return content.decode("utf-8", "replace").split("\n") if len(content) <= LARGEST else []


def _find(lines: list[str], start: int, field: str) -> _Found | None:
    """Find the field in the object that begins on a line."""
    begun = lines[start].lstrip().removeprefix("- ").lstrip()
    paths = [_split(field), _split(_rename(field))]
    if begun.startswith(("{", '"', "[")) or begun.endswith("{"):
        text, brace = _cut_json(lines, start)
        depth, position = max(_find_in_json(text, brace, path, 0) for path in paths)
        return _Found(depth, text.count("\n", 0, position))
    return _find_below_yaml(_cut_yaml(lines, start), paths)


def _split(field: str) -> list[str]:
    return [found[1] if found[1] is not None else found[2] for found in _STEP.finditer(field)]


def _rename(field: str) -> str:
    """Return the path a field has, where upstream calls it otherwise."""
    field = re.sub(r"^metadata\.taints\b", "spec.taints", field)
    field = re.sub(r"\btemplate\.(labels|annotations)\b", r"template.metadata.\1", field)
    field = re.sub(r"\bclusterIPs\[0\]$", "clusterIP", field)
    return re.sub(r"\.([A-Z])", lambda found: f".{found[1].lower()}", field)


# JSON: tokens are read up to the field.


def _cut_json(lines: list[str], start: int) -> tuple[str, int]:
    """Return a text that holds the whole object, and where in it the object begins."""
    for window in _WINDOWS:
        text = "\n".join(lines[start : start + window])
        brace = text.index("{")
        if _skip(text, brace + 1) < len(text):
            break
    return text, brace


def _find_in_json(text: str, start: int, path: list[str], depth: int) -> tuple[int, int]:
    """Return how deep the path leads into the value at `start`, and where that is."""
    opened = text[start]
    best = (depth, start)
    if not path or opened not in "{[":
        return best
    position, index = start + 1, 0
    while True:
        token = _TOKEN.match(text, position)
        if token is None or token[1] in ("}", "]"):
            return best
        position = token.end()
        if token[1] == ",":
            index += 1
            continue
        key, at = str(index), token.start(1)
        value = token
        if opened == "{":
            key = token[1][1:-1]
            colon = _TOKEN.match(text, position)
            after = _TOKEN.match(text, colon.end()) if colon is not None else None
            if after is None:
                return best
            value, position = after, after.end()
        if key == path[0]:
            deeper = _find_in_json(text, value.start(1), path[1:], depth + 1)
            return deeper if deeper[0] > depth + 1 else (depth + 1, at)
        if value[1] in ("{", "["):
            position = _skip(text, position)


def _skip(text: str, position: int) -> int:
    """Return where the list or object ends that has begun."""
    level = 1
    while level:
        token = _TOKEN.match(text, position)
        if token is None:
            return len(text)
        level += (token[1] in ("{", "[")) - (token[1] in ("}", "]"))
        position = token.end()
    return position


# YAML: the lines of the object alone are read.


def _cut_yaml(lines: list[str], start: int) -> str:
    """Return the lines of an object: up to the next document, or item of the list."""
    first = lines[start]
    indent = len(first) - len(first.lstrip())
    is_item = first.lstrip().startswith("- ")
    kept = [first[:indent] + " " + first[indent + 1 :] if is_item else first]
    for line in islice(lines, start + 1, None):
        content = line.strip()
        if line.startswith(_ENDS):
            break
        outside = len(line) - len(line.lstrip()) <= indent
        if is_item and content and outside and not content.startswith("#"):
            break
        kept.append(line)
    return "\n".join(kept)


def _find_below_yaml(text: str, paths: list[list[str]]) -> _Found | None:
    # Imported late: most snapshots are JSON.
    import yaml

    def find(node: Any, path: list[str], best: _Found) -> _Found:
        if path and isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == path[0] or key.value.lower() in _BOOLEANS.get(path[0], ()):
                    return find(value, path[1:], _Found(best.depth + 1, key.start_mark.line))
        if path and isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                if str(index) == path[0]:
                    return find(item, path[1:], _Found(best.depth + 1, item.start_mark.line))
        return best

    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return None
    return max(find(node, path, _Found(0, 0)) for path in paths)

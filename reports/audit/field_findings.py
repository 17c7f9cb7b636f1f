"""Findings on single fields: said once, and with the line of the field.

Findings name the line on which their object begins. Here files are read again, for the few fields
that a report names; where a file cannot be read twice, or is too large, the line stays.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import yaml

from planespec.checker.errors import InputError
from planespec.reports.audit.audit_result import Report
from planespec.reports.input.lines import STDIN, open_binary
from planespec.spec.cluster.cluster_requirements import (
    METADATA,
    REPEATED_FIELD,
    SERVED,
    VALID_POD,
    VALID_SERVICE,
    Place,
    Violation,
)
from planespec.spec.schema.schema_judge import KNOWN_FIELDS, SHAPE

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of a file that are read again, as they are on disk."""
MOST_FIELDS = 2_000
"""Fields of one file that are looked for."""
_STEP = re.compile(r"([^.\[\]]+)|\[([^\]]*)\]")
_SPACE = re.compile(r"[\s,:]*")
_DECODER = json.JSONDecoder()
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_BOOLEANS = {"true": ("yes", "on", "y", "true"), "false": ("no", "off", "n", "false")}
"""How YAML may spell keys that are read as booleans."""


_OF_FIELDS = (METADATA, SERVED, VALID_SERVICE, VALID_POD, SHAPE, KNOWN_FIELDS, REPEATED_FIELD)
"""Requirements on single fields, whose findings name the line of the field."""
_BRACKETED = re.compile(r"\[([^\]]*[^\]\d][^\]]*)\]")


def leave_out_repeated(report: Report) -> None:
    """Leave out what another finding says of the same field: its schema says it best.

    Pieces that cannot be read are kept aside, for those whose finding is passed over.
    """
    judged = {
        (each.place, _plain(violation.field))
        for violation in report.violations
        if violation.requirement is SHAPE
        for each in violation.objects
    }
    said = [each for each in report.malformed if (each.place, _plain(each.field)) in judged]
    report.malformed = [each for each in report.malformed if each not in said]
    report.said = said
    report.violations = [
        each
        for each in report.violations
        if each.requirement not in (VALID_SERVICE, VALID_POD)
        or not each.objects
        or (each.objects[0].place, _plain(each.field)) not in judged
    ]


def _plain(field: str) -> str:
    """Return a path with every name behind a dot; keys of maps may stand in brackets."""
    return _BRACKETED.sub(r".\1", field)


def locate_fields(violations: Iterable[Violation]) -> list[Violation]:
    """Return the violations, those of a single field with the line of that field."""
    found = list(violations)
    wanted: dict[str, list[int]] = defaultdict(list)
    for index, each in enumerate(found):
        place = each.objects[0].place if each.objects else None
        if each.field and place is not None and each.requirement in _OF_FIELDS:
            wanted[place.file].append(index)
    for file, indexes in wanted.items():
        text = _read(file)
        if text is None or len(indexes) > MOST_FIELDS:
            continue
        finder = _Finder(text)
        for index in indexes:
            found[index] = _move(found[index], finder)
    return found


def _move(violation: Violation, finder: "_Finder") -> Violation:
    first = violation.objects[0]
    if first.place is None:
        return violation
    line = finder.find(first.place.line, list_steps(violation.field))
    moved = first._replace(place=Place(first.place.file, line))
    return type(violation)(
        violation.requirement,
        (moved, *violation.objects[1:]),
        violation.message,
        violation.field,
        violation.numbers,
    )


def _read(file: str) -> str | None:
    if file == STDIN:
        return None
    path = Path(file)
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_FILE:
            return None
        with open_binary(file, sys.stdin.buffer) as stream:
            return stream.read().decode("utf-8-sig", "replace")
    except (OSError, EOFError, InputError):
        return None


def list_steps(field: str) -> list[str]:
    """Return the names and indexes that lead to a field: `a.b[0][c.d/e]`.

    >>> list_steps("spec.ports[0].name")
    ['spec', 'ports', '0', 'name']
    """
    return [name or key for name, key in _STEP.findall(field)]


_Root = tuple[yaml.MappingNode, int]
"""An object, and the line on which its document begins."""


class _Finder:
    """Finds fields of the objects in one file."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_json = text.lstrip()[:1] in ("{", "[")
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._nodes: dict[int, _Root] | None = None

    def find(self, line: int, steps: list[str]) -> int:
        """Return the line of a field of the object that begins on a line, or of what holds it."""
        if not 1 <= line <= len(self._starts):
            return line
        if self._is_json:
            return self._find_in_json(line, steps)
        if self._nodes is None:
            self._nodes = dict(_list_nodes(self._text))
        root = self._nodes.get(line)
        return line if root is None else _descend(root, steps, line)

    def _find_in_json(self, line: int, steps: list[str]) -> int:
        position = self._text.find("{", self._starts[line - 1])
        last = position
        try:
            for step in steps:
                place = self._find_member(position, step)
                if place is None:
                    break
                last, position = place
        except (ValueError, IndexError):
            return line
        return line + self._text.count("\n", self._starts[line - 1], last)

    def _find_member(self, position: int, step: str) -> tuple[int, int] | None:
        """Return where a member of the object or list begins, and where its value does."""
        text, is_object = self._text, self._text[position] == "{"
        if text[position] not in "{[":
            return None
        position, count = self._skip(position + 1), 0
        while text[position] not in "}]":
            begin, name = position, str(count)
            if is_object:
                name, position = _DECODER.raw_decode(text, position)
                position = self._skip(position)
            if name == step:
                return begin, position
            _, position = _DECODER.raw_decode(text, position)
            position, count = self._skip(position), count + 1
        return None

    def _skip(self, position: int) -> int:
        found = _SPACE.match(self._text, position)
        return position if found is None else found.end()


def _list_nodes(text: str) -> Iterator[tuple[int, _Root]]:
    """Yield every mapping that may be an object, with the line it begins on."""
    starts = [0, *(found.start() for found in _SEPARATOR.finditer(text)), len(text)]
    line = 1
    for start, end in pairwise(starts):
        try:
            node = yaml.compose(text[start:end], Loader=_LOADER)
        except yaml.YAMLError:
            node = None
        for each in _take_apart(node):
            yield line + each.start_mark.line, (each, line)
        line += text.count("\n", start, end)


def _take_apart(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    """Yield the mappings at the top, and those in a list at the top or below `items`."""
    if isinstance(node, yaml.MappingNode):
        yield node
        for key, value in node.value:
            if key.value == "items":
                yield from _take_apart(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            if isinstance(each, yaml.MappingNode):
                yield each


def _descend(root: _Root, steps: list[str], line: int) -> int:
    node: yaml.Node = root[0]
    for step in steps:
        below = _find_child(node, step)
        if below is None:
            break
        place, node = below
        line = root[1] + place.start_mark.line
    return line


def _find_child(node: yaml.Node, step: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Return where a member begins, and its value."""
    if isinstance(node, yaml.SequenceNode) and step.isdecimal():
        items = node.value
        return (items[int(step)], items[int(step)]) if int(step) < len(items) else None
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        spelled = str(key.value)
        if spelled == step or spelled.lower() in _BOOLEANS.get(step, ()):
            return key, value
    return None

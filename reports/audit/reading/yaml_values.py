"""Values of YAML documents as JSON values, built from the events of the parser.

YAML is read as `sigs.k8s.io/yaml` reads it: the JSON types, version 1.1 booleans, merge keys.
Nesting is bounded, an alias inside its own anchor is refused, and so are aliases that would
multiply the document; PyYAML's own composer recurses in C and would take the process down.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import yaml
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.resolver import Resolver

from planespec.reports.input.json_text import DEEPEST, describe_rest

LARGEST_EXPANSION = 200_000
"""Values a document may have once its aliases are written out."""
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PREFIX = "tag:yaml.org,2002:"
_MERGE = _PREFIX + "merge"


class YamlError(ValueError):
    """A document that cannot be read; `line` counts from 1 in the text given."""

    def __init__(self, message: str, line: int, field: str = "") -> None:
        """Keep the line and the field beside the message."""
        super().__init__(message)
        self.line, self.field = line, field


class _Open:
    """A mapping or sequence whose end has not been read."""

    def __init__(self, value: dict[str, object] | list[object], anchor: str | None) -> None:
        self.value, self.anchor = value, anchor
        self.key: object = None
        self.has_key = False
        self.size = 1
        self.merged: list[object] = []


class _Builder:
    """Builds one document from its events."""

    def __init__(self) -> None:
        self.lines: dict[int, int] = {}
        """Line of every mapping at the top or in a list, by the id of its value."""
        self.result: object = None
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[object, int]] = {}

    def take(self, event: Any) -> None:
        """Take in one event; raises YamlError."""
        kind = type(event).__name__
        if kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._begin(event, {} if kind == "MappingStartEvent" else [])
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._end(event)
        elif kind == "ScalarEvent":
            self._add(_read_scalar(event), 1, event)
            if event.anchor is not None:
                self._anchors[event.anchor] = (_read_scalar(event), 1)
        elif kind == "AliasEvent":
            self._alias(event)

    def path(self) -> str:
        """The field that is being read; only the outer names of a deep one."""
        path = ""
        for each in self._stack[:8]:
            if isinstance(each.value, list):
                path += f"[{len(each.value)}]"
            elif each.has_key and isinstance(each.key, str):
                path += f".{each.key}" if path else each.key
        return path

    def _begin(self, event: Any, value: dict[str, object] | list[object]) -> None:
        if len(self._stack) >= DEEPEST:
            raise _error(event, f"is nested more than {DEEPEST} levels deep")
        if isinstance(value, dict) and len(self._stack) <= 2:
            self.lines[id(value)] = event.start_mark.line + 1
        self._stack.append(_Open(value, event.anchor))

    def _end(self, event: Any) -> None:
        done = self._stack.pop()
        if isinstance(done.value, dict):
            for merged in done.merged:
                _merge(done.value, merged, event)
        if done.anchor is not None:
            self._anchors[done.anchor] = (done.value, done.size)
        self._add(done.value, done.size, event)

    def _alias(self, event: Any) -> None:
        if any(each.anchor == event.anchor for each in self._stack):
            raise _error(event, f"the alias *{event.anchor} stands inside its own anchor")
        if event.anchor not in self._anchors:
            raise _error(event, f"the alias *{event.anchor} has no anchor")
        value, size = self._anchors[event.anchor]
        self._add(value, size, event)

    def _add(self, value: object, size: int, event: Any) -> None:
        if not self._stack:
            self.result = value
            return
        holder = self._stack[-1]
        holder.size += size
        if holder.size > LARGEST_EXPANSION and self._anchors:
            raise _error(event, f"aliases make more than {LARGEST_EXPANSION:,} values of it")
        if isinstance(holder.value, list):
            holder.value.append(value)
        elif not holder.has_key:
            holder.key, holder.has_key = value, True
        else:
            self._put(holder, holder.value, value, event)
            holder.has_key = False

    def _put(self, holder: _Open, mapping: dict[str, object], value: object, event: Any) -> None:
        if holder.key is _MERGE_KEY:
            holder.merged += value if isinstance(value, list) else [value]
            return
        name = _name_key(holder.key, event)
        if name in mapping:
            raise _error(event, f"the key {name!r} stands twice in one object")
        mapping[name] = value


_MERGE_KEY = object()


def _merge(target: dict[str, object], merged: object, event: Any) -> None:
    if not isinstance(merged, dict):
        raise _error(event, "a merge key needs an object or a list of objects")
    for name, value in merged.items():
        target.setdefault(name, value)


def _name_key(key: object, event: Any) -> str:
    """Return a key as JSON has it; keys that are lists or objects are refused."""
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if key is None or isinstance(key, int | float):
        return "null" if key is None else str(key)
    raise _error(event, "a key is a list or an object")


def _read_scalar(event: Any) -> object:
    if event.tag in (None, "!"):
        if not event.implicit[0] or event.style in ("'", '"', "|", ">"):
            return str(event.value)
        tag = _resolve(event.value)
    else:
        tag = event.tag
    try:
        return _MERGE_KEY if tag == _MERGE else _construct(tag, event.value)
    except (ValueError, OverflowError, LookupError, ConstructorError) as error:
        why = f": {error}" if isinstance(error, _NumberError) else ""
        raise _error(event, f"{event.value[:40]!r} is no value of {tag}{why}") from error


_RESOLVER: Any = Resolver()


@lru_cache(maxsize=65536)
def _resolve(value: str) -> str:
    """Return the tag of a plain scalar."""
    tag = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False))
    return str(tag)


def _construct(tag: str, value: str) -> object:
    kind = tag.removeprefix(_PREFIX)
    if kind == "int" and ":" not in value:
        return int(_CONSTRUCTOR.construct_yaml_int(yaml.ScalarNode(tag, value)))
    if kind in _MAKERS:
        return _MAKERS[kind](yaml.ScalarNode(tag, value))
    # Timestamps, base 60 numbers, binary and unknown tags read as the text that stands there.
    return value


class _NumberError(ValueError):
    """A number that YAML has and JSON has not."""


def _read_float(node: yaml.ScalarNode) -> float:
    if ":" in node.value:
        raise _NumberError("base 60 is not read")
    number = float(_CONSTRUCTOR.construct_yaml_float(node))
    if number != number or number in (float("inf"), float("-inf")):
        raise _NumberError("JSON has no such number")
    return number


_CONSTRUCTOR: Any = SafeConstructor()
_MAKERS: dict[str, Callable[[Any], object]] = {
    "null": lambda node: None,
    "bool": lambda node: _CONSTRUCTOR.construct_yaml_bool(node),
    "float": _read_float,
}


def _error(event: Any, message: str) -> YamlError:
    return YamlError(message, event.start_mark.line + 1)


def read_document(text: str) -> tuple[object, dict[int, int]]:
    """Read one document; also the lines of its outer objects by id. Raises YamlError."""
    builder = _Builder()
    documents = 0
    try:
        for event in yaml.parse(text, Loader=_SafeLoader):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                raise _error(event, "a second document begins inside it")
            builder.take(event)
    except YamlError as error:
        raise YamlError(str(error), error.line, builder.path()) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        # A character that YAML does not allow has a position, every other error a mark.
        raise _not_yaml(text, getattr(mark or error, "index" if mark else "position", 0)) from None
    return builder.result, builder.lines


def _not_yaml(text: str, position: int) -> YamlError:
    """The error in our own words; what libraries call it differs from version to version."""
    line = text.count("\n", 0, position) + 1
    before = text[:position]
    depth = sum(before.count(opening) - before.count(end) for opening, end in ("[]", "{}"))
    if depth > DEEPEST:
        return YamlError(f"is nested more than {DEEPEST} levels deep", line)
    return YamlError(f"is not YAML: {describe_rest(text[position:])}", line)

"""Values of YAML documents as JSON values, built from the events of the parser.

YAML is read as `sigs.k8s.io/yaml` reads it: the JSON types, version 1.1 booleans, merge keys. Of a
key that stands twice the last value counts, and it is told.
Nesting is bounded, an alias inside its own anchor is refused, and so are aliases that would
multiply the document; PyYAML's own composer recurses in C and would take the process down.
"""

import base64
import re
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

from planespec.reports.input.json_text import DEEPEST, describe_rest

LARGEST_EXPANSION = 200_000
"""Values a document may have once its aliases are written out."""
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PREFIX = "tag:yaml.org,2002:"


class YamlError(ValueError):
    """A document that cannot be read; `line` counts from 1 in the text given."""

    def __init__(self, message: str, line: int, field: str = "") -> None:
        """Keep the line and the field beside the message."""
        super().__init__(message)
        self.line, self.field = line, field


class Repeated(NamedTuple):
    """A field that an object has twice."""

    field: str
    line: int
    """Where it stands again, from 1 in the text given."""


class _Open:
    """A mapping or sequence whose end has not been read."""

    def __init__(self, value: dict[str, object] | list[object], anchor: str | None) -> None:
        self.value, self.anchor = value, anchor
        self.key: object = None
        self.has_key = False
        self.size = 1
        self.named: set[str] = set()


class _Builder:
    """Builds one document from its events."""

    def __init__(self) -> None:
        self.lines: dict[int, int] = {}
        """Line of every mapping at the top or in a list, by the id of its value."""
        self.result: object = None
        self.repeated: list[Repeated] = []
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
        if value is _MERGE_KEY and (isinstance(holder.value, list) or holder.has_key):
            value = str(_MERGE_KEY)
        if isinstance(holder.value, list):
            holder.value.append(value)
        elif not holder.has_key:
            holder.key, holder.has_key = value, True
        else:
            self._put(holder, holder.value, value, event)
            holder.has_key = False

    def _put(self, holder: _Open, mapping: dict[str, object], value: object, event: Any) -> None:
        if holder.key is _MERGE_KEY:
            # Of several the first wins.
            for merged in reversed(value if isinstance(value, list) else [value]):
                _merge(mapping, merged, event)
            return
        name = _name_key(holder.key, event)
        holder.key = name
        if name in holder.named:
            self.repeated.append(Repeated(self.path(), event.start_mark.line + 1))
        holder.named.add(name)
        mapping[name] = value


class _MergeKey(str):
    """A merge key, which is the text alone where it is a value."""


_MERGE_KEY = _MergeKey("<<")


def _merge(target: dict[str, object], merged: object, event: Any) -> None:
    """Put in what a merge key names; what stands before it loses, what comes after it wins."""
    if not isinstance(merged, dict):
        raise _error(event, "a merge key needs an object or a list of objects")
    target.update(merged)


def _name_key(key: object, event: Any) -> str:
    """Return a key as JSON has it; keys that are lists or objects are refused."""
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int | float):
        return str(key)
    raise _error(event, "a key is a list, an object or null")


def _read_scalar(event: Any) -> object:
    is_plain = event.tag in (None, "!")
    if is_plain and (not event.implicit[0] or event.style in ("'", '"', "|", ">")):
        return str(event.value)
    try:
        found = resolve_scalar(event.value)
        return found if is_plain else _apply_tag(event.tag, event.value, found)
    except (ValueError, OverflowError) as error:
        tag = "a number" if is_plain else event.tag
        why = f": {error}" if isinstance(error, _ScalarError) else ""
        raise _error(event, f"{event.value[:40]!r} is no value of {tag}{why}") from error


class _ScalarError(ValueError):
    """A scalar that YAML has and JSON has not, or that is not of its tag."""


_NAMED: dict[str, object] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE"), True),
    **dict.fromkeys(("on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE"), False),
    **dict.fromkeys(("off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    "<<": _MERGE_KEY,
}
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NUMERIC = frozenset("+-.0123456789")
_INTEGER = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 4_000
"""Digits; CPython converts no more than 4,300 without being told to."""


@lru_cache(maxsize=65536)
def resolve_scalar(text: str) -> object:
    """Return what a plain scalar is to `sigs.k8s.io/yaml` v1.4: YAML 1.1 as go-yaml v2 reads it.

    Underscores in numbers are left out; base 60 is text. Raises ValueError for infinity and NaN.

    >>> [resolve_scalar(text) for text in ("on", "0o17", "1_000", "1:30", "2001-01-01")]
    [True, 15, 1000, '1:30', '2001-01-01']
    """
    if text in _NAMED:
        return _NAMED[text]
    if text[0] not in _NUMERIC:
        return text
    if _NO_NUMBER.fullmatch(text):
        raise _ScalarError("JSON has no such number")
    return _resolve_number(text if text[0] == "." else text.replace("_", ""), text)


def _resolve_number(plain: str, text: str) -> object:
    if len(plain) > _LONGEST_NUMBER:
        raise _ScalarError("the number is too long")
    if found := _INTEGER.fullmatch(plain):
        digits = found[2].lower()
        is_octal = digits[0] == "0" and len(digits) > 1 and digits[1] not in "xbo"
        number = int(digits, 8) if is_octal else int(digits, 0)
        number = -number if found[1] == "-" else number
        # A larger number reads as the nearest one of 64 bits in floating point.
        return number if -(2**63) <= number < 2**63 else float(number)
    if _FLOAT.fullmatch(plain):
        fraction = float(plain)
        return text if fraction in (float("inf"), float("-inf")) else fraction
    return text


def _apply_tag(tag: str, text: str, found: object) -> object:
    """Return a scalar with a tag as the type it says; tags that are not known mean nothing."""
    kind = tag.removeprefix(_PREFIX)
    if kind == "str":
        return text
    if kind == "binary":
        return base64.b64decode(text).decode("utf-8", "replace")
    if kind == "float" and isinstance(found, int) and not isinstance(found, bool):
        return float(found)
    types = {"bool": bool, "int": int, "float": float, "null": type(None)}
    if kind in types and type(found) is not types[kind]:
        raise _ScalarError("it reads as something else")
    return found if kind in types else text


def _error(event: Any, message: str) -> YamlError:
    return YamlError(message, event.start_mark.line + 1)


def read_document(text: str) -> tuple[object, dict[int, int], list[Repeated]]:
    """Read one document; also the lines of its outer objects by id, and what stands twice.

    Raises YamlError.
    """
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
    return builder.result, builder.lines, builder.repeated


def _not_yaml(text: str, position: int) -> YamlError:
    """The error in our own words; what libraries call it differs from version to version."""
    line = text.count("\n", 0, position) + 1
    before = text[:position]
    depth = sum(before.count(opening) - before.count(end) for opening, end in ("[]", "{}"))
    if depth > DEEPEST:
        return YamlError(f"is nested more than {DEEPEST} levels deep", line)
    return YamlError(f"is not YAML: {describe_rest(text[position:])}", line)

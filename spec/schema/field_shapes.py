"""Shapes of values, and what in a value does not have the shape it should.

A value is read as the API server decodes it into the types of Go: null is as good as absent, a
number without a fraction is an integer, a quantity or a port may be a number or a text.
"""

import base64
import binascii
import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from planespec.spec.quantity import QuantityError, read_quantity

Check = Callable[[Any], Iterator[str]]
"""Yields what is wrong with a value that has the right type."""

INT32 = (-(2**31), 2**31 - 1)
INT64 = (-(2**63), 2**63 - 1)
_WORDS = {
    "string": "a string",
    "base64": "a string",
    "time": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "object": "an object",
    "list": "a list",
    "int-or-string": "an integer or a string",
    "quantity": "a quantity, such as 500m or 2Gi",
}
_TEXTS = frozenset(("string", "base64", "time", "int-or-string", "quantity"))
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PLACEHOLDER = re.compile(r"\$\{[A-Za-z_]|\{\{|^ENC\[AES256_GCM,")
"""A text that waits for a value, or to be decrypted: what it will be, nobody knows."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_PLAIN = re.compile(r"[-+]?\d+(\.\d+)?|true|false")
_LONGEST = 60
"""Characters of a value that are repeated in a message."""


class Unjudged(str):
    """Stands for a message where it cannot be told whether a condition holds: says which."""

    __slots__ = ()


class Flaw(NamedTuple):
    """Something in an object that is not as its schema says."""

    field: str
    message: str
    """What is expected, and what stands there; or what was not judged, `Unjudged`."""
    is_unknown: bool = False
    """Whether it is a field that the schema does not have."""


class Shape:
    """What a value must look like."""

    __slots__ = (
        "checks",
        "defaulted",
        "fields",
        "is_nullable",
        "is_open",
        "items",
        "kind",
        "limits",
        "required",
        "supported",
        "values",
    )

    def __init__(self, kind: str) -> None:
        """Begin with a type alone: a key of what messages call it, or "any"."""
        self.kind = kind
        self.fields: dict[str, Shape] = {}
        self.required: Sequence[str] = ()
        self.defaulted: frozenset[str] = frozenset()
        """Fields that get a value where they are absent."""
        self.values: Shape | None = None
        """What every field of a map must look like."""
        self.items: Shape | None = None
        self.is_open = kind != "object"
        """Whether fields that are not listed are kept."""
        self.is_nullable = True
        """Whether null may stand in a list; as a field it is as good as absent."""
        self.supported: Sequence[object] = ()
        """The values there are; empty where any will do."""
        self.limits: tuple[int, int] | None = None
        self.checks: tuple[Check, ...] = ()


def join(path: str, name: str) -> str:
    """Return the path of a field, or of a key that is none in brackets, as the API server does."""
    if _NAME.fullmatch(name):
        return f"{path}.{name}" if path else name
    return f"{path}[{name}]"


def find_flaws(shape: Shape, value: object, path: str = "") -> Iterator[Flaw]:
    """Yield what in a value is not of its shape; of a value of the wrong type only that.

    A tuple stands for what differs from object to object, and is not looked at.
    """
    found: list[_Found] = []
    _find(shape, value, path, found)
    for step, message, is_unknown in found:
        yield Flaw(_write(step), message, is_unknown)


_Step = str | tuple["_Step", str | int]
"""The path of a field, or the step before and a name or index: written only where it is told."""
_Found = tuple[_Step, str, bool]


def _write(step: _Step) -> str:
    if isinstance(step, str):
        return step
    path = _write(step[0])
    return f"{path}[{step[1]}]" if isinstance(step[1], int) else join(path, step[1])


def _find(shape: Shape, value: object, path: _Step, found: list[_Found]) -> None:
    """Add what is found to a list: generators in generators would take half of the time."""
    kind = shape.kind
    is_marked = isinstance(value, str) and ("{" in value or value[:4] == "ENC[")
    if is_marked and _PLACEHOLDER.search(str(value)):
        return
    if not _FITS[kind](value):
        found.append((path, _refuse(kind, value), False))
        return
    if shape.supported and value not in shape.supported and value != "":
        names = ", ".join(_quote(each) for each in shape.supported)
        message = f"Unsupported value: {_quote(value)}: supported values: {names}"
        found.append((path, message, False))
    if shape.limits is not None and not shape.limits[0] <= value <= shape.limits[1]:  # type: ignore[operator]
        low, high = shape.limits
        found.append((path, f"must be between {low} and {high}, not {value}", False))
    if isinstance(value, dict):
        _find_in_object(shape, value, path, found)
    elif isinstance(value, list) and shape.items is not None:
        for index, item in enumerate(value):
            if item is not None or not shape.items.is_nullable:
                _find(shape.items, item, (path, index), found)
    for check in shape.checks:
        found += ((path, message, False) for message in check(value))


def _find_in_object(
    shape: Shape, value: Mapping[str, object], path: _Step, found: list[_Found]
) -> None:
    fields, values = shape.fields, shape.values
    for name, part in value.items():
        below = fields.get(name) or values
        if below is None:
            if not shape.is_open:
                found.append(((path, name), _guess(name, fields), True))
        elif part is not None and type(part) is not tuple:
            is_free = below.kind == "string" and not (below.supported or below.checks)
            if not (is_free and type(part) is str):  # most values, and no call for them
                _find(below, part, (path, name), found)
    found += [
        ((path, name), "Required value", False)
        for name in shape.required
        if value.get(name) is None and name not in shape.defaulted
    ]


def _guess(name: str, known: Mapping[str, object]) -> str:
    """Say that a field is unknown, and which one may be meant."""
    lower = {each.lower(): each for each in known}
    close = difflib.get_close_matches(name.lower(), lower, 1, 0.8)
    return "unknown field" + (f"; is {lower[close[0]]} meant?" if close else "")


def describe(value: object) -> str:
    """Say what a value is: its type, and itself where it is short."""
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None:
        return "null"
    words = {str: "the string", int: "the integer", float: "the number"}
    return f"{words.get(type(value), 'the value')} {_quote(value)}"


def _quote(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _refuse(kind: str, value: object) -> str:
    hint = ""
    if kind in _TEXTS and isinstance(value, bool | int | float) and kind != "quantity":
        hint = "; in YAML, quote it"
    if (
        kind in ("integer", "number", "boolean")
        and isinstance(value, str)
        and _PLAIN.fullmatch(value)
    ):
        hint = "; without quotes it is one"
    if kind == "base64" and isinstance(value, str):
        return f"must be base64 text, not {describe(value)}"
    if kind == "time" and isinstance(value, str):
        return f"must be a time such as 2026-01-31T12:00:00Z, not {describe(value)}"
    return f"must be {_WORDS[kind]}, not {describe(value)}{hint}"


def _is_integer(value: object) -> bool:
    if isinstance(value, float):
        # kubectl writes such numbers without a fraction.
        return value.is_integer() and abs(value) < 1e21
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_quantity(value: object) -> bool:
    try:
        read_quantity(value)
    except QuantityError:
        return False
    return True


def is_base64(value: object) -> bool:
    """Say whether a value is base64 text as Go reads it: padded, line breaks left out."""
    if not isinstance(value, str):
        return False
    try:
        base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def is_time(value: object) -> bool:
    """Say whether a value is a time of RFC 3339."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value[:19])
    except ValueError:
        return False
    return True


_FITS: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "base64": is_base64,
    "time": is_time,
    "integer": _is_integer,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "int-or-string": lambda value: isinstance(value, str) or _is_integer(value),
    "quantity": _is_quantity,
    "any": lambda value: True,
}

"""Shapes of custom kinds, made of the CustomResourceDefinitions in the input.

Judged: types, required and unknown fields with structural defaults, enums, formats, bounds,
patterns, `allOf`, `anyOf`, `oneOf`, `not`, keys of lists that are maps or sets. Rules in CEL are
in `custom_rules`.
Source: `apiextensions-apiserver/pkg/apiserver/{schema,validation}`, v1.36.
"""

import ipaddress
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from planespec.spec.schema.custom_rules import EvaluateRule
from planespec.spec.schema.field_shapes import (
    INT32,
    INT64,
    Check,
    Shape,
    Unjudged,
    describe,
    find_flaws,
    is_base64,
    is_time,
)
from planespec.spec.schema.patterns import make_matcher

_MOST_LEVELS = 100
"""Levels of nesting of a schema that are read."""
_TYPES = {"array": "list"} | {
    each: each for each in ("boolean", "integer", "number", "object", "string")
}
_DURATION = re.compile(r"[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+|0")


def _is_address(value: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(value).version == version
    except ValueError:
        return False


def _is_network(value: str) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return "/" in value


def _is_uuid(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "byte": is_base64,
    "cidr": _is_network,
    "date-time": is_time,
    "duration": lambda value: bool(_DURATION.fullmatch(value)) or " " in value,
    "ipv4": lambda value: _is_address(value, 4),
    "ipv6": lambda value: _is_address(value, 6),
    "uuid": _is_uuid,
}
"""Formats that are judged; the API server ignores those it does not know."""


class _Place(NamedTuple):
    """Where in a schema another stands, and what reads the patterns that Python cannot."""

    depth: int
    evaluate: EvaluateRule

    def below(self) -> "_Place":
        return self._replace(depth=self.depth + 1)


def make_custom_shape(schema: object, metadata: Shape, evaluate: EvaluateRule) -> Shape:
    """Return the shape of the objects of a custom kind from its `openAPIV3Schema`."""
    shape = _make(schema, _Place(0, evaluate))
    shape.kind = "object"
    for name in ("apiVersion", "kind"):
        shape.fields.setdefault(name, Shape("string"))
    shape.fields["metadata"] = metadata
    return shape


def _make(schema: object, place: _Place) -> Shape:
    """Return the shape of a schema; of what is none, the shape of anything."""
    if not isinstance(schema, Mapping) or place.depth > _MOST_LEVELS:
        return Shape("any")
    shape = Shape(_get_kind(schema))
    shape.is_nullable = schema.get("nullable") is True
    limits = {"int32": INT32, "int64": INT64}.get(str(schema.get("format", "")))
    shape.limits = limits if shape.kind == "integer" else None
    _fill(shape, schema, place)
    shape.supported = _listed(schema.get("enum"))
    shape.checks = tuple(_list_checks(schema, shape.kind, place))
    return shape


def _get_kind(schema: Mapping[str, Any]) -> str:
    if schema.get("x-kubernetes-int-or-string") is True:
        return "int-or-string"
    return _TYPES.get(str(schema.get("type", "")), "any")


def _fill(shape: Shape, schema: Mapping[str, Any], place: _Place) -> None:
    fields = schema.get("properties")
    if isinstance(fields, Mapping):
        shape.fields = {name: _make(each, place.below()) for name, each in fields.items()}
        shape.defaulted = frozenset(
            name
            for name, each in fields.items()
            if isinstance(each, Mapping) and each.get("default") is not None
        )
    shape.required = [each for each in _listed(schema.get("required")) if isinstance(each, str)]
    values = schema.get("additionalProperties")
    if isinstance(values, Mapping):
        shape.values = _make(values, place.below())
    keeps = schema.get("x-kubernetes-preserve-unknown-fields") is True
    shape.is_open = keeps or values is True or shape.kind != "object"
    if schema.get("x-kubernetes-embedded-resource") is True:
        for name in ("apiVersion", "kind", "metadata"):
            shape.fields.setdefault(name, Shape("any"))
    if "items" in schema:
        shape.items = _make(schema["items"], place.below())


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _list_checks(schema: Mapping[str, Any], kind: str, place: _Place) -> Iterator[Check]:
    yield from _list_bounds(schema)
    pattern, format_ = schema.get("pattern"), _FORMATS.get(str(schema.get("format", "")))
    if isinstance(pattern, str):
        yield _make_check(str, make_matcher(pattern, place.evaluate), f"match {pattern!r}")
    if format_ is not None and kind == "string":
        yield _make_check(str, format_, f"have the format {schema['format']}")
    yield from _list_alternatives(schema, place)
    keys = [each for each in _listed(schema.get("x-kubernetes-list-map-keys")) if each]
    if schema.get("x-kubernetes-list-type") == "map" and keys:
        yield lambda value: _find_repeated(value, keys)
    elif schema.get("x-kubernetes-list-type") == "set":
        yield lambda value: _find_repeated(value, [])


_BOUNDS: tuple[tuple[str, type | tuple[type, ...], Callable[[Any, Any], bool], str], ...] = (
    ("maxLength", str, lambda value, bound: len(value) <= bound, "have at most {} characters"),
    ("minLength", str, lambda value, bound: len(value) >= bound, "have at least {} characters"),
    ("maxItems", list, lambda value, bound: len(value) <= bound, "have at most {} items"),
    ("minItems", list, lambda value, bound: len(value) >= bound, "have at least {} items"),
    ("maxProperties", dict, lambda value, bound: len(value) <= bound, "have at most {} fields"),
    ("minProperties", dict, lambda value, bound: len(value) >= bound, "have at least {} fields"),
    ("multipleOf", int, lambda value, bound: value % bound == 0, "be a multiple of {}"),
)


def _list_bounds(schema: Mapping[str, Any]) -> Iterator[Check]:
    for name, types, fits, words in _BOUNDS:
        bound = schema.get(name)
        if isinstance(bound, int | float) and not isinstance(bound, bool) and bound >= 0:
            if name == "multipleOf" and bound == 0:
                continue
            yield _make_check(types, partial(_reverse, fits, bound), words.format(bound))
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(low, int | float):
        if schema.get("exclusiveMinimum") is True:
            yield _make_check((int, float), lambda value: value > low, f"be above {low}")
        else:
            yield _make_check((int, float), lambda value: value >= low, f"be at least {low}")
    if isinstance(high, int | float):
        if schema.get("exclusiveMaximum") is True:
            yield _make_check((int, float), lambda value: value < high, f"be below {high}")
        else:
            yield _make_check((int, float), lambda value: value <= high, f"be at most {high}")


def _reverse(fits: Callable[[Any, Any], bool], bound: object, value: object) -> bool:
    return fits(value, bound)


def _make_check(
    types: type | tuple[type, ...], fits: Callable[[Any], bool | None], wanted: str
) -> Check:
    """Return what holds values of these types to a condition; of others it says nothing."""

    def check(value: object) -> Iterator[str]:
        if not isinstance(value, types) or isinstance(value, bool):
            return
        verdict = fits(value)
        if verdict is None:
            yield Unjudged(wanted)
        elif not verdict:
            yield f"must {wanted}, not {describe(value)}"

    return check


def _list_alternatives(schema: Mapping[str, Any], place: _Place) -> Iterator[Check]:
    """Yield checks for schemas that must hold together, or of which some or none must."""
    groups = {name: _listed(schema.get(name)) for name in ("allOf", "anyOf", "oneOf")}
    groups["not"] = [schema["not"]] if isinstance(schema.get("not"), Mapping) else []
    wanted: Mapping[str, tuple[Callable[[int, int], bool], str]] = {
        "allOf": (lambda met, of: met == of, "all alternatives of allOf"),
        "anyOf": (lambda met, of: met > 0, "an alternative of anyOf"),
        "oneOf": (lambda met, of: met == 1, "exactly one alternative of oneOf"),
        "not": (lambda met, of: met == 0, "none of what the schema forbids by not"),
    }
    for name, schemas in groups.items():
        if schemas:
            shapes = [_make_open(each, place.below()) for each in schemas]
            yield _make_choice(shapes, *wanted[name])


def _make_choice(shapes: list[Shape], fits: Callable[[int, int], bool], words: str) -> Check:
    def check(value: object) -> Iterator[str]:
        verdicts = [_meets(each, value) for each in shapes]
        met, open_ = verdicts.count(True), [each for each in verdicts if isinstance(each, str)]
        possible = {fits(met + more, len(shapes)) for more in range(len(open_) + 1)}
        if possible == {False}:
            yield f"must meet {words}, and meets {met} of {len(shapes)}"
        elif False in possible:
            yield open_[0]

    return check


def _meets(shape: Shape, value: object) -> bool | Unjudged:
    """Say whether a value has a shape, or what of it cannot be told."""
    messages = [flaw.message for flaw in find_flaws(shape, value)]
    if any(not isinstance(each, Unjudged) for each in messages):
        return False
    return next((each for each in messages if isinstance(each, Unjudged)), True)


def _make_open(schema: object, place: _Place) -> Shape:
    """Return the shape of an alternative: it adds conditions, and forbids no field."""
    shape = _make(schema, place)
    _open_up(shape)
    return shape


def _open_up(shape: Shape) -> None:
    shape.is_open = True
    for each in (*shape.fields.values(), shape.items, shape.values):
        if each is not None:
            _open_up(each)


def _find_repeated(value: object, keys: list[str]) -> Iterator[str]:
    """Yield what stands twice in a list that is a map by these keys, or a set without any."""
    seen: set[str] = set()
    for item in value if isinstance(value, list) else ():
        part = {key: item.get(key) for key in keys} if isinstance(item, dict) else item
        text = json.dumps(part, sort_keys=True, default=str)
        if text in seen:
            yield f"Duplicate value: {text}"
        seen.add(text)

"""Rules for the schema in a CustomResourceDefinition: what makes it structural.

Source: `apiextensions-apiserver/pkg/apiserver/schema/validation.go`, ValidateStructural, and
ValidateCustomResourceDefinitionOpenAPISchema of `pkg/apis/apiextensions/validation`, v1.36.
"""

from collections.abc import Iterator

from planespec.spec.objects import View
from planespec.spec.validation.field_errors import (
    Errors,
    forbidden,
    invalid,
    not_supported,
    required,
)

_EMPTY = {
    "root": "must not be empty at the root",
    "items": "must not be empty for specified array items",
    "fields": "must not be empty for specified object fields",
}
_UNSUPPORTED = (
    "$ref",
    "additionalItems",
    "definitions",
    "dependencies",
    "id",
    "patternProperties",
)
_NESTED = {
    "type": "empty",
    "additionalProperties": "undefined",
    "default": "undefined",
    "title": "empty",
    "description": "empty",
    "nullable": "false",
    "x-kubernetes-preserve-unknown-fields": "false",
    "x-kubernetes-embedded-resource": "false",
    "x-kubernetes-int-or-string": "false",
    "x-kubernetes-list-map-keys": "empty",
    "x-kubernetes-list-type": "undefined",
}
"""What a schema under a junctor must leave to the one that it is part of."""
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_LIST_TYPES = ("atomic", "set", "map")
_MAP_TYPES = ("atomic", "granular")
_MOST_LEVELS = 100
_LIST_TYPE, _KEYS = "x-kubernetes-list-type", "x-kubernetes-list-map-keys"
_MAP_TYPE = "x-kubernetes-map-type"


def validate_schema(schema: View) -> Errors:
    """Check the schema of a version. Raises ObjectError where a field has another type."""
    if schema.flag("nullable"):
        yield forbidden(schema.path("nullable"), "nullable cannot be true at the root")
    if schema.has("additionalProperties"):
        words = "must not be used at the root"
        yield forbidden(schema.path("additionalProperties"), words)
    yield from _validate(schema, "root", 0)


def _validate(schema: View, level: str, depth: int) -> Errors:
    """Check a schema that may say of which type a value is; `level` is where it stands."""
    if depth > _MOST_LEVELS:
        return
    yield from _validate_type(schema, level)
    yield from _validate_plain(schema)
    yield from _validate_list(schema)
    if level == "root":
        yield from _validate_metadata(schema)
    for below, place in _list_below(schema):
        yield from _validate(below, place, depth + 1)
    for below in _list_junctors(schema):
        yield from _validate_nested(below, depth + 1)


def _list_below(schema: View) -> Iterator[tuple[View, str]]:
    """Yield the schemas of parts of a value, and what they are of."""
    fields = schema.view("properties")
    for name in fields.data:
        yield View(fields.data[name], f"{fields.field}[{name}]"), "fields"
    if isinstance(schema.data.get("additionalProperties"), dict):
        yield schema.view("additionalProperties"), "fields"
    if isinstance(schema.data.get("items"), dict):
        yield schema.view("items"), "items"


def _list_junctors(schema: View) -> Iterator[View]:
    """Yield what is under a junctor, but for the alternative of an integer and a string."""
    for name in ("allOf", "anyOf", "oneOf"):
        if name != "anyOf" or schema.items(name) != _INT_OR_STRING:
            yield from schema.views(name)
    if schema.has("not"):
        yield schema.view("not")


def _validate_type(schema: View, level: str) -> Errors:
    kind, field = schema.text("type"), schema.path("type")
    keeps = schema.flag("x-kubernetes-preserve-unknown-fields")
    if schema.flag("x-kubernetes-embedded-resource"):
        yield from _validate_embedded(schema)
    elif not kind and not keeps and not schema.flag("x-kubernetes-int-or-string"):
        yield required(field, _EMPTY[level])
    if level == "root" and kind not in ("", "object"):
        yield invalid(field, kind, "must be object at the root")
    if kind == "array" and not schema.has("items"):
        yield required(schema.path("items"), "must be specified")
    if kind and kind not in _TYPES:
        yield not_supported(field, kind, _TYPES)


def _validate_embedded(schema: View) -> Errors:
    kind, words = schema.text("type"), "must be object if x-kubernetes-embedded-resource is true"
    if not kind:
        yield required(schema.path("type"), words)
    elif kind != "object":
        yield invalid(schema.path("type"), kind, words)
    if schema.has("additionalProperties"):
        words = "must not be used if x-kubernetes-embedded-resource is set"
        yield forbidden(schema.path("additionalProperties"), words)


def _validate_plain(schema: View) -> Errors:
    """Check what no schema may say. Source: specStandardValidatorV3.validate."""
    for name in _UNSUPPORTED:
        if schema.data.get(name):
            yield forbidden(schema.path(name), f"{name} is not supported")
    if isinstance(schema.data.get("items"), list):
        words = "items must be a schema object and not an array"
        yield forbidden(schema.path("items"), words)
    if schema.flag("uniqueItems"):
        words = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden(schema.path("uniqueItems"), words)
    if schema.data.get("properties") and schema.data.get("additionalProperties") not in (
        None,
        True,
    ):
        words = "additionalProperties and properties are mutual exclusive"
        yield forbidden(schema.path("additionalProperties"), words)
    field = schema.path("x-kubernetes-preserve-unknown-fields")
    if schema.data.get("x-kubernetes-preserve-unknown-fields") is False:
        yield invalid(field, False, "must be true or undefined")
    elif schema.flag("x-kubernetes-int-or-string") and schema.flag(
        "x-kubernetes-preserve-unknown-fields"
    ):
        yield invalid(field, True, "must be false if x-kubernetes-int-or-string is true")


def _validate_metadata(schema: View) -> Errors:
    """Of metadata a schema may narrow the name."""
    fields = schema.view("properties")
    for name, kind in (("kind", "string"), ("apiVersion", "string"), ("metadata", "object")):
        below = View(fields.data.get(name), f"{fields.field}[{name}]")
        if fields.has(name) and below.text("type") not in ("", kind):
            yield invalid(below.path("type"), below.text("type"), f"must be {kind}")
    metadata = View(fields.data.get("metadata"), f"{fields.field}[metadata]")
    if set(metadata.view("properties").data) - {"name", "generateName"}:
        words = "must not specify anything other than name and generateName"
        yield forbidden(metadata.field, f"{words}, but metadata is implicitly specified")


def _validate_nested(schema: View, depth: int) -> Errors:
    """Check a schema under a junctor. Source: validateNestedValueValidation."""
    if depth > _MOST_LEVELS:
        return
    for name, words in _NESTED.items():
        if schema.data.get(name):
            yield forbidden(schema.path(name), f"must be {words} to be structural")
    yield from _validate_plain(schema)
    for below, _ in _list_below(schema):
        yield from _validate_nested(below, depth + 1)
    for below in _list_junctors(schema):
        yield from _validate_nested(below, depth + 1)


def _validate_list(schema: View) -> Errors:
    """Check how lists and maps are merged."""
    for name, kind, allowed in (
        (_MAP_TYPE, "object", _MAP_TYPES),
        (_LIST_TYPE, "array", _LIST_TYPES),
    ):
        found, value, words = schema.text("type"), schema.text(name), f"if {name} is specified"
        if schema.has(name) and not found:
            yield required(schema.path("type"), f"must be {kind} {words}")
        elif schema.has(name) and found != kind:
            yield invalid(schema.path("type"), found, f"must be {kind} {words}")
        if schema.has(name) and value not in allowed:
            yield not_supported(schema.path(name), value, allowed)
    if schema.text(_LIST_TYPE) == "map":
        yield from _validate_keys(schema)
    elif schema.items(_KEYS):
        words, field = f"must be map if {_KEYS} is non-empty", schema.path(_LIST_TYPE)
        merged = schema.text(_LIST_TYPE)
        yield invalid(field, merged, words) if merged else required(field, words)
    if schema.text(_LIST_TYPE) == "set" and isinstance(schema.data.get("items"), dict):
        yield from _validate_set(schema.view("items"))


def _validate_set(items: View) -> Errors:
    """Items of a set are compared as a whole."""
    words = f"must be atomic as item of a list with {_LIST_TYPE}=set"
    kind, merged = items.text("type"), items.text(_LIST_TYPE)
    if kind == "array" and merged not in ("", "atomic"):
        yield invalid(items.path(_LIST_TYPE), merged, words)
    if kind == "object" and items.text(_MAP_TYPE) != "atomic":
        yield invalid(items.path(_MAP_TYPE), items.text(_MAP_TYPE), words)


def _validate_keys(schema: View) -> Errors:
    """Items of a map have a scalar under each key, or a default. Source: the same, and
    validateMapListKeysMapSet.
    """
    keys, field = schema.texts(_KEYS), schema.path(_KEYS)
    if not keys:
        yield required(field, f"must not be empty if {_LIST_TYPE} is map")
    if not isinstance(schema.data.get("items"), dict):
        if not schema.has("items"):
            yield required(schema.path("items"), f"must have a schema if {_LIST_TYPE} is map")
        return
    items = schema.view("items")
    if items.flag("nullable"):
        yield forbidden(items.path("nullable"), f"cannot be nullable when {_LIST_TYPE} is map")
    if items.text("type") != "object":
        words = f"must be object if parent array's {_LIST_TYPE} is map"
        yield invalid(items.path("type"), items.text("type"), words)
        return
    if len(set(keys)) < len(keys):
        yield invalid(field, keys, "must not contain duplicate entries")
    fields = items.view("properties")
    if set(keys) - set(fields.data):
        yield invalid(field, keys, "entries must all be names of item properties")
    for key in dict.fromkeys(key for key in keys if key in fields.data):
        below = View(fields.data[key], f"{fields.field}[{key}]")
        yield from _validate_key(below, is_needed=key in items.items("required"))


def _validate_key(key: View, *, is_needed: bool) -> Errors:
    kind, words = key.text("type"), f"this property is in {_KEYS}, so it"
    if kind in ("array", "object"):
        why = f"must be a scalar type if parent array's {_LIST_TYPE} is map"
        yield invalid(key.path("type"), "object", why)
    if not is_needed and not key.has("default"):
        yield required(
            key.path("default"), f"{words} must have a default or be a required property"
        )
    if key.flag("nullable"):
        yield forbidden(key.path("nullable"), f"{words} cannot be nullable")

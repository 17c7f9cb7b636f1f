"""Frozen values as ITF JSON (Apalache ADR-015, as Apalache, Quint, itf-rs and itf-py read it).

Departures forced by readers: `None` is a variant because ITF has no null; a record whose fields a
reader would choke on (a leading underscore, a Python keyword, or exactly `tag` and `value`, which
every reader takes for a variant) is written as a map from field names; an enum member whose name
has the shape of an uninterpreted constant (`a_OF_B`) is written as a variant.
"""

import json
import keyword
import re
from enum import Enum
from typing import Any

from planespec.checker import values
from planespec.checker.ir import types as t
from planespec.checker.lang.order import show, shown_fields
from planespec.reports.changes import keys, sorted_set

Json = Any
UNIT: Json = {"#tup": []}
RESERVED = re.compile(r"^\w+_OF_\w+$")


def encode(type_: t.Type, value: Any) -> Json:
    """The ITF form of a frozen value; sets are sorted so that files can be compared."""
    match type_:
        case t.Bool():
            return bool(value)
        case t.Int():
            return encode_int(value)
        case t.Enum():
            return _encode_name(value.name)
        case t.Sort():
            return values.show(type_, value)
        case t.Option(inner):
            return variant("Some", encode(inner, value)) if value is not None else NONE
        case t.Record():
            return _encode_record(type_, value)
        case t.Union():
            record = variant_of(type_, value)
            return variant(record.name, _encode_record(record, value))
    return _encode_collection(type_, value)


def encode_plain(value: Any) -> Json:
    """The ITF form of an argument, whose declared type is not at hand; unions lose their tag."""
    match value:
        case None:
            return NONE
        case bool():
            return value
        case Enum():
            return _encode_name(value.name)
        case int():
            return encode_int(value) if type(value) is int else show(value)
        case frozenset():
            return {"#set": sorted((encode_plain(v) for v in value), key=json.dumps)}
        case tuple():
            return [encode_plain(v) for v in value]
    return {name: encode_plain(getattr(value, name)) for name in shown_fields(value)}


def encode_int(value: int) -> Json:
    """Integers of any size are decimal strings under `#bigint`."""
    return {"#bigint": str(int(value))}


def variant_of(union: t.Union, value: Any) -> t.Record:
    """The record of a union that a frozen value belongs to."""
    name = type(value).__name__
    return union.variants[union.index(name)]


def is_plain_record(record: t.Record) -> bool:
    """Whether every reader accepts the record as an object."""
    names = [name for name, _ in record.fields]
    awkward = any(n.startswith(("_", "#")) or keyword.iskeyword(n) for n in names)
    return bool(names) and not awkward and set(names) != {"tag", "value"}


def _encode_record(record: t.Record, value: Any) -> Json:
    fields = {name: encode(field, getattr(value, name)) for name, field in record.fields}
    if is_plain_record(record):
        return fields
    return {"#map": [[name, field] for name, field in fields.items()]} if fields else UNIT


def _encode_collection(type_: t.Type, value: Any) -> Json:
    match type_:
        case t.Array(key, element):
            pairs = zip(keys(key), value, strict=True)
            return {"#map": [[encode(key, k), encode(element, v)] for k, v in pairs]}
        case t.Set(element, _):
            return {"#set": [encode(element, v) for v in sorted_set(element, value)]}
        case t.Bag(element, _):
            copies = [(v, value.count(v)) for v in dict.fromkeys(value)]
            return {"#map": [[encode(element, v), encode_int(n)] for v, n in copies]}
        case t.Seq(element, _):
            return [encode(element, v) for v in value]
    raise TypeError(f"{type_} has no ITF form")


def variant(tag: str, value: Json) -> Json:
    """A tagged value of a sum type."""
    return {"tag": tag, "value": value}


def _encode_name(name: str) -> Json:
    return variant(name, UNIT) if RESERVED.match(name) else name


NONE = variant("None", UNIT)

"""Frozen values as ITF JSON and back (Apalache ADR-015, as Apalache, Quint and itf-rs read it)."""

import json
import keyword
import re
from enum import Enum
from typing import Any, NoReturn

from planespec.checker import values
from planespec.checker.ir import types as t
from planespec.checker.lang.data.order import show, shown_fields
from planespec.reports.text.trace_text import keys, sorted_set

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


class MismatchError(ValueError):
    """A JSON value is not of the declared type; the message says what was expected."""


def decode(type_: t.Type, data: Json) -> Any:
    """The frozen value of a type; raises MismatchError."""
    match type_:
        case t.Bool():
            return data if isinstance(data, bool) else _fail(type_, data)
        case t.Int():
            return _within(type_, decode_int(data), data)
        case t.Enum():
            return _named({member.name: member for member in type_.python}, type_, _name(data))
        case t.Sort():
            return _named({values.show(type_, k): k for k in keys(type_)}, type_, data)
        case t.Option(inner):
            return _decode_option(type_, inner, data)
        case t.Record():
            return _decode_record(type_, data)
        case t.Union():
            tag, value = _variant(type_, data)
            records = {record.name: record for record in type_.variants}
            return _decode_record(_named(records, type_, tag), value)
    return _decode_collection(type_, data)


def decode_int(data: Json) -> int:
    """An integer, as `#bigint` or plain."""
    number = data.get("#bigint") if isinstance(data, dict) else data
    if isinstance(number, bool) or not isinstance(number, int | str):
        raise MismatchError(f"expected an integer, found {_shown(data)}")
    try:
        return int(number)
    except ValueError:
        raise MismatchError(f"expected an integer, found {_shown(data)}") from None


def _within(type_: t.Int, number: int, data: Json) -> int:
    low = type_.low is None or type_.low <= number
    high = type_.high is None or number <= type_.high
    return number if low and high else _fail(type_, data)


def _named(table: dict[str, Any], type_: t.Type, name: Json) -> Any:
    if not isinstance(name, str) or name not in table:
        raise MismatchError(f"expected one of {', '.join(table)} ({type_}), found {_shown(name)}")
    return table[name]


def _name(data: Json) -> Json:
    return data.get("tag") if isinstance(data, dict) else data


def _variant(type_: t.Type, data: Json) -> tuple[str, Json]:
    if not isinstance(data, dict) or not isinstance(data.get("tag"), str):
        raise MismatchError(f"expected a variant of {type_}, found {_shown(data)}")
    return data["tag"], data.get("value")


def _decode_option(type_: t.Option, inner: t.Type, data: Json) -> Any:
    tag, value = _variant(type_, data)
    if tag == "None":
        return None
    return decode(inner, value) if tag == "Some" else _fail(type_, data)


def _decode_record(record: t.Record, data: Json) -> Any:
    fields = _fields(record, data)
    missing = [name for name, _ in record.fields if name not in fields]
    if missing or len(fields) != len(record.fields):
        raise MismatchError(f"expected the fields of {record}, found {_shown(data)}")
    return record.python(**{name: decode(field, fields[name]) for name, field in record.fields})


def _fields(record: t.Record, data: Json) -> dict[str, Json]:
    if isinstance(data, dict) and "#map" in data:
        return {str(key): value for key, value in _pairs(record, data)}
    if not record.fields:
        return {}
    return data if isinstance(data, dict) else _fail(record, data)


def _decode_collection(type_: t.Type, data: Json) -> Any:
    match type_:
        case t.Array(key, element):
            found = {decode(key, k): decode(element, v) for k, v in _pairs(type_, data)}
            return _total(type_, found, data)
        case t.Set(element, _):
            members = data.get("#set") if isinstance(data, dict) else None
            return frozenset(_each(type_, element, members))
        case t.Bag(element, _):
            copies = {decode(element, v): decode_int(n) for v, n in _pairs(type_, data)}
            fits = min(copies.values(), default=1) > 0 and sum(copies.values()) <= type_.capacity
            order = sorted_set(element, frozenset(copies)) if fits else _fail(type_, data)
            return tuple(v for v in order for _ in range(copies[v]))
        case t.Seq(element, _):
            return tuple(_each(type_, element, data))
    raise TypeError(f"{type_} has no ITF form")


def _each(type_: t.Type, element: t.Type, data: Json) -> list[Any]:
    if not isinstance(data, list):
        _fail(type_, data)
    return [decode(element, item) for item in data]


def _total(type_: t.Array, found: dict[Any, Any], data: Json) -> tuple[Any, ...]:
    wanted = keys(type_.key)
    return tuple(found[k] for k in wanted) if set(found) == set(wanted) else _fail(type_, data)


def _pairs(type_: t.Type, data: Json) -> list[tuple[Json, Json]]:
    pairs = data.get("#map") if isinstance(data, dict) else None
    if not isinstance(pairs, list) or not all(isinstance(p, list) and len(p) == 2 for p in pairs):
        _fail(type_, data)
    return [(key, value) for key, value in pairs]


def _fail(type_: t.Type, data: Json) -> NoReturn:
    raise MismatchError(f"expected a value of type {type_}, found {_shown(data)}")


def _shown(data: Json) -> str:
    text = repr(data)
    return text if len(text) <= 80 else text[:77] + "..."

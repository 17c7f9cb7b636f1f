"""Requests and answers as the JSON of etcd's gateway (proto3 JSON, names of rpc.proto).

Int64 values are decimal strings, a field with its default value is absent, an enum is its
name. Keys and values are plain text here; base64 belongs to the client. Header fields that
identify a cluster (ids, raft term) are left out.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from planespec.spec.etcd.errors import EtcdError
from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareResult,
    CompareTarget,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Operation,
    Put,
    Range,
    Request,
    SortOrder,
    SortTarget,
    Txn,
)
from planespec.spec.objects import ObjectError, View

EnumT = TypeVar("EnumT", bound=Enum)
Json = Mapping[str, Any]
"""A JSON object."""

_OPERAND = {
    CompareTarget.VERSION: "version",
    CompareTarget.CREATE: "create_revision",
    CompareTarget.MOD: "mod_revision",
    CompareTarget.VALUE: "value",
    CompareTarget.LEASE: "lease",
}


def read_request(operation: str, body: Json) -> Request:
    """Read the body of `POST /v3/<operation>`, e.g. "kv/put".

    Raises ValueError for an operation that is none and for a field of the wrong type.
    """
    if operation not in _READ:
        raise ValueError(f"unknown operation {operation!r}; known: {', '.join(sorted(_READ))}")
    return _READ[operation](View(body, "request"))


def read_put(body: View) -> Put:
    """Read a put."""
    return Put(
        key=body.text("key"),
        value=body.text("value"),
        lease=body.int64("lease"),
        prev_kv=body.flag("prev_kv"),
        ignore_value=body.flag("ignore_value"),
        ignore_lease=body.flag("ignore_lease"),
    )


def read_range(body: View) -> Range:
    """Read a range."""
    return Range(
        key=body.text("key"),
        range_end=body.text("range_end"),
        limit=body.int64("limit"),
        revision=body.int64("revision"),
        sort_order=_member(body, "sort_order", SortOrder.NONE),
        sort_target=_member(body, "sort_target", SortTarget.KEY),
        serializable=body.flag("serializable"),
        keys_only=body.flag("keys_only"),
        count_only=body.flag("count_only"),
        min_mod_revision=body.int64("min_mod_revision"),
        max_mod_revision=body.int64("max_mod_revision"),
        min_create_revision=body.int64("min_create_revision"),
        max_create_revision=body.int64("max_create_revision"),
    )


def read_delete_range(body: View) -> DeleteRange:
    """Read a deletion."""
    return DeleteRange(body.text("key"), body.text("range_end"), body.flag("prev_kv"))


def read_compare(body: View) -> Compare:
    """Read one guard; the operand is the field named after the target."""
    target = _member(body, "target", CompareTarget.VERSION)
    name = _OPERAND[target]
    operand = body.text(name) if target is CompareTarget.VALUE else body.int64(name)
    result = _member(body, "result", CompareResult.EQUAL)
    return Compare(body.text("key"), result, target, operand, body.text("range_end"))


def read_txn(body: View) -> Txn:
    """Read a transaction with its nested ones."""
    return Txn(
        tuple(read_compare(each) for each in body.views("compare")),
        tuple(read_operation(each) for each in body.views("success")),
        tuple(read_operation(each) for each in body.views("failure")),
    )


def read_operation(body: View) -> Operation:
    """Read one operation of a transaction; raises ValueError unless it has exactly one kind."""
    known = [name for name in _READ_OPERATION if name in body.data]
    if len(known) != 1:
        found = sorted(body.data)
        raise ObjectError(
            body.field, f"expected one of {', '.join(_READ_OPERATION)}, found {found}"
        )
    return _READ_OPERATION[known[0]](body.view(known[0]))


def _member(body: View, name: str, default: EnumT) -> EnumT:
    """Read the name of a member of an enum; absent is the default."""
    text = body.text(name) or default.name
    names = type(default).__members__
    if text not in names:
        raise ObjectError(body.path(name), f"is one of {', '.join(names)}, not {text[:40]!r}")
    return names[text]


def write_error(error: EtcdError) -> dict[str, Any]:
    """Return the gateway's body of a refusal."""
    return {"error": error.message, "code": error.code, "message": error.message}


_READ_OPERATION: dict[str, Callable[[View], Operation]] = {
    "request_range": read_range,
    "request_put": read_put,
    "request_delete_range": read_delete_range,
    "request_txn": read_txn,
}

_READ: dict[str, Callable[[View], Request]] = {
    "kv/put": read_put,
    "kv/range": read_range,
    "kv/deleterange": read_delete_range,
    "kv/txn": read_txn,
    "kv/compaction": lambda body: Compact(body.int64("revision"), body.flag("physical")),
    "lease/grant": lambda body: LeaseGrant(body.int64("TTL"), body.int64("ID")),
    "lease/revoke": lambda body: LeaseRevoke(body.int64("ID")),
}

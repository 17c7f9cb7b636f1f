"""Requests and answers as the JSON of etcd's gateway (proto3 JSON, names of rpc.proto).

Int64 values are decimal strings, a field with its default value is absent, an enum is its
name. Keys and values are plain text here; base64 belongs to the client. Header fields that
identify a cluster (ids, raft term) are left out.
"""

from collections.abc import Callable, Mapping
from typing import Any

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
    try:
        return _READ[operation](body)
    except (AttributeError, TypeError) as error:
        raise ValueError(
            f"the request of {operation} has a field of wrong type: {error}"
        ) from None


def read_put(body: Json) -> Put:
    """Read a put."""
    return Put(
        key=body.get("key", ""),
        value=body.get("value", ""),
        lease=_integer(body, "lease"),
        prev_kv=bool(body.get("prev_kv")),
        ignore_value=bool(body.get("ignore_value")),
        ignore_lease=bool(body.get("ignore_lease")),
    )


def read_range(body: Json) -> Range:
    """Read a range."""
    return Range(
        key=body.get("key", ""),
        range_end=body.get("range_end", ""),
        limit=_integer(body, "limit"),
        revision=_integer(body, "revision"),
        sort_order=SortOrder(body.get("sort_order", "NONE")),
        sort_target=SortTarget(body.get("sort_target", "KEY")),
        serializable=bool(body.get("serializable")),
        keys_only=bool(body.get("keys_only")),
        count_only=bool(body.get("count_only")),
        min_mod_revision=_integer(body, "min_mod_revision"),
        max_mod_revision=_integer(body, "max_mod_revision"),
        min_create_revision=_integer(body, "min_create_revision"),
        max_create_revision=_integer(body, "max_create_revision"),
    )


def read_delete_range(body: Json) -> DeleteRange:
    """Read a deletion."""
    return DeleteRange(body.get("key", ""), body.get("range_end", ""), bool(body.get("prev_kv")))


def read_compare(body: Json) -> Compare:
    """Read one guard; the operand is the field named after the target."""
    target = CompareTarget(body.get("target", "VERSION"))
    raw = body.get(_OPERAND[target])
    operand = str(raw or "") if target is CompareTarget.VALUE else int(raw or 0)
    result = CompareResult(body.get("result", "EQUAL"))
    return Compare(body.get("key", ""), result, target, operand, body.get("range_end", ""))


def read_txn(body: Json) -> Txn:
    """Read a transaction with its nested ones."""
    return Txn(
        tuple(read_compare(each) for each in body.get("compare", ())),
        tuple(read_operation(each) for each in body.get("success", ())),
        tuple(read_operation(each) for each in body.get("failure", ())),
    )


def read_operation(body: Json) -> Operation:
    """Read one operation of a transaction; raises ValueError unless it has exactly one kind."""
    known = [name for name in _READ_OPERATION if name in body]
    if len(known) != 1:
        raise ValueError(f"expected one of {', '.join(_READ_OPERATION)}, found {sorted(body)}")
    return _READ_OPERATION[known[0]](body[known[0]])


def write_error(error: EtcdError) -> dict[str, Any]:
    """Return the gateway's body of a refusal."""
    return {"error": error.message, "code": error.code, "message": error.message}


def _integer(body: Json, name: str) -> int:
    return int(body.get(name, 0))


_READ_OPERATION: dict[str, Callable[[Json], Operation]] = {
    "request_range": read_range,
    "request_put": read_put,
    "request_delete_range": read_delete_range,
    "request_txn": read_txn,
}

_READ: dict[str, Callable[[Json], Request]] = {
    "kv/put": read_put,
    "kv/range": read_range,
    "kv/deleterange": read_delete_range,
    "kv/txn": read_txn,
    "kv/compaction": lambda body: Compact(_integer(body, "revision"), bool(body.get("physical"))),
    "lease/grant": lambda body: LeaseGrant(_integer(body, "TTL"), _integer(body, "ID")),
    "lease/revoke": lambda body: LeaseRevoke(_integer(body, "ID")),
}

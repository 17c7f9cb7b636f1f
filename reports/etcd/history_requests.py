"""The input of one recorded operation. Source: tests/robustness/model/types.go.

The form knows transactions of puts, deletions of one key and ranges, guards of equality on
version or modification revision, ranges, leases, compaction and defragmentation. A put or a
deletion on its own is written as the transaction of it.
"""

from collections.abc import Mapping
from typing import Any

from planespec.spec.etcd.history import Defragment, HistoryRequest
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
    Txn,
)
from planespec.spec.etcd.watch_records import ValueOrHash, as_stored_value, as_value_or_hash

Json = Mapping[str, Any]
"""A JSON object."""

LEASE_TTL = 3600
"""Seconds; a recorded grant does not say, and the model has no time."""


def read_input(body: Json) -> HistoryRequest:
    """Read a recorded request; raises ValueError for an unknown type."""
    kind = body.get("Type")
    match kind:
        case "range":
            return read_range(body["Range"])
        case "txn":
            return read_txn(body["Txn"])
        case "leaseGrant":
            return LeaseGrant(LEASE_TTL, int(body["LeaseGrant"]["LeaseID"]))
        case "leaseRevoke":
            return LeaseRevoke(int(body["LeaseRevoke"]["LeaseID"]))
        case "compact":
            return Compact(int(body["Compact"]["Revision"]))
        case "defragment":
            return Defragment()
    raise ValueError(f"unknown type of request {kind!r}")


def read_range(body: Json) -> Range:
    """Read a range with its revision, which is absent inside a transaction."""
    return Range(
        body["Start"],
        body.get("End") or "",
        int(body.get("Limit") or 0),
        int(body.get("Revision") or 0),
        keys_only=bool(body.get("KeysOnly")),
    )


def read_txn(body: Json) -> Txn:
    """Read a transaction."""
    return Txn(
        tuple(_read_condition(each) for each in body.get("Conditions") or ()),
        tuple(_read_operation(each) for each in body.get("OperationsOnSuccess") or ()),
        tuple(_read_operation(each) for each in body.get("OperationsOnFailure") or ()),
    )


def _read_condition(body: Json) -> Compare:
    # The model of upstream looks at the version only where one is given.
    if version := int(body.get("ExpectedVersion") or 0):
        return Compare(body["Key"], CompareResult.EQUAL, CompareTarget.VERSION, version)
    expected = int(body.get("ExpectedRevision") or 0)
    return Compare(body["Key"], CompareResult.EQUAL, CompareTarget.MOD, expected)


def _read_operation(body: Json) -> Operation:
    match body.get("Type"):
        case "range-operation":
            return read_range(body["Range"])
        case "put-operation":
            put = body["Put"]
            value = as_stored_value(read_value(put))
            return Put(put["Key"], value, int(put.get("LeaseID") or 0))
        case "delete-operation":
            return DeleteRange(body["Delete"]["Key"])
    raise ValueError(f"unknown type of operation {body.get('Type')!r}")


def write_input(request: HistoryRequest) -> dict[str, Any]:
    """Return a request as it is recorded; raises ValueError where the form has no place for it."""
    names = ("LeaseGrant", "LeaseRevoke", "Range", "Txn", "Defragment", "Compact")
    body: dict[str, Any] = {"Type": "", **dict.fromkeys(names)}
    match request:
        case Range():
            recorded = _write_range(request) | {"Revision": request.revision}
            return body | {"Type": "range", "Range": recorded}
        case LeaseGrant():
            return body | {"Type": "leaseGrant", "LeaseGrant": {"LeaseID": request.id}}
        case LeaseRevoke():
            return body | {"Type": "leaseRevoke", "LeaseRevoke": {"LeaseID": request.id}}
        case Compact():
            return body | {"Type": "compact", "Compact": {"Revision": request.revision}}
        case Defragment():
            return body | {"Type": "defragment", "Defragment": {}}
        case Txn():
            return body | {"Type": "txn", "Txn": _write_txn(request)}
        case Put() | DeleteRange():
            return body | {"Type": "txn", "Txn": _write_txn(Txn(success=(request,)))}


def _write_txn(request: Txn) -> dict[str, Any]:
    return {
        "Conditions": [_write_condition(each) for each in request.compare],
        "OperationsOnSuccess": [_write_operation(each) for each in request.success],
        "OperationsOnFailure": [_write_operation(each) for each in request.failure],
    }


def _write_condition(guard: Compare) -> dict[str, Any]:
    names = {CompareTarget.MOD: "ExpectedRevision", CompareTarget.VERSION: "ExpectedVersion"}
    if guard.range_end or guard.result is not CompareResult.EQUAL or guard.target not in names:
        raise ValueError(f"a report has no place for the guard {guard!r}")
    if guard.target is CompareTarget.VERSION and not guard.operand:
        raise ValueError("a report has no place for a guard of version 0; use revision 0")
    zero = {"Key": guard.key, "ExpectedRevision": 0, "ExpectedVersion": 0}
    return zero | {names[guard.target]: int(guard.operand)}


def _write_operation(operation: Operation) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Type": "",
        "Range": {"Start": "", "End": "", "Limit": 0},
        "Put": {"Key": "", "Value": {}, "LeaseID": 0},
        "Delete": {"Key": ""},
    }
    match operation:
        case Range(revision=0):
            return body | {"Type": "range-operation", "Range": _write_range(operation)}
        case Put(prev_kv=False, ignore_value=False, ignore_lease=False):
            value = write_value(as_value_or_hash(operation.value))
            put = {"Key": operation.key, "Value": value, "LeaseID": operation.lease}
            return body | {"Type": "put-operation", "Put": put}
        case DeleteRange(range_end="", prev_kv=False):
            return body | {"Type": "delete-operation", "Delete": {"Key": operation.key}}
    raise ValueError(f"a report has no place for {operation!r}")


def _write_range(request: Range) -> dict[str, Any]:
    plain = Range(
        request.key,
        request.range_end,
        request.limit,
        request.revision,
        serializable=request.serializable,
        keys_only=request.keys_only,
    )
    if request != plain:
        raise ValueError(f"a report has no place for the options of {request!r}")
    body = {"Start": request.key, "End": request.range_end, "Limit": request.limit}
    return body | ({"KeysOnly": True} if request.keys_only else {})


def read_value(body: Json) -> ValueOrHash:
    """Read the `Value` of a put, key or event: text, or the hash of a long one."""
    value = body.get("Value") or {}
    return int(value["Hash"]) if value.get("Hash") else str(value.get("Value") or "")


def write_value(value: ValueOrHash) -> dict[str, Any]:
    """Return a `Value`; empty text is an object without fields."""
    if isinstance(value, int):
        return {"Hash": value}
    return {"Value": value} if value else {}

"""The input of one recorded operation. Source: tests/robustness/model/types.go.

The form knows transactions of puts, deletions of one key and ranges, guards of equality on
version or modification revision, ranges, leases, compaction and defragmentation. A put or a
deletion on its own is written as the transaction of it.
"""

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
from planespec.spec.etcd.watch import ValueOrHash, as_stored_value, as_value_or_hash
from planespec.spec.objects import ObjectError, View

LEASE_TTL = 3600
"""Seconds; a recorded grant does not say, and the model has no time."""


def read_input(body: View) -> HistoryRequest:
    """Read a recorded request; raises ObjectError for an unknown type and for a wrong field."""
    kind = body.text("Type")
    match kind:
        case "range":
            return read_range(body.needing("Range").view("Range"))
        case "txn":
            return read_txn(body.needing("Txn").view("Txn"))
        case "leaseGrant":
            return LeaseGrant(LEASE_TTL, _number_in(body, "LeaseGrant", "LeaseID"))
        case "leaseRevoke":
            return LeaseRevoke(_number_in(body, "LeaseRevoke", "LeaseID"))
        case "compact":
            return Compact(_number_in(body, "Compact", "Revision"))
        case "defragment":
            return Defragment()
    raise ObjectError(body.path("Type"), f"{kind[:40]!r} is no type of a request")


def _number_in(body: View, name: str, field: str) -> int:
    return body.needing(name).view(name).needing(field).int64(field)


def read_range(body: View) -> Range:
    """Read a range with its revision, which is absent inside a transaction."""
    return Range(
        body.needing("Start").text("Start"),
        body.text("End"),
        body.int64("Limit"),
        body.int64("Revision"),
        keys_only=body.flag("KeysOnly"),
    )


def read_txn(body: View) -> Txn:
    """Read a transaction."""
    return Txn(
        tuple(_read_condition(each) for each in body.views("Conditions")),
        tuple(_read_operation(each) for each in body.views("OperationsOnSuccess")),
        tuple(_read_operation(each) for each in body.views("OperationsOnFailure")),
    )


def _read_condition(body: View) -> Compare:
    key = body.needing("Key").text("Key")
    # The model of upstream looks at the version only where one is given.
    if version := body.int64("ExpectedVersion"):
        return Compare(key, CompareResult.EQUAL, CompareTarget.VERSION, version)
    expected = body.int64("ExpectedRevision")
    return Compare(key, CompareResult.EQUAL, CompareTarget.MOD, expected)


def _read_operation(body: View) -> Operation:
    kind = body.text("Type")
    match kind:
        case "range-operation":
            return read_range(body.needing("Range").view("Range"))
        case "put-operation":
            put = body.needing("Put").view("Put").needing("Key")
            return Put(put.text("Key"), as_stored_value(read_value(put)), put.int64("LeaseID"))
        case "delete-operation":
            delete = body.needing("Delete").view("Delete")
            return DeleteRange(delete.needing("Key").text("Key"))
    raise ObjectError(body.path("Type"), f"{kind[:40]!r} is no type of an operation")


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


def read_value(body: View) -> ValueOrHash:
    """Read the `Value` of a put, key or event: text, or the hash of a long one."""
    value = body.view("Value")
    return value.int64("Hash") or value.text("Value")


def write_value(value: ValueOrHash) -> dict[str, Any]:
    """Return a `Value`; empty text is an object without fields."""
    if isinstance(value, int):
        return {"Hash": value}
    return {"Value": value} if value else {}

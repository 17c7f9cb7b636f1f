"""A request as operation and body of the gateway; the inverse of `spec.etcd.wire`."""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareTarget,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Operation,
    Put,
    Range,
    Request,
    Txn,
)

_OPERATION = {
    Put: "kv/put",
    Range: "kv/range",
    DeleteRange: "kv/deleterange",
    Txn: "kv/txn",
    Compact: "kv/compaction",
    LeaseGrant: "lease/grant",
    LeaseRevoke: "lease/revoke",
}

_INNER = {
    Put: "request_put",
    Range: "request_range",
    DeleteRange: "request_delete_range",
    Txn: "request_txn",
}

_OPERAND = {
    CompareTarget.VERSION: "version",
    CompareTarget.CREATE: "create_revision",
    CompareTarget.MOD: "mod_revision",
    CompareTarget.VALUE: "value",
    CompareTarget.LEASE: "lease",
}

_RENAMED = {LeaseGrant: {"ttl": "TTL", "id": "ID"}, LeaseRevoke: {"id": "ID"}}


def write_request(request: Request) -> tuple[str, dict[str, Any]]:
    """Return the operation, such as "kv/put", and the body without fields at their default."""
    return _OPERATION[type(request)], write_body(request)


def write_body(request: Request) -> dict[str, Any]:
    """Return the body of a request."""
    if isinstance(request, Txn):
        return {
            "compare": [_write_compare(guard) for guard in request.compare],
            "success": [_write_operation(each) for each in request.success],
            "failure": [_write_operation(each) for each in request.failure],
        }
    names: Mapping[str, str] = _RENAMED.get(type(request), {})
    body = {}
    for each in fields(request):
        value = getattr(request, each.name)
        if value != each.default:
            body[names.get(each.name, each.name)] = _write_scalar(value)
    return body


def _write_operation(operation: Operation) -> dict[str, Any]:
    return {_INNER[type(operation)]: write_body(operation)}


def _write_compare(guard: Compare) -> dict[str, Any]:
    body = {"key": guard.key, "result": guard.result.value, "target": guard.target.value}
    operand = guard.operand
    text = str(operand or "") if guard.target is CompareTarget.VALUE else str(operand)
    body[_OPERAND[guard.target]] = text
    return body | ({"range_end": guard.range_end} if guard.range_end else {})


def _write_scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

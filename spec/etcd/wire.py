"""Requests and answers as the JSON of etcd's gateway (proto3 JSON, names of rpc.proto).

Int64 values are decimal strings, a field with its default value is absent, an enum is its
name. Keys and values are plain text here; base64 belongs to the client. Header fields that
identify a cluster (ids, raft term) are left out.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from planespec.spec.etcd.refusals import EtcdError
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
from planespec.spec.etcd.responses import (
    Answer,
    DeleteRangeResponse,
    LeaseGrantResponse,
    OperationResponse,
    PutResponse,
    RangeResponse,
    Response,
    TxnResponse,
)
from planespec.spec.etcd.store import KeyValue
from planespec.spec.etcd.watch import Event, WatchResponse
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


Out = dict[str, Any]
"""A JSON object to be written."""


def write_answer(answer: Answer) -> tuple[int, Out]:
    """Return HTTP status and body of an answer."""
    if isinstance(answer, EtcdError):
        return answer.http_status, write_error(answer)
    return 200, write_response(answer)


def write_response(response: Response) -> Out:
    """Return the body of an answer that is not a refusal."""
    header = write_fields(revision=response.revision)
    return {"header": header, **_write_body(response)}


def _write_body(response: Response) -> Out:
    match response:
        case PutResponse():
            return write_fields(prev_kv=_write_optional(response.prev_kv))
        case RangeResponse():
            kvs = [write_key_value(kv) for kv in response.kvs]
            return write_fields(kvs=kvs, count=response.count, more=response.more)
        case DeleteRangeResponse():
            previous = [write_key_value(kv) for kv in response.prev_kvs]
            return write_fields(deleted=response.deleted, prev_kvs=previous)
        case TxnResponse():
            answers = [_write_operation(each) for each in response.responses]
            return write_fields(succeeded=response.succeeded, responses=answers)
        case LeaseGrantResponse():
            return write_fields(ID=response.id, TTL=response.ttl)
        case _:
            return {}


_OPERATION_NAME = {
    PutResponse: "response_put",
    RangeResponse: "response_range",
    DeleteRangeResponse: "response_delete_range",
    TxnResponse: "response_txn",
}


def _write_operation(response: OperationResponse) -> Out:
    return {_OPERATION_NAME[type(response)]: write_response(response)}


def write_key_value(kv: KeyValue) -> Out:
    """Return one version of a key."""
    return write_fields(
        key=kv.key,
        create_revision=kv.create_revision,
        mod_revision=kv.mod_revision,
        version=kv.version,
        value=kv.value,
        lease=kv.lease,
    )


def _write_optional(kv: KeyValue | None) -> Out | None:
    return None if kv is None else write_key_value(kv)


def write_watch_response(response: WatchResponse) -> Out:
    """Return one message of a watch stream, as the value of its "result"."""
    return {
        "header": write_fields(revision=response.revision),
        **write_fields(
            created=response.created,
            canceled=response.canceled,
            compact_revision=response.compact_revision,
            events=[write_event(event) for event in response.events],
        ),
    }


def write_event(event: Event) -> Out:
    """Return one event; PUT is the default type and therefore absent."""
    kind = "DELETE" if event.is_delete else ""
    body = write_fields(type=kind, prev_kv=_write_optional(event.prev_kv))
    return {**body, "kv": write_key_value(event.kv)}


def write_fields(**fields: Any) -> Out:
    """Drop the fields that hold their default and write integers as decimal strings."""
    return {name: _write_scalar(value) for name, value in fields.items() if value}


def _write_scalar(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

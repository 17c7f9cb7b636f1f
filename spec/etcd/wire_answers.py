"""Answers as the JSON of etcd's gateway; the other half of `wire`."""

from typing import Any

from planespec.spec.etcd.errors import EtcdError
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
from planespec.spec.etcd.wire import write_error

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

"""One operation or watch of a robustness report as the JSON its Go types give."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from planespec.checker.linearizability import Operation
from planespec.reports.judge.history.history_requests import (
    read_input,
    read_value,
    write_input,
    write_value,
)
from planespec.spec.etcd.history import (
    Defragment,
    HistoryRequest,
    Observation,
    SeenKeyValue,
    SeenResult,
)
from planespec.spec.etcd.requests import Compact, LeaseGrant, LeaseRevoke, Range
from planespec.spec.etcd.watch import PreviousValue, SeenEvent, SeenResponse, SeenWatch
from planespec.spec.objects import ObjectError, View

NEVER = 2**63 - 1
"""The time of a return that was not seen."""

_ANSWER_NAME = {
    LeaseGrant: "LeaseGrant",
    LeaseRevoke: "LeaseRevoke",
    Compact: "Compact",
    Defragment: "Defragment",
}


def read_operation(body: View) -> Operation[HistoryRequest, Observation]:
    """Read one object of an `operations.json`; raises ValueError, which names the field."""
    body.needing("ClientId", "Input", "Call", "Output")
    output = body.view("Output")
    unknown = bool(output.text("Error")) and not output.flag("Persisted")
    request = read_input(body.view("Input"))
    if isinstance(request, Range) and not (unknown or output.flag("Persisted")):
        output.needing("Range" if not output.text("ClientError") else "ClientError")
    return Operation(
        client=body.int64("ClientId"),
        input=request,
        output=None if unknown else read_output(output),
        called=body.int64("Call"),
        returned=None if unknown else body.needing("Return").int64("Return"),
    )


def read_output(body: View) -> Observation:
    """Read what was recorded of an answer."""
    if body.flag("Persisted"):
        return Observation(body.int64("PersistedRevision"), persisted=True)
    revision, error = body.int64("Revision"), body.text("ClientError")
    if body.has("Txn"):
        txn = body.view("Txn")
        results = tuple(_read_result(each) for each in txn.views("Results"))
        return Observation(revision, txn.flag("Failure"), results, error)
    if body.has("Range"):
        return Observation(revision, False, (_read_result(body.view("Range")),), error)
    return Observation(revision, client_error=error)


def _read_result(body: View) -> SeenResult:
    kvs = tuple(
        SeenKeyValue(
            each.needing("Key").text("Key"),
            read_value(each),
            each.int64("ModRevision"),
            each.int64("Version"),
        )
        for each in body.views("KVs")
    )
    return SeenResult(kvs, body.int64("Count"), body.int64("Deleted"))


def write_operation(operation: Operation[HistoryRequest, Observation]) -> dict[str, Any]:
    """Return one object of an `operations.json`."""
    return {
        "ClientId": operation.client,
        "Input": write_input(operation.input),
        "Call": operation.called,
        "Output": write_output(operation.input, operation.output),
        "Return": NEVER if operation.returned is None else operation.returned,
    }


def write_output(request: HistoryRequest, seen: Observation | None) -> dict[str, Any]:
    """Return the recorded answer; None is an answer that never came."""
    names = ("Txn", "Range", "LeaseGrant", "LeaseRevoke", "Defragment", "Compact")
    body: dict[str, Any] = dict.fromkeys(names)
    body |= {"ClientError": "", "Revision": 0, "Persisted": False, "PersistedRevision": 0}
    if seen is None:
        return body | {"Error": "no answer"}
    if seen.persisted:
        return body | {"Persisted": True, "PersistedRevision": seen.revision, "Error": ""}
    body |= {"ClientError": seen.client_error, "Revision": seen.revision, "Error": ""}
    if not seen.client_error:
        body |= _write_answer(request, seen)
    return body


def _write_answer(request: HistoryRequest, seen: Observation) -> dict[str, Any]:
    if isinstance(request, Range):
        return {"Range": _write_range(seen.results[0])}
    if name := _ANSWER_NAME.get(type(request)):
        return {name: {}}
    results = [_write_range(each) | {"Deleted": each.deleted} for each in seen.results]
    return {"Txn": {"Failure": seen.failure, "Results": results}}


def _write_range(result: SeenResult) -> dict[str, Any]:
    kvs = [_in_go(kv, value=write_value(kv.value)) for kv in result.kvs]
    return {"KVs": kvs, "Count": result.count}


def _in_go(record: Any, **written: object) -> dict[str, Any]:
    """The fields of a dataclass under the names of Go, with those that are `written` already."""
    names = {part.name: part.name.title().replace("_", "") for part in fields(record)}
    found = {name: written.get(part, getattr(record, part)) for part, name in names.items()}
    return {_ODD.get(name, name): value for name, value in found.items()}


_ODD = {"WithPrevKv": "WithPrevKV"}


def read_watch(body: View) -> SeenWatch:
    """Read one object of a `watch.json`; raises ValueError, which names the field."""
    request = body.needing("Request").view("Request")
    return SeenWatch(
        key=request.needing("Key").text("Key"),
        revision=request.int64("Revision"),
        with_prefix=request.flag("WithPrefix"),
        with_progress_notify=request.flag("WithProgressNotify"),
        with_prev_kv=request.flag("WithPrevKV"),
        responses=tuple(_read_response(each) for each in body.views("Responses")),
    )


def _read_response(body: View) -> SeenResponse:
    return SeenResponse(
        tuple(_read_event(each) for each in body.views("Events")),
        body.flag("IsProgressNotify"),
        body.int64("Revision"),
        body.int64("Time"),
        body.text("Error"),
    )


def _read_event(body: View) -> SeenEvent:
    kinds = {"put-operation": False, "delete-operation": True}
    kind = body.text("Type")
    if kind not in kinds:
        raise ObjectError(
            body.path("Type"), f"an event is one of {sorted(kinds)}, not {kind[:40]!r}"
        )
    body.needing("Key", "Revision")
    return SeenEvent(
        body.text("Key"),
        read_value(body),
        body.int64("Revision"),
        kinds[kind],
        body.flag("IsCreate"),
        _read_previous(body.view("PrevValue")) if body.has("PrevValue") else None,
    )


def _read_previous(body: View) -> PreviousValue:
    return PreviousValue(read_value(body), body.int64("ModRevision"), body.int64("Version"))


def write_watch(watch: SeenWatch) -> dict[str, Any]:
    """Return one object of a `watch.json`."""
    request = _in_go(watch)
    del request["Responses"]
    responses = [_in_go(one, events=_write_events(one.events)) for one in watch.responses]
    return {"Request": request, "Responses": responses}


def _write_events(events: Iterable[SeenEvent]) -> list[dict[str, Any]]:
    return [
        {
            "Type": "delete-operation" if event.is_delete else "put-operation",
            "Key": event.key,
            "Value": write_value(event.value),
            "Revision": event.revision,
            "IsCreate": event.is_create,
            "PrevValue": event.prev_value and _write_previous(event.prev_value),
        }
        for event in events
    ]


def _write_previous(previous: PreviousValue) -> dict[str, Any]:
    return _in_go(previous, value=write_value(previous.value))

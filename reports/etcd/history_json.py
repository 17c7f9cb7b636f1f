"""One operation or watch of a robustness report as the JSON its Go types give."""

from collections.abc import Iterable
from typing import Any

from planespec.checker.linearizability import Operation
from planespec.reports.etcd.history_requests import (
    Json,
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
from planespec.spec.etcd.watch_records import PreviousValue, SeenEvent, SeenResponse, SeenWatch

NEVER = 2**63 - 1
"""The time of a return that was not seen."""

_ANSWER_NAME = {
    LeaseGrant: "LeaseGrant",
    LeaseRevoke: "LeaseRevoke",
    Compact: "Compact",
    Defragment: "Defragment",
}


def read_operation(body: Json) -> Operation[HistoryRequest, Observation]:
    """Read one object of an `operations.json`."""
    output = body["Output"]
    unknown = bool(output.get("Error")) and not output.get("Persisted")
    return Operation(
        client=int(body["ClientId"]),
        input=read_input(body["Input"]),
        output=None if unknown else read_output(output),
        called=int(body["Call"]),
        returned=None if unknown else int(body["Return"]),
    )


def read_output(body: Json) -> Observation:
    """Read what was recorded of an answer."""
    if body.get("Persisted"):
        return Observation(int(body.get("PersistedRevision") or 0), persisted=True)
    revision, error = int(body.get("Revision") or 0), body.get("ClientError") or ""
    if body.get("Txn") is not None:
        results = tuple(_read_result(each) for each in body["Txn"].get("Results") or ())
        return Observation(revision, bool(body["Txn"].get("Failure")), results, error)
    if body.get("Range") is not None:
        return Observation(revision, False, (_read_result(body["Range"]),), error)
    return Observation(revision, client_error=error)


def _read_result(body: Json) -> SeenResult:
    kvs = tuple(
        SeenKeyValue(
            each["Key"],
            read_value(each),
            int(each.get("ModRevision") or 0),
            int(each.get("Version") or 0),
        )
        for each in body.get("KVs") or ()
    )
    return SeenResult(kvs, int(body.get("Count") or 0), int(body.get("Deleted") or 0))


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
    kvs = [
        {
            "Key": kv.key,
            "Value": write_value(kv.value),
            "ModRevision": kv.mod_revision,
            "Version": kv.version,
        }
        for kv in result.kvs
    ]
    return {"KVs": kvs, "Count": result.count}


def read_watch(body: Json) -> SeenWatch:
    """Read one object of a `watch.json`."""
    request = body["Request"]
    return SeenWatch(
        key=request["Key"],
        revision=int(request.get("Revision") or 0),
        with_prefix=bool(request.get("WithPrefix")),
        with_progress_notify=bool(request.get("WithProgressNotify")),
        with_prev_kv=bool(request.get("WithPrevKV")),
        responses=tuple(_read_response(each) for each in body.get("Responses") or ()),
    )


def _read_response(body: Json) -> SeenResponse:
    return SeenResponse(
        tuple(_read_event(each) for each in body.get("Events") or ()),
        bool(body.get("IsProgressNotify")),
        int(body.get("Revision") or 0),
        int(body.get("Time") or 0),
        str(body.get("Error") or ""),
    )


def _read_event(body: Json) -> SeenEvent:
    kinds = {"put-operation": False, "delete-operation": True}
    if body.get("Type") not in kinds:
        raise ValueError(f"an event is one of {sorted(kinds)}, not {body.get('Type')!r}")
    return SeenEvent(
        body["Key"],
        read_value(body),
        int(body["Revision"]),
        kinds[body["Type"]],
        bool(body.get("IsCreate")),
        _read_previous(body.get("PrevValue")),
    )


def _read_previous(body: Json | None) -> PreviousValue | None:
    if body is None:
        return None
    version = int(body.get("Version") or 0)
    return PreviousValue(read_value(body), int(body.get("ModRevision") or 0), version)


def write_watch(watch: SeenWatch) -> dict[str, Any]:
    """Return one object of a `watch.json`."""
    return {
        "Request": {
            "Key": watch.key,
            "Revision": watch.revision,
            "WithPrefix": watch.with_prefix,
            "WithProgressNotify": watch.with_progress_notify,
            "WithPrevKV": watch.with_prev_kv,
        },
        "Responses": [
            {
                "Events": _write_events(response.events),
                "IsProgressNotify": response.is_progress_notify,
                "Revision": response.revision,
                "Time": response.time,
                "Error": response.error,
            }
            for response in watch.responses
        ],
    }


def _write_events(events: Iterable[SeenEvent]) -> list[dict[str, Any]]:
    return [
        {
            "Type": "delete-operation" if event.is_delete else "put-operation",
            "Key": event.key,
            "Value": write_value(event.value),
            "Revision": event.revision,
            "IsCreate": event.is_create,
            "PrevValue": _write_previous(event.prev_value),
        }
        for event in events
    ]


def _write_previous(previous: PreviousValue | None) -> dict[str, Any] | None:
    if previous is None:
        return None
    return {
        "Value": write_value(previous.value),
        "ModRevision": previous.mod_revision,
        "Version": previous.version,
    }

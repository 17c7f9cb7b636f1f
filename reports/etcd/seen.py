"""What a watch stream delivered, as the record the guarantees are judged on."""

import time
from dataclasses import replace
from typing import Any

from planespec.reports.etcd.watching import Message
from planespec.spec.etcd.watch_records import (
    PreviousValue,
    SeenEvent,
    SeenResponse,
    SeenWatch,
    as_value_or_hash,
)


def read_messages(request: SeenWatch, messages: list[Message]) -> SeenWatch:
    """Return the watch with the responses that messages of the gateway make.

    The message that says the watch was created is none; one without events is a progress
    notification; a cancellation is recorded as an error.
    """
    responses = tuple(_read(message) for message in messages if not message.get("created"))
    return replace(request, responses=responses)


def _read(message: Message) -> SeenResponse:
    revision = int(message.get("header", {}).get("revision", 0))
    if message.get("canceled") or "error" in message:
        return SeenResponse(error=_get_reason(message), revision=revision)
    events = tuple(_read_event(event) for event in message.get("events", ()))
    return SeenResponse(events, not events, revision, time.time_ns())


def _get_reason(message: Message) -> str:
    if compacted := message.get("compact_revision"):
        return f"cancelled: compacted at {compacted}"
    return f"cancelled: {message.get('cancel_reason') or message.get('error') or 'no reason'}"


def _read_event(event: dict[str, Any]) -> SeenEvent:
    kv = event["kv"]
    revision = int(kv["mod_revision"])
    is_delete = event.get("type") == "DELETE"
    return SeenEvent(
        kv["key"],
        as_value_or_hash(kv.get("value", "")),
        revision,
        is_delete,
        not is_delete and int(kv["create_revision"]) == revision,
        _read_previous(event.get("prev_kv")),
    )


def _read_previous(kv: dict[str, Any] | None) -> PreviousValue | None:
    if kv is None:
        return None
    value = as_value_or_hash(kv.get("value", ""))
    return PreviousValue(value, int(kv["mod_revision"]), int(kv["version"]))

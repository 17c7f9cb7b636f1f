"""What is seen of a member: its watches, message by message, and its answers as records."""

import contextlib
import http.client
import json
import queue
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from planespec.reports.live.etcd.client import Gateway, NotSentError, decode, encode, read_answer
from planespec.spec.etcd.history import Observation, SeenKeyValue, SeenResult, observe
from planespec.spec.etcd.refusals import EtcdError
from planespec.spec.etcd.requests import Range, Txn
from planespec.spec.etcd.watch import (
    PreviousValue,
    SeenEvent,
    SeenResponse,
    SeenWatch,
    as_value_or_hash,
)

LOOK_SECONDS = 0.05
"""How often a reader of a silent watch looks whether it has ended."""

Message = dict[str, Any]
"""The `result` of one message, keys and values as text."""


class WatchStream:
    """A watch that a thread reads until it ends or is closed."""

    def __init__(
        self, gateway: Gateway, create: dict[str, Any], *, progress: bool = False
    ) -> None:
        """Open a watch with the fields of WatchCreateRequest.

        With `progress`, ask for a progress notification in the same breath. Raises NotSentError
        where the member does not listen.
        """
        requests: list[dict[str, Any]] = [{"create_request": create}]
        if progress:
            requests.append({"progress_request": {}})
        body = "\n".join(json.dumps(encode(each)) for each in requests)
        self._connection = http.client.HTTPConnection(gateway.host, gateway.port, timeout=None)
        self._messages: queue.Queue[Message] = queue.Queue()
        try:
            self._connection.request("POST", "/v3/watch", body)
        except OSError as error:
            self._connection.close()
            raise NotSentError(f"{gateway.host}:{gateway.port}: {error}") from error
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def collect(
        self, seconds: float, until: Callable[[list[Message]], bool] = lambda _: False
    ) -> list[Message]:
        """Return the messages that come within `seconds`, or before `until` holds of them."""
        deadline, seen = time.monotonic() + seconds, list[Message]()
        while not until(seen) and (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                seen.append(self._messages.get(timeout=min(left, LOOK_SECONDS)))
        return seen

    def has_ended(self) -> bool:
        """Say whether the member ended the watch and everything it sent was collected."""
        return not self._thread.is_alive() and self._messages.empty()

    def close(self) -> None:
        """End the watch and its thread."""
        if self._connection.sock is not None:
            with contextlib.suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)
        self._connection.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
            response = self._connection.getresponse()
            while line := response.readline():
                message = read_answer(line)
                self._messages.put(decode(message.get("result", message)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


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


def read_observation(
    request: Txn | Range, status: int, answer: dict[str, Any]
) -> Observation | None:
    """Return what an answer says; None where it leaves the outcome open.

    A refusal that the store itself would give is known; any other, such as a time-out or the
    loss of the leader, may follow a write that took effect.
    """
    if status != HTTPStatus.OK:
        if answer.get("error") == EtcdError.COMPACTED.message:
            return observe(request, EtcdError.COMPACTED)
        return None
    revision = int(answer["header"]["revision"])
    if isinstance(request, Range):
        return Observation(revision, results=(_read_range(answer),))
    results = tuple(_read_result(each) for each in answer.get("responses", ()))
    return Observation(revision, not answer.get("succeeded", False), results)


def _read_result(answer: dict[str, Any]) -> SeenResult:
    if "response_range" in answer:
        return _read_range(answer["response_range"])
    deleted = answer.get("response_delete_range", {}).get("deleted", 0)
    return SeenResult(deleted=int(deleted))


def _read_range(answer: dict[str, Any]) -> SeenResult:
    kvs = tuple(
        SeenKeyValue(
            kv["key"],
            as_value_or_hash(kv.get("value", "")),
            int(kv["mod_revision"]),
            int(kv["version"]),
        )
        for kv in answer.get("kvs", ())
    )
    return SeenResult(kvs, int(answer.get("count", 0)))

"""A client of etcd's JSON gateway on a loopback address, over `http.client`.

Bodies are those of `spec.etcd.wire`: text keys and values go out and come back as base64. A
connection serves one client; a client has one request under way.
"""

import base64
import contextlib
import http.client
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from planespec.checker.errors import ConfigurationError
from planespec.reports.input.json_text import parse_json
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

EXAMPLE = "http://127.0.0.1:2379"
TIMEOUT = 5.0
"""Seconds a request may take."""

_ENCODED = ("key", "range_end", "value")


class NoAnswerError(Exception):
    """A request was perhaps received, and its answer did not come: the outcome is unknown."""


class NotSentError(Exception):
    """No connection was made: the request had no effect."""


def parse_endpoint(url: str) -> tuple[str, int]:
    """Return host and port of a URL such as http://127.0.0.1:2379.

    Raises ConfigurationError unless it is plain HTTP on a loopback address: the hunt writes,
    compacts and changes the membership, which is for a store of its own.
    """
    try:
        parts = urlsplit(url if "//" in url else f"//{url}", scheme="http")
        host, port = parts.hostname or "", parts.port or 2379
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise ConfigurationError(f"{url!r} is no address such as {EXAMPLE}") from error
    if parts.scheme != "http" or not address.is_loopback:
        raise ConfigurationError(f"{url!r} is not plain HTTP on a loopback address")
    return str(address), port


def read_answer(body: bytes) -> dict[str, Any]:
    """The object in the body of an answer; raises ValueError where there is none."""
    answer = parse_json(body.decode("utf-8"))
    if not isinstance(answer, dict):
        raise ValueError("the answer is no JSON object")
    return answer


class Gateway:
    """The gateway of one member."""

    def __init__(self, host: str, port: int, timeout: float = TIMEOUT) -> None:
        self.host, self.port, self.timeout = host, port, timeout
        self._connection: http.client.HTTPConnection | None = None

    def call(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Post `body` to /v3/<operation>; return HTTP status and answer.

        Raises NotSentError where the member does not listen, NoAnswerError where the answer
        is lost.
        """
        connection = self._connect()
        try:
            connection.request("POST", f"/v3/{operation}", json.dumps(encode(body)))
            response = connection.getresponse()
            return response.status, decode(read_answer(response.read()))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise NoAnswerError(f"{operation}: {error or type(error).__name__}") from error

    def require(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post and return the answer of a request that must not be refused.

        Raises NoAnswerError for a refusal too, with its message.
        """
        status, answer = self.call(operation, body)
        if status != http.HTTPStatus.OK:
            raise NoAnswerError(f"{operation}: {answer.get('error', status)}")
        return answer

    def is_healthy(self) -> bool:
        """Say whether the member has a leader and serves linearizable reads."""
        try:
            connection = self._connect()
            connection.request("GET", "/health")
            answer = read_answer(connection.getresponse().read())
        except (NotSentError, OSError, http.client.HTTPException, ValueError):
            self.close()
            return False
        return bool(answer.get("health") in ("true", True))

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> http.client.HTTPConnection:
        if self._connection is None:
            fresh = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
            try:
                fresh.connect()
            except OSError as error:
                fresh.close()
                raise NotSentError(f"{self.host}:{self.port}: {error}") from error
            self._connection = fresh
        return self._connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self.close()


def encode(value: Any) -> Any:
    """Turn the texts of keys and values into base64, at any depth."""
    if isinstance(value, dict):
        return {
            name: base64.b64encode(inner.encode()).decode()
            if name in _ENCODED and isinstance(inner, str)
            else encode(inner)
            for name, inner in value.items()
        }
    return [encode(each) for each in value] if isinstance(value, list) else value


def decode(value: Any) -> Any:
    """Turn base64 back into text, and drop header fields that only identify the cluster."""
    if isinstance(value, dict):
        return {
            name: base64.b64decode(inner).decode()
            if name in _ENCODED and isinstance(inner, str)
            else _decode_header(inner)
            if name == "header" and isinstance(inner, dict)
            else decode(inner)
            for name, inner in value.items()
        }
    return [decode(each) for each in value] if isinstance(value, list) else value


def _decode_header(header: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in header.items() if name == "revision"}


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

"""A watch of the JSON gateway: one request body, then messages until it is closed.

The gateway is half duplex over HTTP/1.1: everything a client has to say on the stream, such as a
request for progress, must stand in the body that opens it.
"""

import contextlib
import http.client
import json
import queue
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from planespec.reports.etcd.client import Gateway, NotSentError, decode, encode, read_answer

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

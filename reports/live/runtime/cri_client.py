"""A container runtime as a process, and its runtime service over a Unix socket.

Needs the package grpcio, which `pip install planespec[runtime]` brings.
"""

import importlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planespec.checker.errors import ConfigurationError
from planespec.reports.live.runtime.cri_wire import SHAPES, Message, decode, encode
from planespec.spec.runtime.cri_store import Code, CriError

SERVICE = "/runtime.v1.RuntimeService/"
CALL_SECONDS = 60.0
START_SECONDS = 60.0
_PAUSE = 0.05


def _grpc() -> Any:
    try:
        return importlib.import_module("grpc")
    except ImportError as error:
        raise ConfigurationError(
            "the package grpcio is not installed: pip install planespec[runtime]"
        ) from error


class CriClient:
    """Calls of one runtime; `close` ends it."""

    def __init__(self, socket: Path) -> None:
        """Do not connect yet. Raises ConfigurationError without grpcio."""
        self._grpc = _grpc()
        self._channel = self._grpc.insecure_channel(f"unix://{socket.absolute()}")

    def close(self) -> None:
        """End the connection."""
        self._channel.close()

    def call(self, method: str, **request: object) -> dict[str, object]:
        """Make a call of the runtime service and return its response.

        Raises CriError where it is refused, ConnectionError where nobody answers.
        """
        asked, answered = SHAPES[method]
        stub = self._channel.unary_unary(
            SERVICE + method,
            request_serializer=lambda message: encode(asked, message),
            response_deserializer=lambda data: decode(answered, data),
        )
        try:
            response: dict[str, object] = stub(request, timeout=CALL_SECONDS)
        except self._grpc.RpcError as error:
            code, details = error.code().name, error.details() or ""
            if code in Code.__members__:
                raise CriError(Code[code], details) from None
            raise ConnectionError(f"{method}: {code}: {details}") from None
        return response

    def list(self, method: str, name: str) -> list[Message]:
        """Return what a call lists under a name."""
        found = self.call(method)[name]
        return found if isinstance(found, list) else []


@dataclass(slots=True)
class RuntimeProcess:
    """A runtime that is started, killed and started again."""

    command: Sequence[str]
    socket: Path
    log: Path
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        """Start it, and wait until it answers. Raises ConfigurationError where it does not."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(self.command), stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise ConfigurationError(f"{self.command[0]} does not answer; see {self.log}")
            time.sleep(_PAUSE)

    def _answers(self) -> bool:
        client = CriClient(self.socket)
        try:
            client.call("Version", version="v1")
        except (ConnectionError, CriError):
            return False
        finally:
            client.close()
        return True

    def kill(self) -> None:
        """Kill the process alone: what it started goes on."""
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

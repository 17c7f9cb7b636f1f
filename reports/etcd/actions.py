"""What a suite does to a member, and the adapter that does it.

Keys, revisions and lease ids of a request are relative to where the sequence began (`origin`).
"""

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import Any

from planespec.reports.etcd.client import Gateway, NoAnswerError, NotSentError
from planespec.reports.etcd.process import Member
from planespec.reports.etcd.request_json import write_request
from planespec.spec.etcd.requests import (
    Request,
)

LOST: tuple[int, dict[str, Any]] = (0, {})
"""The observation of a request whose answer did not come."""

Observation = tuple[int, dict[str, Any]]
"""HTTP status and body of an answer, or LOST."""


@dataclass(frozen=True)
class Ask:
    """Send a request and wait for its answer."""

    request: Request


@dataclass(frozen=True)
class AskAndKill:
    """Send a request, kill the member some microseconds later, and start it again."""

    request: Request
    microseconds: int


@dataclass(frozen=True)
class Kill:
    """Kill the member with SIGKILL and start it again."""


@dataclass(frozen=True)
class Pause:
    """Freeze the member for a moment."""

    milliseconds: int


Action = Ask | AskAndKill | Kill | Pause


class MemberAdapter:
    """Applies actions to one member; follows `checker.stateful.adapter.Adapter`."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.gateway = member.connect()

    def apply(self, action: Action) -> Observation:
        """Do it; an action that asks nothing is observed as LOST."""
        match action:
            case Ask(request):
                return self._ask(self.gateway, request)
            case AskAndKill(request, microseconds):
                return self._ask_and_kill(request, microseconds)
            case Kill():
                self._crash()
            case Pause(milliseconds):
                self.member.pause()
                time.sleep(milliseconds / 1000)
                self.member.resume()
        return LOST

    def close(self) -> None:
        """Close the connection."""
        self.gateway.close()

    def _ask(self, gateway: Gateway, request: Request) -> Observation:
        operation, body = write_request(request)
        with contextlib.suppress(NoAnswerError, NotSentError):
            return gateway.call(operation, body)
        return LOST

    def _ask_and_kill(self, request: Request, microseconds: int) -> Observation:
        observed: list[Observation] = []
        with self.member.connect() as gateway:
            asking = threading.Thread(target=lambda: observed.append(self._ask(gateway, request)))
            asking.start()
            time.sleep(microseconds / 1_000_000)
            self.member.kill()
            asking.join()
        self._crash()
        return observed[0]

    def _crash(self) -> None:
        self.member.kill()
        self.gateway.close()
        self.member.restart()

"""A store to try a sequence of steps on, with `spec.etcd` run beside it.

What the steps do is kept as a history of lines, what the watches saw as records. The store
beside it is never compacted, so that the watches can be judged.
"""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from planespec.reports.live.etcd.client import Gateway
from planespec.reports.live.etcd.process import Member
from planespec.reports.live.etcd.watching import Message, WatchStream, read_messages
from planespec.spec.etcd.member import respond
from planespec.spec.etcd.requests import DeleteRange, Put
from planespec.spec.etcd.store import Store
from planespec.spec.etcd.watch import SeenWatch

WATCH_SECONDS = 1.5
"""How long a watch is given to deliver what it owes."""


class Step(Protocol):
    """One step of a sequence."""

    def run(self, lab: "Lab") -> str:
        """Do it and return the line of the history that says so."""


@dataclass
class OpenWatch:
    """A watch under way and the request it was opened with."""

    stream: WatchStream
    request: SeenWatch
    waits_for_progress: bool


@dataclass
class Lab:
    """The members or the endpoint a sequence runs on.

    `prefix` begins every key, so that a sequence can run on a store that was used before.
    `revision` is the latest one acknowledged, `first_revision` the first that the sequence can
    make, `listed` the member list before the members were stopped.
    """

    gateways: list[Gateway]
    members: list[Member] = field(default_factory=list)
    prefix: str = "k/"
    revision: int = 0
    first_revision: int = 1
    listed: list[dict[str, Any]] = field(default_factory=list)
    store: Store = field(default_factory=Store)
    history: list[str] = field(default_factory=list)
    open_watches: list[OpenWatch] = field(default_factory=list)
    watches: list[SeenWatch] = field(default_factory=list)

    def begin(self) -> None:
        """Take the revision found as the beginning; raises NoAnswerError where there is none."""
        answer = self.gateways[0].require("kv/range", {"key": self.prefix})
        self.revision = int(answer["header"]["revision"])
        self.first_revision = self.revision + 1
        self.store = Store(revision=self.revision)

    def run(self, steps: tuple[Step, ...]) -> None:
        """Run steps in order, then give the open watches their time and close them."""
        for step in steps:
            self.history.append(step.run(self))
        for watch in self.open_watches:
            messages = watch.stream.collect(WATCH_SECONDS, partial(self._is_done, watch))
            seen = read_messages(watch.request, messages)
            self.watches.append(seen)
            self.history.append(f"the watch from revision {seen.revision} saw {describe(seen)}")

    def write(self, request: Put | DeleteRange) -> int:
        """Write through the first member and into the store beside; return the revision."""
        if isinstance(request, Put):
            answer = self.gateways[0].require(
                "kv/put", {"key": request.key, "value": request.value}
            )
        else:
            answer = self.gateways[0].require("kv/deleterange", {"key": request.key})
        self.store, _ = respond(self.store, request)
        self.revision = int(answer["header"]["revision"])
        return self.revision

    def get_revisions(self) -> list[int]:
        """Ask every member for the revision it is at, without agreement with the others."""
        body = {"key": self.prefix, "serializable": True}
        answers = [gateway.require("kv/range", body) for gateway in self.gateways]
        return [int(answer["header"]["revision"]) for answer in answers]

    def close(self) -> None:
        """Close watches and connections."""
        for watch in self.open_watches:
            watch.stream.close()
        for gateway in self.gateways:
            gateway.close()

    def _is_done(self, watch: OpenWatch, messages: list[Message]) -> bool:
        """Say whether a watch saw all it can be waited for."""
        if any(message.get("canceled") for message in messages):
            return True
        seen = read_messages(watch.request, messages)
        notified = any(response.is_progress_notify for response in seen.responses)
        owed = watch.request.revision <= self.revision
        return (notified or not watch.waits_for_progress) and (
            not owed or seen.last >= self.revision
        )


@contextmanager
def member_lab(members: list[Member]) -> Iterator[Lab]:
    """Run a lab on fresh members."""
    lab = Lab([member.connect() for member in members], members)
    with contextlib.closing(lab):
        lab.begin()
        yield lab


@contextmanager
def endpoint_lab(host: str, port: int, prefix: str) -> Iterator[Lab]:
    """Run a lab on a store that is there already, under a prefix of its own."""
    lab = Lab([Gateway(host, port)], prefix=prefix)
    with contextlib.closing(lab):
        lab.begin()
        yield lab


def describe(seen: SeenWatch) -> str:
    """Say in a line what a watch delivered."""
    parts: list[str] = []
    for response in seen.responses:
        if response.is_progress_notify:
            parts.append(f"progress {response.revision}")
        elif response.error:
            parts.append(response.error)
        elif response.events:
            parts.append(_describe_events([e.revision for e in response.events]))
    return ", ".join(parts) or "nothing"


def _describe_events(revisions: list[int]) -> str:
    if len(revisions) == 1:
        return f"the event of {revisions[0]}"
    return f"{len(revisions)} events of {revisions[0]} to {revisions[-1]}"


def as_watch_body(request: SeenWatch) -> dict[str, Any]:
    """Return the fields of WatchCreateRequest for a watch that is to be recorded."""
    body: dict[str, Any] = {"key": request.key, "prev_kv": request.with_prev_kv}
    if request.revision:
        body["start_revision"] = str(request.revision)
    if request.with_prefix:
        body["range_end"] = request.key[:-1] + chr(ord(request.key[-1]) + 1)
    return body

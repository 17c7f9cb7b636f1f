"""Concurrent clients against a cluster that crashes and stalls, and what they saw.

The operations are those that etcd's robustness reports can express. Every value is put once, so
that an event tells which write made it. Source: tests/robustness/traffic.
"""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from planespec.checker.linearizability import Operation
from planespec.reports.judge.history.history_files import Recorded
from planespec.reports.live.etcd.client import Gateway, NoAnswerError, NotSentError, write_request
from planespec.reports.live.etcd.process import Member
from planespec.reports.live.etcd.watching import WatchStream, read_messages, read_observation
from planespec.spec.etcd.requests import Compare, CompareTarget, DeleteRange, Put, Range, Txn
from planespec.spec.etcd.watch import SeenWatch

PREFIX = "k"
END = "l"
KEYS = tuple(f"{PREFIX}{number}" for number in range(5))
SETTLE_SECONDS = 3.0
"""How long a watch may take to deliver what is past."""


@dataclass
class Traffic:
    """What the clients of one run did and saw."""

    members: Sequence[Member]
    seed: int
    operations: list[Recorded] = field(default_factory=list)
    watches: list[SeenWatch] = field(default_factory=list)
    values: "count[int]" = field(default_factory=lambda: count(1))

    def run(self, clients: int, requests: int, faults: int) -> None:
        """Let `clients` send `requests` each while `faults` crashes and stalls happen.

        Afterwards every member is read once more and watched from the beginning.
        """
        streams = [open_watch(member, 1) for member in self.members]
        threads = [
            threading.Thread(target=self._send, args=(number, requests))
            for number in range(clients)
        ]
        for thread in threads:
            thread.start()
        chance = random.Random(self.seed)
        for _ in range(faults):
            self._disturb(chance)
        for thread in threads:
            thread.join()
        self._finish(clients, streams)

    def _send(self, client: int, requests: int) -> None:
        """Send requests one after the other, each to any member."""
        chance = random.Random(f"{self.seed}/{client}")
        gateways = [member.connect(timeout=1.0) for member in self.members]
        known: dict[str, int] = {}
        for _ in range(requests):
            request = self._choose(chance, known)
            recorded = ask(client, chance.choice(gateways), request)
            if recorded is not None:
                self.operations.append(recorded)
                _learn(known, recorded)
        for gateway in gateways:
            gateway.close()

    def _choose(self, chance: random.Random, known: dict[str, int]) -> Txn | Range:
        key, value = chance.choice(KEYS), f"v{next(self.values)}"
        guard = (Compare(key, target=CompareTarget.MOD, operand=known.get(key, 0)),)
        match chance.randrange(10):
            case 0 | 1 | 2:
                return Txn(success=(Put(key, value),))
            case 3 | 4:
                return Txn(guard, (Put(key, value),), (Range(key),))
            case 5:
                return Txn(guard, (DeleteRange(key),), (Range(key),))
            case 6:
                return Range(PREFIX, END)
            case 7:
                return Range(key, revision=max(known.values(), default=0))
            case _:
                return Range(key)

    def _disturb(self, chance: random.Random) -> None:
        """Crash or freeze a member for a moment."""
        time.sleep(chance.uniform(0.05, 0.2))
        member = chance.choice(self.members)
        if chance.random() < 0.5:
            member.kill()
            time.sleep(chance.uniform(0.0, 0.2))
            member.restart()
        else:
            member.pause()
            time.sleep(chance.uniform(0.05, 0.3))
            member.resume()

    def _finish(self, client: int, streams: list[WatchStream]) -> None:
        """Read the end of all watches, then watch the whole past through every member."""
        for member in self.members:
            member.wait_until_healthy()
            with member.connect() as gateway:
                last = ask(client, gateway, Range(PREFIX, END))
            if last is None or last.output is None:
                raise NoAnswerError(f"{member.name} does not answer when all is quiet")
            self.operations.append(last)
        revision = max(op.output.revision for op in self.operations if op.output is not None)
        for stream in streams:
            self.watches.append(read_watch(stream, 1, revision))
        for member in self.members:
            self.watches.append(read_watch(open_watch(member, 1), 1, revision))


def ask(client: int, gateway: Gateway, request: Txn | Range) -> Recorded | None:
    """Send a request and return it as recorded; None where it was certainly not received."""
    operation, body = write_request(request)
    called = time.monotonic_ns()
    try:
        status, answer = gateway.call(operation, body)
    except NotSentError:
        return None
    except NoAnswerError:
        return Operation(client, request, None, called, None)
    seen = read_observation(request, status, answer)
    returned = None if seen is None else time.monotonic_ns()
    return Operation(client, request, seen, called, returned)


def open_watch(member: Member, revision: int) -> WatchStream:
    """Watch all keys of the traffic through a member."""
    body: dict[str, Any] = {"key": PREFIX, "range_end": END, "prev_kv": True}
    with member.connect() as gateway:
        return WatchStream(gateway, body | {"start_revision": str(revision)})


def read_watch(stream: WatchStream, start: int, revision: int) -> SeenWatch:
    """Close a watch once it saw an event of `revision`, or had the time to."""
    request = SeenWatch(PREFIX, start, with_prefix=True, with_prev_kv=True)
    with stream:
        messages = stream.collect(
            SETTLE_SECONDS,
            lambda seen: stream.has_ended() or read_messages(request, seen).last >= revision,
        )
    return read_messages(request, messages)


def _learn(known: dict[str, int], recorded: Recorded) -> None:
    if recorded.output is None:
        return
    for result in recorded.output.results:
        for kv in result.kvs:
            known[kv.key] = max(known.get(kv.key, 0), kv.mod_revision)

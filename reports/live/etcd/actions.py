"""What a suite does to a member, the adapter that does it, and strategies that choose it."""

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from planespec.reports.live.etcd.client import Gateway, NoAnswerError, NotSentError, write_request
from planespec.reports.live.etcd.process import Member
from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareResult,
    CompareTarget,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Operation,
    Put,
    Range,
    Request,
    SortOrder,
    SortTarget,
    Txn,
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


LAST = "~"
"""A range end after every key."""

KEYS = st.sampled_from("abcde")
RANGE_ENDS = st.sampled_from(["", "", "a", "b", "c", "d", "e", LAST, LAST])
LEASES = st.integers(1, 2)
REVISIONS = st.integers(-1, 20)
VALUES = st.sampled_from(["", "0", "1", "2"])
SELDOM = st.integers(0, 9).map(lambda n: n == 9)

_BOUND = st.sampled_from([0, 0, 0, 3, 6, 9])

PUTS = st.builds(
    Put,
    key=KEYS,
    value=VALUES,
    lease=st.sampled_from([0, 0, 1, 2]),
    prev_kv=st.booleans(),
    ignore_value=SELDOM,
    ignore_lease=SELDOM,
)
"""Puts, among them those that keep value or lease and those that contradict themselves."""


def _ranges(revisions: st.SearchStrategy[int]) -> st.SearchStrategy[Range]:
    return st.builds(
        Range,
        key=KEYS,
        range_end=RANGE_ENDS,
        limit=st.integers(0, 3),
        revision=revisions,
        sort_order=st.sampled_from(SortOrder),
        sort_target=st.sampled_from(SortTarget),
        serializable=st.booleans(),
        keys_only=SELDOM,
        count_only=SELDOM,
        min_mod_revision=_BOUND,
        max_mod_revision=_BOUND,
        min_create_revision=_BOUND,
        max_create_revision=_BOUND,
    )


RANGES = _ranges(st.just(0) | REVISIONS)
"""Ranges with every option."""

LATEST_RANGES = _ranges(st.just(0))
"""Ranges of the latest revision, which no store refuses."""

DELETIONS = st.builds(DeleteRange, KEYS, RANGE_ENDS, st.booleans())
"""Deletions of a key or a range."""


def _compares(target: CompareTarget) -> st.SearchStrategy[Compare]:
    operand: st.SearchStrategy[Any] = st.integers(0, 6)
    if target is CompareTarget.VALUE:
        operand = VALUES
    results = st.sampled_from(CompareResult)
    return st.builds(Compare, KEYS, results, st.just(target), operand, RANGE_ENDS)


COMPARES = st.one_of([_compares(target) for target in CompareTarget])
"""Guards on every target with every relation."""


def _txns(operation: st.SearchStrategy[Operation]) -> st.SearchStrategy[Txn]:
    operations = st.lists(operation, max_size=2).map(tuple)
    return st.builds(Txn, st.lists(COMPARES, max_size=2).map(tuple), operations, operations)


FLAT_TXNS = _txns(st.one_of(PUTS, LATEST_RANGES, DELETIONS))
TXNS = _txns(st.one_of(PUTS, LATEST_RANGES, DELETIONS, FLAT_TXNS))
"""Transactions nested once; some put and delete the same key and are refused.

None reads the past beside a write: where that is refused, 3.5.1 still writes once the member
was restarted (issue 18667; the hunt shows it).
"""

READ_TXNS = _txns(RANGES)
"""Transactions that only read, at any revision."""

REQUESTS: st.SearchStrategy[Request] = st.one_of(
    PUTS,
    PUTS,
    RANGES,
    DELETIONS,
    TXNS,
    READ_TXNS,
    st.builds(Compact, st.integers(1, 20), SELDOM),
    st.builds(LeaseGrant, st.sampled_from([600, 600, 9_000_000_001]), LEASES),
    st.builds(LeaseRevoke, LEASES),
)
"""Requests of every kind. A lease granted outlives any suite.

No compaction at revision 0: it is accepted on a fresh store, but a crash may forget it, since 0
is how a member writes down that none is under way (mvcc/kvstore.go, restore).
"""

_SELDOM_DONE: dict[int, st.SearchStrategy[Action]] = {
    37: st.just(Kill()),
    38: st.builds(AskAndKill, REQUESTS, st.integers(0, 3000)),
    39: st.builds(Pause, st.integers(1, 10)),
}
_ASKED: st.SearchStrategy[Action] = st.builds(Ask, REQUESTS)

ACTIONS = st.integers(0, 39).flatmap(lambda n: _SELDOM_DONE.get(n, _ASKED))
"""What is done to a member: mostly requests, now and then a crash or a pause."""

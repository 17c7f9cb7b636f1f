"""`spec.etcd` walked beside a real member, answer for answer."""

from dataclasses import dataclass, replace
from typing import Any

from planespec.reports.live.etcd.actions import (
    LAST,
    LOST,
    Action,
    Ask,
    AskAndKill,
    MemberAdapter,
    Observation,
)
from planespec.reports.live.etcd.lab import WATCH_SECONDS
from planespec.reports.live.etcd.watching import Message, WatchStream
from planespec.spec.etcd.member import respond
from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareTarget,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Put,
    Range,
    Request,
    Txn,
)
from planespec.spec.etcd.responses import Answer
from planespec.spec.etcd.store import Store
from planespec.spec.etcd.watch import WatchCreate, get_events
from planespec.spec.etcd.wire import write_answer, write_event


@dataclass(frozen=True)
class Origin:
    """What is added to the keys, revisions and lease ids of a sequence.

    Revisions and lease ids of zero and below, and empty range ends, have meanings of their own
    and stay.
    """

    prefix: str
    revisions: int
    leases: int

    def place(self, request: Request) -> Request:
        """Return a request as it is to be sent."""
        match request:
            case Put():
                return replace(
                    request, key=self._key(request.key), lease=self._lease(request.lease)
                )
            case Range():
                return self._place_range(request)
            case DeleteRange():
                return replace(request, **self._keys(request))
            case Txn():
                return Txn(
                    tuple(map(self._place_guard, request.compare)),
                    tuple(map(self.place, request.success)),  # type: ignore[arg-type]
                    tuple(map(self.place, request.failure)),  # type: ignore[arg-type]
                )
            case Compact():
                return replace(request, revision=self._revision(request.revision))
            case LeaseGrant() | LeaseRevoke():
                return replace(request, id=self._lease(request.id))

    def _place_range(self, request: Range) -> Range:
        return replace(
            request,
            **self._keys(request),
            revision=self._revision(request.revision),
            min_mod_revision=self._revision(request.min_mod_revision),
            max_mod_revision=self._revision(request.max_mod_revision),
            min_create_revision=self._revision(request.min_create_revision),
            max_create_revision=self._revision(request.max_create_revision),
        )

    def _place_guard(self, guard: Compare) -> Compare:
        placed = replace(guard, **self._keys(guard))
        if not isinstance(guard.operand, int):
            return placed
        match guard.target:
            case CompareTarget.CREATE | CompareTarget.MOD:
                return replace(placed, operand=self._revision(guard.operand))
            case CompareTarget.LEASE:
                return replace(placed, operand=self._lease(guard.operand))
            case _:
                return placed

    def _keys(self, request: Range | DeleteRange | Compare) -> dict[str, Any]:
        return {"key": self._key(request.key), "range_end": self._key(request.range_end)}

    def _key(self, key: str) -> str:
        return self.prefix + key if key else key

    def _revision(self, number: int) -> int:
        return number + self.revisions if number > 0 else number

    def _lease(self, number: int) -> int:
        return number + self.leases if number > 0 else number


LEASES_APART = 1_000
"""Lease ids that one sequence may use."""


class DisagreementError(AssertionError):
    """The member answered what no state of the store beside it explains."""


class Beside:
    """One sequence: the member, and every store that could be its state.

    A request whose answer was lost may have taken effect or not: both stores are kept until an
    answer tells them apart.
    """

    def __init__(self, adapter: MemberAdapter, sequence: int, compacted: frozenset[int]) -> None:
        """Begin where the member stands.

        `compacted` holds the revisions of which one was compacted before, -1 for none.
        """
        answer = adapter.gateway.require("kv/range", {"key": "begin"})
        self.adapter = adapter
        self.first = int(answer["header"]["revision"])
        self.prefix = f"{sequence:06}/"
        self.origin = Origin(self.prefix, self.first - 1, sequence * LEASES_APART)
        self.stores = {Store(self.first, revision) for revision in compacted}

    def do(self, action: Action) -> None:
        """Apply an action to both; raises DisagreementError with question and answers."""
        if not isinstance(action, Ask | AskAndKill):
            self.adapter.apply(action)
            return
        request = self.origin.place(action.request)
        observed = self.adapter.apply(replace(action, request=request))
        if observed == LOST:
            self.stores |= {respond(store, request)[0] for store in self.stores}
        else:
            self._keep_agreeing(request, observed)

    def _keep_agreeing(self, request: Request, observed: Observation) -> None:
        results = [respond(store, request) for store in self.stores]
        agreeing = {store for store, answer in results if write_answer(answer) == observed}
        if not agreeing:
            raise DisagreementError(
                _describe(request, observed, [answer for _, answer in results])
            )
        self.stores = agreeing

    def check_watch(self) -> None:
        """Watch the keys of the sequence from after the compaction and compare every event.

        The compacted revision itself is left out: 3.5.1 loses deletions made there (18089).
        """
        key, range_end = self.prefix, self.prefix + LAST
        start = max(self.first, *self.compacted) + 1
        request = WatchCreate(key, range_end, start, prev_kv=True)
        expected = [_get_expected(store, request) for store in self.stores]
        body = {"key": key, "range_end": range_end, "start_revision": str(start), "prev_kv": True}
        with WatchStream(self.adapter.gateway, body) as stream:
            size = max(len(each) for each in expected)
            messages = stream.collect(WATCH_SECONDS, lambda seen: _count(seen) >= size)
        events = [event for message in messages for event in message.get("events", ())]
        if events not in expected:
            raise DisagreementError(f"watch from {start}: {events}\nexpected {expected}")

    @property
    def compacted(self) -> frozenset[int]:
        """The revisions of which one is the compacted one by now."""
        return frozenset(store.compact_revision for store in self.stores)


def _get_expected(store: Store, request: WatchCreate) -> list[dict[str, Any]]:
    if request.start_revision > store.revision:
        return []
    return [write_event(event) for event in get_events(store, request, request.start_revision)]


def _count(messages: list[Message]) -> int:
    # Created counts as nothing; one message more than needed cannot be waited for.
    created = any(message.get("created") for message in messages)
    return sum(len(message.get("events", ())) for message in messages) if created else -1


def _describe(request: Request, observed: Observation, answers: list[Answer]) -> str:
    allowed = "\n".join(f"  {write_answer(answer)}" for answer in answers)
    return f"{request}\nwas answered\n  {observed}\nbut the store answers\n{allowed}"

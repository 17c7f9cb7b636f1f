"""Requests that random sequences seldom or never make: every answer is the one the store gives."""

import time
from typing import Any

import pytest

from planespec.reports.live.etcd.client import write_request
from planespec.reports.live.etcd.process import cluster
from planespec.spec.etcd import Store, respond
from planespec.spec.etcd.member import expire
from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareResult,
    CompareTarget,
    DeleteRange,
    LeaseGrant,
    LeaseRevoke,
    Put,
    Range,
    SortOrder,
    SortTarget,
    Txn,
)
from planespec.spec.etcd.wire import write_answer

pytestmark = pytest.mark.slow


@pytest.fixture
def gateway(specified_etcd):
    with cluster(specified_etcd.path) as (member,), member.connect() as gateway:
        yield gateway


def ask_both(gateway, store, request):
    after, answer = respond(store, request)
    assert gateway.call(*write_request(request)) == write_answer(answer), request
    return after


FILL = tuple(Put(f"k{n:02}", str(n * 7 % 3)) for n in range(12))

SEQUENCES: dict[str, list[Any]] = {
    "no key": [Put(""), Range(""), DeleteRange(""), Txn((Compare(""),)), Txn((), (Range(""),))],
    "from a key on": [
        *FILL,
        Range("k05", "\0"),
        Range("\0", "\0", limit=2),
        Txn((), (DeleteRange("k10", "\0"), Put("k11"))),
        DeleteRange("k05", "\0", prev_kv=True),
        Range("\0", "\0", count_only=True),
    ],
    "equal elements in order": [
        *FILL,
        *(
            Range("k", "l", sort_order=order, sort_target=target, limit=limit)
            for order in SortOrder
            for target in SortTarget
            for limit in (0, 5)
        ),
    ],
    "contradictions": [
        Put("a", "1", ignore_value=True),
        Put("a", lease=3, ignore_lease=True),
        Put("a", lease=3),
        Txn((), (Put("a"), Txn((), (Put("a"),)))),
        Txn((), (Txn((), (Put("a"),)), Txn((), (DeleteRange("a"),)))),
        Txn((), (Txn((), (DeleteRange("a"),)), Txn((), (Put("a"),)))),
        Txn((), (Txn((), (Put("a"),), (Put("a", "2"),)),)),
        Txn((), (DeleteRange("a", "b"), DeleteRange("a"), DeleteRange("a"))),
        Txn((), (DeleteRange("c", "a"), Put("b"))),
    ],
    "sizes": [
        Txn((), tuple(Range("a") for _ in range(128))),
        Txn((), tuple(Range("a") for _ in range(129))),
        Txn((), (Txn((), tuple(Range("a") for _ in range(127))),)),
        Txn((), (Txn((), tuple(Range("a") for _ in range(128))),)),
    ],
    "leases": [
        LeaseGrant(1, 7),
        LeaseGrant(100, 7),
        LeaseGrant(100, 8),
        Put("a", "1", lease=8),
        Put("b", "1", lease=8),
        Txn((Compare("a", CompareResult.EQUAL, CompareTarget.LEASE, 8),), (Range("a"),)),
        Put("b", "2", ignore_lease=True, prev_kv=True),
        Put("a", "2"),
        LeaseRevoke(8),
        LeaseRevoke(8),
        Range("a", "c"),
    ],
    "revisions": [
        Range("a", revision=-5),
        Txn((), (Range("a", revision=-5),)),
        Compact(-1),
        Compact(2),
        Put("a"),
        Put("a"),
        Compact(2),
        Compact(2),
        Range("a", revision=1),
        Range("a", revision=2),
        Range("a", revision=4),
        Txn((), (Range("a", revision=1), Range("a", revision=9))),
    ],
    "text": [Put("ключ", "värde"), Range("к", "л"), Put("a", "x" * 3000), Range("a", "b")],
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_every_answer_is_the_one_the_store_gives(gateway, name):
    store = Store()
    for request in SEQUENCES[name]:
        store = ask_both(gateway, store, request)


def test_an_expired_lease_deletes_its_keys_in_one_revision(gateway):
    store = Store()
    for request in (LeaseGrant(2, 7), Put("a", lease=7), Put("b", lease=7), Put("c")):
        store = ask_both(gateway, store, request)
    deadline = time.monotonic() + 120
    while gateway.require("kv/range", {"key": "a"}).get("count") and time.monotonic() < deadline:
        time.sleep(0.1)
    store = expire(store, 7)
    store = ask_both(gateway, store, Range("a", "z"))
    ask_both(gateway, store, LeaseRevoke(7))

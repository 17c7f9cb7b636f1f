"""From messages and answers of the gateway to the records that are judged."""

import pytest

from planespec.reports.live.etcd.lab import as_watch_body, describe
from planespec.reports.live.etcd.watching import read_messages, read_observation
from planespec.spec.etcd import Store, respond
from planespec.spec.etcd.history import observe
from planespec.spec.etcd.refusals import EtcdError
from planespec.spec.etcd.requests import Compact, Compare, DeleteRange, Put, Range, Txn
from planespec.spec.etcd.watch import SeenWatch, WatchCreate, build_replay, watch
from planespec.spec.etcd.watch_guarantees import get_breaches
from planespec.spec.etcd.wire import write_answer, write_error, write_watch_response


def filled():
    store = Store()
    for request in (Put("a", "1"), Put("a", "2" * 30), DeleteRange("a"), Put("a", "3")):
        store, _ = respond(store, request)
    return store


def test_what_a_faithful_member_sends_keeps_every_guarantee():
    store = filled()
    create = WatchCreate("a", "b", 2, prev_kv=True)
    messages = [write_watch_response(each) for each in watch(store, create)]
    messages.append({"header": {"revision": "5"}, "watch_id": "0"})
    seen = read_messages(SeenWatch("a", 2, with_prefix=True, with_prev_kv=True), messages)
    assert [len(response.events) for response in seen.responses] == [4, 0]
    assert get_breaches(seen, build_replay(store)) == []
    assert [event.prev_value is None for event in seen.events] == [True, False, False, True]
    assert describe(seen) == "4 events of 2 to 5, progress 5"


def test_a_cancellation_is_recorded_with_its_reason():
    store, _ = respond(filled(), Compact(4))
    messages = [write_watch_response(each) for each in watch(store, WatchCreate("a", "", 2))]
    seen = read_messages(SeenWatch("a", 2), messages)
    assert describe(seen) == "cancelled: compacted at 4"
    assert describe(read_messages(SeenWatch("a"), [{"error": {"code": 4}}])).startswith(
        "cancelled"
    )
    assert describe(SeenWatch("a")) == "nothing"


def test_a_watch_of_a_prefix_ends_after_it():
    assert as_watch_body(SeenWatch("k/", 7, with_prefix=True)) == {
        "key": "k/",
        "range_end": "k0",
        "prev_kv": False,
        "start_revision": "7",
    }


REQUESTS = [
    Range("a"),
    Range("a", "b"),
    Range("a", revision=3),
    Txn(success=(Put("b", "x"), DeleteRange("a"), Range("a", "c"))),
    Txn((Compare("a", operand=9),), (Put("a"),), (Range("a"),)),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_an_answer_read_from_the_wire_is_what_a_client_records(request_):
    _, answer = respond(filled(), request_)
    assert read_observation(request_, *write_answer(answer)) == observe(request_, answer)


def test_a_refusal_of_the_store_is_known_and_any_other_leaves_it_open():
    request = Range("a", revision=1)
    refused = read_observation(request, 400, write_error(EtcdError.COMPACTED))
    assert refused == observe(request, EtcdError.COMPACTED)
    assert refused.client_error == "mvcc: required revision has been compacted"
    assert read_observation(request, 503, {"error": "etcdserver: leader changed"}) is None

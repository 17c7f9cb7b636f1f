"""The etcd store in the cases that recordings reach seldom or never."""

import pytest

from planespec.spec.etcd import EtcdError, Store, respond
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
from planespec.spec.etcd.watch import WatchCreate, can_notify_progress, watch
from planespec.spec.etcd.wire import read_request, write_answer


def run(*requests, store=None):
    """Return the store after the requests and the last answer."""
    store, answer = store or Store(), None
    for request in requests:
        store, answer = respond(store, request)
    return store, answer


def keys(answer):
    return [kv.key for kv in answer.kvs]


def test_a_fresh_store_is_at_revision_one():
    _, answer = run(Range("a"))
    assert answer.revision == 1


def test_a_key_keeps_its_creation_and_counts_its_versions():
    _, answer = run(Put("a", "1"), Put("b"), Put("a", "2"), Range("a"))
    (kv,) = answer.kvs
    assert (kv.create_revision, kv.mod_revision, kv.version, kv.value) == (2, 4, 2, "2")


def test_a_key_written_again_after_deletion_starts_a_new_life():
    _, answer = run(Put("a"), DeleteRange("a"), Put("a"), Range("a"))
    assert (answer.kvs[0].create_revision, answer.kvs[0].version) == (4, 1)


def test_deleting_nothing_leaves_the_revision():
    store, answer = run(Put("a"), DeleteRange("b"))
    assert (store.revision, answer.deleted, answer.revision) == (2, 0, 2)


def test_a_range_end_of_a_zero_character_means_from_the_key_on():
    _, answer = run(Put("a"), Put("b"), Put("c"), Range("b", "\0"))
    assert keys(answer) == ["b", "c"]


def test_an_inverted_range_is_empty():
    _, answer = run(Put("a"), Put("b"), Range("b", "a"))
    assert answer.count == 0


def test_the_compacted_revision_itself_can_still_be_read():
    store, _ = run(Put("a", "1"), Put("a", "2"), Put("a", "3"), Compact(3))
    assert respond(store, Range("a", revision=3))[1].kvs[0].value == "2"
    assert respond(store, Range("a", revision=2))[1] is EtcdError.COMPACTED
    assert respond(store, Range("a", revision=5))[1] is EtcdError.FUTURE_REVISION


def test_a_negative_revision_reads_the_latest_but_is_refused_in_a_transaction():
    store, _ = run(Put("a"), Compact(2))
    assert respond(store, Range("a", revision=-1))[1].count == 1
    assert respond(store, Txn(success=(Range("a", revision=-1),)))[1] is EtcdError.COMPACTED


def test_the_count_ignores_filters_and_limit():
    _, answer = run(Put("a"), Put("b"), Put("c"), Range("a", "z", limit=1, min_mod_revision=3))
    assert (answer.count, keys(answer), answer.more) == (3, ["b"], True)


def test_a_sort_target_without_an_order_means_ascending():
    request = Range("a", "z", sort_target=SortTarget.VALUE)
    assert keys(run(Put("a", "2"), Put("b", "1"), request)[1]) == ["b", "a"]


def test_a_limit_without_an_order_is_applied_before_the_target_sorts():
    request = Range("a", "z", limit=1, sort_target=SortTarget.VALUE)
    _, answer = run(Put("a", "3"), Put("b", "2"), Put("c", "1"), request)
    assert (keys(answer), answer.more, answer.count) == (["b"], True, 3)


def test_equal_elements_keep_the_order_of_keys_in_both_directions():
    request = Range("a", "z", sort_order=SortOrder.DESCEND, sort_target=SortTarget.VALUE)
    assert keys(run(Put("a", "1"), Put("b", "1"), request)[1]) == ["a", "b"]


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (Put(""), EtcdError.EMPTY_KEY),
        (Range(""), EtcdError.EMPTY_KEY),
        (DeleteRange(""), EtcdError.EMPTY_KEY),
        (Txn(compare=(Compare(""),)), EtcdError.EMPTY_KEY),
        (Put("a", "1", ignore_value=True), EtcdError.VALUE_PROVIDED),
        (Put("a", lease=1, ignore_lease=True), EtcdError.LEASE_PROVIDED),
        (Put("a", ignore_value=True), EtcdError.KEY_NOT_FOUND),
        (Put("a", lease=7), EtcdError.LEASE_NOT_FOUND),
        (Txn(success=(Put("a", lease=7, ignore_value=True),)), EtcdError.KEY_NOT_FOUND),
        (Put("a", lease=7, ignore_value=True), EtcdError.LEASE_NOT_FOUND),
        (Txn(success=(Range("a"),) * 129), EtcdError.TOO_MANY_OPERATIONS),
        (Txn(success=(Put("a"), Put("a"))), EtcdError.DUPLICATE_KEY),
        (Txn(failure=(Put("b"), DeleteRange("a", "c"))), EtcdError.DUPLICATE_KEY),
        (Compact(9), EtcdError.FUTURE_REVISION),
        (LeaseRevoke(3), EtcdError.LEASE_NOT_FOUND),
        (LeaseGrant(9_000_000_001), EtcdError.LEASE_TTL_TOO_LARGE),
    ],
)
def test_each_refusal_leaves_the_store_as_it_was(request_, error):
    assert respond(Store(), request_) == (Store(), error)


def test_both_branches_of_a_nested_transaction_may_put_the_same_key():
    nested = Txn(success=(Put("a", "1"),), failure=(Put("a", "2"),))
    store, answer = run(Txn(success=(nested,)))
    assert answer.succeeded
    assert respond(store, Range("a"))[1].kvs[0].value == "1"


def test_a_put_before_a_deletion_of_a_later_nested_transaction_is_let_through():
    request = Txn(success=(Txn(success=(Put("a"),)), Txn(success=(DeleteRange("a"),))))
    store, answer = run(request)
    assert answer.revision == 2
    assert respond(store, Range("a"))[1].count == 0


def test_nested_guards_see_the_state_before_the_transaction():
    nested = Txn(compare=(Compare("a", operand=0),), success=(Put("b", "seen empty"),))
    store, _ = run(Txn(success=(Put("a"), nested)))
    assert respond(store, Range("b"))[1].count == 1


def test_a_value_guard_on_a_missing_key_fails_whatever_it_asks():
    guard = Compare("a", CompareResult.NOT_EQUAL, CompareTarget.VALUE, "x")
    assert not run(Txn(compare=(guard,)))[1].succeeded


def test_a_lease_guard_compares_the_lease_of_the_key():
    guard = Compare("a", CompareResult.EQUAL, CompareTarget.LEASE, 5)
    assert run(LeaseGrant(60, 5), Put("a", lease=5), Txn(compare=(guard,)))[1].succeeded


def test_a_refused_transaction_writes_nothing():
    store, _ = run(Put("a"), Put("a"), Compact(3))
    assert respond(store, Txn(success=(Put("b"), Range("a", revision=2)))) == (
        store,
        EtcdError.COMPACTED,
    )


def test_a_lease_deletes_its_keys_in_one_revision():
    store, _ = run(LeaseGrant(60, 5), Put("b", lease=5), Put("a", lease=5), Put("c"))
    after = expire(store, 5)
    assert after.revision == store.revision + 1
    events = watch(after, WatchCreate("a", "z", after.revision))[1].events
    assert [(event.kv.key, event.is_delete) for event in events] == [("a", True), ("b", True)]


def test_a_key_put_again_without_its_lease_outlives_it():
    store, answer = run(LeaseGrant(60, 5), Put("a", lease=5), Put("a"), LeaseRevoke(5))
    assert (answer.revision, respond(store, Range("a"))[1].count) == (3, 1)


def test_a_short_lease_is_raised_to_the_minimum():
    assert run(LeaseGrant(1, 5))[1].ttl == 2
    assert run(LeaseGrant(60, 5), LeaseGrant(60, 5))[1] is EtcdError.LEASE_EXISTS


def test_a_watch_below_the_compacted_revision_is_cancelled():
    store, _ = run(Put("a"), Put("a"), Compact(3))
    created, cancelled = watch(store, WatchCreate("a", start_revision=2))
    assert created.created
    assert (cancelled.canceled, cancelled.compact_revision) == (True, 3)


def test_a_deletion_at_the_compacted_revision_is_still_delivered():
    """Issues 18089 and 19179: 3.5.1 loses this event."""
    store, _ = run(Put("a"), Put("a"), DeleteRange("a"), Compact(4))
    _, response = watch(store, WatchCreate("a", start_revision=4))
    assert [(e.kv.mod_revision, e.is_delete) for e in response.events] == [(4, True)]


def test_previous_values_below_the_compacted_revision_are_left_out():
    store, _ = run(Put("a", "1"), Put("a", "2"), Put("a", "3"), Compact(3))
    _, response = watch(store, WatchCreate("a", start_revision=3, prev_kv=True))
    assert [e.prev_kv and e.prev_kv.value for e in response.events] == [None, "2"]


def test_filters_hide_puts_or_deletions():
    store, _ = run(Put("a"), DeleteRange("a"))
    only = watch(store, WatchCreate("a", start_revision=1, no_put=True))[1].events
    assert [event.is_delete for event in only] == [True]


def test_progress_waits_for_the_past_and_never_runs_ahead_of_a_future_watch():
    """Issues 15220 and 20221."""
    store, _ = run(Put("a"), Put("a"))
    assert not can_notify_progress(store, WatchCreate("a", start_revision=2), delivered=1)
    assert can_notify_progress(store, WatchCreate("a", start_revision=2), delivered=3)
    assert not can_notify_progress(store, WatchCreate("a", start_revision=100), delivered=0)


def test_an_answer_is_written_without_its_default_fields():
    _, answer = run(Put("a", ""), Range("a", limit=1))
    kv = {"key": "a", "create_revision": "2", "mod_revision": "2", "version": "1"}
    assert write_answer(answer) == (
        200,
        {"header": {"revision": "2"}, "kvs": [kv], "count": "1"},
    )


@pytest.mark.parametrize("operation", ["kv/get", "kv/txn"])
def test_a_request_that_cannot_be_read_is_a_value_error(operation):
    with pytest.raises(ValueError, match=r"unknown|exactly|expected"):
        read_request(operation, {"success": [{"request_get": {}}]})

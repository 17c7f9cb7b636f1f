"""Queues, expectations and leases of controllers do what client-go does."""

import pytest

from planespec.spec.controllers.machinery.creation_expectations import (
    EXPIRES_AFTER,
    CreationExpectations,
)
from planespec.spec.controllers.machinery.delta_fifo import DeltaFifo
from planespec.spec.controllers.machinery.lease_election import (
    Candidate,
    LeaseServer,
    LostRequests,
)
from planespec.spec.controllers.machinery.retry_queue import (
    MOST_DELAY,
    ExponentialLimiter,
    FastSlowLimiter,
    RetryQueue,
)

MILLISECOND, SECOND = 10**6, 10**9


def test_a_key_added_while_it_is_worked_on_comes_back_once() -> None:
    """As TestAddWhileProcessing of queue_test.go."""
    queue = RetryQueue()
    queue.add("foo")
    assert queue.get() == "foo"
    queue.add("foo")
    queue.add("foo")
    assert not queue.queue
    queue.done("foo")
    assert queue.get() == "foo"
    queue.done("foo")
    assert not queue.queue


def test_a_queue_that_shuts_down_hands_out_what_it_has_and_takes_nothing() -> None:
    queue = RetryQueue()
    queue.add("foo")
    queue.shut_down()
    queue.add("bar")
    assert queue.get() == "foo"
    assert queue.get() is None


def test_an_empty_queue_has_nothing_to_hand_out() -> None:
    with pytest.raises(IndexError, match="would wait"):
        RetryQueue().get()


def test_waits_double_up_to_a_maximum_and_are_forgotten() -> None:
    """As TestItemExponentialFailureRateLimiter and its overflow in default_rate_limiters_test."""
    limiter = ExponentialLimiter(MILLISECOND, SECOND)
    assert [limiter.when("one") for _ in range(5)] == [2**n * MILLISECOND for n in range(5)]
    assert limiter.count_requeues("one") == 5
    limiter.forget("one")
    assert (limiter.count_requeues("one"), limiter.when("one")) == (0, MILLISECOND)
    for _ in range(1000):
        limiter.when("overflow")
    assert limiter.when("overflow") == SECOND
    forever = ExponentialLimiter(MILLISECOND, 2 * MOST_DELAY)
    assert [forever.when("one") for _ in range(100)][-1] == MOST_DELAY


def test_first_failures_wait_shortly_and_others_long() -> None:
    """As TestItemFastSlowRateLimiter of default_rate_limiters_test.go."""
    limiter = FastSlowLimiter(5 * MILLISECOND, 10 * SECOND, 3)
    waits = [limiter.when("one") for _ in range(5)]
    assert waits == [5 * MILLISECOND] * 3 + [10 * SECOND] * 2
    limiter.forget("one")
    assert limiter.when("one") == 5 * MILLISECOND


def test_expectations_are_met_by_more_than_was_expected_or_by_time() -> None:
    """As TestControllerExpectations of controller_utils_test.go."""
    expectations = CreationExpectations()
    assert expectations.is_satisfied("rc")
    expectations.expect("rc", 2, 1, now=100)
    expectations.see_creation("rc")
    expectations.see_deletion("rc")
    assert not expectations.is_satisfied("rc", now=100 + EXPIRES_AFTER)
    assert expectations.is_satisfied("rc", now=101 + EXPIRES_AFTER)
    expectations.see_creation("rc")
    expectations.see_creation("rc")
    assert expectations.is_satisfied("rc", now=100)
    expectations.raise_by("rc", 2, 0)
    assert not expectations.is_satisfied("rc", now=100)
    expectations.forget("rc")
    expectations.raise_by("rc", 1, 1)
    assert expectations.is_satisfied("rc", now=100)


def test_a_list_that_comes_again_tells_deletions_that_nobody_saw() -> None:
    """As TestDeltaFIFO_ReplaceMakesDeletions of delta_fifo_test.go."""
    fifo, known = DeltaFifo(), {"foo": 5, "bar": 6, "baz": 7}
    fifo.delete("baz", 10, known)
    fifo.replace([("foo", 5)], known)
    told = [fifo.pop() for _ in range(3)]
    kinds = [
        (each.key, [(d.type, d.item, d.is_state_unknown) for d in each.deltas]) for each in told
    ]
    assert kinds == [
        ("baz", [("Deleted", 10, False)]),
        ("foo", [("Replaced", 5, False)]),
        ("bar", [("Deleted", 6, True)]),
    ]


def test_of_two_deletions_the_one_that_was_seen_is_kept() -> None:
    fifo, known = DeltaFifo(), {"foo": 1}
    fifo.replace([], known)
    fifo.delete("foo", 2, known)
    [delta] = fifo.pop().deltas
    assert (delta.item, delta.is_state_unknown) == (2, False)


def test_the_first_list_is_synced_once_all_of_it_was_taken() -> None:
    """As TestDeltaFIFO_HasSynced of delta_fifo_test.go."""
    fifo = DeltaFifo()
    assert not fifo.has_synced
    fifo.replace([("a", 1), ("b", 2)], {})
    popped = [fifo.pop().is_in_initial_list for _ in range(2)]
    assert (popped, fifo.has_synced) == ([True, True], True)
    fifo.add("c", 3)
    assert not fifo.pop().is_in_initial_list


def test_a_resync_leaves_alone_what_is_queued() -> None:
    fifo = DeltaFifo()
    fifo.update("foo", 2)
    fifo.resync({"foo": 1, "bar": 1})
    assert [[d.type for d in fifo.pop().deltas] for _ in range(2)] == [["Updated"], ["Sync"]]


def test_deleting_what_nobody_knows_is_nothing() -> None:
    fifo = DeltaFifo()
    fifo.delete("foo", 1, {})
    assert (fifo.queue, fifo.has_synced) == ([], True)


def test_a_candidate_waits_until_it_saw_no_change_for_as_long_as_the_lease_says() -> None:
    server, first, second = LeaseServer(), Candidate("a", 10), Candidate("b", 15)
    assert first.try_acquire_or_renew(server, now=0)
    assert not second.try_acquire_or_renew(server, now=1000)
    assert not second.try_acquire_or_renew(server, now=1009)
    assert second.try_acquire_or_renew(server, now=1010)
    assert server.get().record.transitions == 1
    assert first.is_leader, "it has heard nothing yet"
    assert not first.try_acquire_or_renew(server, now=11)
    assert not first.is_leader


def test_a_lease_that_was_given_up_is_free_at_once() -> None:
    server, first, second = LeaseServer(), Candidate("a", 10), Candidate("b", 10)
    assert first.try_acquire_or_renew(server, now=0)
    assert first.release(server, now=1)
    assert second.try_acquire_or_renew(server, now=1)
    assert (server.get().record.holder, server.get().record.transitions) == ("b", 1)


def test_who_does_not_lead_gives_nothing_up_and_needs_the_server_for_that() -> None:
    server, one = LeaseServer(), Candidate("a", 10)
    assert not one.release(server, now=0)
    server.create(Candidate("b", 10).observed)
    assert not one.release(LostRequests(server, is_down=True), now=0)
    assert one.release(server, now=0)


def test_a_write_beside_another_fails() -> None:
    server, first, second = LeaseServer(), Candidate("a", 10), Candidate("b", 10)
    assert first.try_acquire_or_renew(server, now=0)
    server.delete()
    assert second.try_acquire_or_renew(server, now=0)
    assert not first.try_acquire_or_renew(server, now=1)
    assert (server.get().record.holder, first.is_leader) == ("b", False)

"""Each of the nine guarantees: a watch that keeps it and one that breaks this and names it."""

from dataclasses import replace

import pytest

from planespec.spec.etcd import Store, respond
from planespec.spec.etcd.requests import Compact, DeleteRange, Put, Txn
from planespec.spec.etcd.watch import (
    PreviousValue,
    SeenEvent,
    SeenResponse,
    SeenWatch,
    as_stored_value,
    as_value_or_hash,
    build_replay,
)
from planespec.spec.etcd.watch_guarantees import GUARANTEES, describe, get_breaches
from planespec.spec.requirement import Level

STORE = Store()
for _request in (
    Put("k/a", "1"),
    Put("k/a", "2"),
    Txn(success=(Put("k/b", "3"), DeleteRange("k/a"))),
    Put("other", "4"),
    Put("k/a", "5"),
):
    STORE, _ = respond(STORE, _request)
REPLAY = build_replay(STORE)

FIRST = SeenEvent("k/a", "1", 2, is_create=True)
SECOND = SeenEvent("k/a", "2", 3, prev_value=PreviousValue("1", 2, 1))
BORN = SeenEvent("k/b", "3", 4, is_create=True)
GONE = SeenEvent("k/a", "", 4, is_delete=True, prev_value=PreviousValue("2", 3, 2))
AGAIN = SeenEvent("k/a", "5", 6, is_create=True)
OTHER = SeenEvent("other", "4", 5, is_create=True)


def batch(*events):
    return SeenResponse(events, revision=6)


def progress(revision):
    return SeenResponse(is_progress_notify=True, revision=revision)


def watch(*responses, revision=2):
    return SeenWatch("k/", revision, True, True, True, responses)


GOOD = watch(batch(FIRST, SECOND), progress(3), batch(BORN, GONE), batch(AGAIN), progress(6))


def test_a_faithful_watch_breaks_nothing():
    assert get_breaches(GOOD, REPLAY) == []


def test_a_watch_from_now_on_begins_where_it_began():
    assert get_breaches(watch(batch(AGAIN), revision=0), REPLAY) == []
    assert get_breaches(watch(progress(3), batch(BORN, GONE), revision=0), REPLAY) == []


BAD = {
    "Filter": watch(batch(FIRST, SECOND), batch(BORN, GONE), batch(OTHER), batch(AGAIN)),
    "Ordered": watch(batch(BORN, GONE), batch(FIRST, SECOND)),
    "Unique": watch(batch(FIRST, FIRST, SECOND)),
    "Atomic": watch(batch(FIRST, SECOND), batch(BORN), batch(GONE), batch(AGAIN)),
    "Bookmarkable": watch(progress(4), batch(FIRST, SECOND), batch(BORN, GONE)),
    "Resumable": watch(batch(SECOND), batch(BORN, GONE)),
    "Reliable": watch(batch(FIRST, SECOND), batch(AGAIN)),
    "IsCreate": watch(batch(FIRST, replace(SECOND, is_create=True))),
    "PrevKV": watch(batch(FIRST, replace(SECOND, prev_value=PreviousValue("9", 2, 1)))),
}


@pytest.mark.parametrize("name", GUARANTEES)
def test_each_guarantee_can_be_broken_and_says_so(name):
    breaches = {breach.requirement.name: breach for breach in get_breaches(BAD[name], REPLAY)}
    assert name in breaches
    assert describe(breaches[name]).startswith(f"{name} broken by response")


@pytest.mark.parametrize("name", GUARANTEES)
def test_the_statement_of_each_guarantee_begins_with_its_name(name):
    assert GUARANTEES[name].statement.startswith(f"{name}: ")


@pytest.mark.parametrize("name", GUARANTEES)
def test_each_guarantee_is_a_requirement_that_is_judged_by_itself(name):
    guarantee = GUARANTEES[name]
    assert list(guarantee.find_breaches(Level.WATCH, GOOD, REPLAY)) == []
    found = list(guarantee.find_breaches(Level.WATCH, BAD[name], REPLAY))
    assert [breach.requirement for breach in found] == [guarantee]
    assert found == [b for b in get_breaches(BAD[name], REPLAY) if b.requirement is guarantee]


@pytest.mark.parametrize(
    ("responses", "reason"),
    [
        ((batch(FIRST, SECOND), progress(2)), "after an event of 3"),
        ((batch(FIRST, SECOND), progress(3), progress(2)), "after one at 3"),
        ((progress(6),), "not delivered"),
    ],
)
def test_a_progress_notification_must_be_true(responses, reason):
    (breach, *_) = [
        b for b in get_breaches(watch(*responses), REPLAY) if b.requirement.name == "Bookmarkable"
    ]
    assert reason in breach.message


def test_a_watch_of_the_future_is_not_notified_below_its_start():
    """Issue 20221."""
    (breach,) = get_breaches(watch(progress(6), revision=100), REPLAY)
    assert "starts at 100" in breach.message
    assert get_breaches(watch(progress(6), revision=7), REPLAY) == []


def test_a_missing_end_is_found_once_progress_claims_it():
    breaches = get_breaches(watch(batch(FIRST, SECOND), progress(6)), REPLAY)
    assert {"Reliable", "Bookmarkable"} == {breach.requirement.name for breach in breaches}


def test_an_event_that_never_was_breaks_reliable():
    invented = SeenEvent("k/z", "9", 6, is_create=True)
    breaches = get_breaches(
        watch(batch(FIRST, SECOND), batch(BORN, GONE), batch(invented)), REPLAY
    )
    assert "Reliable" in {breach.requirement.name for breach in breaches}


def test_a_missing_previous_value_is_allowed():
    assert get_breaches(watch(batch(FIRST, replace(SECOND, prev_value=None))), REPLAY) == []


def test_a_replay_is_not_made_from_a_compacted_store():
    compacted, _ = respond(STORE, Compact(3))
    with pytest.raises(ValueError, match="never compacted"):
        build_replay(compacted)


def test_long_values_are_kept_as_their_hash():
    """FNV-1a of 32 bits: "foobar" is 0xbf9cf968 in the published vectors."""
    assert as_value_or_hash("x" * 19) == "x" * 19
    assert as_value_or_hash("a" * 20) == 0x3794B6C9
    assert as_value_or_hash(as_stored_value(7)) == 7

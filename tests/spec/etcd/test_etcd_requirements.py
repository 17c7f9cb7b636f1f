"""ETCD-1 to ETCD-11: for each an observation where it holds, and one where it fails."""

from types import SimpleNamespace

import pytest

from planespec.spec.etcd.etcd_requirements import (
    compaction_keeps_the_latest,
    lease_lives_as_long_as_told,
    leased_keys_end,
    progress_is_complete,
    refusal_changes_nothing,
    revision_never_falls,
    shows_no_more_than_granted,
    swap_replaces_what_was_read,
    versions_count_puts,
    watch_begins_where_asked,
    watch_misses_nothing,
)


def put(*keys):
    return SimpleNamespace(keys=keys, is_deletion=False, is_swap=False, based_on=0)


def delete(*keys):
    return SimpleNamespace(keys=keys, is_deletion=True, is_swap=False, based_on=0)


def swap(key, based_on):
    return SimpleNamespace(keys=[key], is_deletion=False, is_swap=True, based_on=based_on)


GOOD = SimpleNamespace(
    revision=4,
    keys="ab",
    history=[put("a"), delete("a"), put("a"), swap("a", 3)],
    create={"a": 3, "b": 0},
    mod={"a": 4, "b": 0},
    version={"a": 2, "b": 0},
    lease={"a": "l", "b": None},
    granted={"l"},
    kept={3, 4},
    is_watching=True,
    start=2,
    seen={2, 3},
    notified=3,
    refused=1,
)


def but(**changes):
    return SimpleNamespace(**{**vars(GOOD), **changes})


STATES = [
    versions_count_puts,
    swap_replaces_what_was_read,
    leased_keys_end,
    watch_misses_nothing,
    progress_is_complete,
    compaction_keeps_the_latest,
    watch_begins_where_asked,
]


@pytest.mark.parametrize("requirement", STATES, ids=lambda each: each.id)
def test_it_holds_of_a_faithful_store(requirement):
    assert requirement(GOOD)


@pytest.mark.parametrize(
    ("requirement", "state"),
    [
        (versions_count_puts, but(version={"a": 3, "b": 0})),
        (versions_count_puts, but(version={"a": 2, "b": 1})),
        (versions_count_puts, but(create={"a": 1, "b": 0}, version={"a": 4, "b": 0})),
        (versions_count_puts, but(mod={"a": 3, "b": 0}, version={"a": 1, "b": 0})),
        (swap_replaces_what_was_read, but(history=[put("a"), put("a"), swap("a", 1)])),
        (swap_replaces_what_was_read, but(history=[put("a"), delete("a"), swap("a", 1)])),
        (leased_keys_end, but(granted=set())),
        (watch_misses_nothing, but(seen={3})),
        (progress_is_complete, but(notified=4)),
        (progress_is_complete, but(start=9, seen=set())),
        (compaction_keeps_the_latest, but(kept={3})),
        (watch_begins_where_asked, but(seen={1, 2, 3})),
    ],
)
def test_it_fails_of_a_store_that_breaks_it(requirement, state):
    assert not requirement(state)


def test_a_cancelled_watch_promises_nothing():
    cancelled = but(is_watching=False, seen={3}, notified=4)
    assert watch_misses_nothing(cancelled)
    assert progress_is_complete(cancelled)


def test_the_revision_may_stay_or_grow_but_not_fall():
    assert revision_never_falls(GOOD, GOOD)
    assert revision_never_falls(GOOD, but(revision=5))
    assert not revision_never_falls(GOOD, but(revision=3))


def test_a_refused_request_may_count_as_refused_and_change_nothing_else():
    assert refusal_changes_nothing(GOOD, but(refused=2))
    assert refusal_changes_nothing(GOOD, but(revision=5))
    assert not refusal_changes_nothing(GOOD, but(refused=2, revision=5))
    assert not refusal_changes_nothing(GOOD, but(refused=2, mod={"a": 3, "b": 0}))
    assert not refusal_changes_nothing(GOOD, but(refused=2, version={"a": 2, "b": 1}))


def test_a_lease_ends_no_sooner_than_its_client_was_told():
    assert lease_lives_as_long_as_told(SimpleNamespace(granted=True, told=2))
    assert lease_lives_as_long_as_told(SimpleNamespace(granted=False, told=0))
    assert not lease_lives_as_long_as_told(SimpleNamespace(granted=False, told=1))


def test_etcd_11_nobody_is_told_more_than_was_granted() -> None:
    assert shows_no_more_than_granted(SimpleNamespace(ttl=2, shown=2))
    assert not shows_no_more_than_granted(SimpleNamespace(ttl=2, shown=3))

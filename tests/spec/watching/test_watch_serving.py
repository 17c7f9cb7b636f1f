"""What a watch delivers, held to upstream's cacher."""

from dataclasses import replace

import pytest

from planespec.spec.api.watching.list_options import read_list_options
from planespec.spec.api.watching.list_serving import StorageView
from planespec.spec.api.watching.object_history import ObjectHistory, Stored
from planespec.spec.api.watching.refusals_of_reads import ReadRefusedError
from planespec.spec.api.watching.watch_serving import serve_watch


def history():
    made = ObjectHistory()
    made.write(Stored("a", 5, {"l": "1"}))
    made.write(Stored("b", 6))
    made.write(Stored("a", 7, {"l": "2"}))
    made.write(Stored("b", 8, {"l": "1"}))
    made.delete("b", 9)
    return made


SERVER = StorageView(history(), storage_revision=7, cache_revision=6)


def watch(server=SERVER, until=9, ticks=(), **query):
    events = serve_watch(read_list_options({"watch": "1", **query}), server, until, ticks)
    return [(str(each.type), each.stored and each.stored.name, each.revision) for each in events]


def error(server=SERVER, **query):
    (event,) = serve_watch(read_list_options({"watch": "1", **query}), server, 9)
    return event.status["code"], event.status["message"]


def test_a_watch_from_a_revision_sees_every_change_after_it_once():
    assert watch(resourceVersion="6") == [
        ("MODIFIED", "a", 7),
        ("MODIFIED", "b", 8),
        ("DELETED", "b", 9),
    ]


def test_an_object_that_no_longer_matches_is_deleted_as_it_was_with_the_new_revision():
    (first, *rest) = serve_watch(
        read_list_options({"watch": "1", "resourceVersion": "5", "labelSelector": "l=1"}),
        SERVER,
        9,
    )
    assert (str(first.type), first.stored) == ("DELETED", Stored("a", 7, {"l": "1"}))
    assert [str(each.type) for each in rest] == ["ADDED", "DELETED"]


def test_initial_events_are_the_cache_and_a_bookmark_ends_them_where_bookmarks_are_allowed():
    server = replace(SERVER, cache_revision=7)
    initial = [("ADDED", "a", 7), ("ADDED", "b", 6)]
    assert watch(server, until=7) == initial
    query = {"allowWatchBookmarks": "true", "resourceVersion": "0"}
    assert watch(server, until=7, **query) == [*initial, ("BOOKMARK", None, 7)]


def test_the_latest_has_to_be_in_the_cache_and_any_has_not():
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
    assert error(**query) == (504, "Timeout: Too large resource version: 7, current: 6")
    assert watch(resourceVersion="0", until=6, **query) == [("ADDED", "a", 5), ("ADDED", "b", 6)]


def test_without_initial_events_the_latest_starts_at_etcd_and_any_at_the_cache():
    query = {"sendInitialEvents": "false", "resourceVersionMatch": "NotOlderThan"}
    assert [each[2] for each in watch(**query)] == [8, 9]
    assert [each[2] for each in watch(resourceVersion="0", **query)] == [7, 8, 9]


def test_a_future_revision_is_silent_unless_initial_events_wait_for_it():
    assert watch(resourceVersion="99") == []
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
    assert error(resourceVersion="99", **query)[0] == 504


def test_what_the_cache_has_forgotten_ends_the_watch_with_410():
    old = replace(SERVER, oldest_event=7)
    assert error(old, resourceVersion="5") == (410, "too old resource version: 5 (6)")
    assert len(watch(old, resourceVersion="6")) == 3


def test_an_etcd_that_tells_no_progress_ends_a_watch_that_needs_a_bookmark():
    old = replace(SERVER, tells_progress=False, cache_revision=7)
    code, message = error(old, allowWatchBookmarks="true")
    assert (code, "RequestWatchProgress is disabled" in message) == (500, True)
    assert len(watch(old, until=7)) == 2


def test_a_malformed_revision_is_500():
    with pytest.raises(ReadRefusedError) as caught:
        watch(resourceVersion="abc")
    assert caught.value.status["code"] == 500
    assert "reason" not in caught.value.status


def test_bookmarks_of_the_timer_never_pass_an_event_and_need_initial_events():
    query = {"allowWatchBookmarks": "true", "resourceVersion": "0"}
    seen = watch(ticks=(6, 7, 12), **query)
    assert [each[::2] for each in seen[2:]] == [
        ("BOOKMARK", 6),
        ("MODIFIED", 7),
        ("BOOKMARK", 7),
        ("MODIFIED", 8),
        ("DELETED", 9),
        ("BOOKMARK", 12),
    ]
    later = watch(ticks=(12,), allowWatchBookmarks="true", resourceVersion="8")
    assert [each[0] for each in later] == ["DELETED"]

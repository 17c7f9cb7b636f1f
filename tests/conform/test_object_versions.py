"""Versions of objects: what a watch may tell, what is there at a cut, who may have seen what."""

from math import inf

import pytest

from planespec.reports.judge.versions.api_requests import ApiRequest
from planespec.reports.judge.versions.object_versions import (
    KNOWN,
    History,
    Key,
    Version,
    list_cuts,
)

POD = Key("Pod", "default", "a")


def make_version(revision: int, type_: str, uid: str = "u", key: Key = POD) -> Version:
    return Version(key, uid, type_, revision, {"metadata": {"name": key.name, "uid": uid}})


def make_request(received: float, done: float, revision: int | None = None) -> ApiRequest:
    return ApiRequest(
        component="c",
        verb="update",
        resource="pods",
        namespace="default",
        name="a",
        revision=revision,
        received=received,
        done=done,
        code=200,
        body={},
        query={},
    )


def make_history(*versions: Version) -> History:
    history = History()
    for version in versions:
        assert history.find_disorder(version) == ""
        history.append(version)
    return history


DISORDER = [
    (make_version(2, "ADDED"), "", "a version was before it"),
    (make_version(1, "INITIAL"), "", KNOWN),
    (make_version(1, "MODIFIED"), "", "the version is not newer than the one before it"),
    (make_version(3, "MODIFIED", "v"), "", "no version was before it"),
    (make_version(3, "MODIFIED"), "DELETED", "the object was gone"),
    (make_version(1, "ADDED", "v"), "MODIFIED", "a newer version of its kind was told before"),
    (make_version(1, "INITIAL", "v"), "MODIFIED", ""),
    (make_version(1, "ADDED", "v", Key("Pod", "other", "a")), "MODIFIED", ""),
]


@pytest.mark.parametrize(("told", "second", "fault"), DISORDER)
def test_what_a_watch_cannot_tell_next_is_noticed(told: Version, second: str, fault: str) -> None:
    before = [make_version(1, "ADDED")] + ([make_version(2, second)] if second else [])
    assert make_history(*before).find_disorder(told) == fault


def make_lives() -> tuple[History, list[Version]]:
    """A pod that is made, changed and gone, and another under its name."""
    versions = [
        make_version(1, "ADDED"),
        make_version(4, "MODIFIED"),
        make_version(6, "DELETED"),
        make_version(9, "ADDED", "v"),
    ]
    times = [(1.0, 1.5), (2.0, 2.5), (1.9, 3.5), (5.0, inf)]
    for version, (received, done) in zip(versions, times, strict=True):
        version.maker = make_request(received, done)
    history = make_history(*versions)
    history.bound_times()
    return history, versions


def test_a_cut_has_what_was_there() -> None:
    history, (first, second, _, last) = make_lives()
    cuts = {cut: history.get(POD, cut) for cut in (0, 1, 3, 4, 5, 6, 8, 9)}
    assert cuts == {0: None, 1: first, 3: first, 4: second, 5: second, 6: None, 8: None, 9: last}
    assert history.list_at("Pod", 4) == history.list_at("", 4) == [second]
    assert history.find(POD, 4) is second
    assert history.find(POD, 5) is None
    assert history.find(POD) is history.find_base(make_request(0, 0, 9)) is last
    assert history.find_base(make_request(0, 0)) is None


def test_the_order_of_revisions_bounds_when_each_was_stored() -> None:
    """What was asked for early was stored after an older revision all the same."""
    _, versions = make_lives()
    assert [each.since for each in versions] == [1.0, 2.0, 2.0, 5.0]
    assert [each.until for each in versions] == [1.5, 2.5, 3.5, inf]


def test_cuts_that_may_be_seen_are_between_what_is_certain_and_what_is_possible() -> None:
    history, _ = make_lives()
    assert [history.find_settled(moment) for moment in (1.4, 1.5, 2.5, 9.0)] == [0, 1, 4, 6]
    assert [history.find_latest(moment) for moment in (0.9, 1.0, 2.0, 9.0)] == [0, 1, 6, 9]
    assert list(list_cuts(history.ordered, 1, 4.9)) == [6, 4, 1]
    assert list(list_cuts(history.ordered, 0, 0.5)) == [0]


def test_a_request_meets_what_may_be_there_while_it_is_answered() -> None:
    history, (first, second, _, last) = make_lives()
    assert history.list_between(POD, 1.6, 1.9) == [first]
    assert history.list_between(POD, 1.6, 2.0) == [first, second]
    assert history.list_between(POD, 3.6, 4.9) == []
    assert history.list_between(POD, 3.6, 5.0) == [last]
    absent = [history.may_be_absent(POD, *span) for span in ((0, 1), (1.6, 1.9), (1.6, 2), (9, 9))]
    assert absent == [True, False, True, True]
    assert history.may_be_absent(POD, 1.6, 1.9, "v")

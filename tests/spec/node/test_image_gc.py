"""A kubelet removes the images that were not used for longest, and no more than it must.

Expected values follow upstream's source, also where no recorded line goes.
"""

import re

import pytest

from planespec.spec.node.image_gc import (
    ImageCollector,
    ImageGcPolicy,
    ImageRound,
    NodeImage,
    format_size,
)

OLD, APP, NEW = NodeImage("old", 100), NodeImage("app", 200), NodeImage("new", 50)
ALL = [NEW, APP, OLD]


def make_collector(policy: ImageGcPolicy) -> ImageCollector:
    """A collector that saw `old` at 0 and unused, `app` last used at 10, and `new` at 20."""
    collector = ImageCollector(policy)
    collector.detect(ImageRound(0, [OLD, APP]))
    collector.detect(ImageRound(10, [OLD, APP], {"app"}))
    collector.detect(ImageRound(20, ALL))
    return collector


@pytest.mark.parametrize(
    ("high", "low", "message"),
    [
        (101, 0, "invalid HighThresholdPercent 101, must be in range [0-100]"),
        (90, -1, "invalid LowThresholdPercent -1, must be in range [0-100]"),
        (80, 81, "LowThresholdPercent 81 can not be higher than HighThresholdPercent 80"),
    ],
)
def test_thresholds_are_percentages_in_order(high: int, low: int, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        ImageGcPolicy(high, low)


@pytest.mark.parametrize(
    ("available", "removed"),
    [(160, []), (159, ["old"]), (100, ["old"]), (99, ["old", "new"]), (49, ["old", "new", "app"])],
)
def test_a_usage_of_the_high_threshold_frees_down_to_the_low_one(
    available: int, removed: list[str]
) -> None:
    done = make_collector(ImageGcPolicy(85, 80)).collect(ImageRound(30, ALL), 1000, available)
    assert done.removed == removed
    assert not done.error


def test_one_image_goes_though_the_disk_is_no_fuller_than_aimed_at() -> None:
    collector = make_collector(ImageGcPolicy(80, 80))
    assert collector.collect(ImageRound(30, ALL), 1000, 200).removed == ["old"]


def test_more_available_than_there_is_counts_as_an_empty_disk() -> None:
    done = make_collector(ImageGcPolicy(0, 0)).collect(ImageRound(30, ALL), 1000, 2000)
    assert (done.removed, done.error) == (["old"], "")


def test_used_pinned_and_young_images_are_spared() -> None:
    pinned = [NodeImage("old", 100, pinned=True), APP, NEW, NodeImage("free", 1)]
    collector = make_collector(ImageGcPolicy(85, 0, min_age=5))
    done = collector.collect(ImageRound(30, pinned, {"app"}), 1000, 0)
    assert done.removed == ["new"]
    assert "(freed 50 bytes)" in done.error
    assert set(collector.records) == {"old", "app", "free"}
    assert collector.records["old"].pinned


def test_an_image_as_old_as_the_least_age_may_go() -> None:
    collector = make_collector(ImageGcPolicy(85, 0, min_age=10))
    assert collector.delete_unused(ImageRound(30, [NEW])).removed == ["new"]


def test_the_last_use_comes_before_the_first_sight_and_that_before_nothing() -> None:
    collector = ImageCollector(ImageGcPolicy(85, 80))
    collector.detect(ImageRound(0, [APP], {"app"}))
    collector.detect(ImageRound(10, [APP, NEW], {"new"}))
    collector.detect(ImageRound(15, [APP, NEW, OLD], {"app", "old"}))
    assert collector.delete_unused(ImageRound(30, ALL)).removed == ["new", "app", "old"]


def test_an_image_used_at_this_very_moment_is_spared() -> None:
    collector = make_collector(ImageGcPolicy(85, 0))
    collector.detect(ImageRound(30, ALL, {"app"}))
    assert collector.delete_unused(ImageRound(30, ALL)).removed == ["old", "new"]


def test_images_go_for_their_age_only_after_the_kubelet_has_run_for_as_long() -> None:
    policy = ImageGcPolicy(100, 100, min_age=900, max_age=40)
    assert make_collector(policy).collect(ImageRound(40, ALL), 1000, 900).removed == []
    collector = make_collector(policy)
    assert collector.collect(ImageRound(50, ALL), 1000, 900).removed == ["old", "new"]
    assert collector.collect(ImageRound(51, [APP]), 1000, 900).removed == ["app"]


def test_deleting_unused_images_looks_at_no_longest_age() -> None:
    collector = make_collector(ImageGcPolicy(100, 100, min_age=900, max_age=1))
    assert collector.delete_unused(ImageRound(500, ALL)).removed == []


def test_a_disk_without_capacity_is_an_error_after_old_images_went() -> None:
    done = make_collector(ImageGcPolicy(85, 80, max_age=1)).collect(ImageRound(30, ALL), 0, 5)
    assert done.removed == ["old", "new", "app"]
    assert done.error == "invalid capacity 0 on image filesystem"
    assert done.event == "InvalidDiskCapacity"


def test_what_the_runtime_does_not_remove_is_an_error_without_an_event() -> None:
    refusals = {"old": "read-only", "app": "in use"}
    collector = make_collector(ImageGcPolicy(85, 80))
    done = collector.collect(ImageRound(30, ALL, refusals=refusals), 1000, 0)
    assert (done.removed, done.event) == (["new"], "")
    assert done.error == (
        "wanted to free 200 bytes, but freed 50 bytes space with errors in image deletion: "
        "[read-only, in use]"
    )
    assert set(collector.records) == {"old", "app"}


def test_an_old_image_that_stays_ends_the_round_before_the_disk_is_looked_at() -> None:
    collector = make_collector(ImageGcPolicy(0, 0, max_age=90))
    found = ImageRound(101, ALL, refusals={"old": "busy", "new": "busy"})
    done = collector.collect(found, 0, 0)
    assert (done.removed, done.event) == (["app"], "")
    assert done.error == (
        "wanted to free images older than 1m30s, encountered errors in image deletion: busy"
    )


def test_any_image_of_the_same_ages_may_go_first_but_not_one_of_another_age() -> None:
    twins = [NodeImage("a", 10), NodeImage("b", 30), NodeImage("c", 20), NodeImage("d", 20)]

    def remove(first: set[str]) -> list[str]:
        collector = ImageCollector(ImageGcPolicy(85, 80))
        collector.detect(ImageRound(0, twins))
        found = ImageRound(1, [*twins, NodeImage("young", 99)], first=first)
        return collector.collect(found, 1000, 150).removed

    assert remove({"d", "b"}) == ["d", "b"]
    assert remove({"a", "b", "d"}) == ["a", "d", "b"]
    assert remove({"young"}) == ["a", "c", "d"]


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1024, "1.0 KiB"), (2**20 - 1, "1024.0 KiB"), (2**20, "1.0 MiB")],
)
def test_sizes_are_printed_in_binary_units(size: int, text: str) -> None:
    assert format_size(size) == text

"""A kubelet waits longer before each start of a container that keeps ending, and forgets in time.

Expected values follow upstream's source, also where no recorded line goes.
"""

import pytest

from planespec.spec.node.lifecycle.crash_backoff import (
    BackOff,
    PodNames,
    RestartRefused,
    make_backoff_key,
    make_crash_backoff,
    print_resources,
    print_seconds,
    try_restart,
)
from planespec.spec.objects.core_views import Container
from planespec.spec.objects.view import ObjectError, View

POD = PodNames("web", "shop", "uid-1")
APP = Container({"name": "a", "image": "img:1"})
KEY = make_backoff_key(POD, APP)


def test_waits_double_from_ten_seconds_to_five_minutes() -> None:
    backoff, now, waits = make_crash_backoff(), 0, []
    for _ in range(8):
        assert try_restart(backoff, POD, APP, now, now + 300) is None
        now += 300
        waits.append(backoff.get_wait(KEY))
    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]


def test_the_wait_counts_from_the_end_and_is_over_in_its_last_second() -> None:
    backoff = make_crash_backoff()
    assert try_restart(backoff, POD, APP, 0, 0) is None
    told = "back-off 10s restarting failed container=a pod=web_shop(uid-1)"
    assert try_restart(backoff, POD, APP, 5, 14) == RestartRefused(told, 15)
    assert backoff.get_wait(KEY) == 10
    assert try_restart(backoff, POD, APP, 5, 15) is None
    assert backoff.get_wait(KEY) == 20


def test_a_container_that_has_not_ended_waits_for_nothing() -> None:
    backoff = make_crash_backoff()
    assert try_restart(backoff, POD, APP, None, 7) is None
    assert backoff.get_wait(KEY) == 0


@pytest.mark.parametrize(("ran", "wait"), [(600, 20), (601, 10)])
def test_a_kubelet_forgives_after_ten_minutes_whatever_its_longest_wait(
    ran: int, wait: int
) -> None:
    backoff = make_crash_backoff(25)
    try_restart(backoff, POD, APP, 0, 0)
    assert try_restart(backoff, POD, APP, ran, ran + 25) is None
    assert backoff.get_wait(KEY) == wait


@pytest.mark.parametrize(("ran", "wait"), [(50, 20), (51, 10)])
def test_without_a_time_of_its_own_an_entry_is_void_after_twice_the_longest_wait(
    ran: int, wait: int
) -> None:
    backoff = BackOff(10, 25)
    backoff.lengthen("k", 0, 0)
    assert backoff.is_waiting_since("k", ran, ran) == (ran == 50)
    backoff.lengthen("k", ran, ran)
    assert backoff.get_wait("k") == wait


def test_garbage_is_what_has_not_changed_for_more_than_the_time_of_forgiving() -> None:
    backoff = BackOff(10, 300, 600)
    backoff.lengthen("old", 0, 0)
    backoff.lengthen("new", 0, 1)
    backoff.collect_garbage(600)
    assert (backoff.get_wait("old"), backoff.get_wait("new")) == (10, 10)
    backoff.collect_garbage(601)
    assert (backoff.get_wait("old"), backoff.get_wait("new")) == (0, 10)
    backoff.forget("new")
    backoff.forget("new")
    assert backoff.get_wait("new") == 0


def test_since_its_update_an_entry_waits_for_less_than_its_wait() -> None:
    backoff = BackOff(10, 300)
    assert not backoff.is_waiting_since_update("k", 0)
    backoff.lengthen("k", 0, 100)
    assert backoff.is_waiting_since_update("k", 109)
    assert not backoff.is_waiting_since_update("k", 110)
    assert not backoff.is_waiting_since_update("k", 701)


@pytest.mark.parametrize(
    ("longest", "reduced", "waits"),
    [
        (None, False, (10, 300)),
        (5, False, (5, 5)),
        (60, False, (10, 60)),
        (None, True, (1, 60)),
        (300, True, (1, 300)),
    ],
)
def test_the_configured_longest_wait_bounds_the_first(
    longest: int | None, reduced: bool, waits: tuple[int, int]
) -> None:
    backoff = make_crash_backoff(longest, reduced=reduced)
    assert (backoff.first, backoff.longest, backoff.forgiven_after) == (*waits, 600)


def test_another_image_resources_or_uid_begin_anew_and_env_does_not() -> None:
    def get_key(uid: str = "uid-1", **more: object) -> str:
        container = Container({"name": "a", "image": "img:1", **more})
        return make_backoff_key(PodNames("web", "shop", uid), container)

    assert get_key() == KEY == "a2cf1a7f9715614c"
    assert get_key(env=[{"name": "x"}]) == KEY
    assert get_key("uid-2") == "f2c31e8f3a94da37"
    assert get_key(image="img:2") == "7538240a8c0cac9b"
    # Keys have no leading zeros.
    assert get_key(resources={"requests": {"cpu": "200m"}}) == "9c26023c7ff3b91"


def test_resources_are_printed_as_go_prints_the_insides_of_quantities() -> None:
    resources = View(
        {
            "limits": {"memory": "64Mi", "cpu": "1000m"},
            "requests": {"cpu": "2"},
            "claims": [{"name": "gpu", "request": "one"}],
        }
    )
    assert print_resources(resources) == (
        "&ResourceRequirements{Limits:ResourceList{cpu: {{1000 -3} {<nil>}  DecimalSI},"
        "memory: {{67108864 0} {<nil>}  BinarySI},},"
        "Requests:ResourceList{cpu: {{2 0} {<nil>} 2 DecimalSI},},"
        "Claims:[]ResourceClaim{ResourceClaim{Name:gpu,Request:one,},},}"
    )


def test_a_key_that_shows_an_address_is_not_decided() -> None:
    with pytest.raises(ObjectError, match=r"limits\.memory: is held as an unbounded decimal"):
        print_resources(View({"limits": {"memory": "0.5Gi"}}))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59, "59s"), (60, "1m0s"), (300, "5m0s"), (3600, "1h0m0s"), (-61, "-1m1s")],
)
def test_durations_are_printed_as_go_prints_them(seconds: int, text: str) -> None:
    assert print_seconds(seconds) == text

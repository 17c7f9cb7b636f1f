"""Seats of priority levels: shares, loans, what a request takes, what a refused client is told."""

import pytest

from planespec.spec.api.flow_control.priority_levels import (
    PriorityLevel,
    SeatBounds,
    count_widest,
    read_priority_level,
    share_out,
)
from planespec.spec.api.flow_control.queue_set import Queuing, Work
from planespec.spec.api.flow_control.retry_after import RetryAfter
from planespec.spec.api.flow_control.seat_borrowing import BorrowingLevel, SeatDemand, adjust
from planespec.spec.api.flow_control.work_estimates import (
    ListRequest,
    StoredObjects,
    estimate_list,
    estimate_write,
)
from planespec.spec.objects.view import ObjectError, View

DEFAULT_QUEUING = Queuing(queues=64, hand=8, length=50)


def test_a_level_that_says_little_has_the_defaults() -> None:
    level = read_priority_level(
        View({"type": "Limited", "limited": {"limitResponse": {"type": "Queue"}}})
    )
    assert level == PriorityLevel(False, 30, 0, None, DEFAULT_QUEUING)
    refusing = View({"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}})
    assert read_priority_level(refusing).queuing is None
    assert read_priority_level(View({"type": "Exempt"})).shares == 0
    with pytest.raises(ObjectError, match="must be Exempt or Limited"):
        read_priority_level(View({"type": "limited"}))


def test_seats_are_rounded_up_and_borrowing_is_bound_by_what_is_said() -> None:
    levels = {
        "a": PriorityLevel(False, 1, 50, 25, None),
        "b": PriorityLevel(False, 2, 0, None, None),
    }
    assert share_out(10, levels) == {"a": SeatBounds(4, 2, 5), "b": SeatBounds(7, 7, 17)}
    assert SeatBounds(5, 2, 9).initial == 4


def test_no_shares_at_all_are_no_seats() -> None:
    assert share_out(10, {"a": PriorityLevel(True, 0, 0, None, None)})["a"].nominal == 0


@pytest.mark.parametrize(
    ("nominal", "queuing", "widest"),
    [
        (100, None, 15),
        (100, DEFAULT_QUEUING, 12),
        (7, DEFAULT_QUEUING, 1),
        (101, None, 16),
        (0, None, 1),
    ],
)
def test_one_request_takes_no_more_than_a_part_of_the_level(
    nominal: int, queuing: Queuing | None, widest: int
) -> None:
    assert count_widest(nominal, queuing) == widest


# The levels of upstream's TestUpdateBorrowing: shares, and percent that may be lent.
SHARES = {"high": (40, 50), "mid": (100, 90), "low": (5, 0)}
LIMITED = {name: PriorityLevel(False, *each, None, None) for name, each in SHARES.items()}
LEVELS = {"exempt": PriorityLevel(True, 0, 0, None, None), **LIMITED}
SERVER = 145 * 6
BOUNDS = share_out(SERVER, LEVELS)


def _adjust(**demands: int) -> dict[str, int]:
    return adjust(
        {
            name: BorrowingLevel(
                bounds,
                bounds.nominal,
                SeatDemand(demands[name], demands[name]),
                exempt=LEVELS[name].exempt,
            )
            for name, bounds in BOUNDS.items()
        }
    )


def test_what_the_exempt_level_uses_is_taken_from_all_others() -> None:
    everything = SERVER + 100
    found = _adjust(exempt=everything, high=everything, mid=everything, low=everything)
    assert found == {"exempt": everything, "high": 120, "mid": 60, "low": 30}


def test_nobody_gets_less_than_what_is_not_lent() -> None:
    found = _adjust(exempt=SERVER - 100, high=SERVER, mid=SERVER, low=SERVER)
    assert found == {"exempt": SERVER - 100, "high": 120, "mid": 60, "low": 30}


def test_half_of_what_could_be_lent_is_taken_when_half_is_needed() -> None:
    halves = {name: (bounds.nominal + bounds.least) // 2 for name, bounds in BOUNDS.items()}
    used = SERVER - halves["high"] - halves["mid"] - halves["low"]
    found = _adjust(exempt=used, high=SERVER, mid=SERVER, low=SERVER)
    assert found == {**halves, "exempt": used}


def test_an_idle_level_lends_and_the_others_keep_what_is_theirs() -> None:
    used = SERVER - BOUNDS["high"].nominal - BOUNDS["mid"].least - BOUNDS["low"].nominal
    found = _adjust(exempt=used, high=SERVER, mid=1, low=SERVER)
    nominal_but_mid = {"high": 240, "mid": BOUNDS["mid"].least, "low": 30}
    assert found == {"exempt": used, **nominal_but_mid}


def test_seats_that_nobody_needs_are_shared_by_demand() -> None:
    found = _adjust(exempt=0, high=120, mid=240, low=0)
    assert found == {"exempt": 0, "high": 268, "mid": 535, "low": 67}


def test_where_nothing_can_be_allocated_levels_keep_what_they_have() -> None:
    stuck = BorrowingLevel(SeatBounds(10, 0, 5), 7)
    assert adjust({"stuck": stuck}) == {"stuck": 7}


def test_demand_rises_at_once_and_falls_slowly() -> None:
    demand = SeatDemand()
    demand.update(average=4, deviation=1, largest=7.6)
    assert (demand.high_watermark, demand.smoothed) == (8, 5)
    demand.update(average=0, deviation=0, largest=0)
    assert demand.high_watermark == 0
    assert demand.smoothed == pytest.approx(4.885)


@pytest.mark.parametrize(
    ("request_", "stored", "seats"),
    [
        (ListRequest(from_cache=True), None, 1),
        (ListRequest(from_cache=True), StoredObjects(0), 1),
        # From the cache a list is streamed and holds a megabyte at most.
        (ListRequest(from_cache=True), StoredObjects(1_000_000, 1000), 10),
        (ListRequest(from_cache=False), StoredObjects(1_000_000, 1000), 100),
        # Objects of unknown size count as large.
        (ListRequest(from_cache=False), StoredObjects(2), 30),
        (ListRequest(from_cache=False, limit=500), StoredObjects(10_000, 1000), 5),
        (ListRequest(from_cache=False, limit=500, filtered=True), StoredObjects(10_000, 1000), 50),
        (ListRequest(from_cache=True, limit=500, filtered=True), StoredObjects(10_000, 1000), 5),
        (ListRequest(from_cache=False, names_one=True), StoredObjects(10_000, 1000), 1),
    ],
)
def test_a_list_takes_seats_by_what_it_holds_in_memory(
    request_: ListRequest, stored: StoredObjects | None, seats: int
) -> None:
    assert estimate_list(request_, stored, widest=1000) == Work(seats)


def test_a_list_takes_no_more_than_the_level_lets_it() -> None:
    everything = ListRequest(from_cache=False)
    assert estimate_list(everything, StoredObjects(10**6, 1000), widest=12) == Work(12)


@pytest.mark.parametrize(
    ("watchers", "work"),
    [
        (9, Work(1)),
        (10, Work(1, 1, 5_000_000)),
        (95, Work(1, 10, 5_000_000)),
        (200, Work(1, 10, 10_000_000)),
    ],
)
def test_a_write_lingers_for_those_who_watch(watchers: int, work: Work) -> None:
    assert estimate_write(watchers, widest=100) == work


def test_a_client_is_told_to_wait_longer_while_many_are_refused() -> None:
    level = RetryAfter()
    told = [level.refuse(second) for second in range(100, 240) for _ in range(100)]
    assert told[0] == 1
    assert sorted(set(told)) == [1, 2, 4, 8, 16, 32]
    assert told == sorted(told)


def test_a_client_is_told_to_wait_less_when_few_are_refused() -> None:
    level = RetryAfter(seconds=4)
    assert [level.refuse(second) for second in (100, 101, 110, 120, 130)] == [3, 2, 1, 1, 1]

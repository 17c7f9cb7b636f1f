"""The queues of a priority level, by hand and by chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.api.flow_control.queue_set import (
    QueuedRequest,
    QueueSet,
    Queuing,
    Work,
)
from planespec.spec.api.flow_control.shuffle_sharding import Dealer

SECOND = 10**9
ONE_QUEUE = Queuing(queues=1, hand=1, length=2)
TWO_QUEUES = Queuing(queues=2, hand=1, length=10)


def _arrive(level: QueueSet, now: int, name: str, flow: int = 0, seats: int = 1) -> QueuedRequest:
    request = level.arrive(now, name, flow, Work(seats))
    assert request is not None
    return request


def _runs(*requests: QueuedRequest) -> list[str]:
    return [request.name for request in requests if request.started is not None]


def test_a_request_is_refused_when_its_queue_is_full_and_all_seats_are_taken() -> None:
    level = QueueSet(1, ONE_QUEUE)
    first = _arrive(level, 0, "first")
    _arrive(level, 1, "second")
    _arrive(level, 2, "third")
    assert level.arrive(3, "fourth", 0, Work()) is None
    level.finish(4, first)
    assert level.arrive(5, "fifth", 0, Work()) is not None


def test_a_full_queue_still_takes_requests_while_a_seat_is_free() -> None:
    level = QueueSet(2, ONE_QUEUE)
    _arrive(level, 0, "runs")
    waiting = [_arrive(level, 1 + n, f"wide-{n}", seats=2) for n in range(5)]
    assert _runs(*waiting) == []


def test_a_level_without_queues_refuses_what_does_not_fit() -> None:
    level = QueueSet(2, None)
    _arrive(level, 0, "first")
    assert level.arrive(1, "wide", 0, Work(2)) is None
    assert level.arrive(2, "second", 0, Work()) is not None
    assert level.arrive(3, "third", 0, Work()) is None


def test_a_request_wider_than_the_level_runs_alone() -> None:
    level = QueueSet(2, ONE_QUEUE)
    first = _arrive(level, 0, "first")
    wide = _arrive(level, 1, "wide", seats=5)
    assert _runs(wide) == []
    level.finish(2, first)
    assert _runs(wide) == ["wide"]
    assert level.arrive(3, "later", 0, Work()) is not None
    assert level.executing == 1


def test_a_request_wider_than_the_level_does_not_wait_for_what_lingers() -> None:
    level = QueueSet(2, ONE_QUEUE)
    write = level.arrive(0, "write", 0, Work(1, final_seats=1, lingers=5_000_000))
    assert write is not None
    wide = _arrive(level, 1, "wide", seats=5)
    level.finish(2, write)
    assert _runs(wide) == ["wide"]
    assert level.seats_in_use == 6


def test_nothing_overtakes_the_request_whose_turn_it_is() -> None:
    level = QueueSet(2, TWO_QUEUES)
    low, high = _flows(2)
    _arrive(level, 0, "runs", low)
    wide = _arrive(level, 1, "wide", low, 2)
    # The other flow has waited shorter, but would fit; it starts in virtual time after `wide`.
    narrow = [_arrive(level, 2, f"narrow-{n}", high) for n in range(3)]
    level_runs = _runs(wide, *narrow)
    assert "wide" not in level_runs
    assert len(level_runs) <= 1


def _flows(queues: int) -> list[int]:
    """A flow for each queue, where hands are single queues."""
    dealer = Dealer(queues, 1)
    by_queue = {next(iter(dealer.deal(flow))): flow for flow in range(32)}
    return [by_queue[queue] for queue in range(queues)]


def test_flows_take_turns_however_much_one_of_them_asks() -> None:
    level = QueueSet(1, TWO_QUEUES)
    elephant, mouse = _flows(2)
    running = _arrive(level, 0, "e0", elephant)
    requests = [_arrive(level, 1, f"e{n}", elephant) for n in range(1, 7)]
    requests += [_arrive(level, 2, f"m{n}", mouse) for n in range(3)]
    order = []
    for now in range(1, 7):
        level.finish(now * SECOND, running)
        running = next(r for r in requests if r.started == now * SECOND)
        order.append(running.name[0])
    assert sorted(order) == ["e", "e", "e", "m", "m", "m"]
    assert "eee" not in "".join(order)


def test_who_takes_less_goes_first_and_of_equals_the_one_after_the_last() -> None:
    level = QueueSet(3, Queuing(queues=3, hand=1, length=10))
    first, narrow, wide = _flows(3)
    blocking = _arrive(level, 0, "blocking", first, 3)
    narrows = [_arrive(level, 0, f"narrow-{n}", narrow) for n in range(4)]
    wides = [_arrive(level, 0, f"wide-{n}", wide, 2) for n in range(2)]
    level.finish(SECOND, blocking)
    # After one narrow request both flows would have taken the same; then it is the other's turn.
    assert _runs(*narrows, *wides) == ["narrow-0", "wide-0"]


def test_who_runs_long_waits_long() -> None:
    level = QueueSet(1, TWO_QUEUES)
    slow, fast = _flows(2)
    running = _arrive(level, 0, "slow", slow)
    later = _arrive(level, 0, "slow again", slow)
    quick = [_arrive(level, 0, f"fast-{n}", fast) for n in range(5)]
    now = SECOND
    level.finish(now, running)
    for request in quick:
        assert _runs(later) == []
        now += SECOND // 10
        level.finish(now, request)
    assert _runs(later) == ["slow again"]


def test_a_flow_that_comes_back_is_not_charged_for_what_it_took_before() -> None:
    level = QueueSet(1, TWO_QUEUES)
    comes_back, stays = _flows(2)
    first = _arrive(level, 0, "first", comes_back)
    others = [_arrive(level, 0, f"other-{n}", stays) for n in range(2)]
    level.finish(SECOND, first)
    back = _arrive(level, SECOND, "back", comes_back)
    level.finish(SECOND * 8 // 5, others[0])
    assert _runs(back, others[1]) == ["back"]


def test_seats_that_nobody_wants_do_not_make_time_pass_faster() -> None:
    level = QueueSet(20, Queuing(queues=3, hand=1, length=10))
    fresh, steady, greedy = _flows(3)
    much = _arrive(level, 0, "much", greedy, 3)
    _arrive(level, 0, "stays", greedy)
    _arrive(level, 0, "other", steady)
    level.finish(SECOND, much)
    # Two flows had two seats and a half each, on average; `greedy` has had three.
    blocking = _arrive(level, SECOND, "blocking", steady, 14)
    requests = [_arrive(level, SECOND, str(flow), flow, 15) for flow in (greedy, fresh)]
    level.finish(SECOND, blocking)
    assert _runs(*requests) == [str(fresh)]


def test_a_request_goes_to_the_queue_of_its_hand_with_the_least_work() -> None:
    level = QueueSet(1, Queuing(queues=2, hand=2, length=2))
    accepted = [level.arrive(0, f"r{n}", 7, Work()) for n in range(6)]
    assert [request is None for request in accepted] == [False] * 5 + [True]


def test_equal_queues_of_a_hand_are_taken_in_turn() -> None:
    level = QueueSet(4, Queuing(queues=2, hand=2, length=2))
    first, second = (_arrive(level, 0, name, 7) for name in ("first", "second"))
    assert first.queue is not second.queue


def test_seats_of_a_write_are_kept_until_it_has_lingered() -> None:
    level = QueueSet(2, ONE_QUEUE)
    write = level.arrive(0, "write", 0, Work(1, final_seats=2, lingers=5_000_000))
    assert write is not None
    waiting = _arrive(level, 1, "waiting")
    level.finish(2, write)
    assert (level.executing, level.seats_in_use) == (0, 2)
    assert _runs(waiting) == []
    level.release(3, write)
    assert _runs(waiting) == ["waiting"]


def test_lingering_on_more_seats_than_there_are_takes_longer_on_fewer() -> None:
    assert Work(1, 6, 10).narrow(4) == Work(1, 4, 15)
    assert Work(1, 4, 10).narrow(4) == Work(1, 4, 10)


def test_who_gives_up_makes_room_in_the_queue() -> None:
    level = QueueSet(1, ONE_QUEUE)
    first = _arrive(level, 0, "first")
    second, third = _arrive(level, 1, "second"), _arrive(level, 2, "third")
    level.give_up(3, second)
    assert level.arrive(4, "fourth", 0, Work()) is not None
    level.finish(5, first)
    assert _runs(second, third) == ["third"]


def test_a_level_that_gets_seats_uses_them_at_once() -> None:
    level = QueueSet(1, ONE_QUEUE)
    _arrive(level, 0, "first")
    second = _arrive(level, 1, "second")
    level.resize(2, 2)
    assert _runs(second) == ["second"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "finish", "release", "give up"]),
        st.integers(0, 5),
        st.integers(1, 4),
        st.integers(0, 3),
    ),
    max_size=60,
)


@given(STEPS, st.integers(1, 4))
def test_seats_are_never_exceeded_and_the_one_in_turn_waits_only_for_seats(
    steps: list[tuple[str, int, int, int]], seats: int
) -> None:
    level = QueueSet(seats, Queuing(queues=3, hand=2, length=3))
    running: list[QueuedRequest] = []
    lingering: list[QueuedRequest] = []
    waiting: list[QueuedRequest] = []
    for now, (what, flow, width, final) in enumerate(steps):
        instant = now * 1_000_000
        if what == "arrive":
            work = Work(width, final, 2_000_000 if final else 0)
            request = level.arrive(instant, f"r{now}", flow, work)
            waiting += [request] if request else []
        elif what == "finish" and running:
            ended = running.pop(flow % len(running))
            level.finish(instant, ended)
            lingering += [ended] if ended.work.lingers else []
        elif what == "release" and lingering:
            level.release(instant, lingering.pop(flow % len(lingering)))
        elif what == "give up" and waiting:
            level.give_up(instant, waiting.pop(flow % len(waiting)))
        running += [request for request in waiting if request.started is not None]
        waiting = [request for request in waiting if request.started is None]
        held = sum(request.work.width for request in running + lingering)
        assert (level.seats_in_use, level.executing) == (held, len(running))
        assert held <= seats or len(running) <= 1
        assert held or not waiting, "nothing runs, and still somebody waits"


@pytest.mark.parametrize(("robin", "starts"), [(0, "b"), (1, "c"), (2, "a")])
def test_whose_turn_it_was_before_decides_among_equals(robin: int, starts: str) -> None:
    level = QueueSet(1, Queuing(queues=3, hand=1, length=10), robin=robin)
    level.resize(0, 0)
    requests = [_arrive(level, 0, name, flow) for name, flow in zip("abc", _flows(3), strict=True)]
    level.resize(0, 1)
    assert _runs(*requests) == [starts]

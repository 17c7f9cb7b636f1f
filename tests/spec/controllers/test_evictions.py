"""Pods are evicted from tainted nodes in time, and slowly from zones that are down."""

import pytest

from planespec.spec.controllers.taint_eviction import (
    FOREVER,
    TaintEviction,
    Timer,
    find_used_tolerations,
    get_least_seconds,
)
from planespec.spec.controllers.zone_disruption import (
    EvictionRates,
    ZoneDisruption,
    ZoneNodes,
    ZoneState,
)
from planespec.spec.objects.core_views import Taint, Toleration

NOT_READY = Taint("node.kubernetes.io/not-ready", "", "NoExecute")
OTHER = Taint("other", "x", "NoExecute")
RATES = EvictionRates(normal=0.1, reduced=0.01, large_cluster=50, unhealthy=0.55)
FULL, HALF, WELL = ZoneNodes(0, 4), ZoneNodes(4, 6), ZoneNodes(4, 0)


def tolerate(key: str = "", seconds: int | None = None) -> Toleration:
    return Toleration(key, "Exists", "", "NoExecute", seconds)


@pytest.mark.parametrize(
    ("seconds", "least"),
    [([], 0), ([None], FOREVER), ([None, 30, 20], 20), ([-5, 30], 0), ([0], 0)],
)
def test_the_shortest_toleration_counts(seconds: list[int | None], least: int) -> None:
    """As TestGetMinTolerationTime of taint_eviction_test.go."""
    assert get_least_seconds([tolerate(seconds=each) for each in seconds]) == least


def test_each_taint_uses_its_first_toleration() -> None:
    short, long = tolerate(NOT_READY.key, 1), tolerate("", 9)
    assert find_used_tolerations([NOT_READY, OTHER], [short, long]) == [short, long]
    assert find_used_tolerations([NOT_READY, OTHER], [short]) is None


def test_a_timer_keeps_its_beginning_and_moves_with_every_new_taint() -> None:
    eviction = TaintEviction()
    eviction.process("a", [tolerate(seconds=10)], [NOT_READY], now=0)
    assert eviction.timers == {"a": Timer(0, 10)}
    eviction.process("a", [tolerate(seconds=10)], [NOT_READY, OTHER], now=4)
    assert eviction.timers == {"a": Timer(0, 10)}, "it would end sooner than a new one"
    eviction.process("a", [tolerate(seconds=None)], [NOT_READY], now=5)
    eviction.advance(now=50)
    assert (eviction.timers, eviction.evicted) == ({}, [])


def test_a_pod_that_does_not_tolerate_goes_at_once_and_only_once() -> None:
    eviction = TaintEviction()
    eviction.process("a", [], [NOT_READY], now=3)
    eviction.advance(now=99)
    assert eviction.evicted == ["a"]


def test_evictions_come_in_the_order_of_their_times() -> None:
    eviction = TaintEviction()
    eviction.process("late", [tolerate(seconds=9)], [NOT_READY], now=0)
    eviction.process("early", [tolerate(seconds=5)], [NOT_READY], now=0)
    eviction.forget("nobody")
    eviction.advance(now=9)
    assert eviction.evicted == ["early", "late"]


@pytest.mark.parametrize(
    ("nodes", "state"),
    [
        (ZoneNodes(0, 1), ZoneState.FULL),
        (ZoneNodes(0, 0), ZoneState.NORMAL),
        (ZoneNodes(1, 2), ZoneState.NORMAL),
        (ZoneNodes(9, 11), ZoneState.PARTIAL),
        (ZoneNodes(10, 12), ZoneState.NORMAL),
    ],
)
def test_a_zone_is_as_its_nodes_are(nodes: ZoneNodes, state: ZoneState) -> None:
    """11 of 20 are 55 %, in numbers of 32 bits too."""
    assert ZoneDisruption(RATES).compute_state(nodes) is state


def follow(*steps: dict[str, ZoneNodes]) -> ZoneDisruption:
    state = ZoneDisruption(RATES)
    for step in steps:
        [state] = state.observe(step)
    return state


def test_nothing_is_evicted_while_every_zone_is_down_and_all_as_usual_once_one_is_back() -> None:
    """As TestMonitorNodeHealthEvictPodsWithDisruption of node_lifecycle_controller_test.go."""
    down = follow({"a": WELL, "b": WELL}, {"a": FULL, "b": FULL})
    assert down.limits == {"a": 0, "b": 0}
    [still] = down.observe({"a": FULL, "b": FULL})
    assert still.limits == down.limits
    [back] = down.observe({"a": WELL, "b": FULL})
    assert back.limits == {"a": 0.1, "b": 0.1}
    assert back.states == {"a": ZoneState.NORMAL, "b": ZoneState.FULL}


def test_a_partial_disruption_is_slow_in_a_large_zone_and_stops_in_a_small_one() -> None:
    assert follow({"a": HALF, "b": WELL}).limits["a"] == 0
    assert follow({"a": ZoneNodes(20, 40), "b": WELL}).limits["a"] == 0.01


def test_a_zone_that_is_gone_is_forgotten_or_not_while_another_was_well() -> None:
    before = follow({"a": WELL, "b": WELL})
    left = {tuple(sorted(state.states)) for state in before.observe({"a": WELL})}
    assert left == {("a",), ("a", "b")}
    down = follow({"a": WELL, "b": WELL}, {"a": FULL, "b": FULL})
    assert [tuple(state.states) for state in down.observe({"a": WELL})] == [("a",)]

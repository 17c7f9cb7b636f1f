"""A kubelet that shuts down gracefully groups pods and bounds their grace as upstream's does."""

import pytest

from planespec.spec.node.shutdown import (
    NANOSECONDS,
    Period,
    RunningPod,
    get_grace,
    get_last_phase,
    get_periods,
    group_pods,
    sum_seconds,
)


def group_names(priorities: list[int], *pods: RunningPod) -> list[list[str]]:
    groups = group_pods([Period(each, 10) for each in priorities], pods)
    return [[pod.name for pod in group.pods] for group in groups]


def test_the_older_configuration_makes_two_periods() -> None:
    made = get_periods([], 30 * NANOSECONDS, 10 * NANOSECONDS)
    assert made == [Period(0, 20), Period(2_000_000_000, 10)]
    assert sum_seconds(made) == 30


def test_parts_of_a_second_are_cut_off_in_each_period() -> None:
    made = get_periods([], 3 * NANOSECONDS, NANOSECONDS + 1)
    assert [each.seconds for each in made] == [1, 1]


@pytest.mark.parametrize(("requested", "critical"), [(0, 0), (0, 5), (5, 6), (5, -1)])
def test_durations_that_do_not_fit_together_turn_it_off(requested: int, critical: int) -> None:
    assert get_periods([], requested, critical) == []


def test_periods_by_priority_win_and_are_put_in_order() -> None:
    given = [Period(5, 1), Period(-5, 2), Period(5, 3)]
    assert get_periods(given, 10, 5) == [Period(-5, 2), Period(5, 1), Period(5, 3)]


def test_a_pod_belongs_to_the_highest_period_that_is_not_above_it() -> None:
    pods = [RunningPod(str(each), each) for each in (-11, -10, -1, 0, 5, 9, 10, 11, 99)]
    assert group_names([-10, 0, 10], *pods) == [
        ["-11", "-10", "-1"],
        ["0", "5", "9"],
        ["10", "11", "99"],
    ]


def test_a_pod_without_priority_has_zero() -> None:
    assert group_names([-1, 0, 1], RunningPod("a")) == [[], ["a"], []]


def test_of_equal_periods_the_first_gets_those_of_its_priority_and_the_last_those_above() -> None:
    pods = RunningPod("equal", 5), RunningPod("above", 6)
    assert group_names([5, 5], *pods) == [["equal"], ["above"]]


def test_without_a_period_there_is_no_shutdown() -> None:
    with pytest.raises(ValueError, match="no graceful shutdown"):
        group_pods([], [])


@pytest.mark.parametrize(("own", "given"), [(None, 10), (0, 0), (9, 9), (11, 10)])
def test_the_grace_is_the_smaller_one(own: int | None, given: int) -> None:
    (group,) = group_pods([Period(0, 10)], [RunningPod("a", grace_seconds=own)])
    assert get_grace(group, group.pods[0]) == given


def test_only_a_pod_that_succeeded_is_left_so() -> None:
    phases = ("Pending", "Running", "Failed", "Succeeded", "Unknown")
    left = [get_last_phase(RunningPod("a", phase=phase)) for phase in phases]
    assert left == ["Failed", "Failed", "Failed", "Succeeded", "Failed"]

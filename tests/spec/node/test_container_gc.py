"""Dead containers and sandboxes are collected as upstream's kubelet does."""

import pytest

from planespec.spec.node.container_gc import (
    DeadContainer,
    DeadSandbox,
    GcPolicy,
    PodStates,
    collect_containers,
    collect_sandboxes,
)

ALIVE = PodStates(lambda pod: False, lambda pod: False)
GONE = PodStates(lambda pod: True, lambda pod: True)
ENDED = PodStates(lambda pod: False, lambda pod: True)
PRESSED = PodStates(lambda pod: False, lambda pod: True, everything_ended=True)
NOW = 100


def dead(each: str, created: int, state: str = "CONTAINER_EXITED") -> DeadContainer:
    """A container `a1` is one of the container `a` of its pod, `p`."""
    return DeadContainer(each, "p", each[0], "s", state, created)


def sandbox(each: str, created: int, state: str = "SANDBOX_NOTREADY") -> DeadSandbox:
    return DeadSandbox(each, "p", state, created)


def collect(
    policy: GcPolicy, *containers: DeadContainer, pods: PodStates = ALIVE, ready: bool = True
) -> set[str]:
    return collect_containers(containers, NOW, policy, pods, sources_ready=ready)


def test_the_newest_of_each_container_stays() -> None:
    found = dead("a1", 3), dead("a2", 5), dead("a3", 4), dead("b1", 1)
    assert collect(GcPolicy(), *found) == {"a1", "a3"}
    assert collect(GcPolicy(most_per_container=0), *found) == {"a1", "a2", "a3", "b1"}
    assert collect(GcPolicy(most_per_container=-1), *found) == set()


@pytest.mark.parametrize("state", ["CONTAINER_CREATED", "CONTAINER_UNKNOWN", "CONTAINER_EXITED"])
def test_whatever_does_not_run_is_dead(state: str) -> None:
    none = GcPolicy(most_per_container=0)
    assert collect(none, dead("a1", 1, state), dead("a2", 1, "CONTAINER_RUNNING")) == {"a1"}


def test_what_is_younger_than_the_least_age_is_left_and_not_counted() -> None:
    policy = GcPolicy(least_age=10)
    assert collect(policy, dead("a1", 1), dead("a2", NOW - 9)) == set()
    assert collect(policy, dead("a1", 1), dead("a2", NOW - 10)) == {"a1"}


def test_all_of_a_pod_that_is_over_goes_once_all_sources_were_heard() -> None:
    for pods, removed in ((GONE, {"a1"}), (PRESSED, {"a1"}), (ENDED, set()), (ALIVE, set())):
        assert collect(GcPolicy(), dead("a1", 1), pods=pods) == removed
        assert collect(GcPolicy(), dead("a1", 1), pods=pods, ready=False) == set()


def test_too_many_of_all_are_first_cut_to_an_equal_share() -> None:
    found = dead("a1", 9), dead("a2", 8), dead("a3", 7), dead("b1", 1)
    policy = GcPolicy(most=3, most_per_container=-1)
    assert collect(policy, *found) == {"a2", "a3"}
    assert collect(GcPolicy(most=4, most_per_container=-1), *found) == set()


def test_then_the_oldest_of_all_go() -> None:
    found = dead("a1", 9), dead("b1", 1), dead("c1", 5)
    assert collect(GcPolicy(most=2), *found) == {"b1"}
    assert collect(GcPolicy(most=0), *found) == {"a1", "b1", "c1"}


def test_the_newest_sandbox_of_a_pod_stays_until_the_pod_is_over() -> None:
    found = sandbox("s1", 1), sandbox("s2", 2)
    assert collect_sandboxes(found, [], ALIVE) == {"s1"}
    assert collect_sandboxes(found, [], ENDED) == {"s1"}
    assert collect_sandboxes(found, [], GONE) == collect_sandboxes(found, [], PRESSED)
    assert collect_sandboxes(found, [], GONE) == {"s1", "s2"}


def test_a_sandbox_that_is_ready_or_used_stays() -> None:
    found = sandbox("s1", 1, "SANDBOX_READY"), sandbox("s2", 2), sandbox("s3", 3)
    assert collect_sandboxes(found, ["s2"], GONE) == {"s3"}
    assert collect_sandboxes(found, ["s2"], ALIVE) == set()


def test_of_equally_old_ones_the_order_decides() -> None:
    found = dead("a1", 1), dead("a2", 1)
    for kept, removed in (("a1", {"a2"}), ("a2", {"a1"})):
        order = {kept: 1}
        answer = collect_containers(
            found,
            NOW,
            GcPolicy(),
            ALIVE,
            sources_ready=True,
            order=lambda each, order=order: order.get(each, 0),
        )
        assert answer == removed

"""The order in which the containers of a pod stop, as KEP-753 has it."""

import pytest

from planespec.spec.node.lifecycle.termination_order import TerminationOrder, order_termination
from planespec.spec.objects.core_views import Pod


def make_order(*running: str) -> TerminationOrder:
    """Of a pod with three sidecars around an init container, and two regular containers."""
    sidecars = [{"name": name, "restartPolicy": "Always"} for name in ("s0", "s1", "s2")]
    init = [sidecars[0], {"name": "i"}, *sidecars[1:]]
    spec = {"initContainers": init, "containers": [{"name": "a"}, {"name": "b"}]}
    return order_termination(Pod({"spec": spec}), running)


def test_sidecars_stop_after_the_regular_containers_the_last_one_first() -> None:
    order = make_order("s0", "s1", "s2", "a", "b")
    assert order.list_waves() == [["a", "b"], ["s2"], ["s1"], ["s0"]]
    assert order.list_awaited("s0") == ["a", "b", "s1"]


def test_a_sidecar_does_not_wait_past_one_that_does_not_run() -> None:
    order = make_order("s0", "s2", "a")
    assert order.list_waves() == [["a"], ["s0", "s2"]]


def test_an_init_container_that_still_runs_waits_for_nobody_and_nobody_for_it() -> None:
    assert make_order("s0", "i").list_waves() == [["s0", "i"]]


def test_a_pod_of_which_nothing_runs_has_no_wave() -> None:
    assert make_order().list_waves() == []


@pytest.mark.parametrize(
    ("grace", "terminated", "expected"),
    [(30, {"a"}, False), (30, {"a", "b"}, True), (0, set(), True), (-1, set(), True)],
)
def test_nobody_waits_when_no_grace_is_left(
    grace: int, terminated: set[str], expected: bool
) -> None:
    assert make_order("s2", "a", "b").may_stop("s2", grace, terminated) is expected

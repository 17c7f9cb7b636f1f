"""The conditions of a node follow what the parts of its kubelet say."""

from dataclasses import replace

import pytest

from planespec.spec.node.evictions.node_conditions import (
    CONDITION_ORDER,
    NodeCondition,
    NodeHealth,
    describe_errors,
    update_conditions,
)

HEALTHY = NodeHealth()


def test_a_new_node_gets_its_pressures_first_and_ready_last_without_an_event_for_it() -> None:
    report = update_conditions([], HEALTHY, 7)
    assert tuple(each.type for each in report.conditions) == CONDITION_ORDER
    assert [each.status for each in report.conditions] == ["False", "False", "False", "True"]
    assert {(each.heartbeat, each.transition) for each in report.conditions} == {(7, 7)}
    assert report.events == (
        "NodeHasSufficientMemory",
        "NodeHasNoDiskPressure",
        "NodeHasSufficientPID",
    )


def test_an_unchanged_status_keeps_the_time_of_its_transition() -> None:
    before = update_conditions([], HEALTHY, 1).conditions
    report = update_conditions(before, HEALTHY, 5)
    assert {(each.heartbeat, each.transition) for each in report.conditions} == {(5, 1)}
    assert report.events == ()


def test_a_pressure_keeps_the_words_of_its_last_transition_but_ready_does_not() -> None:
    pressure = NodeCondition("MemoryPressure", "False", "Old", "old words", 1, 1)
    ready = NodeCondition("Ready", "False", "Old", "old words", 1, 1)
    broken = replace(HEALTHY, network_error="no network")
    pressure, ready = update_conditions(
        [pressure, ready], broken, 4, ["MemoryPressure", "Ready"]
    ).conditions
    assert (pressure.reason, pressure.message) == ("Old", "old words")
    assert (ready.reason, ready.message) == ("KubeletNotReady", "no network")
    assert (ready.heartbeat, ready.transition) == (4, 1)


def test_conditions_of_others_and_unknown_ones_stay_where_they_are() -> None:
    other = NodeCondition("NetworkUnavailable", "False")
    unknown = NodeCondition("DiskPressure", "Unknown", "NodeStatusUnknown")
    report = update_conditions(
        [unknown, other], replace(HEALTHY, pressures={"DiskPressure"}), 3, ["DiskPressure"]
    )
    assert report.conditions[1] == other
    assert report.conditions[0].status == "True"
    assert report.events == ("NodeHasDiskPressure",)


def test_events_of_ready_tell_of_changes_only() -> None:
    unknown = NodeCondition("Ready", "Unknown", transition=1)
    back = update_conditions([unknown], HEALTHY, 2, ["Ready"])
    assert back.events == ("NodeReady",)
    down = update_conditions(back.conditions, replace(HEALTHY, capacity=set()), 3, ["Ready"])
    assert down.events == ("NodeNotReady",)
    assert down.conditions[0].transition == 3


@pytest.mark.parametrize(
    ("health", "message"),
    [
        (HEALTHY, None),
        (NodeHealth(shutdown_error="shutting down"), "shutting down"),
        (NodeHealth("a", "b", "c", "d"), "[a, b, c, d]"),
        (NodeHealth("same", "same"), "same"),
        (NodeHealth("a", "b", "a"), "[a, b]"),
        (
            NodeHealth(capacity={"pods"}),
            "missing node capacity for resources: cpu, memory, ephemeral-storage",
        ),
        (NodeHealth(capacity={"cpu", "memory", "pods"}, isolates_local_storage=False), None),
    ],
)
def test_each_reason_is_said_once_and_several_stand_in_brackets(
    health: NodeHealth, message: str | None
) -> None:
    assert describe_errors(health) == message


def test_soft_requirements_are_a_warning_and_no_reason() -> None:
    health = NodeHealth(soft_requirements="cgroups")
    (ready,) = update_conditions([], health, 1, ["Ready"]).conditions
    assert ready.status == "True"
    assert ready.message == "kubelet is posting ready status. WARNING: cgroups"

"""Taints that follow from a node, its status when nothing is heard, and how long it caches."""

from typing import Any

from planespec.spec.controllers.node_care.node_health import (
    NOT_READY,
    UNREACHABLE,
    UNSCHEDULABLE,
    list_schedule_taints,
    list_taint_changes,
    make_pod_unready,
    make_unknown,
)
from planespec.spec.controllers.node_care.node_ttl import list_node_ttls

LATER = "2026-01-01T00:01:00Z"


def make_node(ready: str, *taints: tuple[str, str], cordoned: bool = False) -> dict[str, Any]:
    condition = {"type": "Ready", "status": ready, "lastHeartbeatTime": "2026-01-01T00:00:00Z"}
    spec = {"taints": [{"key": key, "effect": effect} for key, effect in taints]}
    return {
        "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": spec | ({"unschedulable": True} if cordoned else {}),
        "status": {"conditions": [condition]},
    }


def test_taints_mirror_conditions_and_a_cordon() -> None:
    assert list_schedule_taints(make_node("True")) == set()
    assert list_schedule_taints(make_node("False")) == {(NOT_READY, "NoSchedule")}
    cordoned = list_schedule_taints(make_node("Unknown", cordoned=True))
    assert cordoned == {(UNREACHABLE, "NoSchedule"), (UNSCHEDULABLE, "NoSchedule")}


def test_a_node_that_is_back_loses_its_taints_and_no_others() -> None:
    node = make_node("True", (UNREACHABLE, "NoSchedule"), ("maint", "NoSchedule"))
    assert next(list_taint_changes(node)) == (set(), {(UNREACHABLE, "NoSchedule")})


def test_a_node_that_is_lost_may_be_left_for_good() -> None:
    changes = list(list_taint_changes(make_node("Unknown")))
    assert ({(UNREACHABLE, "NoExecute")}, {(NOT_READY, "NoExecute")}) in changes
    assert all((NOT_READY, "NoExecute") not in added for added, _ in changes)
    ready = list_taint_changes(make_node("True"))
    assert all("NoExecute" not in {effect for _, effect in added} for added, _ in ready)


def test_nothing_is_known_of_a_node_that_is_silent() -> None:
    conditions = make_unknown(make_node("True"), LATER)["conditions"]
    ready, memory = conditions[0], conditions[1]
    assert (ready["status"], ready["reason"]) == ("Unknown", "NodeStatusUnknown")
    assert ready["lastTransitionTime"] == LATER
    assert ready["lastHeartbeatTime"] == "2026-01-01T00:00:00Z", "the last one that came"
    assert (memory["type"], memory["reason"]) == ("MemoryPressure", "NodeStatusNeverUpdated")
    assert len(conditions) == 4


def test_a_pod_of_a_lost_node_is_not_ready_any_more() -> None:
    pod = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    status = make_pod_unready(pod, LATER)
    assert status is not None
    assert make_pod_unready({"status": status}, LATER) is None, "nothing is written twice"
    condition = {"type": "Ready", "status": "False", "lastTransitionTime": LATER}
    assert status["conditions"] == [condition]


def test_larger_clusters_cache_for_longer() -> None:
    assert list_node_ttls(3) == {0}
    assert list_node_ttls(95) == {0, 15}, "either side of the step"
    assert list_node_ttls(20000) == {300}

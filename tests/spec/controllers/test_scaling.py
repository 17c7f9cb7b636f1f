"""Autoscalers ask for as many replicas as metrics say, as fast as they may; budgets hold."""

from datetime import UTC, datetime
from typing import Any

import pytest

from planespec.spec.controllers.disruption_budget import BudgetError, scale_value, sync_budget
from planespec.spec.controllers.scaling.replica_counts import (
    NoReplicaCountError,
    PodMetric,
    Readiness,
    ReplicaCalculator,
    ReplicaCount,
    TimedPod,
    Tolerances,
)
from planespec.spec.controllers.scaling.scale_limits import (
    Behavior,
    Recommendation,
    ScaleBounds,
    ScaleEvent,
    ScalingPolicy,
    ScalingRules,
    normalize,
    normalize_with_behavior,
)
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, View

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def pod(name: str, phase: str = "Running", ready: str = "True") -> TimedPod:
    containers = [{"name": "c", "resources": {"requests": {"cpu": "1"}}}]
    conditions = [{"type": "Ready", "status": ready}]
    status = {"phase": phase, "conditions": conditions}
    found = Pod({"metadata": {"name": name}, "spec": {"containers": containers}, "status": status})
    return TimedPod(found, started=0, readiness_changed=0)


def calculate(*pods: TimedPod, **metrics: int) -> ReplicaCalculator:
    read = {name: PodMetric(value, at=900) for name, value in metrics.items()}
    times = Readiness(1000, cpu_initialization=300, initial_readiness_delay=30)
    return ReplicaCalculator(pods, Tolerances(0.1, 0.1), times, read)


def test_usage_over_the_target_asks_for_more_and_near_it_for_nothing() -> None:
    """As TestReplicaCalcScaleUp of replica_calculator_test.go."""
    three = [pod("a"), pod("b"), pod("c")]
    up = calculate(*three, a=300, b=500, c=700)
    assert up.count_by_utilization(3, 30, "cpu") == ReplicaCount(5, 500, 50)
    assert up.count_by_utilization(3, 48, "cpu").replicas == 3
    assert up.count_by_value(3, 100, "cpu") == ReplicaCount(15, 500)


def test_pods_without_metrics_hold_back_a_change() -> None:
    """As TestReplicaCalcMissingMetricsUnreadyScaleUp and its like."""
    missing = calculate(pod("a"), pod("b"), a=1000)
    assert missing.count_by_utilization(2, 50, "cpu").replicas == 2
    unready = calculate(pod("a"), pod("b", ready="False"), a=1000, b=900)
    assert unready.count_by_utilization(2, 40, "cpu").replicas == 3
    pending = calculate(pod("a"), pod("b", "Pending"), a=1000)
    assert pending.count_by_utilization(2, 25, "cpu").replicas == 4


def test_no_number_is_said_without_pods_metrics_or_requests() -> None:
    with pytest.raises(NoReplicaCountError, match="no pods returned"):
        calculate().count_by_value(1, 1)
    with pytest.raises(NoReplicaCountError, match="did not receive metrics"):
        calculate(pod("a")).count_by_value(1, 1)
    with pytest.raises(NoReplicaCountError, match="missing request for memory in container c"):
        calculate(pod("a"), a=1).count_by_utilization(1, 50, "memory")


def test_a_total_is_shared_by_ready_pods_or_by_replicas() -> None:
    both = calculate(pod("a"), pod("b", ready="False"))
    assert both.count_by_total(2, 100, 300) == ReplicaCount(3, 300)
    assert both.count_by_total(0, 100, 250) == ReplicaCount(3, 250)
    assert both.count_by_share(2, 100, 500) == ReplicaCount(5, 250)


def test_without_behaviours_the_highest_recent_wish_holds_a_scale_down_back() -> None:
    past = [Recommendation(7, 100), Recommendation(9, 400)]
    found = normalize(ScaleBounds(1, 20, 8), 3, past, 300)
    assert (found.replicas, found.able_to_scale) == (7, "ScaleDownStabilized")
    assert found.recommendations == (Recommendation(7, 100), Recommendation(3))
    assert normalize(ScaleBounds(1, 99, 0), 20, [], 300).replicas == 4


def make_behavior(policies: list[ScalingPolicy], select: str = "Max", **past: Any) -> Behavior:
    return Behavior(ScalingRules(policies, select, 0), ScalingRules(policies, select, 300), **past)


@pytest.mark.parametrize(("select", "replicas"), [("Max", 14), ("Min", 12), ("Disabled", 10)])
def test_policies_limit_a_step_up(select: str, replicas: int) -> None:
    """As TestScaleUpBehaviour... of horizontal_test.go."""
    policies = [ScalingPolicy("Pods", 2, 60), ScalingPolicy("Percent", 40, 60)]
    found = normalize_with_behavior(
        ScaleBounds(1, 99, 10), 50, [], make_behavior(policies, select)
    )
    assert (found.replicas, found.is_limited) == (replicas, True)


def test_what_was_added_in_the_period_counts_against_the_limit() -> None:
    policies = [ScalingPolicy("Pods", 4, 60)]
    behavior = make_behavior(policies, ups=[ScaleEvent(3, 30), ScaleEvent(9, 90)])
    found = normalize_with_behavior(ScaleBounds(1, 99, 10), 50, [], behavior)
    assert found.replicas == 11


def test_a_scale_down_waits_for_its_window() -> None:
    behavior = make_behavior([ScalingPolicy("Percent", 50, 60)])
    held = normalize_with_behavior(ScaleBounds(1, 99, 10), 2, [Recommendation(9, 10)], behavior)
    assert (held.replicas, held.able_to_scale) == (9, "ScaleDownStabilized")
    free = normalize_with_behavior(ScaleBounds(1, 99, 10), 2, [], behavior)
    assert (free.replicas, free.scaling_limited) == (5, "ScaleDownLimit")


def budget(status: Any = None, **spec: Any) -> ApiObject:
    meta = {"name": "b", "namespace": "n", "generation": 1}
    return ApiObject({"metadata": meta, "spec": spec, "status": status})


def owned(name: str, ready: str = "True") -> Pod:
    owner = {"kind": "ReplicaSet", "name": "r", "uid": "r", "controller": True}
    conditions = [{"type": "Ready", "status": ready}]
    metadata = {"name": name, "ownerReferences": [owner]}
    return Pod({"metadata": metadata, "status": {"conditions": conditions}})


def find(_: View) -> tuple[str, int]:
    return "r", 4


def test_a_budget_allows_what_is_healthy_beyond_what_has_to_be() -> None:
    pods = [owned("a"), owned("b"), owned("c"), owned("d", "False")]
    found = sync_budget(budget(maxUnavailable="50%"), pods, find, NOW, "nil").status
    assert found is not None
    assert (found["desiredHealthy"], found["disruptionsAllowed"]) == (2, 1)
    strict = sync_budget(budget(minAvailable=3), pods, find, NOW, "nil").status
    assert strict is not None
    assert strict["disruptionsAllowed"] == 0


def test_an_eviction_that_was_allowed_counts_for_two_minutes() -> None:
    def allow(time: str) -> Any:
        old = {"disruptedPods": {"a": time}}
        return sync_budget(budget(old, minAvailable=1), [owned("a"), owned("b")], find, NOW, "nil")

    recent, late = allow("2026-01-02T03:03:00Z"), allow("2026-01-02T03:01:00Z")
    assert (recent.status["disruptionsAllowed"], late.status["disruptionsAllowed"]) == (0, 1)
    assert late.events[0].startswith("Warning NotDeleted")


def test_a_budget_over_pods_of_nobody_allows_nothing() -> None:
    found = sync_budget(budget(maxUnavailable=1), [owned("a")], lambda _: None, NOW, "nil")
    assert found.status is not None
    assert found.status["conditions"][0]["message"] == 'found no controllers for pod "a"'


def test_a_budget_that_is_right_is_not_written_again() -> None:
    one = [owned("a")]
    status = sync_budget(budget(minAvailable=1), one, find, NOW, "nil").status
    assert sync_budget(budget(status, minAvailable=1), one, find, NOW, "nil").status is None


def test_conditions_of_other_types_stay_and_a_wrong_reason_is_mended() -> None:
    """As SetStatusCondition, and ConditionsAreUpToDate of pkg/apis/policy's helpers."""
    other = {"type": "Mine", "status": "True"}
    one = [owned("a")]
    old = {"conditions": [{"type": "DisruptionAllowed", "status": "True"}, other]}
    status = sync_budget(budget(old, minAvailable=1), one, find, NOW, "nil").status
    assert status is not None
    assert [each["type"] for each in status["conditions"]] == ["DisruptionAllowed", "Mine"]
    failed = sync_budget(budget(old, maxUnavailable=1), one, lambda _: None, NOW, "nil").status
    assert failed is not None
    assert failed["conditions"][0]["reason"] == "SyncFailed"
    assert failed["conditions"][1:] == [other]
    status["conditions"][0] |= {"reason": "SyncFailed"}
    again = sync_budget(budget(status, minAvailable=1), one, find, NOW, "nil").status
    assert again is not None
    assert again["conditions"][0]["reason"] == "InsufficientPods"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("half", "invalid type: string is not a percentage"),
        ("x%", 'invalid value "x%": strconv.Atoi: parsing "x": invalid syntax'),
        ("--5%", 'invalid value "--5%": strconv.Atoi: parsing "--5": invalid syntax'),
    ],
)
def test_a_share_that_is_none_is_said_as_go_says_it(text: str, why: str) -> None:
    """As getIntOrPercentValueSafely of apimachinery's intstr.go."""
    with pytest.raises(BudgetError) as error:
        scale_value(text, 7)
    assert str(error.value) == f"invalid value for IntOrString: {why}"


def test_a_percentage_is_rounded_up() -> None:
    assert [scale_value(value, 7) for value in (3, "50%", "1%", "0%")] == [3, 4, 1, 0]

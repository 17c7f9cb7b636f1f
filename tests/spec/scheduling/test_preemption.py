"""DefaultPreemption: who may preempt, whom, and where."""

from collections.abc import Sequence

import pytest
from worlds import HOSTNAME, affinity, node, pod, term, world

from planespec.spec.scheduling.framework import find_feasible_nodes
from planespec.spec.scheduling.plugin import Code
from planespec.spec.scheduling.preemption import (
    Preemption,
    Victims,
    choose_nodes,
    run_preemption,
    split_by_budget,
)
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.snapshot_building import read_pod

EARLY, LATE = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def preempt(snapshot: Snapshot, incoming: dict[str, object]) -> Preemption:
    """What preemption decides for a pod that fits nowhere."""
    feasibility = find_feasible_nodes(snapshot, read_pod(incoming))
    assert not feasibility.feasible
    return run_preemption(feasibility)


def victims(preemption: Preemption, on: str = "n0") -> list[str]:
    """Names of the victims on a node."""
    return [victim.name for victim in preemption.candidates[on].pods]


def low(
    name: str, cpu: str = "1", on: str = "n0", priority: int = 0, **other: object
) -> dict[str, object]:
    """A pod that may have to go."""
    return pod(name, on=on, cpu=cpu, priority=priority, **other)  # type: ignore[arg-type]


def test_lower_priority_makes_room() -> None:
    preemption = preempt(world([node(cpu="1")], [low("e")]), pod(cpu="1", priority=1))
    assert victims(preemption) == ["e"]
    assert preemption.selected == ["n0"]


def test_equal_priority_does_not() -> None:
    preemption = preempt(world([node(cpu="1")], [low("e", priority=1)]), pod(cpu="1", priority=1))
    assert preemption.statuses["n0"].reasons == ("No preemption victims found for incoming pod",)
    assert not preemption.selected


def test_a_node_that_is_too_small_is_not_considered() -> None:
    preemption = preempt(world([node(cpu="1")], [low("e")]), pod(cpu="2", priority=1))
    assert not preemption.potential


def test_as_many_pods_as_possible_are_reprieved_important_ones_first() -> None:
    pods = [low("e0"), low("e1", priority=5), low("e2", start=EARLY), low("e3", start=LATE)]
    preemption = preempt(world([node(cpu="4")], pods), pod(cpu="1", priority=10))
    # e0 has not started, so it counts as the youngest.
    assert victims(preemption) == ["e0"]
    preemption = preempt(world([node(cpu="4")], pods), pod(cpu="2", priority=10))
    assert victims(preemption) == ["e3", "e0"]


def test_a_large_important_pod_that_cannot_stay_spares_no_smaller_one_in_vain() -> None:
    pods = [low("e0", "3", priority=5), low("e1", "1")]
    preemption = preempt(world([node(cpu="4")], pods), pod(cpu="2", priority=10))
    assert victims(preemption) == ["e0"]


def budget(allowed: int, **labels: str) -> dict[str, object]:
    """A disruption budget for pods with these labels."""
    return {
        "metadata": {"name": "b", "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}},
        "status": {"disruptionsAllowed": allowed},
    }


def test_a_budget_spares_its_pods_before_others() -> None:
    guarded, other = low("e0", labels={"app": "a"}), low("e1", start=EARLY)
    free = world([node(cpu="2")], [guarded, other])
    held = world([node(cpu="2")], [guarded, other], PodDisruptionBudget=[budget(0, app="a")])
    incoming = pod(cpu="1", priority=1)
    assert victims(preempt(free, incoming)) == ["e0"]
    assert victims(preempt(held, incoming)) == ["e1"]


def test_a_budget_is_broken_where_nothing_else_helps() -> None:
    snapshot = world(
        [node(cpu="1")],
        [low("e", labels={"app": "a"})],
        PodDisruptionBudget=[budget(0, app="a")],
    )
    preemption = preempt(snapshot, pod(cpu="1", priority=1))
    assert preemption.candidates["n0"].pdb_violations == 1


def test_each_pod_uses_up_one_disruption_of_its_budget() -> None:
    snapshot = world([node()], PodDisruptionBudget=[budget(1, app="a")])
    pods = [read_pod(pod(name, {"app": "a"})) for name in ("x", "y")]
    violating, others = split_by_budget(pods, snapshot.disruption_budgets)
    assert [p.name for p in violating] == ["y"]
    assert [p.name for p in others] == ["x"]


def test_a_budget_is_used_up_also_where_another_is_exceeded() -> None:
    budgets = [budget(0, app="a"), budget(1, tier="web")]
    both, one = {"app": "a", "tier": "web"}, {"tier": "web"}
    for order in (budgets, budgets[::-1]):
        snapshot = world([node()], PodDisruptionBudget=order)
        pods = [read_pod(pod("x", both)), read_pod(pod("y", one))]
        violating, _ = split_by_budget(pods, snapshot.disruption_budgets)
        assert [p.name for p in violating] == ["x", "y"]


def test_a_pod_without_labels_is_guarded_by_no_budget() -> None:
    selector = {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}
    guard = {**budget(0), "spec": {"selector": selector}}
    snapshot = world([node()], PodDisruptionBudget=[guard])
    pods = [read_pod(pod("x")), read_pod(pod("y", {"tier": "web"}))]
    violating, _ = split_by_budget(pods, snapshot.disruption_budgets)
    assert [p.name for p in violating] == ["y"]


def test_a_pod_whose_eviction_is_granted_already_violates_nothing() -> None:
    granted = budget(0, app="a")
    granted["status"]["disruptedPods"] = {"x": LATE}  # type: ignore[index]
    snapshot = world([node()], PodDisruptionBudget=[granted])
    violating, _ = split_by_budget([read_pod(pod("x", {"app": "a"}))], snapshot.disruption_budgets)
    assert not violating


def test_a_pod_with_policy_never_does_not_preempt() -> None:
    incoming = pod(cpu="1", priority=1, preemptionPolicy="Never")
    preemption = preempt(world([node(cpu="1")], [low("e")]), incoming)
    assert preemption.refusal == "not eligible due to preemptionPolicy=Never."
    assert not preemption.candidates


def evicted(name: str, reason: str = "PreemptionByScheduler") -> dict[str, object]:
    """A pod of low priority that is being deleted."""
    going = low(name, deleting=True)
    condition = {"type": "DisruptionTarget", "status": "True", "reason": reason}
    going["status"] = {"conditions": [condition]}
    return going


def test_a_pod_waits_for_the_victims_of_its_last_preemption() -> None:
    incoming = pod(cpu="1", priority=1, nominated="n0")
    waiting = preempt(world([node(cpu="1")], [evicted("e")]), incoming)
    assert waiting.refusal == "not eligible due to a terminating pod on the nominated node."
    drained = preempt(world([node(cpu="1")], [evicted("e", "EvictionByEvictionAPI")]), incoming)
    assert not drained.refusal


@pytest.mark.parametrize(
    ("condition", "waits"),
    [
        ({"reason": "PreemptionByScheduler", "status": "True"}, True),
        ({"reason": "PreemptionByScheduler", "status": "False"}, False),
        ({"reason": "EvictionByEvictionAPI", "status": "True"}, False),
        ({"type": "Ready", "reason": "PreemptionByScheduler", "status": "True"}, False),
    ],
)
def test_only_pods_that_the_scheduler_evicts_are_waited_for(
    condition: dict[str, str], waits: bool
) -> None:
    going = low("e", deleting=True)
    going["status"]["conditions"] = [{"type": "DisruptionTarget", **condition}]  # type: ignore[index]
    snapshot = world([node(cpu="1")], [going])
    preemption = preempt(snapshot, pod(cpu="1", priority=1, nominated="n0"))
    assert bool(preemption.refusal) is waits


def test_a_claim_that_only_one_pod_may_use_is_freed_by_its_user() -> None:
    claim = {
        "metadata": {"name": "c", "namespace": "default"},
        "spec": {"accessModes": ["ReadWriteOncePod"], "volumeName": "v"},
    }
    claim["metadata"]["annotations"] = {"pv.kubernetes.io/bind-completed": "yes"}  # type: ignore[assignment]
    disk = [{"name": "d", "persistentVolumeClaim": {"claimName": "c"}}]
    volume = {"metadata": {"name": "v"}, "spec": {}}
    objects = {"PersistentVolumeClaim": [claim], "PersistentVolume": [volume]}
    pods = [low("e", volumes=disk), low("f")]
    snapshot = world([node()], pods, **objects)
    assert victims(preempt(snapshot, pod(priority=1, volumes=disk))) == ["e"]


def test_a_pod_preempts_again_when_its_nominated_node_became_hopeless() -> None:
    nodes = [node("n0", cpu="1", unschedulable=True), node("n1", cpu="1")]
    incoming = pod(cpu="1", priority=1, nominated="n0")
    preemption = preempt(world(nodes, [evicted("e"), low("f", on="n1")]), incoming)
    assert preemption.selected == ["n1"]


def test_anti_affinity_is_cured_by_taking_the_other_pod_away() -> None:
    other = pod("e", {"app": "db"}, on="n0")
    rule = affinity("podAntiAffinity", term(HOSTNAME, app="db"))
    preemption = preempt(world([node()], [other]), pod(priority=1, **rule))  # type: ignore[arg-type]
    assert victims(preemption) == ["e"]


def some(*priorities: int, start: str = EARLY, violations: int = 0) -> Victims:
    """Victims of these priorities, most important first."""
    pods = [read_pod(pod(f"e{i}", priority=p, start=start)) for i, p in enumerate(priorities)]
    return Victims(pods, violations)


def chosen(**candidates: Victims) -> Sequence[str]:
    """The nodes chosen among candidates."""
    return choose_nodes(candidates)


def test_fewest_budget_violations_come_first() -> None:
    assert chosen(a=some(1, violations=1), b=some(9, 9)) == ["b"]


def test_then_the_lowest_highest_priority() -> None:
    assert chosen(a=some(5), b=some(4, 4, 4)) == ["b"]


def test_then_the_smallest_sum_in_which_every_pod_counts() -> None:
    assert chosen(a=some(5, 1), b=some(5, 2)) == ["a"]
    assert chosen(a=some(-5, -9), b=some(-5)) == ["b"]


def test_then_the_latest_start_of_the_most_important_victims() -> None:
    assert chosen(a=some(5, start=EARLY), b=some(5, start=LATE)) == ["b"]


def test_equal_candidates_are_all_returned() -> None:
    assert chosen(a=some(5), b=some(5)) == ["a", "b"]


def test_nominated_pods_of_equal_priority_keep_their_room() -> None:
    nominated = pod("n", cpu="1", priority=1, nominated="n0")
    snapshot = world([node(cpu="1")], [nominated])
    equal = find_feasible_nodes(snapshot, read_pod(pod(cpu="1", priority=1)))
    higher = find_feasible_nodes(snapshot, read_pod(pod(cpu="1", priority=2)))
    assert equal.rejected["n0"].code is Code.UNSCHEDULABLE
    assert [node.name for node in higher.feasible] == ["n0"]


def test_affinity_to_a_nominated_pod_does_not_count() -> None:
    nominated = pod("n", {"app": "db"}, priority=1, nominated="n0")
    rule = affinity("podAffinity", term(HOSTNAME, app="db"))
    incoming = read_pod(pod(**rule))  # type: ignore[arg-type]
    assert not find_feasible_nodes(world([node()], [nominated]), incoming).feasible

"""Snapshots: what counts, what is kept, and what a node adds up to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import node, pod, world

from planespec.spec.objects import ObjectError
from planespec.spec.scheduling.amounts import is_scalar_resource_name
from planespec.spec.scheduling.framework import check_node, find_feasible_nodes, run_pre_filters
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.snapshot_building import build_snapshot, read_pod

PORT = {"containerPort": 80, "hostPort": 80}


def test_pods_that_are_finished_or_nowhere_take_no_part() -> None:
    pods = [
        pod("running", on="n0"),
        pod("finished", on="n0", phase="Succeeded"),
        pod("pending"),
        pod("elsewhere", on="gone"),
    ]
    assert [p.name for p in world([node()], pods).nodes["n0"].pods] == ["running"]


def test_stored_pods_are_taken_as_they_are() -> None:
    limited = pod("e", on="n0")
    limited["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "1"}}  # type: ignore[index]
    objects = {"Node": [node()], "Pod": [limited]}
    assert build_snapshot(objects).nodes["n0"].requested.milli_cpu == 1000
    assert build_snapshot(objects, is_stored=True).nodes["n0"].requested.milli_cpu == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=6))
def test_a_node_adds_up_the_same_by_steps_and_at_once(sizes: list[tuple[int, int]]) -> None:
    infos = [
        read_pod(pod(f"e{i}", cpu=f"{cpu}00m", memory=f"{memory}Mi"))
        for i, (cpu, memory) in enumerate(sizes)
    ]
    by_steps = NodeInfo(world([node()]).nodes["n0"].node)
    for info in infos:
        by_steps = by_steps.with_pod(info)
    at_once = NodeInfo(by_steps.node, infos)
    assert by_steps.requested == at_once.requested
    assert by_steps.non_zero == at_once.non_zero
    assert by_steps.without_pod(infos[0]).requested == NodeInfo(by_steps.node, infos[1:]).requested


def test_taking_away_a_pod_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="node n0 has no pod default/p"):
        world([node()]).nodes["n0"].without_pod(read_pod(pod()))


def test_a_port_that_two_pods_share_is_free_once_one_of_them_goes() -> None:
    pods = [pod("e0", on="n0", ports=[PORT]), pod("e1", on="n0", ports=[PORT])]
    full = world([node()], pods).nodes["n0"]
    assert not full.without_pod(full.pods[0]).used_ports


def test_a_pod_in_the_middle_of_a_resize_holds_the_greater_amount() -> None:
    shrinking = pod("e", on="n0", cpu="1")
    held = {"name": "c", "resources": {"requests": {"cpu": "2"}}}
    shrinking["status"] = {"containerStatuses": [held]}
    assert world([node()], [shrinking]).nodes["n0"].requested.milli_cpu == 2000


def test_pods_that_ask_for_the_same_share_their_amounts() -> None:
    one, other = read_pod(pod("a", cpu="1")), read_pod(pod("b", {"x": "y"}, cpu="1"))
    assert one.requests is other.requests
    assert one.requests is not read_pod(pod("c", cpu="2")).requests


def test_an_amount_that_cannot_be_read_names_its_field() -> None:
    broken = pod("e", on="n0", cpu="1")
    broken["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "much"  # type: ignore[index]
    snapshot = build_snapshot({"Node": [node()], "Pod": [broken]}, is_stored=True)
    with pytest.raises(ObjectError, match=r"spec.containers\[0\].resources.requests.cpu"):
        _ = snapshot.nodes["n0"].requested


def test_one_node_is_judged_as_in_the_whole_attempt() -> None:
    snapshot = world([node("n0", cpu="1"), node("n1")])
    incoming = read_pod(pod(cpu="2"))
    pre_filtered = run_pre_filters(snapshot, incoming)
    whole = find_feasible_nodes(snapshot, incoming)
    assert check_node(pre_filtered, snapshot.nodes["n0"]) == whole.rejected["n0"]
    assert check_node(pre_filtered, snapshot.nodes["n1"]).is_success


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("example.com/gpu", True),
        ("hugepages-2Mi", True),
        ("attachable-volumes-csi-x", True),
        ("kubernetes.io/thing", True),
        ("requests.example.com/gpu", False),
        ("pods", False),
        ("storage", False),
    ],
)
def test_which_resources_are_counted_by_units(name: str, expected: bool) -> None:
    assert is_scalar_resource_name(name) is expected


def test_a_budget_that_cannot_be_read_guards_nothing() -> None:
    broken = {"matchExpressions": [{"key": "a", "operator": "Near"}]}
    budget = {"metadata": {"name": "b"}, "spec": {"selector": broken}}
    [read] = world([node()], PodDisruptionBudget=[budget]).disruption_budgets
    assert not read.matches("default", {"a": "b"})

"""Pods are collected that have ended, whose node is gone or that never had one."""

from typing import Any

from planespec.spec.controllers.pod_gc import OUT_OF_SERVICE, PodGc
from planespec.spec.objects.core_views import Node, Pod


def pod(name: str, phase: str = "Running", node: str = "", **metadata: Any) -> Pod:
    metadata = {"name": name, "uid": f"uid-{name}", **metadata}
    return Pod({"metadata": metadata, "spec": {"nodeName": node}, "status": {"phase": phase}})


def collect(threshold: int, *pods: Pod, nodes: tuple[Node, ...] = ()) -> list[list[str]]:
    groups = PodGc(threshold).collect(pods, nodes, 0, lambda _: False)
    return [[removal.pod.name for removal in group] for group in groups]


def test_ended_pods_in_excess_go_the_evicted_first_and_then_the_oldest() -> None:
    """As TestGCTerminated of gc_controller_test.go."""
    evicted = Pod(
        {
            "metadata": {"name": "e", "creationTimestamp": "2026-01-09T00:00:00Z"},
            "status": {"phase": "Failed", "reason": "Evicted"},
        }
    )
    old = pod("old", "Failed", creationTimestamp="2026-01-01T00:00:00Z")
    new = pod("new", "Succeeded", creationTimestamp="2026-01-02T00:00:00Z")
    without = pod("without", "", creationTimestamp="2026-01-03T00:00:00Z")
    runs = pod("runs", creationTimestamp="2025-01-01T00:00:00Z")
    assert collect(2, new, without, old, evicted, runs)[0] == ["e", "old"]
    assert collect(0, new, old)[0] == []


def test_a_terminating_pod_goes_where_its_node_is_out_of_service_and_not_ready() -> None:
    taints = {"taints": [{"key": OUT_OF_SERVICE, "effect": "NoExecute"}]}

    def node(name: str, ready: str, spec: object = None) -> Node:
        conditions = [{"type": "Ready", "status": ready}]
        return Node(
            {"metadata": {"name": name}, "spec": spec, "status": {"conditions": conditions}}
        )

    nodes = (node("down", "Unknown", taints), node("up", "True", taints), node("bare", "False"))
    dying = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    pods = [pod(name, node=name, **dying) for name in ("down", "up", "bare")]
    assert collect(0, *pods, pod("lives", node="down"), nodes=nodes)[1] == ["down"]


def test_a_node_is_gone_only_after_its_quarantine_and_if_the_server_says_so() -> None:
    """As TestGCOrphaned of gc_controller_test.go."""
    orphan, asked = pod("a", node="gone"), list[str]()

    def exists(name: str) -> bool:
        asked.append(name)
        return len(asked) == 1

    controller = PodGc(0)
    seen = [controller.collect([orphan], [], now, exists)[2] for now in (0, 39, 40, 60, 99, 100)]
    assert [len(removals) for removals in seen] == [0, 0, 0, 0, 0, 1]
    assert asked == ["gone", "gone"]


def test_a_node_that_appears_in_time_keeps_its_pods() -> None:
    controller, orphan = PodGc(0), pod("a", node="late")
    controller.collect([orphan], [], 0, lambda _: False)
    late = Node({"metadata": {"name": "late"}})
    assert controller.collect([orphan], [late], 41, lambda _: False)[2] == []


def test_an_orphan_is_marked_as_failed_with_the_reason_and_an_ended_one_is_not() -> None:
    controller = PodGc(0)
    controller.collect([pod("a", node="n")], [], 0, lambda _: False)
    pods = [pod("a", node="n"), pod("b", "Succeeded", node="n")]
    running, ended = controller.collect(pods, [], 41, lambda _: False)[2]
    assert ended.status_patch is None
    assert running.status_patch is not None
    status = running.status_patch["status"]
    assert (status["phase"], status["conditions"][0]["reason"]) == ("Failed", "DeletionByPodGC")
    assert running.status_patch["metadata"] == {"uid": "uid-a"}


def test_a_terminating_pod_that_was_never_placed_goes() -> None:
    dying = pod("a", "Pending", deletionTimestamp="2026-01-01T00:00:00Z")
    assert collect(0, dying, pod("b", "Pending"))[3] == ["a"]

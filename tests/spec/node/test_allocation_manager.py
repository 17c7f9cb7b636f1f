"""A kubelet takes up resizes that fit, in order, and says why of those that do not."""

from collections.abc import Mapping
from typing import Any

import pytest

from planespec.spec.node.resizing.allocation_manager import AllocationManager
from planespec.spec.node.resizing.allocations import allocate_all, apply_allocation
from planespec.spec.node.resizing.resize_admission import ResizePolicy
from planespec.spec.objects.core_views import Node, Pod

ROOM = {"cpu": "4", "memory": "8Gi", "pods": "10"}
Amounts = Mapping[str, str]


class Kubelet:
    """Pods by UID and the manager that allocates to them."""

    def __init__(self, policy: ResizePolicy | None = None) -> None:
        self.pods: dict[str, dict[str, Any]] = {}
        node = Node({"metadata": {"name": "n"}, "status": {"allocatable": ROOM}})
        self.manager = AllocationManager(
            node, lambda: [Pod(pod) for pod in self.pods.values()], self.find
        )
        self.manager.policy = policy or ResizePolicy()

    def find(self, uid: str) -> Pod | None:
        return Pod(self.pods[uid]) if uid in self.pods else None

    def add(self, uid: str, cpu: str, *, limited: bool = False, **spec: object) -> None:
        resources = make_resources({"cpu": cpu, "memory": "1Gi"}, limited=limited)
        containers = [{"name": "c", "resources": resources}]
        metadata = {"name": uid, "uid": uid, "generation": 1}
        pod = {"metadata": metadata, "spec": {"containers": containers, **spec}}
        assert self.manager.add_pod(Pod(pod)).is_admitted
        self.pods[uid] = pod

    def resize(self, uid: str, cpu: str, memory: str = "1Gi", *, limited: bool = False) -> None:
        pod = self.pods[uid]
        pod["metadata"]["generation"] += 1
        resources = make_resources({"cpu": cpu, "memory": memory}, limited=limited)
        pod["spec"]["containers"] = [{**pod["spec"]["containers"][0], "resources": resources}]

    def retry(self, *uids: str) -> list[str]:
        for uid in uids:
            self.manager.push_pending_resize(uid)
        return [pod.meta.uid for pod in self.manager.retry_pending_resizes()]

    def cpu(self, uid: str) -> str:
        return str(self.manager.allocated[uid].containers["c"].requests["cpu"])


def make_resources(amounts: Amounts, *, limited: bool) -> dict[str, Amounts]:
    return {"requests": amounts, "limits": amounts} if limited else {"requests": amounts}


def test_a_resize_that_does_not_fit_is_deferred_until_another_pod_goes() -> None:
    kubelet = Kubelet()
    kubelet.add("a", "1")
    kubelet.add("b", "2")
    kubelet.resize("a", "3")
    assert kubelet.retry("a") == []
    assert kubelet.manager.conditions.is_deferred("a")
    assert kubelet.manager.pending == ["a"]
    del kubelet.pods["b"]
    kubelet.manager.remove_pod("b")
    assert kubelet.retry() == ["a"]
    assert kubelet.cpu("a") == "3"
    assert kubelet.manager.synced == ["a", "a"]
    assert [event.reason for event in kubelet.manager.events] == [
        "ResizeDeferred",
        "ResizeStarted",
    ]


def test_a_deferred_resize_is_told_once_but_synced_at_every_try() -> None:
    kubelet = Kubelet()
    kubelet.add("a", "1")
    kubelet.resize("a", "9")
    kubelet.retry("a")
    kubelet.retry()
    assert kubelet.manager.synced == ["a", "a"]
    assert len(kubelet.manager.events) == 1
    kubelet.resize("a", "9")
    kubelet.retry()
    assert len(kubelet.manager.events) == 2


def test_nothing_is_tried_before_the_sources_are_ready() -> None:
    kubelet = Kubelet()
    kubelet.add("a", "1")
    kubelet.resize("a", "2")
    kubelet.manager.sources_ready = False
    assert kubelet.retry("a") == []
    assert (kubelet.cpu("a"), kubelet.manager.pending) == ("1", ["a"])


def test_a_wish_that_is_taken_back_waits_no_longer() -> None:
    kubelet = Kubelet()
    kubelet.add("a", "1")
    kubelet.resize("a", "9")
    kubelet.retry("a")
    kubelet.resize("a", "1")
    assert kubelet.retry() == ["a"]
    assert kubelet.manager.conditions.list_for("a") == []


@pytest.mark.parametrize(
    ("policy", "cpu", "memory", "said"),
    [
        (ResizePolicy("static"), "9", "1Gi", 'CPU Manager policy "static"'),
        (ResizePolicy("static"), "1", "2Gi", ""),
        (ResizePolicy("none", "Static"), "1", "9Gi", 'Memory Manager policy "Static"'),
        (ResizePolicy("none", "Static"), "2", "1Gi", ""),
        (ResizePolicy("static", "Static"), "2", "2Gi", 'CPU Manager policy "static"'),
        (ResizePolicy(uses_swap=lambda pod, container: True), "1", "2Gi", "with swap"),
        (ResizePolicy(uses_swap=lambda pod, container: True), "2", "1Gi", ""),
    ],
)
def test_a_guaranteed_pod_has_resizes_that_are_infeasible_whatever_the_room(
    policy: ResizePolicy, cpu: str, memory: str, said: str
) -> None:
    kubelet = Kubelet(policy)
    kubelet.add("a", "1", limited=True)
    kubelet.resize("a", cpu, memory, limited=True)
    assert kubelet.retry("a") == ([] if said else ["a"])
    assert kubelet.manager.conditions.is_infeasible("a") is bool(said)
    assert kubelet.manager.pending == []
    messages = [condition.message for condition in kubelet.manager.conditions.list_for("a")]
    assert said in messages[0]


def test_memory_of_a_container_that_swaps_may_change_with_a_restart() -> None:
    kubelet = Kubelet(ResizePolicy(uses_swap=lambda pod, container: True))
    kubelet.add("a", "1")
    [container] = kubelet.pods["a"]["spec"]["containers"]
    container["resizePolicy"] = [
        {"resourceName": "cpu", "restartPolicy": "NotRequired"},
        {"resourceName": "memory", "restartPolicy": "RestartContainer"},
    ]
    kubelet.resize("a", "1", "2Gi")
    assert kubelet.retry("a") == ["a"]


def test_wishes_are_tried_by_growth_priority_class_and_wait() -> None:
    kubelet = Kubelet()
    for uid, more in (
        ("late", {}),
        ("early", {}),
        ("sure", {"limited": True}),
        ("high", {"priority": 9}),
    ):
        kubelet.add(uid, "500m", **more)  # type: ignore[arg-type]
    kubelet.add("less", "1")
    for uid in ("early", "late"):
        kubelet.resize(uid, "9")
        kubelet.retry(uid)
    kubelet.resize("sure", "9", limited=True)
    kubelet.resize("high", "9")
    kubelet.resize("less", "500m")
    kubelet.manager.pending = []
    for uid in ("late", "early", "sure", "high", "less"):
        kubelet.manager.push_pending_resize(uid)
    assert kubelet.manager.pending == ["less", "high", "sure", "early", "late"]


def test_a_wish_that_was_never_tried_goes_behind_those_that_wait() -> None:
    kubelet = Kubelet()
    for uid in ("new", "old"):
        kubelet.add(uid, "1")
        kubelet.resize(uid, "9")
    kubelet.retry("old")
    kubelet.manager.pending = []
    for uid in ("new", "old"):
        kubelet.manager.push_pending_resize(uid)
    assert kubelet.manager.pending == ["old", "new"]


def test_of_wishes_that_do_not_grow_the_last_pushed_is_first() -> None:
    kubelet = Kubelet()
    for uid in "abc":
        kubelet.add(uid, "1")
        kubelet.manager.push_pending_resize(uid)
    assert kubelet.manager.pending == ["c", "a", "b"]
    kubelet.manager.push_pending_resize("a")
    assert kubelet.manager.pending == ["c", "a", "b"]


def test_after_a_restart_a_pod_is_admitted_with_what_it_had() -> None:
    kubelet = Kubelet()
    kubelet.add("a", "1")
    kubelet.resize("a", "9")
    assert kubelet.manager.add_pod(Pod(kubelet.pods["a"])).is_admitted
    assert kubelet.cpu("a") == "1"
    kubelet.manager.remove_orphaned_pods(["b"])
    assert kubelet.manager.add_pod(Pod(kubelet.pods["a"])).reason == "OutOfcpu"


def test_resources_of_the_pod_as_a_whole_are_allocated_too() -> None:
    pod = Pod({"spec": {"containers": [], "resources": {"requests": {"cpu": "1"}}}})
    same = Pod({"spec": {"containers": [], "resources": {"requests": {"cpu": "1000m"}}}})
    assert apply_allocation(same, allocate_all(pod)) == (same, False)
    bare = Pod({"spec": {"containers": []}})
    updated, is_updated = apply_allocation(bare, allocate_all(pod))
    assert is_updated
    assert updated.spec.data["resources"] == {"requests": {"cpu": "1"}}
    updated, is_updated = apply_allocation(pod, allocate_all(bare))
    assert is_updated
    assert "resources" not in updated.spec.data

"""DaemonSets: which nodes get a pod, which pods go, and how old pods are replaced."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from planespec.spec.controllers.apps.daemon_nodes import (
    DaemonSet,
    find_target_node,
    group_by_node,
    part_by_hash,
)
from planespec.spec.controllers.apps.daemon_sync import (
    DaemonSync,
    choose_first,
    sync_daemon_set,
)
from planespec.spec.objects.core_views import Node, Pod

NOW = datetime(2026, 1, 2, tzinfo=UTC)
READY = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
AVAILABLE = {"phase": "Running", "conditions": [READY]}
RUNNING = {"phase": "Running"}


def make_set(template: Any = None, *, kind: str = "RollingUpdate", **more: Any) -> DaemonSet:
    """A DaemonSet with that template spec; `rolling` are its limits."""
    strategy = {"type": kind, "rollingUpdate": more.pop("rolling", {"maxUnavailable": 1})}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "updateStrategy": strategy}
    spec["template"] = {"spec": template or {}}
    meta = {"name": "d", "namespace": "default", "uid": "u"} | more.pop("metadata", {})
    return DaemonSet({"metadata": meta, "spec": spec | more})


def make_node(name: str, *taints: tuple[str, str], **labels: str) -> Node:
    """A node with taints of these keys and effects."""
    found = [{"key": key, "effect": effect} for key, effect in taints]
    return Node({"metadata": {"name": name, "labels": labels}, "spec": {"taints": found}})


def make_pod(name: str, node: str = "n0", status: Any = None, **more: Any) -> Pod:
    """A pod of the template of the hash `old` on a node."""
    meta: Any = {"name": name, "uid": name, "namespace": "default"}
    meta["ownerReferences"] = [{"uid": "u", "controller": True}]
    labels = {"a": "b", "controller-revision-hash": more.pop("hash", "old")}
    meta |= {"labels": labels, "creationTimestamp": "2026-01-01T00:00:00Z"}
    meta |= more.pop("metadata", {})
    pod = {"metadata": meta, "spec": {"nodeName": node}, "status": status or AVAILABLE}
    return Pod(pod | more)


def sync(daemon_set: DaemonSet, pods: list[Pod], *nodes: str) -> DaemonSync:
    """One sync on nodes of these names; the new hash is `new`."""
    return sync_daemon_set(daemon_set, pods, map(make_node, nodes), "new", NOW)


def on_node(name: str) -> Any:
    """Affinity to one node, as the controller gives it to its pods."""
    field = {"key": "metadata.name", "operator": "In", "values": [name]}
    required = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    return {
        "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required},
    }


@pytest.mark.parametrize(
    ("taint", "verdict"),
    [
        (("k", "NoSchedule"), (False, True)),
        (("k", "NoExecute"), (False, False)),
        (("k", "PreferNoSchedule"), (True, True)),
        (("node.kubernetes.io/not-ready", "NoExecute"), (True, True)),
        (("node.kubernetes.io/pid-pressure", "NoSchedule"), (True, True)),
        (("node.kubernetes.io/network-unavailable", "NoSchedule"), (False, True)),
    ],
)
def test_a_taint_keeps_new_pods_away_and_only_no_execute_drives_out(
    taint: tuple[str, str], verdict: tuple[bool, bool]
) -> None:
    assert make_set().judge_node(make_node("n0", taint)) == verdict


def test_pods_on_the_network_of_the_host_go_to_nodes_without_network() -> None:
    node = make_node("n0", ("node.kubernetes.io/network-unavailable", "NoSchedule"))
    assert make_set({"hostNetwork": True}).judge_node(node) == (True, True)


def test_a_node_that_does_not_match_gets_none_and_loses_those_it_has() -> None:
    assert make_set({"nodeName": "n1"}).judge_node(make_node("n0")) == (False, False)
    picky = make_set({"nodeSelector": {"disk": "ssd"}})
    assert picky.judge_node(make_node("n0", disk="hdd")) == (False, False)
    assert picky.judge_node(make_node("n0", disk="ssd")) == (True, True)
    assert make_set({"affinity": on_node("n1")}).judge_node(make_node("n0")) == (False, False)


def test_a_pod_without_a_node_belongs_to_the_one_that_its_affinity_names() -> None:
    pod = make_pod("p", spec={"affinity": on_node("n7")})
    assert find_target_node(pod) == "n7"
    assert find_target_node(make_pod("p", spec={})) is None
    two = on_node("n7")
    terms = two["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    terms["nodeSelectorTerms"][0]["matchFields"][0]["values"] = ["n7", "n8"]
    assert find_target_node(make_pod("p", spec={"affinity": two})) is None


def test_a_pod_that_has_ended_and_is_going_does_not_count() -> None:
    gone = {"deletionTimestamp": "2026-01-02T00:00:00Z"}
    ended = make_pod("ended", status={"phase": "Failed"}, metadata=gone)
    going = make_pod("going", metadata=gone)
    assert group_by_node(make_set(), [ended, going]) == {"n0": [going]}
    assert part_by_hash([going], "new") == (None, None)


def test_a_node_gets_a_pod_and_of_several_the_oldest_stays() -> None:
    young = {"creationTimestamp": "2026-01-01T12:00:00Z"}
    pods = [make_pod("b", metadata=young), make_pod("a", metadata=young), make_pod("c")]
    found = sync(make_set(), pods, "n0", "n1")
    assert (found.created, found.deleted) == (["n1"], ["a", "b"])


def test_one_failed_pod_of_a_node_is_deleted_at_once_and_all_that_have_succeeded() -> None:
    pods = [make_pod(n, status={"phase": "Failed"}) for n in ("f0", "f1")]
    pods += [make_pod(n, status={"phase": "Succeeded"}) for n in ("s0", "s1")]
    assert sync(make_set(), pods, "n0").deleted == ["f0", "s0", "s1"]


def test_a_pod_that_waits_for_a_node_that_is_gone_is_deleted_and_one_on_it_is_not() -> None:
    waiting = make_pod("w", spec={"affinity": on_node("gone")})
    daemon_set = make_set(kind="OnDelete")
    assert sync(daemon_set, [waiting, make_pod("p", "gone")]).deleted == ["w"]


def test_old_pods_are_replaced_only_when_nothing_else_had_to_be_done() -> None:
    found = sync(make_set(), [make_pod("p0")], "n0", "n1")
    assert (found.created, found.deleted) == (["n1"], [])
    found = sync(make_set(), [make_pod("p0"), make_pod("p1", "n1")], "n0", "n1")
    assert (found.created, found.deleted) == ([], ["p0"])
    assert sync(make_set(kind="OnDelete"), [make_pod("p0")], "n0").deleted == []


def test_old_pods_that_are_not_available_go_at_once_and_count() -> None:
    pods = [make_pod("p0", status=RUNNING), make_pod("p1", "n1"), make_pod("p2", "n2")]
    one, two = make_set(), make_set(rolling={"maxUnavailable": "50%"})
    assert sync(one, pods, "n0", "n1", "n2").deleted == ["p0"]
    assert sync(two, pods, "n0", "n1", "n2").deleted == ["p0", "p1"]
    none = make_set(rolling={"maxUnavailable": 0, "maxSurge": 0})
    assert sync(none, pods[1:], "n1", "n2").deleted == ["p1"]


def test_a_new_pod_that_is_not_available_holds_the_others_up() -> None:
    pods = [make_pod("p0", hash="new", status=RUNNING), make_pod("p1", "n1")]
    assert sync(make_set(), pods, "n0", "n1").deleted == []
    going = make_pod("p0", metadata={"deletionTimestamp": "2026-01-02T00:00:00Z"})
    assert sync(make_set(), [going, pods[1]], "n0", "n1").deleted == []


SURGE = {"maxSurge": 1, "maxUnavailable": 0}


def test_with_surge_a_new_pod_comes_first_and_the_old_one_goes_when_it_is_available() -> None:
    daemon_set = make_set(rolling=SURGE)
    old = [make_pod("p0"), make_pod("p1", "n1")]
    found = sync(daemon_set, old, "n0", "n1")
    assert (found.created, found.deleted) == (["n0"], [])
    new = make_pod("q0", hash="new", status=RUNNING)
    found = sync(daemon_set, [*old, new], "n0", "n1")
    assert (found.created, found.deleted) == ([], [])
    found = sync(daemon_set, [*old, make_pod("q0", hash="new")], "n0", "n1")
    assert found.deleted == ["p0"]
    broken = make_pod("p0", status=RUNNING)
    assert sync(daemon_set, [broken, old[1], new], "n0", "n1").deleted == ["p0"]


def test_with_surge_a_pod_beside_an_old_one_that_is_not_available_costs_nothing() -> None:
    pods = [make_pod("p0", status=RUNNING), make_pod("p1", "n1"), make_pod("p2", "n2")]
    assert sync(make_set(rolling=SURGE), pods, "n0", "n1", "n2").created == ["n0", "n1"]


def test_with_surge_a_node_that_lost_its_pods_gets_one() -> None:
    gone = {"deletionTimestamp": "2026-01-02T00:00:00Z"}
    pods = [make_pod("p0", metadata=gone)]
    assert sync(make_set(rolling=SURGE), pods, "n0").created == ["n0"]
    assert sync(make_set(), pods, "n0").created == []


def test_with_surge_a_node_that_is_left_keeps_its_pod_until_there_are_enough() -> None:
    daemon_set = make_set(rolling=SURGE)
    left = make_node("n0", ("k", "NoSchedule"))
    new = make_pod("q1", "n1", hash="new", status=RUNNING)
    nodes = [left, make_node("n1")]
    wait = sync_daemon_set(daemon_set, [make_pod("p0"), new], nodes, "new", NOW)
    assert wait.deleted == []
    ready = make_pod("q1", "n1", hash="new")
    assert sync_daemon_set(daemon_set, [make_pod("p0"), ready], nodes, "new", NOW).deleted == [
        "p0"
    ]
    broken = make_pod("p0", status=RUNNING)
    assert sync_daemon_set(daemon_set, [broken, new], nodes, "new", NOW).deleted == ["p0"]


def test_with_surge_an_old_pod_of_a_node_that_is_gone_is_an_error() -> None:
    found = sync(make_set(rolling=SURGE), [make_pod("p", "gone")])
    assert found.error == 'couldn\'t get node for nodeName "gone": node "gone" not found'
    assert (found.created, found.deleted) == ([], [])


def test_of_two_nodes_that_are_gone_either_is_told() -> None:
    pods = [make_pod("p", "gone"), make_pod("q", "lost")]

    def choose_last(names: Sequence[str], count: int) -> Sequence[str]:
        return names[len(names) - count :]

    daemon_set = make_set(rolling=SURGE)
    told = [
        sync_daemon_set(daemon_set, pods, [], "new", NOW, choose).error
        for choose in (choose_first, choose_last)
    ]
    assert [each.split('"')[1] for each in told] == ["gone", "lost"]


def test_at_most_250_pods_are_made_at_once_and_none_by_one_that_is_being_deleted() -> None:
    nodes = [f"n{n}" for n in range(251)]
    assert len(sync(make_set(), [], *nodes).created) == 250
    deleted = make_set(metadata={"deletionTimestamp": "2026-01-02T00:00:00Z"})
    assert sync(deleted, [], *nodes).created == []


def test_the_oldest_pod_of_a_node_is_counted() -> None:
    old = make_pod("p0", metadata={"creationTimestamp": "2025-01-01T00:00:00Z"})
    pods = [make_pod("q0", hash="new", status=RUNNING), old, make_pod("p1", "n1")]
    nodes = [make_node("n0"), make_node("n1", ("k", "NoSchedule")), make_node("n2")]
    status = sync_daemon_set(make_set(), pods, nodes, "new", NOW).status
    assert status == {
        **{"desiredNumberScheduled": 2, "currentNumberScheduled": 1, "numberMisscheduled": 1},
        **{"numberReady": 1, "updatedNumberScheduled": 0, "numberAvailable": 1},
        **{"numberUnavailable": 1, "observedGeneration": 0},
    }

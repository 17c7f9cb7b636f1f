"""The pods of a workload are made as its controller makes them, and placed one by one."""

import json
from pathlib import Path

import pytest
from clusters import Object, ask, make, make_node, make_pod, make_workload

from planespec.reports.fit.reading import read_question
from planespec.reports.fit.workload_answers import explain
from planespec.spec.scheduling.attempts.attempt import FitVerdict

HOST = "kubernetes.io/hostname"


def spread(**fields: object) -> Object:
    constraint = {
        "maxSkew": 1,
        "topologyKey": HOST,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "web"}},
        **fields,
    }
    return make_pod(topologySpreadConstraints=[constraint])


def test_pods_are_placed_one_after_the_other_until_one_finds_no_room() -> None:
    pod = make_pod(requests={"cpu": "1500m"})
    answer = ask(make_workload("Deployment", pod=pod, replicas=5), make_node(), make_node("n2"))
    assert (answer.verdict, answer.wanted) == (FitVerdict.DOES_NOT_FIT, 5)
    assert sorted(str(each.node) for each in answer.placements) == ["None", "n1", "n1", "n2", "n2"]
    assert answer.pod == "default/web-4"


def test_the_workload_says_how_many_pods_unless_it_is_told() -> None:
    asked = make_workload("Deployment", replicas=3)
    assert ask(asked, make_node()).wanted == 3
    assert ask(asked, make_node(), replicas=7).wanted == 7
    assert ask(make_pod(), make_node(), replicas=4).wanted == 4


def test_replicas_of_a_pod_take_room_from_each_other() -> None:
    answer = ask(make_pod(requests={"cpu": "3"}), make_node(), replicas=2)
    assert [each.node for each in answer.placements] == ["n1", None]


def test_pods_of_one_workload_spread_among_themselves() -> None:
    nodes = [make_node(), make_node("n2"), make_node("n3")]
    answer = ask(make_workload("Deployment", pod=spread(), replicas=3), *nodes)
    assert {each.node for each in answer.placements} == {"n1", "n2", "n3"}


@pytest.mark.parametrize("keys", [[], ["pod-template-hash"]])
def test_a_new_template_does_not_count_the_pods_of_the_old_one(keys: list[str]) -> None:
    nodes = [make_node(), make_node("n2", {"cpu": "50m"})]
    old = make_pod("old", nodeName="n1", labels={"app": "web", "pod-template-hash": "abc"})
    answer = ask(make_workload("Deployment", pod=spread(matchLabelKeys=keys)), *nodes, old)
    expected = FitVerdict.FITS if keys else FitVerdict.DOES_NOT_FIT
    assert answer.verdict is expected


def test_an_unchanged_template_has_the_hash_of_its_replica_set() -> None:
    asked = make_workload("Deployment", pod=spread(matchLabelKeys=["pod-template-hash"]))
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "controller": True}
    labels = {"app": "web", "pod-template-hash": "abc"}
    template = asked["spec"]["template"]
    own = {"metadata": {"labels": labels}, "spec": template["spec"]}
    sets = make("ReplicaSet", "web-abc", "apps/v1", "default", spec={"template": own})
    sets["metadata"] |= {"labels": labels, "ownerReferences": [owner]}
    nodes = [make_node(), make_node("n2", {"cpu": "50m"})]
    old = make_pod("old", nodeName="n1", labels=labels)
    assert ask(asked, *nodes, old, sets).verdict is FitVerdict.DOES_NOT_FIT
    other = {**sets, "spec": {"template": {**own, "spec": make_pod()["spec"]}}}
    assert ask(asked, *nodes, old, other).verdict is FitVerdict.FITS


def test_a_stateful_set_numbers_its_pods_from_its_start() -> None:
    label = {"matchLabels": {"apps.kubernetes.io/pod-index": "5"}}
    pod = spread(labelSelector=label)
    asked = make_workload("StatefulSet", "db", pod, replicas=2, ordinals={"start": 5})
    answer = ask(asked, make_node())
    assert [each.pod for each in answer.placements] == ["default/db-5", "default/db-6"]


CONDITIONS = (
    *("node.kubernetes.io/not-ready:NoExecute", "node.kubernetes.io/unreachable:NoExecute"),
    *("node.kubernetes.io/disk-pressure:NoSchedule", "node.kubernetes.io/pid-pressure:NoSchedule"),
    "node.kubernetes.io/memory-pressure:NoSchedule",
)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_pods_of_a_daemon_set_tolerate_the_conditions_of_nodes(condition: str) -> None:
    key, _, effect = condition.partition(":")
    tainted = make_node(taints=[{"key": key, "effect": effect}], unschedulable=True)
    assert ask(make_workload("DaemonSet"), tainted).verdict is FitVerdict.FITS
    assert ask(make_workload("Deployment"), tainted).verdict is FitVerdict.DOES_NOT_FIT


@pytest.mark.parametrize("network", [True, False])
def test_on_the_hosts_network_they_need_no_network(network: bool) -> None:
    taint = {"key": "node.kubernetes.io/network-unavailable", "effect": "NoSchedule"}
    asked = make_workload("DaemonSet", pod=make_pod(hostNetwork=network))
    answer = ask(asked, make_node(taints=[taint]))
    assert len(answer.nodes) == network


def test_a_daemon_set_wants_a_pod_only_where_its_pods_may_be() -> None:
    pod = make_pod(nodeSelector={"disk": "ssd"}, requests={"cpu": "2"})
    asked = make_workload("DaemonSet", pod=pod)
    fast, other = make_node("n1", labels={"disk": "ssd"}), make_node("n2")
    assert ask(asked, fast, other).verdict is FitVerdict.FITS
    full = make_node("n3", {"cpu": "1"}, labels={"disk": "ssd"})
    answer = ask(asked, fast, other, full)
    assert (answer.verdict, answer.wanted) == (FitVerdict.DOES_NOT_FIT, 2)


@pytest.mark.parametrize(
    ("spec", "count"),
    [
        ({}, 1),
        ({"parallelism": 3}, 3),
        ({"parallelism": 3, "completions": 2}, 2),
        ({"parallelism": 2, "completions": 9, "completionMode": "Indexed"}, 2),
    ],
)
def test_a_job_runs_as_many_pods_at_once_as_it_says(spec: Object, count: int) -> None:
    job = make_workload("Job", **spec)
    assert ask(job, make_node()).wanted == count
    cron = make("CronJob", "c", "batch/v1", "default", spec={"jobTemplate": {"spec": job["spec"]}})
    assert ask(cron, make_node()).wanted == count


QUOTA = make("ResourceQuota", "q", namespace="default", spec={"hard": {"pods": "2"}})
COUNTED = QUOTA | {"status": {"hard": {"pods": "2"}, "used": {"pods": "2"}}}
RUNNING = [
    make_pod(
        f"web-{node}",
        nodeName=node,
        labels={"app": "web"},
        status={"phase": "Running"},
    )
    for node in ("n1", "n2")
]
OWNER = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "web", "controller": True}
for each in RUNNING:
    each["metadata"]["ownerReferences"] = [OWNER]


def test_a_quota_counts_the_pods_of_all_nodes_of_a_daemon_set() -> None:
    asked = make_workload("DaemonSet")
    answer = ask(asked, make_node(), make_node("n2"), make_node("n3"), QUOTA)
    assert (answer.verdict, answer.wanted) == (FitVerdict.DOES_NOT_FIT, 3)
    assert answer.rejection is not None
    assert answer.rejection.plugin == "ResourceQuota"
    assert ask(asked, make_node(), make_node("n2"), QUOTA).verdict is FitVerdict.FITS


@pytest.mark.parametrize(("others", "verdict"), [(1, FitVerdict.FITS), (2, "DoesNotFit")])
def test_a_quota_that_nobody_has_counted_counts_what_is_there(others: int, verdict: str) -> None:
    pods = [make_pod(f"o{number}", nodeName="n1") for number in range(others)]
    ended = make_pod("e", nodeName="n1", status={"phase": "Succeeded"})
    elsewhere = make_pod("x", "other", nodeName="n1")
    assert ask(make_pod(), make_node(), QUOTA, *pods, ended, elsewhere).verdict == verdict


def test_a_quota_has_not_counted_pods_that_are_left_out_of_account(tmp_path: Path) -> None:
    listed = [make_node(), make_node("n2"), COUNTED, *RUNNING]
    cluster, asked = tmp_path / "cluster.json", tmp_path / "web.json"
    cluster.write_text(json.dumps({"kind": "List", "items": listed}))
    asked.write_text(json.dumps(make_workload("DaemonSet")))
    answer = explain(read_question(str(asked), [str(cluster)]))
    assert answer.verdict is FitVerdict.FITS


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_the_queue_of_a_workload_is_that_of_its_pods(kind: str) -> None:
    asked = make_workload(kind)
    assert ask(asked, make_node()).verdict is FitVerdict.FITS
    asked["metadata"]["labels"] = {"kueue.x-k8s.io/queue-name": "team"}
    answer = ask(asked, make_node())
    assert answer.verdict is FitVerdict.UNKNOWN
    assert answer.unconsidered == ["the Kueue queue team, which holds pods back"]

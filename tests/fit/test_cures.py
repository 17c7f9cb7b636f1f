"""For a pod that fits nowhere the single changes that would help are listed, and do help."""

from typing import Any

import pytest
from clusters import Object, ask, make_node, make_pod

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
TERM = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "db"}}}
SPREAD = {
    "maxSkew": 1,
    "topologyKey": "zone",
    "whenUnsatisfiable": "DoNotSchedule",
    "labelSelector": {"matchLabels": {"app": "db"}},
}
PORT = {"ports": [{"containerPort": 80, "hostPort": 8080}]}
DATABASE = make_pod("db", labels={"app": "db"}, nodeName="n1")
GPU = [{"matchExpressions": [{"key": "gpu", "operator": "Exists"}]}]

CASES: dict[str, tuple[Object, list[Object], str]] = {
    "a toleration": (
        make_pod(),
        [make_node(taints=[{"key": "gpu", "value": "yes", "effect": "NoSchedule"}])],
        "tolerate gpu=yes:NoSchedule",
    ),
    "an uncordoned node": (make_pod(), [make_node(unschedulable=True)], "uncordon node n1"),
    "a label less": (
        make_pod(nodeSelector={"disk": "ssd"}),
        [make_node()],
        "leave out nodeSelector disk=ssd",
    ),
    "no node affinity": (
        make_pod(affinity={"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": GPU}}}),
        [make_node()],
        "leave out the required node affinity",
    ),
    "no host port": (
        make_pod(container=PORT),
        [make_node(), make_pod("old", nodeName="n1", container=PORT)],
        "leave out host port 8080/TCP",
    ),
    "a soft spread": (
        make_pod(topologySpreadConstraints=[SPREAD]),
        [make_node()],
        "let the spread over zone be ScheduleAnyway",
    ),
    "a term less": (
        make_pod(affinity={"podAntiAffinity": {REQUIRED: [TERM]}}),
        [make_node(), DATABASE],
        "leave out anti-affinity term 1 (kubernetes.io/hostname)",
    ),
    "a term of affinity less": (
        make_pod(affinity={"podAffinity": {REQUIRED: [TERM]}}),
        [make_node()],
        "leave out affinity term 1 (kubernetes.io/hostname)",
    ),
    "less of a resource": (
        make_pod(requests={"cpu": "3", "memory": "1Gi"}),
        [make_node(), make_pod("old", nodeName="n1", requests={"cpu": "1500m"})],
        "request 2500m of cpu instead of 3",
    ),
    "less of an extended resource": (
        make_pod(requests={"example.com/gpu": "4"}),
        [make_node(room={"example.com/gpu": "2"})],
        "request 2 of example.com/gpu instead of 4",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_change_that_helps_is_listed_with_its_nodes(case: str) -> None:
    pod, objects, change = CASES[case]
    answer = ask(pod, *objects, is_new=False)
    assert [(each.change, list(each.nodes)) for each in answer.cures] == [(change, ["n1"])]


def test_a_change_is_listed_only_if_nothing_else_is_wrong() -> None:
    tainted = {"key": "gpu", "effect": "NoSchedule"}
    both: dict[str, Any] = {"nodeSelector": {"disk": "ssd"}}
    assert ask(make_pod(**both), make_node(taints=[tainted])).cures == []
    answer = ask(make_pod(**both), make_node(), make_node("n2", taints=[tainted]))
    assert [list(each.nodes) for each in answer.cures] == [["n1"]]


def test_a_pod_that_fits_somewhere_needs_no_change() -> None:
    assert ask(make_pod(), make_node(), make_node("n2", unschedulable=True)).cures == []

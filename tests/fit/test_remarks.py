"""Pods that pass the scheduler by, and what others than the scheduler have to say."""

from typing import Any

import pytest
from clusters import Object, ask, make, make_node, make_pod, make_workload

from planespec.spec.scheduling.attempts.attempt import FitVerdict

TAINT = {"key": "a"}
WAITING = [
    make("PersistentVolumeClaim", "data", namespace="default", spec={"storageClassName": "w"}),
    make("StorageClass", "w", "storage.k8s.io/v1", provisioner="x")
    | {"volumeBindingMode": "WaitForFirstConsumer"},
]
USING = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}


@pytest.mark.parametrize(
    ("node", "verdict"),
    [
        (make_node(unschedulable=True), FitVerdict.FITS),
        (make_node(taints=[TAINT | {"effect": "NoSchedule"}]), FitVerdict.FITS),
        (make_node(taints=[TAINT | {"effect": "NoExecute"}]), FitVerdict.DOES_NOT_FIT),
        (make_node(room={"cpu": "50m"}), FitVerdict.DOES_NOT_FIT),
        (make_node("n2"), FitVerdict.DOES_NOT_FIT),
    ],
)
def test_a_pod_that_names_its_node_is_judged_by_the_kubelet(
    node: Object, verdict: FitVerdict
) -> None:
    answer = ask(make_pod(nodeName="n1"), node)
    assert answer.verdict is verdict
    assert "spec.nodeName n1 passes the scheduler by" in answer.notes[0]


def test_its_claims_never_meet_their_first_consumer() -> None:
    assert ask(make_pod(**USING), make_node(), *WAITING).verdict is FitVerdict.FITS
    answer = ask(make_pod(nodeName="n1", **USING), make_node(), *WAITING)
    assert answer.verdict is FitVerdict.DOES_NOT_FIT
    assert answer.rejection is not None
    assert "claim data waits for the scheduler" in answer.rejection.reasons[0]


def test_without_nodes_nothing_is_known() -> None:
    assert ask(make_pod(), make("Namespace", "default")).verdict is FitVerdict.UNKNOWN


def used_claim(mode: str) -> list[Object]:
    bound = {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}}
    spec = {"volumeName": "v", "accessModes": [mode]}
    return [
        make("PersistentVolumeClaim", "data", namespace="default", metadata=bound, spec=spec),
        make("PersistentVolume", "v", spec={"accessModes": [mode]}),
        make_pod("old", nodeName="n1", **USING),
    ]


@pytest.mark.parametrize(("mode", "is_said"), [("ReadWriteOnce", True), ("ReadWriteMany", False)])
def test_a_volume_that_is_attached_elsewhere_is_remarked(mode: str, is_said: bool) -> None:
    answer = ask(make_pod(**USING), make_node(), make_node("n2"), *used_claim(mode))
    assert answer.verdict is FitVerdict.FITS
    assert any("is used by pod default/old on node n1" in note for note in answer.notes) is is_said


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"tolerations": [{"key": "sla", "operator": "Gt", "value": "800"}]},
            "the toleration sla Gt 800 counts only with the feature gate",
        ),
        ({"os": {"name": "windows"}}, "spec.os is windows: the kubelets of 1 nodes refuse"),
    ],
)
def test_what_others_decide_is_remarked(fields: dict[str, Any], words: str) -> None:
    node = make_node(labels={"kubernetes.io/os": "linux"})
    assert any(words in note for note in ask(make_pod(**fields), node).notes)
    assert not any(words in note for note in ask(make_pod(), node).notes)


def test_an_empty_cluster_is_remarked() -> None:
    words = "the input has no pods, so every node is taken as empty"
    assert words in ask(make_workload("Deployment"), make_node()).notes
    assert words not in ask(make_workload("Deployment"), make_node(), make_pod("x")).notes

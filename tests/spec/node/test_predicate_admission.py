"""A kubelet takes a pod that fits its node, and says which predicates fail of another."""

from collections.abc import Sequence

import pytest

from planespec.spec.node.admission_failures import AdmissionFailure
from planespec.spec.node.critical_preemption import Recovery
from planespec.spec.node.predicate_admission import Admission, admit_pod, with_labels
from planespec.spec.objects.core_views import Node, Pod

GPU = "example.test/gpu"


def make_node(labels: dict[str, str] | None = None, **fields: object) -> Node:
    room = {"cpu": "2", "memory": "1Gi", "ephemeral-storage": "1Gi", "pods": "3", GPU: "1"}
    status = {"allocatable": room | {"attachable-volumes-x": "1"}, **fields}
    taints = status.pop("taints", [])
    metadata = {"name": "n", "labels": {"zone": "a"} if labels is None else labels}
    return Node({"metadata": metadata, "spec": {"taints": taints}, "status": status})


def make_pod(requests: dict[str, str] | None = None, **fields: object) -> Pod:
    metadata = {name: fields.pop(name) for name in ("labels", "annotations") if name in fields}
    status = fields.pop("status", {})
    container = {"name": "c", "resources": {"requests": requests or {}}, **fields.pop("more", {})}  # type: ignore[dict-item]
    spec = {"containers": [container], **fields}
    return Pod({"metadata": {"name": "p", **metadata}, "spec": spec, "status": status})


def admit(
    pod: Pod, *others: Pod, node: Node | None = None, fresh: Node | None = None
) -> Admission:
    return admit_pod(pod, node or make_node(), others, lambda: fresh)


@pytest.mark.parametrize(
    ("pod", "reason"),
    [
        (make_pod(labels={"kubernetes.io/os": "windows"}), "PodOSSelectorNodeLabelDoesNotMatch"),
        (make_pod(labels={"kubernetes.io/os": "linux"}), ""),
        (make_pod(os={"name": "windows"}), "PodOSNotSupported"),
        (make_pod(os={"name": "linux"}), ""),
        (
            make_pod(securityContext={"supplementalGroupsPolicy": "Strict"}),
            "SupplementalGroupsPolicyNotSupported",
        ),
        (make_pod(securityContext={"supplementalGroupsPolicy": "Merge"}), ""),
        (make_pod(nodeName="other"), "NodeName"),
        (make_pod(nodeName="n"), ""),
        (make_pod({"cpu": "2001m"}), "OutOfcpu"),
        (make_pod({"memory": "2Gi"}), "OutOfmemory"),
        (make_pod({"ephemeral-storage": "2Gi"}), "OutOfephemeral-storage"),
        (make_pod({GPU: "2"}), f"OutOf{GPU}"),
        (make_pod({"hugepages-2Mi": "2Mi"}), "OutOfhugepages-2Mi"),
    ],
)
def test_a_pod_is_taken_or_turned_away_for_one_reason(pod: Pod, reason: str) -> None:
    admission = admit(pod)
    assert admission.reason == reason
    assert admission.is_admitted is (reason == "")


def test_a_node_with_the_feature_takes_a_strict_policy_of_groups() -> None:
    pod = make_pod(securityContext={"supplementalGroupsPolicy": "Strict"})
    assert admit(pod, node=make_node(features={"supplementalGroupsPolicy": True})).is_admitted


def test_every_failure_is_listed_in_order_and_the_first_is_the_reason() -> None:
    taken = {"ports": [{"hostPort": 80, "containerPort": 80}]}
    others = [make_pod({"cpu": "1"}, more=taken), make_pod(), make_pod()]
    pod = make_pod({"cpu": "1500m"}, more=taken, nodeName="other", nodeSelector={"zone": "b"})
    node = make_node(taints=[{"key": "k", "effect": "NoExecute"}])
    admission = admit(pod, *others, node=node)
    assert [each.reason for each in admission.failures] == [
        *("OutOfpods", "OutOfcpu", "NodeAffinity", "NodeName", "NodePorts", "TaintToleration"),
    ]
    assert admission.message == (
        "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3"
    )
    assert not admission.has_refetched


@pytest.mark.parametrize("effect", ["NoSchedule", "PreferNoSchedule"])
def test_of_taints_only_no_execute_counts_and_not_for_static_pods(effect: str) -> None:
    harmless = make_node(taints=[{"key": "k", "effect": effect}])
    tainted = make_node(taints=[{"key": "k", "effect": "NoExecute"}])
    assert admit(make_pod(), node=harmless).is_admitted
    assert admit(make_pod(), node=tainted).reason == "TaintToleration"
    assert admit(make_pod(tolerations=[{"operator": "Exists"}]), node=tainted).is_admitted
    static = make_pod(annotations={"kubernetes.io/config.source": "http"})
    assert admit(static, node=tainted).is_admitted


def test_what_the_node_does_not_list_is_not_asked_for() -> None:
    assert admit(make_pod({"example.test/unknown": "9"})).is_admitted
    nothing_left = make_node(allocatable={"pods": "1", GPU: "0"})
    assert admit(make_pod({GPU: "1"}), node=nothing_left).reason == f"OutOf{GPU}"
    init = make_pod(initContainers=[{"name": "i", "resources": {"requests": {"a.test/x": "1"}}}])
    assert admit(init).is_admitted


def test_what_is_claimed_for_a_container_is_not_asked_for() -> None:
    claimed = {
        "requestMappings": [{"containerName": "c", "resourceName": GPU, "requestName": "r"}]
    }
    pod = make_pod({GPU: "5"}, status={"extendedResourceClaimStatus": claimed})
    assert admit(pod).is_admitted
    claimed["requestMappings"][0]["containerName"] = "other"
    pod = make_pod({GPU: "5"}, status={"extendedResourceClaimStatus": claimed})
    assert admit(pod).reason == f"OutOf{GPU}"


def test_resources_that_are_not_asked_for_may_be_overcommitted() -> None:
    assert admit(make_pod({"cpu": "1"}), make_pod({"memory": "9Gi"})).is_admitted
    assert admit(make_pod({"memory": "0"}), make_pod({"memory": "9Gi"})).is_admitted


def test_sidecars_hold_ports_and_init_containers_do_not() -> None:
    ports = {"ports": [{"hostPort": 80, "containerPort": 80}]}
    sidecar = make_pod(initContainers=[{"name": "s", "restartPolicy": "Always", **ports}])
    once = make_pod(initContainers=[{"name": "s", **ports}])
    pod = make_pod(more=ports)
    assert admit(pod, sidecar).reason == "NodePorts"
    assert admit(pod, once).is_admitted


def test_the_node_is_read_anew_only_where_affinity_alone_fails() -> None:
    pod = make_pod(nodeSelector={"zone": "b"})
    moved = with_labels(make_node(), {"zone": "b"})
    assert admit(pod, fresh=moved) == Admission(has_refetched=True)
    assert admit(pod, fresh=make_node()).reason == "NodeAffinity"
    unread = admit(pod, fresh=None)
    assert (unread.reason, unread.has_refetched) == ("NodeAffinity", True)
    elsewhere = make_pod(nodeSelector={"zone": "b"}, nodeName="other")
    assert not admit(elsewhere, fresh=moved).has_refetched


def test_the_label_of_the_system_is_set_on_the_cached_node_that_has_labels() -> None:
    pod = make_pod(nodeSelector={"kubernetes.io/os": "linux"})
    assert not admit(pod).has_refetched
    assert admit(pod, node=make_node({"kubernetes.io/os": "windows"})).is_admitted
    assert admit(pod, node=make_node({}), fresh=make_node()).reason == "NodeAffinity"


def test_what_was_done_about_failures_decides() -> None:
    def answer(recovery: Recovery) -> Admission:
        def recover(pod: Pod, failures: Sequence[AdmissionFailure]) -> Recovery:
            return recovery

        return admit_pod(make_pod({"cpu": "9"}), make_node(), [], lambda: None, recover)

    assert answer(Recovery(())).is_admitted
    failed = answer(Recovery((), error="no"))
    assert (failed.reason, failed.is_admitted) == ("UnexpectedAdmissionError", False)
    assert failed.message == (
        "Unexpected error while attempting to recover from admission failure: no"
    )

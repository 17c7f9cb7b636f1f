"""A pod from a manifest goes through admission before the filters see it."""

from typing import Any

import pytest
from clusters import Object, ask, culprits, make, make_node, make_pod, make_workload

from planespec.spec.scheduling.attempts.attempt import FitVerdict


def limit_range(**item: Any) -> Object:
    limits = {"limits": [{"type": "Container", **item}]}
    return make("LimitRange", "limits", namespace="default", spec=limits)


def quota(hard: Object, used: Object | None = None) -> Object:
    status = {"hard": hard, "used": used or {}}
    return make("ResourceQuota", "q", namespace="default", spec={"hard": hard}, status=status)


def test_default_requests_of_a_limit_range_count() -> None:
    bare = make_pod(requests={})
    assert ask(bare, make_node()).verdict is FitVerdict.FITS
    answer = ask(bare, make_node(), limit_range(defaultRequest={"cpu": "6"}))
    assert answer.verdict is FitVerdict.DOES_NOT_FIT
    assert culprits(answer) == ["cpu: asked 6, free 4 of 4 allocatable"]


@pytest.mark.parametrize(
    ("item", "asked"),
    [
        ({"default": {"cpu": "6"}}, "6"),
        ({"max": {"cpu": "7"}}, "7"),
        ({"min": {"cpu": "5"}}, "5"),
        ({"default": {"cpu": "6"}, "defaultRequest": {"cpu": "5"}, "max": {"cpu": "7"}}, "5"),
    ],
)
def test_what_a_limit_range_leaves_out_follows_from_the_rest(item: Object, asked: str) -> None:
    answer = ask(make_pod(requests={}), make_node(), limit_range(**item))
    assert culprits(answer) == [f"cpu: asked {asked}, free 4 of 4 allocatable"]


def test_a_limit_range_does_not_touch_pods_of_the_cluster() -> None:
    limits = limit_range(defaultRequest={"cpu": "6"})
    answer = ask(make_pod(requests={}), make_node(), limits, is_new=False)
    assert answer.verdict is FitVerdict.FITS


REFUSED: dict[str, tuple[Object, list[Object], str, str]] = {
    "above the maximum": (
        make_pod(),
        [limit_range(max={"cpu": "50m"})],
        "LimitRanger",
        "maximum cpu usage per Container is 50m, but request is 100m",
    ),
    "over quota": (
        make_pod(),
        [quota({"requests.cpu": "1"}, {"requests.cpu": "950m"})],
        "ResourceQuota",
        "exceeded quota: q, requested: requests.cpu=100m, used: requests.cpu=950m, limited: "
        "requests.cpu=1",
    ),
    "unset under quota": (
        make_pod(),
        [quota({"limits.memory": "1Gi"})],
        "ResourceQuota",
        "failed quota: q: must specify limits.memory for: c",
    ),
    "no such runtime class": (
        make_pod(runtimeClassName="kata"),
        [make("RuntimeClass", "other", "node.k8s.io/v1", handler="other")],
        "RuntimeClass",
        'pod rejected: RuntimeClass "kata" not found',
    ),
    "no such priority class": (
        make_pod(priorityClassName="high"),
        [make("PriorityClass", "low", "scheduling.k8s.io/v1", value=1)],
        "Priority",
        "no PriorityClass with name high was found",
    ),
    "a namespace that ends": (
        make_pod(),
        [make("Namespace", "default", status={"phase": "Terminating"})],
        "NamespaceLifecycle",
        "unable to create new content in namespace default because it is being terminated",
    ),
    "no such service account": (
        make_pod(serviceAccountName="robot"),
        [make("ServiceAccount", "default", namespace="default")],
        "ServiceAccount",
        'error looking up service account default/robot: serviceaccount "robot" not found',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_admission_refuses_fits_nowhere(case: str) -> None:
    pod, others, plugin, reason = REFUSED[case]
    answer = ask(pod, make_node(), *others)
    assert answer.verdict is FitVerdict.DOES_NOT_FIT
    assert answer.rejection is not None
    assert (answer.rejection.plugin, answer.rejection.reasons[0]) == (plugin, reason)
    assert answer.nodes == []
    assert "but for that it would fit 1 of 1 nodes" in answer.notes


@pytest.mark.parametrize(
    ("level", "fields", "verdict"),
    [
        ("baseline", {}, FitVerdict.FITS),
        ("baseline", {"hostNetwork": True}, FitVerdict.DOES_NOT_FIT),
        ("restricted", {}, FitVerdict.DOES_NOT_FIT),
        ("privileged", {"hostNetwork": True}, FitVerdict.FITS),
    ],
)
def test_the_pod_security_level_of_the_namespace_is_kept(
    level: str, fields: Object, verdict: FitVerdict
) -> None:
    labels = {"pod-security.kubernetes.io/enforce": level}
    namespace = make("Namespace", "default", metadata={"labels": labels})
    answer = ask(make_pod(**fields), make_node(), namespace)
    assert answer.verdict is verdict
    if verdict is FitVerdict.DOES_NOT_FIT:
        assert answer.rejection is not None
        assert answer.rejection.reasons[0].startswith(f'violates PodSecurity "{level}:latest": ')


def test_a_quota_that_suffices_lets_the_pod_pass_and_then_is_used_up() -> None:
    room = quota({"pods": "3"}, {"pods": "1"})
    answer = ask(make_workload("Deployment", replicas=3), make_node(), room)
    assert [each.node for each in answer.placements] == ["n1", "n1", None]
    assert answer.rejection is not None
    assert "used: pods=3, limited: pods=3" in answer.rejection.reasons[0]


KATA = make(
    "RuntimeClass",
    "kata",
    "node.k8s.io/v1",
    handler="kata",
    overhead={"podFixed": {"cpu": "500m"}},
    scheduling={
        "nodeSelector": {"kata": "yes"},
        "tolerations": [{"key": "kata", "operator": "Exists"}],
    },
)


def test_a_runtime_class_brings_overhead_selector_and_tolerations() -> None:
    pod = make_pod(runtimeClassName="kata", requests={"cpu": "3600m"})
    taint = {"key": "kata", "effect": "NoSchedule"}
    nodes = [
        make_node("n1"),
        make_node("n2", {"cpu": "5"}, labels={"kata": "yes"}, taints=[taint]),
    ]
    answer = ask(pod, *nodes, KATA)
    assert answer.best == ["n2"]
    assert culprits(answer) == ["nodeSelector kata=yes: no such label"]
    small = make_node("n2", labels={"kata": "yes"})
    assert culprits(ask(pod, small, KATA), "n2") == ["cpu: asked 4100m, free 4 of 4 allocatable"]


def test_every_new_pod_stays_a_while_on_a_node_that_is_not_ready() -> None:
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}
    assert ask(make_pod(), make_node(taints=[taint])).verdict is FitVerdict.FITS
    stored = ask(make_pod(), make_node(taints=[taint]), is_new=False)
    assert stored.verdict is FitVerdict.DOES_NOT_FIT


CLASS = make(
    "StorageClass",
    "fast",
    "storage.k8s.io/v1",
    metadata={"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    provisioner="csi.example.com",
    volumeBindingMode="WaitForFirstConsumer",
    allowedTopologies=[
        {"matchLabelExpressions": [{"key": "topology.kubernetes.io/zone", "values": ["a"]}]}
    ],
)
SIZE = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
ZONES = [
    make_node("n1", labels={"topology.kubernetes.io/zone": "b"}),
    make_node("n2", labels={"topology.kubernetes.io/zone": "a"}),
]


def test_claims_of_ephemeral_volumes_are_judged_as_if_they_existed() -> None:
    volume = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": SIZE}}}
    answer = ask(make_pod(volumes=[volume]), *ZONES, CLASS)
    assert (answer.verdict, answer.best) == (FitVerdict.FITS, ["n2"])
    assert culprits(answer) == [
        "claim p-scratch: class fast does not provision for the node's topology"
    ]


def test_claims_of_a_stateful_set_are_judged_as_if_they_existed() -> None:
    claim = {"metadata": {"name": "data"}, "spec": SIZE}
    asked = make_workload("StatefulSet", "db", replicas=2, volumeClaimTemplates=[claim])
    answer = ask(asked, *ZONES, CLASS)
    assert [each.pod for each in answer.placements] == ["default/db-0", "default/db-1"]
    assert culprits(answer) == [
        "claim data-db-0: class fast does not provision for the node's topology"
    ]


def test_static_volumes_go_to_one_claim_each() -> None:
    local = make("StorageClass", "local", "storage.k8s.io/v1")
    local |= {"provisioner": "kubernetes.io/no-provisioner"}
    local |= {"volumeBindingMode": "WaitForFirstConsumer"}
    volume = make(
        "PersistentVolume",
        "v1",
        spec={
            **SIZE,
            "capacity": {"storage": "2Gi"},
            "storageClassName": "local",
            "local": {"path": "/d"},
        },
        status={"phase": "Available"},
    )
    claim = {"metadata": {"name": "data"}, "spec": {**SIZE, "storageClassName": "local"}}
    asked = make_workload("StatefulSet", "db", replicas=2, volumeClaimTemplates=[claim])
    answer = ask(asked, make_node(), local, volume)
    assert [each.node for each in answer.placements] == ["n1", None]
    assert culprits(answer) == [
        "claim data-db-1: none of 1 volumes of class local fits, and the class makes none"
    ]


def test_a_claim_that_is_bound_at_once_may_be_bound_anywhere() -> None:
    immediate = {**CLASS, "volumeBindingMode": "Immediate"}
    volume = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": SIZE}}}
    answer = ask(make_pod(volumes=[volume]), *ZONES, immediate)
    assert answer.verdict is FitVerdict.UNKNOWN
    assert "claim p-scratch is bound at once (class fast)" in answer.unconsidered[0]

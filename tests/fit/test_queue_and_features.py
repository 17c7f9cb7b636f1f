"""Scheduling gates, gangs, declared features and attach limits of migrated volumes."""

from typing import Any

import pytest
from clusters import Object, ask, culprits, make, make_node, make_pod

from planespec.spec.scheduling.attempts.attempt import FitVerdict


def test_a_gated_pod_is_not_scheduled_whatever_room_there_is() -> None:
    answer = ask(make_pod(schedulingGates=[{"name": "a.example/x"}, {"name": "b"}]), make_node())
    assert answer.verdict is FitVerdict.DOES_NOT_FIT
    assert answer.rejection is not None
    assert answer.rejection.plugin == "SchedulingGates"
    assert answer.rejection.reasons == ("waiting for scheduling gates: [a.example/x b]",)
    assert answer.notes[-1] == "but for that it would fit 1 of 1 nodes"


def group(least: int | None, **spec: Any) -> Object:
    policy: Object = {"basic": {}} if least is None else {"gang": {"minCount": least}}
    body = {"schedulingPolicy": policy, **spec}
    return make("PodGroup", "train", "scheduling.k8s.io/v1alpha2", "default", spec=body)


def member(name: str, **fields: Any) -> Object:
    own = {"schedulingGroup": {"podGroupName": "train"}}
    return make_pod(name, requests={"cpu": "1"}, **own, **fields)


@pytest.mark.parametrize(
    ("least", "cpu", "others", "verdict"),
    [
        (3, "2", 2, FitVerdict.DOES_NOT_FIT),
        (2, "2", 2, FitVerdict.FITS),
        (3, "3", 2, FitVerdict.FITS),
        (3, "4", 1, FitVerdict.DOES_NOT_FIT),
        (None, "2", 2, FitVerdict.FITS),
    ],
)
def test_a_gang_is_scheduled_whole_or_not_at_all(
    least: int | None, cpu: str, others: int, verdict: FitVerdict
) -> None:
    pods = [member(f"w{n + 1}") for n in range(others)]
    answer = ask(member("w0"), make_node(room={"cpu": cpu}), group(least), *pods, is_new=False)
    assert answer.verdict is verdict


def test_pods_of_a_gang_that_are_bound_count() -> None:
    bound = [member(f"w{n}", nodeName="n1") for n in (1, 2)]
    answer = ask(member("w0"), make_node(room={"cpu": "3"}), group(3), *bound, is_new=False)
    assert answer.verdict is FitVerdict.FITS


@pytest.mark.parametrize(
    ("least", "verdict"), [(2, FitVerdict.FITS), (3, FitVerdict.DOES_NOT_FIT)]
)
def test_a_workload_of_1_35_describes_gangs_too(least: int, verdict: FitVerdict) -> None:
    groups = [{"name": "g", "policy": {"gang": {"minCount": least}}}]
    workload = make("Workload", "job", "scheduling.k8s.io/v1alpha1", "default")
    workload["spec"] = {"podGroups": groups}
    reference = {"workloadRef": {"name": "job", "podGroup": "g"}}
    pods = [make_pod(f"w{n}", requests={"cpu": "1"}, **reference) for n in range(3)]
    answer = ask(pods[0], make_node(room={"cpu": "2"}), workload, *pods[1:], is_new=False)
    assert answer.verdict is verdict


def test_a_pod_waits_for_its_group_to_appear() -> None:
    other = group(2) | {"metadata": {"name": "other", "namespace": "default"}}
    answer = ask(member("w0"), make_node(), other, is_new=False)
    assert answer.verdict is FitVerdict.DOES_NOT_FIT
    assert answer.rejection is not None
    assert 'pod group "train"' in answer.rejection.reasons[0]


def test_what_a_group_asks_of_topology_is_not_considered() -> None:
    constrained = group(1, schedulingConstraints={"topology": [{"key": "rack"}]})
    answer = ask(member("w0"), make_node(), constrained, is_new=False)
    assert answer.verdict is FitVerdict.UNKNOWN
    assert answer.unconsidered == ["schedulingConstraints of PodGroup train"]


RESTARTS = {
    "restartPolicyRules": [
        {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [88]}}
    ]
}


@pytest.mark.parametrize(
    ("fields", "feature"),
    [
        ({"container": RESTARTS}, "RestartAllContainersOnContainerExits"),
        (
            {"initContainers": [{"name": "i", **RESTARTS}]},
            "RestartAllContainersOnContainerExits",
        ),
        ({"hostUsers": False, "hostNetwork": True}, "UserNamespacesHostNetworkSupport"),
    ],
)
def test_a_node_that_does_not_declare_a_feature_is_rejected(
    fields: dict[str, Any], feature: str
) -> None:
    able = make_node("n2", status={"declaredFeatures": [feature]})
    answer = ask(make_pod(**fields), make_node(), able)
    assert answer.best == ["n2"]
    assert culprits(answer) == [f"the node does not declare the feature {feature}"]


@pytest.mark.parametrize(
    "fields",
    [
        {"hostUsers": True, "hostNetwork": True},
        {"hostUsers": False},
        {"container": {"restartPolicyRules": [{"action": "Restart"}]}},
    ],
)
def test_most_pods_need_no_declared_feature(fields: dict[str, Any]) -> None:
    assert ask(make_pod(**fields), make_node()).verdict is FitVerdict.FITS


def csi_node(driver: str, count: int, migrated: str = "") -> Object:
    annotations = {"storage.alpha.kubernetes.io/migrated-plugins": migrated}
    drivers = [{"name": driver, "nodeID": "i", "allocatable": {"count": count}}]
    meta = {"annotations": annotations if migrated else {}}
    return make("CSINode", "n1", "storage.k8s.io/v1", metadata=meta, spec={"drivers": drivers})


def disks(source: Object, number: int) -> Object:
    return {"name": f"d{number}", **source}


IN_TREE: dict[str, tuple[str, str, Object, Object]] = {
    "aws": (
        "kubernetes.io/aws-ebs",
        "ebs.csi.aws.com",
        {"awsElasticBlockStore": {"volumeID": "aws://eu-1a/vol-1"}},
        {"awsElasticBlockStore": {"volumeID": "vol-2"}},
    ),
    "gce": (
        "kubernetes.io/gce-pd",
        "pd.csi.storage.gke.io",
        {"gcePersistentDisk": {"pdName": "one"}},
        {"gcePersistentDisk": {"pdName": "two"}},
    ),
    "azure": (
        "kubernetes.io/azure-disk",
        "disk.csi.azure.com",
        {"azureDisk": {"diskURI": "/one", "diskName": "one"}},
        {"azureDisk": {"diskURI": "/two", "diskName": "two"}},
    ),
    "cinder": (
        "kubernetes.io/cinder",
        "cinder.csi.openstack.org",
        {"cinder": {"volumeID": "one"}},
        {"cinder": {"volumeID": "two"}},
    ),
    "vsphere": (
        "kubernetes.io/vsphere-volume",
        "csi.vsphere.vmware.com",
        {"vsphereVolume": {"volumePath": "[ds] one"}},
        {"vsphereVolume": {"volumePath": "[ds] two"}},
    ),
}


@pytest.mark.parametrize("case", IN_TREE)
def test_in_tree_disks_count_for_the_driver_that_took_them_over(case: str) -> None:
    plugin, driver, first, second = IN_TREE[case]
    old = make_pod("old", nodeName="n1", volumes=[disks(first, 0)])
    new = make_pod(volumes=[disks(second, 1)])
    limited = csi_node(driver, 1, plugin)
    answer = ask(new, make_node(), old, limited)
    assert culprits(answer) == [
        f"driver {driver} takes 1 volumes (CSINode n1), has 1, and the pod adds 1"
    ]
    assert ask(new, make_node(), old, csi_node(driver, 2, plugin)).verdict is FitVerdict.FITS
    assert ask(new, make_node(), old, csi_node(driver, 1)).verdict is FitVerdict.FITS


def test_a_claim_of_an_in_tree_class_counts_for_the_driver_too() -> None:
    plugin, driver, first, _ = IN_TREE["aws"]
    old = make_pod("old", nodeName="n1", volumes=[disks(first, 0)])
    in_tree = make("StorageClass", "gp2", "storage.k8s.io/v1", provisioner=plugin)
    in_tree |= {"volumeBindingMode": "WaitForFirstConsumer"}
    claim = make(
        "PersistentVolumeClaim", "c", namespace="default", spec={"storageClassName": "gp2"}
    )
    volume = {"name": "d", "persistentVolumeClaim": {"claimName": "c"}}
    limited = csi_node(driver, 1, plugin)
    answer = ask(make_pod(volumes=[volume]), make_node(), old, in_tree, claim, limited)
    assert answer.verdict is FitVerdict.DOES_NOT_FIT


@pytest.mark.parametrize(
    ("meta", "status", "reason"),
    [
        ({"deletionTimestamp": "2026-01-01T00:00:00Z"}, {}, "skip schedule deleting pod"),
        ({}, {"phase": "Failed"}, "the pod has ended"),
        ({}, {"phase": "Pending"}, None),
    ],
)
def test_a_pod_that_goes_or_has_gone_is_not_scheduled(
    meta: Object, status: Object, reason: str | None
) -> None:
    pod = make_pod(status=status)
    pod["metadata"] |= meta
    answer = ask(pod, make_node(), is_new=False)
    told = None if answer.rejection is None else answer.rejection.reasons[0]
    assert (answer.verdict is FitVerdict.FITS, told) == (reason is None, reason)

"""Claims of others, and claims that nobody has made yet: what they decide, and what is open."""

import pytest
from clusters import Object, ask, make, make_node, make_pod, make_workload

from planespec.spec.scheduling.attempts.attempt import FitVerdict

UNKNOWN, FITS, DOES_NOT_FIT = FitVerdict.UNKNOWN, FitVerdict.FITS, FitVerdict.DOES_NOT_FIT
DEVICES, STORAGE = "resource.k8s.io/v1", "storage.k8s.io/v1"
SLICE = make(
    "ResourceSlice",
    "s",
    DEVICES,
    spec={
        "driver": "gpu.example.com",
        "nodeName": "n1",
        "pool": {"name": "n1", "generation": 1, "resourceSliceCount": 1},
        "devices": [{"name": "g0"}],
    },
)
GPU = make("DeviceClass", "gpu", DEVICES, spec={"extendedResourceName": "example.com/gpu"})
ONE = {"devices": {"requests": [{"name": "r", "exactly": {"deviceClassName": "gpu"}}]}}
TEMPLATE = make("ResourceClaimTemplate", "t", DEVICES, "default", spec={"spec": ONE})
BY_TEMPLATE = {"resourceClaims": [{"name": "g", "resourceClaimTemplateName": "t"}]}
HOLDER = make_pod(
    "holder",
    "other",
    nodeName="n1",
    status={"resourceClaimStatuses": [{"name": "g", "resourceClaimName": "holder-g"}]},
    **BY_TEMPLATE,
)
EXTENDED_HOLDER = make_pod(
    "holder",
    nodeName="n1",
    status={"extendedResourceClaimStatus": {"resourceClaimName": "made-for-it"}},
)
CLAIM_OF_HOLDER = make(
    "ResourceClaim", "holder-g", DEVICES, "other", spec=ONE, status={"reservedFor": []}
)
SERVED = [make_node(), SLICE, GPU, TEMPLATE]


@pytest.mark.parametrize(
    ("asked", "others", "verdict"),
    [
        (BY_TEMPLATE, [], FITS),
        (BY_TEMPLATE, [HOLDER], UNKNOWN),
        (BY_TEMPLATE, [HOLDER, CLAIM_OF_HOLDER], FITS),
        ({"requests": {"example.com/gpu": "1"}}, [EXTENDED_HOLDER], UNKNOWN),
        ({"requests": {"example.com/gpu": "2"}}, [EXTENDED_HOLDER], DOES_NOT_FIT),
        ({}, [HOLDER], FITS),
    ],
)
def test_devices_may_be_held_by_claims_that_are_not_there(
    asked: Object, others: list[Object], verdict: FitVerdict
) -> None:
    answer = ask(make_pod(**asked), *SERVED, *others)
    assert answer.verdict is verdict
    is_named = any("devices of pod" in what for what in answer.unconsidered)
    assert is_named == (bool(asked and others) and CLAIM_OF_HOLDER not in others)


def test_a_template_that_is_not_there_is_named() -> None:
    pod = make_pod(**BY_TEMPLATE)
    answer = ask(pod, make_node(), SLICE, GPU)
    assert answer.verdict is UNKNOWN
    assert answer.unconsidered == ["resource claims: the input has no ResourceClaimTemplate t"]
    other = {**TEMPLATE, "metadata": {"name": "u", "namespace": "default"}}
    assert ask(pod, make_node(), SLICE, GPU, other).verdict is DOES_NOT_FIT


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("gpu.deviceclass.resource.k8s.io/devices", UNKNOWN),
        ("count/resourceclaims.resource.k8s.io", UNKNOWN),
        ("count/secrets", FITS),
    ],
)
def test_a_quota_of_devices_is_named(name: str, verdict: FitVerdict) -> None:
    quota = make("ResourceQuota", "q", namespace="default", spec={"hard": {name: "0"}})
    assert ask(make_pod(**BY_TEMPLATE), *SERVED, quota).verdict is verdict


# Volumes.

DRIVER = "csi.example.com"
BOUND = {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}, "uid": "u"}
VOLUME = make(
    "PersistentVolume",
    "v",
    spec={"capacity": {"storage": "9Gi"}, "csi": {"driver": DRIVER, "volumeHandle": "h"}},
)
OWN = make(
    "PersistentVolumeClaim",
    "data",
    namespace="default",
    metadata=BOUND,
    spec={"volumeName": "v", "accessModes": ["ReadWriteOnce"]},
    status={"phase": "Bound"},
)


def mounting(name: str) -> Object:
    return {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": name}}]}


def limit(count: int, node: str = "n1") -> Object:
    drivers = [{"name": DRIVER, "nodeID": node, "allocatable": {"count": count}}]
    return make("CSINode", node, STORAGE, spec={"drivers": drivers})


USER = make_pod("user", "other", nodeName="n1", **mounting("unseen"))


@pytest.mark.parametrize(
    ("count", "nodes", "verdict"),
    [
        (1, [make_node()], UNKNOWN),
        (2, [make_node()], FITS),
        (1, [make_node(), make_node("n2")], FITS),
        (0, [make_node()], DOES_NOT_FIT),
    ],
)
def test_claims_that_are_not_there_may_fill_a_node(
    count: int, nodes: list[Object], verdict: FitVerdict
) -> None:
    answer = ask(make_pod(**mounting("data")), *nodes, OWN, VOLUME, USER, limit(count))
    assert answer.verdict is verdict
    assert list(answer.open_nodes) == (["n1"] if count == 1 else [])


def test_it_is_said_where_no_limit_of_volumes_is_known() -> None:
    pod = make_pod(**mounting("data"))
    notes = ask(pod, make_node(), OWN, VOLUME).notes
    assert any("no CSINode" in note for note in notes)
    assert not any("no CSINode" in note for note in ask(pod, make_node(), limit(2), OWN).notes)


def claim(class_name: str = "any", **more: object) -> Object:
    spec: Object = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": class_name,
        "resources": {"requests": {"storage": "1Gi"}},
    }
    return make("PersistentVolumeClaim", "data", namespace="default", spec=spec, **more)


def storage_class(mode: str, provisioner: str = DRIVER) -> Object:
    return make("StorageClass", "any", STORAGE, provisioner=provisioner, volumeBindingMode=mode)


AT_ONCE, WAITING = storage_class("Immediate"), storage_class("WaitForFirstConsumer")
LOCAL = storage_class("WaitForFirstConsumer", "kubernetes.io/no-provisioner")
PENDING = {"status": {"phase": "Pending"}}
OTHER_VOLUME = make("PersistentVolume", "w", spec={"capacity": {"storage": "1Gi"}})
CAPACITY = make(
    "CSIStorageCapacity", "c", STORAGE, "default", storageClassName="any", capacity="1Mi"
)
LOST = make(
    "PersistentVolumeClaim",
    "data",
    namespace="default",
    spec={"volumeName": "gone"},
    status={"phase": "Lost"},
)


@pytest.mark.parametrize(
    ("objects", "verdict"),
    [
        pytest.param([claim(), AT_ONCE], UNKNOWN, id="of a manifest, bound at once"),
        pytest.param([claim(**PENDING), AT_ONCE], DOES_NOT_FIT, id="pending, bound at once"),
        pytest.param([claim("manual"), AT_ONCE], UNKNOWN, id="of a manifest, static"),
        pytest.param(
            [claim("manual"), AT_ONCE, OTHER_VOLUME], DOES_NOT_FIT, id="no volume of the class"
        ),
        pytest.param([claim(), WAITING], FITS, id="waits for its consumer"),
        pytest.param([claim(**PENDING), LOCAL], UNKNOWN, id="no volume is known"),
        pytest.param([claim(), LOCAL, OTHER_VOLUME], DOES_NOT_FIT, id="none of the volumes"),
        pytest.param([claim(), WAITING, CAPACITY], UNKNOWN, id="capacity, but no driver"),
        pytest.param([LOST], DOES_NOT_FIT, id="lost, whatever volumes there are"),
    ],
)
def test_a_claim_is_judged_as_far_as_it_is_known(
    objects: list[Object], verdict: FitVerdict
) -> None:
    answer = ask(make_pod(**mounting("data")), make_node(), *objects)
    assert answer.verdict is verdict
    assert bool(answer.unconsidered) == (verdict is UNKNOWN)


# In-tree volumes on nodes that leave them to a CSI driver.

ZONE, OLD_ZONE = "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"


def in_tree(source: str, key: str = "", **meta: object) -> Object:
    fields = {"volumeID": "1", "pdName": "1", "volumePath": "1", "diskURI": "1"}
    spec: Object = {"capacity": {"storage": "9Gi"}, source: fields}
    if key:
        asked = [{"key": key, "operator": "In", "values": ["b"]}]
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": asked}]}}
    return make("PersistentVolume", "v", metadata=meta, spec=spec)


@pytest.mark.parametrize(
    ("plugin", "volume", "label"),
    [
        ("aws-ebs", in_tree("awsElasticBlockStore", OLD_ZONE), "topology.ebs.csi.aws.com/zone"),
        ("gce-pd", in_tree("gcePersistentDisk", ZONE), "topology.gke.io/zone"),
        (
            "cinder",
            in_tree("cinder", labels={ZONE: "a__b"}),
            "topology.cinder.csi.openstack.org/zone",
        ),
        (
            "vsphere-volume",
            in_tree("vsphereVolume", "topology.kubernetes.io/region"),
            "topology.csi.vmware.com/region",
        ),
        ("azure-disk", in_tree("azureDisk", ZONE), ZONE),
    ],
)
@pytest.mark.parametrize("zone", ["b", "c"])
def test_a_migrated_volume_asks_for_the_label_of_its_driver(
    plugin: str, volume: Object, label: str, zone: str
) -> None:
    migrated = {"storage.alpha.kubernetes.io/migrated-plugins": f"kubernetes.io/{plugin}"}
    node = make_node(labels={label: zone})
    csi_node = make("CSINode", "n1", STORAGE, metadata={"annotations": migrated}, spec={})
    answer = ask(make_pod(**mounting("data")), node, csi_node, OWN, volume)
    assert answer.verdict is (FITS if zone == "b" else DOES_NOT_FIT)
    if zone == "c":
        (words,) = answer.rejected["n1"][0].culprits
        assert label in words


def test_without_migration_the_zone_is_that_of_the_volume() -> None:
    volume = in_tree("awsElasticBlockStore", OLD_ZONE)
    node = make_node(labels={"topology.ebs.csi.aws.com/zone": "b"})
    assert ask(make_pod(**mounting("data")), node, OWN, volume).verdict is DOES_NOT_FIT
    node = make_node(labels={OLD_ZONE: "b"})
    assert ask(make_pod(**mounting("data")), node, OWN, volume).verdict is FITS


def test_each_replica_of_a_stateful_set_has_a_claim_of_its_own() -> None:
    template = claim()
    template["metadata"] = {"name": "d"}
    workload = make_workload("StatefulSet", replicas=2, volumeClaimTemplates=[template])
    answer = ask(workload, make_node(), AT_ONCE)
    assert (answer.verdict, len(answer.placements)) == (UNKNOWN, 1)

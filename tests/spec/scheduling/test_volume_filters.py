"""Volumes: shared disks, attach limits, zones, and binding."""

import pytest
from worlds import ZONE, filter_node, node, passes, pod, pre_filter, world

from planespec.spec.scheduling.plugin import Code
from planespec.spec.scheduling.snapshot import Snapshot

BOUND = {"pv.kubernetes.io/bind-completed": "yes"}
NODES = [node("n0", {ZONE: "a"}), node("n1", {ZONE: "b"})]


def claim(name: str = "c", volume: str = "", **other: object) -> dict[str, object]:
    """A claim of 1Gi of class `waits`, bound where it has a volume."""
    spec = {"storageClassName": "waits", "accessModes": ["ReadWriteOnce"]}
    metadata = {"name": name, "namespace": "default", "annotations": BOUND if volume else {}}
    return {
        "metadata": metadata,
        "spec": {
            **spec,
            "volumeName": volume,
            "resources": {"requests": {"storage": "1Gi"}},
            **other,
        },
    }


def volume(name: str = "v", zone: str = "", **other: object) -> dict[str, object]:
    """An available CSI volume of 1Gi of class `waits`; `zone` is its node affinity."""
    spec: dict[str, object] = {
        "capacity": {"storage": "1Gi"},
        "storageClassName": "waits",
        "accessModes": ["ReadWriteOnce"],
        "csi": {"driver": "disk.example", "volumeHandle": name},
    }
    if zone:
        wanted = {"key": ZONE, "operator": "In", "values": [zone]}
        spec["nodeAffinity"] = {
            "required": {"nodeSelectorTerms": [{"matchExpressions": [wanted]}]}
        }
    labels = other.pop("labels", {})
    metadata = {"name": name, "labels": labels}
    return {"metadata": metadata, "spec": {**spec, **other}, "status": {"phase": "Available"}}


def storage_class(
    name: str = "waits", mode: str = "WaitForFirstConsumer", **other: object
) -> object:
    """A class whose driver can provision."""
    given = {"provisioner": "disk.example", "volumeBindingMode": mode, **other}
    return {"metadata": {"name": name}, **given}


def cluster(
    claims: list[object], volumes: list[object] | None = None, pods: object = (), **others: object
) -> Snapshot:
    """Two nodes in two zones with this storage."""
    return world(
        NODES,
        pods,  # type: ignore[arg-type]
        PersistentVolumeClaim=claims,
        PersistentVolume=volumes or [],
        **{"StorageClass": [storage_class()], **others},
    )


def user(name: str = "p", *claims: str, **other: object) -> dict[str, object]:
    """A pod that mounts these claims."""
    volumes = [{"name": c, "persistentVolumeClaim": {"claimName": c}} for c in claims]
    return pod(name, volumes=volumes, **other)  # type: ignore[arg-type]


def disk(kind: str, **source: object) -> dict[str, object]:
    """Spec of a pod with one in-tree volume."""
    return {"volumes": [{"name": "d", kind: source}]}


@pytest.mark.parametrize(
    ("used", "wanted", "is_free"),
    [
        (disk("gcePersistentDisk", pdName="x"), disk("gcePersistentDisk", pdName="x"), False),
        (disk("gcePersistentDisk", pdName="x"), disk("gcePersistentDisk", pdName="y"), True),
        (
            disk("gcePersistentDisk", pdName="x", readOnly=True),
            disk("gcePersistentDisk", pdName="x", readOnly=True),
            True,
        ),
        (
            disk("awsElasticBlockStore", volumeID="x"),
            disk("awsElasticBlockStore", volumeID="x"),
            False,
        ),
        (disk("iscsi", iqn="i", lun=0), disk("iscsi", iqn="i", lun=1), False),
        (disk("iscsi", iqn="i", readOnly=True), disk("iscsi", iqn="i", readOnly=True), True),
        (
            disk("rbd", monitors=["a", "b"], pool="p", image="i"),
            disk("rbd", monitors=["b"], pool="p", image="i"),
            False,
        ),
        (disk("rbd", monitors=["a"], image="i"), disk("rbd", monitors=["b"], image="i"), True),
    ],
)
def test_a_disk_has_one_user_on_a_node_unless_all_only_read(
    used: dict[str, object], wanted: dict[str, object], is_free: bool
) -> None:
    snapshot = world(NODES, [pod("e", on="n0", **used)])  # type: ignore[arg-type]
    status = filter_node("VolumeRestrictions", snapshot, pod(**wanted))  # type: ignore[arg-type]
    assert status.is_success is is_free
    assert is_free or status.reasons == ("node(s) had no available disk",)
    assert passes("VolumeRestrictions", snapshot, pod(**wanted), "n1")  # type: ignore[arg-type]


def test_a_read_write_once_pod_claim_in_use_rejects_every_node() -> None:
    exclusive = claim(volume="v", accessModes=["ReadWriteOncePod"])
    snapshot = cluster([exclusive], [volume()], [user("e", "c", on="n0")])
    for name in snapshot.nodes:
        status = filter_node("VolumeRestrictions", snapshot, user("p", "c"), name)
        assert status.code is Code.UNSCHEDULABLE


def test_a_read_write_once_pod_claim_without_users_is_free() -> None:
    exclusive = claim(volume="v", accessModes=["ReadWriteOncePod"])
    snapshot = cluster([exclusive], [volume()])
    assert pre_filter("VolumeRestrictions", snapshot, user("p", "c")).code is Code.SKIP


@pytest.mark.parametrize("plugin", ["VolumeRestrictions", "VolumeBinding", "VolumeZone"])
def test_a_missing_claim_rejects_the_pod(plugin: str) -> None:
    status = pre_filter(plugin, cluster([]), user("p", "c"))
    assert status.code is Code.UNRESOLVABLE
    assert status.reasons == ('persistentvolumeclaim "c" not found',)


def limited(count: int) -> list[object]:
    """What the driver can attach to n0."""
    driver = {"name": "disk.example", "allocatable": {"count": count}}
    return [{"metadata": {"name": "n0"}, "spec": {"drivers": [driver]}}]


def test_a_node_takes_as_many_volumes_as_the_driver_can_attach() -> None:
    claims = [claim("a", "va"), claim("b", "vb")]
    pods = [user("e", "a", on="n0")]
    wanted = user("p", "b")
    volumes = [volume("va"), volume("vb")]
    assert passes("NodeVolumeLimits", cluster(claims, volumes, pods, CSINode=limited(2)), wanted)
    full = cluster(claims, volumes, pods, CSINode=limited(1))
    status = filter_node("NodeVolumeLimits", full, wanted)
    assert status.reasons == ("node(s) exceed max volume count",)
    assert passes("NodeVolumeLimits", full, wanted, "n1")


def test_a_volume_that_is_there_already_is_free() -> None:
    pods = [user("e", "a", on="n0")]
    snapshot = cluster([claim("a", "va")], [volume("va")], pods, CSINode=limited(1))
    assert passes("NodeVolumeLimits", snapshot, user("p", "a"))


def test_an_attachment_without_a_pod_counts() -> None:
    source = {"persistentVolumeName": "vb"}
    attachment = {"metadata": {"name": "x"}, "spec": {"nodeName": "n0", "source": source}}
    claims, volumes = [claim("a", "va")], [volume("va"), volume("vb")]
    attached = cluster(claims, volumes, CSINode=limited(1), VolumeAttachment=[attachment])
    assert not passes("NodeVolumeLimits", attached, user("p", "a"))
    assert passes("NodeVolumeLimits", cluster(claims, volumes, CSINode=limited(1)), user("p", "a"))


def test_a_claim_that_is_not_bound_yet_counts_for_the_driver_of_its_class() -> None:
    snapshot = cluster([claim("a")], CSINode=limited(0))
    assert not passes("NodeVolumeLimits", snapshot, user("p", "a"))


def test_a_volume_stays_in_its_zone() -> None:
    snapshot = cluster([claim(volume="v")], [volume(labels={ZONE: "a"})])
    assert passes("VolumeZone", snapshot, user("p", "c"), "n0")
    status = filter_node("VolumeZone", snapshot, user("p", "c"), "n1")
    assert status.code is Code.UNRESOLVABLE
    assert status.reasons == ("node(s) had no available volume zone",)


def test_a_volume_may_lie_in_several_zones() -> None:
    snapshot = cluster([claim(volume="v")], [volume(labels={ZONE: "a__b"})])
    assert passes("VolumeZone", snapshot, user("p", "c"), "n1")


def test_the_old_zone_label_of_a_volume_is_matched_by_the_new_one_of_a_node() -> None:
    beta = {"failure-domain.beta.kubernetes.io/zone": "a"}
    snapshot = cluster([claim(volume="v")], [volume(labels=beta)])
    assert passes("VolumeZone", snapshot, user("p", "c"), "n0")
    assert not passes("VolumeZone", snapshot, user("p", "c"), "n1")


def test_nodes_without_zones_take_volumes_of_any_zone() -> None:
    snapshot = world(
        [node("n0")],
        PersistentVolumeClaim=[claim(volume="v")],
        PersistentVolume=[volume(labels={ZONE: "a"})],
    )
    assert passes("VolumeZone", snapshot, user("p", "c"))


def test_an_immediate_claim_without_a_volume_rejects_the_pod() -> None:
    classes = [storage_class(mode="Immediate")]
    snapshot = cluster([claim()], StorageClass=classes)
    binding = pre_filter("VolumeBinding", snapshot, user("p", "c"))
    assert binding.reasons == ("pod has unbound immediate PersistentVolumeClaims",)
    zone = pre_filter("VolumeZone", snapshot, user("p", "c"))
    assert zone.reasons == ("PersistentVolume had no name",)


def test_a_bound_volume_must_reach_the_node() -> None:
    snapshot = cluster([claim(volume="v")], [volume(zone="a")])
    assert passes("VolumeBinding", snapshot, user("p", "c"), "n0")
    status = filter_node("VolumeBinding", snapshot, user("p", "c"), "n1")
    assert status.code is Code.UNRESOLVABLE
    assert status.reasons == ("node(s) didn't match PersistentVolume's node affinity",)


def test_a_claim_bound_to_a_volume_that_is_gone_fits_nowhere() -> None:
    status = filter_node("VolumeBinding", cluster([claim(volume="v")]), user("p", "c"))
    assert status.reasons == (
        "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
    )


NONE = [storage_class(provisioner="kubernetes.io/no-provisioner")]


def test_a_waiting_claim_takes_a_volume_that_reaches_the_node() -> None:
    snapshot = cluster([claim()], [volume(zone="a")], StorageClass=NONE)
    assert passes("VolumeBinding", snapshot, user("p", "c"), "n0")
    status = filter_node("VolumeBinding", snapshot, user("p", "c"), "n1")
    assert status.reasons == ("node(s) didn't find available persistent volumes to bind",)


@pytest.mark.parametrize(
    "unfit",
    [
        volume(capacity={"storage": "1Mi"}),
        volume(storageClassName="other"),
        volume(accessModes=["ReadOnlyMany"]),
        volume(volumeMode="Block"),
        volume(claimRef={"name": "other", "namespace": "default"}),
        {**volume(), "status": {"phase": "Released"}},
    ],
)
def test_a_volume_that_does_not_fit_the_claim_is_not_taken(unfit: dict[str, object]) -> None:
    snapshot = cluster([claim()], [unfit], StorageClass=NONE)
    assert not passes("VolumeBinding", snapshot, user("p", "c"))


def test_a_volume_promised_to_the_claim_rules_out_the_others() -> None:
    promised = volume("v1", "a", claimRef={"name": "c", "namespace": "default"})
    snapshot = cluster([claim()], [volume("v2"), promised], StorageClass=NONE)
    assert passes("VolumeBinding", snapshot, user("p", "c"), "n0")
    assert not passes("VolumeBinding", snapshot, user("p", "c"), "n1")


def test_one_volume_serves_one_claim() -> None:
    claims = [claim("a"), claim("b")]
    one = cluster(claims, [volume("v1")], StorageClass=NONE)
    two = cluster(claims, [volume("v1"), volume("v2")], StorageClass=NONE)
    assert not passes("VolumeBinding", one, user("p", "a", "b"))
    assert passes("VolumeBinding", two, user("p", "a", "b"))


def test_the_smaller_claim_chooses_first_and_takes_the_smallest_volume() -> None:
    large = claim("a", resources={"requests": {"storage": "2Gi"}})
    volumes = [volume("v2", capacity={"storage": "2Gi"}), volume("v1")]
    snapshot = cluster([large, claim("b")], volumes, StorageClass=NONE)
    assert passes("VolumeBinding", snapshot, user("p", "a", "b"))


def test_the_smaller_claim_may_take_the_only_volume_the_larger_one_could_use() -> None:
    shared = ["ReadWriteOnce", "ReadWriteMany"]
    large = claim("a", accessModes=["ReadWriteMany"], resources={"requests": {"storage": "2Gi"}})
    volumes = [
        volume("v2", capacity={"storage": "2Gi"}, accessModes=shared),
        volume("v3", capacity={"storage": "3Gi"}),
    ]
    snapshot = cluster([large, claim("b")], volumes, StorageClass=NONE)
    assert not passes("VolumeBinding", snapshot, user("p", "a", "b"))


def test_a_driver_provisions_where_the_topology_allows() -> None:
    terms = [{"matchLabelExpressions": [{"key": ZONE, "values": ["a"]}]}]
    snapshot = cluster([claim()], StorageClass=[storage_class(allowedTopologies=terms)])
    assert passes("VolumeBinding", snapshot, user("p", "c"), "n0")
    assert not passes("VolumeBinding", snapshot, user("p", "c"), "n1")


def test_a_claim_is_provisioned_only_on_the_node_chosen_before() -> None:
    chosen = claim()
    chosen["metadata"]["annotations"] = {"volume.kubernetes.io/selected-node": "n0"}  # type: ignore[index]
    assert passes("VolumeBinding", cluster([chosen]), user("p", "c"), "n0")
    assert not passes("VolumeBinding", cluster([chosen]), user("p", "c"), "n1")


def test_a_driver_that_reports_capacity_needs_enough_of_it_at_the_node() -> None:
    driver = {"metadata": {"name": "disk.example"}, "spec": {"storageCapacity": True}}
    capacity = {
        "metadata": {"name": "x", "namespace": "default"},
        "storageClassName": "waits",
        "nodeTopology": {"matchLabels": {ZONE: "a"}},
        "capacity": "1Gi",
    }
    snapshot = cluster([claim()], CSIDriver=[driver], CSIStorageCapacity=[capacity])
    assert passes("VolumeBinding", snapshot, user("p", "c"), "n0")
    status = filter_node("VolumeBinding", snapshot, user("p", "c"), "n1")
    assert status.reasons == ("node(s) did not have enough free storage",)
    pieces = {**capacity, "capacity": "9Gi", "maximumVolumeSize": "1Mi"}
    small = cluster([claim()], CSIDriver=[driver], CSIStorageCapacity=[pieces])
    assert not passes("VolumeBinding", small, user("p", "c"), "n0")


def test_a_claim_whose_class_is_gone_rejects_the_pod() -> None:
    status = pre_filter("VolumeBinding", cluster([claim()], StorageClass=[]), user("p", "c"))
    assert status.reasons == ("pod has unbound immediate PersistentVolumeClaims",)


def test_a_driver_that_reports_no_capacity_is_not_asked_for_it() -> None:
    driver = {"metadata": {"name": "disk.example"}, "spec": {}}
    assert passes("VolumeBinding", cluster([claim()], CSIDriver=[driver]), user("p", "c"))


def test_a_claim_that_selects_volumes_by_label_takes_no_other() -> None:
    wanted = claim(selector={"matchLabels": {"tier": "fast"}})
    static = storage_class(provisioner="kubernetes.io/no-provisioner")
    fast, slow = volume("v1", labels={"tier": "fast"}), volume("v2", labels={"tier": "slow"})
    for volumes, fits in (([slow], False), ([slow, fast], True)):
        snapshot = cluster([wanted], volumes, StorageClass=[static])
        assert passes("VolumeBinding", snapshot, user("p", "c")) is fits


def test_an_ephemeral_claim_belongs_to_its_pod() -> None:
    incoming = pod(volumes=[{"name": "scratch", "ephemeral": {}}])
    incoming["metadata"]["uid"] = "u"  # type: ignore[index]
    owned, foreign = claim("p-scratch"), claim("p-scratch")
    owner = {"kind": "Pod", "name": "p", "uid": "u", "controller": True}
    owned["metadata"]["ownerReferences"] = [owner]  # type: ignore[index]
    assert pre_filter("VolumeBinding", cluster([owned]), incoming).code is Code.SUCCESS
    status = pre_filter("VolumeBinding", cluster([foreign]), incoming)
    assert status.reasons == (
        "PVC default/p-scratch was not created for pod default/p (pod is not owner)",
    )


def test_a_volume_that_names_no_claim_is_rejected_by_its_zone() -> None:
    status = pre_filter("VolumeZone", cluster([]), user("p", ""))
    assert status.reasons == ("PersistentVolumeClaim had no name",)


def test_an_ephemeral_volume_waits_for_its_claim() -> None:
    incoming = pod(volumes=[{"name": "scratch", "ephemeral": {}}])
    status = pre_filter("VolumeBinding", cluster([]), incoming)
    assert status.code is Code.UNRESOLVABLE
    assert "ephemeral volume controller" in status.reasons[0]
    assert pre_filter("NodeVolumeLimits", cluster([]), incoming).code is Code.SUCCESS


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": {"phase": "Lost"}}, "bound to non-existent persistentvolume"),
        ({"metadata": {"name": "c", "namespace": "default", "deletionTimestamp": "x"}}, "deleted"),
    ],
)
def test_a_claim_that_is_lost_or_going_rejects_the_pod(
    changed: dict[str, object], reason: str
) -> None:
    status = pre_filter(
        "VolumeBinding", cluster([{**claim(volume="v"), **changed}]), user("p", "c")
    )
    assert reason in status.reasons[0]


def test_a_pod_without_volumes_is_skipped_by_all_volume_plugins() -> None:
    plugins = ("VolumeRestrictions", "NodeVolumeLimits", "VolumeBinding", "VolumeZone")
    assert {pre_filter(name, cluster([]), pod()).code for name in plugins} == {Code.SKIP}

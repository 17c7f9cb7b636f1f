"""Claims and volumes are bound in four writes, and what breaks a binding is seen."""

from typing import Any

import pytest

from planespec.spec.controllers.volume_care.binding_writes import (
    BOUND_BY_CONTROLLER,
    PROVISIONER,
    BinderSync,
)
from planespec.spec.controllers.volume_care.claim_binding import (
    PROVISIONED_BY,
    ClaimBinder,
    MisboundError,
    list_choices,
)
from planespec.spec.objects.volumes import (
    BIND_COMPLETED_ANNOTATION,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)


def volume(name: str = "v", size: str = "1Gi", phase: str = "Available", **spec: Any) -> Any:
    annotations = spec.pop("annotations", {})
    spec = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], **spec}
    metadata = {"name": name, "annotations": annotations}
    return PersistentVolume({"metadata": metadata, "spec": spec, "status": {"phase": phase}})


def claim(phase: str = "Pending", *annotations: str, **spec: Any) -> PersistentVolumeClaim:
    metadata = {"name": "c", "namespace": "ns", "uid": "u"}
    requests = {"requests": {"storage": "1Gi"}}
    return PersistentVolumeClaim(
        {
            "metadata": {**metadata, "annotations": dict.fromkeys(annotations, "yes")},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": requests, **spec},
            "status": {"phase": phase},
        }
    )


def held_by(name: str = "c", uid: str = "u") -> dict[str, str]:
    return {"namespace": "ns", "name": name, "uid": uid}


def tell(sync: BinderSync) -> list[tuple[str, str, Any]]:
    return [
        (w.resource.removeprefix("persistentvolume"), w.subresource, w.object["status"]["phase"])
        for w in sync.writes
    ]


def test_a_binding_is_four_writes() -> None:
    one = volume()
    sync = ClaimBinder([one]).sync_claim(claim(), one)
    assert tell(sync) == [
        ("s", "", "Available"),
        ("s", "status", "Bound"),
        ("claims", "", "Pending"),
        ("claims", "status", "Bound"),
    ]


def test_a_bound_claim_whose_volume_names_it_is_left_as_it_is() -> None:
    one = volume(phase="Bound", claimRef=held_by(), annotations={BOUND_BY_CONTROLLER: "yes"})
    done = claim("Bound", BIND_COMPLETED_ANNOTATION, volumeName="v")
    done = PersistentVolumeClaim(
        {**done.data, "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"]}}
    )
    sync = ClaimBinder([one]).sync_claim(done, None)
    assert (sync.writes, sync.events) == ([], [])


@pytest.mark.parametrize(
    ("volumes", "reason"),
    [([], "ClaimLost"), ([volume(claimRef=held_by("other", "x"))], "ClaimMisbound")],
)
def test_a_claim_whose_volume_is_gone_or_anothers_is_lost_once(
    volumes: list[PersistentVolume], reason: str
) -> None:
    bound = claim("Bound", BIND_COMPLETED_ANNOTATION, volumeName="v")
    sync = ClaimBinder(volumes).sync_claim(bound, None)
    assert tell(sync) == [("claims", "status", "Lost")]
    assert sync.events[0].split()[1] == reason
    lost = claim("Lost", BIND_COMPLETED_ANNOTATION, volumeName="v")
    assert ClaimBinder(volumes).sync_claim(lost, None).events == []


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (volume(size="1Mi"), "requested PV is too small"),
        (volume(storageClassName="gold"), "storageClassName does not match"),
        (volume(volumeMode="Block"), "incompatible volumeMode"),
        (volume(accessModes=["ReadOnlyMany"]), "incompatible accessMode"),
    ],
)
def test_a_claim_does_not_get_a_volume_by_name_that_does_not_suit(
    wanted: PersistentVolume, reason: str
) -> None:
    sync = ClaimBinder([wanted]).sync_claim(claim(volumeName="v"), None)
    assert sync.events == [f'Warning VolumeMismatch Cannot bind to requested volume "v": {reason}']


def test_sizes_of_a_volume_asked_for_by_name_are_compared_in_whole_bytes() -> None:
    """As checkVolumeSatisfyClaim of pv_controller.go, which compares `Value()`."""
    asked = claim(volumeName="v", resources={"requests": {"storage": "2"}})
    for size, events in (("1500m", 0), ("1", 1)):
        assert len(ClaimBinder([volume(size=size)]).sync_claim(asked, None).events) == events


def test_a_volume_that_the_controller_once_gave_to_another_ends_the_sync() -> None:
    taken = volume(claimRef=held_by("other", "x"))
    with pytest.raises(MisboundError, match='already claimed by "ns/other"') as caught:
        ClaimBinder([taken]).sync_claim(
            claim("Pending", BOUND_BY_CONTROLLER, volumeName="v"), None
        )
    assert caught.value.sync.writes == []


def test_a_claim_waits_for_its_pod_where_the_class_says_so() -> None:
    waits = StorageClass(
        {
            "metadata": {"name": "w"},
            "volumeBindingMode": "WaitForFirstConsumer",
            "provisioner": "p",
        }
    )
    binder = ClaimBinder(classes={"w": waits})
    sync = binder.sync_claim(claim(storageClassName="w"), None)
    assert sync.events[0].split()[1] == "WaitForFirstConsumer"
    missing = binder.sync_claim(claim(storageClassName="none"), None)
    assert missing.events == [
        'Warning ProvisioningFailed storageclass.storage.k8s.io "none" not found'
    ]
    assert list_choices(claim(), [volume()], waits_for_consumer=True) == []


@pytest.mark.parametrize(
    ("provisioner", "asked"),
    [
        ("csi.example.com", "csi.example.com"),
        ("kubernetes.io/aws-ebs", "ebs.csi.aws.com"),
        ("kubernetes.io/no-provisioner", None),
        ("kubernetes.io/glusterfs", None),
    ],
)
def test_of_a_plugin_that_was_migrated_the_driver_is_asked(
    provisioner: str, asked: str | None
) -> None:
    """As provisionClaimOperationExternal of pkg/controller/volume/persistentvolume."""
    some = StorageClass({"metadata": {"name": "s"}, "provisioner": provisioner})
    sync = ClaimBinder(classes={"s": some}).sync_claim(claim(storageClassName="s"), None)
    if asked is None:
        said = f"no volume plugin matched name: {provisioner}"
        assert sync.beside is None
        assert sync.events == [f"Warning ProvisioningFailed {said}"]
        return
    assert sync.beside is not None
    (write,) = sync.beside.writes
    assert write.object["metadata"]["annotations"][PROVISIONER] == asked
    assert f"external provisioner '{asked}'" in sync.beside.events[0]


def test_the_fewest_access_modes_win_over_the_smallest_size() -> None:
    small = volume("small", "1Gi", accessModes=["ReadWriteOnce", "ReadOnlyMany"])
    large = volume("large", "9Gi")
    same = volume("same", "9Gi")
    found = list_choices(claim(), [small, large, same], waits_for_consumer=False)
    assert {each.name for each in found} == {"large", "same"}


@pytest.mark.parametrize(
    ("policy", "phases", "reason"),
    [
        ("Retain", ["Released"], ""),
        ("Delete", ["Released"], ""),
        ("Burn", ["Released", "Failed"], "VolumeUnknownReclaimPolicy"),
    ],
)
def test_a_volume_whose_claim_is_gone_is_released(
    policy: str, phases: list[str], reason: str
) -> None:
    one = volume(phase="Bound", claimRef=held_by(), persistentVolumeReclaimPolicy=policy)
    sync = ClaimBinder().sync_volume(one)
    assert [phase for _, _, phase in tell(sync)] == phases
    assert [event.split()[1] for event in sync.events] == ([reason] if reason else [])


def test_a_volume_of_a_claim_that_has_another_is_freed_or_given_up() -> None:
    elsewhere = claim("Bound", volumeName="other")
    binder = ClaimBinder(claims=[elsewhere])
    ours = volume(phase="Bound", claimRef=held_by(), annotations={BOUND_BY_CONTROLLER: "yes"})
    freed = binder.sync_volume(ours)
    assert "claimRef" not in freed.writes[0].object["spec"]
    promised = binder.sync_volume(volume(phase="Bound", claimRef=held_by()))
    assert promised.writes[0].object["spec"]["claimRef"] == {"namespace": "ns", "name": "c"}
    made = volume(
        phase="Bound",
        claimRef=held_by(),
        persistentVolumeReclaimPolicy="Delete",
        annotations={PROVISIONED_BY: "csi"},
    )
    assert [phase for _, _, phase in tell(binder.sync_volume(made))] == ["Released"]

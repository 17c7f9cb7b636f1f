"""What protects claims and volumes, and what attaches volumes to nodes and takes them off."""

from typing import Any

import pytest

from planespec.spec.controllers.volume_care.attach_detach import (
    MANAGED,
    OUT_OF_SERVICE,
    Wish,
    attach,
    list_wishes,
    may_detach,
    name_attachment,
    name_device,
)
from planespec.spec.controllers.volume_care.binding_writes import PROVISIONER
from planespec.spec.controllers.volume_care.claim_binding import ClaimBinder
from planespec.spec.controllers.volume_care.volume_protection import (
    CLAIM_PROTECTION,
    VOLUME_PROTECTION,
    protect_claim,
    protect_volume,
)
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.objects.volumes import (
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)

GOING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
NEW = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


def make_claim(spec: dict[str, Any] | None = None, **metadata: Any) -> PersistentVolumeClaim:
    status = {"phase": "Bound" if spec else "Pending"}
    metadata = {"name": "c", "namespace": "a", "uid": "u"} | metadata
    return PersistentVolumeClaim(
        {"metadata": metadata, "spec": NEW | (spec or {}), "status": status}
    )


def make_pod(node: str = "", phase: str = "Pending", claim: str = "c") -> Pod:
    volumes = [{"name": "x", "persistentVolumeClaim": {"claimName": claim}}, {"name": "y"}]
    spec = {"volumes": volumes} | ({"nodeName": node} if node else {})
    metadata = {"name": "p", "namespace": "a"}
    return Pod({"metadata": metadata, "spec": spec, "status": {"phase": phase}})


def make_volume(
    phase: str = "Bound", mode: str = "ReadWriteOnce", **spec: Any
) -> PersistentVolume:
    csi = {"driver": "csi.example.com", "volumeHandle": "pv102-0"}
    spec = {"csi": csi, "accessModes": [mode], "capacity": {"storage": "1Gi"}} | spec
    metadata = {"name": "v", "finalizers": [VOLUME_PROTECTION], **GOING}
    return PersistentVolume({"metadata": metadata, "spec": spec, "status": {"phase": phase}})


def make_node(*in_use: str, taint: str = "", managed: str = "true") -> Node:
    taints = [{"key": taint, "effect": "NoExecute"}] if taint else []
    metadata = {"name": "n", "annotations": {MANAGED: managed}}
    return Node(
        {"metadata": metadata, "spec": {"taints": taints}, "status": {"volumesInUse": [*in_use]}}
    )


@pytest.mark.parametrize(
    ("pods", "kept"),
    [
        ([], False),
        ([make_pod()], False),
        ([make_pod("n")], True),
        ([make_pod("n", phase="Failed")], True),
        ([make_pod("n", claim="other")], False),
    ],
)
def test_a_claim_stays_while_a_pod_with_a_node_has_it(pods: list[Pod], kept: bool) -> None:
    claim = make_claim(finalizers=["x.io/hold", CLAIM_PROTECTION], **GOING)
    made = protect_claim(claim, pods)
    assert (made is None) is kept
    if made is not None:
        assert made["metadata"]["finalizers"] == ["x.io/hold"]


def test_a_claim_without_protection_gets_it_unless_it_goes() -> None:
    made = protect_claim(make_claim(), [])
    assert made is not None
    assert made["metadata"]["finalizers"] == [CLAIM_PROTECTION]
    assert protect_claim(make_claim(**GOING), []) is None


@pytest.mark.parametrize(("phase", "kept"), [("Bound", True), ("Released", False)])
def test_a_volume_stays_while_it_is_bound(phase: str, kept: bool) -> None:
    assert (protect_volume(make_volume(phase)) is None) is kept


def test_an_attachment_is_named_by_volume_driver_and_node() -> None:
    handle = "pvc-394eed2b-b820-4d1d-948a-61165fb0f1d4"
    volume = make_volume(csi={"driver": "csi.example.com", "volumeHandle": handle})
    recorded = "csi-ab0bc2e775edf3a9d5dfe91523c6bf25f01e8d32c58d3b842e95a5a02fddd809"
    assert name_attachment(volume, "n101a") == recorded


def test_pods_wish_for_volumes_on_nodes_that_the_controller_serves() -> None:
    claims = [make_claim({"volumeName": "v"})]
    assert list_wishes([make_pod("n")], claims, [make_node()]) == {Wish("v", "n")}
    assert not list_wishes([make_pod("n", "Succeeded")], claims, [make_node()])
    assert not list_wishes([make_pod()], claims, [make_node()])
    assert not list_wishes([make_pod("n")], [make_claim()], [make_node()])
    assert not list_wishes([make_pod("n")], claims, [make_node(managed="false")])


@pytest.mark.parametrize(
    ("mode", "attached", "made"),
    [
        ("ReadWriteOnce", [], True),
        ("ReadWriteOnce", ["other"], False),
        ("ReadWriteOncePod", ["other"], False),
        ("ReadWriteMany", ["other"], True),
        ("ReadWriteMany", ["n"], False),
    ],
)
def test_only_shared_volumes_go_to_a_second_node(
    mode: str, attached: list[str], made: bool
) -> None:
    assert (attach(make_volume(mode=mode), "n", attached) is not None) is made


def test_a_volume_comes_off_when_no_pod_wants_it_and_no_kubelet_has_it() -> None:
    volume = make_volume()
    spec = {"source": {"persistentVolumeName": "v"}, "nodeName": "n"}
    attachment = ApiObject({"metadata": {"name": "x"}, "spec": spec})
    volumes, device = {"v": volume}, name_device(volume)
    assert may_detach(attachment, volumes, [], make_node())
    assert not may_detach(attachment, volumes, [Wish("v", "n")], make_node())
    assert not may_detach(attachment, volumes, [], make_node(device))
    assert may_detach(attachment, volumes, [], make_node(device, taint=OUT_OF_SERVICE))
    assert may_detach(attachment, volumes, [], None)


def test_a_claim_is_marked_for_an_external_provisioner_once() -> None:
    made = StorageClass({"metadata": {"name": "s"}, "provisioner": "csi.example.com"})
    binder = ClaimBinder(classes={"s": made})
    sync = binder.sync_claim(make_claim({"storageClassName": "s"}), None)
    assert not sync.writes
    assert sync.beside is not None
    told = View(sync.beside.writes[0].object).view("metadata").text_map("annotations")
    assert told[PROVISIONER] == "csi.example.com"
    again = binder.sync_claim(make_claim({"storageClassName": "s"}, annotations=told), None)
    assert again.beside is not None
    assert not again.beside.writes
    assert again.beside.events[0].startswith("Normal ExternalProvisioning Waiting for a volume")


def test_a_volume_is_not_recycled_while_a_pod_has_its_claim() -> None:
    reference = {"namespace": "a", "name": "c", "uid": "gone"}
    spec = {"claimRef": reference, "persistentVolumeReclaimPolicy": "Recycle"}
    volume = make_volume("Released", **spec)
    assert ClaimBinder(pods=[make_pod()]).sync_volume(volume).beside is None
    assert ClaimBinder(pods=[make_pod(phase="Failed")]).sync_volume(volume).beside is not None


def test_a_claim_that_waits_tells_for_whom() -> None:
    made = StorageClass({"provisioner": "x", "volumeBindingMode": "WaitForFirstConsumer"})
    binder = ClaimBinder(classes={"s": made}, pods=[make_pod()])
    sync = binder.sync_claim(make_claim({"storageClassName": "s"}), None)
    assert sync.events == ["Normal WaitForPodScheduled waiting for pod p to be scheduled"]

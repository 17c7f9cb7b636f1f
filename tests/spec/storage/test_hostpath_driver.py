"""The CSI host path driver, where its source goes and no recorded line does."""

from typing import Any

import pytest

from planespec.spec.objects.view import View
from planespec.spec.storage.hostpath_config import DriverConfig, FlagError, read_flags
from planespec.spec.storage.hostpath_driver import Answer, call_driver
from planespec.spec.storage.hostpath_host import Host, Identities

MOUNT = {"accessMode": {"mode": "SINGLE_NODE_WRITER"}, "mount": {}}
BLOCK = {"accessMode": {"mode": "SINGLE_NODE_WRITER"}, "block": {}}
MEBIBYTE = 1 << 20


def call(host: Host, name: str, /, **request: Any) -> Answer:
    return call_driver(host, name, View(request))


def create(host: Host, name: str, capability: dict[str, Any] = MOUNT, **more: Any) -> Answer:
    more.setdefault("capacityRange", {"requiredBytes": str(MEBIBYTE)})
    return call(host, "CreateVolume", name=name, volumeCapabilities=[capability], **more)


def publish(host: Host, volume: str, target: str, capability: Any = MOUNT, **more: Any) -> Answer:
    paths = {"targetPath": target, "stagingTargetPath": "/stage"}
    request = {"volumeId": volume, "volumeCapability": capability} | paths | more
    return call(host, "NodePublishVolume", **request)


def stage(host: Host, volume: str, capability: Any = MOUNT) -> Answer:
    request = {"volumeId": volume, "volumeCapability": capability}
    return call(host, "NodeStageVolume", stagingTargetPath="/stage", **request)


INLINE = {"volumeContext": {"csi.storage.k8s.io/ephemeral": "true"}}


def test_an_archive_goes_through_a_block_volume_into_a_directory() -> None:
    host = Host(DriverConfig())
    create(host, "directory")
    call(host, "CreateSnapshot", name="s", sourceVolumeId="v0")
    from_archive = {"volumeContentSource": {"snapshot": {"snapshotId": "p0"}}}
    assert create(host, "block", BLOCK, **from_archive).code == "OK"
    create(host, "copy", BLOCK, volumeContentSource={"volume": {"volumeId": "v1"}})
    call(host, "CreateSnapshot", name="t", sourceVolumeId="v2")
    from_copy = {"volumeContentSource": {"snapshot": {"snapshotId": "p1"}}}
    assert create(host, "unpacked", **from_copy).code == "OK"


def test_a_copy_of_a_blank_block_volume_cannot_be_unpacked_and_leaves_no_id_behind() -> None:
    host = Host(DriverConfig())
    create(host, "block", BLOCK)
    call(host, "CreateSnapshot", name="s", sourceVolumeId="v0")
    from_blank = {"volumeContentSource": {"snapshot": {"snapshotId": "p0"}}}
    assert create(host, "directory", **from_blank).code == "UNKNOWN"
    assert create(host, "directory").response["volume"]["volumeId"] == "v1"


def test_a_group_that_fails_leaves_snapshots_that_cannot_be_deleted() -> None:
    host = Host(DriverConfig())
    create(host, "a")
    failed = call(host, "CreateVolumeGroupSnapshot", name="g", sourceVolumeIds=["v0", "none"])
    assert failed.code == "NOT_FOUND"
    refused = call(host, "DeleteSnapshot", snapshotId="p0")
    assert refused.message == "Snapshot with ID p0 is part of groupsnapshot g0"
    none = call(host, "CreateVolumeGroupSnapshot", name="h", sourceVolumeIds=["none", "v0"])
    assert none.code == "NOT_FOUND"
    made = call(host, "CreateVolumeGroupSnapshot", name="h", sourceVolumeIds=["v0"])
    assert made.response["groupSnapshot"]["groupSnapshotId"] == "g1"


def test_a_group_is_told_with_its_ids_only_when_it_is_made_or_got() -> None:
    host = Host(DriverConfig())
    create(host, "a"), create(host, "b")
    call(host, "CreateVolumeGroupSnapshot", name="g", sourceVolumeIds=["v1", "v0"])
    again = call(host, "CreateVolumeGroupSnapshot", name="g", sourceVolumeIds=["v0", "v1"])
    assert "snapshotId" not in again.response["groupSnapshot"]["snapshots"][0]
    got = call(host, "GetVolumeGroupSnapshot", groupSnapshotId="g0", snapshotIds=["p1", "p0"])
    told = [each["snapshotId"] for each in got.response["groupSnapshot"]["snapshots"]]
    assert told == ["p0", "p1"]


def test_ids_that_are_sorted_to_be_compared_reach_the_file_with_the_next_change() -> None:
    host = Host(DriverConfig())
    create(host, "a"), create(host, "b")
    call(host, "CreateVolumeGroupSnapshot", name="g", sourceVolumeIds=["v1", "v0"])
    call(host, "CreateVolumeGroupSnapshot", name="g", sourceVolumeIds=["v0", "v1"])
    assert host.records.to_json()["GroupSnapshots"][0]["SourceVolumeIDs"] == ["v1", "v0"]
    create(host, "c")
    assert host.records.to_json()["GroupSnapshots"][0]["SourceVolumeIDs"] == ["v0", "v1"]


def test_what_was_only_sorted_in_memory_is_lost_when_the_driver_starts_again() -> None:
    host = Host(DriverConfig())
    create(host, "a"), create(host, "b")
    call(host, "CreateVolumeGroupSnapshot", name="g", sourceVolumeIds=["v1", "v0"])
    call(host, "CreateVolumeGroupSnapshot", name="g", sourceVolumeIds=["v0", "v1"])
    host.records.restart()
    create(host, "c")
    assert host.records.to_json()["GroupSnapshots"][0]["SourceVolumeIDs"] == ["v1", "v0"]


@pytest.mark.parametrize(
    ("token", "most", "panic"),
    [
        ("4294967295", 0, "runtime error: index out of range [-1]"),
        ("4294967290", 1, "runtime error: index out of range [-6]"),
        ("2147483648", 0, "runtime error: makeslice: len out of range"),
        ("0", -5, "runtime error: makeslice: len out of range"),
    ],
)
def test_a_token_beyond_31_bits_or_a_negative_limit_crashes_the_driver(
    token: str, most: int, panic: str
) -> None:
    answer = call(Host(DriverConfig()), "ListSnapshots", startingToken=token, maxEntries=most)
    assert (answer.code, answer.panic) == ("UNAVAILABLE", panic)


@pytest.mark.parametrize("token", ["4294967296", "+1", "-1", "1_0", "x"])
def test_a_token_of_snapshots_is_32_bits_without_a_sign(token: str) -> None:
    answer = call(Host(DriverConfig()), "ListSnapshots", startingToken=token)
    assert answer.message == "startingToken=0 !< int32=4294967295"


def test_a_token_of_volumes_may_have_a_sign_and_crashes_the_driver_below_1() -> None:
    host = Host(DriverConfig())
    create(host, "a")
    assert len(call(host, "ListVolumes", startingToken="+1").response["entries"]) == 1
    panic = call(host, "ListVolumes", startingToken="-2").panic
    assert panic == "runtime error: index out of range [-3]"
    assert call(host, "ListVolumes", startingToken="2147483648").code == "ABORTED"


def test_volumes_are_listed_up_to_the_limit_and_not_so_many() -> None:
    host = Host(DriverConfig())
    create(host, "a"), create(host, "b"), create(host, "c")
    answer = call(host, "ListVolumes", startingToken="2", maxEntries=2)
    assert [each["volume"]["volumeId"] for each in answer.response["entries"]] == ["v1"]


def test_ids_after_the_clock_began_anew_come_before_all_earlier_ones() -> None:
    host = Host(DriverConfig(), Identities(wrapped=2))
    create(host, "a"), create(host, "b"), create(host, "c")
    entries = call(host, "ListVolumes").response["entries"]
    assert [each["volume"]["volumeId"] for each in entries] == ["v2", "v0", "v1"]


def test_snapshots_are_listed_in_pages() -> None:
    host = Host(DriverConfig())
    create(host, "a")
    for name in "rst":
        call(host, "CreateSnapshot", name=name, sourceVolumeId="v0")
    first = call(host, "ListSnapshots", maxEntries=2).response
    assert (len(first["entries"]), first["nextToken"]) == (2, "2")
    last = call(host, "ListSnapshots", startingToken="2", maxEntries=2).response
    assert [each["snapshot"]["snapshotId"] for each in last["entries"]] == ["p2"]
    assert "nextToken" not in last


@pytest.mark.parametrize(("value", "code"), [("yes", "INVALID_ARGUMENT"), ("T", "OK"), ("", "OK")])
def test_a_snapshot_class_may_say_whether_unreadable_files_matter(value: str, code: str) -> None:
    host = Host(DriverConfig())
    create(host, "a")
    parameters = {"ignoreFailedRead": value}
    answer = call(host, "CreateSnapshot", name="s", sourceVolumeId="v0", parameters=parameters)
    assert answer.code == code


def test_an_inline_volume_goes_with_its_first_unpublish_and_other_mounts_stay() -> None:
    host = Host(DriverConfig())
    publish(host, "inline", "/a", **INLINE), publish(host, "inline", "/b", **INLINE)
    assert call(host, "NodeUnpublishVolume", volumeId="inline", targetPath="/a").code == "OK"
    assert host.records.to_json()["Volumes"] == []
    assert list(host.mounts) == ["/b"]
    publish(host, "inline", "/b", **INLINE)
    assert host.records.to_json()["Volumes"][0]["Published"] is None


def test_an_inline_volume_takes_the_place_of_a_volume_with_its_id() -> None:
    host = Host(DriverConfig())
    create(host, "a"), stage(host, "v0")
    publish(host, "v0", "/a", **INLINE)
    volumes: Any = host.records.to_json()["Volumes"]
    [volume] = volumes
    assert (volume["VolName"], volume["Staged"]) == ("ephemeral-v0", None)


def test_a_publish_without_an_access_type_mounts_nothing_and_is_noted_each_time() -> None:
    host = Host(DriverConfig())
    create(host, "a"), stage(host, "v0")
    publish(host, "v0", "/a", {"accessMode": {}}), publish(host, "v0", "/a", {})
    assert host.records.to_json()["Volumes"][0]["Published"] == ["/a", "/a"]
    assert host.mounts == {}


def test_a_path_must_be_mounted_as_the_volume_is_to_expand_it() -> None:
    host = Host(DriverConfig())
    create(host, "a"), create(host, "b", BLOCK)
    for volume, capability in (("v0", MOUNT), ("v1", BLOCK)):
        stage(host, volume, capability), publish(host, volume, f"/{volume}", capability)
    size = {"capacityRange": {"requiredBytes": "1"}}
    crossed = call(host, "NodeExpandVolume", volumeId="v1", volumePath="/v0", **size)
    assert crossed.message == "Volume v1 is not a directory"
    crossed = call(host, "NodeExpandVolume", volumeId="v0", volumePath="/v1", **size)
    assert crossed.message == "Volume v0 is not a block device"


def test_an_ephemeral_driver_has_no_controller() -> None:
    host = Host(DriverConfig(ephemeral=True))
    assert create(host, "a").message == "unsupported capability CREATE_DELETE_VOLUME"
    assert call(host, "ControllerGetCapabilities").response == {}


def test_a_volume_with_a_source_that_is_neither_is_refused() -> None:
    host = Host(DriverConfig())
    assert create(host, "a", volumeContentSource={}).message == " not a proper volume source"
    create(host, "a")
    assert create(host, "a", volumeContentSource={}).message == " not a proper volume source"


def test_capacity_may_be_overdrawn_by_expansion() -> None:
    config = read_flags(["-capacity", "fast=1Mi", "-max-volume-size=4194304"])
    host = Host(config)
    create(host, "a")
    expanded = {"requiredBytes": "3145728"}
    call(host, "ControllerExpandVolume", volumeId="v0", capacityRange=expanded)
    left = call(host, "GetCapacity", parameters={"kind": "fast"}).response
    assert left["availableCapacity"] == left["maximumVolumeSize"] == "-2097152"


def test_flags_are_read_as_go_reads_them() -> None:
    config = read_flags(["--enable-attach", "-enable-topology=F", "-max-volume-size", "7"])
    assert (config.enable_attach, config.enable_topology) == (True, False)
    assert (config.max_volume_size, config.max_expansion_on_node) == (7, 7)
    assert read_flags(["-max-volume-size-node=3"]).max_expansion_on_node == 3


@pytest.mark.parametrize(
    "flags",
    [["-none"], ["enable-attach"], ["-enable-attach=maybe"], ["-attach-limit", "x"]]
    + [["-capacity", "fast"], ["-capacity", "fast=x"], ["-"]],
)
def test_a_flag_that_the_driver_does_not_take_is_refused(flags: list[str]) -> None:
    with pytest.raises(FlagError):
        read_flags(flags)

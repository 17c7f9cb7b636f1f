"""Pods are ranked for eviction as a kubelet ranks them."""

from typing import Any

import pytest

from planespec.spec.node.evictions.eviction_messages import describe_pressure
from planespec.spec.node.evictions.eviction_ranking import (
    ContainerUsage,
    Disks,
    FsUsage,
    PodUsage,
    compute_request,
    rank_pods,
)
from planespec.spec.objects.core_views import Pod
from planespec.spec.quantity import parse_quantity

MEMORY = "memory.available"
ONE_DISK, TWO_DISKS, THREE_DISKS = Disks(), Disks(True), Disks(True, True)


def make_pod(name: str, requests: dict[str, str] | None = None, **spec: Any) -> Pod:
    container = {"name": "app", "resources": {"requests": requests or {}}}
    return Pod(
        {"metadata": {"name": name, "uid": name}, "spec": {"containers": [container]} | spec}
    )


def rank(
    signal: str, pods: list[Pod], usages: dict[str, PodUsage], disks: Disks = ONE_DISK
) -> str:
    return " ".join(pod.name for pod in rank_pods(signal, pods, usages, disks))


def test_memory_asks_for_excess_then_priority_then_how_much_more() -> None:
    pods = [
        make_pod("guaranteed", {"memory": "9Gi"}, priority=-9),
        make_pod("high", priority=5),
        make_pod("low"),
        make_pod("more", {"memory": "1Ki"}),
    ]
    usages = {name: PodUsage(memory=4096) for name in ("guaranteed", "high", "low")}
    usages["more"] = PodUsage(memory=9000)
    assert rank(MEMORY, pods, usages) == "more low high guaranteed"


def test_a_use_equal_to_the_request_is_no_excess() -> None:
    pods = [make_pod("equal", {"memory": "4Ki"}), make_pod("over", {"memory": "1"}, priority=9)]
    usages = {name: PodUsage(memory=4096) for name in ("equal", "over")}
    assert rank(MEMORY, pods, usages) == "over equal"


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        (MEMORY, "lost high"),
        ("nodefs.available", "lost high"),
        ("pid.available", "high lost"),
    ],
)
def test_a_pod_without_statistics_goes_first_but_of_processes_only_within_its_priority(
    signal: str, expected: str
) -> None:
    pods = [make_pod("high"), make_pod("lost", priority=5)]
    assert rank(signal, pods, {"high": PodUsage(memory=10, processes=1)}) == expected


def test_processes_ask_for_priority_then_for_how_many() -> None:
    pods = [make_pod("high", priority=1), make_pod("few"), make_pod("many"), make_pod("lost")]
    usages = {"high": PodUsage(processes=99), "few": PodUsage(processes=1)}
    usages["many"] = PodUsage(processes=7)
    assert rank("pid.available", pods, usages) == "lost many few high"


def use_disk(root: int = 0, logs: int = 0, volume: int = 0) -> PodUsage:
    container = ContainerUsage("app", 0, FsUsage(root, root), FsUsage(logs, logs))
    return PodUsage(containers=(container,), volumes={"v": FsUsage(volume, volume)})


@pytest.mark.parametrize(
    ("signal", "disks", "measured"),
    [
        ("nodefs.available", ONE_DISK, "logs root volumes"),
        ("imagefs.inodesFree", ONE_DISK, "logs root volumes"),
        ("nodefs.inodesFree", TWO_DISKS, "logs volumes"),
        ("imagefs.available", TWO_DISKS, "root"),
        ("containerfs.available", TWO_DISKS, "root"),
        ("nodefs.available", THREE_DISKS, "logs root volumes"),
        ("containerfs.inodesFree", THREE_DISKS, "logs root volumes"),
        ("imagefs.available", THREE_DISKS, "root"),
        ("imagefs.inodesFree", THREE_DISKS, ""),
    ],
)
def test_what_counts_as_used_depends_on_the_disks(
    signal: str, disks: Disks, measured: str
) -> None:
    assert disks.measured(signal) == set(measured.split())


def test_only_what_counts_decides_the_order() -> None:
    volumes = [{"name": "v", "emptyDir": {}}]
    pods = [make_pod(name, volumes=volumes) for name in ("root", "logs", "volume")]
    usages = {"root": use_disk(root=30), "logs": use_disk(logs=20), "volume": use_disk(volume=10)}
    assert rank("nodefs.available", pods, usages, ONE_DISK) == "root logs volume"
    assert rank("nodefs.available", pods, usages, TWO_DISKS) == "logs volume root"
    pods.reverse()
    assert rank("imagefs.inodesFree", pods, usages, THREE_DISKS) == "volume logs root"


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        ({"emptyDir": {}}, True),
        ({"hostPath": {"path": "/"}}, True),
        ({"configMap": {"name": "c"}}, True),
        ({"gitRepo": {"repository": "r"}}, True),
        ({"emptyDir": {"medium": "Memory"}}, False),
        ({"secret": {"secretName": "s"}}, False),
        ({"persistentVolumeClaim": {"claimName": "c"}}, False),
    ],
)
def test_only_local_volumes_count(source: dict[str, object], counts: bool) -> None:
    pods = [make_pod("logs"), make_pod("volume", volumes=[{"name": "v"} | source])]
    usages = {"logs": use_disk(logs=5), "volume": use_disk(volume=9)}
    expected = "volume logs" if counts else "logs volume"
    assert rank("nodefs.available", pods, usages) == expected


def test_requested_bytes_are_taken_from_inodes_too() -> None:
    pods = [make_pod("asks", {"ephemeral-storage": "100"}), make_pod("asks-not")]
    usages = {"asks": use_disk(root=90), "asks-not": use_disk(root=1)}
    assert rank("nodefs.inodesFree", pods, usages) == "asks-not asks"


@pytest.mark.parametrize(
    ("spec", "resource", "expected"),
    [
        ({"overhead": {"memory": "1Gi"}}, "memory", "2Gi"),
        ({"overhead": {"ephemeral-storage": "1Gi"}}, "ephemeral-storage", "0"),
        ({"resources": {"requests": {"memory": "5Gi"}}}, "memory", "5Gi"),
        ({"resources": {"limits": {"cpu": "1"}}}, "memory", "0"),
        ({"resources": {}}, "memory", "1Gi"),
    ],
)
def test_a_request_counts_overhead_and_resources_of_the_pod_as_a_whole(
    spec: dict[str, object], resource: str, expected: str
) -> None:
    pod = make_pod("pod", {"memory": "1Gi"}, **spec)
    assert compute_request(pod, resource) == parse_quantity(expected)


def test_a_message_names_init_containers_and_the_whole_pod_but_no_one_within_his_request() -> None:
    init = {"name": "init", "resources": {"requests": {"memory": "1Gi"}}}
    whole = {"requests": {"memory": "3Gi"}}
    pod = make_pod("web", {"memory": "2Gi"}, initContainers=[init], resources=whole)
    two = 2 * 1024**3
    used = (ContainerUsage("app", two), ContainerUsage("init", two), ContainerUsage("debug", two))
    quantities = (parse_quantity("1Gi"), parse_quantity("10Mi"))
    message = describe_pressure(MEMORY, *quantities, pod, PodUsage(two, containers=used))
    assert message == (
        "The node was low on resource: memory. Threshold quantity: 1Gi, available: 10Mi. "
        "Pod web was using 2Gi, request is 3Gi, has larger consumption of memory. "
        "Container init was using 2Gi, request is 1Gi, has larger consumption of memory. "
    )


@pytest.mark.parametrize("signal", ["pid.available", "nodefs.inodesFree", "nodefs.available"])
def test_nobody_is_blamed_for_what_is_not_measured(signal: str) -> None:
    quantities = (parse_quantity("9"), parse_quantity("1"))
    usage = PodUsage(containers=(ContainerUsage("app", 5, FsUsage(5, 5)),))
    message = describe_pressure(signal, *quantities, make_pod("web"), usage)
    assert message.endswith("Threshold quantity: 9, available: 1. ")

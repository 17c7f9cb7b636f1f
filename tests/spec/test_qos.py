"""QoS class, OOM score and cgroup settings of a pod."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.objects import Pod
from planespec.spec.pods.qos import (
    CgroupConfig,
    QosClass,
    compute_cgroup_config,
    compute_cpu_quota,
    compute_cpu_shares,
    compute_oom_score_adjustment,
    get_qos_class,
)

GIB = 2**30
FULL = {"cpu": "1", "memory": "1Gi"}


def container(
    requests: dict[str, str] | None, limits: dict[str, str] | None, name: str = "c"
) -> dict[str, object]:
    """A container as plain JSON."""
    return {"name": name, "resources": {"requests": requests, "limits": limits}}


def pod(*containers: dict[str, object], **spec: object) -> Pod:
    """A pod of these containers."""
    return Pod({"spec": {"containers": list(containers), **spec}})


def score(one: Pod, index: int = 0, capacity: int = 4 * GIB) -> int:
    """The OOM score adjustment of a container."""
    every = [*one.containers, *one.init_containers]
    return compute_oom_score_adjustment(one, every[index], capacity)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (pod(), QosClass.BEST_EFFORT),
        (pod(container(None, None)), QosClass.BEST_EFFORT),
        (pod(container({"cpu": "0"}, None)), QosClass.BEST_EFFORT),
        (pod(container({"nvidia.com/gpu": "1"}, None)), QosClass.BEST_EFFORT),
        (pod(container(FULL, FULL)), QosClass.GUARANTEED),
        (pod(container({**FULL, "cpu": "1000m"}, FULL)), QosClass.GUARANTEED),
        (pod(container({"cpu": "1"}, {"cpu": "1"})), QosClass.BURSTABLE),
        (pod(container(None, FULL)), QosClass.BURSTABLE),
        (pod(container(FULL, None)), QosClass.BURSTABLE),
        (pod(container(FULL, FULL), container(None, None)), QosClass.BURSTABLE),
        (
            pod(container(FULL, FULL), initContainers=[container(None, None)]),
            QosClass.BURSTABLE,
        ),
        (
            pod(container(None, None), resources={"requests": FULL, "limits": FULL}),
            QosClass.GUARANTEED,
        ),
        (pod(container(FULL, FULL), resources={"requests": {"cpu": "1"}}), QosClass.BURSTABLE),
    ],
)
def test_the_class_of_a_pod(one: Pod, expected: QosClass) -> None:
    assert get_qos_class(one) is expected


def test_a_recorded_class_is_kept() -> None:
    assert get_qos_class(Pod({"status": {"qosClass": "Guaranteed"}})) is QosClass.GUARANTEED


def test_guaranteed_and_best_effort_have_fixed_scores() -> None:
    assert score(pod(container(FULL, FULL))) == -997
    assert score(pod(container(None, None))) == 1000


@pytest.mark.parametrize(
    ("memory", "expected"),
    [("0", 999), ("1Mi", 999), ("1Gi", 750), ("4Gi", 3), ("8Gi", 3), ("41Mi", 990)],
)
def test_a_burstable_container_scores_by_its_share_of_memory(memory: str, expected: int) -> None:
    assert score(pod(container({"cpu": "1", "memory": memory}, None))) == expected


def test_a_sidecar_scores_no_higher_than_the_least_regular_container() -> None:
    sidecar = {**container({"memory": "1Mi"}, None, "s"), "restartPolicy": "Always"}
    regular = [container({"memory": "1Gi"}, None, "a"), container({"memory": "2Gi"}, None, "b")]
    one = pod(*regular, initContainers=[sidecar])
    assert [score(one, index) for index in range(3)] == [750, 500, 750]


def test_memory_of_the_pod_is_shared_out_among_its_containers() -> None:
    whole = {"requests": {"memory": "2Gi"}}
    one = pod(container({"memory": "1Gi"}, None), container(None, None, "d"), resources=whole)
    assert [score(one, 0), score(one, 1)] == [625, 875]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"priorityClassName": "system-node-critical", "priority": 2_000_001_000}, -997),
        ({"priorityClassName": "system-node-critical", "priority": 5}, 750),
        ({"priorityClassName": "system-cluster-critical", "priority": 2_000_000_000}, 750),
    ],
)
def test_a_node_critical_pod_is_killed_last(spec: dict[str, object], expected: int) -> None:
    assert score(pod(container({"memory": "1Gi"}, None), **spec)) == expected


def test_a_static_pod_of_the_class_is_node_critical_without_a_priority() -> None:
    data = pod(container({"memory": "1Gi"}, None), priorityClassName="system-node-critical").data
    source = {"annotations": {"kubernetes.io/config.source": "file"}}
    assert score(Pod({**data, "metadata": source})) == -997


@pytest.mark.parametrize(
    ("milli", "shares"), [(0, 2), (1, 2), (2, 2), (500, 512), (1000, 1024), (10**9, 262144)]
)
def test_cpu_shares_are_bounded(milli: int, shares: int) -> None:
    assert compute_cpu_shares(milli) == shares


@pytest.mark.parametrize(
    ("milli", "period", "quota"),
    [(0, 100_000, 0), (1, 100_000, 1000), (10, 100_000, 1000), (1500, 100_000, 150_000)],
)
def test_cpu_quota_is_at_least_a_millisecond(milli: int, period: int, quota: int) -> None:
    assert compute_cpu_quota(milli, period) == quota


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_cpu_never_means_less_weight_or_quota(first: int, second: int) -> None:
    low, high = sorted((first, second))
    assert compute_cpu_shares(low) <= compute_cpu_shares(high)
    assert compute_cpu_quota(low) <= compute_cpu_quota(high)


def test_best_effort_gets_the_least_weight_and_no_limits() -> None:
    assert compute_cgroup_config(pod(container(None, None))) == CgroupConfig(2, None, None)


def test_guaranteed_is_limited_to_its_requests() -> None:
    config = compute_cgroup_config(pod(container(FULL, FULL)))
    assert config == CgroupConfig(1024, 100_000, GIB)


def test_burstable_is_limited_only_where_every_container_is() -> None:
    one, other = container(FULL, {"cpu": "2", "memory": "2Gi"}), container(None, {"cpu": "1"})
    assert compute_cgroup_config(pod(one, other)) == CgroupConfig(1024, 300_000, None)
    assert compute_cgroup_config(pod(one)) == CgroupConfig(1024, 200_000, 2 * GIB)


def test_limits_of_the_pod_hold_for_unlimited_containers() -> None:
    whole = {"requests": {"cpu": "1"}, "limits": {"cpu": "2", "memory": "3Gi"}}
    config = compute_cgroup_config(pod(container(None, None), resources=whole))
    assert config == CgroupConfig(1024, 200_000, 3 * GIB)

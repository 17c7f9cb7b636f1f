"""A critical pod that only lacks resources gets them from pods that may be killed for it."""

import pytest

from planespec.spec.node.admission_failures import InsufficientResource, PredicateFailure
from planespec.spec.node.critical_preemption import (
    NoVictimsError,
    can_preempt,
    find_victims,
    recover_by_preemption,
)
from planespec.spec.objects.core_views import Pod

CRITICAL = 2_000_000_000
GIB = 2**30


def make_pod(
    name: str,
    *,
    memory: str = "",
    cpu: str = "",
    priority: int | None = None,
    guaranteed: bool = False,
    annotations: dict[str, str] | None = None,
    **spec: object,
) -> Pod:
    requests = {key: value for key, value in (("memory", memory), ("cpu", cpu)) if value}
    resources = {"requests": requests, **({"limits": requests} if guaranteed else {})}
    containers = [{"name": "c", "resources": resources}]
    metadata = {"name": name, "annotations": annotations or {}}
    held = {"containers": containers, **spec}
    return Pod(
        {"metadata": metadata, "spec": held | ({} if priority is None else {"priority": priority})}
    )


STATIC = {"kubernetes.io/config.source": "file"}
PREEMPTOR = make_pod("critical", priority=CRITICAL)


def choose(running: list[Pod], *missing: tuple[str, int]) -> list[str]:
    return [pod.name for pod in find_victims(PREEMPTOR, running, missing)]


@pytest.mark.parametrize(
    ("preemptor", "other", "answer"),
    [
        (make_pod("a", annotations=STATIC), make_pod("b", priority=5), True),
        (make_pod("a", annotations={"kubernetes.io/config.mirror": ""}), make_pod("b"), True),
        (make_pod("a", annotations={"kubernetes.io/config.source": "api"}), make_pod("b"), False),
        (make_pod("a", priority=CRITICAL), make_pod("b", annotations=STATIC), False),
        (make_pod("a", priority=CRITICAL + 1), make_pod("b", priority=CRITICAL), True),
        (make_pod("a", priority=CRITICAL), make_pod("b", priority=CRITICAL), False),
        (make_pod("a", priority=2), make_pod("b", priority=1), True),
        (make_pod("a", priority=1), make_pod("b"), False),
    ],
)
def test_who_may_take_whose_place(preemptor: Pod, other: Pod, answer: bool) -> None:
    assert can_preempt(preemptor, other) is answer


def test_guaranteed_pods_go_only_for_what_the_others_cannot_free() -> None:
    running = [
        make_pod("guaranteed", memory="1Gi", cpu="1", guaranteed=True),
        make_pod("burstable", memory="512Mi"),
        make_pod("idle"),
    ]
    assert choose(running, ("memory", GIB // 2)) == ["burstable"]
    assert choose(running, ("memory", GIB)) == ["guaranteed"]
    assert choose(running, ("memory", GIB + 1)) == ["burstable", "guaranteed"]
    assert choose(running, ("pods", 1)) == ["idle"]
    assert choose(running, ("pods", 3)) == ["idle", "burstable", "guaranteed"]


def test_priority_below_that_of_the_critical_pod_decides_nothing() -> None:
    running = [
        make_pod("low", memory="1Gi", priority=-5),
        make_pod("high", memory="2Gi", priority=9),
    ]
    assert choose(running, ("memory", 2 * GIB)) == ["high"]


def test_the_nearest_pod_goes_and_of_equally_near_ones_the_smaller_or_later() -> None:
    big, small = make_pod("big", memory="4Gi"), make_pod("small", memory="1Gi")
    assert choose([big, small], ("memory", 3 * GIB)) == ["big"]
    assert choose([big, small], ("memory", GIB)) == ["small"]
    assert choose([small, make_pod("twin", memory="1Gi")], ("memory", GIB)) == ["twin"]
    cheap = make_pod("cheap", memory="1Gi", cpu="100m")
    assert choose([cheap, make_pod("dear", memory="1Gi", cpu="1")], ("memory", GIB)) == ["cheap"]


def test_what_is_missing_is_measured_in_squared_shares_of_each_resource() -> None:
    lopsided = make_pod("lopsided", memory="1000Mi")
    even = make_pod("even", memory="400Mi", cpu="400m")
    rest = make_pod("rest", cpu="600m")
    missing = (("memory", 1000 * 2**20), ("cpu", 1000))
    assert choose([lopsided, even, rest], *missing)[0] == "even"


def test_the_last_pod_takes_the_place_of_a_chosen_one() -> None:
    twins = [make_pod(name, memory="1Gi") for name in ("a", "b", "c")]
    running = [make_pod("big", memory="2Gi"), *twins]
    assert choose(running, ("memory", 3 * GIB)) == ["big", "b"]


def test_overhead_counts_only_for_what_is_requested() -> None:
    running = [make_pod("p", memory="1Gi", overhead={"memory": "1Gi", "cpu": "1"})]
    assert choose(running, ("memory", 2 * GIB)) == ["p"]
    with pytest.raises(NoVictimsError):
        choose(running, ("cpu", 1))


def test_of_a_pod_with_resources_of_its_own_the_containers_do_not_count() -> None:
    stated = {"requests": {"memory": "1Gi"}}
    running = [make_pod("p", memory="512Mi", cpu="1", resources=stated)]
    assert choose(running, ("memory", GIB)) == ["p"]
    with pytest.raises(NoVictimsError):
        choose(running, ("cpu", 1))


def test_a_recorded_class_decides_and_one_there_is_not_spares_the_pod() -> None:
    held = {"containers": [{"name": "c", "resources": {"requests": {"memory": "1Gi"}}}]}
    odd = Pod({"metadata": {"name": "odd"}, "spec": held, "status": {"qosClass": "Other"}})
    with pytest.raises(NoVictimsError):
        choose([odd], ("pods", 1))


def test_what_cannot_be_freed_is_said_and_nobody_is_killed() -> None:
    short = [InsufficientResource("cpu", 500, 800, 1000), InsufficientResource("memory", 1, 0, 1)]
    recovery = recover_by_preemption(PREEMPTOR, short, [make_pod("p", cpu="100m")])
    assert recovery.error == (
        "preemption: error finding a set of pods to preempt: "
        "no set of running pods found to reclaim resources: [(res: cpu, q: 200), ]"
    )
    assert (recovery.failures, recovery.killed) == ((), ())


def test_failures_that_no_killing_helps_stay_alone_and_nobody_is_killed() -> None:
    short, other = InsufficientResource("pods", 1, 1, 1), PredicateFailure("NodeName", "no")
    recovery = recover_by_preemption(PREEMPTOR, [short, other], [make_pod("p")])
    assert (recovery.failures, recovery.killed) == ((other,), ())


def test_all_failures_of_a_pod_that_is_not_critical_stay() -> None:
    failures = (InsufficientResource("pods", 1, 1, 1), PredicateFailure("NodeName", "no"))
    recovery = recover_by_preemption(make_pod("p", priority=9), failures, [make_pod("q")])
    assert (recovery.failures, recovery.killed, recovery.error) == (failures, (), "")

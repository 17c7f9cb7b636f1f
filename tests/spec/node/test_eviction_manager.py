"""A kubelet under pressure does what upstream's eviction manager does."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from planespec.spec.node.evictions.eviction_manager import (
    EvictionConfig,
    EvictionState,
    Observation,
    admits,
    choose_victim,
    evict_over_limits,
    find_exceeded_limit,
    is_relieved,
    list_first,
    list_garbage,
    observe,
)
from planespec.spec.node.evictions.eviction_ranking import ContainerUsage, Disks, FsUsage, PodUsage
from planespec.spec.node.evictions.eviction_thresholds import parse_thresholds
from planespec.spec.objects.core_views import Pod
from planespec.spec.quantity import parse_quantity

MEMORY = "memory.available"
HARD = parse_thresholds({MEMORY: "1Gi"}, {}, {}, {})
SOFT = parse_thresholds({}, {MEMORY: "1Gi"}, {MEMORY: "30s"}, {})
STICKY = parse_thresholds({MEMORY: "1Gi"}, {}, {}, {MEMORY: "500Mi"})


def see(available: str, time: int | None = None, signal: str = MEMORY) -> dict[str, Observation]:
    moment = None if time is None else Fraction(time)
    return {signal: Observation(parse_quantity(available), parse_quantity("8Gi"), moment)}


def walk(config: EvictionConfig, *seen: tuple[int, str]) -> list[tuple[int, bool]]:
    """At each time the number of thresholds to act on, and whether the node is under pressure."""
    state, found = EvictionState(), []
    for now, available in seen:
        state, thresholds = observe(config, state, see(available), Fraction(now))
        found.append((len(thresholds), "MemoryPressure" in state.conditions))
    return found


def test_a_hard_threshold_acts_at_once_and_its_condition_stays_for_the_transition() -> None:
    config = EvictionConfig(HARD, transition=Fraction(30))
    seen = [(0, "1023Mi"), (10, "1Gi"), (29, "2Gi"), (30, "2Gi")]
    assert walk(config, *seen) == [(1, True), (0, True), (0, True), (0, False)]


def test_without_a_transition_period_there_is_never_a_condition() -> None:
    assert walk(EvictionConfig(HARD), (0, "1Mi"), (10, "1Mi")) == [(1, False), (1, False)]


def test_a_soft_threshold_waits_for_its_grace_from_the_last_time_it_was_not_met() -> None:
    config = EvictionConfig(SOFT, transition=Fraction(1))
    seen = [(0, "1Mi"), (29, "2Gi"), (30, "1Mi"), (59, "1Mi"), (60, "1Mi")]
    assert [count for count, _ in walk(config, *seen)] == [0, 0, 0, 0, 1]
    assert walk(config, (0, "1Mi")) == [(0, True)]


def test_a_threshold_stays_met_until_its_minimum_is_reclaimed() -> None:
    config = EvictionConfig(STICKY)
    seen = [(0, "1100Mi"), (1, "1Mi"), (2, "1500Mi"), (3, "1524Mi"), (4, "1500Mi")]
    assert [count for count, _ in walk(config, *seen)] == [0, 1, 1, 0, 0]


def test_an_old_measurement_is_not_acted_on_twice() -> None:
    config = EvictionConfig(HARD)
    state, first = observe(config, EvictionState(), see("1Mi", 5), Fraction(6))
    state, again = observe(config, state, see("1Mi", 5), Fraction(16))
    assert (len(first), len(again), len(state.met)) == (1, 0, 1)
    _, fresh = observe(config, state, see("1Mi", 20), Fraction(26))
    assert len(fresh) == 1


def test_a_signal_that_is_not_observed_is_not_met_and_ends_what_was() -> None:
    config = EvictionConfig(HARD)
    state, _ = observe(config, EvictionState(), see("1Mi"), Fraction(0))
    state, thresholds = observe(config, state, {}, Fraction(1))
    assert (thresholds, state.met) == ((), ())


def test_the_container_file_system_counts_from_the_second_pass_on() -> None:
    thresholds = parse_thresholds({"nodefs.available": "1Gi"}, {}, {}, {})
    config = EvictionConfig(thresholds)
    full = see("1Mi", signal="containerfs.available")
    state, first = observe(config, EvictionState(), full, Fraction(0))
    _, second = observe(config, state, full, Fraction(1))
    assert (len(first), [each.signal for each in second]) == (0, ["containerfs.available"])


def test_nothing_is_remembered_where_there_is_nothing_to_enforce() -> None:
    config = EvictionConfig(isolates_local_storage=False)
    assert observe(config, EvictionState(), see("1Mi"), Fraction(0)) == (EvictionState(), ())


def test_memory_is_relieved_before_all_else() -> None:
    hard = {"nodefs.available": "1Gi", MEMORY: "1Gi", "pid.available": "9"}
    thresholds = parse_thresholds(hard, {}, {}, {}, enforces_allocatable=True)
    assert {each.signal for each in list_first(thresholds)} == {
        MEMORY,
        "allocatableMemory.available",
    }
    others = [each for each in thresholds if "emory" not in each.signal]
    assert list_first(others) == others


@pytest.mark.parametrize(
    ("signal", "disks", "garbage"),
    [
        (MEMORY, Disks(), ()),
        ("pid.available", Disks(), ()),
        ("nodefs.available", Disks(), ("containers", "images")),
        ("nodefs.available", Disks(True), ()),
        ("imagefs.inodesFree", Disks(True), ("containers", "images")),
        ("containerfs.available", Disks(True), ("containers", "images")),
        ("imagefs.available", Disks(True, True), ("images",)),
        ("nodefs.inodesFree", Disks(True, True), ("containers",)),
        ("containerfs.available", Disks(True, True), ("containers",)),
    ],
)
def test_what_is_cleared_away_depends_on_the_disks(
    signal: str, disks: Disks, garbage: tuple[str, ...]
) -> None:
    assert list_garbage(signal, disks) == garbage


def test_relief_needs_the_minimum_of_every_threshold_met_before_or_not() -> None:
    assert not is_relieved(EvictionConfig(STICKY), see("1500Mi"))
    assert is_relieved(EvictionConfig(STICKY), see("1524Mi"))
    assert not is_relieved(EvictionConfig(SOFT), see("1Mi"))


def make_pod(name: str = "pod", **spec: Any) -> Pod:
    meta = {"name": name, "uid": name, "annotations": spec.pop("annotations", {})}
    base = {"containers": [{"name": "app", "resources": spec.pop("resources", {})}]}
    return Pod({"metadata": meta, "spec": base | spec})


@pytest.mark.parametrize(("own", "expected"), [(None, 60), (5, 5), (120, 60), (0, 0)])
def test_a_soft_eviction_gives_the_shorter_of_both_graces(own: int | None, expected: int) -> None:
    pod = make_pod() if own is None else make_pod(terminationGracePeriodSeconds=own)
    config = EvictionConfig(SOFT, most_grace=60)
    eviction = choose_victim(config, SOFT[0], [pod], {}, see("1Mi"))
    assert eviction is not None
    assert (eviction.grace, eviction.is_disruption) == (expected, True)
    hard = choose_victim(config, HARD[0], [pod], {}, see("1Mi"))
    assert hard is not None
    assert hard.grace == 1


STATIC = {"kubernetes.io/config.source": "file"}


def test_critical_pods_are_passed_over_and_others_go_in_their_order() -> None:
    critical = [make_pod("a", priority=2_000_000_000), make_pod("b", annotations=STATIC)]
    config = EvictionConfig(HARD)
    usages = {name: PodUsage(memory=10) for name in "ab"} | {"c": PodUsage(memory=1)}
    assert choose_victim(config, HARD[0], critical, usages, see("1Mi")) is None
    eviction = choose_victim(config, HARD[0], [*critical, make_pod("c")], usages, see("1Mi"))
    assert eviction is not None
    assert eviction.pod.name == "c"


def use(root: int = 0, logs: int = 0, volume: int = 0) -> PodUsage:
    container = ContainerUsage("app", 0, FsUsage(root), FsUsage(logs))
    return PodUsage(0, 0, root + logs + volume, (container,), {"v": FsUsage(volume)})


def limit(text: str) -> dict[str, object]:
    return {"limits": {"ephemeral-storage": text}}


SIZED = [{"name": "v", "emptyDir": {"sizeLimit": "1Ki"}}]
TWO = [{"name": "app", "resources": limit("1Ki")}, {"name": "b", "resources": limit("9Ki")}]
VOLUME_MESSAGE = 'Usage of EmptyDir volume "v" exceeds the limit "1Ki". '
POD_MESSAGE = "Pod ephemeral local storage usage exceeds the total limit of containers 1Ki. "
CONTAINER_MESSAGE = 'Container app exceeded its local ephemeral storage limit "1Ki". '


@pytest.mark.parametrize(
    ("spec", "usage", "has_image_fs", "message"),
    [
        ({"volumes": SIZED}, use(volume=1024), False, None),
        ({"volumes": SIZED}, use(volume=1025), False, VOLUME_MESSAGE),
        ({"volumes": [{"name": "v", "emptyDir": {}}]}, use(volume=9999), False, None),
        ({"volumes": SIZED, "resources": limit("1Ki")}, use(volume=9999), True, VOLUME_MESSAGE),
        ({"resources": limit("1Ki")}, use(root=1024), False, None),
        ({"resources": limit("1Ki")}, use(root=1000, logs=25), True, POD_MESSAGE),
        ({"containers": TWO}, use(root=1000, logs=25), False, CONTAINER_MESSAGE),
        ({"containers": TWO}, use(root=1000, logs=25), True, None),
        ({"containers": TWO}, use(logs=1025), True, CONTAINER_MESSAGE),
    ],
)
def test_limits_of_local_storage_are_those_of_volumes_then_pod_then_containers(
    spec: dict[str, object], usage: PodUsage, has_image_fs: bool, message: str | None
) -> None:
    assert find_exceeded_limit(make_pod(**spec), usage, Disks(has_image_fs)) == message


def test_all_pods_over_their_limits_go_at_once_except_critical_and_unmeasured_ones() -> None:
    names = ["b", "a", "static", "lost"]
    pods = [make_pod(name, resources=limit("1Ki")) for name in names]
    pods[2] = make_pod("static", resources=limit("1Ki"), annotations=STATIC)
    usages = {name: use(root=5000) for name in names if name != "lost"}
    found = evict_over_limits(EvictionConfig(), pods, usages)
    assert [(each.pod.name, each.grace, each.is_disruption) for each in found] == [
        ("b", 1, False),
        ("a", 1, False),
    ]
    off = replace(EvictionConfig(), isolates_local_storage=False)
    assert evict_over_limits(off, pods, usages) == []


TOLERATES = [{"key": "node.kubernetes.io/memory-pressure", "operator": "Exists"}]
BURSTABLE = {"requests": {"memory": "1Mi"}}


@pytest.mark.parametrize(
    ("conditions", "spec", "expected"),
    [
        (set(), {}, True),
        ({"MemoryPressure"}, {}, False),
        ({"MemoryPressure"}, {"tolerations": TOLERATES}, True),
        ({"MemoryPressure"}, {"resources": BURSTABLE}, True),
        ({"MemoryPressure", "PIDPressure"}, {"resources": BURSTABLE}, False),
        ({"DiskPressure"}, {"resources": BURSTABLE, "tolerations": TOLERATES}, False),
        ({"DiskPressure"}, {"priority": 2_000_000_000}, True),
        ({"PIDPressure"}, {"annotations": STATIC}, True),
    ],
)
def test_who_is_admitted_depends_on_the_pressure(
    conditions: set[str], spec: dict[str, Any], expected: bool
) -> None:
    assert admits(conditions, make_pod(**spec)) is expected

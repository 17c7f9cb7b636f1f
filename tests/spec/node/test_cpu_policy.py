"""What decides about exclusive CPUs that the recordings do not reach."""

import pytest

from planespec.spec.node.numa.cpu_distribution import take_distributed
from planespec.spec.node.numa.cpu_packing import CpuAccumulator, take_packed
from planespec.spec.node.numa.cpu_policy import CpuPolicy, count_exclusive_cpus
from planespec.spec.node.numa.cpu_topology import (
    ACROSS_CORES,
    FULL_PCPUS,
    UNCORE_CACHE,
    CpuPlace,
    CpuRefusedError,
    CpuTopology,
    read_cpu_options,
    write_cpus,
)
from planespec.spec.node.numa.topology import Hint
from planespec.spec.objects.core_views import Pod

ANY = Hint(None, False)
NO_OPTIONS: frozenset[str] = frozenset()


def make_machine(nodes: int, cores: int, threads: int = 1, per_socket: int = 1) -> CpuTopology:
    """Cores are numbered node by node; thread t of core c is CPU c + t * (all cores)."""
    total = nodes * cores
    return CpuTopology(
        {
            core + thread * total: CpuPlace(
                core, core // cores // per_socket, core // cores, core // cores
            )
            for core in range(total)
            for thread in range(threads)
        }
    )


def make_container(name: str, cpu: str, **more: object) -> dict[str, object]:
    wanted = {"cpu": cpu, "memory": "1"}
    return {"name": name, "resources": {"requests": wanted, "limits": wanted}, **more}


def make_pod(
    *containers: dict[str, object], init: tuple[dict[str, object], ...] = (), **more: object
) -> Pod:
    spec = {"containers": list(containers), "initContainers": list(init)}
    return Pod({"metadata": {"uid": "u"}, "spec": spec, **more})


def allocate(policy: CpuPolicy, pod: Pod) -> None:
    for container in [*pod.init_containers, *pod.containers]:
        policy.allocate(pod, container, ANY)


@pytest.mark.parametrize(
    ("cpu", "count"), [("2", 2), ("2000m", 2), ("1500m", 0), ("2000001u", 0), ("0.5", 0)]
)
def test_only_whole_cpus_are_exclusive(cpu: str, count: int) -> None:
    pod = make_pod(make_container("c", cpu))
    assert count_exclusive_cpus(pod, pod.containers[0]) == count


def test_what_was_allocated_at_admission_counts_and_not_the_spec() -> None:
    status = {"containerStatuses": [{"name": "c", "allocatedResources": {"cpu": "3"}}]}
    pod = make_pod(make_container("c", "2"), status=status)
    assert count_exclusive_cpus(pod, pod.containers[0]) == 3


def test_a_pod_with_resources_of_its_own_shares_cpus() -> None:
    wanted = {"requests": {"cpu": "1", "memory": "5"}, "limits": {"cpu": "1", "memory": "5"}}
    spec = {"containers": [make_container("c", "1")], "resources": wanted}
    pod = Pod({"metadata": {"uid": "u"}, "spec": spec})
    policy = CpuPolicy(make_machine(1, 4), NO_OPTIONS, 1)
    assert policy.hint(pod, pod.containers[0]) is None
    allocate(policy, pod)
    assert not policy.assignments


def test_an_allocation_of_another_size_gives_hints_that_nothing_satisfies() -> None:
    policy = CpuPolicy(make_machine(1, 4), NO_OPTIONS, 1)
    allocate(policy, make_pod(make_container("c", "2")))
    pod = make_pod(make_container("c", "1"))
    assert policy.hint(pod, pod.containers[0]) == []


def test_hints_name_only_groups_that_hold_all_reusable_cpus() -> None:
    policy = CpuPolicy(make_machine(2, 4), NO_OPTIONS, 1)
    pod = make_pod(make_container("c", "2"), init=(make_container("i", "2"),))
    policy.allocate(pod, pod.init_containers[0], Hint(frozenset({1}), True))
    assert policy.hint(pod, pod.containers[0]) == [
        Hint(frozenset({1}), True),
        Hint(frozenset({0, 1}), False),
    ]


def test_cpus_of_an_init_container_stay_with_the_app_container_that_has_them() -> None:
    policy = CpuPolicy(make_machine(1, 4), NO_OPTIONS, 1)
    allocate(policy, make_pod(make_container("c", "3"), init=(make_container("i", "2"),)))
    assert policy.assignments["u"] == {"i": {1, 2}, "c": {1, 2, 3}}
    policy.remove("u", "i")
    assert policy.shared == {0}
    policy.remove("u", "c")
    policy.remove("u", "c")
    assert (policy.shared, policy.assignments) == ({0, 1, 2, 3}, {})


def test_cpus_of_a_sidecar_are_not_used_again() -> None:
    policy = CpuPolicy(make_machine(1, 4), NO_OPTIONS, 1)
    init = (make_container("i", "2", restartPolicy="Always"),)
    with pytest.raises(CpuRefusedError, match="requested=2, available=1"):
        allocate(policy, make_pod(make_container("c", "2"), init=init))


def test_siblings_of_reserved_threads_are_no_whole_cores() -> None:
    policy = CpuPolicy(make_machine(1, 2, threads=2), frozenset({FULL_PCPUS}), 1)
    with pytest.raises(CpuRefusedError, match="available physical CPUs = 2, requested CPUs = 4"):
        allocate(policy, make_pod(make_container("c", "4")))
    with pytest.raises(CpuRefusedError, match="requested 1 cpus not multiple cpus per core = 2"):
        allocate(policy, make_pod(make_container("c", "1")))
    allocate(policy, make_pod(make_container("c", "2")))
    assert policy.assignments["u"]["c"] == {1, 3}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"x": "true"}, 'unknown CPU Manager Policy option: "x"'),
        ({FULL_PCPUS: "yes"}, 'parsing "yes": invalid syntax'),
        ({FULL_PCPUS: "T", ACROSS_CORES: "1"}, "can not be used at the same time"),
        ({"align-by-socket": "true"}, "not specified here"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_cpu_options(options)
    assert read_cpu_options({FULL_PCPUS: "true", ACROSS_CORES: "f"}) == {FULL_PCPUS}


def test_too_few_reserved_cpus_are_refused_with_their_list() -> None:
    with pytest.raises(CpuRefusedError, match=r"\(size of 0-1,3 did not equal 2\)"):
        CpuPolicy(make_machine(1, 4), NO_OPTIONS, 2, frozenset({0, 1, 3}))
    assert write_cpus([5, 0, 2, 1]) == "0-2,5"


def test_an_odd_request_leaves_one_thread_of_the_last_core_of_a_cache() -> None:
    machine = make_machine(2, 2, threads=2)
    taken = take_packed(machine, machine.all - {0}, 3, frozenset({UNCORE_CACHE}))
    assert taken == {1, 4, 5}


def test_one_thread_comes_from_the_lowest_core_of_a_cache_be_another_half_taken() -> None:
    machine = CpuTopology({cpu: CpuPlace(cpu % 4, 0, 0, cpu % 4 // 2) for cpu in range(8)})
    free = machine.all - {3}
    assert take_packed(machine, free, 1, frozenset({UNCORE_CACHE})) == {2}
    assert take_packed(machine, free, 1, NO_OPTIONS) == {7}


def test_parts_of_sockets_come_in_the_order_of_their_sockets() -> None:
    machine = make_machine(4, 2, per_socket=2)
    taking = CpuAccumulator(machine, machine.all - {4, 2}, 1)
    assert (taking.sort("socket"), taking.sort("numa")) == ([0, 1], [1, 0, 2, 3])


def test_a_remainder_goes_where_it_unbalances_least() -> None:
    machine = make_machine(3, 4)
    taken = take_distributed(machine, machine.all - {0}, 7, 1, NO_OPTIONS)
    assert [len(machine.select("numa", node, taken)) for node in range(3)] == [0, 4, 3]


def test_what_cannot_be_spread_is_packed() -> None:
    machine = make_machine(2, 4, threads=2)
    assert take_distributed(machine, machine.all, 3, 2, NO_OPTIONS) == {0, 8, 1}


def test_a_kept_combination_of_four_nodes_changes_its_last_one_as_upstreams_does() -> None:
    machine = make_machine(5, 2)
    taken = take_distributed(machine, machine.all, 8, 1, NO_OPTIONS)
    assert machine.list_ids("numa", taken) == [0, 1, 2, 4]

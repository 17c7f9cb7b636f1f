"""What decides about NUMA memory that the recordings do not reach."""

import pytest

from planespec.spec.node.numa.memory_policy import (
    NO_EXTENSION,
    NO_INT64,
    NO_NODES,
    NOT_DEFAULT,
    NOT_EXTENDED,
    VIOLATION,
    MemoryPolicy,
    MemoryRefusedError,
    read_memory_request,
)
from planespec.spec.node.numa.memory_state import MemoryState, make_node_memory
from planespec.spec.node.numa.topology import Hint
from planespec.spec.objects.core_views import Pod

ANY = Hint(None, False)


def make_policy(*memory: int, pages: dict[str, int] | None = None) -> MemoryPolicy:
    nodes = {
        number: make_node_memory(number, total, pages or {}, {})
        for number, total in enumerate(memory)
    }
    return MemoryPolicy(MemoryState(nodes))


def make_container(name: str, memory: str, **more: object) -> dict[str, object]:
    wanted = {"cpu": "1", "memory": memory}
    return {"name": name, "resources": {"requests": wanted, "limits": wanted}, **more}


def make_pod(
    *containers: dict[str, object], init: tuple[dict[str, object], ...] = (), **more: object
) -> Pod:
    spec = {"containers": list(containers), "initContainers": list(init)}
    return Pod({"metadata": {"uid": "u"}, "spec": spec, **more})


def allocate(policy: MemoryPolicy, pod: Pod, affinity: Hint = ANY) -> None:
    for container in [*pod.init_containers, *pod.containers]:
        policy.allocate(pod, container, affinity)


def list_sizes(policy: MemoryPolicy) -> dict[str, list[int]]:
    blocks = policy.state.assignments.get("u", {})
    return {name: [each.size for each in found] for name, found in blocks.items()}


def test_what_was_allocated_at_admission_counts_and_not_the_spec() -> None:
    status = {"containerStatuses": [{"name": "c", "allocatedResources": {"memory": "3"}}]}
    pod = make_pod(make_container("c", "5"), status=status)
    assert read_memory_request(pod, pod.containers[0]) == {"memory": 3}


@pytest.mark.parametrize(("sidecar", "bytes_"), [({"restartPolicy": "Always"}, 3), ({}, 5)])
def test_statuses_of_init_containers_count_for_sidecars_only(
    sidecar: dict[str, object], bytes_: int
) -> None:
    status = {"initContainerStatuses": [{"name": "i", "allocatedResources": {"memory": "3"}}]}
    pod = make_pod(init=(make_container("i", "5", **sidecar),), status=status)
    assert read_memory_request(pod, pod.init_containers[0]) == {"memory": bytes_}


def test_a_fraction_of_a_byte_gives_no_hint_and_is_refused() -> None:
    pod = make_pod(make_container("c", "1500m"))
    policy = make_policy(10)
    assert policy.hint(pod, pod.containers[0]) is None
    with pytest.raises(MemoryRefusedError, match=NO_INT64):
        allocate(policy, pod)


def test_a_pod_with_resources_of_its_own_is_left_alone() -> None:
    wanted = {"requests": {"cpu": "1", "memory": "5"}, "limits": {"cpu": "1", "memory": "5"}}
    data = make_pod(make_container("c", "5")).data
    spec = data["spec"]
    assert isinstance(spec, dict)
    pod = Pod({**data, "spec": spec | {"resources": wanted}})
    policy = make_policy(10)
    assert policy.hint(pod, pod.containers[0]) is None
    allocate(policy, pod)
    assert not policy.state.assignments


def test_an_app_container_uses_the_memory_of_an_init_container_again() -> None:
    policy = make_policy(10)
    allocate(policy, make_pod(make_container("c", "8"), init=(make_container("i", "6"),)))
    assert policy.state.nodes[0].tables["memory"].reserved == 8
    assert list_sizes(policy) == {"i": [0], "c": [8]}


def test_the_memory_of_a_sidecar_is_not_used_again() -> None:
    policy = make_policy(10)
    init = (make_container("i", "6", restartPolicy="Always"),)
    allocate(policy, make_pod(make_container("c", "4"), init=init))
    assert policy.state.nodes[0].tables["memory"].reserved == 10
    assert list_sizes(policy) == {"i": [6], "c": [4]}


def test_a_second_allocation_changes_nothing_and_gives_the_same_hint() -> None:
    policy, pod = make_policy(10, 10), make_pod(make_container("c", "6"))
    allocate(policy, pod)
    allocate(policy, pod, Hint(frozenset({1}), True))
    assert policy.hint(pod, pod.containers[0]) == {"memory": [Hint(frozenset({0}), True)]}
    assert policy.state.nodes[0].assignments == 1


def test_blocks_of_another_size_give_no_hint() -> None:
    policy = make_policy(10)
    allocate(policy, make_pod(make_container("c", "6")))
    pod = make_pod(make_container("c", "5"))
    assert policy.hint(pod, pod.containers[0]) is None


@pytest.mark.parametrize(
    ("size", "taken", "affinity", "reason"),
    [
        ("30", (), ANY, NO_NODES),
        ("8", ((0, "3"), (1, "3")), Hint(None, True), NO_NODES),
        ("8", ((0, "3"),), Hint(frozenset({0}), True), NO_EXTENSION),
        ("8", ((0, "3"),), Hint(frozenset({0, 1}), True), VIOLATION),
    ],
)
def test_refusals_are_upstreams_and_change_nothing(
    size: str, taken: tuple[tuple[int, str], ...], affinity: Hint, reason: str
) -> None:
    policy = make_policy(10, 10)
    for node, memory in taken:
        pod = make_pod(make_container(f"t{node}", memory))
        policy.allocate(pod, pod.containers[0], Hint(frozenset({node}), True))
    before = list_sizes(policy)
    with pytest.raises(MemoryRefusedError, match=reason):
        allocate(policy, make_pod(make_container("c", size)), affinity)
    assert list_sizes(policy) == before


def give_in_pairs(policy: MemoryPolicy) -> None:
    """Nodes 0 and 1 become a group, so that neither gives anything alone."""
    pod = make_pod(make_container("big", "12"))
    policy.allocate(pod, pod.containers[0], Hint(frozenset({0, 1}), True))


def test_a_preferred_hint_is_not_replaced_by_one_that_is_not() -> None:
    policy = make_policy(10, 10)
    give_in_pairs(policy)
    pod = make_pod(make_container("c", "5"))
    with pytest.raises(MemoryRefusedError, match=NOT_DEFAULT):
        allocate(policy, pod, Hint(None, True))
    with pytest.raises(MemoryRefusedError, match=NOT_EXTENDED):
        allocate(policy, pod, Hint(frozenset({0}), True))
    allocate(policy, pod, Hint(frozenset({0}), False))
    assert policy.state.assignments["u"]["c"][0].nodes == (0, 1)


def test_a_group_ends_with_its_last_block() -> None:
    policy = make_policy(10, 10)
    give_in_pairs(policy)
    assert [node.cells for node in policy.state.nodes.values()] == [(0, 1), (0, 1)]
    policy.remove("u", "big")
    policy.remove("u", "big")
    assert [node.cells for node in policy.state.nodes.values()] == [(0,), (1,)]
    assert [node.tables["memory"].free for node in policy.state.nodes.values()] == [10, 10]
    assert not policy.state.assignments


def test_a_resource_that_no_node_knows_is_an_error() -> None:
    wanted = {"cpu": "1", "memory": "1", "hugepages-2Mi": "2Mi"}
    container = {"name": "c", "resources": {"requests": wanted, "limits": wanted}}
    policy, pod = make_policy(10), make_pod(container)
    with pytest.raises(ValueError, match="NUMA node 0 has no hugepages-2Mi"):
        policy.hint(pod, pod.containers[0])


def test_more_huge_pages_than_memory_wrap_as_unsigned_words_do() -> None:
    node = make_node_memory(0, 10, {"hugepages-1Gi": 12}, {"memory": 1})
    assert node.tables["memory"].allocatable == 2**64 - 3
    assert node.tables["hugepages-1Gi"].allocatable == 12

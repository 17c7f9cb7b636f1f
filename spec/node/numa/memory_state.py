"""What a NUMA node has of memory and huge pages, and which containers it was given to.

Source: pkg/kubelet/cm/memorymanager of v1.36 (state/state.go, policy_static.go). Amounts are bytes
and unsigned words of 64 bits, as upstream's: a node with more huge pages than memory wraps.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from planespec.spec.objects.core_views import Container, Pod
from planespec.spec.pods.resources import MEMORY
from planespec.spec.quantity import Quantity

_WORD = 1 << 64

Group = tuple[int, ...]
"""NUMA nodes in ascending order."""

Request = Mapping[str, int]
"""Bytes by resource: memory and huge pages of each size."""


@dataclass(slots=True)
class MemoryTable:
    """One resource of one node; `free` and `reserved` are what containers left and took."""

    total: int
    system_reserved: int
    allocatable: int
    free: int
    reserved: int = 0

    def take(self, wanted: int) -> int:
        """Reserve up to `wanted` bytes, and return what is still wanted."""
        taken = min(self.free, wanted)
        self.free -= taken
        self.reserved += taken
        return wanted - taken

    def give_back(self, returned: int) -> int:
        """Free up to `returned` bytes, and return what other nodes have to free."""
        given = min(self.reserved, returned)
        self.free += given
        self.reserved -= given
        return returned - given


@dataclass(slots=True)
class NumaMemory:
    """One node: blocks given from it, and the nodes it is grouped with by them."""

    tables: dict[str, MemoryTable]
    cells: Group
    assignments: int = 0


@dataclass(frozen=True, slots=True)
class MemoryBlock:
    """What a container was given of one resource, from several nodes together."""

    nodes: Group
    resource: str
    size: int


@dataclass(slots=True)
class MemoryState:
    """All nodes, and blocks by pod (uid) and container."""

    nodes: dict[int, NumaMemory]
    assignments: dict[str, dict[str, tuple[MemoryBlock, ...]]] = field(default_factory=dict)

    def blocks_of(self, uid: str, container: str) -> tuple[MemoryBlock, ...] | None:
        """What a container was given; None for one that is unknown."""
        return self.assignments.get(uid, {}).get(container)

    def table(self, node: int, resource: str) -> MemoryTable:
        """What a node has of a resource. ValueError where it has none: upstream panics."""
        if resource not in self.nodes[node].tables:
            raise ValueError(f"NUMA node {node} has no {resource}, at which a kubelet panics")
        return self.nodes[node].tables[resource]

    def has_free(self, group: Iterable[int], request: Request) -> bool:
        """Say whether the nodes together have free what is requested."""
        nodes = tuple(group)
        return all(self.sum_free(nodes, name) >= size for name, size in request.items())

    def sum_free(self, group: Iterable[int], resource: str) -> int:
        """What the nodes have free together."""
        return sum(self.table(node, resource).free for node in group) % _WORD

    def sum_allocatable(self, group: Iterable[int], resource: str) -> int:
        """What the nodes could give together if no container had any of it."""
        return sum(self.table(node, resource).allocatable for node in group) % _WORD

    def allows(self, group: Group) -> bool:
        """Say whether a container may have several nodes together.

        A node serves containers that have it alone, or one group, never both.
        """
        used = (self.nodes[node] for node in group if self.nodes[node].assignments)
        return all(node.cells == group for node in used)

    def take(self, block: MemoryBlock, wanted: int) -> None:
        """Count a block on its nodes, and reserve `wanted` bytes, of the lowest nodes first."""
        for node in block.nodes:
            self.nodes[node].assignments += 1
            self.nodes[node].cells = block.nodes
            if wanted:
                wanted = self.table(node, block.resource).take(wanted)

    def give_back(self, block: MemoryBlock) -> None:
        """Undo `take` of the whole block; a node without any block leaves its group."""
        returned = block.size
        for node in block.nodes:
            state = self.nodes[node]
            state.assignments -= 1
            if not state.assignments:
                state.cells = (node,)
            if returned:
                returned = self.table(node, block.resource).give_back(returned)

    def forget(self, uid: str, container: str) -> None:
        """Drop the blocks of a container, and a pod that has no more of them."""
        self.assignments[uid].pop(container)
        if not self.assignments[uid]:
            del self.assignments[uid]


def make_node_memory(
    node: int, memory: int, huge_pages: Mapping[str, int], system_reserved: Request
) -> NumaMemory:
    """A node that has given nothing yet, of so much memory, of which huge pages are a part."""
    tables = {
        name: _make_table(total, system_reserved.get(name, 0), 0)
        for name, total in huge_pages.items()
    }
    reserved = system_reserved.get(MEMORY, 0)
    tables[MEMORY] = _make_table(memory, reserved, sum(huge_pages.values()))
    return NumaMemory(tables, (node,))


def _make_table(total: int, system_reserved: int, elsewhere: int) -> MemoryTable:
    allocatable = (total - system_reserved - elsewhere) % _WORD
    return MemoryTable(total, system_reserved, allocatable, allocatable)


def get_admitted_requests(pod: Pod, container: Container) -> dict[str, Quantity]:
    """What a container requests, or what the pod's status tells was allocated to it since.

    The statuses of init containers count for sidecars only.
    """
    statuses = pod.status.views("containerStatuses")
    if container.restarts_always:
        statuses += pod.status.views("initContainerStatuses")
    for status in statuses:
        if status.text("name") == container.name:
            return status.quantities("allocatedResources")
    return container.resources.requests

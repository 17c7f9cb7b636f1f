"""The static policy of the memory manager: which NUMA nodes give a container its memory.

Source: pkg/kubelet/cm/memorymanager/policy_static.go of v1.36, with its default feature gates.
Left out: hints for a pod as a whole (scope `pod`), the checks of a state file, metrics. Where
upstream walks a Go map, nothing depends on the order: resources of a container do not interact.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from planespec.spec.node.numa.cpu_topology import list_groups
from planespec.spec.node.numa.memory_state import (
    Group,
    MemoryBlock,
    MemoryState,
    Request,
    get_admitted_requests,
)
from planespec.spec.node.numa.topology import Hint
from planespec.spec.objects.core_views import Container, Pod
from planespec.spec.pods.qos import QosClass, get_qos_class
from planespec.spec.pods.resources import MEMORY, has_pod_level_resources, is_huge_page
from planespec.spec.quantity import Quantity
from planespec.spec.quantity.amount import fits_int64

NO_NODES = "failed to get the default NUMA affinity, no NUMA nodes with enough memory is available"
NOT_DEFAULT = "failed to find the default preferred hint"
NO_EXTENSION = "failed to find NUMA nodes to extend the current topology hint"
NOT_EXTENDED = "failed to find the extended preferred hint"
VIOLATION = "preferred hint violates NUMA node allocation"
NO_INT64 = "failed to represent quantity as int64"


class MemoryRefusedError(ValueError):
    """A container cannot be given its memory; the message is upstream's."""

    def __init__(self, reason: str) -> None:
        """Put the name of the manager before the reason."""
        super().__init__(f"[memorymanager] {reason}")


@dataclass(slots=True)
class MemoryPolicy:
    """The policy and its whole state; `hint`, `allocate` and `remove` are its steps."""

    state: MemoryState
    reusable: dict[str, dict[tuple[Group, str], int]] = field(default_factory=dict)
    """By pod, nodes and resource: bytes that init containers had, which later ones may have."""

    def hint(self, pod: Pod, container: Container) -> dict[str, list[Hint]] | None:
        """Groups of nodes that could give each resource; None for a container without wishes.

        An empty answer says that no group can. Raises ValueError for a resource that a node
        does not have, where upstream panics.
        """
        if not _is_pinned(pod):
            return None
        try:
            request = read_memory_request(pod, container)
        except MemoryRefusedError:
            return None
        blocks = self.state.blocks_of(pod.meta.uid, container.name)
        if blocks is not None:
            return _hint_again(blocks, request)
        hints = self._find_hints(pod, request)
        return {name: list(hints) for name in request} if hints else {}

    def allocate(self, pod: Pod, container: Container, affinity: Hint) -> None:
        """Give a container its memory near the nodes of the topology manager's merged hint.

        Only containers of Guaranteed pods get blocks; one that has them keeps them. Raises
        MemoryRefusedError, and then nothing has changed.
        """
        if not _is_pinned(pod):
            return
        blocks = self.state.blocks_of(pod.meta.uid, container.name)
        if blocks is None:
            request = read_memory_request(pod, container)
            group = self._choose_group(pod, request, affinity)
            blocks = tuple(MemoryBlock(group, name, request[name]) for name in sorted(request))
            self._give(pod, container, blocks)
            self._update_reusable(pod, container, blocks)
            self.state.assignments.setdefault(pod.meta.uid, {})[container.name] = blocks
            self._shrink_init_containers(pod, container, blocks)
        else:
            self._update_reusable(pod, container, blocks)

    def remove(self, uid: str, container: str) -> None:
        """Take back what a container was given; one that is unknown has nothing."""
        blocks = self.state.blocks_of(uid, container)
        if blocks is None:
            return
        self.state.forget(uid, container)
        for block in blocks:
            self.state.give_back(block)

    def _find_hints(self, pod: Pod, request: Request) -> list[Hint]:
        """All groups that can give the request; preferred: as few nodes as ever could give it."""
        everything = sorted(self.state.nodes)
        fewest, found = len(everything), []
        for group in list_groups(everything):
            if any(self.state.sum_allocatable(group, name) < request[name] for name in request):
                continue
            fewest = min(fewest, len(group))
            if self._can_give(pod, group, request):
                found.append(group)
        return [Hint(frozenset(group), len(group) == fewest) for group in found]

    def _can_give(self, pod: Pod, group: Group, request: Request) -> bool:
        if len(group) == 1:
            allowed = len(self.state.nodes[group[0]].cells) == 1
        else:
            allowed = self.state.allows(group)
        return allowed and all(
            self.state.sum_free(group, name) + self._count_reusable(pod, group, name) >= size
            for name, size in request.items()
        )

    def _choose_group(self, pod: Pod, request: Request, affinity: Hint) -> Group:
        best = affinity
        if best.nodes is None:
            best = self._find_best(pod, request, frozenset(), NO_NODES)
            if affinity.preferred and not best.preferred:
                raise MemoryRefusedError(NOT_DEFAULT)
        nodes = best.nodes or frozenset()
        if not self.state.has_free(nodes, request):
            extended = self._find_best(pod, request, nodes, NO_EXTENSION)
            if best.preferred and not extended.preferred:
                raise MemoryRefusedError(NOT_EXTENDED)
            best = extended
        group = tuple(sorted(best.nodes or ()))
        if len(group) > 1 and not self.state.allows(group):
            raise MemoryRefusedError(VIOLATION)
        return group

    def _find_best(
        self, pod: Pod, request: Request, within: frozenset[int], otherwise: str
    ) -> Hint:
        """The best hint that includes some nodes: preferred, few nodes, low numbers."""
        hints = [
            each for each in self._find_hints(pod, request) if within <= (each.nodes or set())
        ]
        if not hints or MEMORY not in request:
            raise MemoryRefusedError(otherwise)
        return min(hints, key=_rank)

    def _give(self, pod: Pod, container: Container, blocks: Iterable[MemoryBlock]) -> None:
        for block in blocks:
            reusable = self._count_reusable(pod, block.nodes, block.resource)
            self.state.take(block, max(block.size - reusable, 0))

    def _count_reusable(self, pod: Pod, group: Group, resource: str) -> int:
        return self.reusable.get(pod.meta.uid, {}).get((group, resource), 0)

    def _update_reusable(
        self, pod: Pod, container: Container, blocks: Iterable[MemoryBlock]
    ) -> None:
        """An init container leaves its memory to later ones of the pod; others use that up.

        Only the last pod is remembered.
        """
        uid = pod.meta.uid
        self.reusable = {uid: self.reusable[uid]} if uid in self.reusable else {}
        leaves = _is_init(pod, container)
        if leaves:
            self.reusable.setdefault(uid, {})
        for block in blocks:
            key = block.nodes, block.resource
            before = self._count_reusable(pod, *key)
            if leaves:
                self.reusable[uid][key] = max(before, block.size)
            elif before:
                self.reusable[uid][key] = max(before - block.size, 0)

    def _shrink_init_containers(
        self, pod: Pod, container: Container, blocks: Iterable[MemoryBlock]
    ) -> None:
        """Take what was used again off the blocks of init containers before this one."""
        assigned = self.state.assignments[pod.meta.uid]
        for block in blocks:
            left = block.size
            for name in _list_init_before(pod, container):
                shrunk = []
                for each in assigned.get(name, ()):
                    same = (each.nodes, each.resource) == (block.nodes, block.resource)
                    used = min(each.size, left) if same else 0
                    left -= used
                    shrunk.append(replace(each, size=each.size - used))
                if shrunk:
                    assigned[name] = tuple(shrunk)


def read_memory_request(pod: Pod, container: Container) -> dict[str, int]:
    """What a container requests of memory and huge pages, in bytes.

    Raises MemoryRefusedError for a fraction of a byte.
    """
    return {
        name: _read_int64(quantity)
        for name, quantity in get_admitted_requests(pod, container).items()
        if name == MEMORY or is_huge_page(name)
    }


def _read_int64(quantity: Quantity) -> int:
    """As upstream, which does not try to write a fraction without one."""
    if quantity.is_zero and not quantity.is_big:
        return 0
    if quantity.is_big or quantity.exponent < 0 or not fits_int64(quantity.value):
        raise MemoryRefusedError(NO_INT64)
    return quantity.value


def _is_pinned(pod: Pod) -> bool:
    return get_qos_class(pod) is QosClass.GUARANTEED and not has_pod_level_resources(pod)


def _hint_again(blocks: Iterable[MemoryBlock], request: Request) -> dict[str, list[Hint]] | None:
    """The hint of what was given already; None where it is not what is requested now."""
    given = {block.resource: block for block in blocks}
    if {name: block.size for name, block in given.items()} != request:
        return None
    return {name: [Hint(frozenset(block.nodes), True)] for name, block in given.items()}


def _rank(hint: Hint) -> tuple[bool, int, int]:
    nodes = hint.nodes or frozenset()
    return not hint.preferred, len(nodes), sum(1 << node for node in nodes)


def _is_init(pod: Pod, container: Container) -> bool:
    """Whether it is an init container and no sidecar."""
    named = (each for each in pod.init_containers if each.name == container.name)
    return any(not each.restarts_always for each in named)


def _list_init_before(pod: Pod, container: Container) -> Iterator[str]:
    """The init containers before this one, sidecars left out."""
    for each in pod.init_containers:
        if each.name == container.name:
            return
        if not each.restarts_always:
            yield each.name

"""The static policy of the CPU manager: which CPUs a container has for itself.

Source: pkg/kubelet/cm/cpumanager/policy_static.go of v1.36, with its default feature gates.
Left out: hints for a pod as a whole (scope `pod`), the checks of a state file, metrics, resizing
of exclusive CPUs (alpha).
"""

from planespec.spec.node.numa.cpu_distribution import take_distributed
from planespec.spec.node.numa.cpu_packing import take_packed
from planespec.spec.node.numa.cpu_topology import (
    ACROSS_NUMA,
    FULL_PCPUS,
    STRICT_RESERVATION,
    CpuRefusedError,
    CpuSet,
    CpuTopology,
    list_groups,
    write_cpus,
)
from planespec.spec.node.numa.memory_state import get_admitted_requests
from planespec.spec.node.numa.topology import Hint
from planespec.spec.objects.core_views import Container, Pod
from planespec.spec.pods.qos import QosClass, get_qos_class
from planespec.spec.pods.resources import CPU, has_pod_level_resources

NOTHING: CpuSet = frozenset()
"""No CPU."""


class CpuPolicy:
    """The policy and its whole state; `hint`, `allocate` and `remove` are its steps."""

    def __init__(
        self,
        topology: CpuTopology,
        options: frozenset[str],
        reserved_count: int,
        reserved: CpuSet = NOTHING,
    ) -> None:
        """Reserve CPUs for the system: those given, or so many that the policy chooses.

        Raises CpuRefusedError where they are not so many, ValueError for CPUs that are not there.
        """
        if not reserved <= topology.all:
            raise ValueError(f"the machine has no CPUs {write_cpus(reserved - topology.all)}")
        self.topology, self.options = topology, options
        self.reserved = reserved or self._reserve(reserved_count)
        if len(self.reserved) != reserved_count:
            raise CpuRefusedError(
                "[cpumanager] unable to reserve the required amount of CPUs "
                f"(size of {write_cpus(self.reserved)} did not equal {reserved_count})"
            )
        self.shared = topology.all - (self.reserved if STRICT_RESERVATION in options else NOTHING)
        """The CPUs of all containers that have none for themselves."""
        self.assignments: dict[str, dict[str, CpuSet]] = {}
        """By pod (uid) and container."""
        self.reusable: dict[str, CpuSet] = {}
        """By pod: CPUs that init containers had, which later containers may have."""

    def _reserve(self, count: int) -> CpuSet:
        try:
            return self._take(self.topology.all, count)
        except CpuRefusedError:
            return NOTHING

    @property
    def allocatable(self) -> CpuSet:
        """CPUs that containers may have for themselves at all."""
        return self.topology.all - self.reserved

    def hint(self, pod: Pod, container: Container) -> list[Hint] | None:
        """Groups of NUMA nodes that could give the CPUs; None for a container without wishes."""
        count = count_exclusive_cpus(pod, container)
        if not count or has_pod_level_resources(pod):
            return None
        given = self.assignments.get(pod.meta.uid, {}).get(container.name)
        if given is None:
            reusable = self.reusable.get(pod.meta.uid, NOTHING)
            return self._find_hints(self.shared - self.reserved, reusable, count)
        return self._find_hints(given, NOTHING, count) if len(given) == count else []

    def allocate(self, pod: Pod, container: Container, affinity: Hint) -> None:
        """Give a container its CPUs, those near the merged hint first.

        Only containers of Guaranteed pods that request whole CPUs get any; one that has them keeps
        them. Raises CpuRefusedError, and then nothing has changed.
        """
        count = count_exclusive_cpus(pod, container)
        if not count or has_pod_level_resources(pod):
            return
        if FULL_PCPUS in self.options:
            self._check_cores(count)
        uid = pod.meta.uid
        given = self.assignments.get(uid, {}).get(container.name)
        if given is None:
            given = self._choose(count, affinity, self.reusable.get(uid, NOTHING))
            self.shared -= given
            self.assignments.setdefault(uid, {})[container.name] = given
        self._update_reusable(pod, container, given)

    def remove(self, uid: str, container: str) -> None:
        """Take back the CPUs of a container but those that others of the pod have as well."""
        given = self.assignments.get(uid, {}).pop(container, None)
        if given is None:
            return
        siblings = self.assignments[uid].values()
        self.shared |= given - NOTHING.union(*siblings)
        if not siblings:
            del self.assignments[uid]

    def _check_cores(self, count: int) -> None:
        """Refuse what would share a core, be it with what is reserved."""
        threads = self.topology.average("core")
        if count % threads:
            raise CpuRefusedError(
                f"SMT Alignment Error: requested {count} cpus not multiple "
                f"cpus per core = {threads}"
            )
        cores = self.topology.list_ids("core", self.reserved)
        places = self.topology.places
        free = sum(places[cpu].core not in cores for cpu in self.shared)
        if count > free:
            raise CpuRefusedError(
                "SMT Alignment Error: not enough free physical CPUs: available physical CPUs = "
                f"{free}, requested CPUs = {count}, CPUs per core = {threads}"
            )

    def _choose(self, count: int, affinity: Hint, reusable: CpuSet) -> CpuSet:
        available = (self.shared - self.reserved) | reusable
        chosen = NOTHING
        if affinity.nodes is not None:
            places = self.topology.places
            near = frozenset(cpu for cpu in available if places[cpu].numa in affinity.nodes)
            chosen = self._take(near, min(count, len(near)))
        return chosen | self._take(available - chosen, count - len(chosen))

    def _take(self, available: CpuSet, count: int) -> CpuSet:
        if ACROSS_NUMA not in self.options:
            return take_packed(self.topology, available, count, self.options)
        group = self.topology.average("core") if FULL_PCPUS in self.options else 1
        return take_distributed(self.topology, available, count, group, self.options)

    def _update_reusable(self, pod: Pod, container: Container, given: CpuSet) -> None:
        """An init container leaves its CPUs to later ones of the pod; others use them up.

        Only the last pod is remembered.
        """
        uid = pod.meta.uid
        before = self.reusable.get(uid, NOTHING)
        named = next((each for each in pod.init_containers if each.name == container.name), None)
        leaves = named is not None and not named.restarts_always
        self.reusable = {uid: before | given if leaves else before - given}

    def _find_hints(self, available: CpuSet, reusable: CpuSet, count: int) -> list[Hint]:
        """Groups of nodes that hold all reusable CPUs and enough in all.

        Preferred: as few nodes as could give so many CPUs if all were free.
        """
        nodes = self.topology.list_ids("numa", self.topology.all)
        fewest, found = len(nodes), []
        for group in list_groups(nodes):
            if self._count_in(group, self.topology.all) >= count:
                fewest = min(fewest, len(group))
            kept = self._count_in(group, reusable)
            if kept == len(reusable) and kept + self._count_in(group, available) >= count:
                found.append(group)
        return [Hint(frozenset(group), len(group) == fewest) for group in found]

    def _count_in(self, group: tuple[int, ...], cpus: CpuSet) -> int:
        return sum(self.topology.places[cpu].numa in group for cpu in cpus)


def count_exclusive_cpus(pod: Pod, container: Container) -> int:
    """How many CPUs a container is to have for itself; 0 where it shares them."""
    if get_qos_class(pod) is not QosClass.GUARANTEED:
        return 0
    quantity = get_admitted_requests(pod, container).get(CPU)
    if quantity is None or quantity.value * 1000 != quantity.milli_value:
        return 0
    return quantity.value

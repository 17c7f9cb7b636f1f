"""Taking CPUs that are close together: whole nodes and sockets, caches, cores, then the rest.

Source: pkg/kubelet/cm/cpumanager/cpu_assignment.go of v1.36 (takeByTopologyNUMAPacked).
"""

from planespec.spec.node.numa.cpu_topology import (
    ACROSS_CORES,
    UNCORE_CACHE,
    CpuRefusedError,
    CpuSet,
    CpuTopology,
)


class CpuAccumulator:
    """CPUs taken so far, those still free, and how many more are needed."""

    def __init__(self, topology: CpuTopology, available: CpuSet, needed: int) -> None:
        """Begin with nothing taken."""
        self.topology, self.free, self.needed = topology, available, needed
        self.taken: CpuSet = frozenset()
        # Of nodes and sockets, the one that there are fewer of is the larger part.
        sockets_first = topology.count("socket") < topology.count("numa")
        self.first, self.second = ("socket", "numa") if sockets_first else ("numa", "socket")

    @property
    def is_satisfied(self) -> bool:
        """Whether as many as needed were taken."""
        return self.needed < 1

    def take(self, cpus: CpuSet) -> None:
        """Take CPUs."""
        self.taken |= cpus
        self.free -= cpus
        self.needed -= len(cpus)

    def check_enough(self) -> None:
        """Raise CpuRefusedError where more are needed than free."""
        if self.needed > len(self.free):
            raise CpuRefusedError(
                "not enough cpus available to satisfy request: "
                f"requested={self.needed}, available={len(self.free)}"
            )

    def count_free(self, level: str, number: int) -> int:
        """How many CPUs of a core, socket, node or cache are free."""
        return len(self.topology.select(level, number, self.free))

    def sort(self, level: str) -> list[int]:
        """Parts with free CPUs: within their larger part, those with the fewest first."""
        outer = {self.second: self.first, "core": self.second, "uncore": "numa"}.get(level)
        if outer is None:
            return self._sort(level, self.free)
        inner = (self.topology.select(outer, each, self.free) for each in self.sort(outer))
        return [number for cpus in inner for number in self._sort(level, cpus)]

    def _sort(self, level: str, cpus: CpuSet) -> list[int]:
        numbers = self.topology.list_ids(level, cpus)
        return sorted(numbers, key=lambda number: self.count_free(level, number))

    def take_whole(self, level: str) -> None:
        """Take whole parts while so many CPUs are needed."""
        for number in [each for each in self.sort(level) if self._is_free(level, each)]:
            cpus = self.topology.select(level, number, self.topology.all)
            if self.needed >= len(cpus):
                self.take(cpus)

    def _is_free(self, level: str, number: int) -> bool:
        if level in ("socket", "core"):
            return self.count_free(level, number) == self.topology.average(level)
        whole = self.topology.select(level, number, self.topology.all)
        return self.count_free(level, number) == len(whole)

    def take_caches(self) -> None:
        """Take whole caches, else all that is needed from one cache."""
        for number in self.sort("uncore"):
            if self.needed >= self.topology.average("uncore"):
                self.take_whole("uncore")
            if not self.is_satisfied:
                self._take_from_cache(number)
            if self.is_satisfied:
                return

    def _take_from_cache(self, number: int) -> None:
        """Take the lowest cores of a cache where their free CPUs are as many as needed.

        Of an odd number of CPUs one thread of the last core is left.
        """
        threads = self.topology.average("core")
        in_cache = self.topology.select("uncore", number, self.free)
        cores = self.topology.list_ids("core", in_cache)[: -(-self.needed // threads)]
        cpus = sorted(cpu for cpu in self.free if self.topology.places[cpu].core in cores)
        if self.needed % 2 and threads > 1 and len(cpus) > self.needed:
            cpus.pop()
        if len(cpus) == self.needed:
            self.take(frozenset(cpus))

    def take_rest(self, *, spread: bool) -> None:
        """Take single CPUs: core by core, or (spread) by number within a socket."""
        level = "socket" if spread else "core"
        parts = [self.topology.select(level, each, self.free) for each in self.sort(level)]
        for cpu in [cpu for part in parts for cpu in sorted(part)]:
            self.take(frozenset({cpu}))
            if self.is_satisfied:
                return


def take_packed(
    topology: CpuTopology, available: CpuSet, needed: int, options: frozenset[str]
) -> CpuSet:
    """Take CPUs from as few parts of the machine as can be. Raises CpuRefusedError."""
    taking = CpuAccumulator(topology, available, needed)
    if taking.is_satisfied:
        return taking.taken
    taking.check_enough()
    spread = ACROSS_CORES in options
    taking.take_whole(taking.first)
    if not taking.is_satisfied:
        taking.take_whole(taking.second)
    if not taking.is_satisfied and UNCORE_CACHE in options:
        taking.take_caches()
    if not taking.is_satisfied and not spread:
        taking.take_whole("core")
    if not taking.is_satisfied:
        taking.take_rest(spread=spread)
    if not taking.is_satisfied:
        raise CpuRefusedError("failed to allocate cpus")
    return taking.taken

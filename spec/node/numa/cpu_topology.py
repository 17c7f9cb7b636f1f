"""The logical CPUs of a machine, where each of them is, and the options of the static CPU policy.

Source: pkg/kubelet/cm/cpumanager of v1.36 (topology/topology.go, policy_options.go).
Left out: the option `align-by-socket` and how cAdvisor finds the topology. An unknown option is
refused in upstream's words; whether feature gates allow one is not asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, groupby

FULL_PCPUS = "full-pcpus-only"
ACROSS_NUMA = "distribute-cpus-across-numa"
ACROSS_CORES = "distribute-cpus-across-cores"
STRICT_RESERVATION = "strict-cpu-reservation"
UNCORE_CACHE = "prefer-align-cpus-by-uncorecache"
_ALIGN_BY_SOCKET = "align-by-socket"
_KNOWN = (FULL_PCPUS, ACROSS_NUMA, ACROSS_CORES, STRICT_RESERVATION, UNCORE_CACHE)
_EXCLUDE_EACH_OTHER = (
    (FULL_PCPUS, ACROSS_CORES),
    (ACROSS_NUMA, ACROSS_CORES),
    (UNCORE_CACHE, ACROSS_CORES),
    (UNCORE_CACHE, ACROSS_NUMA),
)
_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}

CpuSet = frozenset[int]
"""Logical CPUs by number."""


class CpuRefusedError(ValueError):
    """Options are refused, or a container cannot be given its CPUs; the message is upstream's."""


@dataclass(frozen=True, slots=True)
class CpuPlace:
    """Where one logical CPU is; numbers of cores are unique on the machine."""

    core: int
    socket: int
    numa: int
    uncore: int
    """The uncore cache (L3) it shares."""


@dataclass(frozen=True)
class CpuTopology:
    """All CPUs of a machine by number; at least one."""

    places: Mapping[int, CpuPlace]

    @cached_property
    def all(self) -> CpuSet:
        """Every CPU."""
        return frozenset(self.places)

    def list_ids(self, level: str, cpus: Iterable[int]) -> list[int]:
        """The cores, sockets, nodes or caches (`level` is a field of CpuPlace) of some CPUs."""
        return sorted({getattr(self.places[cpu], level) for cpu in cpus})

    def select(self, level: str, number: int, cpus: Iterable[int]) -> CpuSet:
        """Those of some CPUs that are in one core, socket, node or cache."""
        return frozenset(cpu for cpu in cpus if getattr(self.places[cpu], level) == number)

    def count(self, level: str) -> int:
        """How many cores, sockets, nodes or caches there are."""
        return self._counts[level]

    def average(self, level: str) -> int:
        """How many CPUs each of them has, rounded down: upstream takes the machine to be even."""
        return len(self.places) // self._counts[level]

    @cached_property
    def _counts(self) -> dict[str, int]:
        levels = ("core", "socket", "numa", "uncore")
        return {level: len(self.list_ids(level, self.places)) for level in levels}


def read_cpu_options(texts: Mapping[str, str]) -> frozenset[str]:
    """The options that are switched on. Raises CpuRefusedError, ValueError for one left out."""
    enabled = frozenset(name for name, text in texts.items() if _read_option(name, text))
    for one, other in _EXCLUDE_EACH_OTHER:
        if {one, other} <= enabled:
            raise CpuRefusedError(
                f"static policy options {one} and {other} can not be used at the same time"
            )
    return enabled


def _read_option(name: str, text: str) -> bool:
    if name == _ALIGN_BY_SOCKET:
        raise ValueError(f"the option {name} is not specified here")
    if name not in _KNOWN:
        raise CpuRefusedError(f'unknown CPU Manager Policy option: "{name}"')
    if text not in _TRUE | _FALSE:
        reason = f'strconv.ParseBool: parsing "{text}": invalid syntax'
        raise CpuRefusedError(f'bad value for option "{name}": {reason}')
    return text in _TRUE


def list_groups(numbers: Iterable[int]) -> list[tuple[int, ...]]:
    """Every set of nodes, small ones first, those with low numbers first among equals."""
    ordered = sorted(numbers)
    return [group for size in range(len(ordered)) for group in combinations(ordered, size + 1)]


def write_cpus(cpus: Iterable[int]) -> str:
    """CPUs as the kernel lists them: `0-2,5`."""
    runs = groupby(enumerate(sorted(cpus)), key=lambda pair: pair[1] - pair[0])
    ends = [[cpu for _, cpu in run] for _, run in runs]
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in ends)

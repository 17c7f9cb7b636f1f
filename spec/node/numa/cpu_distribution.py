"""Taking CPUs evenly from several NUMA nodes where one does not suffice.

Source: pkg/kubelet/cm/cpumanager/cpu_assignment.go of v1.36 (takeByTopologyNUMADistributed), after
KEP-2902. Combinations of four nodes and more are kept in slices that upstream's recursion writes
to again, so that a kept combination may change its last nodes; this is done here as well.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from planespec.spec.node.numa.cpu_packing import CpuAccumulator, take_packed
from planespec.spec.node.numa.cpu_topology import (
    UNCORE_CACHE,
    CpuRefusedError,
    CpuSet,
    CpuTopology,
)


@dataclass(frozen=True, slots=True)
class _Slice:
    """A Go slice: the first `length` items of an array that others may share and write to."""

    array: list[int]
    length: int

    def append(self, item: int) -> "_Slice":
        array = self.array
        if self.length == len(array):
            array = array + [0] * max(len(array), 1)
        array[self.length] = item
        return _Slice(array, self.length + 1)

    def items(self) -> list[int]:
        return self.array[: self.length]


_NO_NODES = _Slice([], 0)


def _combine(items: Sequence[int], size: int, start: int, so_far: _Slice) -> Iterator[_Slice]:
    if size == 0:
        yield so_far
        return
    for index in range(start, len(items) - size + 1):
        yield from _combine(items, size - 1, index + 1, so_far.append(items[index]))


def _iterate(items: Sequence[int], size: int) -> Iterator[_Slice]:
    if size > 0:
        yield from _combine(items, size, 0, _Slice([], 0))


@dataclass(frozen=True, slots=True)
class _Choice:
    """Nodes to take from, those of them that give the remainder, and what that unbalances."""

    nodes: _Slice
    remainder: _Slice
    balance: float


def take_distributed(
    topology: CpuTopology, available: CpuSet, needed: int, group: int, options: frozenset[str]
) -> CpuSet:
    """Take CPUs in groups (1, or a core's threads), evenly from the fewest nodes that can.

    Where no nodes can, they are packed. Raises CpuRefusedError.
    """
    packed = options - {UNCORE_CACHE}
    if needed % group:
        return take_packed(topology, available, needed, packed)
    taking = CpuAccumulator(topology, available, needed)
    if taking.is_satisfied:
        return taking.taken
    taking.check_enough()
    nodes = taking.sort("numa")
    for size in _range_sizes(taking, group):
        choice = _choose(taking, nodes, size, group)
        if choice is not None:
            return _take(taking, choice, group, packed)
    return take_packed(topology, available, needed, packed)


def _range_sizes(taking: CpuAccumulator, group: int) -> range:
    """How many nodes may be needed, from the least to the most."""
    groups = (len(taking.topology.places) - 1) // group + 1
    per_node = (groups - 1) // taking.topology.count("numa") + 1
    needed = (taking.needed - 1) // group + 1
    available = len(taking.topology.list_ids("numa", taking.free))
    return range((needed - 1) // per_node + 1, min(needed, available) + 1)


def _choose(taking: CpuAccumulator, nodes: list[int], size: int, group: int) -> _Choice | None:
    """The best balanced choice of so many nodes, the first of equals."""
    best: _Choice | None = None
    free = {node: taking.count_free("numa", node) for node in nodes}
    for combination in _iterate(nodes, size):
        if best is not None and best.balance == 0:
            break
        found = _judge(free, combination, taking.needed, group)
        if found is not None and (best is None or found.balance < best.balance):
            best = found
    return best


def _judge(free: Mapping[int, int], nodes: _Slice, needed: int, group: int) -> _Choice | None:
    """How well a combination of nodes can give the CPUs; None where it cannot."""
    chosen = nodes.items()
    each = needed // len(chosen) // group * group
    whole = sum(free[node] // group for node in chosen) * group
    if whole < needed or any(free[node] < each for node in chosen):
        return None
    left = {node: count - (each if node in chosen else 0) for node, count in free.items()}
    remainder = needed - each * len(chosen)
    if not remainder:
        return _Choice(nodes, _NO_NODES, _deviate(left))
    givers = [node for node in chosen if left[node] >= group]
    best: _Choice | None = None
    for size in range(len(givers), 0, -1):
        for subset in _iterate(givers, size):
            balance = _balance(left, subset.items(), remainder, group)
            if balance is not None and (best is None or balance < best.balance):
                best = _Choice(nodes, subset, balance)
    return best


def _balance(
    before: Mapping[int, int], subset: Sequence[int], remainder: int, group: int
) -> float | None:
    """The imbalance after some nodes gave the remainder in turns; None where they cannot."""
    left = dict(before)
    # Upstream tests the sum alone, and turns for ever where only broken groups are left.
    if sum(left[node] // group * group for node in subset) < remainder:
        return None
    while remainder > 0:
        for node in subset:
            if remainder > 0 and left[node] >= group:
                left[node] -= group
                remainder -= group
    return _deviate(left)


def _deviate(counts: Mapping[int, int]) -> float:
    """The standard deviation, to three decimals as upstream rounds it."""
    values = list(counts.values())
    mean = _round(sum(values) / len(values))
    # Added one after the other as Go does; `sum` of floats rounds but once since Python 3.12.
    squares = reduce(add, ((value - mean) * (value - mean) for value in values))
    return _round(math.sqrt(squares / len(values)))


def _round(number: float) -> float:
    """Round to three decimals, halves away from zero; no number here is negative."""
    whole = math.floor(number * 1000)
    return (whole + (1 if number * 1000 - whole >= 0.5 else 0)) / 1000


def _take(taking: CpuAccumulator, choice: _Choice, group: int, options: frozenset[str]) -> CpuSet:
    nodes = choice.nodes.items()
    each = taking.needed // len(nodes) // group * group
    remainder = taking.needed - each * len(nodes)
    for node in nodes:
        _take_from(taking, node, each, options)
    givers = choice.remainder.items()
    # Where no node can give more, upstream turns for ever; here that is an error like others.
    while remainder and any(taking.count_free("numa", node) >= group for node in givers):
        for node in givers:
            if remainder and taking.count_free("numa", node) >= group:
                _take_from(taking, node, group, options)
                remainder -= group
    if taking.needed > 0:
        message = "accounting error, not enough CPUs allocated, remaining: "
        raise CpuRefusedError(f"{message}{taking.needed}")
    return taking.taken


def _take_from(taking: CpuAccumulator, node: int, count: int, options: frozenset[str]) -> None:
    """Take CPUs of a node, or none where it has too few: upstream passes over that error."""
    cpus = taking.topology.select("numa", node, taking.free)
    if count <= len(cpus):
        taking.take(take_packed(taking.topology, cpus, count, options))

"""Judge of `kubelet_memorymanager`: the static policy of the memory manager, step by step.

A line is `{"nodes": [{"id", "memory", "reserved", "hugepages1Gi"}], "topologyPolicy", "steps"}`:
bytes of a node, those reserved for the system, and how many huge pages of 1 GiB it has. A step
allocates a container (`op` is `allocate`; `spec` of its pod where it comes first) or removes it.
One step is one case: hints, the topology manager's affinity where there is a policy, the error,
all assignments and the state of the machine. Blocks are compared by resource, since upstream
writes them in the order of a Go map. What is not admitted is not allocated. That a machine knows
huge pages of which it has none is in no input; it is read off the recorded state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from planespec.reports.judge.node.numa_judges.judged_kubelet import (
    Answer,
    JudgedKubelet,
    find_container,
    measure,
    write_hint,
)
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.numa.memory_policy import MemoryPolicy, MemoryRefusedError
from planespec.spec.node.numa.memory_state import (
    MemoryBlock,
    MemoryState,
    NumaMemory,
    make_node_memory,
)
from planespec.spec.node.numa.topology import Decision, Hint, decide_affinity
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.pods.resources import MEMORY

_GIB = 1 << 30
_HUGE_PAGES = "hugepages-1Gi"
_ANSWERS = {"hints", "affinity", "error", "assignments", "machine"}
_MOST_NODES = 8
"""A kubelet with a topology policy starts on no machine with more."""


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step. Raises InputError for a malformed line."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("nodes", "topologyPolicy", "steps")
    kubelet = _Kubelet(line.text("topologyPolicy"), MemoryPolicy(_read_machine(line)))
    for step in line.views("steps"):
        yield _judge_step(where, kubelet, step)


@dataclass
class _Kubelet(JudgedKubelet):
    """The policy under test, and how hints are merged."""

    topology: str
    policy: MemoryPolicy

    def write_state(self) -> Answer:
        """Return assignments, and the memory of the nodes."""
        return _write_state(self.policy.state)

    def remove(self, pod: str, container: str) -> None:
        """Take back what a container has."""
        self.policy.remove(pod, container)

    def allocate(self, pod: Pod, step: View) -> Answer:
        """Give a container memory, if it is admitted."""
        container = find_container(pod, step)
        hints = self.policy.hint(pod, container)
        answer: Answer = {"hints": _write_hints(hints)}
        decision = Decision(Hint(None, False), admit=True)
        if self.topology != "none":
            machine = measure(len(self.policy.state.nodes))
            decision = decide_affinity(self.topology, [hints], machine, closest=False)
            answer["affinity"] = {"admit": decision.admit, **write_hint(decision.hint)}
        if decision.admit:
            try:
                self.policy.allocate(pod, container, decision.hint)
            except MemoryRefusedError as error:
                answer["error"] = str(error)
        return answer


def _judge_step(where: str, kubelet: _Kubelet, step: View) -> Comparison:
    actual = kubelet.step(step)
    given, expected = part_answers(step.data, _ANSWERS)
    return compare("step", where, given, expected, actual)


def _read_machine(line: View) -> MemoryState:
    nodes = line.views("nodes")
    ids = [node.needing("id", "memory").int64("id") for node in nodes]
    if not nodes or ids != list(range(len(nodes))) or len(nodes) > _MOST_NODES:
        raise ObjectError("nodes", f"must be 1 to {_MOST_NODES} with ids from 0 on")
    has_pages = _knows_pages(line)
    return MemoryState({node.int64("id"): _read_node(node, has_pages) for node in nodes})


def _knows_pages(line: View) -> bool:
    """Whether the kernel offers such pages, be there none: only the machine's state shows it."""
    machines = (step.view("machine") for step in line.views("steps"))
    return any(machine.view("0").view("memoryMap").has(_HUGE_PAGES) for machine in machines)


def _read_node(node: View, has_pages: bool) -> NumaMemory:
    pages = {_HUGE_PAGES: node.int64("hugepages1Gi") * _GIB} if has_pages else {}
    reserved = {MEMORY: node.int64("reserved")}
    return make_node_memory(node.int64("id"), node.int64("memory"), pages, reserved)


def _write_hints(hints: Mapping[str, list[Hint]] | None) -> object:
    if hints is None:
        return None
    return {name: [write_hint(hint) for hint in found] for name, found in hints.items()}


def _write_state(state: MemoryState) -> Answer:
    assignments = {
        uid: {name: [_write_block(each) for each in blocks] for name, blocks in pod.items()}
        for uid, pod in state.assignments.items()
    }
    machine = {str(number): _write_node(node) for number, node in state.nodes.items()}
    return {"assignments": assignments, "machine": machine}


def _write_block(block: MemoryBlock) -> Answer:
    return {"numaAffinity": list(block.nodes), "type": block.resource, "size": block.size}


def _write_node(node: NumaMemory) -> Answer:
    tables = {
        name: {
            "total": table.total,
            "systemReserved": table.system_reserved,
            "allocatable": table.allocatable,
            "reserved": table.reserved,
            "free": table.free,
        }
        for name, table in node.tables.items()
    }
    return {
        "numberOfAssignments": node.assignments,
        "memoryMap": tables,
        "cells": list(node.cells),
    }

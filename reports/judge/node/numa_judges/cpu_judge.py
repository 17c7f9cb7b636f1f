"""Judge of `kubelet_cpumanager`: the static policy of the CPU manager, step by step.

A line is `{"cpus": {number: {"CoreID", "SocketID", "NUMANodeID", "UncoreCacheID"}}, "options",
"reservedCount", "reservedSet"}` with either `error` (no policy was made) or `reserved`,
`allocatable`, `defaultSet`, `topologyHints` and `steps`. A step allocates a container (`op` is
`allocate`; `spec` of its pod where it comes first) or removes it; with `again` it is allocated
once more without new hints. Where `topologyHints` is true the hints are merged as best-effort
does. The policy made is one case, each step another. Hints are recorded in an order of their own
and compared as a set.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from planespec.reports.judge.node.numa_judges.judged_kubelet import (
    Answer,
    JudgedKubelet,
    find_container,
    measure,
    write_hint,
)
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.numa.cpu_policy import CpuPolicy
from planespec.spec.node.numa.cpu_topology import (
    CpuPlace,
    CpuRefusedError,
    CpuTopology,
    read_cpu_options,
)
from planespec.spec.node.numa.topology import Hint, decide_affinity
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.pods.resources import CPU

_POLICY = {"reserved", "allocatable", "defaultSet", "error"}
_STEP = {"hints", "affinity", "error", "assignments", "default"}
_ANY = Hint(None, False)


def judge(path: Path) -> Iterator[Comparison]:
    """Yield a comparison for each policy and step. Raises InputError for a malformed line."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("cpus", "options", "reservedCount")
    topology = _read_topology(line.view("cpus"))
    try:
        policy = _make_policy(topology, line)
    except CpuRefusedError as error:
        yield _compare("policy", where, line, _POLICY, {"error": str(error)})
        return
    answer: Answer = {"reserved": sorted(policy.reserved)}
    answer |= {"allocatable": sorted(policy.allocatable), "defaultSet": sorted(policy.shared)}
    yield _compare("policy", where, line, _POLICY, answer)
    kubelet = _Kubelet(policy, line.flag("topologyHints"))
    for step in line.views("steps"):
        yield _compare("step", where, step, _STEP, kubelet.step(step))


def _compare(kind: str, where: str, view: View, answered: set[str], actual: Answer) -> Comparison:
    given, expected = part_answers(view.data, answered)
    given.pop("steps", None)
    if view.has("hints"):
        expected["hints"] = _sort_hints(dict(each.data) for each in view.views("hints"))
    return compare(kind, where, given, expected, actual)


@dataclass
class _Kubelet(JudgedKubelet):
    """The policy under test, whether hints are merged, and what earlier steps left."""

    policy: CpuPolicy
    merges: bool
    affinities: dict[tuple[str, str], Hint] = field(default_factory=dict)

    def write_state(self) -> Answer:
        """Return assignments, and the CPUs that are shared."""
        return _write_state(self.policy)

    def remove(self, pod: str, container: str) -> None:
        """Take back what a container has."""
        self.policy.remove(pod, container)

    def allocate(self, pod: Pod, step: View) -> Answer:
        """Give a container CPUs."""
        container, answer = find_container(pod, step), Answer()
        key = pod.meta.uid, container.name
        if not step.flag("again"):
            hints = self.policy.hint(pod, container)
            answer["hints"] = None if hints is None else _sort_hints(map(write_hint, hints))
            if self.merges:
                providers = [None if hints is None else {CPU: hints}]
                machine = measure(self.policy.topology.count("numa"))
                decision = decide_affinity("best-effort", providers, machine, closest=False)
                answer["affinity"] = {"admit": decision.admit, **write_hint(decision.hint)}
                self.affinities[key] = decision.hint
        try:
            self.policy.allocate(pod, container, self.affinities.get(key, _ANY))
        except CpuRefusedError as error:
            answer["error"] = str(error)
        return answer


def _sort_hints(hints: Iterable[Answer]) -> list[Answer]:
    return sorted(hints, key=lambda hint: str(hint.get("nodes")))


def _read_topology(cpus: View) -> CpuTopology:
    places = {_read_number(cpus, name): _read_place(cpus.view(name)) for name in cpus.data}
    if not places:
        raise ObjectError(cpus.field, "must name a CPU")
    nodes = {place.numa for place in places.values()}
    if nodes != set(range(len(nodes))):
        raise ObjectError(cpus.field, "must be on NUMA nodes with numbers from 0 on")
    return CpuTopology(places)


def _read_number(cpus: View, name: str) -> int:
    if not (name.isascii() and name.isdigit()):
        raise ObjectError(cpus.path(name), "must be the number of a CPU")
    return int(name)


def _read_place(place: View) -> CpuPlace:
    place.needing("CoreID", "SocketID", "NUMANodeID", "UncoreCacheID")
    names = ("CoreID", "SocketID", "NUMANodeID", "UncoreCacheID")
    return CpuPlace(*(place.int64(name) for name in names))


def _make_policy(topology: CpuTopology, line: View) -> CpuPolicy:
    options = read_cpu_options(line.text_map("options"))
    reserved = line.items("reservedSet")
    numbers = frozenset(cpu for cpu in reserved if isinstance(cpu, int))
    if len(numbers) != len(reserved):
        raise ObjectError("reservedSet", "must be a list of different numbers")
    return CpuPolicy(topology, options, line.int64("reservedCount"), numbers)


def _write_state(policy: CpuPolicy) -> Answer:
    assignments = {
        uid: {name: sorted(cpus) for name, cpus in pod.items()}
        for uid, pod in policy.assignments.items()
    }
    return {"assignments": assignments, "default": sorted(policy.shared)}

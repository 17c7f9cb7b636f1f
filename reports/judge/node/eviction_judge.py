"""Judge of `eviction` recordings: a kubelet's eviction manager, pass by pass.

A line is the manager's settings, `pods`, `admitPods` and `steps`. A step tells the seconds since
the one before (`dt`), which pods run (`active`), what the node has (`node`) and each pod uses
(`usage`), how many bytes garbage collection would give back, and the `result`. Each pass is a
case (`pass`), and the QoS classes of the pods to be admitted are one (`qos`); thresholds and
conditions are carried along by our own rule.

Which of several thresholds is relieved first upstream leaves to the order of a Go map: the
recorded answer has to be that of one of them as a whole.

What the recorder made of `usage`: the containers of a pod share memory, layers and logs equally;
each has a single volume `scratch`, whether the pod mounts it or not; ephemeral storage is all of
them together. What containers leave behind goes back to the file system of the node, images to
their own; where both are one, all goes to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from planespec.reports.judge.runner import (
    Comparison,
    are_alike,
    compare,
    judge_lines,
    part_answers,
)
from planespec.spec.node.evictions.eviction_manager import (
    CONTAINERS,
    IMAGES,
    Eviction,
    EvictionConfig,
    EvictionState,
    Observation,
    admits,
    choose_victim,
    evict_over_limits,
    is_relieved,
    list_first,
    list_garbage,
    observe,
)
from planespec.spec.node.evictions.eviction_ranking import ContainerUsage, Disks, FsUsage, PodUsage
from planespec.spec.node.evictions.eviction_thresholds import (
    ALLOCATABLE_MEMORY,
    IMAGE_FS,
    IMAGE_FS_INODES,
    MEMORY,
    NODE_FS,
    NODE_FS_INODES,
    PIDS,
    Threshold,
    parse_thresholds,
)
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import View
from planespec.spec.pods.qos import get_qos_class
from planespec.spec.quantity import Format, Quantity

_UINT64 = 2**64
_VOLUME = "scratch"
Observations = dict[str, Observation]
_SIGNALS = {
    NODE_FS: ("NodeFsAvailable", "NodeFsCapacity", Format.BINARY_SI),
    NODE_FS_INODES: ("NodeFsInodesFree", "NodeFsInodes", Format.DECIMAL_SI),
    IMAGE_FS: ("ImageFsAvailable", "ImageFsCapacity", Format.BINARY_SI),
    IMAGE_FS_INODES: ("ImageFsInodesFree", "ImageFsInodes", Format.DECIMAL_SI),
}
_FREED = {CONTAINERS: (NODE_FS,), IMAGES: (IMAGE_FS,)}
"""Where the recorder put what was freed, where there are two file systems."""


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each pass; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


@dataclass(frozen=True, slots=True)
class _Pass:
    """One pass of the manager, as far as it is given."""

    config: EvictionConfig
    pods: list[Pod]
    usages: dict[str, PodUsage]
    observations: Observations
    freed: dict[str, int]
    """Bytes that each kind of garbage would give back."""


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("pods", "steps")
    config = _read_config(line)
    pods = {pod.name: pod for pod in _read_pods(line, "pods")}
    new = _read_pods(line, "admitPods")
    classes = {pod.name: str(get_qos_class(pod)) for pod in new}
    yield compare("qos", where, line.items("admitPods"), line.text_map("admitQOS"), classes)
    state, now = EvictionState(), Fraction(0)
    for step in line.views("steps"):
        step.needing("dt", "node", "usage", "result")
        now += step.int64("dt")
        given = _read_pass(config, pods, step)
        state, thresholds = observe(config, state, given.observations, now)
        told = {
            "conditions": sorted(state.conditions),
            "thresholdsMet": sorted(each.signal for each in state.met),
            "admit": {pod.name: admits(state.conditions, pod) for pod in new},
        }
        answers = [told | answer for answer in _list_answers(given, thresholds)]
        expected = step.view("result").data
        actual = next((each for each in answers if are_alike(expected, each)), answers[0])
        asked, _ = part_answers(step.data, ("result",))
        yield compare("pass", where, asked, expected, actual)


def _list_answers(given: _Pass, thresholds: tuple[Threshold, ...]) -> list[dict[str, object]]:
    """List what may happen in a pass; the first is shown where none of them was recorded."""
    evictions = evict_over_limits(given.config, given.pods, given.usages)
    if evictions or not thresholds:
        return [_tell(evictions, ())]
    return [_relieve(given, each) for each in list_first(thresholds)]


def _relieve(given: _Pass, threshold: Threshold) -> dict[str, object]:
    config = given.config
    garbage = list_garbage(threshold.signal, config.disks)
    if garbage and is_relieved(config, _free(given, garbage)):
        return _tell([], garbage)
    victim = choose_victim(config, threshold, given.pods, given.usages, given.observations)
    return _tell([] if victim is None else [victim], garbage)


def _free(given: _Pass, garbage: tuple[str, ...]) -> Observations:
    found = dict(given.observations)
    for kind in garbage:
        freed = Quantity(given.freed[kind], 0, False, Format.BINARY_SI)
        for signal in _FREED[kind] if given.config.disks.has_image_fs else (NODE_FS, IMAGE_FS):
            found[signal] = replace(found[signal], available=found[signal].available + freed)
    return found


def _tell(evictions: list[Eviction], garbage: tuple[str, ...]) -> dict[str, object]:
    return {
        "evicted": [each.pod.name for each in evictions],
        "gc": list(garbage) or None,
        "killCalls": [_tell_eviction(each) for each in evictions] or None,
    }


def _tell_eviction(eviction: Eviction) -> dict[str, object]:
    told: dict[str, object] = {
        "pod": eviction.pod.name,
        "grace": eviction.grace,
        "reason": "Evicted",
        "message": eviction.message,
        "phase": "Failed",
    }
    if eviction.is_disruption:
        condition = {"type": "DisruptionTarget", "status": "True", "message": eviction.message}
        condition |= {"reason": "TerminationByKubelet"}
        unset = dict.fromkeys(("lastProbeTime", "lastTransitionTime"))
        told["conditions"] = [condition | unset]
    return told


def _read_config(line: View) -> EvictionConfig:
    thresholds = parse_thresholds(
        line.text_map("evictionHard"),
        line.text_map("evictionSoft"),
        line.text_map("evictionSoftGracePeriod"),
        line.text_map("evictionMinimumReclaim"),
        enforces_allocatable="pods" in line.texts("enforceNodeAllocatable"),
    )
    return EvictionConfig(
        thresholds,
        line.int64("maxPodGracePeriodSeconds"),
        Fraction(line.int64("pressureTransitionPeriodSeconds")),
        Disks(line.flag("dedicatedImageFs")),
    )


def _read_pods(line: View, name: str) -> list[Pod]:
    return [Pod(each.data, each.field) for each in line.views(name)]


def _read_pass(config: EvictionConfig, pods: dict[str, Pod], step: View) -> _Pass:
    active, usage = step.texts("active"), step.view("usage")
    for name in active:
        if name not in pods:
            raise ValueError(f"{step.path('active')}: there is no pod {name}")
    running = [pods[name] for name in active]
    return _Pass(
        config,
        running,
        {each.meta.uid: _read_usage(each, usage.view(each.name)) for each in running},
        _read_node(step.view("node")),
        {
            CONTAINERS: _read_number(step, "gcContainerBytes"),
            IMAGES: _read_number(step, "gcImageBytes"),
        },
    )


def _read_number(view: View, name: str) -> int:
    """Read an unsigned number of 64 bits, as Go's int64 has it."""
    number = view.needing(name).integer(name) or 0
    if not 0 <= number < _UINT64:
        raise ValueError(f"{view.path(name)}: does not fit into 64 bits")
    return number - _UINT64 if number >= _UINT64 // 2 else number


def _read_node(node: View) -> Observations:
    found = {}
    for signal, (available, capacity, style) in _SIGNALS.items():
        found[signal] = _observe(
            _read_number(node, available), _read_number(node, capacity), style
        )
    for signal, name in ((MEMORY, "Mem"), (ALLOCATABLE_MEMORY, "Alloc")):
        free, used = (
            _read_number(node, f"{name}Available"),
            _read_number(node, f"{name}WorkingSet"),
        )
        found[signal] = _observe(free, free + used, Format.BINARY_SI)
    most = _read_number(node, "MaxPID")
    found[PIDS] = _observe(most - _read_number(node, "Running"), most, Format.DECIMAL_SI)
    return found


def _observe(available: int, capacity: int, style: Format) -> Observation:
    return Observation(Quantity(available, 0, False, style), Quantity(capacity, 0, False, style))


def _read_usage(pod: Pod, usage: View) -> PodUsage:
    def read(name: str) -> int:
        return _read_number(usage, name)

    share = max(len(pod.containers), 1)
    root = FsUsage(read("Rootfs") // share, read("Inodes") // share)
    logs = FsUsage(read("Logs") // share)
    memory = read("Memory") // share
    return PodUsage(
        read("Memory"),
        read("Processes"),
        read("Rootfs") + read("Logs") + read("Volume"),
        tuple(ContainerUsage(each.name, memory, root, logs) for each in pod.containers),
        {_VOLUME: FsUsage(read("Volume"))},
    )

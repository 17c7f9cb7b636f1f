"""Ask the scheduling rules about every node, keep what they say with its numbers, and print it."""

from dataclasses import asdict, dataclass, field
from typing import Any

from planespec.reports.audit.audit_result import make_printable
from planespec.reports.audit.sources import without_collection
from planespec.reports.fit.reading import Question, find_unreadable
from planespec.spec.objects import ObjectError
from planespec.spec.scheduling.framework import (
    Feasibility,
    PreFiltered,
    Scores,
    find_feasible_nodes,
    run_scores,
)
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Status
from planespec.spec.scheduling.plugins.node_resources_fit import TOO_MANY_PODS, NodeResourcesFit
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.preemption import run_preemption
from planespec.spec.scheduling.profile import SCORE_WEIGHTS
from planespec.spec.scheduling.snapshot_building import build_snapshot, read_pod


@dataclass(frozen=True)
class Shortage:
    """A resource that does not suffice; cpu in thousandths, the rest in bytes or pieces."""

    resource: str
    asked: int
    free: int
    allocatable: int


@dataclass(frozen=True)
class Rejection:
    """What one plugin has against a node."""

    plugin: str
    code: str
    reasons: tuple[str, ...]
    shortages: tuple[Shortage, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """The answer; `nodes` and `rejected` are disjoint and together all nodes."""

    pod: str
    notes: list[str]
    rejection: Rejection | None
    """Why no node was looked at; None when all were."""
    nodes: list[dict[str, Any]]
    """The nodes on which the pod fits, best first, with the scores of each plugin."""
    best: list[str]
    errors: dict[str, str]
    """Plugins that cannot score the pod; with one of them several nodes have no total."""
    rejected: dict[str, list[Rejection]]
    preemption: dict[str, Any] | None = field(default=None)

    def to_json(self) -> dict[str, Any]:
        """Return plain data; `fits` is the verdict."""
        return {"schema": "planespec/fit/1", "fits": bool(self.nodes), **asdict(self)}


def explain(question: Question) -> Explanation:
    """Judge the pod on every node. Raises InputError for an object that cannot be read."""
    try:
        with without_collection():
            return _explain(question)
    except ObjectError as error:
        raise find_unreadable(question.objects, error) from error


def _explain(question: Question) -> Explanation:
    snapshot = build_snapshot(question.objects.by_kind(), is_stored=True)
    pod = read_pod(question.pod)
    answer = find_feasible_nodes(snapshot, pod)
    scores = run_scores(snapshot, pod, answer.feasible)
    refusal = answer.pre_filtered.rejection
    fits = [_describe(node, scores) for node in answer.feasible]
    return Explanation(
        pod=pod.key,
        notes=list(question.notes),
        rejection=None if refusal is None else _reject(refusal),
        nodes=sorted(fits, key=lambda each: -(each["total"] or 0)),
        best=list(scores.best),
        errors=dict(scores.errors),
        rejected={
            name: _list_rejections(answer.pre_filtered, snapshot.nodes[name], first)
            for name, first in answer.rejected.items()
        },
        preemption=None if fits or refusal is not None else _preempt(answer),
    )


def _describe(node: NodeInfo, scores: Scores) -> dict[str, Any]:
    plugins = {
        name: {
            "raw": each.raw[node.name],
            "normalized": each.normalized[node.name],
            "weighted": each.normalized[node.name] * SCORE_WEIGHTS[name],
        }
        for name, each in scores.plugins.items()
    }
    return {"node": node.name, "total": scores.total.get(node.name), "scores": plugins}


def _reject(status: Status, shortages: tuple[Shortage, ...] = ()) -> Rejection:
    return Rejection(status.plugin, str(status.code), status.reasons, shortages)


def _list_rejections(pre: PreFiltered, node: NodeInfo, first: Status) -> list[Rejection]:
    """The scheduler's own reason first, then what the later plugins would have said."""
    found, crowded = [first], node
    for other in pre.snapshot.nominated_to(node.name):
        if other.priority >= pre.pod.priority:
            crowded = crowded.with_pod(other)
    for name in pre.filters:
        if name != first.plugin:
            status = pre.filter(name, node)
            if not status.is_success:
                found.append(status.by(name))
    return [
        _reject(each, _measure(pre.pod, crowded if each is first else node, each))
        for each in found
    ]


def _measure(pod: PodInfo, node: NodeInfo, status: Status) -> tuple[Shortage, ...]:
    if status.plugin != NodeResourcesFit.name:
        return ()
    short = []
    if TOO_MANY_PODS in status.reasons:
        short.append(Shortage("pods", 1, node.allowed_pods - len(node.pods), node.allowed_pods))
    wanted, room, taken = pod.requests, node.allocatable, node.requested
    rows = [
        ("cpu", wanted.milli_cpu, room.milli_cpu, taken.milli_cpu),
        ("memory", wanted.memory, room.memory, taken.memory),
        (
            "ephemeral-storage",
            wanted.ephemeral_storage,
            room.ephemeral_storage,
            taken.ephemeral_storage,
        ),
    ]
    for name, amount in wanted.scalars.items():
        rows.append((name, amount, room.scalars.get(name, 0), taken.scalars.get(name, 0)))
    short += [
        Shortage(name, asked, allocatable - used, allocatable)
        for name, asked, allocatable, used in rows
        if f"Insufficient {name}" in status.reasons
    ]
    return tuple(short)


def _preempt(answer: Feasibility) -> dict[str, Any]:
    preemption = run_preemption(answer)
    candidates = {
        name: {"victims": [pod.key for pod in each.pods], "pdb_violations": each.pdb_violations}
        for name, each in preemption.candidates.items()
    }
    return {
        "refusal": preemption.refusal,
        "candidates": candidates,
        "selected": list(preemption.selected),
    }


def render(answer: Explanation) -> str:
    """Tell the verdict, the nodes best first, the rejections, and what preemption could do."""
    count = len(answer.nodes) + len(answer.rejected)
    verdict = f"fits {len(answer.nodes)} of {count} nodes"
    if answer.rejection is not None:
        verdict = f"fits no node: {_tell(answer.rejection)}"
    lines = [f"Pod {answer.pod} {verdict}"]
    lines += [f"  note: {note}" for note in answer.notes]
    for node in answer.nodes:
        lines += _tell_node(node, answer.best)
    lines += [f"  {name} cannot score: {why}" for name, why in answer.errors.items()]
    for name, rejections in answer.rejected.items():
        lines.append(f"  {name}: does not fit")
        for each in rejections:
            lines.append(f"    {_tell(each)}")
            lines += [f"      {_text_measure(short)}" for short in each.shortages]
    lines += _tell_preemption(answer.preemption)
    lines.append("  the default profile is assumed; spec.schedulerName is not looked at")
    return make_printable("\n".join(lines))


def _tell(rejection: Rejection) -> str:
    plugin = rejection.plugin or "PreFilter"
    return f"{plugin}: {', '.join(rejection.reasons)} ({rejection.code})"


def _text_measure(short: Shortage) -> str:
    unit = " (milli)" if short.resource == "cpu" else ""
    return (
        f"{short.resource}{unit}: asked {short.asked:,}, free {short.free:,} "
        f"of {short.allocatable:,} allocatable"
    )


def _tell_node(node: dict[str, Any], best: list[str]) -> list[str]:
    place = ""
    if node["node"] in best:
        place = ", best" if len(best) == 1 else f", one of {len(best)} equally good"
    total = "no total" if node["total"] is None else f"score {node['total']}"
    lines = [f"  {node['node']}: fits, {total}{place}"]
    for name, each in node["scores"].items():
        shown = f"raw {each['raw']}, normalised {each['normalized']}, weighted {each['weighted']}"
        lines.append(f"    {name}: {shown}")
    return lines


def _tell_preemption(preemption: dict[str, Any] | None) -> list[str]:
    if preemption is None:
        return []
    if preemption["refusal"]:
        return [f"  preemption: {preemption['refusal']}"]
    if not preemption["candidates"]:
        return ["  preemption: helps on no node"]
    lines = []
    for name, each in preemption["candidates"].items():
        chosen = " (chosen)" if name in preemption["selected"] else ""
        breaks = f", {each['pdb_violations']} against a PodDisruptionBudget"
        breaks = breaks if each["pdb_violations"] else ""
        lines.append(f"  preemption: {name}{chosen}, evicts {', '.join(each['victims'])}{breaks}")
    return lines

"""What our scheduler answers to a recorded case, in the words of the recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.objects import View
from planespec.spec.pods.pod_validation import get_pod_errors
from planespec.spec.pods.qos import get_qos_class
from planespec.spec.scheduling.framework import Feasibility, find_feasible_nodes
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.pre_filter import PreFiltered
from planespec.spec.scheduling.preemption import Preemption, run_preemption
from planespec.spec.scheduling.profile import SCORE_ORDER, SCORE_WEIGHTS
from planespec.spec.scheduling.scores import Scores, run_scores
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.snapshot_building import build_snapshot, read_pod
from planespec.spec.scheduling.status import Status

Answer = dict[str, object]

KINDS = {
    "namespaces": "Namespace",
    "nodes": "Node",
    "pods": "Pod",
    "pvcs": "PersistentVolumeClaim",
    "pvs": "PersistentVolume",
    "storageclasses": "StorageClass",
    "csinodes": "CSINode",
    "pdbs": "PodDisruptionBudget",
    "services": "Service",
}
"""The lists of a case and the kind of object in each."""
OTHER_FIELDS = frozenset({"id", "kind", "pod", "nominated", "preempt"})


@dataclass(frozen=True, slots=True)
class Case:
    """The question of one line: the objects, the pod to be scheduled, what else is asked."""

    objects: Mapping[str, Sequence[object]]
    nominated: Sequence[object]
    pod: object
    asks_for_preemption: bool


def read_case(view: View) -> Case:
    """Read the `case` of a line; ValueError for a list of objects we do not know."""
    unknown = view.data.keys() - KINDS.keys() - OTHER_FIELDS
    if unknown:
        raise ValueError(f"case: cannot judge the fields {', '.join(sorted(unknown))}")
    return Case(
        {kind: view.items(name) for name, kind in KINDS.items()},
        view.items("nominated"),
        view.data.get("pod"),
        view.flag("preempt"),
    )


def answer_case(case: Case, nominated: Sequence[object]) -> Answer:
    """Return our verdict where the scheduler knows these of the nominated pods."""
    pod = read_pod(case.pod, "case.pod")
    errors = get_pod_errors(pod.pod)
    if errors:
        return {"podErrors": sorted(errors), "framework": {"feasible": None}}
    pods = [*case.objects["Pod"], *nominated]
    snapshot = build_snapshot({**case.objects, "Pod": pods})
    feasibility = find_feasible_nodes(snapshot, pod)
    pre_filtered = feasibility.pre_filtered
    answer: Answer = {
        "qos": str(get_qos_class(pod.pod)),
        "prefilter": _print_pre_filter(pre_filtered),
        "filter": _print_filters(pre_filtered),
        "framework": _print_framework(feasibility),
    }
    if feasibility.feasible:
        answer["scores"] = _print_scores(snapshot, pod, feasibility.feasible)
    if feasibility.rejected:
        answer["scoresAll"] = _print_scores(snapshot, pod, list(snapshot.nodes.values()))
        if case.asks_for_preemption and not feasibility.feasible:
            answer["preemption"] = _print_preemption(run_preemption(feasibility))
    return answer


def _print_status(status: Status) -> Answer:
    printed: Answer = {"code": status.code.value}
    if status.reasons:
        printed["reasons"] = list(status.reasons)
    if status.plugin:
        printed["plugin"] = status.plugin
    return printed


def _print_pre_filter(pre_filtered: PreFiltered) -> Answer:
    printed = {name: _print_status(status) for name, status in pre_filtered.statuses.items()}
    if pre_filtered.node_names is not None:
        printed["NodeAffinity"]["nodeNames"] = sorted(pre_filtered.node_names)
    return dict(printed)


def _print_filters(pre_filtered: PreFiltered) -> Answer:
    """Run each Filter alone over all nodes; those whose PreFilter did not succeed are absent."""
    printed: Answer = {}
    for name in pre_filtered.filters:
        answers = {
            node.name: pre_filtered.filter(name, node)
            for node in pre_filtered.snapshot.nodes.values()
        }
        printed[name] = {
            node: _print_status(status)
            for node, status in answers.items()
            if not status.is_success
        }
    return printed


def _print_framework(feasibility: Feasibility) -> Answer:
    printed: Answer = {"feasible": [node.name for node in feasibility.feasible]}
    if feasibility.pre_filtered.rejection is not None:
        printed["prefilter"] = _print_status(feasibility.pre_filtered.rejection)
    if feasibility.rejected:
        rejected = feasibility.rejected.items()
        printed["rejected"] = {name: _print_status(status) for name, status in rejected}
    return printed


def _print_scores(snapshot: Snapshot, pod: PodInfo, nodes: Sequence[NodeInfo]) -> Answer:
    scores = run_scores(snapshot, pod, nodes)
    printed: Answer = {
        "nodes": [node.name for node in nodes],
        "skipped": [n for n in SCORE_ORDER if n not in scores.plugins and n not in scores.errors],
        "raw": {name: dict(plugin.raw) for name, plugin in scores.plugins.items()},
        "normalized": {name: dict(plugin.normalized) for name, plugin in scores.plugins.items()},
        "weights": dict(SCORE_WEIGHTS),
        "total": dict(scores.total),
        "best": list(scores.best) or None,
    }
    if scores.errors:
        printed["errors"] = _print_errors(scores)
    return printed


def _print_errors(scores: Scores) -> Answer:
    """Print each plugin's error, and that of the framework, which stops at the first."""
    first, message = next(iter(scores.errors.items()))
    return {**scores.errors, "PreScore": f'running PreScore plugin "{first}": {message}'}


def _print_preemption(preemption: Preemption) -> Answer:
    printed: Answer = {"eligible": not preemption.refusal}
    if preemption.refusal:
        printed["reason"] = preemption.refusal
    if preemption.potential:
        printed["potential"] = sorted(preemption.potential)
    if preemption.candidates:
        printed["candidates"] = {
            name: {
                "victims": [pod.key for pod in victims.pods],
                "numPDBViolations": victims.pdb_violations,
            }
            for name, victims in preemption.candidates.items()
        }
    if preemption.statuses:
        statuses = preemption.statuses.items()
        printed["statuses"] = {name: _print_status(status) for name, status in statuses}
    if preemption.selected:
        printed["selected"] = sorted(preemption.selected)
    return printed

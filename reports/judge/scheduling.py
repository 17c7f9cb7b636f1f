"""Judge of `scheduling`: recorded verdicts of kube-scheduler, plugin by plugin, and our answer.

A line is `{"case": {...}, "verdict": {...}}`. Each case is judged part by part (what a plugin
says in PreFilter, of each node in Filter, its raw and normalised scores, the framework's result,
the totals, preemption) and once as a whole, as kind "case: KIND"; a case agrees as a whole only
when every field of its verdict does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.runner import Comparison, compare
from planespec.spec.objects import View
from planespec.spec.pods.qos import get_qos_class
from planespec.spec.scheduling.framework import (
    Feasibility,
    PreFiltered,
    Scores,
    find_feasible_nodes,
    run_scores,
)
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Status
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.preemption import Preemption, run_preemption
from planespec.spec.scheduling.profile import SCORE_ORDER, SCORE_WEIGHTS
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.snapshot_building import build_snapshot, read_pod
from planespec.spec.validation.pod.pod_rules import list_pod_errors

# What our scheduler answers to a recorded case, in the words of the recording.


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
    errors = sorted(map(str, list_pod_errors(case.pod)))
    if errors:
        return {"podErrors": errors, "framework": {"feasible": None}}
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


ORDERED_REASONS = (
    "Too many pods",
    "Insufficient cpu",
    "Insufficient memory",
    "Insufficient ephemeral-storage",
)
"""What NodeResourcesFit says in this order; other resources follow in no fixed order."""
_IDENTITY = ("id",)


def judge(path: Path) -> Iterator[Comparison]:
    """Yield the comparisons of every case of a recording; InputError where it is malformed."""
    for number, record in read_records(path):
        with at(path, number):
            line = View(record)
            case_view = line.view("case")
            given, kind = {"id": case_view.text("id")}, f"case: {case_view.text('kind')}"
            expected = normalize(dict(line.view("verdict").data))
            actual = _answer(read_case(case_view), expected)
        where = f"{path}:{number}"
        comparisons = [
            compare(part, where, given, expected_part, actual_part)
            for part, expected_part, actual_part in split(expected, actual)
        ]
        yield from comparisons
        differing = [item.kind for item in comparisons if not item.agrees]
        yield compare(kind, where, given, {"differs in": []}, {"differs in": differing})


def _answer(case: Case, expected: Answer) -> Answer:
    """Return our verdict for the nominated pods that the recorded scheduler knew of.

    The recording does not say which those are: a nominated pod counts once the scheduler's
    informer has delivered it, and in the recordings most had not arrived. So the answer for all
    of them is tried first, then for fewer; where none agrees, it is the one for all.
    """
    first = None
    for count in range(len(case.nominated), -1, -1):
        for nominated in combinations(case.nominated, count):
            actual = normalize(answer_case(case, nominated))
            if actual == expected:
                return actual
            first = first or actual
    assert first is not None
    return first


def split(expected: Answer, actual: Answer) -> Iterator[tuple[str, object, object]]:
    """Yield each part of two verdicts with its kind; a part that one side lacks is null there."""
    for field in sorted(expected.keys() | actual.keys()):
        one, other = expected.get(field), actual.get(field)
        if field in ("prefilter", "filter"):
            stage = "PreFilter" if field == "prefilter" else "Filter"
            yield from _split_plugins(stage, one, other)
        elif field in ("scores", "scoresAll"):
            stage = "Score" if field == "scores" else "Score, all nodes:"
            yield from _split_scores(stage, one, other)
        else:
            yield field, one, other


def _split_plugins(stage: str, one: object, other: object) -> Iterator[tuple[str, object, object]]:
    left, right = _mapping(one), _mapping(other)
    for name in sorted(left.keys() | right.keys()):
        yield f"{stage} {name}", left.get(name), right.get(name)


def _split_scores(stage: str, one: object, other: object) -> Iterator[tuple[str, object, object]]:
    """Yield raw and normalised scores of each plugin together, then everything else."""
    left, right = _mapping(one), _mapping(other)
    parts = ("raw", "normalized")
    names = {name for side in (left, right) for part in parts for name in _mapping(side.get(part))}
    for name in sorted(names):
        scores = [
            {part: _mapping(side.get(part)).get(name) for part in parts} for side in (left, right)
        ]
        yield f"{stage} {name}", scores[0], scores[1]
    rest = [{k: v for k, v in side.items() if k not in parts} for side in (left, right)]
    yield f"{stage} total", rest[0], rest[1]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def normalize(verdict: Answer) -> Answer:
    """Return the verdict without its id and with what has no order sorted."""
    return {
        name: sorted(value)
        if name == "podErrors" and isinstance(value, list)
        else _normalize_reasons(value)
        for name, value in verdict.items()
        if name not in _IDENTITY
    }


def _normalize_reasons(value: object) -> Answer | object:
    if not isinstance(value, dict):
        return value
    return {
        name: sorted(inner, key=_reason_key)
        if name == "reasons" and isinstance(inner, list)
        else _normalize_reasons(inner)
        for name, inner in value.items()
    }


def _reason_key(reason: object) -> tuple[int, str]:
    """Sort the resources that have no order behind those that have; leave other reasons alone."""
    text = str(reason)
    if text in ORDERED_REASONS or not text.startswith("Insufficient "):
        return 0, ""
    return 1, text

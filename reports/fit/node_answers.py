"""Ask the scheduling rules about every node, and keep what they say with its numbers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from planespec.reports.fit.reading import Question
from planespec.spec.scheduling.attempts.attempt import Attempt, FitVerdict
from planespec.spec.scheduling.attempts.culprits import name_culprits
from planespec.spec.scheduling.attempts.cures import Cure, list_cures
from planespec.spec.scheduling.attempts.measures import Shortage, list_shortages
from planespec.spec.scheduling.framework import Feasibility, PreFiltered, Scores
from planespec.spec.scheduling.framework import update_with_pod as update_states
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Status
from planespec.spec.scheduling.preemption import run_preemption
from planespec.spec.scheduling.profile import SCORE_WEIGHTS

SCHEMA = "planespec/fit/2"


@dataclass(frozen=True)
class Rejection:
    """What one plugin has against a node, or against the pod itself."""

    plugin: str
    code: str
    reasons: tuple[str, ...]
    culprits: tuple[str, ...] = ()
    """Who or what it is: taints, terms, ports and their holders, volumes, numbers."""
    shortages: tuple[Shortage, ...] = ()


@dataclass(frozen=True)
class Placement:
    """Where one pod of a workload goes."""

    pod: str
    node: str | None
    """None where it fits nowhere."""


@dataclass(frozen=True)
class Explanation:
    """The answer; `nodes`, `rejected` and `open_nodes` are disjoint and together all nodes."""

    verdict: FitVerdict
    pod: str
    """The pod explained here: of a workload the first that does not fit, else its first."""
    notes: list[str]
    unconsidered: list[str]
    """What decides and is not considered; with any of it nothing is said to fit."""
    rejection: Rejection | None
    """Why no node was looked at; None when all were."""
    nodes: list[dict[str, Any]]
    """The nodes on which the pod fits, best first, with the scores of each plugin."""
    best: list[str]
    errors: dict[str, str]
    """Plugins that cannot score the pod; with one of them several nodes have no total."""
    rejected: dict[str, list[Rejection]]
    open_nodes: dict[str, str]
    """Nodes that do not tell enough to be judged."""
    cures: list[Cure]
    """Single changes after which a pod that fits nowhere would fit."""
    wanted: int
    """How many pods were to be placed."""
    placements: list[Placement]
    """Where they went, in order; it ends at the first that does not fit."""
    preemption: dict[str, Any] | None = field(default=None)

    def to_json(self) -> dict[str, Any]:
        """Return plain data; `fits` says whether the verdict is Fits."""
        fits = self.verdict is FitVerdict.FITS
        return {"schema": SCHEMA, "fits": fits, **asdict(self), "verdict": str(self.verdict)}


def describe(
    question: Question,
    attempt: Attempt,
    verdict: FitVerdict,
    wanted: int,
    placements: Sequence[Placement],
) -> Explanation:
    """Tell one attempt node by node."""
    answer = attempt.feasibility
    pre = answer.pre_filtered
    refusal = attempt.refusals[0] if attempt.refusals else pre.rejection
    scores = attempt.scores
    fits = [] if refusal is not None else [_describe(node, scores) for node in answer.feasible]
    notes = [*question.notes, *attempt.notes, *_list_refusals(attempt)]
    fails = verdict is FitVerdict.DOES_NOT_FIT and not attempt.refusals
    return Explanation(
        verdict=verdict,
        pod=attempt.pod.key,
        notes=notes,
        unconsidered=[each.what for each in attempt.unconsidered],
        rejection=None if refusal is None else _reject(refusal),
        nodes=sorted(fits, key=lambda each: -(each["total"] or 0)),
        best=[] if refusal is not None else list(scores.best),
        errors=dict(scores.errors),
        rejected={} if refusal is not None else _list_rejected(answer, attempt),
        open_nodes=dict(attempt.open_nodes),
        cures=list_cures(attempt) if fails and not answer.feasible else [],
        wanted=wanted,
        placements=list(placements),
        preemption=None if answer.feasible or refusal is not None else _preempt(answer),
    )


def _list_refusals(attempt: Attempt) -> list[str]:
    """Tell what else refuses the pod, and where it would fit without that."""
    if not attempt.refusals:
        return []
    found = attempt.feasibility
    others = [f"also {each.plugin}: {', '.join(each.reasons)}" for each in attempt.refusals[1:]]
    if found.pre_filtered.rejection is None:
        count = len(found.feasible) + len(found.rejected) + len(attempt.open_nodes)
        others.append(f"but for that it would fit {len(found.feasible)} of {count} nodes")
    return others


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


def _reject(
    status: Status, culprits: Sequence[str] = (), shortages: Sequence[Shortage] = ()
) -> Rejection:
    return Rejection(
        status.plugin, str(status.code), status.reasons, tuple(culprits), tuple(shortages)
    )


def _list_rejected(answer: Feasibility, attempt: Attempt) -> dict[str, list[Rejection]]:
    nodes = attempt.snapshot.nodes
    return {
        name: _list_rejections(answer.pre_filtered, nodes[name], first)
        for name, first in answer.rejected.items()
    }


def _list_rejections(pre: PreFiltered, node: NodeInfo, first: Status) -> list[Rejection]:
    """The scheduler's own reason first, then what the later plugins would have said."""
    crowded, state = node, pre
    for other in pre.snapshot.nominated_to(node.name):
        if other.priority >= pre.pod.priority and other.identity != pre.pod.identity:
            crowded = crowded.with_pod(other)
            state = update_states(state, other, crowded, 1)
    found = [_explain(state, crowded, first)]
    for name in pre.filters:
        if name != first.plugin:
            status = pre.filter(name, node)
            if not status.is_success:
                found.append(_explain(pre, node, status.by(name)))
    return found


def _explain(asked: PreFiltered, node: NodeInfo, status: Status) -> Rejection:
    if status.plugin == "NodeResourcesFit":
        shortages = list_shortages(asked.pod, node, status)
        return _reject(status, [each.text for each in shortages], shortages)
    return _reject(status, name_culprits(asked, node, status))


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

"""Run the Score plugins over the nodes that passed: raw, normalised, weighted, and the best.

Source: `pkg/scheduler/framework/runtime/framework.go`, RunPreScorePlugins and RunScorePlugins;
`pkg/scheduler/framework/plugins/helper/normalize_score.go`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.labels import SelectorError
from planespec.spec.scheduling import (
    image_locality,
    inter_pod_affinity,
    node_affinity,
    node_resources_balanced_allocation,
    node_resources_fit,
    pod_topology_spread,
    taint_toleration,
)
from planespec.spec.scheduling.inter_pod_affinity import scoring as affinity_scoring
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.pod_topology_spread import scoring as spread_scoring
from planespec.spec.scheduling.profile import SCORE_ORDER, SCORE_WEIGHTS
from planespec.spec.scheduling.snapshot import Snapshot

ByNode = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PluginScores:
    """What one plugin gives each node: as it scores, and spread over 0 to 100."""

    raw: ByNode
    normalized: ByNode


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of all candidates."""

    plugins: Mapping[str, PluginScores]
    """In the order of the profile, without those that skipped the pod."""
    errors: Mapping[str, str]
    """Plugins that could not score; then there is no total and the pod stays pending."""
    total: ByNode
    best: Sequence[str]
    """The nodes with the highest total; upstream takes one of them at random."""


def run_scores(snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]) -> Scores:
    """Score the candidates with every plugin that does not skip the pod."""
    plugins: dict[str, PluginScores] = {}
    errors: dict[str, str] = {}
    for name in SCORE_ORDER:
        try:
            scores = _SCORERS[name](snapshot, pod, candidates)
        except SelectorError as error:
            errors[name] = str(error)
        else:
            if scores is not None:
                plugins[name] = scores
    if errors:
        return Scores(plugins, errors, {}, ())
    total = {
        node.name: sum(
            scores.normalized[node.name] * SCORE_WEIGHTS[name] for name, scores in plugins.items()
        )
        for node in candidates
    }
    highest = max(total.values(), default=0)
    return Scores(plugins, {}, total, [name for name, sum_ in total.items() if sum_ == highest])


def normalize_to_highest(raw: ByNode, *, is_reversed: bool = False) -> ByNode:
    """Return 100 * raw // highest, or 100 less that; where all are 0 they stay, or become 100.

    Source: DefaultNormalizeScore.
    """
    highest = max(raw.values(), default=0)
    if highest == 0:
        return dict.fromkeys(raw, 100) if is_reversed else raw
    shares = {name: 100 * value // highest for name, value in raw.items()}
    return {name: 100 - share for name, share in shares.items()} if is_reversed else shares


def _score_taints(
    snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
) -> PluginScores | None:
    raw = {node.name: taint_toleration.score(pod, node) for node in candidates}
    return PluginScores(raw, normalize_to_highest(raw, is_reversed=True))


def _score_node_affinity(
    snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
) -> PluginScores | None:
    terms = node_affinity.pre_score(pod)
    if terms is None:
        return None
    raw = {node.name: node_affinity.score(terms, node) for node in candidates}
    return PluginScores(raw, normalize_to_highest(raw))


def _score_fit(
    snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
) -> PluginScores | None:
    raw = {node.name: node_resources_fit.score(pod, node) for node in candidates}
    return PluginScores(raw, raw)


def _score_balance(
    snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
) -> PluginScores | None:
    plugin = node_resources_balanced_allocation
    if not plugin.pre_score(pod).is_success:
        return None
    raw = {node.name: plugin.score(pod, node) for node in candidates}
    return PluginScores(raw, raw)


def _score_images(
    snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
) -> PluginScores | None:
    raw = {node.name: image_locality.score(snapshot, pod, node) for node in candidates}
    return PluginScores(raw, raw)


def _score_spread(
    snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
) -> PluginScores | None:
    state = spread_scoring.pre_score(snapshot, pod, candidates)
    if state is None:
        return None
    raw = {node.name: spread_scoring.score(state, pod, node) for node in candidates}
    return PluginScores(raw, spread_scoring.normalize(state, raw))


def _score_pod_affinity(
    snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
) -> PluginScores | None:
    tally = affinity_scoring.pre_score(snapshot, pod)
    if tally is None:
        return None
    raw = {node.name: affinity_scoring.score(tally, node) for node in candidates}
    return PluginScores(raw, affinity_scoring.normalize(raw))


def _score_nothing(
    snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
) -> PluginScores | None:
    """DynamicResources scores only prioritised device requests: 0 for pods without claims."""
    raw = {node.name: 0 for node in candidates}
    return PluginScores(raw, raw)


def _skip(snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]) -> PluginScores | None:
    """VolumeBinding scores only with StorageCapacityScoring, which is off by default."""
    return None


Scorer = Callable[[Snapshot, PodInfo, Sequence[NodeInfo]], PluginScores | None]

_SCORERS: Mapping[str, Scorer] = {
    taint_toleration.NAME: _score_taints,
    node_affinity.NAME: _score_node_affinity,
    node_resources_fit.NAME: _score_fit,
    "VolumeBinding": _skip,
    pod_topology_spread.NAME: _score_spread,
    inter_pod_affinity.NAME: _score_pod_affinity,
    "DynamicResources": _score_nothing,
    node_resources_balanced_allocation.NAME: _score_balance,
    image_locality.NAME: _score_images,
}

"""Run the Score plugins over the nodes that passed: raw, normalised, weighted, and the best.

Source: `pkg/scheduler/framework/runtime/framework.go`, RunPreScorePlugins and RunScorePlugins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.labels import SelectorError
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import ByNode, PluginScores
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.profile import PLUGINS, SCORE_ORDER, SCORE_WEIGHTS
from planespec.spec.scheduling.snapshot import Snapshot


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
            scores = PLUGINS[name].score(snapshot, pod, candidates)
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

"""Run the plugins of a profile for one pod: PreFilter, Filter, Score.

Source: `pkg/scheduler/schedule_one.go` (findNodesThatFitPod) and
`pkg/scheduler/framework/runtime/framework.go` (RunFilterPluginsWithNominatedPods). All nodes are
tried: upstream samples clusters of 100 nodes and more, and which nodes it then leaves out is
chance.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from planespec.spec.labels import SelectorError
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import (
    SUCCESS,
    ByNode,
    Code,
    PluginScores,
    Status,
    unresolvable,
)
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.profile import (
    FILTER_ORDER,
    PLUGINS,
    PRE_FILTER_ORDER,
    SCORE_ORDER,
    SCORE_WEIGHTS,
)
from planespec.spec.scheduling.snapshot import Snapshot

# Run the PreFilter plugins: what each says of the pod, and what it works out for its Filter.
#
# Source: `pkg/scheduler/framework/runtime/framework.go`, RunPreFilterPlugins and the PreFilter
# extensions AddPod and RemovePod.


@dataclass(frozen=True, slots=True)
class PreFiltered:
    """One pod in one snapshot, with what the plugins have worked out for all nodes."""

    snapshot: Snapshot
    pod: PodInfo
    statuses: Mapping[str, Status]
    """What each plugin says alone, in the order of the profile."""
    states: Mapping[str, Any]
    """By plugin; those without a state are not in it."""
    node_names: frozenset[str] | None
    """The only nodes that come into question; None where all do."""
    filters: tuple[str, ...]
    """The plugins whose Filter is asked about nodes, in the order of the profile."""

    @property
    def rejection(self) -> Status | None:
        """What the first plugin that rejects the pod says, signed by it; None when none does."""
        for name, status in self.statuses.items():
            if status.code not in (Code.SUCCESS, Code.SKIP):
                return status.by(name)
        return None

    def filter(self, plugin: str, node: NodeInfo) -> Status:
        """What the Filter of one plugin says of a node; success where it is not asked."""
        if plugin not in self.filters:
            return SUCCESS
        state = self.states.get(plugin)
        return PLUGINS[plugin].filter(self.snapshot, self.pod, state, node)


def run_pre_filters(snapshot: Snapshot, pod: PodInfo) -> PreFiltered:
    """Ask every PreFilter plugin about `pod`, also those after one that rejects it."""
    prepared = {name: PLUGINS[name].pre_filter(snapshot, pod) for name in PRE_FILTER_ORDER}
    statuses = {name: answer.status for name, answer in prepared.items()}
    return PreFiltered(
        snapshot=snapshot,
        pod=pod,
        statuses=statuses,
        states={n: answer.state for n, answer in prepared.items() if answer.state is not None},
        node_names=_restrict(answer.node_names for answer in prepared.values()),
        filters=tuple(n for n in FILTER_ORDER if statuses.get(n, SUCCESS).is_success),
    )


def _restrict(named: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """The nodes that all plugins allow which name any."""
    sets = [names for names in named if names is not None]
    return frozenset.intersection(*sets) if sets else None


def update_with_pod(
    pre_filtered: PreFiltered, other: PodInfo, node: NodeInfo, delta: int
) -> PreFiltered:
    """Return the states with `other` added to (delta 1) or removed from (-1) the node."""
    states = {
        name: PLUGINS[name].update(state, pre_filtered.pod, other, node, delta)
        for name, state in pre_filtered.states.items()
    }
    return replace(pre_filtered, states=states)


FILTERED_OUT = unresolvable("node is filtered out by the prefilter result")


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Where a pod fits, and for every other node which plugin rejected it first and why."""

    pre_filtered: PreFiltered
    feasible: Sequence[NodeInfo]
    rejected: Mapping[str, Status]
    """Node name to the first rejection; empty when a PreFilter plugin rejected the pod itself."""


def find_feasible_nodes(snapshot: Snapshot, pod: PodInfo) -> Feasibility:
    """Return the nodes on which `pod` fits, in the order of the snapshot, and why not the rest."""
    pre_filtered = run_pre_filters(snapshot, pod)
    if pre_filtered.rejection is not None:
        return Feasibility(pre_filtered, (), {})
    feasible, rejected = [], {}
    for node in snapshot.nodes.values():
        status = check_node(pre_filtered, node)
        if status.is_success:
            feasible.append(node)
        else:
            rejected[node.name] = status
    return Feasibility(pre_filtered, feasible, rejected)


def check_node(pre_filtered: PreFiltered, node: NodeInfo) -> Status:
    """Return the first rejection of one node, with nominated pods counted in, or success."""
    allowed = pre_filtered.node_names
    if allowed is not None and node.name not in allowed:
        return FILTERED_OUT
    return run_filters_with_nominated_pods(pre_filtered, node)


def run_filters_with_nominated_pods(pre_filtered: PreFiltered, node: NodeInfo) -> Status:
    """Run the filters twice where pods are nominated to the node: with them and without.

    Nominated pods of equal or higher priority take the room they wait for. The second run is
    there because the first may pass only by affinity to a pod that never arrives.
    """
    pod = pre_filtered.pod
    nominated = [
        other
        for other in pre_filtered.snapshot.nominated_to(node.name)
        if other.priority >= pod.priority and other.identity != pod.identity
    ]
    if nominated:
        crowded, state = node, pre_filtered
        for other in nominated:
            crowded = crowded.with_pod(other)
            state = update_with_pod(state, other, crowded, 1)
        status = run_filters(state, crowded)
        if not status.is_success:
            return status
    return run_filters(pre_filtered, node)


def run_filters(pre_filtered: PreFiltered, node: NodeInfo) -> Status:
    """Return the first rejection in the order of the profile, signed by its plugin."""
    for name in pre_filtered.filters:
        status = pre_filtered.filter(name, node)
        if not status.is_success:
            return status.by(name)
    return SUCCESS


# Run the Score plugins over the nodes that passed: raw, normalised, weighted, and the best.
#
# Source: `pkg/scheduler/framework/runtime/framework.go`, RunPreScorePlugins and RunScorePlugins.


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

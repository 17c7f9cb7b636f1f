"""Run the PreFilter plugins: what each says of the pod, and what it works out for its Filter.

Source: `pkg/scheduler/framework/runtime/framework.go`, RunPreFilterPlugins and the PreFilter
extensions AddPod and RemovePod.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.profile import FILTER_ORDER, PLUGINS, PRE_FILTER_ORDER
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.status import SUCCESS, Code, Status


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

"""Run the Filter plugins of the profile in order, as one scheduling attempt does.

Source: `pkg/scheduler/schedule_one.go` (findNodesThatFitPod) and
`pkg/scheduler/framework/runtime/framework.go` (RunFilterPluginsWithNominatedPods). All nodes are
tried: upstream samples clusters of 100 nodes and more, and which nodes it then leaves out is
chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.pre_filter import PreFiltered, run_pre_filters, update_with_pod
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.status import SUCCESS, Status, unresolvable

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

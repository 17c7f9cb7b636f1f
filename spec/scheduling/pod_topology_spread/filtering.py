"""The hard constraints (whenUnsatisfiable DoNotSchedule): the skew stays within maxSkew.

Source: `pkg/scheduler/framework/plugins/podtopologyspread/filtering.go`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.pod_topology_spread.constraints import (
    Constraint,
    build_hard_constraints,
)
from planespec.spec.scheduling.pod_topology_spread.counting import (
    count_matching_pods,
    has_all_keys,
    is_node_included,
)
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.status import SUCCESS, Status, unresolvable, unschedulable

MISMATCH = "node(s) didn't match pod topology spread constraints"
TOO_SKEWED = unschedulable(MISMATCH)
MISSING_KEY = unresolvable(f"{MISMATCH} (missing required label)")


@dataclass(frozen=True, slots=True)
class SpreadState:
    """The pods each hard constraint counts in each domain of the cluster."""

    constraints: Sequence[Constraint]
    counts: Sequence[Mapping[str, int]]
    """For each constraint: domain, that is value of the topology key, to matching pods."""


def pre_filter(snapshot: Snapshot, pod: PodInfo) -> SpreadState | None:
    """Count the domains of every hard constraint; None when the pod has none."""
    constraints = build_hard_constraints(pod)
    if not constraints:
        return None
    counts: list[dict[str, int]] = [{} for _ in constraints]
    for node in snapshot.nodes.values():
        if has_all_keys(node, constraints):
            for constraint, by_domain in zip(constraints, counts, strict=True):
                if is_node_included(constraint, pod, node):
                    domain = node.labels[constraint.topology_key]
                    matching = count_matching_pods(constraint, pod.namespace, node)
                    by_domain[domain] = by_domain.get(domain, 0) + matching
    return SpreadState(constraints, counts)


def update(
    state: SpreadState, pod: PodInfo, other: PodInfo, node: NodeInfo, delta: int
) -> SpreadState:
    """Return the state with `other` added to (delta 1) or removed from (-1) the node.

    Unlike the first count this one does not leave out pods that are being deleted, as upstream.
    """
    if other.namespace != pod.namespace or not has_all_keys(node, state.constraints):
        return state
    counts = list(state.counts)
    for index, constraint in enumerate(state.constraints):
        if constraint.selector.matches(other.labels) and is_node_included(constraint, pod, node):
            domain = node.labels[constraint.topology_key]
            counts[index] = {**counts[index], domain: counts[index].get(domain, 0) + delta}
    return SpreadState(state.constraints, counts)


def filter_node(state: SpreadState, pod: PodInfo, node: NodeInfo) -> Status:
    """Reject a node without the topology key, or one that would raise a skew above maxSkew.

    skew = matching pods of the node's domain + (1 if the pod matches itself) - the minimum over
    all domains; the minimum counts as 0 while there are fewer than minDomains domains.
    """
    for constraint, by_domain in zip(state.constraints, state.counts, strict=True):
        domain = node.labels.get(constraint.topology_key)
        if domain is None:
            return MISSING_KEY
        itself = constraint.selector.matches(pod.labels)
        skew = by_domain.get(domain, 0) + itself - _global_minimum(constraint, by_domain)
        if skew > constraint.max_skew:
            return TOO_SKEWED
    return SUCCESS


def _global_minimum(constraint: Constraint, by_domain: Mapping[str, int]) -> int:
    if len(by_domain) < constraint.min_domains:
        return 0
    return min(by_domain.values())

"""The soft constraints (whenUnsatisfiable ScheduleAnyway): fewer matching pods score higher.

Source: `pkg/scheduler/framework/plugins/podtopologyspread/scoring.go`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugins.pod_topology_spread.spread_filtering import (
    HOSTNAME,
    Constraint,
    build_soft_constraints,
    count_matching_pods,
    has_all_keys,
    is_node_included,
)
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class SpreadScores:
    """What Score and normalisation need: counts and weight of every soft constraint."""

    constraints: Sequence[Constraint]
    counts: Sequence[Mapping[str, int]]
    """For each constraint: domain to matching pods; empty for the hostname, counted later."""
    weights: Sequence[float]
    ignored: frozenset[str]
    """Candidates that lack a topology key: they score 0."""


def pre_score(
    snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
) -> SpreadScores | None:
    """Count the domains of every soft constraint; None when neither pod nor defaults have one.

    With the cluster's default constraints a node may lack a key (it then misses that part of
    the score); with the pod's own it must carry all keys.
    """
    constraints = build_soft_constraints(pod, snapshot)
    if not constraints:
        return None
    is_strict = pod.has_spread_constraints
    eligible = [n for n in candidates if not is_strict or has_all_keys(n, constraints)]
    kept = {node.name for node in eligible}
    return SpreadScores(
        constraints,
        [
            _count_domains(snapshot, pod, constraint, eligible, constraints if is_strict else ())
            for constraint in constraints
        ],
        [_domain_weight(constraint, eligible) for constraint in constraints],
        frozenset(node.name for node in candidates if node.name not in kept),
    )


def _count_domains(
    snapshot: Snapshot,
    pod: PodInfo,
    constraint: Constraint,
    eligible: Sequence[NodeInfo],
    required: Sequence[Constraint],
) -> Mapping[str, int]:
    """Count over the whole cluster, but only the domains in which a candidate lies.

    A missing key is the domain "" here, which matters only where nothing is `required`.
    """
    key = constraint.topology_key
    if key == HOSTNAME:
        return {}
    counts = {node.labels.get(key, ""): 0 for node in eligible}
    for node in snapshot.nodes.values():
        domain = node.labels.get(key, "")
        is_counted = domain in counts and has_all_keys(node, required)
        if is_counted and is_node_included(constraint, pod, node):
            counts[domain] += count_matching_pods(constraint, pod.namespace, node)
    return counts


def _domain_weight(constraint: Constraint, eligible: Sequence[NodeInfo]) -> float:
    """Return ln(domains + 2), so that a pod in one of few domains does not count for less."""
    key = constraint.topology_key
    if key == HOSTNAME:
        return math.log(len(eligible) + 2)
    return math.log(len({node.labels.get(key, "") for node in eligible}) + 2)


def score(state: SpreadScores, pod: PodInfo, node: NodeInfo) -> int:
    """Return the sum over constraints of matching pods times weight plus maxSkew - 1, rounded.

    Lower is better until normalisation turns it round. Halves round away from zero.
    """
    if node.name in state.ignored:
        return 0
    total = 0.0
    parts = zip(state.constraints, state.counts, state.weights, strict=True)
    for constraint, counts, weight in parts:
        domain = node.labels.get(constraint.topology_key)
        if domain is not None:
            if constraint.topology_key == HOSTNAME:
                matching = count_matching_pods(constraint, pod.namespace, node)
            else:
                matching = counts[domain]
            total += matching * weight + (constraint.max_skew - 1)
    return _round_half_up(total)


def _round_half_up(number: float) -> int:
    whole = math.floor(number)
    return whole + (number - whole >= 0.5)


def normalize(state: SpreadScores, raw: Mapping[str, int]) -> dict[str, int]:
    """Return 100 * (highest + lowest - raw) // highest; all 100 when the highest is 0.

    Ignored nodes get 0 and do not take part.
    """
    counted = [value for name, value in raw.items() if name not in state.ignored]
    highest, lowest = max(counted, default=0), min(counted, default=0)
    return {
        name: 0
        if name in state.ignored
        else 100
        if highest == 0
        else 100 * (highest + lowest - value) // highest
        for name, value in raw.items()
    }

"""The preferred terms, of the incoming pod and of the existing pods, summed by domain.

Source: `pkg/scheduler/framework/plugins/interpodaffinity/scoring.go`.
"""

from collections.abc import Iterable, Mapping

from planespec.spec.scheduling.affinity_terms import AffinityTerm, WeightedTerm
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugins.inter_pod_affinity.affinity_filtering import Domain
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

HARD_POD_AFFINITY_WEIGHT = 1
"""What an existing pod's required affinity weighs: the profile's hardPodAffinityWeight."""

DomainScores = Mapping[Domain, int]


def pre_score(snapshot: Snapshot, pod: PodInfo) -> DomainScores | None:
    """Sum the weights of all matching terms by domain; None when no term matched anywhere.

    Weights that cancel out leave a domain with 0, which is not the same as no domain.
    """
    tally: dict[Domain, int] = {}
    namespace_labels = snapshot.get_namespace_labels(pod.namespace)
    wanted = _signed(snapshot, pod.preferred_affinity_terms, 1)
    wanted += _signed(snapshot, pod.preferred_anti_affinity_terms, -1)
    for node in snapshot.nodes.values() if wanted else snapshot.nodes_with_affinity:
        for other in node.pods if wanted else node.pods_with_affinity:
            for term, weight in wanted:
                _add(tally, term, weight, other, {}, node)
            for term, weight in _say_of(other):
                _add(tally, term, weight, pod, namespace_labels, node)
    return tally or None


def _signed(
    snapshot: Snapshot, terms: Iterable[WeightedTerm], sign: int
) -> list[tuple[AffinityTerm, int]]:
    return [(snapshot.resolve_term(item.term), sign * item.weight) for item in terms]


def _say_of(other: PodInfo) -> Iterable[tuple[AffinityTerm, int]]:
    """Yield the terms of an existing pod with what they weigh for a pod that matches them."""
    for term in other.required_affinity_terms:
        yield term, HARD_POD_AFFINITY_WEIGHT
    for item in other.preferred_affinity_terms:
        yield item.term, item.weight
    for item in other.preferred_anti_affinity_terms:
        yield item.term, -item.weight


def _add(
    tally: dict[Domain, int],
    term: AffinityTerm,
    weight: int,
    target: PodInfo,
    namespace_labels: Mapping[str, str],
    node: NodeInfo,
) -> None:
    value = node.labels.get(term.topology_key)
    if value is None or not term.matches(target.namespace, target.labels, namespace_labels):
        return
    domain = (term.topology_key, value)
    tally[domain] = tally.get(domain, 0) + weight


def score(tally: DomainScores, node: NodeInfo) -> int:
    """Return the sum of the weights of all domains the node lies in; may be negative."""
    return sum(tally.get(domain, 0) for domain in node.labels.items())


def normalize(raw: Mapping[str, int]) -> dict[str, int]:
    """Spread the scores over 0 to 100 from the lowest to the highest; all 0 when they are equal.

    Computed in floating point as upstream does, and cut off to an integer.
    """
    lowest, highest = min(raw.values(), default=0), max(raw.values(), default=0)
    if highest == lowest:
        return dict.fromkeys(raw, 0)
    return {
        name: int(100.0 * ((value - lowest) / (highest - lowest))) for name, value in raw.items()
    }

"""InterPodAffinity: pods that must, must not, or would rather share a domain with other pods.

Source: `pkg/scheduler/framework/plugins/interpodaffinity/`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.scheduling.affinity_terms import AffinityTerm, WeightedTerm
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import (
    SUCCESS,
    Plugin,
    PluginScores,
    Prepared,
    Status,
    unresolvable,
    unschedulable,
)
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

# The required terms: three checks, of which the third is the existing pods' say.
#
# Source: `pkg/scheduler/framework/plugins/interpodaffinity/filtering.go`.


Domain = tuple[str, str]
"""A topology key and its value."""
Counts = Mapping[Domain, int]
"""Matches of terms by domain; a domain without matches is not in it."""

AFFINITY = unresolvable("node(s) didn't match pod affinity rules")
ANTI_AFFINITY = unschedulable("node(s) didn't match pod anti-affinity rules")
EXISTING_ANTI_AFFINITY = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")


@dataclass(frozen=True, slots=True)
class AffinityState:
    """Domains the incoming pod needs, must avoid, and is kept out of."""

    affinity_terms: Sequence[AffinityTerm]
    """The pod's required affinity, with namespace selectors resolved."""
    anti_affinity_terms: Sequence[AffinityTerm]
    namespace_labels: Mapping[str, str]
    """Labels of the pod's namespace, against which existing pods' terms are matched."""
    affinity: Counts
    anti_affinity: Counts
    existing_anti_affinity: Counts


def pre_filter(snapshot: Snapshot, pod: PodInfo) -> AffinityState | None:
    """Count matches over the whole cluster; None when no required term concerns the pod."""
    namespace_labels = snapshot.get_namespace_labels(pod.namespace)
    affinity_terms = snapshot.resolve_terms(pod.required_affinity_terms)
    anti_affinity_terms = snapshot.resolve_terms(pod.required_anti_affinity_terms)
    existing = _count_existing(snapshot, pod, namespace_labels)
    if not (existing or affinity_terms or anti_affinity_terms):
        return None
    affinity: dict[Domain, int] = {}
    anti_affinity: dict[Domain, int] = {}
    if affinity_terms or anti_affinity_terms:
        for node in snapshot.nodes.values():
            for other in node.pods:
                _add_if_all_match(affinity, affinity_terms, other, node, 1)
                _add_each_match(anti_affinity, anti_affinity_terms, other, {}, node, 1)
    return AffinityState(
        affinity_terms, anti_affinity_terms, namespace_labels, affinity, anti_affinity, existing
    )


def _count_existing(
    snapshot: Snapshot, pod: PodInfo, namespace_labels: Mapping[str, str]
) -> dict[Domain, int]:
    counts: dict[Domain, int] = {}
    for node in snapshot.nodes_with_required_anti_affinity:
        for other in node.pods_with_required_anti_affinity:
            terms = other.required_anti_affinity_terms
            _add_each_match(counts, terms, pod, namespace_labels, node, 1)
    return counts


def _add_if_all_match(
    counts: dict[Domain, int],
    terms: Sequence[AffinityTerm],
    target: PodInfo,
    node: NodeInfo,
    delta: int,
) -> None:
    """Count `target` in the domain of every term if it matches all of them."""
    if matches_all_terms(terms, target):
        for term in terms:
            _add(counts, term, node, delta)


def _add_each_match(
    counts: dict[Domain, int],
    terms: Iterable[AffinityTerm],
    target: PodInfo,
    namespace_labels: Mapping[str, str],
    node: NodeInfo,
    delta: int,
) -> None:
    """Count `target` in the domain of each term it matches."""
    for term in terms:
        if term.matches(target.namespace, target.labels, namespace_labels):
            _add(counts, term, node, delta)


def _add(counts: dict[Domain, int], term: AffinityTerm, node: NodeInfo, delta: int) -> None:
    value = node.labels.get(term.topology_key)
    if value is not None:
        domain = (term.topology_key, value)
        counts[domain] = counts.get(domain, 0) + delta
        if counts[domain] == 0:
            del counts[domain]


def matches_all_terms(terms: Sequence[AffinityTerm], target: PodInfo) -> bool:
    """Tell whether there are terms and `target` matches every one of them."""
    return bool(terms) and all(term.matches(target.namespace, target.labels, {}) for term in terms)


def update(
    state: AffinityState, pod: PodInfo, other: PodInfo, node: NodeInfo, delta: int
) -> AffinityState:
    """Return the state with `other` added to (delta 1) or removed from (-1) the node."""
    affinity, anti_affinity = dict(state.affinity), dict(state.anti_affinity)
    existing = dict(state.existing_anti_affinity)
    terms = other.required_anti_affinity_terms
    _add_each_match(existing, terms, pod, state.namespace_labels, node, delta)
    _add_if_all_match(affinity, state.affinity_terms, other, node, delta)
    _add_each_match(anti_affinity, state.anti_affinity_terms, other, {}, node, delta)
    return AffinityState(
        state.affinity_terms,
        state.anti_affinity_terms,
        state.namespace_labels,
        affinity,
        anti_affinity,
        existing,
    )


def filter_node(state: AffinityState, pod: PodInfo, node: NodeInfo) -> Status:
    """Check the pod's affinity, then its anti-affinity, then the existing pods' anti-affinity."""
    if not _is_affinity_satisfied(state, pod, node):
        return AFFINITY
    if not _is_anti_affinity_satisfied(state, node):
        return ANTI_AFFINITY
    if not _is_existing_anti_affinity_satisfied(state, node):
        return EXISTING_ANTI_AFFINITY
    return SUCCESS


def _is_affinity_satisfied(state: AffinityState, pod: PodInfo, node: NodeInfo) -> bool:
    """Every term has its key on the node and a pod matching all terms in that domain.

    The first pod of a group that wants to be near itself may go anywhere that has all keys: no
    pod of the cluster matches, and the pod matches its own terms.
    """
    if not state.affinity_terms:
        return True
    domains = [(t.topology_key, node.labels.get(t.topology_key)) for t in state.affinity_terms]
    found = True
    for key, value in domains:
        if value is None:
            return False
        found &= state.affinity.get((key, value), 0) > 0
    return found or (not state.affinity and matches_all_terms(state.affinity_terms, pod))


def _is_anti_affinity_satisfied(state: AffinityState, node: NodeInfo) -> bool:
    """No term finds a match in the node's domain; a node without the key has no domain."""
    if not state.anti_affinity:
        return True
    for term in state.anti_affinity_terms:
        value = node.labels.get(term.topology_key)
        if value is not None and state.anti_affinity.get((term.topology_key, value), 0) > 0:
            return False
    return True


def _is_existing_anti_affinity_satisfied(state: AffinityState, node: NodeInfo) -> bool:
    """None of the node's labels is a domain that an existing pod keeps the incoming one out of."""
    existing = state.existing_anti_affinity
    if not existing:
        return True
    return all(existing.get(domain, 0) <= 0 for domain in node.labels.items())


class InterPodAffinity(Plugin[AffinityState]):
    """spec.affinity.podAffinity and podAntiAffinity."""

    name = "InterPodAffinity"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[AffinityState]:
        """Count matches over the whole cluster; skip when no required term concerns the pod."""
        return Prepared.of(pre_filter(snapshot, pod))

    def update(
        self, state: AffinityState, pod: PodInfo, other: PodInfo, node: NodeInfo, delta: int
    ) -> AffinityState:
        """Count the matches of `other`."""
        return update(state, pod, other, node, delta)

    def filter(
        self, snapshot: Snapshot, pod: PodInfo, state: AffinityState, node: NodeInfo
    ) -> Status:
        """Check the required terms of the pod, and those of existing pods against it."""
        return filter_node(state, pod, node)

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores | None:
        """Sum the weights of preferred terms; skip when no term matched anywhere."""
        tally = pre_score(snapshot, pod)
        if tally is None:
            return None
        raw = {node.name: score(tally, node) for node in candidates}
        return PluginScores(raw, normalize(raw))


# The preferred terms, of the incoming pod and of the existing pods, summed by domain.
#
# Source: `pkg/scheduler/framework/plugins/interpodaffinity/scoring.go`.


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
                _add_weight(tally, term, weight, other, {}, node)
            for term, weight in _say_of(other):
                _add_weight(tally, term, weight, pod, namespace_labels, node)
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


def _add_weight(
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

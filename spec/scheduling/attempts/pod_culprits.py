"""Which pods, terms and domains keep a pod off a node: affinity and spreading."""

from collections.abc import Iterator, Sequence

from planespec.spec.scheduling.affinity_terms import AffinityTerm
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugins.inter_pod_affinity import AffinityState, matches_all_terms
from planespec.spec.scheduling.plugins.pod_topology_spread.spread_filtering import (
    SpreadState,
    get_skew,
)
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot


def name_affinity_culprits(
    snapshot: Snapshot, pod: PodInfo, state: AffinityState, node: NodeInfo
) -> Iterator[str]:
    """Yield the terms of the pod that fail, and the pods whose terms keep it away."""
    yield from _name_unmet(snapshot, pod, state, node)
    for number, term in enumerate(state.anti_affinity_terms, 1):
        for other in _list_in_domain(snapshot, node, term):
            if term.matches(other.namespace, other.labels, {}):
                count = f"{number} of {len(state.anti_affinity_terms)}"
                yield f"anti-affinity term {count} matches pod {other.key}, {_where(node, term)}"
    yield from _name_keepers(snapshot, pod, state, node)


def _name_unmet(
    snapshot: Snapshot, pod: PodInfo, state: AffinityState, node: NodeInfo
) -> Iterator[str]:
    terms = state.affinity_terms
    is_first = not state.affinity and matches_all_terms(terms, pod)
    for number, term in enumerate(terms, 1):
        prefix = f"affinity term {number} of {len(terms)} ({term.selector})"
        value = node.labels.get(term.topology_key)
        if value is None:
            yield f"{prefix}: the node has no label {term.topology_key}"
        elif not is_first and not state.affinity.get((term.topology_key, value)):
            yield f"{prefix}: no pod matches {_where(node, term)}"


def _name_keepers(
    snapshot: Snapshot, pod: PodInfo, state: AffinityState, node: NodeInfo
) -> Iterator[str]:
    """Yield the existing pods whose required anti-affinity keeps the pod out of the domains."""
    for other_node in snapshot.nodes_with_required_anti_affinity:
        for other in other_node.pods_with_required_anti_affinity:
            for term in other.required_anti_affinity_terms:
                value = other_node.labels.get(term.topology_key)
                is_near = value is not None and node.labels.get(term.topology_key) == value
                if is_near and term.matches(pod.namespace, pod.labels, state.namespace_labels):
                    yield (
                        f"pod {other.key} keeps pods that match {term.selector} away, "
                        f"{_where(node, term)}"
                    )


def _list_in_domain(snapshot: Snapshot, node: NodeInfo, term: AffinityTerm) -> Iterator[PodInfo]:
    value = node.labels.get(term.topology_key)
    if value is None:
        return
    for other in snapshot.nodes.values():
        if other.labels.get(term.topology_key) == value:
            yield from other.pods


def _where(node: NodeInfo, term: AffinityTerm) -> str:
    return f"in {term.topology_key}={node.labels.get(term.topology_key)}"


def name_spread_culprits(
    snapshot: Snapshot, pod: PodInfo, state: SpreadState, node: NodeInfo
) -> Sequence[str]:
    """Return the constraints that the pod would break on the node, with the counts."""
    found = []
    for number, (constraint, counts) in enumerate(
        zip(state.constraints, state.counts, strict=True), 1
    ):
        key = constraint.topology_key
        prefix = f"spread constraint {number} of {len(state.constraints)}"
        domain = node.labels.get(key)
        if domain is None:
            found.append(f"{prefix}: the node has no label {key}")
            continue
        skew, least = get_skew(constraint, counts, pod, domain)
        if skew > constraint.max_skew:
            few = ""
            if len(counts) < constraint.min_domains:
                few = f", and {len(counts)} of minDomains {constraint.min_domains} domains"
            found.append(
                f"{prefix}: {key}={domain} has {counts.get(domain, 0)} matching pods, the fewest "
                f"are {least}{few}; the skew would be {skew}, maxSkew is {constraint.max_skew}"
            )
    return found

"""Which pods, terms and domains keep a pod off a node: affinity and spreading.

On a large cluster many nodes are rejected for the same pods: those are looked for once.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from planespec.spec.scheduling.affinity_terms import AffinityTerm
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugins.inter_pod_affinity import (
    AffinityState,
    Domain,
    matches_all_terms,
)
from planespec.spec.scheduling.plugins.pod_topology_spread.spread_filtering import (
    SpreadState,
    get_skew,
)
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

MOST_NAMED = 5
"""Culprits named for one plugin on one node; the rest are counted."""


class More(NamedTuple):
    """Culprits that are not named any more."""

    left: int


class _Keeper(NamedTuple):
    """A pod that keeps others away by one of its terms."""

    number: int
    """Its place among all."""
    pod: PodInfo
    term: AffinityTerm


def name_pods(begin: str, pods: Sequence[PodInfo], end: str = "") -> Iterator[str | More]:
    """Name the first of many pods, and tell how many follow."""
    yield from (f"{begin} {pod.key}{end}" for pod in pods[:MOST_NAMED])
    yield More(max(len(pods) - MOST_NAMED, 0))


def name_affinity_culprits(
    snapshot: Snapshot, pod: PodInfo, state: AffinityState, node: NodeInfo
) -> Iterator[str | More]:
    """Yield the terms of the pod that fail, and the pods whose terms keep it away."""
    yield from _name_unmet(snapshot, pod, state, node)
    for number, term in enumerate(state.anti_affinity_terms, 1):
        matches = snapshot.derive(_find_matches, term)
        found = matches.get(node.labels.get(term.topology_key, ""), ())
        begin = f"anti-affinity term {number} of {len(state.anti_affinity_terms)} matches pod"
        yield from name_pods(begin, found, f", {_where(node, term)}")
    keepers = snapshot.derive(_find_keepers, pod)
    near = [keepers[domain] for domain in node.labels.items() if domain in keepers]
    first = sorted(chain(*(each[:MOST_NAMED] for each in near)), key=lambda each: each.number)
    yield from (_write_keeper(each, node) for each in first[:MOST_NAMED])
    yield More(sum(map(len, near)) - len(first[:MOST_NAMED]))


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


def _find_matches(snapshot: Snapshot, term: AffinityTerm) -> Mapping[str, Sequence[PodInfo]]:
    """Return the pods that a term of anti-affinity matches, by the value of its topology key."""
    found: dict[str, list[PodInfo]] = {}
    for node in snapshot.nodes.values():
        value = node.labels.get(term.topology_key)
        if value is not None:
            found.setdefault(value, []).extend(
                other for other in node.pods if term.matches(other.namespace, other.labels, {})
            )
    return found


def _find_keepers(snapshot: Snapshot, pod: PodInfo) -> Mapping[Domain, Sequence[_Keeper]]:
    """Return the existing pods whose required anti-affinity keeps the pod out, by domain."""
    found: dict[Domain, list[_Keeper]] = {}
    namespace_labels, number = snapshot.get_namespace_labels(pod.namespace), 0
    for node in snapshot.nodes_with_required_anti_affinity:
        for other in node.pods_with_required_anti_affinity:
            for term in other.required_anti_affinity_terms:
                value = node.labels.get(term.topology_key)
                if value is None or not term.matches(pod.namespace, pod.labels, namespace_labels):
                    continue
                number += 1
                rows = found.setdefault((term.topology_key, value), [])
                rows.append(_Keeper(number, other, term))
    return found


def _write_keeper(keeper: _Keeper, node: NodeInfo) -> str:
    away = f"keeps pods that match {keeper.term.selector} away, {_where(node, keeper.term)}"
    return f"pod {keeper.pod.key} {away}"


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

"""SCHED-5 on a snapshot, as far as it is about pairs of pods: affinity and anti-affinity.

Source: `pkg/scheduler/framework/plugins/interpodaffinity/filtering.go`.
"""

from collections.abc import Iterator, Mapping, Sequence

from planespec.spec.cluster.cluster_requirements import CONSTRAINTS, Violation
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.snapshot_records import PodRecord
from planespec.spec.labels import SelectorError
from planespec.spec.requirement import Level, judges
from planespec.spec.scheduling.affinity_terms import AffinityTerm, read_required_terms


class Neighbourhood:
    """The pods of a snapshot by the terms that match them, and the domains of its nodes."""

    def __init__(self, cluster: Cluster) -> None:
        """Compute domains when a topology key is first asked for."""
        self.cluster = cluster
        self._domains: dict[str, Mapping[str, str]] = {}
        self._matches: dict[tuple[AffinityTerm, ...], list[Sequence[PodRecord]]] = {}
        self._settled: dict[AffinityTerm, dict[str | None, list[PodRecord]]] = {}
        self._terms: dict[tuple[int, int, str, str], Sequence[AffinityTerm]] = {}

    def get_domain(self, pod: PodRecord, key: str) -> str | None:
        """Return the domain of the pod's node; None where the node has none."""
        if key not in self._domains:
            nodes = self.cluster.nodes.items()
            self._domains[key] = {n: node.labels[key] for n, node in nodes if key in node.labels}
        return self._domains[key].get(pod.node)

    def read_terms(
        self, pod: PodRecord, kind: str, namespace: str, labels: Mapping[str, str]
    ) -> Sequence[AffinityTerm]:
        """Return the terms that a pod requires, read once for all pods that are alike in it."""
        key = (id(pod.template), id(labels), namespace, kind)
        if key not in self._terms:
            self._terms[key] = _read_terms(pod, kind, namespace, labels)
        return self._terms[key]

    def find_settled(self, term: AffinityTerm, domain: str) -> Sequence[PodRecord]:
        """Return the settled pods of a domain that the term matches."""
        if term not in self._settled:
            found = self._settled[term] = {}
            for pod in self.find_matches([term]):
                if _is_settled(pod):
                    found.setdefault(self.get_domain(pod, term.topology_key), []).append(pod)
        return self._settled[term].get(domain, ())

    def find_matches(self, terms: Sequence[AffinityTerm]) -> Iterator[PodRecord]:
        """Yield the pods that every one of the terms matches."""
        key = tuple(terms)  # the same for all replicas of a workload
        if key not in self._matches:
            self._matches[key] = list(self._find_groups(terms))
        for pods in self._matches[key]:
            yield from pods

    def _find_groups(self, terms: Sequence[AffinityTerm]) -> Iterator[Sequence[PodRecord]]:
        for namespace, groups in self.cluster.pod_groups.items():
            known = self.cluster.namespace_labels.get(namespace, {})
            if not all(term.reaches(namespace, known) for term in terms):
                continue
            for labels, pods in groups.values():
                if all(term.selector.matches(labels) for term in terms):
                    yield pods


@judges(Level.SNAPSHOT, CONSTRAINTS)
def judge_affinity(cluster: Cluster) -> Iterator[Violation]:
    """Compare the pods of each domain with what they require of each other.

    Required affinity is for scheduling alone, and the pod it asked for may have gone since. So it
    is judged only where such pods still are, all of them elsewhere.
    """
    neighbourhood = Neighbourhood(cluster)
    for pod, namespace, labels in _list_demanding(cluster):
        if pod.template.has_anti_affinity:
            terms = neighbourhood.read_terms(pod, "podAntiAffinity", namespace, labels)
            yield from _judge_anti_affinity(neighbourhood, pod, terms)
        if pod.template.has_pod_affinity:
            terms = neighbourhood.read_terms(pod, "podAffinity", namespace, labels)
            yield from _judge_pod_affinity(neighbourhood, pod, terms)


def _list_demanding(cluster: Cluster) -> Iterator[tuple[PodRecord, str, Mapping[str, str]]]:
    """Yield the pods on nodes that say anything of other pods; most say nothing."""
    asks: dict[int, bool] = {}
    for namespace, groups in cluster.pod_groups.items():
        for labels, pods in groups.values():
            for pod in pods:
                template = pod.template
                if id(template) not in asks:
                    asks[id(template)] = template.has_anti_affinity or template.has_pod_affinity
                is_there = _is_settled(pod) and pod.node in cluster.nodes
                if asks[id(template)] and is_there and not pod.is_mirror:
                    yield pod, namespace, labels


def _is_settled(pod: PodRecord) -> bool:
    return bool(pod.node) and not pod.is_terminal and not pod.is_deleting


def _read_terms(
    pod: PodRecord, kind: str, namespace: str, labels: Mapping[str, str]
) -> Sequence[AffinityTerm]:
    """Read the required terms; a label of the pod that no selector may hold leaves none.

    Such labels come in by matchLabelKeys, and are violations of OBJ-2.
    """
    try:
        return read_required_terms(pod.template.affinity_view.view(kind), namespace, labels)
    except SelectorError:
        return ()


def _judge_anti_affinity(
    neighbourhood: Neighbourhood, pod: PodRecord, terms: Sequence[AffinityTerm]
) -> Iterator[Violation]:
    """Look for settled pods in the pod's domain that a term keeps away."""
    for term in terms:
        domain = neighbourhood.get_domain(pod, term.topology_key)
        if domain is None:
            continue
        for other in neighbourhood.find_settled(term, domain):
            if other is not pod:
                where = f"{term.topology_key} {domain}"
                message = f"required anti-affinity to {other.reference}, both in {where}"
                objects = (pod.reference, other.reference)
                yield CONSTRAINTS.violated(*objects, message=message, field="spec.affinity")


def _judge_pod_affinity(
    neighbourhood: Neighbourhood, pod: PodRecord, terms: Sequence[AffinityTerm]
) -> Iterator[Violation]:
    """Look in the pod's domains for one that matches all terms, as the scheduler does."""
    for key in dict.fromkeys(term.topology_key for term in terms):
        domain = neighbourhood.get_domain(pod, key)
        if domain is not None and any(
            neighbourhood.get_domain(other, key) == domain
            for other in _find_partners(neighbourhood, pod, terms)
        ):
            continue
        partners = list(_find_partners(neighbourhood, pod, terms))
        objects = (pod.reference, *(other.reference for other in partners))
        if domain is None:
            message = f"required affinity by {key}, which node {pod.node} does not have"
            yield CONSTRAINTS.violated(*objects[:1], message=message, field="spec.affinity")
        elif partners:
            message = f"required affinity: {len(partners)} matching pods, none in {key} {domain}"
            yield CONSTRAINTS.violated(*objects, message=message, field="spec.affinity")


def _find_partners(
    neighbourhood: Neighbourhood, pod: PodRecord, terms: Sequence[AffinityTerm]
) -> Iterator[PodRecord]:
    """Yield the other pods on nodes that match all terms."""
    for other in neighbourhood.find_matches(terms):
        if other is not pod and other.node and not other.is_terminal:
            yield other

"""The cluster as one scheduling attempt sees it: nodes with their pods, and what pods refer to.

Source: `pkg/scheduler/backend/cache/snapshot.go`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from planespec.spec.labels import NOTHING, Selector
from planespec.spec.scheduling.affinity_terms import AffinityTerm
from planespec.spec.scheduling.listers import Owners, Storage
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo


@dataclass(frozen=True, slots=True)
class DisruptionBudget:
    """A PodDisruptionBudget: which pods it guards and how many disruptions are left."""

    namespace: str
    selector: Selector
    disruptions_allowed: int
    disrupted_pods: frozenset[str] = frozenset()
    """Names of pods whose eviction the API server has granted already."""

    def matches(self, namespace: str, labels: Mapping[str, str]) -> bool:
        """Tell whether a pod is guarded; an empty selector guards none here."""
        return (
            namespace == self.namespace
            and not self.selector.is_empty
            and self.selector.matches(labels)
        )


@dataclass(frozen=True)
class Snapshot:
    """All the rules read besides the pod itself; built by `cluster.build_snapshot`."""

    nodes: Mapping[str, NodeInfo]
    """By name, in the order in which the scheduler would walk them."""
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Labels by namespace."""
    storage: Storage = field(default_factory=Storage)
    owners: Owners = field(default_factory=Owners)
    nominated: Sequence[PodInfo] = ()
    """Pending pods for which preemption made room."""
    disruption_budgets: Sequence[DisruptionBudget] = ()

    @cached_property
    def image_node_counts(self) -> Mapping[str, int]:
        """How many nodes hold an image, by every name."""
        return Counter(name for node in self.nodes.values() for name in node.image_sizes)

    @cached_property
    def nodes_with_affinity(self) -> Sequence[NodeInfo]:
        """Nodes with pods that have pod affinity or anti-affinity."""
        return [node for node in self.nodes.values() if node.pods_with_affinity]

    @cached_property
    def nodes_with_required_anti_affinity(self) -> Sequence[NodeInfo]:
        """Nodes with pods that keep others away."""
        return [node for node in self.nodes_with_affinity if node.pods_with_required_anti_affinity]

    @cached_property
    def _nominated_by_node(self) -> Mapping[str, Sequence[PodInfo]]:
        by_node: dict[str, list[PodInfo]] = {}
        for pod in self.nominated:
            by_node.setdefault(pod.nominated_node_name, []).append(pod)
        return by_node

    @cached_property
    def used_claims(self) -> Counter[str]:
        """How many pods on nodes use a claim, by namespace/name."""
        return Counter(
            f"{pod.namespace}/{claim}"
            for node in self.nodes.values()
            for pod in node.pods
            for claim in pod.claim_names
        )

    def nominated_to(self, node: str) -> Sequence[PodInfo]:
        """Return the pods nominated to the node."""
        return self._nominated_by_node.get(node, ())

    def get_namespace_labels(self, namespace: str) -> Mapping[str, str]:
        """Return the labels of a namespace; none where it is not known."""
        return self.namespaces.get(namespace, {})

    def resolve_terms(self, terms: Iterable[AffinityTerm]) -> Sequence[AffinityTerm]:
        """Return the terms with each namespace selector replaced by what it matches."""
        return [self.resolve_term(term) for term in terms]

    def resolve_term(self, term: AffinityTerm) -> AffinityTerm:
        """Replace a namespace selector by the namespaces it matches now.

        A selector of all namespaces stays: it also means those the scheduler does not know.
        Source: `pkg/scheduler/framework/plugins/interpodaffinity/plugin.go`,
        mergeAffinityTermNamespacesIfNotEmpty.
        """
        if term.namespace_selector.is_empty or term.namespace_selector == NOTHING:
            return term
        found = {
            n for n, labels in self.namespaces.items() if term.namespace_selector.matches(labels)
        }
        return replace(term, namespaces=term.namespaces | found, namespace_selector=NOTHING)

    def get_default_selector(self, pod: PodInfo) -> Selector:
        """Return what selects the pod's peers: its services' and its controller's selectors."""
        return self.owners.get_peer_selector(pod.pod)

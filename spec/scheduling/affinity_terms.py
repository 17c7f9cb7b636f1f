"""Affinity a pod requires: of nodes, and terms on the pods in a domain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from planespec.spec.labels import (
    Operator,
    Selector,
    SelectorError,
    make_requirement,
    read_label_selector,
)
from planespec.spec.labels.selector import join_errors
from planespec.spec.objects import View
from planespec.spec.pods.node_selection import (
    NodeSelector,
    NodeSelectorTerm,
    is_empty_term,
    read_node_selector,
    read_node_selector_term,
)


@dataclass(frozen=True, slots=True)
class AffinityTerm:
    """Pods that `selector` matches in `namespaces`, or in a namespace with matching labels."""

    selector: Selector
    namespaces: frozenset[str]
    namespace_selector: Selector
    topology_key: str

    def matches(
        self, namespace: str, labels: Mapping[str, str], namespace_labels: Mapping[str, str]
    ) -> bool:
        """Tell whether a pod of this namespace and these labels is meant."""
        return self.reaches(namespace, namespace_labels) and self.selector.matches(labels)

    def reaches(self, namespace: str, namespace_labels: Mapping[str, str]) -> bool:
        """Tell whether pods of a namespace can be meant at all."""
        return namespace in self.namespaces or self.namespace_selector.matches(namespace_labels)


class WeightedTerm(NamedTuple):
    """A preferred term and its weight, 1 to 100."""

    term: AffinityTerm
    weight: int


def read_required_terms(
    view: View, namespace: str, labels: Mapping[str, str]
) -> Sequence[AffinityTerm]:
    """Read the required terms of `podAffinity` or `podAntiAffinity` of a pod."""
    terms = view.views("requiredDuringSchedulingIgnoredDuringExecution")
    return [_read_term(term, namespace, labels) for term in terms]


def read_preferred_terms(
    view: View, namespace: str, labels: Mapping[str, str]
) -> Sequence[WeightedTerm]:
    """Read the preferred terms of `podAffinity` or `podAntiAffinity` of a pod."""
    return [
        WeightedTerm(
            _read_term(item.view("podAffinityTerm"), namespace, labels),
            item.integer("weight") or 0,
        )
        for item in view.views("preferredDuringSchedulingIgnoredDuringExecution")
    ]


def _read_term(view: View, namespace: str, labels: Mapping[str, str]) -> AffinityTerm:
    """Read one term; without namespaces and namespace selector it means the pod's own."""
    namespaces = frozenset(view.texts("namespaces"))
    if not namespaces and not view.has("namespaceSelector"):
        namespaces = frozenset({namespace})
    return AffinityTerm(
        _merge_label_keys(view, labels),
        namespaces,
        read_label_selector(view.data.get("namespaceSelector"), view.path("namespaceSelector")),
        view.text("topologyKey"),
    )


def _merge_label_keys(view: View, labels: Mapping[str, str]) -> Selector:
    """Return the selector with matchLabelKeys and mismatchLabelKeys worked in.

    The API server does this when a pod is created (`pkg/registry/core/pod/strategy.go`,
    applyLabelKeysToLabelSelector), so for stored pods it repeats what the selector says. Keys the
    pod does not carry are left out, and a term without a selector stays without.
    """
    selector = read_label_selector(view.data.get("labelSelector"), view.path("labelSelector"))
    return selector.with_requirements(
        make_requirement(key, operator, [labels[key]])
        for field, operator in (
            ("matchLabelKeys", Operator.IN),
            ("mismatchLabelKeys", Operator.NOT_IN),
        )
        for key in view.texts(field)
        if key in labels
    )


@dataclass(frozen=True, slots=True)
class RequiredNodeAffinity:
    """Labels that must be there exactly, and terms of which one must match."""

    labels: Mapping[str, str]
    terms: NodeSelector | None
    """None where the pod has no required node affinity."""

    def matches(self, name: str, labels: Mapping[str, str]) -> bool:
        """Tell whether a node of this name and these labels is allowed.

        Terms with errors match nothing and hide no other term.
        """
        if any(labels.get(key) != value for key, value in self.labels.items()):
            return False
        if self.terms is None:
            return True
        return any(term.matches(name, labels) for term in self.terms.terms)


def read_required_node_affinity(spec: View) -> RequiredNodeAffinity:
    """Read what a pod's `spec` requires of its node."""
    affinity = spec.view("affinity").view("nodeAffinity")
    field = "requiredDuringSchedulingIgnoredDuringExecution"
    terms = read_node_selector(affinity.data[field]) if affinity.has(field) else None
    return RequiredNodeAffinity(spec.text_map("nodeSelector"), terms)


def read_preferred_node_terms(spec: View) -> Sequence[tuple[NodeSelectorTerm, int]]:
    """Read the preferred terms with their weights; empty ones and weight 0 are left out.

    Raises SelectorError when any of them has errors, which upstream finds out only when it scores.
    """
    affinity = spec.view("affinity").view("nodeAffinity")
    found = []
    for index, item in enumerate(
        affinity.views("preferredDuringSchedulingIgnoredDuringExecution")
    ):
        weight, preference = item.integer("weight") or 0, item.view("preference")
        if weight and not is_empty_term(preference):
            found.append((read_node_selector_term(preference, f"[{index}]"), weight))
    errors = [error for term, _ in found for error in term.errors]
    if errors:
        raise SelectorError(join_errors(errors))
    return found

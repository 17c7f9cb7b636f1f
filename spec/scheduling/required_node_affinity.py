"""What a pod requires of its node's labels and name: nodeSelector and required node affinity.

Source: `component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go`,
RequiredNodeAffinity and PreferredSchedulingTerms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.labels import SelectorError
from planespec.spec.labels.requirement import join_errors
from planespec.spec.node_selector import (
    NodeSelector,
    NodeSelectorTerm,
    is_empty_term,
    read_node_selector,
    read_node_selector_term,
)
from planespec.spec.objects import View


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

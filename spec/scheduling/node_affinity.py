"""NodeAffinity: nodeSelector and node affinity, required and preferred.

Source: `pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go`.
"""

from collections.abc import Sequence

from planespec.spec.node_selector import NodeSelectorTerm
from planespec.spec.objects import View
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.required_node_affinity import read_preferred_node_terms
from planespec.spec.scheduling.status import SKIP, SUCCESS, Status, unresolvable

NAME = "NodeAffinity"
MISMATCH = unresolvable("node(s) didn't match Pod's node affinity/selector")
CONFLICT = unresolvable("pod affinity terms conflict")
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"

PreferredTerms = Sequence[tuple[NodeSelectorTerm, int]]


def pre_filter(pod: PodInfo) -> tuple[Status, frozenset[str] | None]:
    """Skip pods without requirements; return the only nodes that come into question, if named.

    Nodes are named when every required term says metadata.name In; the values of one term must
    all hold, the terms are alternatives. Terms that contradict themselves reject the pod.
    """
    affinity = pod.affinity.view("nodeAffinity")
    if not affinity.has(REQUIRED):
        return (SUCCESS if pod.pod.spec.has("nodeSelector") else SKIP), None
    named: set[str] = set()
    terms = affinity.view(REQUIRED).views("nodeSelectorTerms")
    for term in terms:
        names = _get_names(term)
        if names is None:
            return SUCCESS, None
        named |= names
    if not terms:
        return SUCCESS, None
    return (SUCCESS, frozenset(named)) if named else (CONFLICT, None)


def _get_names(term: View) -> set[str] | None:
    """Return the node names a term allows by metadata.name, None where it does not say."""
    names: set[str] | None = None
    for field in term.views("matchFields"):
        if field.text("key") == "metadata.name" and field.text("operator") == "In":
            values = set(field.texts("values"))
            names = values if names is None else names & values
    return names


def filter_node(pod: PodInfo, node: NodeInfo) -> Status:
    """Reject a node that the node selector or the required terms exclude."""
    return SUCCESS if pod.required_node_affinity.matches(node.name, node.labels) else MISMATCH


def pre_score(pod: PodInfo) -> PreferredTerms | None:
    """Return the preferred terms, None when the pod has none.

    Raises SelectorError when a term cannot be read; API validation accepts some of those.
    """
    affinity = pod.affinity.view("nodeAffinity")
    if not affinity.items("preferredDuringSchedulingIgnoredDuringExecution"):
        return None
    return read_preferred_node_terms(pod.pod.spec)


def score(terms: PreferredTerms, node: NodeInfo) -> int:
    """Return the sum of the weights of the preferred terms that match the node."""
    return sum(weight for term, weight in terms if term.matches(node.name, node.labels))

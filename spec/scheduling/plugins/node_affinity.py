"""NodeAffinity: nodeSelector and node affinity, required and preferred.

Source: `pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go`.
"""

from collections.abc import Sequence

from planespec.spec.objects import View
from planespec.spec.scheduling.affinity_terms import read_preferred_node_terms
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import (
    SKIP,
    SUCCESS,
    Plugin,
    PluginScores,
    Prepared,
    Status,
    normalize_to_highest,
    unresolvable,
)
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

MISMATCH = unresolvable("node(s) didn't match Pod's node affinity/selector")
CONFLICT = unresolvable("pod affinity terms conflict")
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


class NodeAffinity(Plugin[None]):
    """spec.nodeSelector and spec.affinity.nodeAffinity."""

    name = "NodeAffinity"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[None]:
        """Skip pods without requirements; name the only nodes that come into question, if so.

        Nodes are named when every required term says metadata.name In; the values of one term
        must all hold, the terms are alternatives. Terms that contradict themselves reject the pod.
        """
        affinity = pod.affinity.view("nodeAffinity")
        if not affinity.has(REQUIRED):
            return Prepared(SUCCESS if pod.pod.spec.has("nodeSelector") else SKIP)
        named: set[str] = set()
        terms = affinity.view(REQUIRED).views("nodeSelectorTerms")
        for term in terms:
            names = _get_names(term)
            if names is None:
                return Prepared(SUCCESS)
            named |= names
        if not terms:
            return Prepared(SUCCESS)
        return Prepared(SUCCESS, node_names=frozenset(named)) if named else Prepared(CONFLICT)

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Status:
        """Reject a node that the node selector or the required terms exclude."""
        matches = pod.required_node_affinity.matches(node.name, node.labels)
        return SUCCESS if matches else MISMATCH

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores | None:
        """Sum the weights of the preferred terms that match the node."""
        affinity = pod.affinity.view("nodeAffinity")
        if not affinity.items("preferredDuringSchedulingIgnoredDuringExecution"):
            return None
        terms = read_preferred_node_terms(pod.pod.spec)
        raw = {
            node.name: sum(
                weight for term, weight in terms if term.matches(node.name, node.labels)
            )
            for node in candidates
        }
        return PluginScores(raw, normalize_to_highest(raw))


def _get_names(term: View) -> set[str] | None:
    """Return the node names a term allows by metadata.name, None where it does not say."""
    names: set[str] | None = None
    for field in term.views("matchFields"):
        if field.text("key") == "metadata.name" and field.text("operator") == "In":
            values = set(field.texts("values"))
            names = values if names is None else names & values
    return names

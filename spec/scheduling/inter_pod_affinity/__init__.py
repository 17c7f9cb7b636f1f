"""InterPodAffinity: pods that must, must not, or would rather share a domain with other pods.

Source: `pkg/scheduler/framework/plugins/interpodaffinity/`.
"""

from collections.abc import Sequence

from planespec.spec.scheduling.inter_pod_affinity import filtering, scoring
from planespec.spec.scheduling.inter_pod_affinity.filtering import AffinityState
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Plugin, PluginScores, Prepared
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.status import Status


class InterPodAffinity(Plugin[AffinityState]):
    """spec.affinity.podAffinity and podAntiAffinity."""

    name = "InterPodAffinity"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[AffinityState]:
        """Count matches over the whole cluster; skip when no required term concerns the pod."""
        return Prepared.of(filtering.pre_filter(snapshot, pod))

    def update(
        self, state: AffinityState, pod: PodInfo, other: PodInfo, node: NodeInfo, delta: int
    ) -> AffinityState:
        """Count the matches of `other`."""
        return filtering.update(state, pod, other, node, delta)

    def filter(
        self, snapshot: Snapshot, pod: PodInfo, state: AffinityState, node: NodeInfo
    ) -> Status:
        """Check the required terms of the pod, and those of existing pods against it."""
        return filtering.filter_node(state, pod, node)

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores | None:
        """Sum the weights of preferred terms; skip when no term matched anywhere."""
        tally = scoring.pre_score(snapshot, pod)
        if tally is None:
            return None
        raw = {node.name: scoring.score(tally, node) for node in candidates}
        return PluginScores(raw, scoring.normalize(raw))

"""InterPodAffinity: pods that must, must not, or would rather share a domain with other pods.

Source: `pkg/scheduler/framework/plugins/interpodaffinity/`.
"""

from collections.abc import Sequence

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Plugin, PluginScores, Prepared
from planespec.spec.scheduling.plugins.inter_pod_affinity import (
    affinity_filtering,
    affinity_scoring,
)
from planespec.spec.scheduling.plugins.inter_pod_affinity.affinity_filtering import AffinityState
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.status import Status


class InterPodAffinity(Plugin[AffinityState]):
    """spec.affinity.podAffinity and podAntiAffinity."""

    name = "InterPodAffinity"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[AffinityState]:
        """Count matches over the whole cluster; skip when no required term concerns the pod."""
        return Prepared.of(affinity_filtering.pre_filter(snapshot, pod))

    def update(
        self, state: AffinityState, pod: PodInfo, other: PodInfo, node: NodeInfo, delta: int
    ) -> AffinityState:
        """Count the matches of `other`."""
        return affinity_filtering.update(state, pod, other, node, delta)

    def filter(
        self, snapshot: Snapshot, pod: PodInfo, state: AffinityState, node: NodeInfo
    ) -> Status:
        """Check the required terms of the pod, and those of existing pods against it."""
        return affinity_filtering.filter_node(state, pod, node)

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores | None:
        """Sum the weights of preferred terms; skip when no term matched anywhere."""
        tally = affinity_scoring.pre_score(snapshot, pod)
        if tally is None:
            return None
        raw = {node.name: affinity_scoring.score(tally, node) for node in candidates}
        return PluginScores(raw, affinity_scoring.normalize(raw))

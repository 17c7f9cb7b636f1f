"""PodTopologySpread: keep the pods that a selector matches even over zones, nodes, any domain.

Source: `pkg/scheduler/framework/plugins/podtopologyspread/`; KEPs 895, 3022 (minDomains), 3094
(inclusion policies), 3243 (matchLabelKeys).
"""

from collections.abc import Sequence

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Plugin, PluginScores, Prepared, Status
from planespec.spec.scheduling.plugins.pod_topology_spread import (
    spread_filtering,
    spread_scoring,
)
from planespec.spec.scheduling.plugins.pod_topology_spread.spread_filtering import SpreadState
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot


class PodTopologySpread(Plugin[SpreadState]):
    """spec.topologySpreadConstraints, hard and soft."""

    name = "PodTopologySpread"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[SpreadState]:
        """Count the domains of every hard constraint; skip pods without one."""
        return Prepared.of(spread_filtering.pre_filter(snapshot, pod))

    def update(
        self, state: SpreadState, pod: PodInfo, other: PodInfo, node: NodeInfo, delta: int
    ) -> SpreadState:
        """Count `other` where it matches."""
        return spread_filtering.update(state, pod, other, node, delta)

    def filter(
        self, snapshot: Snapshot, pod: PodInfo, state: SpreadState, node: NodeInfo
    ) -> Status:
        """Keep every skew within maxSkew."""
        return spread_filtering.filter_node(state, pod, node)

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores | None:
        """Prefer domains with fewer matching pods; skip pods without a soft constraint."""
        state = spread_scoring.pre_score(snapshot, pod, candidates)
        if state is None:
            return None
        raw = {node.name: spread_scoring.score(state, pod, node) for node in candidates}
        return PluginScores(raw, spread_scoring.normalize(state, raw))

"""TaintToleration: hard taints keep pods away, soft ones cost score.

Source: `pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go`.
"""

from collections.abc import Sequence

from planespec.spec.objects import Taint
from planespec.spec.pods.node_selection import find_untolerated_taint, is_tolerated
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import (
    SUCCESS,
    Plugin,
    PluginScores,
    Status,
    normalize_to_highest,
    unresolvable,
)
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

HARD_EFFECTS = ("NoSchedule", "NoExecute")
SOFT_EFFECT = "PreferNoSchedule"
UNTOLERATED = unresolvable("node(s) had untolerated taint(s)")


def find_untolerated_hard_taint(pod: PodInfo, node: NodeInfo) -> Taint | None:
    """Return the first taint that keeps the pod off the node, or None."""
    if not node.taints:
        return None
    return find_untolerated_taint(
        node.taints, pod.tolerations, lambda taint: taint.effect in HARD_EFFECTS
    )


class TaintToleration(Plugin[None]):
    """Taints of nodes and tolerations of the pod."""

    name = "TaintToleration"

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Status:
        """Reject a node with a NoSchedule or NoExecute taint that the pod does not tolerate."""
        return SUCCESS if find_untolerated_hard_taint(pod, node) is None else UNTOLERATED

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores:
        """Count the untolerated PreferNoSchedule taints; fewer is better."""
        raw = {node.name: _count_untolerated_soft_taints(pod, node) for node in candidates}
        return PluginScores(raw, normalize_to_highest(raw, is_reversed=True))


def _count_untolerated_soft_taints(pod: PodInfo, node: NodeInfo) -> int:
    return sum(
        taint.effect == SOFT_EFFECT and not is_tolerated(taint, pod.tolerations)
        for taint in node.taints
    )

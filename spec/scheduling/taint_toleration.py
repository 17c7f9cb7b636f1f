"""TaintToleration: hard taints keep pods away, soft ones cost score.

Source: `pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go`.
"""

from planespec.spec.objects import Taint
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.status import SUCCESS, Status, unresolvable
from planespec.spec.tolerations import find_untolerated_taint, is_tolerated

NAME = "TaintToleration"
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


def filter_node(pod: PodInfo, node: NodeInfo) -> Status:
    """Reject a node with a NoSchedule or NoExecute taint that the pod does not tolerate."""
    return SUCCESS if find_untolerated_hard_taint(pod, node) is None else UNTOLERATED


def score(pod: PodInfo, node: NodeInfo) -> int:
    """Return the number of untolerated PreferNoSchedule taints; fewer is better."""
    return sum(
        taint.effect == SOFT_EFFECT and not is_tolerated(taint, pod.tolerations)
        for taint in node.taints
    )

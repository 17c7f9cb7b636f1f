"""Which nodes a spread constraint counts, and how many pods on them match.

Source: `pkg/scheduler/framework/plugins/podtopologyspread/common.go`.
"""

from collections.abc import Sequence

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.pod_topology_spread.constraints import Constraint
from planespec.spec.scheduling.taint_toleration import find_untolerated_hard_taint


def has_all_keys(node: NodeInfo, constraints: Sequence[Constraint]) -> bool:
    """Tell whether the node carries the topology key of every constraint; others do not count."""
    labels = node.labels
    return all(constraint.topology_key in labels for constraint in constraints)


def is_node_included(constraint: Constraint, pod: PodInfo, node: NodeInfo) -> bool:
    """Tell whether the constraint's inclusion policies count the node for this pod.

    nodeAffinityPolicy Honor leaves out nodes the pod's node selector and required affinity
    exclude; nodeTaintsPolicy Honor leaves out nodes with taints the pod does not tolerate.
    """
    if constraint.honors_node_affinity and not pod.required_node_affinity.matches(
        node.name, node.labels
    ):
        return False
    return not constraint.honors_node_taints or find_untolerated_hard_taint(pod, node) is None


def count_matching_pods(constraint: Constraint, namespace: str, node: NodeInfo) -> int:
    """Return how many pods of `namespace` on the node the constraint's selector matches.

    An empty selector counts nothing, and pods that are being deleted do not count (#87621).
    """
    selector = constraint.selector
    if selector.is_empty:
        return 0
    return sum(
        other.namespace == namespace
        and not other.is_terminating
        and selector.matches(other.labels)
        for other in node.pods
    )

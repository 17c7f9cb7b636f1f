"""NodeUnschedulable: a cordoned node takes only pods that tolerate it.

Source: `pkg/scheduler/framework/plugins/nodeunschedulable/node_unschedulable.go`.
"""

from planespec.spec.objects import Taint
from planespec.spec.pods.node_selection import is_tolerated
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import SUCCESS, Plugin, Status, unresolvable
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

CORDONED = unresolvable("node(s) were unschedulable")
CORDON_TAINT = Taint("node.kubernetes.io/unschedulable", "", "NoSchedule")
"""The taint a cordon amounts to, also where the node controller has not added it yet."""


class NodeUnschedulable(Plugin[None]):
    """The cordon."""

    name = "NodeUnschedulable"

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Status:
        """Reject a node with spec.unschedulable unless the pod tolerates the cordon."""
        if node.is_unschedulable and not is_tolerated(CORDON_TAINT, pod.tolerations):
            return CORDONED
        return SUCCESS

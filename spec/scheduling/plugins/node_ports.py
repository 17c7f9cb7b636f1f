"""NodePorts: the host ports a pod asks for are free on the node.

Source: `pkg/scheduler/framework/plugins/nodeports/node_ports.go`.
"""

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import SKIP, SUCCESS, Plugin, Prepared, Status, unschedulable
from planespec.spec.scheduling.pod_info import PodInfo, is_port_conflict
from planespec.spec.scheduling.snapshot import Snapshot

CONFLICT = unschedulable("node(s) didn't have free ports for the requested pod ports")


class NodePorts(Plugin[None]):
    """Host ports."""

    name = "NodePorts"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[None]:
        """Skip pods that ask for no host port."""
        return Prepared(SUCCESS if pod.host_ports else SKIP)

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Status:
        """Reject a node on which one of the wanted ports is taken."""
        used = node.used_ports
        if any(is_port_conflict(used, wanted) for wanted in pod.host_ports):
            return CONFLICT
        return SUCCESS

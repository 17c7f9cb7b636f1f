"""NodeName: a pod that names its node runs on no other.

Source: `pkg/scheduler/framework/plugins/nodename/node_name.go`.
"""

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import SUCCESS, Plugin, Status, unresolvable
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

MISMATCH = unresolvable("node(s) didn't match the requested node name")


class NodeName(Plugin[None]):
    """The node that spec.nodeName names."""

    name = "NodeName"

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Status:
        """Reject every node but the one in spec.nodeName, if it names one."""
        return SUCCESS if pod.node_name in ("", node.name) else MISMATCH

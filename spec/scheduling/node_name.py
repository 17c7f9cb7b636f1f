"""NodeName: a pod that names its node runs on no other.

Source: `pkg/scheduler/framework/plugins/nodename/node_name.go`.
"""

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.status import SUCCESS, Status, unresolvable

NAME = "NodeName"
MISMATCH = unresolvable("node(s) didn't match the requested node name")


def filter_node(pod: PodInfo, node: NodeInfo) -> Status:
    """Reject every node but the one in spec.nodeName, if it names one."""
    return SUCCESS if pod.node_name in ("", node.name) else MISMATCH

"""VolumeBinding: bound volumes reach the node, unbound claims find or get a volume there.

Source: `pkg/scheduler/framework/plugins/volumebinding/`; KEP-1845 (storage capacity).
"""

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Plugin, Prepared
from planespec.spec.scheduling.plugins.volume_binding import volume_filtering
from planespec.spec.scheduling.plugins.volume_binding.volume_claims import PodClaims, sort_claims
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.status import Status


class VolumeBinding(Plugin[PodClaims]):
    """The pod's claims; scores only with StorageCapacityScoring, which is off by default."""

    name = "VolumeBinding"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[PodClaims]:
        """Skip pods without claims; reject those with a claim that no node can help."""
        return sort_claims(snapshot, pod)

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: PodClaims, node: NodeInfo) -> Status:
        """Reject a node that a volume cannot reach, or on which a claim cannot be served."""
        return volume_filtering.filter_node(snapshot, state, node)

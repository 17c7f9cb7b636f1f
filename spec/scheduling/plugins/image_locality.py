"""ImageLocality: prefer nodes that already hold the pod's images, large and widespread ones first.

Source: `pkg/scheduler/framework/plugins/imagelocality/image_locality.go`.
"""

from collections.abc import Sequence

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Plugin, PluginScores
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

MEGABYTE = 1024 * 1024
MIN_BYTES = 23 * MEGABYTE
"""Images that sum to less count as nothing."""
MAX_BYTES_PER_CONTAINER = 1000 * MEGABYTE
"""Images that sum to more than this for each container count as this."""


class ImageLocality(Plugin[None]):
    """Images that nodes hold."""

    name = "ImageLocality"

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores:
        """Prefer nodes that hold more of the pod's images."""
        raw = {node.name: _share_held(snapshot, pod, node) for node in candidates}
        return PluginScores(raw, raw)


def _share_held(snapshot: Snapshot, pod: PodInfo, node: NodeInfo) -> int:
    """Return 0 to 100 for the bytes of the pod's images on the node, scaled by their spread."""
    images = pod.images
    held = sum(_scaled_size(snapshot, node, image) for image in images)
    ceiling = MAX_BYTES_PER_CONTAINER * len(images)
    clamped = min(max(held, MIN_BYTES), ceiling)
    return 100 * (clamped - MIN_BYTES) // (ceiling - MIN_BYTES)


def _scaled_size(snapshot: Snapshot, node: NodeInfo, image: str) -> int:
    """Return the image's bytes times the share of nodes that hold it.

    The share keeps pods from crowding the one node that pulled the image first. The size is the
    one this node reports; a running scheduler keeps the first size it saw under a name.
    """
    size = node.image_sizes.get(image)
    if size is None:
        return 0
    return int(size * (snapshot.image_node_counts[image] / len(snapshot.nodes)))

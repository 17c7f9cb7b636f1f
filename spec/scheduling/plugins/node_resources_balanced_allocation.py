"""NodeResourcesBalancedAllocation: prefer nodes whose CPU and memory the pod evens out.

Source: `pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go`.
"""

from collections.abc import Sequence

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Plugin, PluginScores
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot


class NodeResourcesBalancedAllocation(Plugin[None]):
    """CPU and memory used in the same measure."""

    name = "NodeResourcesBalancedAllocation"

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores | None:
        """Prefer nodes that the pod evens out; skip pods without CPU and memory (#129138)."""
        if not (pod.requests.milli_cpu or pod.requests.memory):
            return None
        raw = {node.name: _evenness(pod, node) for node in candidates}
        return PluginScores(raw, raw)


def _evenness(pod: PodInfo, node: NodeInfo) -> int:
    """Return 50 for a pod that changes nothing, up to 100 as it evens the node out.

    The balance of the node is measured with and without the pod; the difference, which lies
    between -50 and 50, moves the score around 75 in halves.
    """
    before = _balance(node, 0, 0)
    after = _balance(node, pod.requests.milli_cpu, pod.requests.memory)
    return 50 + (50 + after - before) // 2


def _balance(node: NodeInfo, milli_cpu: int, memory: int) -> int:
    """Return 100 less the standard deviation, in percent, of the used fractions.

    A fraction above 1 counts as 1; a resource of which the node has none is left out. Two values
    deviate from their mean by half their distance.
    """
    room, taken = node.allocatable, node.requested
    fractions = [
        min((requested + wanted) / allocatable, 1.0)
        for allocatable, requested, wanted in (
            (room.milli_cpu, taken.milli_cpu, milli_cpu),
            (room.memory, taken.memory, memory),
        )
        if allocatable != 0
    ]
    deviation = abs((fractions[0] - fractions[1]) / 2) if len(fractions) == 2 else 0.0
    return int((1 - deviation) * 100)

"""NodeResourcesFit: what the pod requests is left on the node; score the emptier node higher.

Source: `pkg/scheduler/framework/plugins/noderesources/{fit,least_allocated}.go`.
"""

from collections.abc import Iterator, Sequence

from planespec.spec.scheduling.amounts import CPU, EPHEMERAL_STORAGE, MEMORY, Amounts
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import SUCCESS, Code, Plugin, PluginScores, Status
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

TOO_MANY_PODS = "Too many pods"


class NodeResourcesFit(Plugin[None]):
    """CPU, memory, storage, extended resources and the number of pods."""

    name = "NodeResourcesFit"

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: None, node: NodeInfo) -> Status:
        """Reject a node without room; unresolvable when the node is too small even if empty.

        Every shortage is a reason. Only pods that are not finished take room. Resources requested
        as 0 are never short, even on an overcommitted node. What a device class serves is left to
        DynamicResources on nodes that do not offer it themselves (KEP-5004).
        """
        reasons, is_unresolvable = [], False
        if len(node.pods) + 1 > node.allowed_pods:
            reasons.append(TOO_MANY_PODS)
        served = snapshot.devices.extended_resources if snapshot.devices.classes else {}
        for name, wanted, allocatable, requested in list_requests(pod.requests, node):
            if name in served and name not in node.allocatable.scalars:
                continue
            if wanted > 0 and wanted > allocatable - requested:
                reasons.append(f"Insufficient {name}")
                is_unresolvable |= wanted > allocatable
        if not reasons:
            return SUCCESS
        code = Code.UNRESOLVABLE if is_unresolvable else Code.UNSCHEDULABLE
        return Status(code, tuple(reasons))

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores:
        """Prefer the emptier node."""
        raw = {node.name: _mean_percentage_free(pod, node) for node in candidates}
        return PluginScores(raw, raw)


def list_requests(wanted: Amounts, node: NodeInfo) -> Iterator[tuple[str, int, int, int]]:
    """Yield name, wanted, allocatable and requested of each resource the pod may need.

    Upstream walks the scalar resources in no fixed order; this is the order of the pod.
    """
    room, taken = node.allocatable, node.requested
    yield CPU, wanted.milli_cpu, room.milli_cpu, taken.milli_cpu
    yield MEMORY, wanted.memory, room.memory, taken.memory
    yield (
        EPHEMERAL_STORAGE,
        wanted.ephemeral_storage,
        room.ephemeral_storage,
        taken.ephemeral_storage,
    )
    for name, amount in wanted.scalars.items():
        yield name, amount, room.scalars.get(name, 0), taken.scalars.get(name, 0)


def _mean_percentage_free(pod: PodInfo, node: NodeInfo) -> int:
    """Return the mean over CPU and memory of the percentage left free with the pod placed.

    Containers that request no CPU or memory count as 100m and 200 MiB, so that pods without
    requests spread too. Strategy LeastAllocated, both resources with weight 1.
    """
    wanted = pod.scored_requests
    free = [
        _percentage_free(requested, allocatable)
        for requested, allocatable in (
            (node.non_zero.milli_cpu + wanted.milli_cpu, node.allocatable.milli_cpu),
            (node.non_zero.memory + wanted.memory, node.allocatable.memory),
        )
        if allocatable != 0
    ]
    return sum(free) // len(free) if free else 0


def _percentage_free(requested: int, allocatable: int) -> int:
    if requested > allocatable:
        return 0
    return (allocatable - requested) * 100 // allocatable

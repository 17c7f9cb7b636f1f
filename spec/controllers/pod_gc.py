"""Pods that nobody else removes: ended ones in excess, and those whose node is gone or out of use.

Source: Kubernetes v1.36, `pkg/controller/podgc/gc_controller.go`. Within one group the real
controller writes for all pods at once, and those without a node in the order of a map, so that
only the writes for one pod have an order. Left out: failures of the API server.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from planespec.spec.node.status_parts import diff_statuses, put_condition
from planespec.spec.objects.core_views import Node, Pod

QUARANTINE = 40
"""Seconds for which a node that is not known may still appear (`quarantineTime`)."""
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
NODE_GONE = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "DeletionByPodGC",
    "message": "PodGC: node no longer exists",
}
"""The condition of a pod whose node is gone; the time at which it was set is left out."""

Write = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Removal:
    """The writes for one pod, in order: it is marked as failed unless it has ended; deleted."""

    pod: Pod
    condition: dict[str, str] | None = None

    @property
    def status_patch(self) -> Write | None:
        """The strategic merge patch of the status; None where the pod has ended."""
        if self.pod.is_terminal:
            return None
        old = dict(self.pod.status.data)
        new = old | {"phase": "Failed"}
        if self.condition:
            conditions = [dict(each.data) for each in self.pod.status.views("conditions")]
            put_condition(conditions, dict(self.condition))
            new["conditions"] = conditions
        return {"metadata": {"uid": self.pod.meta.uid}, "status": diff_statuses(old, new)}


@dataclass(slots=True)
class PodGc:
    """`PodGCController`: the nodes in quarantine, with the second at which it ends for each."""

    terminated_pod_threshold: int
    """Ended pods that may stay; all may where it is not above 0."""
    quarantine: int = QUARANTINE
    waiting: dict[str, float] = field(default_factory=dict)

    def collect(
        self,
        pods: Sequence[Pod],
        nodes: Iterable[Node],
        now: float,
        exists: Callable[[str], bool],
    ) -> list[list[Removal]]:
        """Return what is removed in groups, each done before the next begins (`gc`).

        `exists` asks the API server whether there is such a node, for one that has been unknown
        for as long as the quarantine lasts.
        """
        by_name = {node.name: node for node in nodes}
        return [
            self._remove_terminated(pods),
            [Removal(pod) for pod in pods if is_stuck(pod, by_name.get(pod.node_name))],
            self._remove_orphans(pods, by_name, now, exists),
            [Removal(pod) for pod in pods if pod.meta.is_deleting and not pod.node_name],
        ]

    def _remove_terminated(self, pods: Iterable[Pod]) -> list[Removal]:
        if self.terminated_pod_threshold <= 0:
            return []
        ended = sorted((pod for pod in pods if has_ended(pod)), key=rank)
        excess = max(len(ended) - self.terminated_pod_threshold, 0)
        return [Removal(pod) for pod in ended[:excess]]

    def _remove_orphans(
        self,
        pods: Iterable[Pod],
        nodes: dict[str, Node],
        now: float,
        exists: Callable[[str], bool],
    ) -> list[Removal]:
        unknown = [pod for pod in pods if pod.node_name and pod.node_name not in nodes]
        for pod in unknown:
            self.waiting.setdefault(pod.node_name, now + self.quarantine)
        over = [name for name, end in self.waiting.items() if end <= now]
        for name in over:
            del self.waiting[name]
        gone = {name for name in over if name not in nodes and not exists(name)}
        return [Removal(pod, NODE_GONE) for pod in unknown if pod.node_name in gone]


def has_ended(pod: Pod) -> bool:
    """Whether a pod counts as ended: any phase but these, none at all too (`isPodTerminated`)."""
    return pod.phase not in ("Pending", "Running", "Unknown")


def is_stuck(pod: Pod, node: Node | None) -> bool:
    """Whether a pod is being deleted on a node that is not ready and out of service."""
    if node is None or not pod.meta.is_deleting or is_ready(node):
        return False
    return any(taint.key == OUT_OF_SERVICE for taint in node.taints)


def is_ready(thing: Node | Pod) -> bool:
    """Whether a node or a pod says that it is ready (`IsNodeReady`, `IsPodReady`)."""
    conditions = thing.status.views("conditions")
    return any(c.text("type") == "Ready" and c.text("status") == "True" for c in conditions)


def rank(pod: Pod) -> tuple[bool, str, str]:
    """Evicted pods go first, then older ones, then by name."""
    is_evicted = pod.phase == "Failed" and pod.status.text("reason") == "Evicted"
    return not is_evicted, pod.meta.text("creationTimestamp"), pod.name

"""A node with the pods on it and what they take together.

Source: `pkg/scheduler/framework/types.go`, NodeInfo.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from planespec.spec.objects import Node, Taint
from planespec.spec.scheduling.amounts import PODS, Amounts, build_amounts, sum_amounts
from planespec.spec.scheduling.pod_info import HostPort, PodInfo


class NodeInfo:
    """One node and its pods; immutable, sums are computed when first asked for and kept."""

    def __init__(self, node: Node, pods: Iterable[PodInfo] = ()) -> None:
        """Keep the pods in the order in which the scheduler learnt of them."""
        self.node = node
        self.name = node.name
        self.labels: Mapping[str, str] = node.meta.labels
        self.pods: Sequence[PodInfo] = tuple(pods)

    def with_pod(self, pod: PodInfo) -> "NodeInfo":
        """Return the node with one more pod."""
        changed = NodeInfo._of(self, (*self.pods, pod))
        changed.requested = self.requested + pod.requests
        changed.used_ports = self.used_ports.union(pod.host_ports)
        return changed

    def without_pod(self, pod: PodInfo) -> "NodeInfo":
        """Return the node with one pod less; ValueError when it is not there.

        Ports are kept as a set: a port that two pods share is free once one of them goes, as
        upstream.
        """
        if all(other.key != pod.key for other in self.pods):
            raise ValueError(f"node {self.name} has no pod {pod.key}")
        changed = NodeInfo._of(self, tuple(o for o in self.pods if o.key != pod.key))
        changed.requested = self.requested - pod.requests
        changed.used_ports = self.used_ports.difference(pod.host_ports)
        return changed

    @classmethod
    def _of(cls, other: "NodeInfo", pods: Sequence[PodInfo]) -> "NodeInfo":
        """Return the same node with other pods, sharing what does not depend on them."""
        changed = cls.__new__(cls)
        changed.node, changed.name, changed.labels = other.node, other.name, other.labels
        changed.allocatable, changed.allowed_pods = other.allocatable, other.allowed_pods
        changed.taints = other.taints
        changed.pods = pods
        return changed

    @cached_property
    def is_unschedulable(self) -> bool:
        """Whether the node is cordoned."""
        return self.node.is_unschedulable

    @cached_property
    def taints(self) -> Sequence[Taint]:
        """The taints in the order of the object."""
        return self.node.taints

    @cached_property
    def allocatable(self) -> Amounts:
        """What pods may request in sum."""
        return build_amounts(self.node.allocatable)

    @cached_property
    def allowed_pods(self) -> int:
        """How many pods it takes; 0 where it does not say."""
        quantity = self.node.allocatable.get(PODS)
        return 0 if quantity is None else quantity.value

    @cached_property
    def requested(self) -> Amounts:
        """What its pods request in sum."""
        return sum_amounts(pod.requests for pod in self.pods)

    @cached_property
    def non_zero(self) -> Amounts:
        """CPU and memory its pods request, with a minimum for containers that request none."""
        return sum_amounts(pod.non_zero for pod in self.pods)

    @cached_property
    def used_ports(self) -> frozenset[HostPort]:
        """The host ports its pods take."""
        return frozenset(port for pod in self.pods for port in pod.host_ports)

    @cached_property
    def pods_with_affinity(self) -> Sequence[PodInfo]:
        """Its pods that have pod affinity or anti-affinity."""
        return [pod for pod in self.pods if pod.has_pod_affinity]

    @cached_property
    def pods_with_required_anti_affinity(self) -> Sequence[PodInfo]:
        """Its pods that keep others away."""
        return [pod for pod in self.pods_with_affinity if pod.required_anti_affinity_terms]

    @cached_property
    def image_sizes(self) -> Mapping[str, int]:
        """The images it holds, by every name, and their bytes; of two sizes the later counts."""
        return {
            name: image.integer("sizeBytes") or 0
            for image in self.node.status.views("images")
            for name in image.texts("names")
        }

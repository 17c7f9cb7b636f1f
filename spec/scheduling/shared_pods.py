"""Pods that share what they ask for: one is read, and speaks for all that say the same.

Pods of one controller differ in name, node and times. Everything a rule asks of a pod on a node is
answered by the one that was read; the rest is read when somebody asks for it.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

from planespec.spec.objects import Pod, View
from planespec.spec.scheduling.affinity_terms import AffinityTerm, WeightedTerm
from planespec.spec.scheduling.amounts import Amounts
from planespec.spec.scheduling.pod_info import HostPort, PodInfo


class SharedPodInfo(PodInfo):
    """A pod of a large snapshot; `shape` is one equal to it but for name, uid, node and times."""

    def __init__(
        self, shape: PodInfo, name: str, uid: str, node_name: str, load: Callable[[], Pod]
    ) -> None:
        """Keep what differs; `load` reads the whole pod, for what few ask."""
        self.shape = shape
        self.name = name
        self.namespace = shape.namespace
        self.labels = shape.labels
        self.is_terminating = shape.is_terminating
        self.node_name = node_name
        self.priority = shape.priority
        self._uid, self._load = uid, load

    @cached_property
    def pod(self) -> Pod:  # type: ignore[override]
        """The whole pod, read when first asked for."""
        return self._load()

    @property
    def identity(self) -> str:
        """The uid; for a pod that no API server has seen, namespace/name."""
        return self._uid or self.key

    @property
    def group_name(self) -> str:
        """The PodGroup it is scheduled with; empty where it has none."""
        return self.shape.group_name

    @property
    def nominated_node_name(self) -> str:
        """The node that preemption made room on; empty where none."""
        return self.shape.nominated_node_name

    @property
    def requests(self) -> Amounts:
        """The effective requests."""
        return self.shape.requests

    @property
    def non_zero(self) -> Amounts:
        """CPU and memory, with a minimum for every container that requests none."""
        return self.shape.non_zero

    @property
    def host_ports(self) -> Sequence[HostPort]:
        """The host ports of the containers and sidecars."""
        return self.shape.host_ports

    @property
    def volumes(self) -> Sequence[View]:
        """`spec.volumes`, but for their names."""
        return self.shape.volumes

    @property
    def claim_names(self) -> Sequence[str]:
        """The claims its volumes name, without those of generic ephemeral volumes."""
        return self.shape.claim_names

    @property
    def has_pod_affinity(self) -> bool:
        """Whether it has pod affinity or anti-affinity of any kind."""
        return self.shape.has_pod_affinity

    @property
    def required_affinity_terms(self) -> Sequence[AffinityTerm]:
        """Pods it must be near."""
        return self.shape.required_affinity_terms

    @property
    def required_anti_affinity_terms(self) -> Sequence[AffinityTerm]:
        """Pods it must keep away from, and that it keeps away."""
        return self.shape.required_anti_affinity_terms

    @property
    def preferred_affinity_terms(self) -> Sequence[WeightedTerm]:
        """Pods it would rather be near."""
        return self.shape.preferred_affinity_terms

    @property
    def preferred_anti_affinity_terms(self) -> Sequence[WeightedTerm]:
        """Pods it would rather keep away from."""
        return self.shape.preferred_anti_affinity_terms

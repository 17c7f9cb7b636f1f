"""A pod as the scheduler keeps it: what its rules ask for, read once.

Source: `pkg/scheduler/framework/types.go`, PodInfo; `pkg/scheduler/util/utils.go`, GetHostPorts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from math import inf
from typing import NamedTuple

from planespec.spec.names import normalize_image_name
from planespec.spec.objects import Container, ObjectError, Pod, Toleration, View
from planespec.spec.pods.resources import CPU, MEMORY, NON_ZERO_REQUESTS, compute_pod_requests
from planespec.spec.scheduling.affinity_terms import (
    AffinityTerm,
    RequiredNodeAffinity,
    WeightedTerm,
    read_preferred_terms,
    read_required_node_affinity,
    read_required_terms,
)
from planespec.spec.scheduling.amounts import Amounts, build_amounts
from planespec.spec.scheduling.pod_amounts import PodAmounts, compute_pod_amounts

ANY_ADDRESS = "0.0.0.0"
"""The address that stands for every address of the node."""
DEFAULT_PROTOCOL = "TCP"


class HostPort(NamedTuple):
    """One port of the host, with the defaults of an empty address and protocol filled in."""

    address: str
    protocol: str
    port: int


def build_host_port(address: str, protocol: str, port: int) -> HostPort:
    """Return the port with 0.0.0.0 for an empty address and TCP for an empty protocol."""
    return HostPort(address or ANY_ADDRESS, protocol or DEFAULT_PROTOCOL, port)


def read_host_ports(pod: Pod) -> Sequence[HostPort]:
    """Return the host ports of the containers and sidecars; ports of 0 ask for none."""
    listed = (*pod.spec.items("containers"), *pod.spec.items("initContainers"))
    if not any(_may_ask(container) for container in listed):
        return ()
    sidecars = [container for container in pod.init_containers if container.restarts_always]
    return [
        build_host_port(port.text("hostIP"), port.text("protocol"), port.integer("hostPort") or 0)
        for container in (*pod.containers, *sidecars)
        for port in container.views("ports")
        if (port.integer("hostPort") or 0) > 0
    ]


def _may_ask(container: object) -> bool:
    """Tell quickly whether a container may name a host port; few do. Odd shapes may."""
    ports = container.get("ports", ()) if isinstance(container, Mapping) else None
    if not isinstance(ports, list):
        return ports != ()
    return any(not isinstance(port, Mapping) or port.get("hostPort") for port in ports)


def is_port_conflict(used: Iterable[HostPort], wanted: HostPort) -> bool:
    """Tell whether `wanted` clashes with a used port.

    0.0.0.0 clashes with the same protocol and port on any address; another address clashes with
    itself and with 0.0.0.0. A port of 0 or below never clashes.
    Source: HostPortInfo.CheckConflict.
    """
    if wanted.port <= 0:
        return False
    return any(
        other.port == wanted.port
        and other.protocol == wanted.protocol
        and (ANY_ADDRESS in (wanted.address, other.address) or other.address == wanted.address)
        for other in used
    )


class PodInfo:
    """One pod; every property is computed when first asked for and kept."""

    def __init__(self, pod: Pod) -> None:
        """Keep the pod, which has its defaults (see `resource_defaults`) and must not change."""
        self.pod = pod
        meta = pod.meta
        self.name = meta.name
        self.namespace = meta.namespace or "default"
        self.labels = meta.labels
        self.is_terminating = meta.is_deleting
        self.node_name = self.pod.node_name
        self.priority = self.pod.priority or 0

    @property
    def key(self) -> str:
        """namespace/name."""
        return f"{self.namespace}/{self.name}"

    @property
    def identity(self) -> str:
        """The uid; for a pod that no API server has seen, namespace/name."""
        return self.pod.meta.uid or self.key

    @property
    def group_name(self) -> str:
        """The group it is scheduled with; empty where it has none.

        That is a PodGroup, or in v1.35 `workload/group/replica` of a Workload.
        """
        spec = self.pod.spec
        if spec.has("workloadRef"):
            reference = spec.view("workloadRef")
            names = ("name", "podGroup", "podGroupReplicaKey")
            return "/".join(reference.text(name) for name in names)
        return spec.view("schedulingGroup").text("podGroupName")

    @property
    def preemption_policy(self) -> str:
        """Never, or PreemptLowerPriority, which is also what empty means."""
        return self.pod.spec.text("preemptionPolicy")

    @property
    def nominated_node_name(self) -> str:
        """The node that preemption made room on; empty where none."""
        return self.pod.status.text("nominatedNodeName")

    @cached_property
    def start_time(self) -> float:
        """Seconds since 1970 when the kubelet took the pod; infinity before that.

        Raises ObjectError for a time that is not RFC 3339.
        """
        text = self.pod.status.text("startTime")
        if not text:
            return inf
        try:
            return datetime.fromisoformat(text).timestamp()
        except ValueError as error:
            raise ObjectError(self.pod.status.path("startTime"), str(error)) from error

    @cached_property
    def is_terminating_by_preemption(self) -> bool:
        """Whether the scheduler evicted it and it has not ended yet."""
        if not self.is_terminating:
            return False
        for condition in self.pod.status.views("conditions"):
            if condition.text("type") == "DisruptionTarget":
                by_scheduler = condition.text("reason") == "PreemptionByScheduler"
                return by_scheduler and condition.text("status") == "True"
        return False

    @cached_property
    def tolerations(self) -> Sequence[Toleration]:
        """The tolerations in the order of the object."""
        return self.pod.tolerations

    @cached_property
    def _amounts(self) -> PodAmounts:
        return compute_pod_amounts(self.pod)

    @property
    def requests(self) -> Amounts:
        """The effective requests; during a resize the greater of wanted and held."""
        return self._amounts.requests

    @property
    def non_zero(self) -> Amounts:
        """CPU and memory, with 100m and 200 MiB for every container that requests none."""
        return self._amounts.non_zero

    def asking_for(self, requests: Amounts) -> "PodInfo":
        """Return the same pod with other effective requests; a question of what if."""
        changed = PodInfo(self.pod)
        changed.__dict__["_amounts"] = PodAmounts(requests, self.non_zero)
        return changed

    @cached_property
    def scored_requests(self) -> Amounts:
        """CPU and memory as LeastAllocated scores the pod itself: its containers' alone.

        Unlike the pods already on a node, what the incoming pod requests as a whole does not
        count here: upstream builds this scorer without the PodLevelResources feature. Source:
        `noderesources/resource_allocation.go`, calculatePodResourceRequest.
        """
        quantities = compute_pod_requests(
            self.pod, non_missing=NON_ZERO_REQUESTS, with_pod_level=False
        )
        return build_amounts({k: v for k, v in quantities.items() if k in (CPU, MEMORY)})

    @cached_property
    def host_ports(self) -> Sequence[HostPort]:
        """The host ports of the containers and sidecars."""
        return read_host_ports(self.pod)

    @cached_property
    def images(self) -> Sequence[str]:
        """The images of the init containers and containers, each once per container."""
        containers: Sequence[Container] = (*self.pod.init_containers, *self.pod.containers)
        return [normalize_image_name(container.image) for container in containers]

    @cached_property
    def volumes(self) -> Sequence[View]:
        """`spec.volumes`."""
        return self.pod.spec.views("volumes")

    @cached_property
    def claim_names(self) -> Sequence[str]:
        """The claims its volumes name, without those of generic ephemeral volumes."""
        return [
            volume.view("persistentVolumeClaim").text("claimName")
            for volume in self.volumes
            if volume.has("persistentVolumeClaim")
        ]

    @cached_property
    def spread_constraint_views(self) -> Sequence[View]:
        """`spec.topologySpreadConstraints`."""
        return self.pod.spec.views("topologySpreadConstraints")

    @property
    def has_spread_constraints(self) -> bool:
        """Whether the pod brings constraints of its own, hard or soft."""
        return bool(self.spread_constraint_views)

    @cached_property
    def required_node_affinity(self) -> RequiredNodeAffinity:
        """nodeSelector and required node affinity."""
        return read_required_node_affinity(self.pod.spec)

    @cached_property
    def affinity(self) -> View:
        """`spec.affinity`."""
        return self.pod.spec.view("affinity")

    @property
    def has_pod_affinity(self) -> bool:
        """Whether it has pod affinity or anti-affinity of any kind."""
        if not self.pod.spec.has("affinity"):
            return False
        return self.affinity.has("podAffinity") or self.affinity.has("podAntiAffinity")

    @cached_property
    def required_affinity_terms(self) -> Sequence[AffinityTerm]:
        """Pods it must be near."""
        return self._required_terms("podAffinity")

    @cached_property
    def required_anti_affinity_terms(self) -> Sequence[AffinityTerm]:
        """Pods it must keep away from, and that it keeps away."""
        return self._required_terms("podAntiAffinity")

    @cached_property
    def preferred_affinity_terms(self) -> Sequence[WeightedTerm]:
        """Pods it would rather be near."""
        return self._preferred_terms("podAffinity")

    @cached_property
    def preferred_anti_affinity_terms(self) -> Sequence[WeightedTerm]:
        """Pods it would rather keep away from."""
        return self._preferred_terms("podAntiAffinity")

    def _required_terms(self, name: str) -> Sequence[AffinityTerm]:
        if not self.affinity.has(name):
            return ()
        return read_required_terms(self.affinity.view(name), self.namespace, self.labels)

    def _preferred_terms(self, name: str) -> Sequence[WeightedTerm]:
        if not self.affinity.has(name):
            return ()
        return read_preferred_terms(self.affinity.view(name), self.namespace, self.labels)

"""What an audit keeps of each object: the fields its requirements ask for, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from planespec.spec.cluster.cluster_requirements import Reference
from planespec.spec.cluster.pod_template import PodTemplate
from planespec.spec.labels import Selector
from planespec.spec.objects import Node, Pod
from planespec.spec.objects.interning import Stored
from planespec.spec.objects.volumes import PersistentVolume, PersistentVolumeClaim
from planespec.spec.scheduling.amounts import Amounts


@dataclass(frozen=True, slots=True)
class Owner:
    """The controller an object belongs to."""

    kind: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class PodIdentity:
    """What the metadata of pods have in common."""

    labels: Mapping[str, str]
    owner: Owner | None
    is_deleting: bool
    is_mirror: bool


@dataclass(frozen=True, slots=True)
class PodProgress:
    """What the statuses of pods have in common."""

    phase: str
    nominated: str
    is_admitted: bool
    is_quiet: bool
    """Whether all containers run and none has ended yet, so that there is nothing to tell."""
    scheduled: int | None
    """The place of the condition PodScheduled; None where there is none."""


class PodRecord(NamedTuple):
    """A pod: what requirements ask for often. All else is read from `pod`."""

    reference: Reference
    stored: Stored
    identity: PodIdentity
    progress: PodProgress
    template: PodTemplate
    requests: Amounts
    node: str
    """Empty before it is bound."""
    scheduled: str
    """When it was bound, RFC 3339; empty where the status does not say."""
    address: str
    """Its first IP; empty where it has none yet."""
    troubles: tuple[tuple[str, str], ...]
    """Requirement id and what the status says."""

    @property
    def pod(self) -> Pod:
        """The whole pod, as it stands in the input."""
        return Pod(self.stored)

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels; those of equal ones are the same dict."""
        return self.identity.labels

    @property
    def owner(self) -> Owner | None:
        """The controller it belongs to."""
        return self.identity.owner

    @property
    def is_deleting(self) -> bool:
        """Whether deletion has been asked for and has not ended."""
        return self.identity.is_deleting

    @property
    def is_mirror(self) -> bool:
        """Whether it stands for a static pod, which the scheduler never saw."""
        return self.identity.is_mirror

    @property
    def phase(self) -> str:
        """Pending, Running and so on; empty before the first status."""
        return self.progress.phase

    @property
    def nominated(self) -> str:
        """The node that preemption made room on; empty where none."""
        return self.progress.nominated

    @property
    def is_admitted(self) -> bool:
        """Whether the kubelet has taken it in."""
        return self.progress.is_admitted

    @property
    def is_terminal(self) -> bool:
        """Whether it has ended for good."""
        return self.progress.phase in ("Succeeded", "Failed")


class NodeCondition(NamedTuple):
    """A condition of a node; times are RFC 3339, empty where it does not say."""

    type: str
    status: str
    message: str
    since: str
    """When it came to be so."""
    heard: str
    """When somebody last said so."""


class NodeTaint(NamedTuple):
    """A taint of a node, with when it was added, RFC 3339; empty where it does not say."""

    key: str
    effect: str
    added: str


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A node."""

    reference: Reference
    node: Node
    labels: Mapping[str, str]
    allocatable: Amounts
    pods: int
    images: frozenset[str]
    conditions: tuple[NodeCondition, ...]
    taints: tuple[NodeTaint, ...]
    troubles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WorkloadRecord:
    """A Deployment, ReplicaSet, StatefulSet, DaemonSet, Job or CronJob."""

    reference: Reference
    uid: str
    owner: Owner | None
    replicas: int
    selector: Selector | None
    labels: Mapping[str, str]
    """Labels of the pod template."""
    template: PodTemplate
    service: str
    """The governing Service of a StatefulSet."""
    troubles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a Service."""

    name: str
    number: int
    target: str
    """A target port that is a name; empty where it is a number."""
    field: str
    target_number: int = 0
    """A target port that is a number; that of the port itself where the Service does not say."""


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A Service."""

    reference: Reference
    selector: Mapping[str, str]
    ports: Sequence[Port]
    is_external: bool
    """Whether it is an alias of an external name."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A Service behind an Ingress."""

    service: str
    port_name: str
    port_number: int
    field: str


@dataclass(frozen=True, slots=True)
class IngressRecord:
    """An Ingress."""

    reference: Reference
    class_name: str
    backends: Sequence[Backend]


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A PersistentVolumeClaim."""

    reference: Reference
    claim: PersistentVolumeClaim
    names_class: bool
    """Whether it says which class it wants, be it the empty one."""


@dataclass(frozen=True, slots=True)
class VolumeRecord:
    """A PersistentVolume."""

    reference: Reference
    volume: PersistentVolume


@dataclass(frozen=True, slots=True)
class BudgetRecord:
    """A PodDisruptionBudget."""

    reference: Reference
    selector: Selector
    min_available: object
    """An integer, a percentage, or None."""
    max_unavailable: object


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """An object of which the existence and little else matters."""

    reference: Reference
    uid: str
    keys: frozenset[str]
    """Keys of a ConfigMap or Secret."""
    links: tuple[tuple[str, str, str], ...] = ()
    """Objects it refers to: kind, name and field."""
    number: int | None = None
    """The value of a PriorityClass."""

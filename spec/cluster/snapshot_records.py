"""What an audit keeps of each object: the fields its requirements ask for, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.cluster.finding import Reference
from planespec.spec.cluster.pod_template import PodTemplate
from planespec.spec.labels import Selector
from planespec.spec.objects import Node
from planespec.spec.objects.volumes import PersistentVolume, PersistentVolumeClaim
from planespec.spec.scheduling.amounts import Amounts


@dataclass(frozen=True, slots=True)
class Owner:
    """The controller an object belongs to."""

    kind: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class PodRecord:
    """A pod."""

    reference: Reference
    uid: str
    node: str
    """Empty before it is bound."""
    phase: str
    labels: Mapping[str, str]
    template: PodTemplate
    owner: Owner | None
    is_deleting: bool
    is_mirror: bool
    """Whether it stands for a static pod, which the scheduler never saw."""
    is_admitted: bool
    """Whether the kubelet has taken it in."""
    nominated: str
    scheduled: str
    """When it was bound, RFC 3339; empty where the status does not say."""
    troubles: tuple[tuple[str, str], ...]
    """Requirement id and what the status says."""

    @property
    def is_terminal(self) -> bool:
        """Whether it has ended for good."""
        return self.phase in ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A node."""

    reference: Reference
    node: Node
    labels: Mapping[str, str]
    allocatable: Amounts
    pods: int
    images: frozenset[str]
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
    own_claims: frozenset[str]
    """Names of volumeClaimTemplates: each replica has its own."""
    troubles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a Service."""

    name: str
    number: int
    target: str
    """A target port that is a name; empty where it is a number."""
    field: str


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A Service."""

    reference: Reference
    selector: Mapping[str, str]
    ports: Sequence[Port]
    is_external: bool
    """Whether it is an alias of an external name."""
    errors: tuple[str, ...]


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

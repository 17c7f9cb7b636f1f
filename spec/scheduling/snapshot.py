"""The cluster as one scheduling attempt sees it: nodes with their pods, and listers of objects.

Source: `pkg/scheduler/backend/cache/snapshot.go`.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from planespec.spec.labels import EVERYTHING, NOTHING, Selector, SelectorError, read_label_selector
from planespec.spec.labels.selector import select_exactly
from planespec.spec.objects import Pod
from planespec.spec.objects.view import View
from planespec.spec.objects.volumes import (
    CSINode,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
)
from planespec.spec.scheduling.affinity_terms import AffinityTerm
from planespec.spec.scheduling.devices.device_inventory import Devices
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

# Storage objects and owners of pods, found as the scheduler's listers find them.


class NotFoundError(ValueError):
    """An object that a pod refers to does not exist; the message is the lister's."""


@dataclass(frozen=True)
class Storage:
    """Claims by (namespace, name); volumes, classes, drivers and nodes by name."""

    claims: Mapping[tuple[str, str], PersistentVolumeClaim] = field(default_factory=dict)
    volumes: Mapping[str, PersistentVolume] = field(default_factory=dict)
    classes: Mapping[str, StorageClass] = field(default_factory=dict)
    csi_nodes: Mapping[str, CSINode] = field(default_factory=dict)
    csi_drivers: Mapping[str, View] = field(default_factory=dict)
    capacities: Sequence[View] = ()
    """CSIStorageCapacity objects."""
    attachments: Sequence[View] = ()
    """VolumeAttachment objects."""

    @cached_property
    def volumes_by_class(self) -> Mapping[str, Sequence[PersistentVolume]]:
        """Volumes of each class, by name."""
        by_class: dict[str, list[PersistentVolume]] = {}
        for volume in self.volumes.values():
            by_class.setdefault(volume.class_name, []).append(volume)
        return by_class

    def get_claim(self, namespace: str, name: str) -> PersistentVolumeClaim:
        """Return a claim; NotFoundError with the lister's message when there is none."""
        claim = self.claims.get((namespace, name))
        if claim is None:
            raise NotFoundError(f'persistentvolumeclaim "{name}" not found')
        return claim

    def get_volume(self, name: str) -> PersistentVolume:
        """Return a volume; NotFoundError with the lister's message when there is none."""
        if name not in self.volumes:
            raise NotFoundError(f'persistentvolume "{name}" not found')
        return self.volumes[name]

    def get_class(self, name: str) -> StorageClass:
        """Return a storage class; NotFoundError with the lister's message when there is none."""
        if name not in self.classes:
            raise NotFoundError(f'storageclass.storage.k8s.io "{name}" not found')
        return self.classes[name]


Key = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True)
class Owners:
    """Services by namespace, and controllers by kind, namespace and name."""

    services: Mapping[str, list[Mapping[str, str]]] = field(default_factory=dict)
    """The selectors of the services of each namespace that have one."""
    replication_controllers: Mapping[Key, View] = field(default_factory=dict)
    replica_sets: Mapping[Key, View] = field(default_factory=dict)
    stateful_sets: Mapping[Key, View] = field(default_factory=dict)

    def get_peer_selector(self, pod: Pod) -> Selector:
        """Return the merged selectors of the pod's services and controller.

        Of services that select the same key the last one counts. A pod of neither gets the empty
        selector.
        """
        namespace, labels = pod.meta.namespace or "default", pod.meta.labels
        exact: dict[str, str] = {}
        for wanted in self.services.get(namespace, ()):
            if all(labels.get(key) == value for key, value in wanted.items()):
                exact |= wanted
        kind, name = _get_controller(pod)
        key = (namespace, name)
        if kind == ("v1", "ReplicationController") and key in self.replication_controllers:
            exact |= self.replication_controllers[key].view("spec").text_map("selector")
        selector = select_exactly(exact)
        if kind == ("apps/v1", "ReplicaSet"):
            owner = _read_selector(self.replica_sets.get(key))
        elif kind == ("apps/v1", "StatefulSet"):
            owner = _read_selector(self.stateful_sets.get(key))
        else:
            owner = EVERYTHING
        return selector.with_requirements(owner.requirements)


def _get_controller(pod: Pod) -> tuple[tuple[str, str], str]:
    """Return API version and kind, and name, of the owner that controls the pod."""
    for reference in pod.meta.views("ownerReferences"):
        if reference.flag("controller"):
            kind = (reference.text("apiVersion"), reference.text("kind"))
            return kind, reference.text("name")
    return ("", ""), ""


def _read_selector(owner: View | None) -> Selector:
    """Read the controller's selector; one that is not there or cannot be read adds nothing."""
    if owner is None:
        return EVERYTHING
    spec = owner.view("spec")
    try:
        return read_label_selector(spec.data.get("selector"), spec.path("selector"))
    except SelectorError:
        return EVERYTHING


@dataclass(frozen=True, slots=True)
class DisruptionBudget:
    """A PodDisruptionBudget: which pods it guards and how many disruptions are left."""

    namespace: str
    selector: Selector
    disruptions_allowed: int
    disrupted_pods: frozenset[str] = frozenset()
    """Names of pods whose eviction the API server has granted already."""

    def matches(self, namespace: str, labels: Mapping[str, str]) -> bool:
        """Tell whether a pod is guarded; an empty selector guards none here."""
        return (
            namespace == self.namespace
            and not self.selector.is_empty
            and self.selector.matches(labels)
        )


@dataclass(frozen=True)
class Snapshot:
    """All the rules read besides the pod itself; built by `cluster.build_snapshot`."""

    nodes: Mapping[str, NodeInfo]
    """By name, in the order in which the scheduler would walk them."""
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Labels by namespace."""
    storage: Storage = field(default_factory=Storage)
    owners: Owners = field(default_factory=Owners)
    nominated: Sequence[PodInfo] = ()
    """Pending pods for which preemption made room."""
    disruption_budgets: Sequence[DisruptionBudget] = ()
    devices: Devices = field(default_factory=Devices)

    @cached_property
    def image_node_counts(self) -> Mapping[str, int]:
        """How many nodes hold an image, by every name."""
        return Counter(name for node in self.nodes.values() for name in node.image_sizes)

    @cached_property
    def nodes_with_affinity(self) -> Sequence[NodeInfo]:
        """Nodes with pods that have pod affinity or anti-affinity."""
        return [node for node in self.nodes.values() if node.pods_with_affinity]

    @cached_property
    def nodes_with_required_anti_affinity(self) -> Sequence[NodeInfo]:
        """Nodes with pods that keep others away."""
        return [node for node in self.nodes_with_affinity if node.pods_with_required_anti_affinity]

    @cached_property
    def _nominated_by_node(self) -> Mapping[str, Sequence[PodInfo]]:
        by_node: dict[str, list[PodInfo]] = {}
        for pod in self.nominated:
            by_node.setdefault(pod.nominated_node_name, []).append(pod)
        return by_node

    @cached_property
    def used_claims(self) -> Counter[str]:
        """How many pods on nodes use a claim, by namespace/name."""
        return Counter(
            f"{pod.namespace}/{claim}"
            for node in self.nodes.values()
            for pod in node.pods
            for claim in pod.claim_names
        )

    @cached_property
    def _derived(self) -> dict[object, object]:
        return {}

    def derive(self, compute: "Callable[[Snapshot, K], T]", about: K) -> T:
        """Return what follows from the whole snapshot for one thing, computed once."""
        known = self._derived
        if (compute, about) not in known:
            known[compute, about] = compute(self, about)
        return known[compute, about]  # type: ignore[return-value]

    def nominated_to(self, node: str) -> Sequence[PodInfo]:
        """Return the pods nominated to the node."""
        return self._nominated_by_node.get(node, ())

    def get_namespace_labels(self, namespace: str) -> Mapping[str, str]:
        """Return the labels of a namespace; none where it is not known."""
        return self.namespaces.get(namespace, {})

    def resolve_terms(self, terms: Iterable[AffinityTerm]) -> Sequence[AffinityTerm]:
        """Return the terms with each namespace selector replaced by what it matches."""
        return [self.resolve_term(term) for term in terms]

    def resolve_term(self, term: AffinityTerm) -> AffinityTerm:
        """Replace a namespace selector by the namespaces it matches now.

        A selector of all namespaces stays: it also means those the scheduler does not know.
        Source: `pkg/scheduler/framework/plugins/interpodaffinity/plugin.go`,
        mergeAffinityTermNamespacesIfNotEmpty.
        """
        if term.namespace_selector.is_empty or term.namespace_selector == NOTHING:
            return term
        found = {
            n for n, labels in self.namespaces.items() if term.namespace_selector.matches(labels)
        }
        return replace(term, namespaces=term.namespaces | found, namespace_selector=NOTHING)

    def get_default_selector(self, pod: PodInfo) -> Selector:
        """Return what selects the pod's peers: its services' and its controller's selectors."""
        return self.owners.get_peer_selector(pod.pod)

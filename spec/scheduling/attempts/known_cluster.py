"""A cluster as its objects tell it, and of what they tell nothing.

Absence is a fact only of kinds that were listed: a snapshot without a single claim says nothing
about claims. `knows` tells the two apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from planespec.spec.admission.admission_calls import NAME_LABEL
from planespec.spec.admission.limit_ranger import LimitItem, read_limit_range
from planespec.spec.admission.quota_evaluators import (
    CLAIMS_EVALUATOR,
    PODS_EVALUATOR,
    charge,
    refuse_pod,
)
from planespec.spec.admission.resource_quota import Quota, read_quota
from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.objects.object_store import Store
from planespec.spec.objects.volumes import is_default_class
from planespec.spec.scheduling.devices.device_inventory import Evaluate, refuse_expressions
from planespec.spec.scheduling.plugin import Status, unresolvable
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.snapshot_building import build_snapshot


@dataclass(frozen=True)
class Unconsidered:
    """Something that is there, decides, and is not modelled or not known."""

    what: str
    may_admit: bool = False
    """Whether it could also make room for a pod that fits nowhere without it."""


class KnownCluster:
    """The objects of a store as the scheduler and admission see them."""

    def __init__(
        self,
        store: Store,
        evaluate: Evaluate = refuse_expressions,
        pods: Sequence[PodInfo] = (),
        *,
        recounts: bool = False,
    ) -> None:
        """Read nothing yet; `evaluate` decides the CEL expressions that select devices.

        `pods` are in the cluster beside those of the store. With `recounts` quotas count the pods
        that are there, not those that their status has counted.
        """
        self.store = store
        self._pods = pods
        self._recounts = recounts
        self.evaluate = evaluate
        self._quotas: dict[str, list[Quota]] = {}

    @cached_property
    def snapshot(self) -> Snapshot:
        """The nodes and what is on them; a namespace that is not listed has its name as label."""
        objects = {**self.store.by_kind(), "Pod": ()}
        built = build_snapshot(
            objects, is_stored=True, evaluate=self.evaluate, pods=self.list_pods()
        )
        implied = {name: {NAME_LABEL: name} for name in self._list_namespaces(built)}
        return replace(built, namespaces={**implied, **built.namespaces})

    def list_pods(self) -> Sequence[PodInfo]:
        """Return the pods that have not ended, in the order of the input."""
        own = (Pod(stored) for stored in self.store.list("Pod"))
        return [*(PodInfo(pod) for pod in own if not pod.is_terminal), *self._pods]

    def _list_namespaces(self, snapshot: Snapshot) -> set[str]:
        return {pod.namespace for node in snapshot.nodes.values() for pod in node.pods}

    @cached_property
    def open_namespaces(self) -> frozenset[str]:
        """Namespaces with pods on nodes whose labels are not known."""
        listed = {meta.name for meta, _ in self.view_all("Namespace")}
        return frozenset(self._list_namespaces(self.snapshot) - listed)

    @cached_property
    def open_nodes(self) -> Mapping[str, str]:
        """Nodes that do not say what they have, with the reason they cannot be judged."""
        why = "its status tells neither allocatable nor capacity"
        nodes = self.snapshot.nodes.values()
        return {node.name: why for node in nodes if not node.node.shows_room}

    def knows(self, kind: str) -> bool:
        """Say whether the kind was listed, so that what is not there does not exist."""
        return self.store.knows(kind)

    def lacks(self, kind: str, namespace: str) -> bool:
        """Say whether what is not there of a kind does not exist in the namespace."""
        return self.store.knows_absence(kind, namespace)

    def view_all(self, kind: str, group: str | None = None) -> Iterator[tuple[ObjectMeta, View]]:
        """Yield the objects of a kind with their metadata."""
        for stored in self.store.list(kind, group):
            view = View(stored)
            yield ObjectMeta(view.data.get("metadata"), "metadata"), view

    def view_in(self, kind: str, namespace: str) -> Iterator[tuple[ObjectMeta, View]]:
        """Yield the objects of a kind in a namespace, in the order of their names."""
        found = [
            pair for pair in self.view_all(kind) if (pair[0].namespace or "default") == namespace
        ]
        yield from sorted(found, key=lambda pair: pair[0].name)

    def find(self, kind: str, namespace: str, name: str) -> View | None:
        """Return an object; None where it is not there."""
        found = self.store.find_named(kind, namespace, name)
        return None if found is None else View(found)

    def get_namespace_labels(self, namespace: str) -> Mapping[str, str]:
        """Return the labels of a namespace; of one that is not listed its name."""
        found = self.snapshot.namespaces.get(namespace)
        return {NAME_LABEL: namespace} if found is None else found

    def list_limits(self, namespace: str) -> list[Iterable[LimitItem]]:
        """Return the LimitRanges of a namespace in the order of their names."""
        return [read_limit_range(view.data) for _, view in self.view_in("LimitRange", namespace)]

    def list_quotas(self, namespace: str) -> list[Quota]:
        """Return the quotas of a namespace with what is used of them."""
        if namespace not in self._quotas:
            found = self.view_in("ResourceQuota", namespace)
            self._quotas[namespace] = [self._count_quota(view) for _, view in found]
        return self._quotas[namespace]

    def _count_quota(self, view: View) -> Quota:
        """Read a quota; count what is there where no controller has, or if it is to recount."""
        quota = read_quota(view.data)
        is_new = not view.view("status").has("used")
        if is_new or self._recounts:
            used = () if is_new else quota.used.items()
            kept = {name: each for name, each in used if not PODS_EVALUATOR.bounds(name)}
            quota = replace(quota, used=kept)
            for pod in self.list_pods():
                if pod.namespace == quota.namespace:
                    quota = charge(PODS_EVALUATOR, pod.pod, [quota])[0]
        for _, claim in self.view_in("PersistentVolumeClaim", quota.namespace) if is_new else ():
            quota = charge(CLAIMS_EVALUATOR, claim, [quota])[0]
        return quota

    def refuse_more(self, pod: Pod, namespace: str) -> Status | None:
        """Return why quotas refuse a pod after those that were charged; None where they do not."""
        refusal = refuse_pod(pod, self.list_quotas(namespace))
        return None if refusal is None else unresolvable(refusal).by("ResourceQuota")

    def charge(self, pod: Pod, namespace: str) -> None:
        """Count a new pod for the quotas it meets."""
        self._quotas[namespace] = charge(PODS_EVALUATOR, pod, self.list_quotas(namespace))

    @cached_property
    def default_class(self) -> str:
        """The storage class of claims that name none: of several defaults the newest; or ""."""
        found = [meta for meta, _ in self.view_all("StorageClass") if is_default_class(meta)]
        found.sort(key=lambda meta: meta.name)
        newest = max(found, key=lambda meta: meta.text("creationTimestamp"), default=None)
        return "" if newest is None else newest.name

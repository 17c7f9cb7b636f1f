"""All objects of a snapshot, read and indexed.

A snapshot may be partial: `kubectl get pods` tells nothing about Secrets. So `knows` says of which
kinds and namespaces the absence of an object means that there is none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from planespec.spec.cluster.accepted.metadata import (
    list_metadata_errors,
    list_name_errors,
)
from planespec.spec.cluster.accepted.validity import ValidityJudge
from planespec.spec.cluster.alike_pods import AlikePods
from planespec.spec.cluster.cluster_requirements import (
    IDENTITY,
    METADATA,
    REPEATED_FIELD,
    SERVED,
    Place,
    Reference,
    Violation,
)
from planespec.spec.cluster.evidence.repeated import Repeated
from planespec.spec.cluster.evidence.scopes import Scopes
from planespec.spec.cluster.other_records import (
    read_budget,
    read_claim,
    read_ingress,
    read_named,
    read_node,
    read_service,
    read_volume,
    read_workload,
)
from planespec.spec.cluster.pod_records import PodReader
from planespec.spec.cluster.pod_template import PodTemplate, PodTemplates
from planespec.spec.cluster.snapshot_records import (
    BudgetRecord,
    ClaimRecord,
    IngressRecord,
    NamedRecord,
    NodeRecord,
    PodRecord,
    ServiceRecord,
    VolumeRecord,
    WorkloadRecord,
)
from planespec.spec.labels import SelectorError
from planespec.spec.objects import ObjectError, ObjectMeta, View
from planespec.spec.objects.interning import Common, Stored, Whole
from planespec.spec.objects.object_store import GROUPS, Store
from planespec.spec.objects.standing_objects import is_standing
from planespec.spec.objects.volumes import is_default_class
from planespec.spec.objects.workload_views import WORKLOADS
from planespec.spec.scheduling.devices.device_inventory import Evaluate, refuse_expressions
from planespec.spec.schema.custom_rules import EvaluateRule, refuse_rules
from planespec.spec.schema.published_kinds import PublishedKinds
from planespec.spec.schema.served_versions import list_served_errors
from planespec.spec.validation.field_errors import FieldError
from planespec.spec.validation.object_rules import has_old_finalizers

T = TypeVar("T")
Key = tuple[str, str]
"""Namespace and name."""


def _name_kind(group: str, kind: str) -> str:
    """Return the name under which a kind is counted: with its group, unless it is well known."""
    return kind if GROUPS.get(kind) == group or not group else f"{kind}.{group}"


def _is_live(kind: str, view: View, meta: ObjectMeta) -> bool:
    """Say whether an object is one that a cluster has; definitions are shipped with a status."""
    has_status = bool(view.data.get("status")) and kind != "CustomResourceDefinition"
    return kind == "Node" or has_status or meta.has("uid") or meta.has("resourceVersion")


class Cluster:
    """The objects of one snapshot."""

    def __init__(self, published: PublishedKinds | None = None) -> None:
        """Begin with an empty snapshot; without the published kinds no schema is judged."""
        self.published = published
        self.unjudged_kinds: Mapping[str, int] = {}
        """Kinds without a schema, and how many objects of each were not judged by one."""
        self.pods: list[PodRecord] = []
        self.nodes: dict[str, NodeRecord] = {}
        self.workloads: dict[tuple[str, str, str], WorkloadRecord] = {}
        self.services: dict[Key, ServiceRecord] = {}
        self.ingresses: list[IngressRecord] = []
        self.claims: dict[Key, ClaimRecord] = {}
        self.volumes: dict[str, VolumeRecord] = {}
        self.budgets: list[BudgetRecord] = []
        self.named: dict[tuple[str, str, str], NamedRecord] = {}
        self.is_live = False
        """Whether an object shows that it was read from a cluster: a status, a uid, a node."""
        self.doubts: dict[str, list[Reference]] = {}
        """What the input does not say enough of to be judged, found while judging."""
        self.repeated = Repeated()
        """Objects that stand in the input several times."""
        self.made: dict[str, set[str]] = {}
        """Names of ConfigMaps and Secrets that tools make of what is in the input, by kind."""
        self.violations: list[Violation] = []
        """Found while reading: identities, names, API versions, what breaks rules of a kind."""
        self.counts: dict[str, int] = {}
        self.default_class: Reference | None = None
        self.foreign_templates: list[tuple[Mapping[str, str], PodTemplate, Reference]] = []
        """Labels and templates of custom resources that have a pod template, as workloads do."""
        self.namespace_labels: dict[str, Mapping[str, str]] = {}
        self.store = Store()
        self.whole_store = self.store
        """All objects, those that could not be read included."""
        self.evaluate: Evaluate = refuse_expressions
        """Decides the CEL expressions that select devices."""
        self.evaluate_rule: EvaluateRule = refuse_rules
        """Evaluates the rules of custom kinds."""
        self._uids: dict[str, Reference] = {}
        self._places: dict[tuple[str, str], int] = {}
        self._metadata_errors: dict[tuple[Common | None, bool], tuple[FieldError, ...]] = {}
        self._derived: dict[object, object] = {}
        self._alike = AlikePods()
        self._templates = PodTemplates(self.store.interner)
        self._pod_reader = PodReader(self._templates)
        self._validity = ValidityJudge(self.store.interner, published)

    def add(self, data: object, source: Place | None, kind: str = "", version: str = "") -> None:
        """Read an object in; `kind` and `version` are those of the list it stands in.

        Raises ObjectError where a field cannot be read; the object is then left out.
        """
        view = View(data)
        meta = ObjectMeta(view.data.get("metadata"), "metadata")
        key = self.store.identify(view, meta, kind, version)
        reference = Reference(key.kind, key.namespace, key.name, source, key.group)
        said = len(self.violations)
        self._judge_names(key.group, reference, view.text("apiVersion") or version)
        is_old = has_old_finalizers(key.group, key.kind)
        first = self.store.get(key)
        if first is not None:
            self._judge_metadata(reference, list_metadata_errors(meta, is_old))
            if not self.repeated.replaces(reference, view, meta, first):
                return
            self._forget(reference, ObjectMeta(first["metadata"]).uid)
        stored = self.store.put(key, data, source, version)
        counted = _name_kind(key.group, key.kind)
        self.counts[counted] = self.counts.get(counted, 0) + 1
        self._judge_uid(reference, meta.uid)
        known = (stored.metadata, is_old)
        errors = self._metadata_errors.get(known)
        if errors is None:
            errors = self._metadata_errors[known] = tuple(list_metadata_errors(meta, is_old))
        self._judge_metadata(reference, errors)
        self.is_live = self.is_live or _is_live(key.kind, view, meta)
        self._judge_and_read(reference, stored, view, meta)
        is_sound = len(self.violations) == said
        if type(data) is Whole and is_sound and self.pods and self.pods[-1].stored is stored:
            self._alike.learn(self.pods[-1])

    def add_alike(self, stored: Stored, source: Place) -> bool:
        """Read a pod in that is like one before it; say whether it is, and is a new one."""
        found = self._alike.read(stored, source)
        if found is None:
            return False
        record, uid = found
        if uid in self._uids or not self.store.enter_new(stored):
            return False
        self.counts["Pod"] += 1
        self._uids[uid] = record.reference
        self.pods.append(record)
        return True

    def _judge_and_read(
        self, reference: Reference, stored: Stored, view: View, meta: ObjectMeta
    ) -> None:
        """What the API server refuses need not be readable: it is told of instead."""
        kind, group = stored.key.kind, stored.key.group
        found = list(self._validity.judge(reference, group, view, stored.spec))
        try:
            if GROUPS.get(kind, group) == group:
                self._read(reference, stored, view, meta)
            else:
                self._read_foreign(reference, view)
        except (ObjectError, SelectorError) as error:
            if not _explains(found, error):
                raise
        self.violations += found

    def _read_foreign(self, reference: Reference, view: View) -> None:
        """Nothing of a custom resource has to be readable, but what looks like a template is."""
        try:
            template = view.view("spec").view("template")
            if not template.view("spec").views("containers"):
                return
            labels = ObjectMeta(template.data.get("metadata"), "metadata").labels
            found = self._templates.read(template.data)
        except ObjectError:
            return
        self.foreign_templates.append((labels, found, reference))

    def list_foreign(self) -> Iterator[Stored]:
        """Yield the custom resources: objects of groups that are not Kubernetes' own."""
        for stored in self.store:
            if "." in stored.key.group and not stored.key.group.endswith(".k8s.io"):
                yield stored

    def note_repeated(self, subject: str, place: Place, field: str) -> None:
        """Take note that a field stands twice in the object that begins, or repeats it, there."""
        kind, _, name = subject.partition(" ")
        namespace, _, name = name.rpartition("/")
        message = "stands twice in one object: the last value counts, or the object is refused"
        found = REPEATED_FIELD.violated(
            Reference(kind, namespace, name, place), message=message, field=field
        )
        self.violations.append(found)

    def note_kind(self, kind: str) -> None:
        """Take note that a list of the kind was read, be it empty: a cluster gives such lists."""
        self.is_live = True
        self.store.note_kind(kind)

    def note_partial(self, kind: str) -> None:
        """Take note that a list of the kind goes on elsewhere; "" stands for any."""
        self.store.note_partial(kind or "Node")

    def note_unread(self, kind: str, name: str = "") -> None:
        """Take note that an object could not be read: it exists, for all that is known."""
        self.store.note_unread(kind, name)

    def note_lost(self, file: str) -> None:
        """Take note that the rest of a file could not be read: anything may stand in it."""
        self.store.note_lost(file)

    def _judge_metadata(self, reference: Reference, errors: Iterable[FieldError]) -> None:
        for error in errors:
            found = METADATA.violated(reference, message=error.message, field=error.field)
            self.violations.append(found)

    def _judge_names(self, group: str, reference: Reference, version: str) -> None:
        for error in list_name_errors(group, reference.kind, reference.name):
            found = METADATA.violated(reference, message=error, field="metadata.name")
            self.violations.append(found)
        for error in list_served_errors(reference.kind, version):
            self.violations.append(SERVED.violated(reference, message=error, field="apiVersion"))

    def _forget(self, reference: Reference, uid: str) -> None:
        """Take out an object that is read again from a later time."""
        self.counts[_name_kind(reference.group, reference.kind)] -= 1
        self._uids.pop(uid, None)
        if reference.kind == "Pod":
            self._take_out(reference)
        self.ingresses = [e for e in self.ingresses if e.reference[:3] != reference[:3]]
        self.budgets = [each for each in self.budgets if each.reference[:3] != reference[:3]]

    def _take_out(self, reference: Reference) -> None:
        """Take a pod out of the list; the last one takes its place, so that many stay quick."""
        for number in range(len(self._places), len(self.pods)):
            self._places[self.pods[number].reference[1:3]] = number
        place = self._places.pop(reference[1:3], None)
        if place is None:
            return  # it could not be read
        last = self.pods.pop()
        if place < len(self.pods):
            self.pods[place] = last
            self._places[last.reference[1:3]] = place

    def _judge_uid(self, reference: Reference, uid: str) -> None:
        owner = self._uids.setdefault(uid, reference) if uid else reference
        if owner is not reference:
            message = f"has the uid {uid} of {owner}"
            self.violations.append(
                IDENTITY.violated(reference, owner, message=message, field="metadata.uid")
            )

    def _read(self, reference: Reference, stored: Stored, view: View, meta: ObjectMeta) -> None:
        kind, key = reference.kind, (reference.namespace, reference.name)
        if kind == "Pod":
            self.pods.append(self._pod_reader.read(reference, stored, view, meta))
        elif kind == "Node":
            self.nodes[reference.name] = read_node(reference, stored, view)
        elif kind in WORKLOADS:
            record = read_workload(reference, view, meta, self._templates)
            self.workloads[reference[:3]] = record
        elif kind == "Service":
            self.services[key] = read_service(reference, view)
        elif kind == "Ingress":
            self.ingresses.append(read_ingress(reference, view, meta))
        elif kind == "PersistentVolumeClaim":
            self.claims[key] = read_claim(reference, view)
        elif kind == "PersistentVolume":
            self.volumes[reference.name] = read_volume(reference, view)
        elif kind == "PodDisruptionBudget":
            self.budgets.append(read_budget(reference, view))
        else:
            self.named[reference[:3]] = read_named(reference, view, meta)
            if kind == "Namespace":
                self.namespace_labels[reference.name] = meta.labels
            if kind == "StorageClass" and is_default_class(meta):
                self.default_class = reference

    def doubt(self, what: str, *objects: Reference) -> None:
        """Take note of what cannot be judged, and for which objects."""
        self.doubts.setdefault(what, []).extend(objects)

    def set_aside(self) -> None:
        """Take out what could not be read: it is told once, and no judge stumbles over it.

        A schema names the field best, so its judge still looks at everything, `whole_store`.
        """
        scopes = Scopes(self.store)
        for stored in scopes.settle(self.repeated):
            self.counts[_name_kind(stored.key.group, stored.key.kind)] -= 1
        self.violations = [scopes.correct(each) for each in self.violations]
        self.whole_store, self.store = self.store, self.store.readable()

    def has_kind(self, kind: str) -> bool:
        """Say whether the snapshot holds any object of the kind, or a list of it."""
        return self.store.knows(kind)

    def knows(self, kind: str, namespace: str) -> bool:
        """Say whether an object that is not here does not exist."""
        return self.store.knows_absence(kind, namespace)

    def has(self, kind: str, namespace: str, name: str) -> bool:
        """Say whether the object is here, in every cluster, or may be the one that is unread."""
        return self.store.may_have(kind, namespace, name) or is_standing(kind, namespace, name)

    def lacks(self, kind: str, namespace: str, name: str) -> bool:
        """Say whether it is a fact that there is no such object."""
        return self.knows(kind, namespace) and not self.has(kind, namespace, name)

    def get_uid(self, kind: str, namespace: str, name: str) -> str:
        """Return the uid of an object; empty where it has none, or is not there."""
        found = self.store.find_named(kind, namespace, name)
        return "" if found is None else ObjectMeta(found["metadata"]).uid

    def derive(self, compute: "Callable[[Cluster], T]") -> T:
        """Return what follows from the whole snapshot, computed once for all judges."""
        if compute not in self._derived:
            self._derived[compute] = compute(self)
        return self._derived[compute]  # type: ignore[return-value]

    @cached_property
    def pods_by_node(self) -> Mapping[str, list[PodRecord]]:
        """The pods bound to each node that have not ended."""
        found: dict[str, list[PodRecord]] = {}
        for pod in self.pods:
            if pod.node and not pod.is_terminal:
                found.setdefault(pod.node, []).append(pod)
        return found

    @cached_property
    def pod_groups(self) -> Mapping[str, Mapping[int, tuple[Mapping[str, str], list[PodRecord]]]]:
        """Pods by namespace and by equal labels: labels are shared, so their id tells."""
        found: dict[str, dict[int, tuple[Mapping[str, str], list[PodRecord]]]] = {}
        for pod in self.pods:
            groups = found.setdefault(pod.reference.namespace, {})
            groups.setdefault(id(pod.labels), (pod.labels, []))[1].append(pod)
        return found


def _explains(found: Iterable[Violation], error: ObjectError | SelectorError) -> bool:
    """Say whether an object is unreadable by what the API server refuses about it."""
    if isinstance(error, SelectorError):
        return any(found)
    return any(each.field.startswith(error.field) for each in found)
